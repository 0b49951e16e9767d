from __future__ import annotations

import shutil
import subprocess
import sysconfig
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).resolve().parents[2]
BUF = shutil.which("buf", path=sysconfig.get_path("scripts")) or shutil.which("buf")

pytestmark = pytest.mark.skipif(BUF is None, reason="buf is not installed")


def run_buf(*arguments: str) -> subprocess.CompletedProcess[str]:
    assert BUF is not None
    return subprocess.run(
        [BUF, *arguments], cwd=REPOSITORY, capture_output=True, text=True, check=False
    )


def test_the_contract_passes_the_linter_without_exceptions() -> None:
    linted = run_buf("lint")
    assert (linted.returncode, linted.stdout, linted.stderr) == (0, "", "")
    assert "ignore" not in (REPOSITORY / "buf.yaml").read_text().replace(
        "disallow_comment_ignores: true", ""
    )


def test_the_contract_is_formatted() -> None:
    formatted = run_buf("format", "--diff", "--exit-code")
    assert (formatted.returncode, formatted.stdout) == (0, "")


def test_the_contract_does_not_break_itself() -> None:
    compared = run_buf("breaking", "--against", ".")
    assert (compared.returncode, compared.stdout) == (0, "")


def test_a_renumbered_field_is_found_to_break_the_contract(tmp_path: Path) -> None:
    changed = tmp_path / "changed"
    shutil.copytree(
        REPOSITORY / "proto", changed / "proto", ignore=shutil.ignore_patterns("*.py*", ".stubs*")
    )
    shutil.copy(REPOSITORY / "buf.yaml", changed)
    stream = changed / "proto" / "quantumcore" / "v1" / "stream.proto"
    stream.write_text(stream.read_text().replace("accepted_sequence = 1", "accepted_sequence = 9"))
    compared = run_buf("breaking", str(changed), "--against", ".")
    assert compared.returncode != 0
    assert "accepted_sequence" in compared.stdout
