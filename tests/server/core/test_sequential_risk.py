"""Every way that a half-done package goes on or ends, of an account with limits and a purse.

Account 1 has 50 minor units and 5 lots of B. It buys 5 lots of A at 10 each, then sells its B.
"""

from typing import Any

import pytest

from quantumcore.server.core import enums, order_commands, package_commands
from quantumcore.server.core.admin_commands import Terms
from quantumcore.server.core.package_commands import Leg
from tests.server.core.packages import LISTED, LOT, UNIT, A, B, view
from tests.server.core.risk_venue import ACCEPTED, Refused, RiskVenue, cash
from tests.server.core.sequential import (
    COMPLETE,
    HOLD,
    MS,
    UNWIND,
    advance,
    cancel,
    check,
    excess,
    hit,
    positions,
    status,
    work,
)
from tests.server.core.test_package_risk import (
    BALANCE,
    enter,
    hold,
    open_value,
    reserved,
    stand,
    venue_of_two,
)
from tests.server.core.venue import BUY, SELL

FILLED = enums.ORDER_STATUS_FILLED
PARTLY = enums.ORDER_STATUS_PARTIALLY_FILLED
CANCELLED = enums.ORDER_STATUS_CANCELLED
UNWINDING = enums.ORDER_STATUS_UNWINDING
UNWOUND = enums.ORDER_STATUS_UNWOUND
POSITION_LIMIT = enums.REJECT_REASON_POSITION_LIMIT
SEQUENTIAL = enums.EXECUTION_MODE_SEQUENTIAL


@pytest.fixture
def venue() -> RiskVenue:
    venue = venue_of_two(100)
    hold(venue, B, 5, 100)
    venue.limit(open_order_value=5 * (10 + 13))
    for instrument_id in (A, B):
        venue.limit(1, instrument_id, position_quantity=5 * LOT)
    return venue


def half_done(venue: RiskVenue, policy: int = UNWIND, **terms: Any) -> None:
    """Bring the package to where it has bought 2 lots of A and sold none of B."""
    work(venue, policy=policy, **terms)
    assert venue.refused == ACCEPTED
    assert stands(venue) == (50, 50, 115)
    hit(venue, "s", A, SELL, 2, 100)
    assert (positions(venue), excess(venue)) == ([2, 5], [2, 0])
    assert stands(venue) == (30, 30, 95)


def stands(venue: RiskVenue) -> tuple[int, int, int]:
    """Return cash, what of it is reserved, and the value of all that works."""
    money = venue.exchange.balance(1, 0, venue.now)
    assert money is not None
    assert money.available == money.cash - money.reserved
    return money.cash, money.reserved, money.open_order_value


def ended(venue: RiskVenue, ends: int, left: list[int], held: list[int], amount: int) -> None:
    """Assert how the package has ended, and that nothing of it is bound or counted any more."""
    found = view(venue)
    check(found)
    assert (found.order.status, excess(venue)) == (ends, left)
    assert positions(venue) == held
    assert stands(venue) == (amount, 0, 0)
    assert venue.exchange.working_orders == 0 or not found.order.leaves_quantity
    for instrument_id in (A, B):
        position = venue.exchange.position_view(1, instrument_id, venue.now)
        assert position is not None
        assert (position.buying_lots, position.selling_lots) == (0, 0)


@pytest.mark.parametrize("policy", [UNWIND, HOLD, COMPLETE])
def test_completed_package_has_paid_once_and_binds_nothing(venue: RiskVenue, policy: int) -> None:
    half_done(venue, policy)
    assert "L2 filled 2@130" in hit(venue, "b", B, BUY, 2, 130)
    assert stands(venue) == (30 + 26, 30, 69)
    hit(venue, "t", A, SELL, 3, 100)
    assert stands(venue) == (26, 0, 39)
    told = hit(venue, "c", B, BUY, 3, 130)
    assert "P filled 3@-30" in told
    ended(venue, FILLED, [0, 0], [5, 0], 65)


def test_deadline_unwinds_what_was_bought_and_gives_its_room_back(venue: RiskVenue) -> None:
    half_done(venue)
    hit(venue, "bid", A, BUY, 2, 90)
    told = advance(venue, 10 * MS)
    assert told[0] == "P unwinding"
    assert "L1 unwound 2@90" in told
    assert told[-1] == f"P unwound {enums.CANCEL_REASON_LEG_DEADLINE}"
    ended(venue, UNWOUND, [0, 0], [0, 5], 48)


