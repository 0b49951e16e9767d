"""Phases, auctions, bands and the day's numbers through the gRPC door."""

from typing import Any

import grpc
import pytest

from quantumcore.server.venue import Venue
from quantumcore.v1.instrument_service_pb2 import (
    GetInstrumentRequest,
    SetTradingPhaseRequest,
    StreamInstrumentStatusRequest,
    UpdateInstrumentRequest,
)
from quantumcore.v1.matching_service_pb2 import (
    GetAuctionRequest,
    GetStatisticsRequest,
    StreamTradesRequest,
)
from quantumcore.v1.reject_pb2 import RejectReason
from quantumcore.v1.trade_pb2 import TradeKind
from quantumcore.v1.types_pb2 import OrderStatus, OrderType, Side, TimeInForce, TradingPhase
from tests.server.api.running import CENT, NANOS, SELL, Client, refusal, until

PRE_OPEN = TradingPhase.TRADING_PHASE_PRE_OPEN
OPENING = TradingPhase.TRADING_PHASE_OPENING_AUCTION
CONTINUOUS = TradingPhase.TRADING_PHASE_CONTINUOUS
VOLATILITY = TradingPhase.TRADING_PHASE_VOLATILITY_AUCTION
CLOSING = TradingPhase.TRADING_PHASE_CLOSING_AUCTION
CLOSED = TradingPhase.TRADING_PHASE_CLOSED


async def auction(client: Client) -> Any:
    answer = await client.call(client.matching.GetAuction, GetAuctionRequest(instrument_id=1))
    return answer.auction


async def statistics(client: Client) -> Any:
    request = GetStatisticsRequest(instrument_id=1)
    return (await client.call(client.matching.GetStatistics, request)).statistics


async def update(client: Client, **bounds: Any) -> Any:
    request = UpdateInstrumentRequest(instrument_id=1, **bounds)
    return await client.call(client.instruments.UpdateInstrument, request)


async def phase(client: Client) -> int:
    request = GetInstrumentRequest(instrument_id=1)
    answer = await client.call(client.instruments.GetInstrument, request)
    found: int = answer.instrument.phase
    return found


async def trade(client: Client, cents: int, units: int = 1, tag: str = "") -> int:
    """Trade between accounts 1 and 2; return the sequence."""
    await client.create_order(f"s{tag}{cents}", side=SELL, account_id=2, cents=cents, units=units)
    return (await client.create_order(f"b{tag}{cents}", cents=cents, units=units)).sequence


async def test_an_opening_auction_shows_its_price_and_trades_at_it(client: Client) -> None:
    await client.set_phase(CLOSED)
    await client.set_phase(OPENING)
    await client.create_order("bid", cents=10_010, units=5)
    await client.create_order("ask", side=SELL, account_id=2, cents=9_990, units=3)
    shown = await auction(client)
    assert (shown.phase, shown.indicative_price) == (OPENING, 10_010 * CENT)
    assert (shown.indicative_quantity, shown.imbalance_quantity) == (3 * NANOS, 2 * NANOS)
    assert shown.imbalance_side == Side.SIDE_BUY
    assert not shown.HasField("reference_price")
    stream = client.matching.StreamTrades(
        StreamTradesRequest(from_sequence=1), metadata=client.metadata
    )
    await client.set_phase(CONTINUOUS)
    (line,) = (await until(stream, lambda message: message.trades)).trades
    assert (line.price, line.quantity) == (10_010 * CENT, 3 * NANOS)
    assert line.kind == TradeKind.TRADE_KIND_AUCTION
    assert line.aggressor_side == Side.SIDE_UNSPECIFIED
    assert await client.book() == ([(10_010, 2)], [])


async def test_there_is_no_auction_to_read_while_trading_is_continuous(client: Client) -> None:
    failed = await refusal(auction(client))
    assert failed.code is grpc.StatusCode.FAILED_PRECONDITION
    assert failed.reason == "ERROR_REASON_WRONG_STATE"


async def test_a_phase_that_cannot_follow_is_refused_with_the_present_one(client: Client) -> None:
    failed = await refusal(client.set_phase(OPENING))
    assert failed.code is grpc.StatusCode.FAILED_PRECONDITION
    assert failed.reason == "REJECT_REASON_PHASE_TRANSITION"
    assert failed.metadata["value"] == str(CONTINUOUS)


async def test_a_closing_auction_takes_orders_that_waited_for_it(client: Client) -> None:
    at_close: dict[str, Any] = {"time_in_force": TimeInForce.TIME_IN_FORCE_AT_CLOSE}
    market: dict[str, Any] = {"order_type": OrderType.ORDER_TYPE_MARKET, "price": None}
    waiting = await client.create_order("moc", **at_close, **market)
    assert waiting.status == OrderStatus.ORDER_STATUS_NEW
    await client.create_order("ask", side=SELL, account_id=2)
    await client.set_phase(CLOSING)
    assert (await auction(client)).indicative_quantity == NANOS
    await client.set_phase(CLOSED)
    assert (await statistics(client)).last_price == 10_000 * CENT
    assert await client.book() == ([], [])


