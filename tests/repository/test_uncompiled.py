import importlib
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.uncompiled import UncompiledFinder

ROOT = Path(__file__).resolve().parents[2]
ROOTS = [str(ROOT / root) for root in (".", "proto", "server", "clients/python")]
CORE = ROOT / "server/quantumcore/server/core"
PROBE = """
import importlib, os, sys
if os.environ["QC_TWIN"] == "python":
    from tests import uncompiled
    uncompiled.install()
for name in sys.argv[1:]:
    print(importlib.import_module(name).__file__)
"""


def compiled_modules() -> list[str]:
    """Name the modules of the core that may be compiled."""
    names = sorted(path.stem for path in CORE.glob("*_cy.py"))
    return [f"quantumcore.server.core.{name}" for name in names]


def imported_files(twin: str) -> list[str]:
    """Import every compiled module in a fresh process; return the files they came from."""
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(ROOTS), "QC_TWIN": twin}
    command = [sys.executable, "-c", PROBE, *compiled_modules()]
    output = subprocess.run(command, env=environment, check=True, capture_output=True, text=True)
    return output.stdout.split()


@pytest.fixture
def package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A package whose extension module cannot be loaded, beside its sound source."""
    folder = tmp_path / "sample_with_twin"
    folder.mkdir()
    (folder / "__init__.py").touch()
    (folder / "twin_cy.py").write_text("BUILD = 'python'\n")
    (folder / "twin_cy.abi3.so").write_bytes(b"no shared object")
    (folder / "plain.py").write_text("BUILD = 'plain'\n")
    monkeypatch.syspath_prepend(tmp_path)
    return folder


def test_source_wins_over_the_extension_beside_it(
    package: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "meta_path", [UncompiledFinder, *sys.meta_path])
    module = importlib.import_module("sample_with_twin.twin_cy")
    assert module.BUILD == "python"
    assert module.__file__ == str(package / "twin_cy.py")


def test_extension_is_loaded_without_the_finder(
    package: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    others = [finder for finder in sys.meta_path if finder is not UncompiledFinder]
    monkeypatch.setattr(sys, "meta_path", others)
    sys.modules.pop("sample_with_twin.twin_cy", None)
    with pytest.raises(ImportError, match="twin_cy"):
        importlib.import_module("sample_with_twin.twin_cy")


@pytest.mark.parametrize("name", ["sample_with_twin.plain", "sample_with_twin.absent_cy"])
def test_other_modules_are_left_to_the_usual_finders(package: Path, name: str) -> None:
    assert UncompiledFinder.find_spec(name, [str(package)]) is None


def test_core_comes_from_python_source_when_the_twin_is_asked_for() -> None:
    files = imported_files(twin="python")
    assert len(files) == len(compiled_modules())
    assert [file for file in files if not file.endswith("_cy.py")] == []


@pytest.mark.skipif(not os.environ.get("QC_REQUIRE_EXT"), reason="extensions are optional here")
def test_core_comes_from_extensions_when_they_are_required() -> None:
    assert [file for file in imported_files(twin="compiled") if file.endswith(".py")] == []
