from __future__ import annotations

import importlib.util
import shutil
import sys
from pathlib import Path
from types import ModuleType

import pytest

PROTO = Path(__file__).resolve().parents[2] / "proto"


def load_build() -> ModuleType:
    spec = importlib.util.spec_from_file_location("contract_build", PROTO / "build.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


build = load_build()


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    package = tmp_path / "quantumcore" / "v1"
    package.mkdir(parents=True)
    for name in ("types.proto", "reject.proto"):
        shutil.copy(PROTO / "quantumcore" / "v1" / name, package)
    (package / "ping_service.proto").write_text(
        'syntax = "proto3";\npackage quantumcore.v1;\n'
        "service PingService { rpc Ping(PingRequest) returns (PingResponse); }\n"
        "message PingRequest {}\nmessage PingResponse {}\n"
    )
    return tmp_path


def test_a_build_makes_messages_types_services_and_the_descriptor_set(tree: Path) -> None:
    assert build.build(tree)
    assert sorted(
        p.name for p in (tree / "quantumcore" / "v1").iterdir() if p.suffix != ".proto"
    ) == [
        ".stubs.sha256",
        "contract.binpb",
        "ping_service_pb2.py",
        "ping_service_pb2.pyi",
        "ping_service_pb2_grpc.py",
        "ping_service_pb2_grpc.pyi",
        "reject_pb2.py",
        "reject_pb2.pyi",
        "types_pb2.py",
        "types_pb2.pyi",
    ]
    assert sorted(p.name for p in tree.iterdir()) == ["quantumcore"]


def test_a_second_build_makes_nothing_until_a_source_changes(tree: Path) -> None:
    build.build(tree)
    assert not build.build(tree)
    source = tree / "quantumcore" / "v1" / "reject.proto"
    source.write_text(source.read_text() + "\n// A change.\n")
    assert build.is_stale(tree)
    assert build.build(tree)


def test_a_missing_output_is_made_again(tree: Path) -> None:
    build.build(tree)
    lost = tree / "quantumcore" / "v1" / "types_pb2.pyi"
    lost.unlink()
    assert build.is_stale(tree)
    build.build(tree)
    assert lost.is_file()


def test_stubs_of_a_removed_source_are_removed(tree: Path) -> None:
    build.build(tree)
    package = tree / "quantumcore" / "v1"
    (package / "ping_service.proto").unlink()
    build.build(tree)
    assert list(package.glob("ping_service*")) == []


def test_a_failed_build_says_why_and_leaves_the_earlier_stubs(tree: Path) -> None:
    build.build(tree)
    package = tree / "quantumcore" / "v1"
    before = (package / "reject_pb2.py").read_bytes()
    (package / "reject.proto").write_text('syntax = "proto3";\nmessage {')
    with pytest.raises(build.StubGenerationError, match=r"reject\.proto"):
        build.build(tree)
    assert (package / "reject_pb2.py").read_bytes() == before
    assert build.is_stale(tree)


def test_a_missing_generator_is_named(tree: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(build.sysconfig, "get_path", lambda _: str(tree))
    monkeypatch.setenv("PATH", str(tree))
    with pytest.raises(build.StubGenerationError, match="protoc-gen-mypy is not installed"):
        build.build(tree)


def test_the_check_exits_with_0_when_fresh(capsys: pytest.CaptureFixture[str]) -> None:
    assert build.main(["--check"]) == 0
    assert capsys.readouterr().out == "stubs are fresh\n"


def test_generated_modules_lie_beside_their_sources() -> None:
    from quantumcore.v1 import order_service_pb2

    assert Path(sys.modules[order_service_pb2.__name__].__file__ or "").parent == (
        PROTO / "quantumcore" / "v1"
    )
