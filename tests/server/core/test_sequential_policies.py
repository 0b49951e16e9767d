"""What a sequential order cannot complete by its deadline, its unwind policy decides."""

import pytest

from quantumcore.server.core import enums, package_commands
from quantumcore.server.core.package_commands import Leg
from tests.server.core.packages import LOT, UNIT, A, B, listed, quote, view
from tests.server.core.sequential import (
    COMPLETE,
    HOLD,
    MS,
    advance,
    check,
    excess,
    exposed,
    hit,
    lots_at_work,
    positions,
    status,
    work,
)
from tests.server.core.venue import BUY, SELL, Venue

FILLED = enums.ORDER_STATUS_FILLED
PARTLY = enums.ORDER_STATUS_PARTIALLY_FILLED
UNWINDING = enums.ORDER_STATUS_UNWINDING
UNWOUND = enums.ORDER_STATUS_UNWOUND


@pytest.fixture
def venue() -> Venue:
    return listed()


def test_an_excess_is_reversed_at_the_deadline(venue: Venue) -> None:
    exposed(venue)
    quote(venue, A, 90, 200, lots=2)
    assert advance(venue, 10 * MS - 4) == []
    assert advance(venue, 0) == [
        "P unwinding", "L1 unwinding excess 2", "L1 shows 0", "L2 shows 0",
        "3-1-90 filled 2@90", "L1 unwound 2@90",
        "L1 cancelled 16", "L2 cancelled 16", f"P unwound {enums.CANCEL_REASON_LEG_DEADLINE}",
    ]  # fmt: skip
    assert status(venue) == UNWOUND
    assert positions(venue) == [0, 0]
    found = view(venue)
    assert (found.unwound, found.unwound_tick_lots) == ([2 * LOT, 0], [18, 0])
    assert found.legs[0].cumulative_quantity == 2 * LOT
    assert lots_at_work(venue, A)[0] == []
    check(found)


def test_the_deadline_is_one_of_venue_time_that_the_timekeeper_knows(venue: Venue) -> None:
    assert venue.exchange.next_due_ns == 0
    work(venue, deadline_ms=7)
    assert venue.exchange.next_due_ns == 0
    hit(venue, "s", A, SELL, 1, 100)
    assert venue.exchange.next_due_ns == venue.now + 7 * MS
    hit(venue, "b", B, BUY, 1, 130)
    assert venue.exchange.next_due_ns == 0


@pytest.mark.parametrize(
    ("slippage", "bid", "left"), [(999, 90, 2), (1_000, 90, 0), (1_000, 80, 2), (0, 100, 0)]
)
def test_slippage_is_exact(venue: Venue, slippage: int, bid: int, left: int) -> None:
    exposed(venue, slippage=slippage)
    bid_for_leg_1(venue, bid)
    advance(venue, 10 * MS)
    assert excess(venue) == [left, 0]
    assert status(venue) == UNWOUND
    assert positions(venue) == [left, 0]


def bid_for_leg_1(venue: Venue, bid: int) -> None:
    hit(venue, "bid", A, BUY, 5, bid)


def test_an_unwind_into_an_empty_book_leaves_its_residual_for_all_to_see(venue: Venue) -> None:
    exposed(venue)
    told = advance(venue, 10 * MS)
    assert told[-3:] == ["L1 cancelled 16 excess 2", "L2 cancelled 16", "P unwound 19"]
    assert excess(venue) == [2, 0]
    assert positions(venue) == [2, 0]
    check(view(venue))


def test_a_leg_that_had_filled_tells_its_residual_too(venue: Venue) -> None:
    work(venue, units=2)
    hit(venue, "s", A, SELL, 2, 100)
    assert advance(venue, 10 * MS)[-3:] == [
        "L1 unwound 0 excess 2",
        "L2 cancelled 16",
        "P unwound 19",
    ]
    assert view(venue).legs[0].status == FILLED


def test_a_sold_leg_is_bought_back(venue: Venue) -> None:
    legs = (Leg(B, SELL, LOT, 130), Leg(A, BUY, LOT, 100))
    work(venue, legs=legs, units=1)
    hit(venue, "b", B, BUY, 1, 130)
    hit(venue, "ask", B, SELL, 1, 140)
    assert "L1 unwound 1@140" in advance(venue, 10 * MS)
    assert positions(venue) == [0, 0]