def test_deadline_that_cannot_unwind_tells_what_is_left(venue: RiskVenue) -> None:
    half_done(venue)
    told = advance(venue, 10 * MS)
    assert told[-3:] == ["L1 cancelled 16 excess 2", "L2 cancelled 16", "P unwound 19"]
    ended(venue, UNWOUND, [2, 0], [2, 5], 30)


def test_hold_goes_on_past_its_deadline_with_the_same_money_bound(venue: RiskVenue) -> None:
    half_done(venue, HOLD)
    assert advance(venue, 10 * MS) == ["P unwinding", "L1 unwinding excess 2"]
    assert (status(venue), stands(venue)) == (UNWINDING, (30, 30, 95))
    hit(venue, "b", B, BUY, 2, 130)
    assert (status(venue), stands(venue)) == (PARTLY, (56, 30, 69))
    assert cancel(venue) == ["L1 cancelled 16", "L2 cancelled 16", "P cancelled 1"]
    ended(venue, CANCELLED, [0, 0], [2, 3], 56)


def test_completing_at_market_books_what_it_gets_and_binds_the_rest(venue: RiskVenue) -> None:
    half_done(venue, COMPLETE)
    hit(venue, "b", B, BUY, 2, 110)
    told = advance(venue, 10 * MS)
    assert "L2 filled 2@110" in told
    assert "P filled 2@-10" in told
    assert (status(venue), stands(venue)) == (PARTLY, (52, 30, 69))
    cancel(venue)
    ended(venue, CANCELLED, [0, 0], [2, 3], 52)


@pytest.mark.parametrize(
    ("policy", "ends", "left", "held", "amount"),
    [
        (UNWIND, UNWOUND, [0, 0], [0, 5], 48),
        (HOLD, CANCELLED, [2, 0], [2, 5], 30),
        (COMPLETE, CANCELLED, [0, 0], [2, 3], 52),
    ],
)
@pytest.mark.parametrize("end", ["cancel", "cancel all", "kill"])
def test_cancelled_half_way_it_ends_in_one_step(
    venue: RiskVenue,
    policy: int,
    ends: int,
    left: list[int],
    held: list[int],
    amount: int,
    end: str,
) -> None:
    half_done(venue, policy)
    hit(venue, "bid", A, BUY, 2, 90)
    hit(venue, "b", B, BUY, 2, 110)
    if end == "cancel":
        assert cancel(venue)[-1].startswith("P ")
    elif end == "kill":
        venue.kill(1)
    else:
        venue.do(order_commands.cancel_orders, account_id=1)
    ended(venue, ends, left, held, amount)


def test_halt_of_a_leg_unwinds_the_other_and_binds_nothing_more(venue: RiskVenue) -> None:
    half_done(venue)
    hit(venue, "bid", A, BUY, 2, 90)
    venue.set_phase(enums.TRADING_PHASE_HALTED, B)
    assert view(venue).order.cancel_reason == enums.CANCEL_REASON_INSTRUMENT_STATUS
    ended(venue, UNWOUND, [0, 0], [0, 5], 48)


@pytest.mark.parametrize("policy", [HOLD, COMPLETE])
def test_halt_of_a_leg_leaves_the_others_waiting_with_the_same_money_bound(
    venue: RiskVenue, policy: int
) -> None:
    half_done(venue, policy)
    venue.set_phase(enums.TRADING_PHASE_HALTED, B)
    assert (status(venue), excess(venue), stands(venue)) == (UNWINDING, [2, 0], (30, 30, 95))
    hit(venue, "t", A, SELL, 3, 100)
    assert (excess(venue), stands(venue)) == ([2, 0], (30, 30, 95))
    venue.set_phase(enums.TRADING_PHASE_CONTINUOUS, B)
    hit(venue, "b", B, BUY, 2, 130)
    assert positions(venue) == [5, 3]
    assert excess(venue) == [3, 0]


def test_what_is_refused_half_way_changes_nothing(venue: RiskVenue) -> None:
    half_done(venue)
    seen = view(venue).legs, excess(venue), status(venue), stands(venue)
    assert venue.ask("x", BUY, 5, 10).reason == BALANCE
    assert enter(venue, (Leg(A, BUY, LOT, 100), Leg(B, BUY, LOT, 10)), client_order_id="q").reason
    change = {"account_id": 1, "client_order_id": "p", "leg_prices": {1: 200}}
    venue.do(package_commands.replace_package, **change)
    assert venue.refused.reason
    assert (view(venue).legs, excess(venue), status(venue), stands(venue)) == seen


