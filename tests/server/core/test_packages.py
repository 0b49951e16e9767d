"""Multi-leg orders trade all legs in one step, at prices that hold, or leave no trace."""

from typing import Any

import pytest

from quantumcore.server.core import enums, kinds, order_commands, package_commands
from quantumcore.server.core.package_commands import Leg
from tests.server.core.packages import LOT, PAIR, UNIT, A, B, brief, enter, listed, quote, view
from tests.server.core.venue import BUY, SELL, Venue

IOC, FOK = enums.TIME_IN_FORCE_IOC, enums.TIME_IN_FORCE_FOK
RATIO_BAND = kinds.CONSTRAINT_RATIO_BAND


@pytest.fixture
def venue() -> Venue:
    return listed()


def test_all_legs_trade_in_one_step(venue: Venue) -> None:
    quote(venue, A, 90, 100)
    quote(venue, B, 130, 140)
    assert enter(venue, units=3) == [
        "P accepted", "L1 accepted", "L2 accepted",
        "3-2-100 filled 3@100", "L1 filled 3@100",
        "4-1-130 filled 3@130", "L2 filled 3@130",
        "P filled 3@-30",
    ]  # fmt: skip
    assert venue.exchange.position(1, A) == 3 * LOT
    assert venue.exchange.position(1, B) == -3 * LOT
    assert view(venue).order.status == enums.ORDER_STATUS_FILLED
    assert {leg.status for leg in view(venue).legs} == {enums.ORDER_STATUS_FILLED}
    assert venue.exchange.working_orders == 4


def test_a_package_that_finds_one_leg_only_leaves_no_trace(venue: Venue) -> None:
    quote(venue, A, 90, 100)
    before = venue.book(A), venue.book(B), venue.exchange.position(1, A)
    assert enter(venue, time_in_force=FOK) == ["p rejected 91"]
    assert (venue.book(A), venue.book(B), venue.exchange.position(1, A)) == before
    assert venue.exchange.working_orders == 2
    assert venue.exchange.find_order(1, "p") == 0


@pytest.mark.parametrize(
    ("net", "told"), [(-30, "P filled 1@-30"), (-31, "p rejected 91"), (0, "P filled 1@-30")]
)
def test_a_unit_trades_at_its_net_price_or_better(venue: Venue, net: int, told: str) -> None:
    quote(venue, A, 90, 100)
    quote(venue, B, 130, 140)
    assert enter(venue, net_price=net, time_in_force=IOC)[-1] == told


def test_units_stop_where_the_next_would_cost_too_much(venue: Venue) -> None:
    quote(venue, A, 90, 100, lots=2)
    quote(venue, A, 80, 110, lots=2)
    quote(venue, B, 130, 140, lots=10)
    told = enter(venue, units=5, min_units=1, net_price=-30, time_in_force=IOC)
    assert told[-4:] == ["P filled 2@-30", "L1 cancelled 16", "L2 cancelled 16", "P cancelled 3"]
    more = enter(venue, "q", units=5, min_units=1, net_price=-20, time_in_force=IOC)
    assert more[-4] == "P filled 2@-20"


def test_fewer_units_than_the_least_do_not_trade(venue: Venue) -> None:
    quote(venue, A, 90, 100, lots=2)
    quote(venue, B, 130, 140)
    assert enter(venue, units=5, min_units=3, time_in_force=IOC) == ["p rejected 91"]
    assert enter(venue, "q", units=5, min_units=2, time_in_force=IOC)[7] == "P filled 2@-30"
    assert enter(venue, "r", units=5, min_units=1, time_in_force=FOK) == ["r rejected 91"]


def test_a_unit_takes_its_lots_across_levels(venue: Venue) -> None:
    quote(venue, A, 80, 100, lots=1)
    quote(venue, A, 70, 110, lots=5)
    quote(venue, B, 130, 140)
    legs = (Leg(A, BUY, 3 * LOT), Leg(B, SELL, LOT))
    assert enter(venue, legs=legs)[3:] == [
        "3-2-100 filled 1@100", "L1 filled 1@100", "3-2-110 filled 2@110", "L1 filled 2@110",
        "4-1-130 filled 1@130", "L2 filled 1@130", "P filled 1@190",
    ]  # fmt: skip


def test_both_sides_of_one_book_can_be_legs(venue: Venue) -> None:
    quote(venue, A, 90, 100)
    legs = (Leg(A, BUY, LOT), Leg(A, SELL, LOT))
    assert enter(venue, legs=legs)[-1] == "P filled 1@10"
    assert venue.exchange.position(1, A) == 0


def test_a_legs_own_limit_holds(venue: Venue) -> None:
    quote(venue, A, 90, 100)
    quote(venue, B, 130, 140)
    legs = (Leg(A, BUY, LOT, 90), Leg(B, SELL, LOT))
    assert enter(venue, legs=legs, time_in_force=IOC) == ["p rejected 91"]
    legs = (Leg(A, BUY, LOT, 100), Leg(B, SELL, LOT, 130))
    assert enter(venue, "q", legs=legs, time_in_force=IOC)[-1] == "P filled 1@-30"


