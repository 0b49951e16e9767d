"""Sequential orders work their legs in order; what cannot be completed, their policy decides."""

from typing import Any

import pytest

from quantumcore.server.core import (
    admin_commands,
    enums,
    kinds,
    order_commands,
    package_commands,
)
from quantumcore.server.core.package_commands import Leg
from tests.server.core.packages import (
    LISTED,
    LOT,
    UNIT,
    A,
    B,
    brief,
    enter,
    listed,
    quote,
    view,
)
from tests.server.core.sequential import (
    COMPLETE,
    HOLD,
    LEGS,
    MS,
    UNWIND,
    advance,
    cancel,
    check,
    excess,
    hit,
    lots_at_work,
    replayed,
    status,
    work,
)
from tests.server.core.venue import BUY, SELL, Venue

FILLED, CANCELLED = enums.ORDER_STATUS_FILLED, enums.ORDER_STATUS_CANCELLED
PARTLY, UNWINDING = enums.ORDER_STATUS_PARTIALLY_FILLED, enums.ORDER_STATUS_UNWINDING
UNWOUND, EXPIRED = enums.ORDER_STATUS_UNWOUND, enums.ORDER_STATUS_EXPIRED
HALTED, CONTINUOUS = enums.TRADING_PHASE_HALTED, enums.TRADING_PHASE_CONTINUOUS
CLOSED = enums.TRADING_PHASE_CLOSED
IOC = enums.TIME_IN_FORCE_IOC
EACH_POLICY = pytest.mark.parametrize("policy", [UNWIND, HOLD, COMPLETE])


@pytest.fixture
def venue() -> Venue:
    return listed()


