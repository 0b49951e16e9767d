"""Busts, corrections and kill switches through the gRPC door."""

from pathlib import Path
from typing import Any

import grpc
import pytest

from quantumcore.v1.admin_service_pb2 import (
    BustTradeRequest,
    CorrectTradeRequest,
    GetStatusRequest,
)
from quantumcore.v1.execution_pb2 import Execution, ExecutionType
from quantumcore.v1.matching_service_pb2 import StreamTradesRequest
from quantumcore.v1.order_service_pb2 import StreamExecutionsRequest
from quantumcore.v1.reject_pb2 import RejectReason
from quantumcore.v1.risk_service_pb2 import GetStrategyProfitRequest, SetKillSwitchRequest
from quantumcore.v1.trade_pb2 import Trade, TradeAction
from quantumcore.v1.types_pb2 import OrderStatus, Side, TradingPhase
from tests.server.api.running import BUY, CENT, NANOS, SELL, Client, instrument, refusal, running
from tests.server.api.test_multi_leg_orders import request as package


async def trade(client: Client, units: int = 4) -> Trade:
    """Trade between accounts 2 and 1, the buyer coming in; return the tape's line."""
    await client.create_order("ask", side=SELL, account_id=2, units=units)
    await client.create_order("bid", units=units + 1)
    return (await tape(client, 1))[0]


async def tape(client: Client, count: int) -> list[Trade]:
    """Read so many lines of the tape, from the first."""
    stream = client.matching.StreamTrades(
        StreamTradesRequest(from_sequence=1), metadata=client.metadata
    )
    found: list[Trade] = []
    while len(found) < count:
        found += (await stream.read()).trades
    stream.cancel()
    return found


async def bust(client: Client, trade_id: int, text: str = "wrong price", **more: Any) -> Any:
    request = BustTradeRequest(trade_id=trade_id, text=text, **more)
    return await client.call(client.admin.BustTrade, request)


async def correct(client: Client, trade_id: int, text: str = "typed wrong", **more: Any) -> Any:
    request = CorrectTradeRequest(trade_id=trade_id, text=text, **more)
    return await client.call(client.admin.CorrectTrade, request)


async def profit(client: Client, order_id: int) -> Any:
    request = GetStrategyProfitRequest(multi_leg_order_id=order_id)
    return (await client.call(client.risk.GetStrategyProfit, request)).profit


async def last_of(client: Client, account_id: int, sequence: int) -> Execution:
    request = StreamExecutionsRequest(account_ids=[account_id], from_sequence=1)
    stream = client.orders.StreamExecutions(request, metadata=client.metadata)
    found: list[Execution] = []
    while not found or found[-1].sequence < sequence:
        found += (await stream.read()).executions
    stream.cancel()
    return found[-1]


async def test_a_bust_is_told_on_the_tape_and_to_both_sides(client: Client) -> None:
    made = await trade(client)
    answer = await bust(client, made.trade_id)
    (line,) = answer.trades
    assert line.action == TradeAction.TRADE_ACTION_BUSTED
    assert (line.trade_id, line.price, line.quantity) == (made.trade_id, 10_000 * CENT, 4 * NANOS)
    assert line.aggressor_side == Side.SIDE_BUY
    assert (await tape(client, 2))[1] == line
    told = await last_of(client, 1, answer.sequence)
    assert told.type == ExecutionType.EXECUTION_TYPE_TRADE_CANCEL
    assert told.reference_sequence == made.sequence
    assert (told.cumulative_quantity, told.leaves_quantity) == (0, NANOS)
    assert await client.book() == ([(10_000, 1)], [])


async def test_a_correction_is_told_with_what_holds_from_now_on(client: Client) -> None:
    made = await trade(client)
    answer = await correct(client, made.trade_id, price=9_900 * CENT, quantity=3 * NANOS)
    assert answer.trade.action == TradeAction.TRADE_ACTION_CORRECTED
    assert (answer.trade.price, answer.trade.quantity) == (9_900 * CENT, 3 * NANOS)
    told = await last_of(client, 1, answer.sequence)
    assert told.type == ExecutionType.EXECUTION_TYPE_TRADE_CORRECT
    assert (told.last_price, told.cumulative_quantity) == (9_900 * CENT, 3 * NANOS)
    again = await correct(client, made.trade_id, price=9_800 * CENT)
    assert (await last_of(client, 1, again.sequence)).reference_sequence == told.sequence


async def test_the_same_request_id_is_answered_with_the_same_trade(client: Client) -> None:
    made = await trade(client)
    first = await bust(client, made.trade_id, request_id=5)
    await client.create_order("between", cents=1)
    again = await bust(client, made.trade_id, request_id=5)
    assert again.repeated_request
    assert (list(again.trades), again.sequence) == (list(first.trades), first.sequence)