@pytest.mark.parametrize(
    ("constraint", "holds"),
    [
        ((RATIO_BAND, 2, 1, 1_300_000_000, 1_300_000_000), True),
        ((RATIO_BAND, 2, 1, 1_300_000_001, 2_000_000_000), False),
        ((RATIO_BAND, 1, 2, 769_230_769, 769_230_770), True),
        ((RATIO_BAND, 1, 2, 0, 769_230_769), False),
        ((kinds.CONSTRAINT_MAX_DEVIATION, 2, 1, 3_000, 0), True),
        ((kinds.CONSTRAINT_MAX_DEVIATION, 2, 1, 2_999, 0), False),
        ((kinds.CONSTRAINT_MAX_SPREAD, 1, 2, 30, 0), True),
        ((kinds.CONSTRAINT_MAX_SPREAD, 1, 2, 29, 0), False),
    ],
)
def test_price_constraints_are_exact(
    venue: Venue, constraint: tuple[int, int, int, int, int], holds: bool
) -> None:
    quote(venue, A, 90, 100)
    quote(venue, B, 130, 140)
    told = enter(venue, constraints=[constraint], time_in_force=IOC)
    assert told[-1] == ("P filled 1@-30" if holds else "p rejected 92")


def test_a_package_waits_and_trades_when_a_book_gets_better(venue: Venue) -> None:
    quote(venue, A, 90, 100)
    assert enter(venue, units=2) == ["P accepted", "L1 accepted", "L2 accepted"]
    assert view(venue).order.leaves_quantity == 2 * UNIT
    events = venue.do(
        order_commands.create_order, account_id=3, instrument_id=B, client_order_id="bid",
        side=BUY, quantity=5 * LOT, price=120,
    )  # fmt: skip
    assert brief(events) == [
        "bid accepted",
        "3-2-100 filled 2@100", "L1 filled 2@100", "bid filled 2@120", "L2 filled 2@120",
        "P filled 2@-20",
    ]  # fmt: skip


def test_packages_are_tried_in_order_of_entry(venue: Venue) -> None:
    quote(venue, A, 90, 100)
    for name in ("p", "q"):
        enter(venue, name)
    venue.order("bid", BUY, LOT, 120, account_id=3, instrument_id=B)
    statuses = [view(venue, name).order.status for name in ("p", "q")]
    assert statuses == [enums.ORDER_STATUS_FILLED, enums.ORDER_STATUS_NEW]


def test_whole_units_trade_one_after_the_other_where_that_is_allowed(venue: Venue) -> None:
    quote(venue, A, 90, 100)
    enter(venue, units=3, min_units=1)
    venue.order("bid", BUY, LOT, 120, account_id=3, instrument_id=B)
    assert view(venue).order.cumulative_quantity == UNIT
    assert view(venue).order.status == enums.ORDER_STATUS_PARTIALLY_FILLED
    assert [leg.cumulative_quantity for leg in view(venue).legs] == [LOT, LOT]
    venue.order("more", BUY, 2 * LOT, 130, account_id=3, instrument_id=B)
    assert view(venue).order.status == enums.ORDER_STATUS_FILLED


@pytest.mark.parametrize(
    ("mode", "told"),
    [
        (enums.SELF_TRADE_PREVENTION_NONE, "P filled 1@-20"),
        (enums.SELF_TRADE_PREVENTION_CANCEL_OLDEST, "P filled 1@-20"),
        (enums.SELF_TRADE_PREVENTION_CANCEL_NEWEST, "p rejected 91"),
        (enums.SELF_TRADE_PREVENTION_CANCEL_BOTH, "p rejected 91"),
    ],
)
def test_a_package_does_not_trade_with_its_owner(venue: Venue, mode: int, told: str) -> None:
    venue.order("own", SELL, LOT, 90, instrument_id=A)
    quote(venue, A, 80, 110)
    quote(venue, B, 130, 140)
    assert enter(venue, time_in_force=IOC, self_trade_prevention=mode)[-1] == told
    own = venue.exchange.order(venue.exchange.find_order(1, "own"))
    cancelled = mode == enums.SELF_TRADE_PREVENTION_CANCEL_OLDEST
    assert own is not None
    assert own.status == (enums.ORDER_STATUS_CANCELLED if cancelled else enums.ORDER_STATUS_NEW)


def test_hidden_quantity_counts_and_reduce_only_orders_do_not(venue: Venue) -> None:
    iceberg = {"order_type": enums.ORDER_TYPE_ICEBERG, "display_quantity": LOT}
    venue.order("ice", SELL, 5 * LOT, 100, account_id=2, instrument_id=A, **iceberg)
    quote(venue, B, 130, 140)
    assert enter(venue, units=5, time_in_force=FOK)[-1] == "P filled 5@-30"
    venue.order("out", SELL, 2 * LOT, 100, instrument_id=A, reduce_only=True)
    third: dict[str, Any] = {"account_id": 3, "legs": PAIR, "time_in_force": FOK}
    (event,) = brief(
        venue.do(package_commands.create_package, client_order_id="x", units=1, **third)
    )
    assert event == "x rejected 91"


def test_a_replay_gives_the_same_packages(venue: Venue) -> None:
    quote(venue, A, 90, 100)
    enter(venue, units=3, min_units=1)
    venue.order("bid", BUY, LOT, 120, account_id=3, instrument_id=B)
    enter(venue, "refused", legs=PAIR[:1])
    again = Venue.__new__(Venue)
    from quantumcore.server.core.exchange_cy import Exchange

    again.exchange = Exchange()
    for time_ns, block in venue.blocks:
        again.exchange.replay(memoryview(bytearray(block)), time_ns)
    assert again.exchange.state_hash() == venue.exchange.state_hash()
