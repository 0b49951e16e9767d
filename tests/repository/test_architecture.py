"""What the layout promises: the core depends on nothing, and no idea outgrows its file."""

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
CORE = ROOT / "server/quantumcore/server/core"
ALLOWED_IN_CORE = sys.stdlib_module_names | {"cython", "sortedcontainers"}
OWN = "quantumcore.server.core"
SIDE_EFFECTS = {"asyncio", "datetime", "logging", "os", "random", "secrets", "socket", "sqlite3"}
FILE_LINES = 400
FUNCTION_LINES = 60


def tracked_sources() -> list[Path]:
    """List the Python files under version control and those about to be."""
    command = ["git", "ls-files", "--cached", "--others", "--exclude-standard", "*.py"]
    listed = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True)
    return [ROOT / name for name in listed.stdout.splitlines() if (ROOT / name).exists()]


def hand_written() -> list[Path]:
    """Leave out what generators wrote."""
    return [path for path in tracked_sources() if "Generated" not in path.read_text()[:400]]


def imports(source: str) -> Iterator[str]:
    """Yield every module that the source imports, relative ones as their own package."""
    for node in ast.walk(ast.parse(source)):
        match node:
            case ast.Import(names=names):
                yield from (alias.name for alias in names)
            case ast.ImportFrom(module=module, level=0):
                yield module or ""
            case ast.ImportFrom():
                yield OWN


def is_allowed_in_core(module: str) -> bool:
    """Allow the standard library, cython, sortedcontainers and the core itself."""
    module = module.removeprefix("cython.cimports.")
    if module == "quantumcore" or module.startswith("quantumcore."):
        return module == OWN or module.startswith(OWN + ".")
    return module.partition(".")[0] in ALLOWED_IN_CORE


def functions(path: Path) -> Iterator[tuple[str, int]]:
    """Yield the name and length of every function of a file."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node.name, (node.end_lineno or node.lineno) - node.lineno + 1


@pytest.mark.parametrize(
    ("source", "found"),
    [
        ("import grpc.aio", ["grpc.aio"]),
        ("from quantumcore.server.api import wire_cy", ["quantumcore.server.api"]),
        ("def late():\n    from sqlalchemy import text", ["sqlalchemy"]),
        ("from . import arena_cy", [OWN]),
    ],
)
def test_imports_are_found_wherever_they_stand(source: str, found: list[str]) -> None:
    assert list(imports(source)) == found


def test_rule_for_the_core_refuses_the_project_and_its_libraries() -> None:
    refused = ["grpc", "quantumcore", "quantumcore.v1", "quantumcore.server.journal", "uvloop"]
    assert [name for name in refused if is_allowed_in_core(name)] == []


def test_core_imports_only_the_standard_library_cython_and_sortedcontainers() -> None:
    sources = sorted(CORE.rglob("*.py"))
    assert sources
    offences = [
        f"{path.relative_to(ROOT)}: {module}"
        for path in sources
        for module in imports(path.read_text())
        if not is_allowed_in_core(module)
    ]
    assert offences == []


def test_core_has_no_clock_no_randomness_and_no_input_or_output() -> None:
    offences = [
        f"{path.relative_to(ROOT)}: {module}"
        for path in sorted(CORE.rglob("*.py"))
        for module in imports(path.read_text())
        if module.partition(".")[0] in SIDE_EFFECTS | {"time"}
    ]
    assert offences == []


def test_namespace_package_has_no_init_file() -> None:
    assert sorted(ROOT.glob("*/quantumcore/__init__.py")) == []
    assert sorted(ROOT.glob("*/*/quantumcore/__init__.py")) == []


def test_no_file_holds_two_ideas() -> None:
    long = [
        f"{path.relative_to(ROOT)}: {lines} lines"
        for path in hand_written()
        if (lines := path.read_text().count("\n")) > FILE_LINES
    ]
    assert long == []


def test_no_function_is_longer_than_a_screen() -> None:
    long = [
        f"{path.relative_to(ROOT)}: {name}, {lines} lines"
        for path in hand_written()
        for name, lines in functions(path)
        if lines > FUNCTION_LINES
    ]
    assert long == []


def test_no_module_is_named_for_nothing() -> None:
    vague = {"utils", "helpers", "common", "manager", "misc"}
    assert [str(path) for path in tracked_sources() if path.stem in vague] == []
