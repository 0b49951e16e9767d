"""Pegged orders: what they follow, when they move, and what they do where nothing is left."""

from typing import Any

import pytest

from quantumcore.server.core import admin_commands, enums
from tests.server.core.venue import BUY, LISTING, SELL, Venue

PRIMARY, MARKET = enums.PEG_REFERENCE_PRIMARY, enums.PEG_REFERENCE_MARKET
MIDPOINT = enums.PEG_REFERENCE_MIDPOINT
CONTINUOUS, HALTED = enums.TRADING_PHASE_CONTINUOUS, enums.TRADING_PHASE_HALTED
VOLATILITY = enums.TRADING_PHASE_VOLATILITY_AUCTION


@pytest.fixture
def venue() -> Venue:
    """A book of 100 against 200 that belongs to account 2."""
    venue = Venue()
    venue.order("bid", BUY, 50, 100, account_id=2)
    venue.order("ask", SELL, 50, 200, account_id=2)
    return venue


def peg(
    venue: Venue, name: str, side: int, follows: int, offset: int = 0, **more: Any
) -> list[str]:
    terms = {"order_type": enums.ORDER_TYPE_PEGGED, "peg_reference": follows, "peg_offset": offset}
    return venue.order(name, side, 5, **terms | more)


@pytest.mark.parametrize(
    ("side", "follows", "offset", "price"),
    [
        (BUY, PRIMARY, 0, 100),
        (BUY, PRIMARY, 10, 110),
        (BUY, PRIMARY, -20, 80),
        (SELL, PRIMARY, 0, 200),
        (SELL, PRIMARY, 10, 190),
        (SELL, PRIMARY, -20, 220),
        (BUY, MARKET, -10, 190),
        (SELL, MARKET, -10, 110),
        (BUY, MIDPOINT, 0, 150),
        (SELL, MIDPOINT, 0, 150),
        (BUY, MIDPOINT, -10, 140),
        (SELL, MIDPOINT, -10, 160),
    ],
)
def test_peg_stands_at_its_offset_from_what_it_follows(
    venue: Venue, side: int, follows: int, offset: int, price: int
) -> None:
    assert peg(venue, "p", side, follows, offset) == [f"accepted p new 0+5/5@{price}"]
    assert venue.find("p").price == price
    assert f"p 5@{price}" in venue.queue()[side - 1]


@pytest.mark.parametrize(("side", "price"), [(BUY, 150), (SELL, 160)])
def test_middle_between_ticks_is_rounded_away_from_the_other_side(
    venue: Venue, side: int, price: int
) -> None:
    venue.replace("ask", 2, price=210)
    assert peg(venue, "p", side, MIDPOINT) == [f"accepted p new 0+5/5@{price}"]


@pytest.mark.parametrize(("side", "price"), [(BUY, -30), (SELL, -20)])
def test_middle_below_zero_is_rounded_the_same_way(side: int, price: int) -> None:
    venue = Venue()
    venue.order("bid", BUY, 5, -40, account_id=2)
    venue.order("ask", SELL, 5, -10, account_id=2)
    assert peg(venue, "p", side, MIDPOINT) == [f"accepted p new 0+5/5@{price}"]


def test_pegs_move_in_order_of_entry_when_what_they_follow_has_moved(venue: Venue) -> None:
    for name, follows in (("a", PRIMARY), ("b", MIDPOINT), ("c", PRIMARY)):
        peg(venue, name, BUY, follows)
    assert venue.order("better", BUY, 5, 120, account_id=2) == [
        "accepted better new 0+5/5@120",
        "restated a new 0+5/5@120 peg moved shows 5",
        "restated b new 0+5/5@160 peg moved shows 5",
        "restated c new 0+5/5@120 peg moved shows 5",
    ]
    assert venue.queue()[0] == ["b 5@160", "better 5@120", "a 5@120", "c 5@120", "bid 50@100"]


