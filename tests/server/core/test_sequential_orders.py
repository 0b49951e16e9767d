"""Sequential orders work their legs in order, each as far as the one before has come."""

import pytest

from quantumcore.server.core import admin_commands, enums, kinds, order_commands, package_commands
from quantumcore.server.core.package_commands import Leg
from tests.server.core.packages import LOT, UNIT, A, B, enter, listed, quote, view
from tests.server.core.sequential import (
    LEGS,
    check,
    excess,
    hit,
    lots_at_work,
    positions,
    replayed,
    status,
    work,
)
from tests.server.core.venue import BUY, SELL, Venue

FILLED = enums.ORDER_STATUS_FILLED
PARTLY = enums.ORDER_STATUS_PARTIALLY_FILLED


@pytest.fixture
def venue() -> Venue:
    return listed()


def test_a_fill_of_leg_1_at_once_sets_off_the_same_share_of_leg_2(venue: Venue) -> None:
    quote(venue, B, 130, 140, lots=1)
    assert work(venue) == ["P accepted", "L1 accepted", "L2 accepted", "L1 shows 5"]
    assert lots_at_work(venue, A) == ([(100, 5)], [])
    assert hit(venue, "s", A, SELL, 2, 100) == [
        "s accepted", "L1 filled 2@100", "s filled 2@100",
        "4-1-130 filled 1@130", "L2 filled 1@130", "L2 shows 1", "P filled 1@-30",
    ]  # fmt: skip
    assert lots_at_work(venue, B) == ([], [(130, 1), (140, 1)])
    assert status(venue) == PARTLY
    assert excess(venue) == [1, 0]


def test_an_order_whose_books_match_fills_whole_in_its_own_command(venue: Venue) -> None:
    quote(venue, A, 90, 100)
    quote(venue, B, 130, 140)
    assert work(venue, units=3) == [
        "P accepted", "L1 accepted", "L2 accepted",
        "3-2-100 filled 3@100", "L1 filled 3@100",
        "4-1-130 filled 3@130", "L2 filled 3@130", "P filled 3@-30",
    ]  # fmt: skip
    assert venue.result.status == FILLED
    assert positions(venue) == [3, -3]
    assert {leg.status for leg in view(venue).legs} == {FILLED}
    assert venue.exchange.working_orders == 4


def test_fills_from_level_to_level_share_a_package_execution(venue: Venue) -> None:
    work(venue)
    events = venue.do(
        order_commands.create_order, client_order_id="s", account_id=2, instrument_id=A,
        side=SELL, quantity=2 * LOT, price=100,
    )  # fmt: skip
    first = {one.package_execution_id for one in events if one.package_execution_id}  # type: ignore[union-attr]
    hit(venue, "b", B, BUY, 2, 130)
    hit(venue, "t", A, SELL, 1, 100)
    assert first == {1}
    events = venue.do(
        order_commands.create_order, client_order_id="c", account_id=2, instrument_id=B,
        side=BUY, quantity=LOT, price=130,
    )  # fmt: skip
    assert {one.package_execution_id for one in events if one.multi_leg_order_id} == {2}  # type: ignore[union-attr]


def test_the_share_of_a_following_leg_is_rounded_down(venue: Venue) -> None:
    legs = (Leg(A, BUY, 3 * LOT, 100), Leg(B, SELL, 2 * LOT, 130))
    work(venue, legs=legs, units=4)
    shares = []
    for number in range(6):
        hit(venue, f"s{number}", A, SELL, 1, 100)
        shares.append(sum(lots for _, lots in lots_at_work(venue, B)[1]))
    assert shares == [0, 1, 2, 2, 3, 4]
    hit(venue, "b", B, BUY, 3, 130)
    assert view(venue).order.cumulative_quantity == UNIT
    assert excess(venue) == [3, 1]
    check(view(venue))


def test_four_legs_follow_one_another(venue: Venue) -> None:
    legs = (
        Leg(A, BUY, LOT, 100), Leg(B, SELL, 2 * LOT, 130),
        Leg(B, BUY, LOT, 120), Leg(A, SELL, LOT, 110),
    )  # fmt: skip
    work(venue, legs=legs, units=2)
    quote(venue, B, 90, 120)
    told = hit(venue, "s", A, SELL, 1, 100)
    assert told[1:] == ["L1 filled 1@100", "s filled 1@100", "L2 shows 2"]
    told = hit(venue, "b", B, BUY, 1, 130)
    assert "L2 filled 1@130" not in told  # the ask of 120 stands before it
    hit(venue, "c", B, BUY, 11, 130, account_id=3)
    assert excess(venue) == [1, 2, 0, 0]
    hit(venue, "t", B, SELL, 1, 120)
    assert excess(venue)[2:] == [1, 0]
    assert hit(venue, "d", A, BUY, 1, 110)[-1] == "P filled 1@-150"
    check(view(venue))
    assert replayed(venue).state_hash() == venue.exchange.state_hash()


def test_a_leg_without_a_limit_waits_for_its_book(venue: Venue) -> None:
    work(venue, legs=(LEGS[0], Leg(B, SELL, LOT)))
    hit(venue, "s", A, SELL, 2, 100)
    assert lots_at_work(venue, B) == ([], [])
    assert hit(venue, "b", B, BUY, 1, 50)[-1] == "P filled 1@50"
    assert hit(venue, "c", B, BUY, 5, 60)[-1] == "P filled 1@40"
    assert excess(venue) == [0, 0]
    assert lots_at_work(venue, B) == ([(60, 4)], [])


