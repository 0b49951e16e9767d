from __future__ import annotations

import dataclasses
from decimal import Decimal
from typing import Any

import pytest

from quantumcore.client import market, multi_leg, values
from quantumcore.client.convert import build, read
from quantumcore.client.enums import (
    ExecutionType,
    OrderType,
    RejectReason,
    Side,
    TimeInForce,
    TradingPhase,
)
from quantumcore.client.errors import Reject
from quantumcore.client.requests import execution
from quantumcore.v1 import (
    account_pb2,
    book_pb2,
    currency_pb2,
    execution_pb2,
    instrument_pb2,
    leg_pb2,
    market_data_service_pb2,
    multi_leg_order_pb2,
    order_pb2,
    order_service_pb2,
    principal_pb2,
    quote_pb2,
    risk_service_pb2,
    status_pb2,
    trade_pb2,
)

MESSAGES: list[tuple[Any, Any]] = [
    (values.Acknowledgement, order_pb2.OrderAcknowledgement),
    (values.Order, order_pb2.Order),
    (values.Execution, execution_pb2.Execution),
    (market.BookLevel, book_pb2.BookLevel),
    (market.Book, book_pb2.Book),
    (market.Trade, trade_pb2.Trade),
    (market.Auction, trade_pb2.Auction),
    (market.TradingStatistics, trade_pb2.TradingStatistics),
    (market.Quote, quote_pb2.Quote),
    (market.NewestQuote, market_data_service_pb2.GetQuoteResponse),
    (market.PublishedQuotes, market_data_service_pb2.PublishQuotesResponse),
    (values.OptionTerms, instrument_pb2.OptionTerms),
    (values.FutureTerms, instrument_pb2.FutureTerms),
    (values.Instrument, instrument_pb2.Instrument),
    (values.InstrumentStatus, instrument_pb2.InstrumentStatus),
    (values.Currency, currency_pb2.Currency),
    (values.Account, account_pb2.Account),
    (values.KillSwitchChange, risk_service_pb2.SetKillSwitchResponse),
    (values.ProjectionStatus, status_pb2.ProjectionStatus),
    (values.ClockStatus, status_pb2.ClockStatus),
    (values.VenueStatus, status_pb2.VenueStatus),
    (values.Session, principal_pb2.Session),
    (multi_leg.RatioBand, multi_leg_order_pb2.RatioBand),
    (multi_leg.MaxDeviation, multi_leg_order_pb2.MaxDeviation),
    (multi_leg.MaxSpread, multi_leg_order_pb2.MaxSpread),
    (multi_leg.SequentialTerms, multi_leg_order_pb2.SequentialTerms),
    (multi_leg.Leg, leg_pb2.Leg),
    (multi_leg.MultiLegOrder, multi_leg_order_pb2.MultiLegOrder),
    (multi_leg.MultiLegOrderAcknowledgement, multi_leg_order_pb2.MultiLegOrderAcknowledgement),
]
REJECT_FIELDS = {"reject_reason", "reject_limit", "reject_value", "reject_field"}
REJECTED_LEG = {"reject_leg_number"}
CREATE = order_service_pb2.CreateOrderRequest.DESCRIPTOR


@pytest.mark.parametrize(("view", "message"), MESSAGES, ids=lambda kind: kind.__name__)
def test_a_value_class_holds_every_field_of_its_message(view: Any, message: Any) -> None:
    contract = {field.name for field in message.DESCRIPTOR.fields}
    if contract >= REJECT_FIELDS:
        contract = contract - REJECT_FIELDS - REJECTED_LEG | {"reject"}
    assert {field.name for field in dataclasses.fields(view)} == contract


@pytest.mark.parametrize(("view", "message"), MESSAGES, ids=lambda kind: kind.__name__)
def test_an_empty_message_can_be_read(view: Any, message: Any) -> None:
    assert isinstance(read(view, message()), view)


