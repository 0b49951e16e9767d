"""What may not enter version control: one machine's paths, registries, generated files."""

import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
FOREIGN = re.compile(
    r"/(?:root|home|Users)/\w"  # somebody's home
    r"|/work/|/opt/wheels"
    r"|\bpypi\.|\bpythonhosted\b|\bregistry\.npmjs|\bcrates\.io\b|\bproxy\.golang"
    r"|--(?:extra-)?index-url\s|--find-links\s"
)
ITSELF = Path(__file__).name


def tracked() -> list[str]:
    """List the names under version control."""
    command = ["git", "ls-files", "-z"]
    listed = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True)
    return [name for name in listed.stdout.split("\0") if name and (ROOT / name).is_file()]


def foreign_lines(text: str) -> list[str]:
    """Return the lines that hold on one machine only."""
    return [line.strip() for line in text.splitlines() if FOREIGN.search(line)]


@pytest.mark.parametrize(
    "line",
    ["data = '/home/anna/data'", "cd /root/x", "--index-url somewhere", "see pypi.org"],
)
def test_rule_recognises_one_machines_paths_and_registries(line: str) -> None:
    assert foreign_lines(f"first\n{line}\nlast") == [line]


def test_no_tracked_file_names_a_machines_paths_or_a_registry() -> None:
    found = {
        name: lines
        for name in tracked()
        if not name.endswith(ITSELF)
        and (lines := foreign_lines((ROOT / name).read_text(errors="replace")))
    }
    assert found == {}


def test_generated_stubs_and_objects_are_not_tracked() -> None:
    generated = re.compile(r"_pb2(_grpc)?\.pyi?$|\.so$|\.pyc$|\.egg-info")
    assert [name for name in tracked() if generated.search(name)] == []


def test_every_locked_package_carries_hashes() -> None:
    lock = (ROOT / "requirements.lock").read_text()
    entries = re.split(r"\n(?=[a-z0-9])", lock)[1:]
    assert entries
    assert [entry.split()[0] for entry in entries if "--hash=sha256:" not in entry] == []
