"""What is generated and committed is what the contract gives."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

from quantumcore.server.api.wire import errors

ROOT = Path(__file__).resolve().parents[4]
WIRE = ROOT / "server/quantumcore/server/api/wire"


@pytest.mark.skipif(not (ROOT / "proto/wire.py").exists(), reason="not a source tree")
def test_committed_codec_is_what_the_contract_gives() -> None:
    command = [sys.executable, str(ROOT / "proto/wire.py"), "--check"]
    checked = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (checked.returncode, checked.stderr) == (0, "")


def test_faults_are_the_same_in_both_builds() -> None:
    compiled = dict(re.findall(r"(FAULT_\w+) = (\d+)", (WIRE / "errors.pxd").read_text()))
    plain = {name: str(value) for name, value in vars(errors).items() if name.startswith("FAULT_")}
    assert compiled == plain


@pytest.mark.parametrize(
    "fault", [value for name, value in vars(errors).items() if name.startswith("FAULT_")]
)
def test_every_fault_is_a_sentence_with_its_place(fault: int) -> None:
    error = errors.wire_error(-(123 * 16 + fault))
    assert error.offset == 123
    assert str(error).startswith("byte 123: ")
    assert len(error.reason) > 10
