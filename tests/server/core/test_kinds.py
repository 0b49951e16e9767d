"""The core's constants are the same in Python, in compiled modules and in the contract."""

import re
from pathlib import Path

import pytest

from quantumcore.server.core import events, kinds
from quantumcore.v1 import order_service_pb2

PXD = Path(kinds.__file__).with_suffix(".pxd")
NUMBERS = {name: value for name, value in vars(kinds).items() if isinstance(value, int)}
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


def test_compiled_modules_have_the_same_constants() -> None:
    declared = re.findall(
        r"^\s+(?:long long |int )?([A-Z][A-Z0-9_]+)\b.*?= (-?\w+)", PXD.read_text(), re.MULTILINE
    )
    assert {name: int(value, 0) for name, value in declared} == NUMBERS


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
    used = {name: value for name, value in NUMBERS.items() if name.startswith(prefixes)}
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
    used = {name: value for name, value in NUMBERS.items() if name.startswith(prefix)}
    assert used
    expected = {name: fields[name.removeprefix(prefix).lower()].number for name in used}
    assert used == expected


def test_every_kind_of_record_has_a_name() -> None:
    named = {NUMBERS[name] for name in NUMBERS if name in events.NAMES.values()}
    assert named == set(events.NAMES)
