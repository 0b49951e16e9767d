from __future__ import annotations

import inspect
import re

import pytest
from google.protobuf.descriptor_pool import Default

from quantumcore.client import enums, migration, multi_leg_enums, risk_enums
from quantumcore.client.enums import OpenEnum, RejectReason
from quantumcore.v1 import (  # noqa: F401 - registered
    account_pb2,
    book_pb2,
    event_pb2,
    margin_pb2,
    migration_pb2,
    migration_report_pb2,
    multi_leg_order_pb2,
    risk_pb2,
    status_pb2,
    trade_pb2,
)

ENUMS = [
    member
    for module in (enums, migration, multi_leg_enums, risk_enums)
    for _, member in inspect.getmembers(module, inspect.isclass)
    if issubclass(member, OpenEnum)
    and member is not OpenEnum
    and member.__module__ == module.__name__
]


@pytest.mark.parametrize("enum", ENUMS, ids=lambda enum: enum.__name__)
def test_an_enum_has_exactly_the_values_of_the_contract(enum: type[OpenEnum]) -> None:
    prefix = re.sub(r"(?<=[a-z])([A-Z])", r"_\1", enum.__name__).upper() + "_"
    values = Default().FindEnumTypeByName(f"quantumcore.v1.{enum.__name__}").values
    contract = {value.name.removeprefix(prefix): value.number for value in values}
    assert {member.name: member.value for member in enum} == contract


def test_a_value_of_a_newer_venue_is_kept_as_its_number() -> None:
    unknown = RejectReason(4711)
    assert unknown == 4711
    assert unknown.name == "UNKNOWN_4711"
    assert isinstance(unknown, RejectReason)


def test_text_is_no_enum_value() -> None:
    with pytest.raises(ValueError, match="BUY"):
        enums.Side("BUY")  # type: ignore[arg-type]
