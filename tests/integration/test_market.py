"""What operators and sources of quotes do reaches everybody, through either client."""

from __future__ import annotations

import time
from collections.abc import AsyncGenerator, Iterator
from decimal import Decimal

import pytest

from quantumcore.client import (
    AsyncClient,
    Client,
    ExecutionType,
    InstrumentKind,
    Liquidity,
    NewQuote,
    OrderStatus,
    PegReference,
    RestatementReason,
    SelfTradePrevention,
    Side,
    StopTrigger,
    TimeInForce,
    TradeAction,
    TradeKind,
    TradingPhase,
    errors,
)
from quantumcore.client.local import LocalVenue


@pytest.fixture
async def market(venue: LocalVenue) -> AsyncGenerator[AsyncClient, None]:
    async with AsyncClient(venue.address, token=venue.settings.token) as client:
        created = await client.create_instrument(
            symbol="ACME",
            kind=InstrumentKind.EQUITY,
            currency="USD",
            tick_size="0.01",
            lot_size=1,
            max_price=1000,
            max_quantity=1000,
            protection_band=10,
            price_band=5,
            auction_duration_ns=0,
        )
        assert (created.price_band, created.auction_duration_ns) == (Decimal(5), 0)
        await client.set_trading_phase("ACME", TradingPhase.CONTINUOUS)
        for name in ("alice", "bob"):
            await client.create_account(name=name)
        yield client


async def test_a_day_from_opening_auction_to_close(market: AsyncClient) -> None:
    await market.set_trading_phase("ACME", TradingPhase.CLOSED)
    await market.set_trading_phase("ACME", TradingPhase.OPENING_AUCTION)
    opening = await market.buy(
        "ACME", quantity=3, price=12, account="alice", time_in_force=TimeInForce.AT_OPEN
    )
    await market.sell("ACME", quantity=2, price=10, account="bob")
    auction = await market.auction("ACME")
    assert (auction.indicative_price, auction.indicative_quantity) == (Decimal(12), Decimal(2))
    await market.set_trading_phase("ACME", TradingPhase.CONTINUOUS)
    with pytest.raises(errors.PreconditionFailed, match="no auction runs"):
        await market.auction("ACME")
    order = await market.get_order(order_id=opening.order_id)
    assert (order.status, order.cumulative_quantity) == (OrderStatus.CANCELLED, Decimal(2))
    numbers = await market.statistics("ACME")
    assert (numbers.open_price, numbers.volume) == (Decimal(12), Decimal(2))
    assert numbers.trade_count == 1
    tape = market.stream_trades("ACME", from_sequence=1)
    trade = await anext(tape)
    assert (trade.kind, trade.action, trade.aggressor_side) == (
        TradeKind.AUCTION,
        TradeAction.EXECUTED,
        Side.UNSPECIFIED,
    )
    await tape.aclose()
    executions = market.stream_executions(accounts=["bob"], from_sequence=1)
    types = [await anext(executions) for _ in range(2)]
    assert [one.liquidity for one in types] == [Liquidity.UNSPECIFIED, Liquidity.AUCTION]
    await executions.aclose()


async def test_a_breach_of_the_band_is_told_and_ended(market: AsyncClient) -> None:
    status = market.stream_instrument_status("ACME")
    first = await anext(status)
    assert first.instrument is not None
    for price in (10, 20):
        await market.sell("ACME", quantity=1, price=price, account="bob")
    await market.buy("ACME", quantity=1, price=10, account="alice")
    await market.buy("ACME", quantity=1, price=20, account="alice")
    breach = await anext(status)
    assert (breach.phase, breach.price_band_breached) == (TradingPhase.VOLATILITY_AUCTION, True)
    changed = await market.update_instrument("ACME", price_band=0)
    assert changed.price_band == 0
    terms = await anext(status)
    assert terms.instrument is not None
    assert terms.instrument.price_band == 0
    await market.set_trading_phase("ACME", TradingPhase.CONTINUOUS)
    assert (await market.statistics("ACME")).last_price == 20
    await status.aclose()


async def test_quotes_set_off_stops_of_the_reference_and_are_read_back(
    market: AsyncClient,
) -> None:
    stop = await market.buy(
        "ACME",
        quantity=1,
        stop_price=12,
        price=13,
        stop_trigger=StopTrigger.REFERENCE,
        account="alice",
    )
    assert stop.status is OrderStatus.PENDING_TRIGGER

    async def quotes() -> AsyncGenerator[NewQuote, None]:
        now_ns = time.time_ns()
        for number, ask in enumerate(("12.01", "12.00", "11"), start=1):
            yield NewQuote(
                instrument="ACME",
                bid_price="11.98",
                ask_price=ask,
                source_sequence=number,
                source_time_ns=now_ns,
            )

    outcome = await market.publish_quotes(quotes(), source="feed", batch=2)
    assert (outcome.accepted_count, outcome.refused_count) == (2, 1)
    order = await market.get_order(order_id=stop.order_id)
    assert order.status is OrderStatus.PENDING_TRIGGER
    await market.publish_quotes([NewQuote(instrument="ACME", last_price=12)], source="feed")
    order = await market.get_order(order_id=stop.order_id)
    assert (order.status, order.price) == (OrderStatus.NEW, Decimal(13))
    newest = await market.quote("ACME")
    assert (newest.quote.source, newest.quote.last_price, newest.quote.bid_price) == (
        "feed",
        Decimal(12),
        None,
    )
    assert newest.age_ns >= 0
    with pytest.raises(errors.NotFound, match="no quote"):
        await market.quote("ACME", source="elsewhere")
    with pytest.raises(errors.InvalidRequest, match="source"):
        await market.publish_quotes([], source="venue")
    wrong = [NewQuote(instrument="ACME", bid_price=1.5)]  # type: ignore[arg-type]
    with pytest.raises(TypeError, match="bid_price"):
        await market.publish_quotes(wrong, source="feed")


