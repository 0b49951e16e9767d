"""The constants of the margin engine are the same everywhere."""

import re
from pathlib import Path
from types import ModuleType

import pytest

from quantumcore.server.core.margin import fixed, rows
from quantumcore.v1 import margin_pb2

NUMBERS = {name: value for name, value in vars(rows).items() if isinstance(value, int)}


@pytest.mark.parametrize("module", [rows, fixed])
def test_compiled_modules_have_the_same_constants(module: ModuleType) -> None:
    text = Path(str(module.__file__)).with_suffix(".pxd").read_text()
    declared = re.findall(r"^\s+([A-Z][A-Z0-9_]+) = (-?\w+)", text, re.MULTILINE)
    numbers = {name: value for name, value in vars(module).items() if isinstance(value, int)}
    assert {name: int(value) for name, value in declared} == numbers


def test_rules_are_the_contracts() -> None:
    stated = {name: value for name, value in NUMBERS.items() if name.startswith("MARGIN_RULE_")}
    contract = dict(margin_pb2.MarginRule.items())
    assert stated | {"MARGIN_RULE_UNSPECIFIED": 0} == contract