def positions(venue: Venue) -> list[int]:
    return [venue.exchange.position(1, instrument) // LOT for instrument in (A, B)]


def exposed(venue: Venue, policy: int = UNWIND, **terms: Any) -> None:
    """Bring an order of 5 units to where leg 1 has traded 2 and leg 2 none."""
    work(venue, policy=policy, **terms)
    hit(venue, "s", A, SELL, 2, 100)
    assert excess(venue) == [2, 0]


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
    cancel_leg_1_and_quote(venue, bid)
    advance(venue, 10 * MS)
    assert excess(venue) == [left, 0]
    assert status(venue) == UNWOUND
    assert positions(venue) == [left, 0]


def cancel_leg_1_and_quote(venue: Venue, bid: int) -> None:
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


@pytest.mark.parametrize(
    ("policy", "ends", "left"),
    [(UNWIND, UNWOUND, [0, 0]), (HOLD, CANCELLED, [2, 0]), (COMPLETE, CANCELLED, [0, 0])],
)
def test_a_cancel_ends_the_order_in_its_own_command(
    venue: Venue, policy: int, ends: int, left: list[int]
) -> None:
    exposed(venue, policy)
    hit(venue, "bid", A, BUY, 2, 90)
    hit(venue, "b", B, BUY, 2, 110)
    told = cancel(venue)
    assert told[-1].startswith("P ")
    assert (status(venue), excess(venue)) == (ends, left)
    assert venue.result.status == ends
    assert view(venue).order.cancel_reason == enums.CANCEL_REASON_REQUESTED
    assert cancel(venue) == [f"p cancel refused {enums.REJECT_REASON_TOO_LATE_TO_CANCEL}"]
    assert view(venue).order.cumulative_quantity == (2 * UNIT if policy == COMPLETE else 0)
    assert lots_at_work(venue, B)[1] == []
    check(view(venue))


@EACH_POLICY
def test_a_cancel_of_what_is_level_is_a_plain_cancel(venue: Venue, policy: int) -> None:
    exposed(venue, policy)
    hit(venue, "b", B, BUY, 2, 130)
    assert cancel(venue) == ["L1 cancelled 16", "L2 cancelled 16", "P cancelled 1"]
    assert view(venue).order.cumulative_quantity == 2 * UNIT


@EACH_POLICY
def test_mass_cancels_and_kill_switches_count_an_order_once(venue: Venue, policy: int) -> None:
    exposed(venue, policy)
    venue.do(order_commands.cancel_orders, account_id=1)
    assert venue.result.affected == 1
    exposed_again = work(venue, "q", policy=policy)
    assert exposed_again[0] == "P accepted"
    hit(venue, "s2", A, SELL, 1, 100)
    venue.kill(1)
    assert venue.exchange.working_orders == 0
    for name in ("p", "q"):
        assert status(venue, name) in {UNWOUND, CANCELLED}
        check(view(venue, name))


def test_a_dated_order_expires_as_its_policy_says(venue: Venue) -> None:
    terms = {"time_in_force": enums.TIME_IN_FORCE_GTD, "expire_time_ns": venue.now + MS}
    exposed(venue, HOLD, **terms)
    assert advance(venue, MS)[-1] == f"P expired {enums.CANCEL_REASON_EXPIRE_TIME}"
    assert (status(venue), excess(venue)) == (EXPIRED, [2, 0])


@pytest.mark.parametrize(("policy", "ends"), [(UNWIND, UNWOUND), (HOLD, EXPIRED)])
def test_a_day_order_ends_with_the_first_instrument_that_closes(
    venue: Venue, policy: int, ends: int
) -> None:
    exposed(venue, policy, time_in_force=enums.TIME_IN_FORCE_DAY)
    hit(venue, "bid", A, BUY, 2, 90)
    venue.set_phase(CLOSED, B)
    assert status(venue) == ends
    assert view(venue).order.cancel_reason == enums.CANCEL_REASON_END_OF_DAY
    assert excess(venue) == ([0, 0] if policy == UNWIND else [2, 0])


def test_a_halt_of_a_leg_sets_the_policy_to_work(venue: Venue) -> None:
    exposed(venue)
    hit(venue, "bid", A, BUY, 1, 90)
    venue.set_phase(HALTED, B)
    assert (status(venue), excess(venue)) == (UNWOUND, [1, 0])
    assert view(venue).order.cancel_reason == enums.CANCEL_REASON_INSTRUMENT_STATUS


def test_an_unwind_waits_for_a_halted_instrument(venue: Venue) -> None:
    exposed(venue)
    venue.set_phase(HALTED, A)
    assert (status(venue), excess(venue)) == (UNWINDING, [2, 0])
    assert lots_at_work(venue, B) == ([], [])
    advance(venue, 20 * MS)
    assert status(venue) == UNWINDING
    venue.set_phase(CONTINUOUS, A)
    assert (status(venue), excess(venue)) == (UNWOUND, [2, 0])


def test_an_unwind_that_waits_is_ended_by_a_cancel_or_a_close(venue: Venue) -> None:
    exposed(venue)
    venue.set_phase(HALTED, A)
    assert cancel(venue)[-1] == f"P unwound {enums.CANCEL_REASON_INSTRUMENT_STATUS}"
    assert excess(venue) == [2, 0]
    venue.set_phase(CONTINUOUS, A)
    work(venue, "q")
    hit(venue, "t", A, SELL, 1, 100)
    venue.set_phase(HALTED, A)
    assert status(venue, "q") == UNWINDING
    venue.set_phase(CLOSED, A)
    assert status(venue, "q") == UNWOUND


def test_an_order_that_is_level_steps_aside_while_an_instrument_does_not_trade(
    venue: Venue,
) -> None:
    work(venue)
    assert venue.set_phase(HALTED, B)[-1].endswith("leg moved shows 0")
    assert lots_at_work(venue, A) == ([], [])
    assert status(venue) == enums.ORDER_STATUS_NEW
    venue.set_phase(CONTINUOUS, B)
    assert lots_at_work(venue, A) == ([(100, 5)], [])


def test_legs_take_no_part_in_auctions(venue: Venue) -> None:
    exposed(venue)
    venue.set_phase(enums.TRADING_PHASE_VOLATILITY_AUCTION, A)
    assert lots_at_work(venue, A) == ([], [])
    assert lots_at_work(venue, B) == ([], [(130, 2)])
    assert status(venue) == PARTLY
    hit(venue, "t", A, SELL, 2, 90)
    venue.set_phase(CONTINUOUS, A)
    assert excess(venue) == [4, 0]
    assert view(venue).legs[0].cumulative_tick_lots == 2 * 10 + 2 * 9


def test_an_instrument_that_expires_ends_the_order(venue: Venue) -> None:
    venue.do(admin_commands.create_instrument, **LISTED, expiry_time_ns=venue.now + MS)
    exposed(venue, legs=(LEGS[0], Leg(5, SELL, LOT, 130)))
    hit(venue, "bid", A, BUY, 2, 90)
    told = advance(venue, MS)
    assert told[-1] == f"P unwound {enums.CANCEL_REASON_INSTRUMENT_STATUS}"
    assert excess(venue) == [0, 0]


@pytest.mark.parametrize(
    ("policy", "ends"), [(UNWIND, UNWOUND), (HOLD, UNWINDING), (COMPLETE, UNWINDING)]
)
def test_self_trade_prevention_of_a_following_leg_sets_the_policy_to_work(
    venue: Venue, policy: int, ends: int
) -> None:
    venue.order("own", BUY, 2 * LOT, 140, account_id=1, instrument_id=B)
    hit(venue, "bid", A, BUY, 2, 90)
    work(venue, policy=policy, self_trade_prevention=enums.SELF_TRADE_PREVENTION_CANCEL_NEWEST)
    hit(venue, "s", A, SELL, 2, 100)
    assert status(venue) == ends
    assert venue.find("own").status == enums.ORDER_STATUS_NEW
    assert excess(venue) == ([0, 0] if policy == UNWIND else [2, 0])
    cancel(venue)
    assert status(venue) in {UNWOUND, CANCELLED}
    check(view(venue))


def test_oldest_of_ones_own_orders_gives_way_to_a_leg(venue: Venue) -> None:
    venue.order("own", BUY, 2 * LOT, 140, account_id=1, instrument_id=B)
    work(venue, self_trade_prevention=enums.SELF_TRADE_PREVENTION_CANCEL_OLDEST)
    hit(venue, "s", A, SELL, 2, 100)
    assert venue.find("own").status == CANCELLED
    assert lots_at_work(venue, B) == ([], [(130, 2)])


@pytest.mark.parametrize(
    "prevention",
    [
        enums.SELF_TRADE_PREVENTION_CANCEL_OLDEST,
        enums.SELF_TRADE_PREVENTION_CANCEL_BOTH,
        enums.SELF_TRADE_PREVENTION_DECREMENT_AND_CANCEL,
    ],
)
def test_a_leg_that_rests_is_taken_out_by_an_order_of_its_owner(
    venue: Venue, prevention: int
) -> None:
    work(venue)
    venue.order(
        "own", SELL, LOT, 100, account_id=1, instrument_id=A, self_trade_prevention=prevention
    )
    assert status(venue) == CANCELLED
    assert view(venue).order.cancel_reason == enums.CANCEL_REASON_SELF_TRADE_PREVENTION
    venue.cancel("own")
    work(venue, "q", policy=HOLD)
    hit(venue, "s", A, SELL, 1, 100)
    venue.order(
        "again", BUY, LOT, 130, account_id=1, instrument_id=B, self_trade_prevention=prevention
    )
    assert (status(venue, "q"), excess(venue, "q")) == (UNWINDING, [1, 0])
    venue.do(
        package_commands.replace_package, account_id=1, client_order_id="q", leg_prices={2: 150}
    )
    assert lots_at_work(venue, B)[1] == [(150, 1)]


def test_a_leg_that_finds_no_room_sets_the_policy_to_work() -> None:
    venue = Venue(live_order_capacity=4)
    for _ in (A, B):
        venue.do(admin_commands.create_instrument, **LISTED)
    hit(venue, "bid", A, BUY, 1, 90)
    work(venue)
    for number in range(2):
        hit(venue, f"b{number}", B, BUY, 1, 10)
    venue.order("s", SELL, LOT, 100, account_id=2, instrument_id=A, time_in_force=IOC)
    assert (status(venue), excess(venue)) == (UNWOUND, [0, 0])
    assert view(venue).order.cancel_reason == enums.CANCEL_REASON_CAPACITY_EXHAUSTED


@pytest.mark.parametrize(
    ("policy", "ends", "left"),
    [(UNWIND, UNWOUND, [0, 0]), (HOLD, CANCELLED, [1, 0]), (COMPLETE, CANCELLED, [1, 0])],
)
def test_an_immediate_order_never_rests(
    venue: Venue, policy: int, ends: int, left: list[int]
) -> None:
    quote(venue, A, 90, 100, lots=3)
    hit(venue, "b", B, BUY, 2, 130)
    told = work(venue, policy=policy, time_in_force=IOC)
    assert (status(venue), excess(venue)) == (ends, left)
    assert view(venue).order.cumulative_quantity == 2 * UNIT
    assert view(venue).order.cancel_reason == enums.CANCEL_REASON_IMMEDIATE_OR_CANCEL
    assert not any("shows" in event for event in told)


def test_an_immediate_order_that_finds_nothing_is_cancelled(venue: Venue) -> None:
    assert work(venue, time_in_force=IOC)[3:] == [
        "L1 cancelled 16",
        "L2 cancelled 16",
        "P cancelled 3",
    ]


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


def test_units_may_change_while_exposed_but_not_below_what_has_begun(venue: Venue) -> None:
    exposed(venue)
    told = brief(
        venue.do(package_commands.replace_package, account_id=1, client_order_id="p", units=1)
    )
    assert told == ["L1 shows 0", "L2 shows 0", "P replaced", "L1 replaced excess 2",
                    "L2 replaced", "L2 shows 2"]  # fmt: skip
    assert view(venue).order.quantity == 2 * UNIT
    assert view(venue).legs[0].status == FILLED
    venue.do(package_commands.replace_package, account_id=1, client_order_id="p", units=3)
    assert lots_at_work(venue, A) == ([(100, 1)], [])
    hit(venue, "b", B, BUY, 2, 130)
    venue.do(package_commands.replace_package, account_id=1, client_order_id="p", units=2)
    assert status(venue) == FILLED
    assert venue.exchange.working_orders == 0


def test_nothing_changes_while_an_unwind_is_at_work(venue: Venue) -> None:
    exposed(venue)
    venue.set_phase(HALTED, A)
    venue.do(package_commands.replace_package, account_id=1, client_order_id="p", net_price=10)
    assert venue.result.reject_reason == enums.REJECT_REASON_WRONG_PHASE
    venue.set_phase(enums.TRADING_PHASE_VOLATILITY_AUCTION, A)
    venue.do(package_commands.replace_package, account_id=1, client_order_id="p", net_price=10)
    assert venue.result.reject_reason == enums.REJECT_REASON_TOO_LATE_TO_CANCEL


def test_limits_may_not_be_moved_to_where_two_legs_would_meet(venue: Venue) -> None:
    legs = (Leg(A, BUY, LOT, 100), Leg(A, SELL, LOT, 120))
    work(venue, legs=legs)
    for prices in ({1: 120}, {2: 100}, {1: None}):
        venue.do(
            package_commands.replace_package, account_id=1, client_order_id="p", leg_prices=prices
        )
        assert venue.result.reject_reason == enums.REJECT_REASON_DUPLICATE_LEG
    hit(venue, "s", A, SELL, 2, 100)
    assert lots_at_work(venue, A) == ([(100, 3)], [(120, 2)])


MODE = {"mode": enums.EXECUTION_MODE_SEQUENTIAL}
REQUIRED, OUTSIDE = enums.REJECT_REASON_FIELD_REQUIRED, enums.REJECT_REASON_VALUE_OUT_OF_RANGE
REFUSED, TERMS = enums.REJECT_REASON_FIELD_NOT_ALLOWED, enums.PACKAGE_FIELD_SEQUENTIAL_TERMS
WRONG: list[tuple[dict[str, Any], int, int, tuple[int, int]]] = [
    (MODE | {"sequential": None}, REQUIRED, TERMS, (0, 0)),
    (MODE | {"sequential": (0, 1, 0)}, REQUIRED, TERMS, (0, 0)),
    (MODE | {"sequential": (4, 1, 0)}, enums.REJECT_REASON_INVALID_ENUM, TERMS, (0, 4)),
    (MODE | {"sequential": (1, 0, 0)}, REQUIRED, TERMS, (0, 0)),
    (MODE | {"sequential": (1, 86_400_001, 0)}, OUTSIDE, TERMS, (86_400_000, 86_400_001)),
    (MODE | {"sequential": (1, 1, 10_001)}, OUTSIDE, TERMS, (10_000, 10_001)),
    (MODE | {"min_units": 1}, REFUSED, enums.PACKAGE_FIELD_MIN_UNITS, (0, 1)),
    (
        MODE | {"time_in_force": enums.TIME_IN_FORCE_FOK},
        REFUSED, enums.PACKAGE_FIELD_TIME_IN_FORCE, (0, enums.TIME_IN_FORCE_FOK),
    ),
    ({"mode": enums.EXECUTION_MODE_SIMULTANEOUS}, REFUSED, TERMS, (0, 1)),
    (
        {"legs": (Leg(A, BUY, LOT, 100), Leg(A, SELL, LOT, 100))},
        enums.REJECT_REASON_DUPLICATE_LEG, 2 << 16 | enums.PACKAGE_FIELD_LEGS, (0, 1),
    ),
    (
        {"legs": (Leg(A, BUY, LOT, 100), Leg(B, SELL, LOT), Leg(A, SELL, LOT))},
        enums.REJECT_REASON_DUPLICATE_LEG, 3 << 16 | enums.PACKAGE_FIELD_LEGS, (0, 1),
    ),
]  # fmt: skip


@pytest.mark.parametrize(("terms", "reason", "field", "numbers"), WRONG)
def test_a_wrong_sequential_order_is_refused(
    venue: Venue, terms: dict[str, Any], reason: int, field: int, numbers: tuple[int, int]
) -> None:
    assert work(venue, **terms) == [f"p rejected {reason}"]
    result = venue.result
    assert (result.reject_field, result.limit, result.value) == (field, *numbers)
    assert venue.exchange.working_orders == 0
