"""What would become of orders, what strategies have brought, positions as they change."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import grpc
import pytest

from quantumcore.client import (
    CreateMultiLegOrder,
    CreateOrder,
    LegTerms,
    RejectReason,
    Side,
    errors,
)
from quantumcore.v1 import (
    leg_pb2,
    margin_pb2,
    order_service_pb2,
    position_pb2,
    risk_pb2,
    risk_service_pb2,
    types_pb2,
)

from .conftest import ANSWER_TIMEOUT_S, FakeVenue
from .test_risk_accounts import CURRENCIES, money

ORDER = CreateOrder(account=4, instrument=3, side=Side.SELL, quantity=2, price="1.5")
PAIR = CreateMultiLegOrder(
    account=4,
    legs=[(3, "sell", 1), LegTerms(instrument=5, side=Side.BUY, ratio=2)],
    units=7,
)


def check_of(**values: Any) -> risk_pb2.RiskCheck:
    return risk_pb2.RiskCheck(**values)


REFUSED = risk_service_pb2.CheckOrderResponse(
    checks=[
        check_of(rule=70, passed=True),
        check_of(rule=71, limit=5 * 10**9, value=65 * 10**8, leg_number=2),
        check_of(rule=77, passed=True, limit=900, value=800),
    ],
    margin_after=margin_pb2.MarginReport(currency="USD", position_margin_minor_units=800),
    sequence=6,
)


def test_an_order_is_asked_about_as_it_would_be_entered(venue: FakeVenue) -> None:
    call = venue.run(venue.client().check_order, ORDER, min_sequence=5)
    request = venue.answer("CheckOrder", REFUSED)
    assert request.min_sequence == 5
    assert request.create_order == order_service_pb2.CreateOrderRequest(
        request_id=ORDER.request_id,
        client_order_id=ORDER.client_order_id,
        account_id=4,
        instrument_id=3,
        side=types_pb2.SIDE_SELL,
        order_type=types_pb2.ORDER_TYPE_LIMIT,
        time_in_force=types_pb2.TIME_IN_FORCE_GTC,
        quantity=2 * 10**9,
        price=1_500_000_000,
    )
    venue.answer("ListCurrencies", CURRENCIES)
    found = call.result(ANSWER_TIMEOUT_S)
    assert (found.accepted, found.sequence, found.margin_before) == (False, 6, None)
    assert str(found.margin_after.position_margin) == "8.00"
    switch, quantity, funds = found.checks
    assert (switch.rule, switch.passed) == (RejectReason.KILL_SWITCH, True)
    assert (quantity.limit, quantity.value, quantity.leg_number) == (5, Decimal("6.5"), 2)
    assert not quantity.passed
    assert (funds.limit, funds.value) == (900, 800)


def test_a_package_is_asked_about_as_a_whole(venue: FakeVenue) -> None:
    call = venue.run(venue.client().check_order, PAIR)
    answer = risk_service_pb2.CheckOrderResponse(accepted=True)
    request = venue.answer("CheckOrder", answer).create_multi_leg_order
    assert (request.account_id, request.units) == (4, 7)
    assert list(request.legs) == [
        leg_pb2.LegTerms(instrument_id=3, side=types_pb2.SIDE_SELL, ratio=10**9),
        leg_pb2.LegTerms(instrument_id=5, side=types_pb2.SIDE_BUY, ratio=2 * 10**9),
    ]
    found = call.result(ANSWER_TIMEOUT_S)
    assert (found.accepted, found.checks, found.margin_after) == (True, (), None)


PROFIT = position_pb2.StrategyProfit(
    multi_leg_order_id=9,
    legs=[
        position_pb2.LegProfit(
            leg_number=1,
            instrument_id=3,
            net_quantity=-(10**9),
            realised_profit=money(5),
            unrealised_profit=money(-7),
            fees=money(1),
        ),
        position_pb2.LegProfit(leg_number=2, realised_profit=money(0), fees=money(0)),
    ],
    realised_profit=money(5),
    fees=money(1),
    net_paid=money(-4_000),
)


def test_a_strategy_tells_what_each_leg_has_brought(venue: FakeVenue) -> None:
    call = venue.run(venue.client().strategy_profit, 9, min_sequence=2)
    response = risk_service_pb2.GetStrategyProfitResponse(profit=PROFIT)
    asked = venue.answer("GetStrategyProfit", response)
    wanted = risk_service_pb2.GetStrategyProfitRequest(multi_leg_order_id=9, min_sequence=2)
    assert asked == wanted
    venue.answer("ListCurrencies", CURRENCIES)
    found = call.result(ANSWER_TIMEOUT_S)
    assert (str(found.net_paid), found.unrealised_profit) == ("-40.00 USD", None)
    one, two = found.legs
    assert (one.net_quantity, str(one.unrealised_profit)) == (-1, "-0.07 USD")
    assert (str(found.realised_profit), str(found.fees)) == ("0.05 USD", "0.01 USD")
    assert (two.leg_number, two.unrealised_profit) == (2, None)


def test_a_strategy_that_is_not_there_is_not_found(venue: FakeVenue) -> None:
    call = venue.run(venue.client().strategy_profit, 9)
    venue.fail("GetStrategyProfit", grpc.StatusCode.NOT_FOUND, "no such multi-leg order")
    with pytest.raises(errors.NotFound, match="no such multi-leg order"):
        call.result(ANSWER_TIMEOUT_S)


def test_positions_are_followed_through_a_lost_connection(venue: FakeVenue) -> None:
    client = venue.client()
    digits = venue.run(client.minor_digits, "USD")
    venue.answer("ListCurrencies", CURRENCIES)
    assert digits.result(ANSWER_TIMEOUT_S) == 2
    stream = client.stream_positions(accounts=[4], max_rate_hz=5)
    reading = venue.run(next, stream)
    request, rpc = venue.take_stream("StreamPositions")
    assert request == risk_service_pb2.StreamPositionsRequest(account_ids=[4], max_rate_hz=5)
    held = position_pb2.Position(
        instrument_id=3, sequence=8, realised_profit=money(250), fees=money(0)
    )
    rpc.send_response(risk_service_pb2.StreamPositionsResponse(positions=[held]))
    found = reading.result(ANSWER_TIMEOUT_S)
    assert (found.instrument_id, str(found.realised_profit)) == (3, "2.50 USD")
    reading = venue.run(next, stream)
    rpc.terminate((), grpc.StatusCode.UNAVAILABLE, "gone")
    venue.clock.sleep_for(1)
    request, rpc = venue.take_stream("StreamPositions")
    assert request.from_sequence == 9
    rpc.send_response(risk_service_pb2.StreamPositionsResponse(positions=[held]))
    assert reading.result(ANSWER_TIMEOUT_S).sequence == 8
    stream.close()
