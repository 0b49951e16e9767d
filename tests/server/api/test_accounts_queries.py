"""Orders that are only asked about, strategies' profit, positions as they change."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import grpc
import pytest

from quantumcore.v1.order_service_pb2 import CreateMultiLegOrderRequest, ListOrdersRequest
from quantumcore.v1.position_pb2 import Position
from quantumcore.v1.reject_pb2 import RejectReason
from quantumcore.v1.risk_service_pb2 import (
    CheckOrderRequest,
    GetAccountRequest,
    GetStrategyProfitRequest,
    StreamPositionsRequest,
)
from quantumcore.v1.types_pb2 import Money, TradingPhase
from tests.server.api.funds import CASH_ONLY, STRATEGY, funds, limit, open_account, quote
from tests.server.api.running import (
    BUY,
    NANOS,
    SELL,
    TRADER_TOKEN,
    Client,
    instrument,
    order,
    refusal,
    running,
)
from tests.server.api.test_multi_leg_orders import request as package


@pytest.fixture
async def market(tmp_path: Path) -> AsyncIterator[Client]:
    """Two shares, at 100 and at 130, quoted by account 2."""
    async with running(tmp_path) as (_, client):
        await client.call(client.instruments.CreateInstrument, instrument("BBB"))
        await client.set_phase(TradingPhase.TRADING_PHASE_CONTINUOUS, 2)
        await quote(client, 1, 9_999, 10_001)
        await quote(client, 2, 12_999, 13_001)
        yield client


async def ask(client: Client, **named: Any) -> Any:
    return await client.call(client.risk.CheckOrder, CheckOrderRequest(**named))


def reason(rule: int) -> str:
    return RejectReason.Name(RejectReason.ValueType(rule)).removeprefix("REJECT_REASON_")


async def test_a_question_leaves_nothing_behind(market: Client) -> None:
    mine = await open_account(market, "mine", STRATEGY, 200_000)
    state = await market.state_hash()
    short = order("asked", account_id=mine, side=SELL, cents=10_000, units=2)
    answer = await ask(market, create_order=short)
    assert answer.accepted
    assert all(one.passed for one in answer.checks)
    assert answer.margin_before.position_margin_minor_units == 0
    assert answer.margin_after.position_margin_minor_units == 30_000
    assert await funds(market, mine) == (200_000, 0, 0, 200_000)
    assert await market.state_hash() == state
    listed = await market.call(market.orders.ListOrders, ListOrdersRequest(account_id=mine))
    assert list(listed.orders) == []
    entered = await market.create_order("asked", account_id=mine, side=SELL, cents=10_000, units=2)
    assert not entered.reject_reason


async def test_what_would_be_refused_names_the_rule_like_the_refusal(market: Client) -> None:
    mine = await open_account(market, "mine", CASH_ONLY, 50_000)
    await limit(market, mine, max_order_quantity=9 * NANOS)
    for units, told in ((10, "ORDER_QUANTITY_LIMIT"), (6, "INSUFFICIENT_BALANCE")):
        wanted = order("x", account_id=mine, cents=10_000, units=units)
        answer = await ask(market, create_order=wanted)
        *passed, failed = answer.checks
        assert not answer.accepted
        assert all(one.passed for one in passed)
        assert [one.rule for one in answer.checks] == sorted(one.rule for one in answer.checks)
        assert (reason(failed.rule), failed.passed) == (told, False)
        refused = (await market.call(market.orders.CreateOrder, wanted)).acknowledgement
        assert (refused.reject_reason, refused.reject_limit, refused.reject_value) == (
            failed.rule,
            failed.limit,
            failed.value,
        )


async def test_every_rule_that_has_a_limit_tells_it_and_what_it_is_held_against(
    market: Client,
) -> None:
    mine = await open_account(market, "mine", STRATEGY, 200_000)
    await limit(
        market,
        mine,
        max_order_quantity=9 * NANOS,
        max_position_quantity=20 * NANOS,
        max_open_order_value_minor_units=100_000,
    )
    await limit(market, mine, 1, max_position_quantity=7 * NANOS)
    wanted = order("x", account_id=mine, cents=10_000, units=5)
    answer = await ask(market, create_order=wanted)
    assert answer.accepted
    told = {reason(one.rule): (one.limit, one.value) for one in answer.checks if one.limit}
    assert told == {
        "ORDER_QUANTITY_LIMIT": (9 * NANOS, 5 * NANOS),
        "POSITION_LIMIT": (7 * NANOS, 5 * NANOS),
        "OPEN_ORDER_LIMIT": (100_000, 50_000),
        "INSUFFICIENT_MARGIN": (200_000, 50_000),
    }
    rules = [reason(one.rule) for one in answer.checks]
    assert "INSUFFICIENT_BALANCE" not in rules


async def test_a_package_is_asked_about_as_a_whole(market: Client) -> None:
    mine = await open_account(market, "mine", STRATEGY, 100_000)
    legs = ((1, BUY, 4, None), (2, SELL, 3, None))
    wanted: CreateMultiLegOrderRequest = package("p", legs, account_id=mine, net=2_000)
    answer = await ask(market, create_multi_leg_order=wanted)
    assert answer.accepted
    # Half of 3 x 130 beside its value; the long leg is paid in full.
    assert answer.margin_after.position_margin_minor_units == 58_500
    await limit(market, mine, 2, max_order_quantity=2 * NANOS)
    answer = await ask(market, create_multi_leg_order=wanted)
    failed = answer.checks[-1]
    assert (reason(failed.rule), failed.leg_number) == ("ORDER_QUANTITY_LIMIT", 2)
    assert (failed.limit, failed.value) == (2 * NANOS, 3 * NANOS)


async def test_a_question_for_others_or_about_nothing_is_refused(
    client: Client, trader: Client
) -> None:
    failed = await refusal(ask(trader, create_order=order("x", account_id=2)))
    assert failed.code is grpc.StatusCode.PERMISSION_DENIED
    failed = await refusal(ask(client))
    assert failed.violations.keys() == {"order"}


async def profit(client: Client, order_id: int) -> Any:
    request = GetStrategyProfitRequest(multi_leg_order_id=order_id)
    return (await client.call(client.risk.GetStrategyProfit, request)).profit


def dollars(minor_units: int) -> Money:
    return Money(currency="USD", minor_units=minor_units)


async def test_a_strategy_has_brought_what_its_own_fills_did(market: Client) -> None:
    mine = await open_account(market, "mine", STRATEGY, 1_000_000)
    legs = ((1, BUY, 4, None), (2, SELL, 3, None))
    wanted = package("p", legs, account_id=mine, units=2, net=2_000)
    answer = await market.call(market.orders.CreateMultiLegOrder, wanted)
    done = answer.acknowledgement
    await market.create_order("else", account_id=mine, cents=10_001, units=5)
    found = await profit(market, done.multi_leg_order_id)
    # 8 bought a cent above the mark, 6 sold a cent below: 8 x 100.01 - 6 x 129.99.
    assert found.net_paid == dollars(80_008 - 77_994)
    assert found.unrealised_profit == dollars(-14)
    assert (found.realised_profit, found.fees) == (dollars(0), dollars(0))
    assert [(leg.net_quantity, leg.unrealised_profit) for leg in found.legs] == [
        (8 * NANOS, dollars(-8)),
        (-6 * NANOS, dollars(-6)),
    ]


async def test_the_profit_of_others_is_not_there(market: Client) -> None:
    legs = ((1, BUY, 1, None), (2, SELL, 1, None))
    wanted = package("p", legs, account_id=2, net=0)
    answer = await market.call(market.orders.CreateMultiLegOrder, wanted)
    done = answer.acknowledgement
    single = await market.create_order("single")
    for order_id in (single.order_id, 1):
        failed = await refusal(profit(market, order_id))
        assert failed.code is grpc.StatusCode.NOT_FOUND
    trader = Client(market.port, TRADER_TOKEN)
    try:
        failed = await refusal(profit(trader, done.multi_leg_order_id))
        assert failed.code is grpc.StatusCode.NOT_FOUND
    finally:
        await trader.channel.close()


async def test_positions_are_told_as_they_stand_and_as_they_change(market: Client) -> None:
    await market.create_order("one", cents=10_001, units=2)
    stream = market.risk.StreamPositions(
        StreamPositionsRequest(account_ids=[1]), metadata=market.metadata
    )
    seen: list[Position] = []

    async def read_until(count: int) -> None:
        while len(seen) < count:
            seen.extend((await stream.read()).positions)

    await read_until(1)
    assert (seen[0].instrument_id, seen[0].net_quantity) == (1, 2 * NANOS)
    await market.create_order("two", instrument_id=2, cents=13_001)
    await read_until(2)
    await market.create_order("rests", cents=9_000)
    await market.create_order("out", side=SELL, cents=9_999, units=2)
    await read_until(3)
    stream.cancel()
    assert [(one.instrument_id, one.net_quantity) for one in seen] == [
        (1, 2 * NANOS),
        (2, NANOS),
        (1, 0),
    ]
    assert seen[2].realised_profit == dollars(-4)
    assert [one.sequence for one in seen] == sorted(one.sequence for one in seen)


async def test_a_change_of_the_mark_is_told_where_a_rate_is_named(market: Client) -> None:
    await market.create_order("one", cents=10_001)
    stream = market.risk.StreamPositions(
        StreamPositionsRequest(account_ids=[1], max_rate_hz=1000), metadata=market.metadata
    )
    found = list((await stream.read()).positions)
    assert found[-1].mark_price == 100 * NANOS
    await market.create_order("better", account_id=2, side=SELL, cents=10_000)
    while found[-1].mark_price == 100 * NANOS:
        found += (await stream.read()).positions
    stream.cancel()
    assert found[-1].sequence == found[0].sequence


@pytest.mark.parametrize(
    ("values", "code"),
    [
        ({}, grpc.StatusCode.INVALID_ARGUMENT),
        ({"account_ids": [9]}, grpc.StatusCode.NOT_FOUND),
        ({"account_ids": [1], "max_rate_hz": 1001}, grpc.StatusCode.INVALID_ARGUMENT),
    ],
)
async def test_a_stream_of_positions_that_makes_no_sense_is_refused(
    client: Client, values: dict[str, Any], code: grpc.StatusCode
) -> None:
    stream = client.risk.StreamPositions(StreamPositionsRequest(**values), metadata=client.metadata)
    failed = await refusal(stream.read())
    assert failed.code is code


async def test_positions_of_others_are_not_streamed(trader: Client) -> None:
    stream = trader.risk.StreamPositions(
        StreamPositionsRequest(account_ids=[1, 2]), metadata=trader.metadata
    )
    failed = await refusal(stream.read())
    assert failed.code is grpc.StatusCode.PERMISSION_DENIED


async def test_limits_for_one_instrument_are_read_with_the_account(market: Client) -> None:
    await limit(market, 1, max_order_quantity=9 * NANOS)
    await limit(market, 1, 2, max_position_quantity=7 * NANOS)
    asked = GetAccountRequest(account_id=1, instrument_id=2)
    answer = await market.call(market.risk.GetAccount, asked)
    assert answer.limits.max_order_quantity == 9 * NANOS
    own = answer.instrument_limits
    assert (own.instrument_id, own.limits.max_position_quantity) == (2, 7 * NANOS)
    other = GetAccountRequest(account_id=1)
    assert not (await market.call(market.risk.GetAccount, other)).HasField("instrument_limits")
    unknown = GetAccountRequest(account_id=1, instrument_id=99)
    assert (await refusal(market.call(market.risk.GetAccount, unknown))).reason == (
        "ERROR_REASON_NOT_FOUND"
    )