def test_leg_that_may_not_work_sets_the_policy_to_work_within_limits(venue: RiskVenue) -> None:
    venue.limit(open_order_value=200)
    venue.pay(13)
    venue.order("own", BUY, LOT, 130, instrument_id=B)
    assert venue.refused.reason == POSITION_LIMIT
    venue.limit(1, B, position_quantity=6 * LOT)
    venue.order("own", BUY, LOT, 130, instrument_id=B)
    hit(venue, "bid", A, BUY, 2, 90)
    newest = enums.SELF_TRADE_PREVENTION_CANCEL_NEWEST
    work(venue, self_trade_prevention=newest)
    hit(venue, "s", A, SELL, 2, 100)
    assert (status(venue), excess(venue), positions(venue)) == (UNWOUND, [0, 0], [0, 5])
    assert stands(venue) == (63 - 2, 13, 13)


SALE_FIRST = (Leg(B, SELL, LOT, 130), Leg(A, BUY, LOT, 100))


def sold_half(lots: int = 5) -> RiskVenue:
    """Return a venue where account 1 has sold 2 of its lots of B, to buy A; it had no money."""
    venue = venue_of_two(10 * lots)
    hold(venue, B, lots, 100)
    work(venue, legs=SALE_FIRST)
    assert (venue.refused, stands(venue)) == (ACCEPTED, (0, 0, 115))
    hit(venue, "b", B, BUY, 2, 130)
    return venue


def test_what_one_leg_has_brought_stays_bound_for_the_next() -> None:
    venue = sold_half()
    assert stands(venue) == (26, 20, 89)
    assert venue.ask("x", BUY, 5 * 7, 10) == Refused(BALANCE, 8, 6, 7)
    assert venue.pay(-7).reason == BALANCE
    assert venue.pay(-6) == ACCEPTED
    stand(venue, (A, 2, 100))
    assert stands(venue) == (0, 0, 69)
    assert view(venue).order.cumulative_quantity == 2 * UNIT


def test_change_half_way_is_held_to_what_is_left_to_be_paid() -> None:
    venue = sold_half(10)
    change = {"account_id": 1, "client_order_id": "p"}
    venue.do(package_commands.replace_package, **change, leg_prices={2: 130})
    assert venue.refused == ACCEPTED
    assert stands(venue)[:2] == (26, 26)
    venue.do(package_commands.replace_package, **change, leg_prices={2: 140})
    assert venue.refused.reason == BALANCE
    assert stands(venue)[:2] == (26, 26)


def test_change_of_what_is_level_is_held_to_no_more_than_it_was_let_in_for() -> None:
    """Reserved is rounded up for each unit, which is not to refuse what would be let in anew."""
    venue = venue_of_two(50)
    hold(venue, B, 5, 100)
    work(venue, legs=SALE_FIRST)
    change = {"account_id": 1, "client_order_id": "p"}
    venue.do(package_commands.replace_package, **change, leg_prices={2: 130})
    assert (venue.refused, stands(venue)) == (ACCEPTED, (0, 0, 130))
    venue.do(package_commands.replace_package, **change, leg_prices={2: 140})
    assert venue.refused == Refused(BALANCE, enums.AMEND_FIELD_UNITS, 0, 5)


def test_change_to_fewer_units_than_begun_is_held_to_those_begun() -> None:
    venue = sold_half()
    change = {"account_id": 1, "client_order_id": "p", "units": 0}
    venue.do(package_commands.replace_package, **change, leg_prices={2: 500})
    assert venue.refused.reason
    venue.do(package_commands.replace_package, **change | {"units": 1}, leg_prices={2: 500})
    assert venue.refused.reason == BALANCE
    assert stands(venue) == (26, 20, 89)


def test_leg_completed_ahead_of_a_halted_one_frees_nothing_that_the_halted_one_needs() -> None:
    venue = venue_of_two(100)
    venue.instrument(**LISTED)
    hold(venue, B, 2, 100)
    legs = (Leg(B, SELL, LOT, 100), Leg(A, BUY, LOT, 50), Leg(5, BUY, LOT, 40))
    work(venue, legs=legs, units=2, policy=COMPLETE)
    hit(venue, "b", B, BUY, 2, 100)
    assert stands(venue)[:2] == (100, 18)
    stand(venue, (5, 2, 40))
    venue.set_phase(enums.TRADING_PHASE_HALTED, A)
    assert excess(venue) == [2, 0, 2]
    assert stands(venue)[:2] == (92, 18)
    venue.set_phase(enums.TRADING_PHASE_CONTINUOUS, A)
    stand(venue, (A, 2, 50))
    assert (status(venue), stands(venue)) == (FILLED, (82, 0, 0))


