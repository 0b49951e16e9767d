"""Generate the Python stubs and the descriptor set of the contract beside its .proto files.

    python proto/build.py            generate what is stale
    python proto/build.py --check    exit with 1 when something is stale, change nothing
    python proto/build.py --force    generate all of it

Made from every `quantumcore/v1/*.proto`: `*_pb2.py`, `*_pb2.pyi`; for every service also
`*_pb2_grpc.py`, `*_pb2_grpc.pyi`; and `contract.binpb`, one FileDescriptorSet with all imports
and comments, for documentation and code generators. None of it is committed.
"""

from __future__ import annotations

import argparse
import hashlib
import importlib.metadata
import os
import shutil
import subprocess
import sys
import sysconfig
import tempfile
from pathlib import Path

SOURCE_ROOT = Path(__file__).resolve().parent
PACKAGE = Path("quantumcore", "v1")
DESCRIPTOR_SET = "contract.binpb"
STAMP = ".stubs.sha256"
GENERATED_PATTERNS = ("*_pb2.py", "*_pb2.pyi", "*_pb2_grpc.py", "*_pb2_grpc.pyi", DESCRIPTOR_SET)
GENERATORS = ("grpcio-tools", "mypy-protobuf")
TYPE_PLUGINS = ("protoc-gen-mypy", "protoc-gen-mypy_grpc")


class StubGenerationError(Exception):
    """The stubs cannot be generated: a generator is missing or a .proto file is wrong."""


def proto_files(root: Path = SOURCE_ROOT) -> list[Path]:
    """List the .proto files of the contract, in order of name."""
    return sorted((root / PACKAGE).glob("*.proto"))


def expected_outputs(root: Path = SOURCE_ROOT) -> list[Path]:
    """List the files that a complete build leaves behind."""
    outputs = [root / PACKAGE / DESCRIPTOR_SET]
    for source in proto_files(root):
        suffixes = ["_pb2.py", "_pb2.pyi"]
        if source.stem.endswith("_service"):
            suffixes += ["_pb2_grpc.py", "_pb2_grpc.pyi"]
        outputs += [source.with_name(source.stem + suffix) for suffix in suffixes]
    return outputs


def is_stale(root: Path = SOURCE_ROOT) -> bool:
    """Tell whether an output is missing or was made from other sources or by other generators."""
    stamp = root / PACKAGE / STAMP
    if not stamp.is_file() or stamp.read_text().strip() != _fingerprint(root):
        return True
    return any(not output.is_file() for output in expected_outputs(root))


def build(root: Path = SOURCE_ROOT, *, force: bool = False) -> bool:
    """Generate all outputs if one is stale; return whether anything was generated.

    Files are replaced one by one when all of them have been made, so that a failed build
    leaves the earlier ones as they were. Raises StubGenerationError.
    """
    if not force and not is_stale(root):
        return False
    fingerprint = _fingerprint(root)
    with tempfile.TemporaryDirectory(dir=root, prefix=".stubs-") as directory:
        made = Path(directory)
        _generate(root, made)
        _replace_outputs(root, made)
    (root / PACKAGE / STAMP).write_text(fingerprint + "\n")
    return True


def _fingerprint(root: Path) -> str:
    digest = hashlib.sha256(Path(__file__).read_bytes())
    for generator in GENERATORS:
        digest.update(f"{generator} {_version(generator)}\n".encode())
    for source in proto_files(root):
        digest.update(f"{source.name} {source.stat().st_size}\n".encode())
        digest.update(source.read_bytes())
    return digest.hexdigest()


def _version(distribution: str) -> str:
    try:
        return importlib.metadata.version(distribution)
    except importlib.metadata.PackageNotFoundError as error:
        raise StubGenerationError(f"{distribution} is not installed") from error


def _generate(root: Path, made: Path) -> None:
    (made / PACKAGE).mkdir(parents=True)
    sources = [str(source.relative_to(root)) for source in proto_files(root)]
    services = [source for source in sources if source.endswith("_service.proto")]
    message_types, service_types = (f"--plugin={_plugin(name)}" for name in TYPE_PLUGINS)
    descriptor_set = made / PACKAGE / DESCRIPTOR_SET
    everything = ("--include_imports", "--include_source_info")
    _protoc(root, sources, f"--python_out={made}", message_types, f"--mypy_out=quiet:{made}")
    _protoc(root, sources, *everything, f"--descriptor_set_out={descriptor_set}")
    if services:
        types_out = f"--mypy_grpc_out=quiet:{made}"
        _protoc(root, services, f"--grpc_python_out={made}", service_types, types_out)


def _plugin(name: str) -> str:
    scripts = sysconfig.get_path("scripts")
    path = shutil.which(name, path=os.pathsep.join([scripts, os.environ.get("PATH", "")]))
    if path is None:
        raise StubGenerationError(f"{name} is not installed; it comes with mypy-protobuf")
    return f"{name}={path}"


def _protoc(root: Path, sources: list[str], *options: str) -> None:
    command = [
        sys.executable,
        "-m",
        "grpc_tools.protoc",
        f"--proto_path={root}",
        *options,
        *sources,
    ]
    finished = subprocess.run(command, capture_output=True, text=True, check=False)
    if finished.returncode != 0:
        raise StubGenerationError(f"protoc failed:\n{finished.stderr.strip()}")


def _replace_outputs(root: Path, made: Path) -> None:
    wanted = {output.name for output in expected_outputs(root)}
    for name in sorted(wanted):
        (made / PACKAGE / name).replace(root / PACKAGE / name)
    for pattern in GENERATED_PATTERNS:
        for output in (root / PACKAGE).glob(pattern):
            if output.name not in wanted:
                output.unlink()


def main(arguments: list[str] | None = None) -> int:
    """Run the command line; return its exit status."""
    parser = argparse.ArgumentParser(description="Generate the stubs of the contract.")
    mode = parser.add_mutually_exclusive_group()
    mode.add_argument("--check", action="store_true", help="only tell whether they are stale")
    mode.add_argument("--force", action="store_true", help="generate them even if they are fresh")
    options = parser.parse_args(arguments)
    try:
        if options.check:
            stale = is_stale()
            print("stubs are stale: run proto/build.py" if stale else "stubs are fresh")
            return 1 if stale else 0
        generated = build(force=options.force)
    except StubGenerationError as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    print(f"generated {len(expected_outputs())} files" if generated else "stubs are fresh")
    return 0


if __name__ == "__main__":
    sys.exit(main())