def test_whole_units_stay_and_only_the_rest_is_reversed(venue: Venue) -> None:
    legs = (Leg(A, BUY, 2 * LOT, 100), Leg(B, SELL, 3 * LOT, 130))
    work(venue, legs=legs, units=3)
    hit(venue, "s", A, SELL, 5, 100)
    hit(venue, "b", B, BUY, 5, 130)
    quote(venue, A, 100, 200)
    quote(venue, B, 50, 130)
    advance(venue, 10 * MS)
    assert view(venue).order.cumulative_quantity == UNIT
    assert view(venue).unwound == [3 * LOT, 2 * LOT]
    assert positions(venue) == [2, -3]
    check(view(venue))


def test_an_average_price_since_the_legs_were_level_counts_for_a_reversal(venue: Venue) -> None:
    legs = (Leg(A, BUY, LOT, 200), Leg(B, SELL, LOT, 130))
    quote(venue, A, 10, 190, lots=1)
    quote(venue, B, 130, 300, lots=1)
    work(venue, legs=legs, units=3)
    assert view(venue).order.cumulative_quantity == UNIT
    venue.do(
        package_commands.replace_package, account_id=1, client_order_id="p", leg_prices={1: 100}
    )
    hit(venue, "s", A, SELL, 1, 100)
    hit(venue, "bid", A, BUY, 1, 90)
    assert "L1 unwound 1@90" in advance(venue, 10 * MS)


def test_hold_goes_on_working_exposed(venue: Venue) -> None:
    exposed(venue, HOLD)
    assert advance(venue, 10 * MS) == ["P unwinding", "L1 unwinding excess 2"]
    assert status(venue) == UNWINDING
    assert lots_at_work(venue, A) == ([(100, 3)], [])
    assert lots_at_work(venue, B) == ([], [(130, 2)])
    hit(venue, "b", B, BUY, 1, 130)
    assert status(venue) == UNWINDING
    hit(venue, "c", B, BUY, 1, 130)
    assert status(venue) == PARTLY
    hit(venue, "t", A, SELL, 3, 100)
    assert venue.exchange.next_due_ns == venue.now + 10 * MS
    hit(venue, "d", B, BUY, 3, 130)
    assert status(venue) == FILLED


def test_complete_at_market_completes_the_units_begun_and_goes_on(venue: Venue) -> None:
    exposed(venue, COMPLETE)
    hit(venue, "b", B, BUY, 2, 110)
    assert advance(venue, 10 * MS) == [
        "P unwinding", "L1 unwinding excess 2", "L1 shows 0", "L2 shows 0",
        "b filled 2@110", "L2 filled 2@110", "P filled 2@-10", "L1 shows 3",
    ]  # fmt: skip
    assert status(venue) == PARTLY


def test_complete_at_market_goes_no_further_than_the_protection_band_at_once(venue: Venue) -> None:
    exposed(venue, COMPLETE)
    hit(venue, "b", B, BUY, 1, 110)
    hit(venue, "c", B, BUY, 1, 79 // 10 * 10)
    advance(venue, 10 * MS)
    assert status(venue) == UNWINDING
    assert excess(venue) == [1, 0]
    assert "P filled 1@10" in hit(venue, "d", B, BUY, 1, 90)
    assert status(venue) == PARTLY


def test_complete_at_market_completes_leg_1_where_that_has_begun_a_unit(venue: Venue) -> None:
    legs = (Leg(A, BUY, 2 * LOT, 100), Leg(B, SELL, LOT, 130))
    work(venue, legs=legs, units=1, policy=COMPLETE)
    hit(venue, "s", A, SELL, 1, 100)
    quote(venue, A, 50, 120)
    quote(venue, B, 110, 300)
    assert advance(venue, 10 * MS)[-1] == "P filled 1@110"
    assert status(venue) == FILLED


def test_legs_of_one_instrument_do_not_complete_against_one_another(venue: Venue) -> None:
    legs = (Leg(A, BUY, 2 * LOT, 100), Leg(A, SELL, LOT, 110))
    work(venue, legs=legs, units=2, policy=COMPLETE)
    hit(venue, "s", A, SELL, 3, 100)
    assert lots_at_work(venue, A) == ([(100, 1)], [(110, 1)])
    assert advance(venue, 10 * MS) == [
        "P unwinding",
        "L1 unwinding excess 3",
        "L1 shows 0",
        "L2 shows 0",
    ]
    assert (status(venue), lots_at_work(venue, A)) == (UNWINDING, ([], []))
    hit(venue, "t", A, SELL, 1, 120)
    hit(venue, "b", A, BUY, 2, 90)
    assert status(venue) == enums.ORDER_STATUS_FILLED