def test_peg_whose_price_stays_keeps_its_place(venue: Venue) -> None:
    peg(venue, "a", BUY, PRIMARY, price=100)
    venue.order("behind", BUY, 5, 100, account_id=3)
    assert venue.order("better", BUY, 5, 120, account_id=2) == ["accepted better new 0+5/5@120"]
    assert venue.queue()[0] == ["better 5@120", "bid 50@100", "a 5@100", "behind 5@100"]


def test_pegs_do_not_follow_one_another(venue: Venue) -> None:
    peg(venue, "a", BUY, PRIMARY, 10)
    peg(venue, "b", BUY, PRIMARY, 10)
    assert venue.queue()[0] == ["a 5@110", "b 5@110", "bid 50@100"]
    assert venue.cancel("bid", 2) == [
        "ended bid cancelled 0+0/50@100 reason 1",
        "restated a new 0+5/5@0 peg moved shows 0",
        "restated b new 0+5/5@0 peg moved shows 0",
    ]
    assert venue.book()[0] == []


def test_price_of_a_peg_is_the_worst_that_it_may_take(venue: Venue) -> None:
    assert peg(venue, "p", BUY, PRIMARY, price=120) == ["accepted p new 0+5/5@100"]
    assert peg(venue, "q", SELL, PRIMARY, price=170) == ["accepted q new 0+5/5@200"]
    assert venue.order("b", BUY, 5, 130, account_id=2)[1:] == [
        "restated p new 0+5/5@120 peg moved shows 5"
    ]
    assert venue.order("a", SELL, 5, 160, account_id=2)[1:] == [
        "restated q new 0+5/5@170 peg moved shows 5"
    ]


@pytest.mark.parametrize(
    ("side", "offset", "price"), [(BUY, -2_000, -1_000), (SELL, -9_900, 10_000)]
)
def test_peg_stays_within_the_bounds_of_its_instrument(
    venue: Venue, side: int, offset: int, price: int
) -> None:
    assert peg(venue, "p", side, PRIMARY, offset) == [f"accepted p new 0+5/5@{price}"]


@pytest.mark.parametrize(
    ("side", "follows", "gone"),
    [(BUY, PRIMARY, "bid"), (SELL, MARKET, "bid"), (BUY, MARKET, "ask"), (SELL, MIDPOINT, "bid")],
)
def test_peg_waits_outside_the_book_while_there_is_nothing_to_follow(
    venue: Venue, side: int, follows: int, gone: str
) -> None:
    venue.cancel(gone, 2)
    assert peg(venue, "p", side, follows, -10) == ["accepted p new 0+5/5@0"]
    view = venue.find("p")
    assert (view.status, view.has_price, view.shown_quantity) == (1, False, 0)
    back = BUY if gone == "bid" else SELL
    price = 100 if gone == "bid" else 200
    moved = venue.order("back", back, 5, price, account_id=2)[1:]
    assert moved == [f"restated p new 0+5/5@{venue.find('p').price} peg moved shows 5"]
    assert venue.find("p").has_price


def test_waiting_peg_can_be_cancelled_reduced_and_enlarged(venue: Venue) -> None:
    venue.cancel("bid", 2)
    peg(venue, "p", BUY, PRIMARY)
    assert venue.replace("p", quantity=20) == ["replaced p new 0+20/20@0 was p"]
    assert venue.replace("p", quantity=10) == ["replaced p new 0+10/10@0 was p"]
    assert venue.cancel("p") == ["ended p cancelled 0+0/10@0 reason 1"]
    assert venue.order("b", BUY, 5, 100, account_id=2) == ["accepted b new 0+5/5@100"]


def test_price_of_a_peg_cannot_be_replaced(venue: Venue) -> None:
    peg(venue, "p", BUY, PRIMARY)
    assert venue.replace("p", price=90) == ["replace refused p new reason 28 field 7 90 for 0"]


