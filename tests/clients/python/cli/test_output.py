from __future__ import annotations

import dataclasses
import inspect
import json
from decimal import Decimal
from typing import Any

import pytest
from google.protobuf.descriptor import FieldDescriptor
from google.protobuf.descriptor_pool import Default

from quantumcore.client import errors, market, multi_leg, values
from quantumcore.client.cli.book import ladder, touch_line
from quantumcore.client.cli.exit_codes import (
    ExitCode,
    LogCorrupt,
    UsageError,
    exit_code,
    sentence,
)
from quantumcore.client.cli.options import reference
from quantumcore.client.cli.output import (
    _MESSAGE_NAMES,
    _wide_fields,
    clock_time,
    duration,
    plain,
    print_json,
    text,
)
from quantumcore.client.convert import read
from quantumcore.client.enums import RejectReason, Side, TradingPhase
from quantumcore.client.errors import Reject, Rejected
from quantumcore.client.market import Book, BookLevel
from quantumcore.client.values import Acknowledgement, Order
from quantumcore.v1 import order_pb2, order_service_pb2


def level(price: str, quantity: str) -> BookLevel:
    return BookLevel(price=Decimal(price), quantity=Decimal(quantity), order_count=1)


def book(bids: list[BookLevel], asks: list[BookLevel]) -> Book:
    return Book(
        instrument_id=1,
        epoch=1,
        sequence=9,
        time_ns=0,
        bids=tuple(bids),
        asks=tuple(asks),
        checksum=0,
        phase=TradingPhase.CONTINUOUS,
    )


def test_json_has_decimals_and_64_bit_numbers_as_strings_and_enums_by_name() -> None:
    order = read(Order, order_pb2.Order(order_id=2**60, price=1, side=1, account_id=7, version=3))  # type: ignore[arg-type]
    fields = plain(order)
    assert fields["order_id"] == str(2**60)
    assert fields["price"] == "0.000000001"
    assert fields["side"] == "BUY"
    assert (fields["account_id"], fields["version"]) == (7, 3)
    assert fields["stop_price"] is None
    assert fields["post_only"] is False
    assert fields["sequence"] == "0"


def test_json_of_an_acknowledgement_follows_its_message() -> None:
    message = order_pb2.OrderAcknowledgement(
        order_id=5,
        reject_reason=53,  # type: ignore[arg-type]
        reject_field=9,
        reject_limit=10_000_000,
    )
    answer = read(Acknowledgement, message, order_service_pb2.CreateOrderRequest.DESCRIPTOR)
    assert plain(answer)["order_id"] == "5"
    assert plain(answer)["reject"] == {
        "reason": "PRICE_OFF_TICK",
        "field": "price",
        "limit": "0.01",
        "value": "0",
        "leg_number": 0,
    }


def test_json_is_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    print_json({"bytes": b"\x01\xff", "list": (1, Decimal("2.50"))})
    output = capsys.readouterr().out
    assert output.count("\n") == 1
    assert json.loads(output) == {"bytes": "01ff", "list": [1, "2.50"]}


def test_values_read_like_people_write_them() -> None:
    assert text(None) == "—"
    assert text(Decimal("1E+3")) == "1000"
    assert text(Side.SELL) == "SELL"
    assert clock_time(1_700_000_000_123_456_789) == "2023-11-14 22:13:20.123456"


def test_a_ladder_has_a_row_for_each_level_and_the_spread() -> None:
    full = ladder(book([level("9", "1"), level("8", "2")], [level("10", "4")]), "X")
    assert full.row_count == 4
    assert ladder(book([], []), "X").row_count == 0


def test_the_touch_fits_one_line() -> None:
    assert touch_line(book([level("9", "1")], [])) == "9  bid 1 @ 9  ask —"


def test_digits_are_an_id_and_anything_else_a_name() -> None:
    assert reference("12") == 12
    assert reference("12a") == "12a"


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (
            Rejected(
                Reject(reason=RejectReason.PRICE_OFF_TICK, field=None, limit=0, value=0), "mine"
            ),
            ExitCode.REJECTED,
        ),
        (errors.InvalidRequest("no"), ExitCode.USAGE),
        (UsageError("no"), ExitCode.USAGE),
        (ValueError("no"), ExitCode.USAGE),
        (errors.Unreachable("no"), ExitCode.UNREACHABLE),
        (errors.DeadlineExceeded("no"), ExitCode.UNREACHABLE),
        (errors.NotAuthenticated("no"), ExitCode.NOT_PERMITTED),
        (errors.NotPermitted("no"), ExitCode.NOT_PERMITTED),
        (LogCorrupt("no"), ExitCode.CORRUPT),
        (errors.BookOutOfStep("no"), ExitCode.CORRUPT),
        (errors.NotFound("no"), ExitCode.NOT_FOUND),
        (FileNotFoundError(2, "no", "file"), ExitCode.NOT_FOUND),
        (errors.NotImplementedYet("no"), ExitCode.VENUE_FAILED),
        (errors.VenueFailed("no"), ExitCode.VENUE_FAILED),
        (PermissionError("no"), ExitCode.VENUE_FAILED),
    ],
)
def test_every_error_that_a_user_can_cause_has_its_exit_status(
    error: Exception, code: ExitCode
) -> None:
    assert exit_code(error) is code
    assert sentence(error).endswith((".", "quantumcore up"))


def test_a_defect_is_not_disguised_as_a_users_mistake() -> None:
    assert exit_code(KeyError("x")) is None
    assert exit_code(AssertionError()) is None


VALUES = [
    kind
    for module in (values, market, multi_leg)
    for _, kind in inspect.getmembers(module, dataclasses.is_dataclass)
    if kind.__module__ == module.__name__
]


@pytest.mark.parametrize("kind", VALUES, ids=lambda kind: kind.__name__)
def test_json_of_every_value_class_follows_a_message_of_the_contract(kind: Any) -> None:
    name = _MESSAGE_NAMES.get(kind.__name__, kind.__name__)
    message = Default().FindMessageTypeByName(f"quantumcore.v1.{name}")
    contract = {field.name: field for field in message.fields}
    wide = {FieldDescriptor.CPPTYPE_INT64, FieldDescriptor.CPPTYPE_UINT64}
    integers = [field.name for field in dataclasses.fields(kind) if field.type == "int"]
    assert {number for number in integers if contract[number].cpp_type in wide} <= (
        _wide_fields(kind)
    )


@pytest.mark.parametrize(
    ("length_ns", "written"),
    [
        (0, "0 ns"),
        (999, "999 ns"),
        (1_500, "1.5 us"),
        (250_000_000, "250 ms"),
        (90 * 10**9, "90 s"),
    ],
)
def test_a_length_of_time_is_written_in_its_largest_unit(length_ns: int, written: str) -> None:
    assert duration(length_ns) == written
