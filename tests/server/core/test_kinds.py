"""The core's constants are the same in Python, in compiled modules and in the contract."""

import re
from pathlib import Path
from types import ModuleType

import pytest

from quantumcore.server.core import enums, events, kinds, risk_records, tables
from quantumcore.v1 import order_service_pb2

MODULES = (kinds, enums, tables, risk_records)
ENUMS = (
    "Side",
    "OrderType",
    "TimeInForce",
    "OrderStatus",
    "ExecutionType",
    "Liquidity",
    "CancelReason",
    "RejectReason",
    "SelfTradePrevention",
    "TradingPhase",
)


def numbers(module: ModuleType) -> dict[str, int]:
    """Return the constants of a module by name."""
    return {name: value for name, value in vars(module).items() if isinstance(value, int)}


@pytest.mark.parametrize("module", MODULES)
def test_compiled_modules_have_the_same_constants(module: ModuleType) -> None:
    text = Path(str(module.__file__)).with_suffix(".pxd").read_text()
    declared = re.findall(
        r"^\s+(?:long long |int )?([A-Z][A-Z0-9_]+)\b.*?= (-?\w+)", text, re.MULTILINE
    )
    assert {name: int(value, 0) for name, value in declared} == numbers(module)


def test_no_constant_stands_in_two_modules() -> None:
    names = [name for module in MODULES for name in numbers(module)]
    assert len(names) == len(set(names))


def contract_values() -> dict[str, int]:
    """Return every enum value of the contract that the core could mean, by its full name."""
    from google.protobuf import descriptor_pool

    pool = descriptor_pool.Default()
    return {
        value.name: value.number
        for name in ENUMS
        for value in pool.FindEnumTypeByName(f"quantumcore.v1.{name}").values
    }


def test_enum_values_are_the_contracts() -> None:
    known = contract_values()
    prefixes = tuple(re.sub(r"(?<!^)(?=[A-Z])", "_", name).upper() + "_" for name in ENUMS)
    used = {name: value for name, value in numbers(enums).items() if name.startswith(prefixes)}
    assert len(used) > 50
    assert used == {name: known.get(name) for name in used}


@pytest.mark.parametrize(
    ("prefix", "message"),
    [
        ("CREATE_FIELD_", "CreateOrderRequest"),
        ("REPLACE_FIELD_", "ReplaceOrderRequest"),
    ],
)
def test_field_numbers_are_the_contracts(prefix: str, message: str) -> None:
    fields = order_service_pb2.DESCRIPTOR.message_types_by_name[message].fields_by_name
    used = {name: value for name, value in numbers(enums).items() if name.startswith(prefix)}
    assert used
    expected = {name: fields[name.removeprefix(prefix).lower()].number for name in used}
    assert used == expected


def test_every_kind_of_record_has_a_name() -> None:
    found = numbers(kinds)
    assert {found[name] for name in events.NAMES.values()} == set(events.NAMES)