async def test_what_cannot_be_mended_is_refused(client: Client, trader: Client) -> None:
    made = await trade(client)
    for trade_id in (0, 99, 2**64 - 1):
        failed = await refusal(bust(client, trade_id))
        assert failed.reason == "REJECT_REASON_UNKNOWN_TRADE"
        assert failed.violations == {"trade_id": "unknown trade"}
    more = await refusal(correct(client, made.trade_id, quantity=5 * NANOS))
    assert more.reason == "REJECT_REASON_QUANTITY_TOO_LARGE"
    assert more.metadata == {"limit": str(4 * NANOS), "value": str(5 * NANOS)}
    assert more.violations.keys() == {"quantity"}
    unsaid = await refusal(bust(client, made.trade_id, text=""))
    assert unsaid.violations.keys() == {"text"}
    assert (await refusal(bust(trader, made.trade_id))).code is grpc.StatusCode.PERMISSION_DENIED
    await bust(client, made.trade_id)
    assert (await refusal(bust(client, made.trade_id))).reason == "REJECT_REASON_UNKNOWN_TRADE"


async def kill(client: Client, **request: Any) -> Any:
    return await client.call(client.risk.SetKillSwitch, SetKillSwitchRequest(**request))


async def test_a_killed_account_has_no_orders_and_takes_none(client: Client) -> None:
    await client.create_order("one")
    await client.create_order("other", account_id=2, cents=9_000)
    answer = await kill(client, account_id=1, enabled=True, text="too fast")
    assert answer.affected_orders == 1
    refused = await client.create_order("again")
    assert refused.reject_reason == RejectReason.REJECT_REASON_KILL_SWITCH
    assert await client.book() == ([(9_000, 1)], [])
    await kill(client, account_id=1, enabled=False)
    assert (await client.create_order("free")).status == OrderStatus.ORDER_STATUS_NEW


async def test_the_venues_kill_switch_stops_everybody_and_outlives_the_process(
    tmp_path: Path,
) -> None:
    async with running(tmp_path) as (_venue, client):
        await client.create_order("one")
        await client.create_order("other", account_id=2, cents=9_000)
        assert (await kill(client, venue=True, enabled=True)).affected_orders == 2
    async with running(tmp_path) as (venue, client):
        assert venue.catalogue.venue_killed
        refused = await client.create_order("again", account_id=2)
        assert refused.reject_reason == RejectReason.REJECT_REASON_KILL_SWITCH


@pytest.mark.parametrize(
    "request_", [{}, {"venue": False, "enabled": True}, {"account_id": 9, "enabled": True}]
)
async def test_a_kill_switch_of_nothing_is_refused(
    client: Client, request_: dict[str, Any]
) -> None:
    codes = {grpc.StatusCode.INVALID_ARGUMENT, grpc.StatusCode.NOT_FOUND}
    assert (await refusal(kill(client, **request_))).code in codes


async def test_only_an_administrator_stops_the_venue(trader: Client) -> None:
    failed = await refusal(kill(trader, venue=True, enabled=True))
    assert failed.code is grpc.StatusCode.PERMISSION_DENIED
    other = await refusal(kill(trader, account_id=2, enabled=True))
    assert other.code is grpc.StatusCode.PERMISSION_DENIED
    assert (await kill(trader, account_id=1, enabled=True)).affected_orders == 0


async def test_profit_of_an_order_follows_mends_and_is_the_same_after_a_restart(
    tmp_path: Path,
) -> None:
    async with running(tmp_path) as (_, client):
        await client.call(client.instruments.CreateInstrument, instrument("OTHER"))
        await client.set_phase(TradingPhase.TRADING_PHASE_CONTINUOUS, 2)
        await client.create_order("ask", side=SELL, account_id=2, cents=10_000, units=5)
        await client.create_order(
            "bid", side=BUY, account_id=2, cents=9_000, units=5, instrument_id=2
        )
        legs = ((1, BUY, 1, None), (2, SELL, 1, None))
        wanted = package("pair", legs, account_id=1, units=5, net=1_000)
        answer = await client.call(client.orders.CreateMultiLegOrder, wanted)
        order_id = answer.acknowledgement.multi_leg_order_id
        await client.create_order("late bid", account_id=2, cents=11_000, units=5)
        await client.create_order("close", side=SELL, account_id=1, cents=11_000, units=5)
        before = await profit(client, order_id)
        assert before.legs[0].realised_profit.minor_units == 5 * 1_000
        opened = await tape(client, 1)
        await correct(client, opened[0].trade_id, price=9_000 * CENT)
        assert (await profit(client, order_id)).legs[0].realised_profit.minor_units == 5 * 2_000
        await bust(client, opened[0].trade_id + 2)
        told = await profit(client, order_id)
        assert told.legs[0].net_quantity == 5 * NANOS
        assert told.net_paid.minor_units == 0
        status = await client.call(client.admin.GetStatus, GetStatusRequest())
        assert status.status.forgotten_multi_leg_order_count == 0
    async with running(tmp_path) as (_, client):
        assert await profit(client, order_id) == told