def test_room_for_a_reversal_is_nobody_elses() -> None:
    venue = venue_of_two()
    hold(venue, A, 10, 100)
    venue.limit(1, A, position_quantity=10 * LOT)
    work(venue, legs=(Leg(A, SELL, LOT, 100), Leg(B, BUY, LOT, 100)))
    hit(venue, "b", A, BUY, 5, 100)
    again = {"instrument_id": A}
    assert venue.ask("x", BUY, LOT, 100, **again) == Refused(POSITION_LIMIT, 8, 10 * LOT, 11 * LOT)
    stand(venue, (A, 5, 100))
    advance(venue, 10 * MS)
    assert (status(venue), positions(venue)) == (UNWOUND, [10, 0])
    assert venue.ask("y", SELL, LOT, 200, **again) == ACCEPTED


@pytest.mark.parametrize(("policy", "reason"), [(UNWIND, BALANCE), (HOLD, 0)])
def test_what_may_be_reversed_is_not_sold_twice(policy: int, reason: int) -> None:
    venue = venue_of_two(100)
    hold(venue, B, 5, 100)
    work(venue, policy=policy, units=2)
    hit(venue, "s", A, SELL, 2, 100)
    assert venue.ask("x", SELL, 2 * LOT, 90, instrument_id=A).reason == reason
    hit(venue, "bid", A, BUY, 4, 90)
    advance(venue, 10 * MS)
    assert positions(venue) == [0, 5]
    assert status(venue) == (UNWOUND if policy == UNWIND else UNWINDING)


def test_account_whose_limits_are_set_half_way_is_held_to_what_it_may_reverse() -> None:
    venue = venue_of_two()
    hold(venue, A, 10, 100)
    work(venue, legs=(Leg(A, SELL, LOT, 100), Leg(B, BUY, LOT, 100)))
    hit(venue, "b", A, BUY, 2, 100)
    venue.limit(1, A, position_quantity=10 * LOT)
    again = {"instrument_id": A}
    assert venue.ask("x", BUY, LOT, 100, **again) == Refused(POSITION_LIMIT, 8, 10 * LOT, 11 * LOT)
    cancel(venue)
    assert (status(venue), excess(venue)) == (UNWOUND, [2, 0])
    assert venue.ask("x", BUY, 2 * LOT, 100, **again) == ACCEPTED
    venue.cancel_all()
    position = venue.exchange.position_view(1, A, venue.now)
    assert position is not None
    assert (position.lots, position.buying_lots, position.selling_lots) == (8, 0, 0)


def option(strike_ticks: int) -> Terms:
    kind = enums.INSTRUMENT_KIND_OPTION
    return Terms(kind=kind, underlying_id=A, strike_ticks=strike_ticks, weight=1)


def margin_venue(amount: int) -> RiskVenue:
    """Return a venue with calls 5 and 6 on A, strikes 9 and 11, for a margin account."""
    venue = venue_of_two()
    for strike in (9, 11):
        venue.instrument(**LISTED, terms=option(strike), expiry_time_ns=10**18)
    venue.account(margin_model=enums.MARGIN_MODEL_STRATEGY)
    venue.pay(amount)
    for instrument_id, last in ((A, 100), (5, 40), (6, 30)):
        venue.reference(instrument_id, last=last)
    return venue


@pytest.mark.parametrize("sides", [(BUY, SELL), (SELL, BUY)])
def test_margin_account_is_held_to_the_worst_that_it_passes_through(
    sides: tuple[int, int],
) -> None:
    """Sold first, the call is uncovered until the other is bought; bought first, it is paid."""
    legs = (Leg(5, sides[0], LOT, 40), Leg(6, sides[1], LOT, 30))
    terms: dict[str, Any] = {"legs": legs, "units": 5}
    venue = margin_venue(0)
    work(venue, **terms)
    assert venue.refused.reason == enums.REJECT_REASON_INSUFFICIENT_MARGIN
    needed = venue.refused.value
    assert venue.pay(needed - 1) == ACCEPTED
    work(venue, **terms)
    assert venue.refused.reason == enums.REJECT_REASON_INSUFFICIENT_MARGIN
    venue.pay(1)
    work(venue, **terms)
    assert venue.refused == ACCEPTED
    for number in range(5):
        for leg in legs:
            hit(venue, f"{number} {leg}", leg.instrument_id, 3 - leg.side, 1, leg.price or 0)
            margin = venue.exchange.margin(1, 0, venue.now, enums.MARGIN_MODEL_STRATEGY)
            assert margin is not None
            assert cash(venue) - margin.position_margin - reserved(venue) >= 0
    assert (status(venue), reserved(venue), open_value(venue)) == (FILLED, 0, 0)