def test_peg_that_crosses_when_it_moves_trades(venue: Venue) -> None:
    peg(venue, "p", BUY, PRIMARY, 30)
    assert venue.order("b", BUY, 5, 180, account_id=2) == [
        "accepted b new 0+5/5@180",
        "restated p new 0+5/5@210 peg moved shows 5",
        "filled ask partial 5+45/50@200 maker 5@200 trade 1",
        "filled p filled 5+0/5@210 taker 5@200 trade 1",
    ]


def test_pegs_of_both_sides_at_the_middle_trade_with_one_another(venue: Venue) -> None:
    peg(venue, "b", BUY, MIDPOINT)
    assert peg(venue, "s", SELL, MIDPOINT) == [
        "accepted s new 0+5/5@150",
        "filled b filled 5+0/5@150 maker 5@150 trade 1",
        "filled s filled 5+0/5@150 taker 5@150 trade 1",
    ]


def test_pegs_stand_where_they_are_while_trading_is_not_continuous(venue: Venue) -> None:
    peg(venue, "p", BUY, PRIMARY)
    venue.set_phase(VOLATILITY)
    assert venue.order("b", BUY, 5, 120, account_id=2) == ["accepted b new 0+5/5@120"]
    assert peg(venue, "q", BUY, PRIMARY) == ["accepted q new 0+5/5@0"]
    assert venue.set_phase(CONTINUOUS) == [
        "phase 1 continuous after volatility",
        "auction 1 volatility ended: no price, 0 left to nobody",
        "restated p new 0+5/5@120 peg moved shows 5",
        "restated q new 0+5/5@120 peg moved shows 5",
    ]


def test_peg_leaves_the_book_when_trading_resumes_and_nothing_is_left_to_follow(
    venue: Venue,
) -> None:
    peg(venue, "p", BUY, PRIMARY)
    venue.set_phase(HALTED)
    venue.cancel("bid", 2)
    venue.cancel("ask", 2)
    assert venue.book() == ([(100, 5, 1)], [])
    assert venue.set_phase(CONTINUOUS) == [
        "phase 1 continuous after halted",
        "restated p new 0+5/5@0 peg moved shows 0",
    ]
    assert venue.book() == ([], [])


def test_an_instrument_holds_a_thousand_pegs_and_each_moves(venue: Venue) -> None:
    for number in range(1_000):
        peg(venue, f"p{number}", BUY, PRIMARY)
    assert peg(venue, "one more", BUY, PRIMARY) == [
        "rejected one more rejected reason 14 field 6 1000 for 1000"
    ]
    assert peg(venue, "elsewhere", BUY, PRIMARY, instrument_id=2)[0].startswith("accepted")
    moved = venue.order("b", BUY, 5, 120, account_id=2)[1:]
    assert [line.split()[1] for line in moved] == [f"p{number}" for number in range(1_000)]
    venue.cancel("p500")
    assert peg(venue, "now", BUY, PRIMARY) == ["accepted now new 0+5/5@120"]


def test_offset_off_the_tick_is_refused(venue: Venue) -> None:
    assert peg(venue, "p", BUY, PRIMARY, 7) == ["rejected p rejected reason 53 field 14 7 for 10"]


def test_bounds_that_are_no_whole_ticks_are_rounded_inwards() -> None:
    venue = Venue()
    bounds = {"min_price": -35, "max_price": 117}
    venue.do(admin_commands.create_instrument, **LISTING | bounds)
    venue.order("bid", BUY, 5, 100, account_id=2, instrument_id=3)
    venue.order("ask", SELL, 5, 110, account_id=2, instrument_id=3)
    assert peg(venue, "b", BUY, PRIMARY, -150, instrument_id=3) == ["accepted b new 0+5/5@-30"]
    assert peg(venue, "s", SELL, PRIMARY, -150, instrument_id=3) == ["accepted s new 0+5/5@110"]
