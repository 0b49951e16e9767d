"""Stops: what sets them off, in which order, and how far a cascade goes for one command."""

from typing import Any

import pytest

from quantumcore.server.core import commands, kinds
from tests.server.core.venue import BUY, LOT, SELL, Venue

STOP = {"order_type": kinds.ORDER_TYPE_STOP}
STOP_LIMIT = {"order_type": kinds.ORDER_TYPE_STOP_LIMIT}
BID_ASK = {"stop_trigger": kinds.STOP_TRIGGER_BID_ASK}
REFERENCE = {"stop_trigger": kinds.STOP_TRIGGER_REFERENCE}
CONTINUOUS, HALTED = kinds.TRADING_PHASE_CONTINUOUS, kinds.TRADING_PHASE_HALTED
VOLATILITY = kinds.TRADING_PHASE_VOLATILITY_AUCTION
PRE_OPEN = kinds.TRADING_PHASE_PRE_OPEN


@pytest.fixture
def venue() -> Venue:
    return Venue()


def triggered(events: list[str]) -> list[str]:
    """Return the client order ids of the stops that became active, in order."""
    return [event.split()[1] for event in events if event.startswith("triggered")]


def test_stop_waits_unseen_until_its_price_trades(venue: Venue) -> None:
    assert venue.order("s", BUY, 50, stop_price=120, **STOP) == ["accepted s pending 0+50/50@0"]
    assert venue.find("s").stop_price == 120
    assert venue.book() == ([], [])
    venue.order("a", SELL, 5, 120, account_id=2)
    venue.order("b", SELL, 70, 130, account_id=2)
    assert venue.order("t", BUY, 5, 120, account_id=3) == [
        "accepted t new 0+5/5@120",
        "filled a filled 5+0/5@120 maker 5@120 trade 1",
        "filled t filled 5+0/5@120 taker 5@120 trade 1",
        "triggered s new 0+50/50@0",
        "filled b partial 50+20/70@130 maker 50@130 trade 2",
        "filled s filled 50+0/50@0 taker 50@130 trade 2",
    ]


def test_stop_limit_becomes_a_limit_order_that_may_rest(venue: Venue) -> None:
    venue.order("s", SELL, 50, 90, stop_price=100, **STOP_LIMIT)
    venue.order("b", BUY, 5, 100, account_id=2)
    venue.order("c", BUY, 10, 90, account_id=2)
    assert venue.order("t", SELL, 5, 100, account_id=3) == [
        "accepted t new 0+5/5@100",
        "filled b filled 5+0/5@100 maker 5@100 trade 1",
        "filled t filled 5+0/5@100 taker 5@100 trade 1",
        "triggered s new 0+50/50@90",
        "filled c filled 10+0/10@90 maker 10@90 trade 2",
        "filled s partial 10+40/50@90 taker 10@90 trade 2",
    ]
    assert venue.book() == ([], [(90, 40, 1)])


def test_active_stop_is_a_market_order_with_its_protection(venue: Venue) -> None:
    venue.order("s", BUY, 50, stop_price=100, **STOP)
    for price in (110, 140, 150):
        venue.order(f"a{price}", SELL, 5, price, account_id=2)
    venue.order("a100", SELL, 5, 100, account_id=2)
    events = venue.order("t", BUY, 5, 100, account_id=3)
    assert events[3:] == [
        "triggered s new 0+50/50@0",
        "filled a110 filled 5+0/5@110 maker 5@110 trade 2",
        "filled s partial 5+45/50@0 taker 5@110 trade 2",
        "filled a140 filled 5+0/5@140 maker 5@140 trade 3",
        "filled s partial 10+40/50@0 taker 5@140 trade 3",
        "ended s cancelled 10+0/50@0 reason 5",
    ]


@pytest.mark.parametrize(
    ("side", "stop_price", "active"),
    [(BUY, 140, True), (BUY, 150, True), (BUY, 160, False)]
    + [(SELL, 160, True), (SELL, 150, True), (SELL, 140, False)],
)
def test_stop_that_is_reached_when_it_is_entered_is_active_at_once(
    venue: Venue, side: int, stop_price: int, active: bool
) -> None:
    venue.trade(150)
    events = venue.order("s", side, 5, stop_price, stop_price=stop_price, **STOP_LIMIT)
    amounts = f"0+5/5@{stop_price}"
    expected = [f"accepted s pending {amounts}"] + [f"triggered s new {amounts}"] * active
    assert events == expected


@pytest.mark.parametrize("phase", [CONTINUOUS, VOLATILITY])
def test_trades_before_a_stop_was_entered_do_not_set_it_off(venue: Venue, phase: int) -> None:
    for price in (200, 100, 150):
        venue.trade(price)
    if phase != CONTINUOUS:
        venue.set_phase(phase)
    assert venue.order("b", BUY, 5, stop_price=180, **STOP) == ["accepted b pending 0+5/5@0"]
    assert venue.order("s", SELL, 5, stop_price=120, **STOP) == ["accepted s pending 0+5/5@0"]
    assert triggered(venue.set_phase(CONTINUOUS)) == []
