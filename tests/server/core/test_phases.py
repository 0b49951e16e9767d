"""Trading phases: which may follow which, what each takes, and what a halt leaves alone."""

import pytest

from quantumcore.server.core import admin_commands, enums
from tests.server.core.lines import PHASES
from tests.server.core.venue import BUY, LISTING, SELL, Venue

PRE_OPEN, OPENING = enums.TRADING_PHASE_PRE_OPEN, enums.TRADING_PHASE_OPENING_AUCTION
CONTINUOUS, VOLATILITY = enums.TRADING_PHASE_CONTINUOUS, enums.TRADING_PHASE_VOLATILITY_AUCTION
HALTED, CLOSING = enums.TRADING_PHASE_HALTED, enums.TRADING_PHASE_CLOSING_AUCTION
CLOSED = enums.TRADING_PHASE_CLOSED
MARKET = enums.ORDER_TYPE_MARKET
AUCTIONS = (OPENING, VOLATILITY, CLOSING)
MAY_FOLLOW = {
    PRE_OPEN: {OPENING, CONTINUOUS, HALTED, CLOSED},
    OPENING: {CONTINUOUS, HALTED, CLOSED},
    CONTINUOUS: {VOLATILITY, CLOSING, HALTED, CLOSED},
    VOLATILITY: {CONTINUOUS, CLOSING, HALTED, CLOSED},
    HALTED: {PRE_OPEN, OPENING, CONTINUOUS, VOLATILITY, CLOSING, CLOSED},
    CLOSING: {HALTED, CLOSED},
    CLOSED: {PRE_OPEN, OPENING, CONTINUOUS, HALTED},
}


@pytest.mark.parametrize("before", PHASES)
@pytest.mark.parametrize("phase", PHASES)
def test_phase_follows_or_is_refused(before: int, phase: int) -> None:
    venue = Venue(phase=before)
    events = venue.set_phase(phase)
    if phase in MAY_FOLLOW[before] or phase == before:
        assert events[0] == f"phase 1 {PHASES[phase]} after {PHASES[before]}"
        assert (venue.exchange.phase(1), venue.result.reject_reason) == (phase, 0)
    else:
        assert (events, venue.exchange.phase(1)) == ([], before)
        assert (venue.result.reject_reason, venue.result.reject_field) == (42, 3)
        assert venue.result.value == before


@pytest.mark.parametrize("phase", PHASES)
def test_same_phase_again_changes_nothing(phase: int) -> None:
    venue = Venue(phase=phase)
    if phase not in {HALTED, CLOSED}:
        venue.order("a", BUY, 5, 100, time_in_force=enums.TIME_IN_FORCE_DAY)
    book = venue.book()
    assert venue.set_phase(phase) == [f"phase 1 {PHASES[phase]} after {PHASES[phase]}"]
    assert venue.book() == book


@pytest.mark.parametrize("phase", [PRE_OPEN, *AUCTIONS])
def test_orders_changes_and_cancels_are_taken_and_nothing_trades(phase: int) -> None:
    venue = Venue(phase=phase)
    assert venue.order("a", BUY, 50, 100) == ["accepted a new 0+50/50@100"]
    assert venue.order("b", SELL, 50, 90, account_id=2) == ["accepted b new 0+50/50@90"]
    assert venue.order("p", BUY, 5, 110, post_only=True) == ["accepted p new 0+5/5@110"]
    assert venue.replace("a", price=120) == ["replaced a new 0+50/50@120 was a"]
    assert venue.replace("a", quantity=20) == ["replaced a new 0+20/20@120 was a"]
    assert venue.book() == ([(120, 20, 1), (110, 5, 1)], [(90, 50, 1)])
    assert venue.cancel("a") == ["ended a cancelled 0+0/20@120 reason 1"]


@pytest.mark.parametrize("phase", [HALTED, CLOSED])
def test_halted_and_closed_instruments_take_cancels_only(phase: int) -> None:
    venue = Venue()
    venue.order("a", BUY, 50, 100)
    venue.set_phase(phase)
    refused = f"reason 40 field 3 {phase} for 0"
    assert venue.order("b", BUY, 5, 100) == [f"rejected b rejected {refused}"]
    assert venue.replace("a", price=90) == [f"replace refused a new {refused}"]
    assert venue.replace("a", quantity=5) == [f"replace refused a new {refused}"]
    assert venue.cancel("a") == ["ended a cancelled 0+0/50@100 reason 1"]