def test_a_first_leg_without_a_limit_takes_what_its_book_offers(venue: Venue) -> None:
    legs = (Leg(A, BUY, LOT), LEGS[1])
    quote(venue, A, 90, 100, lots=2)
    assert "L1 filled 2@100" in work(venue, legs=legs)
    assert "L1 filled 1@110" in hit(venue, "s", A, SELL, 1, 110)
    assert lots_at_work(venue, B) == ([], [(130, 3)])


def test_a_net_price_bounds_the_last_leg_exactly(venue: Venue) -> None:
    legs = (Leg(A, BUY, 2 * LOT, 100), Leg(B, SELL, LOT, 10))
    work(venue, legs=legs, units=2, net_price=100)
    hit(venue, "s", A, SELL, 1, 100)
    venue.do(
        package_commands.replace_package, account_id=1, client_order_id="p", leg_prices={1: 110}
    )
    hit(venue, "t", A, SELL, 1, 110)
    # Both lots cost 210: one unit may be sold for no less than 110.
    assert lots_at_work(venue, B) == ([], [(110, 1)])
    hit(venue, "u", A, SELL, 1, 110)
    # 3 lots at 320/3 on average, 213 1/3 for a unit: 113 1/3 at least, whole ticks up.
    assert lots_at_work(venue, B) == ([], [(120, 1)])
    assert hit(venue, "b", B, BUY, 1, 120)[-1] == "P filled 1@90"
    hit(venue, "v", A, SELL, 1, 110)
    # All 4 cost 430 and 120 is back: two units may cost 200, so 110 more is to come in.
    assert lots_at_work(venue, B) == ([], [(110, 1)])
    assert hit(venue, "c", B, BUY, 1, 110)[-1] == "P filled 1@110"
    assert status(venue) == FILLED


def test_a_last_leg_takes_no_more_levels_than_its_net_price_allows(venue: Venue) -> None:
    for price in (150, 140, 120):
        hit(venue, f"b{price}", B, BUY, 1, price)
    quote(venue, A, 90, 100)
    work(venue, legs=(Leg(A, BUY, LOT, 100), Leg(B, SELL, LOT)), units=3, net_price=-40)
    assert view(venue).order.cumulative_quantity == 2 * UNIT
    assert lots_at_work(venue, B) == ([(120, 1)], [])


@pytest.mark.parametrize(
    ("constraint", "told"),
    [
        ((kinds.CONSTRAINT_MAX_SPREAD, 1, 2, 30, 0), "P filled 1@-30"),
        ((kinds.CONSTRAINT_MAX_SPREAD, 1, 2, 29, 0), "s filled 1@100"),
        ((kinds.CONSTRAINT_RATIO_BAND, 2, 1, 13 * 10**8, 2 * 10**9), "P filled 1@-30"),
        ((kinds.CONSTRAINT_RATIO_BAND, 1, 2, 8 * 10**8, 2 * 10**9), "s filled 1@100"),
        ((kinds.CONSTRAINT_MAX_DEVIATION, 2, 1, 3_000, 0), "P filled 1@-30"),
        ((kinds.CONSTRAINT_MAX_DEVIATION, 2, 1, 2_999, 0), "s filled 1@100"),
    ],
)
def test_a_following_leg_keeps_its_constraints(
    venue: Venue, constraint: tuple[int, int, int, int, int], told: str
) -> None:
    quote(venue, B, 130, 140)
    work(venue, constraints=[constraint])
    assert hit(venue, "s", A, SELL, 1, 100)[-1] == told
    assert lots_at_work(venue, B)[1] == [(140, 10)]


def test_a_constraint_ends_a_sweep_before_the_level_that_breaks_it(venue: Venue) -> None:
    for price in (130, 120, 110):
        hit(venue, f"b{price}", B, BUY, 1, price)
    legs = (LEGS[0], Leg(B, SELL, LOT, 100))
    work(
        venue,
        legs=legs,
        units=3,
        constraints=[(kinds.CONSTRAINT_RATIO_BAND, 2, 1, 12 * 10**8, 2 * 10**9)],
    )
    hit(venue, "s", A, SELL, 3, 100)
    assert view(venue).order.cumulative_quantity == 2 * UNIT
    assert lots_at_work(venue, B) == ([(110, 1)], [])


def test_a_leg_that_a_constraint_keeps_from_trading_does_not_cross_its_book(venue: Venue) -> None:
    hit(venue, "b", B, BUY, 1, 190)
    work(venue, constraints=[(kinds.CONSTRAINT_MAX_SPREAD, 1, 2, 30, 0)])
    hit(venue, "s", A, SELL, 1, 100)
    assert lots_at_work(venue, B) == ([(190, 1)], [])
    venue.cancel("b", account_id=2)
    assert lots_at_work(venue, B) == ([], [(130, 1)])


def test_a_simultaneous_package_trades_with_a_leg_that_rests(venue: Venue) -> None:
    work(venue)
    quote(venue, B, 50, 120)
    terms = {"account_id": 3, "legs": (Leg(A, SELL, LOT), Leg(B, BUY, LOT))}
    assert enter(venue, "x", **terms)[-2:] == ["P filled 1@20", "L2 shows 1"]


def test_trades_of_legs_are_not_busted(venue: Venue) -> None:
    work(venue)
    hit(venue, "s", A, SELL, 1, 100)
    venue.do(admin_commands.bust_trade, trade_id=1)
    assert venue.result.reject_reason == enums.REJECT_REASON_NOT_SUPPORTED