def test_numbers_are_exact_decimals_and_unset_optionals_none() -> None:
    limit = read(values.Order, order_pb2.Order(price=101_250_000_000, quantity=1, side=1))  # type: ignore[arg-type]
    market = read(values.Order, order_pb2.Order(quantity=3_000_000_000))
    assert (limit.price, limit.quantity, limit.side) == (
        Decimal("101.25"),
        Decimal("1e-9"),
        Side.BUY,
    )
    assert market.price is None
    assert market.quantity == 3


def test_a_price_of_zero_is_not_a_missing_price() -> None:
    assert read(values.Order, order_pb2.Order(price=0)).price == 0


def test_nested_and_repeated_messages_are_read() -> None:
    level = book_pb2.BookLevel(price=2_000_000_000, quantity=5_000_000_000, order_count=2)
    message = book_pb2.Book(bids=[level], phase=3)  # type: ignore[arg-type]
    book = read(market.Book, message)
    assert book.bids == (market.BookLevel(price=Decimal(2), quantity=Decimal(5), order_count=2),)
    assert book.asks == ()
    assert book.phase is TradingPhase.CONTINUOUS


def test_a_reject_names_field_limit_and_value_in_the_unit_of_the_field() -> None:
    message = order_pb2.OrderAcknowledgement(
        status=5,  # type: ignore[arg-type]
        reject_reason=53,  # type: ignore[arg-type]
        reject_field=9,
        reject_limit=10_000_000,
        reject_value=5_000_000,
    )
    acknowledgement = read(values.Acknowledgement, message, CREATE)
    assert acknowledgement.reject == Reject(
        reason=RejectReason.PRICE_OFF_TICK,
        field="price",
        limit=Decimal("0.01"),
        value=Decimal("0.005"),
    )


def test_a_reject_of_another_field_keeps_whole_numbers() -> None:
    message = order_pb2.OrderAcknowledgement(
        reject_reason=23,  # type: ignore[arg-type]
        reject_field=4,
        reject_limit=64,
        reject_value=80,
    )
    reject = read(values.Acknowledgement, message, CREATE).reject
    assert reject is not None
    assert (reject.field, reject.limit, reject.value) == ("client_order_id", 64, 80)


def test_money_limits_stay_minor_units_even_on_a_decimal_field() -> None:
    message = order_pb2.OrderAcknowledgement(reject_reason=72, reject_field=8, reject_limit=500_00)  # type: ignore[arg-type]
    reject = read(values.Acknowledgement, message, CREATE).reject
    assert reject is not None
    assert reject.limit == 50_000
    assert str(reject) == "order value limit, field quantity, limit 50000 minor units"


@pytest.mark.parametrize(("reason", "field"), [(74, 9), (14, 8)])
def test_ages_and_capacities_are_whole_numbers_even_on_a_decimal_field(
    reason: int, field: int
) -> None:
    message = order_pb2.OrderAcknowledgement(
        reject_reason=reason,  # type: ignore[arg-type]
        reject_field=field,
        reject_limit=100_000_000,
        reject_value=256,
    )
    reject = read(values.Acknowledgement, message, CREATE).reject
    assert reject is not None
    assert (reject.limit, reject.value) == (100_000_000, 256)


def test_limits_in_quantities_are_decimals_whatever_field_is_to_blame() -> None:
    message = order_pb2.OrderAcknowledgement(
        reject_reason=79,  # type: ignore[arg-type]
        reject_field=16,
        reject_limit=5_000_000_000,
        reject_value=8_500_000_000,
    )
    reject = read(values.Acknowledgement, message, CREATE).reject
    assert str(reject) == "reduce only, field reduce_only, value 8.5, limit 5"


def test_the_field_of_a_rejected_replacement_is_that_of_the_replacement() -> None:
    message = execution_pb2.Execution(type=12, reject_reason=51, reject_field=6, reject_limit=10**9)  # type: ignore[arg-type]
    item = execution(message)
    assert item.type is ExecutionType.REPLACE_REJECTED
    assert item.reject is not None
    assert (item.reject.field, item.reject.limit) == ("quantity", Decimal(1))