@pytest.mark.parametrize("phase", [PRE_OPEN, *AUCTIONS])
def test_market_orders_wait_for_the_auction_outside_the_book(phase: int) -> None:
    venue = Venue(phase=phase)
    assert venue.order("m", BUY, 50, order_type=MARKET) == ["accepted m new 0+50/50@0"]
    assert venue.book() == ([], [])
    assert venue.replace("m", quantity=20) == ["replaced m new 0+20/20@0 was m"]
    assert venue.replace("m", quantity=30) == ["replaced m new 0+30/30@0 was m"]
    assert venue.replace("m", price=100) == ["replace refused m new reason 28 field 7 100 for 0"]
    assert venue.cancel("m") == ["ended m cancelled 0+0/30@0 reason 1"]


def test_market_orders_left_over_end_with_the_auction() -> None:
    venue = Venue(phase=OPENING)
    venue.order("m", BUY, 50, order_type=MARKET)
    venue.order("s", SELL, 20, 100, account_id=2)
    assert venue.set_phase(CONTINUOUS) == [
        "phase 1 continuous after opening",
        "filled m partial 20+30/50@0 auction 20@100 trade 1",
        "filled s filled 20+0/20@100 auction 20@100 trade 1",
        "ended m cancelled 20+0/50@0 reason 15",
        "auction 1 opening ended: 20@100, 30 left to buyers",
    ]


def test_halt_after_an_auction_trades_nothing_and_its_end_uncrosses_the_book() -> None:
    venue = Venue(phase=OPENING)
    venue.order("b", BUY, 50, 110)
    venue.order("s", SELL, 50, 110, account_id=2)
    assert venue.set_phase(HALTED) == ["phase 1 halted after opening"]
    assert venue.book() == ([(110, 50, 1)], [(110, 50, 1)])
    assert venue.set_phase(CONTINUOUS) == [
        "phase 1 continuous after halted",
        "filled b filled 50+0/50@110 auction 50@110 trade 1",
        "filled s filled 50+0/50@110 auction 50@110 trade 1",
        "auction 1 halted ended: 50@110, 0 left to nobody",
    ]


def test_resuming_without_a_crossed_book_tells_no_auction() -> None:
    venue = Venue()
    venue.order("b", BUY, 50, 100)
    venue.set_phase(HALTED)
    assert venue.set_phase(CONTINUOUS) == ["phase 1 continuous after halted"]


def test_pre_open_may_go_straight_to_continuous_and_uncrosses() -> None:
    venue = Venue(phase=PRE_OPEN)
    venue.order("b", BUY, 50, 110)
    venue.order("s", SELL, 30, 110, account_id=2)
    assert venue.set_phase(CONTINUOUS) == [
        "phase 1 continuous after pre-open",
        "filled b partial 30+20/50@110 auction 30@110 trade 1",
        "filled s filled 30+0/30@110 auction 30@110 trade 1",
        "auction 1 pre-open ended: 30@110, 20 left to buyers",
    ]
    assert venue.book() == ([(110, 20, 1)], [])


def test_auction_that_is_closed_instead_trades_nothing() -> None:
    venue = Venue(phase=OPENING)
    venue.order("b", BUY, 50, 110)
    venue.order("s", SELL, 30, 110, account_id=2)
    assert venue.set_phase(CLOSED) == ["phase 1 closed after opening"]
    assert venue.book() == ([(110, 50, 1)], [(110, 30, 1)])


def test_instrument_is_listed_in_the_phase_that_its_listing_says() -> None:
    venue = Venue()
    assert venue.brief(admin_commands.create_instrument, **LISTING | {"phase": PRE_OPEN}) == [
        f"listed 3 {PRE_OPEN}"
    ]
    assert venue.exchange.phase(3) == PRE_OPEN
    assert venue.exchange.phase(1) == CONTINUOUS


def test_statistics_begin_anew_when_an_instrument_leaves_closed() -> None:
    venue = Venue()
    venue.trade(100)
    venue.set_phase(CLOSED)
    assert venue.exchange.statistics(1).volume == 5
    venue.set_phase(CONTINUOUS)
    statistics = venue.exchange.statistics(1)
    assert (statistics.open, statistics.volume, statistics.last) == (None, 0, 100)
    venue.trade(120)
    statistics = venue.exchange.statistics(1)
    assert (statistics.open, statistics.high, statistics.low) == (120, 120, 120)


def test_orders_for_the_open_end_when_a_halt_gives_way_to_a_volatility_auction() -> None:
    venue = Venue(phase=OPENING)
    venue.order("open", BUY, 10, 100, time_in_force=enums.TIME_IN_FORCE_AT_OPEN)
    venue.order("kept", BUY, 10, 100)
    assert len(venue.set_phase(HALTED)) == 1
    assert venue.set_phase(VOLATILITY)[1:] == ["ended open cancelled 0+0/10@100 reason 15"]
    assert venue.book() == ([(100, 10, 1)], [])
