"""Sequential orders are cancelled, killed, halted, stopped and expire half way."""

import pytest

from quantumcore.server.core import admin_commands, enums, order_commands, package_commands
from quantumcore.server.core.package_commands import Leg
from tests.server.core.packages import LISTED, LOT, UNIT, A, B, listed, quote, view
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
    exposed,
    hit,
    lots_at_work,
    status,
    work,
)
from tests.server.core.venue import BUY, SELL, Venue

CANCELLED = enums.ORDER_STATUS_CANCELLED
PARTLY = enums.ORDER_STATUS_PARTIALLY_FILLED
UNWINDING = enums.ORDER_STATUS_UNWINDING
UNWOUND = enums.ORDER_STATUS_UNWOUND
EXPIRED = enums.ORDER_STATUS_EXPIRED
HALTED = enums.TRADING_PHASE_HALTED
CONTINUOUS = enums.TRADING_PHASE_CONTINUOUS
CLOSED = enums.TRADING_PHASE_CLOSED
IOC = enums.TIME_IN_FORCE_IOC
EACH_POLICY = pytest.mark.parametrize("policy", [UNWIND, HOLD, COMPLETE])


@pytest.fixture
def venue() -> Venue:
    return listed()


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


def test_completing_at_market_waits_for_a_halted_instrument(venue: Venue) -> None:
    exposed(venue, COMPLETE)
    hit(venue, "b", B, BUY, 2, 110)
    venue.set_phase(HALTED, B)
    assert (status(venue), excess(venue)) == (UNWINDING, [2, 0])
    assert lots_at_work(venue, A) == ([], [])
    venue.set_phase(CONTINUOUS, B)
    assert (status(venue), excess(venue)) == (enums.ORDER_STATUS_PARTIALLY_FILLED, [0, 0])
    assert lots_at_work(venue, A) == ([(100, 3)], [])


def test_what_is_held_comes_back_to_its_book_after_a_halt(venue: Venue) -> None:
    exposed(venue, HOLD)
    venue.set_phase(HALTED, B)
    assert (status(venue), lots_at_work(venue, B)) == (UNWINDING, ([], []))
    venue.set_phase(CONTINUOUS, B)
    assert (status(venue), lots_at_work(venue, B)[1]) == (UNWINDING, [(130, 2)])
    hit(venue, "b", B, BUY, 2, 130)
    assert status(venue) == enums.ORDER_STATUS_PARTIALLY_FILLED


def test_a_deadline_and_an_expiry_that_pass_together_end_the_order_once(venue: Venue) -> None:
    terms = {"time_in_force": enums.TIME_IN_FORCE_GTD, "expire_time_ns": venue.now + 20 * MS}
    exposed(venue, **terms)
    hit(venue, "bid", A, BUY, 2, 90)
    told = advance(venue, 30 * MS)
    assert [event for event in told if event.startswith("P ")] == [
        "P unwinding",
        f"P unwound {enums.CANCEL_REASON_LEG_DEADLINE}",
    ]
    assert excess(venue) == [0, 0]


def test_an_immediate_order_needs_all_its_instruments_to_trade(venue: Venue) -> None:
    venue.set_phase(enums.TRADING_PHASE_VOLATILITY_AUCTION, B)
    told = work(venue, time_in_force=IOC)
    assert told == [f"p rejected {enums.REJECT_REASON_WRONG_PHASE}"]