def test_build_fills_decimals_enums_and_lists_and_leaves_none_unset() -> None:
    request = build(
        order_service_pb2.CreateOrderRequest,
        price="1.5",
        quantity=Decimal(2),
        side=Side.SELL,
        order_type=OrderType.LIMIT,
        time_in_force=TimeInForce.DAY,
        stop_price=None,
    )
    assert request == order_service_pb2.CreateOrderRequest(
        price=1_500_000_000,
        quantity=2_000_000_000,
        side=2,  # type: ignore[arg-type]
        order_type=1,  # type: ignore[arg-type]
        time_in_force=1,  # type: ignore[arg-type]
    )


@pytest.mark.parametrize(
    ("named", "error"),
    [
        ({"price": 1.5}, TypeError),
        ({"account_id": "one"}, TypeError),
        ({"account_id": -1}, ValueError),
        ({"client_order_id": 7}, TypeError),
    ],
)
def test_build_names_the_field_that_is_wrong(named: dict[str, Any], error: type[Exception]) -> None:
    with pytest.raises(error, match=next(iter(named))):
        build(order_service_pb2.CreateOrderRequest, **named)


def test_the_average_price_is_computed_from_ticks_and_lots() -> None:
    instrument = read(
        values.Instrument,
        instrument_pb2.Instrument(tick_size=10_000_000, lot_size=1_000_000_000),
    )
    order = read(
        values.Order,
        order_pb2.Order(cumulative_quantity=4_000_000_000, cumulative_tick_lots=40_002),
    )
    assert instrument.average_price(order) == Decimal("100.005")
    assert instrument.average_price(read(values.Order, order_pb2.Order())) is None


@pytest.mark.parametrize(
    ("reason", "value", "limit", "says"),
    [
        (RejectReason.QUANTITY_NOT_POSITIVE, 0, 0,
         "quantity not positive, field quantity, value 0"),
        (RejectReason.QUANTITY_NOT_POSITIVE, -5 * 10**9, 0,
         "quantity not positive, field quantity, value -5"),
        (RejectReason.REDUCE_ONLY, 5 * 10**9, 0, "reduce only, field quantity, value 5, limit 0"),
        (RejectReason.PRICE_OUT_OF_RANGE, 0, 10**9,
         "price out of range, field quantity, value 0, limit 1"),
        (RejectReason.NOTHING_TO_REPLACE, 0, 0, "nothing to replace, field quantity"),
    ],
)  # fmt: skip
def test_zero_is_told_where_it_says_something(
    reason: RejectReason, value: int, limit: int, says: str
) -> None:
    message = order_pb2.OrderAcknowledgement(
        reject_reason=int(reason),  # type: ignore[arg-type]
        reject_field=8,
        reject_value=value,
        reject_limit=limit,
    )
    assert str(read(values.Acknowledgement, message, CREATE).reject) == says


@pytest.mark.parametrize(
    ("reason", "field", "value", "says"),
    [
        (RejectReason.WRONG_PHASE, 3, 5, "wrong phase, field instrument_id, value HALTED"),
        (RejectReason.KILL_SWITCH, 2, 7, "kill switch, field account_id, value 7"),
        (RejectReason.KILL_SWITCH, 2, 0, "kill switch, field account_id, value 0 (the venue)"),
        (RejectReason.INVALID_ENUM, 5, -300, "invalid enum, field side, value -300"),
        (RejectReason.REQUEST_ID_REUSED, 1, -1,
         f"request id reused, field request_id, value {2**64 - 1}"),
    ],
)  # fmt: skip
def test_a_value_is_told_as_what_it_is(
    reason: RejectReason, field: int, value: int, says: str
) -> None:
    message = order_pb2.OrderAcknowledgement(
        reject_reason=int(reason),  # type: ignore[arg-type]
        reject_field=field,
        reject_value=value,
    )
    assert str(read(values.Acknowledgement, message, CREATE).reject) == says