async def test_a_breach_of_the_band_interrupts_trading_and_time_resumes_it(
    venue: Venue, client: Client
) -> None:
    changed = await update(client, price_band=100 * CENT, auction_duration_ns=50_000_000)
    assert changed.instrument.price_band == 100 * CENT
    await trade(client, 10_000)
    stream = client.instruments.StreamInstrumentStatus(
        StreamInstrumentStatusRequest(), metadata=client.metadata
    )
    await client.create_order("far", side=SELL, account_id=2, cents=10_101)
    breach = await client.create_order("breach", cents=10_200)
    assert breach.status == OrderStatus.ORDER_STATUS_NEW
    seen: list[Any] = []
    while not seen or seen[-1].phase != CONTINUOUS or len(seen) < 3:
        seen += (await stream.read()).updates
    assert [(one.phase, one.price_band_breached) for one in seen] == [
        (CONTINUOUS, False), (VOLATILITY, True), (CONTINUOUS, False),
    ]  # fmt: skip
    assert seen[2].time_ns - seen[1].time_ns >= 50_000_000
    assert (await statistics(client)).last_price == 10_101 * CENT
    assert venue.exchange.working_orders == 0


async def test_bounds_that_do_not_hold_together_are_refused(client: Client) -> None:
    wrong = {
        "price_band": {"price_band": 1},
        "auction_duration_ns": {"auction_duration_ns": -1},
        "max_price": {"max_price": 0},
        "max_quantity": {"max_quantity": 2**62 // NANOS * NANOS, "max_price": 2**60 // CENT * CENT},
        "protection_band": {"protection_band": 0},
    }
    for field, bounds in wrong.items():
        failed = await refusal(update(client, **bounds))
        assert failed.code is grpc.StatusCode.INVALID_ARGUMENT, field
        assert failed.violations.keys() == {field}
    nothing = await refusal(update(client))
    assert nothing.code is grpc.StatusCode.INVALID_ARGUMENT


async def test_changed_bounds_hold_from_the_next_order_on(client: Client) -> None:
    await client.create_order("first", cents=10_000)
    await update(client, max_price=9_000 * CENT)
    refused = await client.create_order("second", cents=9_001)
    assert refused.reject_reason == RejectReason.REJECT_REASON_PRICE_OUT_OF_RANGE
    assert refused.reject_limit == 9_000 * CENT
    assert await client.book() == ([(10_000, 1)], [])


async def test_the_days_numbers_follow_the_trades(client: Client) -> None:
    empty = await statistics(client)
    assert (empty.volume, empty.trade_count, empty.HasField("open_price")) == (0, 0, False)
    for number, (cents, units) in enumerate([(10_000, 1), (10_300, 2), (9_900, 1)]):
        await trade(client, cents, units, tag=f"{number}-")
    day = await statistics(client)
    assert (day.open_price, day.high_price, day.low_price, day.last_price) == (
        10_000 * CENT, 10_300 * CENT, 9_900 * CENT, 9_900 * CENT,
    )  # fmt: skip
    assert (day.volume, day.trade_count) == (4 * NANOS, 3)
    assert day.average_price == (10_000 + 2 * 10_300 + 9_900) * CENT // 4
    await client.set_phase(CLOSED)
    await client.set_phase(PRE_OPEN)
    fresh = await statistics(client)
    assert (fresh.volume, fresh.last_price) == (0, 9_900 * CENT)


@pytest.mark.parametrize("rpc", ["GetAuction", "GetStatistics"])
async def test_an_unknown_instrument_is_not_found(client: Client, rpc: str) -> None:
    requests = {"GetAuction": GetAuctionRequest, "GetStatistics": GetStatisticsRequest}
    call = client.call(getattr(client.matching, rpc), requests[rpc](instrument_id=9))
    assert (await refusal(call)).code is grpc.StatusCode.NOT_FOUND
    assert await phase(client) == CONTINUOUS


async def test_the_status_says_why_as_the_operator_put_it(client: Client) -> None:
    request = SetTradingPhaseRequest(
        instrument_id=1, phase=TradingPhase.TRADING_PHASE_HALTED, text="nachricht für alle"
    )
    answer = await client.call(client.instruments.SetTradingPhase, request)
    assert answer.status.text == request.text
    stream = client.instruments.StreamInstrumentStatus(
        StreamInstrumentStatusRequest(), metadata=client.metadata
    )
    assert (await stream.read()).updates[0].text == request.text
    await client.set_phase(CONTINUOUS)
    seen: list[Any] = []
    while not seen:
        seen += (await stream.read()).updates
    assert (seen[0].phase, seen[0].text) == (CONTINUOUS, "")
