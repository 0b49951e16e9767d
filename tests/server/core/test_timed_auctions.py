"""Volatility auctions that end by the clock, to the nanosecond."""

import pytest

from quantumcore.server.core import admin_commands, enums
from tests.server.core.venue import BUY, LISTING, SELL, Venue

CONTINUOUS, VOLATILITY = enums.TRADING_PHASE_CONTINUOUS, enums.TRADING_PHASE_VOLATILITY_AUCTION
HALTED, CLOSED = enums.TRADING_PHASE_HALTED, enums.TRADING_PHASE_CLOSED
CLOSING = enums.TRADING_PHASE_CLOSING_AUCTION

Orders = list[tuple[int, int]]


def collect(venue: Venue, bids: Orders, asks: Orders) -> None:
    """Enter orders of (quantity, price) for accounts 1 and 2."""
    for side, orders in ((BUY, bids), (SELL, asks)):
        for number, (quantity, price) in enumerate(orders):
            name = f"{'b' if side == BUY else 's'}{number}"
            venue.order(name, side, quantity, price, account_id=side)


def test_timed_volatility_auction_ends_at_its_very_nanosecond() -> None:
    venue = Venue(auction_duration_ns=500)
    venue.set_phase(VOLATILITY)
    end = venue.now + 500
    assert (venue.exchange.auction_end_ns(1), venue.exchange.next_due_ns) == (end, end)
    collect(venue, [(20, 100)], [(20, 100)])
    assert venue.advance(end - 1) == []
    assert venue.advance(end) == [
        "phase 1 continuous after volatility",
        "filled b0 filled 20+0/20@100 auction 20@100 trade 1",
        "filled s0 filled 20+0/20@100 auction 20@100 trade 1",
        "auction 1 volatility ended: 20@100, 0 left to nobody",
    ]
    assert (venue.exchange.auction_end_ns(1), venue.exchange.next_due_ns) == (0, 0)


def test_timed_auction_ends_before_the_command_that_comes_when_its_time_is_up() -> None:
    venue = Venue(auction_duration_ns=500)
    venue.set_phase(VOLATILITY)
    collect(venue, [(20, 100)], [])
    venue.now += 1_000
    assert venue.order("t", SELL, 20, 100, account_id=3) == [
        "phase 1 continuous after volatility",
        "auction 1 volatility ended: no price, 0 left to nobody",
        "accepted t new 0+20/20@100",
        "filled b0 filled 20+0/20@100 maker 20@100 trade 1",
        "filled t filled 20+0/20@100 taker 20@100 trade 1",
    ]


@pytest.mark.parametrize("phase", [CONTINUOUS, HALTED, CLOSING, CLOSED])
def test_auction_that_an_operator_ends_does_not_end_again(phase: int) -> None:
    venue = Venue(auction_duration_ns=500)
    venue.set_phase(VOLATILITY)
    venue.set_phase(phase)
    assert venue.exchange.auction_end_ns(1) == 0
    assert venue.advance(venue.now + 10_000) == []
    assert venue.exchange.phase(1) == phase


def test_several_auctions_that_are_due_end_earliest_first() -> None:
    venue = Venue()
    for instrument, duration in ((1, 900), (2, 100)):
        listing = {"instrument_id": instrument, "auction_duration_ns": duration}
        venue.do(admin_commands.create_instrument, **LISTING | listing)
        venue.set_phase(VOLATILITY, instrument)
    ended = venue.advance(venue.now + 2_000)
    assert [line for line in ended if line.startswith("phase")] == [
        "phase 2 continuous after volatility",
        "phase 1 continuous after volatility",
    ]