async def test_orders_of_one_owner_and_kill_switches(market: AsyncClient) -> None:
    for name in ("alice", "bob"):
        account = await market.update_account(
            name, self_trade_group=7, self_trade_prevention=SelfTradePrevention.DECREMENT_AND_CANCEL
        )
        assert account.self_trade_group == 7
    resting = await market.sell("ACME", quantity=5, price=10, account="bob")
    taking = await market.buy("ACME", quantity=2, price=10, account="alice")
    assert (taking.status, taking.cumulative_quantity) == (OrderStatus.CANCELLED, Decimal(0))
    order = await market.get_order(order_id=resting.order_id)
    assert (order.quantity, order.leaves_quantity) == (Decimal(3), Decimal(3))
    change = await market.set_kill_switch(enabled=True, venue=True, text="test")
    assert change.affected_orders == 1
    refused = await market.buy("ACME", quantity=2, price=10, account="alice")
    assert refused.reject is not None
    assert refused.reject.reason.name == "KILL_SWITCH"
    assert (await market.status()).kill_switch
    await market.set_kill_switch(enabled=False, venue=True)
    assert (await market.buy("ACME", quantity=2, price=10, account="alice")).reject is None


async def test_busts_and_corrections_reach_tape_and_both_sides(market: AsyncClient) -> None:
    await market.sell("ACME", quantity=5, price=10, account="bob")
    await market.buy("ACME", quantity=5, price=10, account="alice")
    corrected = await market.correct_trade(1, price="9.50", quantity=4, text="agreed")
    assert (corrected.action, corrected.price) == (TradeAction.CORRECTED, Decimal("9.5"))
    (busted,) = await market.bust_trade(1, text="erroneous")
    assert busted.action is TradeAction.BUSTED
    stream = market.stream_executions(accounts=["alice", "bob"], from_sequence=1)
    found = [await anext(stream) for _ in range(8)]
    mended = [one for one in found if one.reference_sequence]
    fills = {one.sequence for one in found if one.type is ExecutionType.TRADE}
    assert [one.type.name for one in mended] == ["TRADE_CORRECT"] * 2 + ["TRADE_CANCEL"] * 2
    assert {one.reference_sequence for one in mended} <= fills | {one.sequence for one in mended}
    assert {one.account_id for one in mended} == {1, 2}
    await stream.aclose()
    with pytest.raises(errors.PreconditionFailed, match="unknown trade"):
        await market.bust_trade(1, text="again")
    with pytest.raises(errors.InvalidRequest, match="text"):
        await market.bust_trade(1, text="")


async def test_a_stop_price_is_replaced_and_a_book_followed_by_order(market: AsyncClient) -> None:
    stop = await market.sell("ACME", quantity=1, stop_price=8, account="alice")
    await market.replace_order(account="alice", order_id=stop.order_id, stop_price=9)
    order = await market.get_order(order_id=stop.order_id)
    assert (order.stop_price, order.shown_quantity) == (Decimal(9), Decimal(0))
    books = market.stream_book_by_order("ACME")
    assert (await anext(books)).bids == ()
    bought = await market.buy("ACME", quantity=2, price=5, account="bob")
    assert [one.order_id for one in (await anext(books)).bids] == [bought.order_id]
    await books.aclose()


def test_restatements_say_why_and_what_is_shown(client: Client, market_of: str) -> None:
    bid = client.buy(market_of, quantity=9, price=10, display_quantity=2, account="bob")
    client.buy(market_of, quantity=4, peg_reference=PegReference.PRIMARY, account="alice")
    client.sell(market_of, quantity=2, price=10, account="alice")
    client.replace_order(account="bob", order_id=bid.order_id, price=11)
    stream = client.stream_executions(accounts=["alice", "bob"], from_sequence=1)
    told: list[tuple[RestatementReason, Decimal]] = []
    while len(told) < 2:
        execution = next(stream)
        if execution.type is ExecutionType.RESTATED:
            told.append((execution.restatement_reason, execution.shown_quantity))
    stream.close()
    assert told == [
        (RestatementReason.DISPLAY_REFRESHED, Decimal(2)),
        (RestatementReason.PEG_MOVED, Decimal(4)),
    ]


def test_the_error_of_an_iterator_of_quotes_is_raised(client: Client, market_of: str) -> None:
    def quotes() -> Iterator[NewQuote]:
        yield NewQuote(instrument=market_of, bid_price=1)
        yield NewQuote(instrument=market_of, bid_price=1.5)  # type: ignore[arg-type]

    with pytest.raises(TypeError, match="bid_price: use Decimal, int or str, not float"):
        client.publish_quotes(quotes(), source="feed")
    outcome = client.publish_quotes([NewQuote(instrument=market_of, bid_price=1)], source="feed")
    assert outcome.accepted_count == 1


@pytest.fixture
def market_of(client: Client) -> str:
    client.create_instrument(
        symbol="ACME",
        kind=InstrumentKind.EQUITY,
        currency="USD",
        tick_size="0.01",
        lot_size=1,
        max_price=1000,
        max_quantity=1000,
        protection_band=10,
    )
    client.set_trading_phase("ACME", TradingPhase.CONTINUOUS)
    for name in ("alice", "bob"):
        client.create_account(name=name)
    return "ACME"
