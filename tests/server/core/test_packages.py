"""Multi-leg orders trade all legs in one step, at prices that hold, or leave no trace."""

from typing import Any

import pytest

from quantumcore.server.core import admin_commands, enums, kinds, order_commands, package_commands
from quantumcore.server.core.events import OrderEvent
from quantumcore.server.core.package_commands import Leg
from quantumcore.server.core.views import PackageView
from tests.server.core.venue import BUY, SELL, Venue

UNIT = kinds.UNIT
IOC, FOK, DAY = enums.TIME_IN_FORCE_IOC, enums.TIME_IN_FORCE_FOK, enums.TIME_IN_FORCE_DAY
RATIO_BAND = kinds.CONSTRAINT_RATIO_BAND
LOT = UNIT
A, B = 3, 4  # the instruments of these tests
PAIR = (Leg(A, BUY, LOT), Leg(B, SELL, LOT))
LISTED = {
    "tick_size": 10, "lot_size": LOT, "min_price": -1_000, "max_price": 10_000,
    "max_quantity": 200 * LOT, "protection_band": 30, "tick_value": 1,
}  # fmt: skip


@pytest.fixture
def venue() -> Venue:
    venue = Venue()
    for _ in (A, B):
        venue.do(admin_commands.create_instrument, **LISTED)
    return venue


def enter(venue: Venue, name: str = "p", **terms: Any) -> list[str]:
    """Enter a package for account 1; return its events in short."""
    values: dict[str, Any] = {"account_id": 1, "legs": PAIR, "units": 1} | terms
    return brief(venue.do(package_commands.create_package, client_order_id=name, **values))


def brief(events: list[Any]) -> list[str]:
    return [line(event) for event in events if isinstance(event, OrderEvent)]


def line(event: OrderEvent) -> str:
    """Return what happened to a package (P), a leg (L1 ...) or another order (its name)."""
    name = event.client_order_id
    if event.multi_leg_order_id:
        name = f"L{event.leg_number}" if event.leg_number else "P"
    what = {
        kinds.ORDER_ACCEPTED: "accepted", kinds.ORDER_FILLED: "filled",
        kinds.ORDER_CANCELLED: f"cancelled {event.cancel_reason}",
        kinds.ORDER_EXPIRED: f"expired {event.cancel_reason}",
        kinds.ORDER_REJECTED: f"rejected {event.reject_reason}",
        kinds.ORDER_RESTATED: f"restated {event.restatement}",
        kinds.ORDER_REPLACED: "replaced",
        kinds.REPLACE_REJECTED: f"replace refused {event.reject_reason}",
        kinds.CANCEL_REJECTED: f"cancel refused {event.reject_reason}",
    }[event.kind]  # fmt: skip
    if event.kind == kinds.ORDER_FILLED:
        scale = UNIT if name == "P" else LOT
        return f"{name} filled {event.last_quantity // scale}@{event.last_price}"
    return f"{name} {what}"


def quote(venue: Venue, instrument: int, bid: int, ask: int, lots: int = 10) -> None:
    """Let account 2 stand on both sides of a book."""
    for side, price in ((BUY, bid), (SELL, ask)):
        name = f"{instrument}-{side}-{price}"
        quantity, parties = lots * LOT, {"account_id": 2, "instrument_id": instrument}
        venue.order(name, side, quantity, price, **parties)


def view(venue: Venue, name: str = "p") -> PackageView:
    found = venue.exchange.package(venue.exchange.find_order(1, name))
    assert found is not None
    return found


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


def test_a_cancel_ends_package_and_legs(venue: Venue) -> None:
    enter(venue, units=2)
    cancel = venue.do(package_commands.cancel_package, account_id=1, client_order_id="p")
    assert brief(cancel) == ["L1 cancelled 16", "L2 cancelled 16", "P cancelled 1"]
    again = venue.do(package_commands.cancel_package, account_id=1, client_order_id="p")
    assert brief(again) == ["p cancel refused 26"]
    quote(venue, A, 90, 100)
    quote(venue, B, 130, 140)
    assert venue.exchange.position(1, A) == 0
    assert venue.exchange.working_orders == 4


def replace(venue: Venue, name: str = "p", **changes: Any) -> list[str]:
    return brief(
        venue.do(package_commands.replace_package, account_id=1, client_order_id=name, **changes)
    )


def test_a_new_net_price_lets_a_package_trade_at_once(venue: Venue) -> None:
    quote(venue, A, 90, 100)
    quote(venue, B, 130, 140)
    enter(venue, units=2, net_price=-40)
    assert view(venue).order.price == -40
    told = replace(venue, net_price=-30, new_client_order_id="q")
    assert told[:3] == ["P replaced", "L1 replaced", "L2 replaced"]
    assert told[-1] == "P filled 2@-30"
    assert view(venue, "q").order.price == -30
    assert {leg.client_order_id for leg in view(venue, "q").legs} == {"q"}


def test_new_units_and_leg_prices_hold(venue: Venue) -> None:
    quote(venue, A, 90, 100)
    enter(venue, units=2, legs=(Leg(A, BUY, LOT, 90), Leg(B, SELL, 2 * LOT)))
    replace(venue, units=3, leg_prices={1: None, 2: 120})
    legs = view(venue).legs
    assert [leg.quantity for leg in legs] == [3 * LOT, 6 * LOT]
    assert [(leg.has_price, leg.price) for leg in legs] == [(False, 0), (True, 120)]
    venue.order("low", BUY, 6 * LOT, 110, account_id=3, instrument_id=B)
    assert view(venue).order.cumulative_quantity == 0
    venue.order("high", BUY, 6 * LOT, 120, account_id=3, instrument_id=B)
    assert view(venue).order.cumulative_quantity == 3 * UNIT


def test_units_at_or_below_what_has_traded_end_a_package_as_filled(venue: Venue) -> None:
    quote(venue, A, 90, 100)
    quote(venue, B, 130, 140, lots=1)
    enter(venue, units=3, min_units=1)
    assert replace(venue, units=1) == ["P replaced", "L1 replaced", "L2 replaced"]
    order = view(venue).order
    assert (order.status, order.quantity) == (enums.ORDER_STATUS_FILLED, UNIT)
    assert {leg.status for leg in view(venue).legs} == {enums.ORDER_STATUS_FILLED}


def test_a_changed_package_goes_to_the_back(venue: Venue) -> None:
    quote(venue, A, 90, 100)
    for name in ("p", "q"):
        enter(venue, name)
    replace(venue, net_price=1000)
    venue.order("bid", BUY, LOT, 120, account_id=3, instrument_id=B)
    statuses = [view(venue, name).order.status for name in ("p", "q")]
    assert statuses == [enums.ORDER_STATUS_NEW, enums.ORDER_STATUS_FILLED]


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({}, enums.REJECT_REASON_NOTHING_TO_REPLACE),
        ({"units": 0}, enums.REJECT_REASON_QUANTITY_NOT_POSITIVE),
        ({"units": 201}, enums.REJECT_REASON_QUANTITY_TOO_LARGE),
        ({"leg_prices": {3: 10}}, enums.REJECT_REASON_VALUE_OUT_OF_RANGE),
        ({"leg_prices": {9: 10}}, enums.REJECT_REASON_VALUE_OUT_OF_RANGE),
        ({"leg_prices": {1: 11}}, enums.REJECT_REASON_PRICE_OFF_TICK),
        ({"new_client_order_id": "p"}, enums.REJECT_REASON_DUPLICATE_CLIENT_ORDER_ID),
    ],
)
def test_a_wrong_change_of_a_package_is_refused(
    venue: Venue, changes: dict[str, Any], reason: int
) -> None:
    enter(venue)
    before = view(venue)
    assert replace(venue, **changes) == [f"p replace refused {reason}"]
    assert view(venue)[1:] == before[1:]


def test_single_orders_and_packages_are_cancelled_each_by_its_own_command(venue: Venue) -> None:
    enter(venue)
    venue.order("single", BUY, LOT, 50, instrument_id=A)
    leg = view(venue).legs[0].order_id
    for name, order_id in (("p", 0), ("", leg)):
        (event,) = venue.do(
            order_commands.cancel_order, account_id=1, client_order_id=name, order_id=order_id
        )
        assert isinstance(event, OrderEvent)
        assert event.reject_reason == enums.REJECT_REASON_UNKNOWN_ORDER
    (event,) = venue.do(package_commands.cancel_package, account_id=1, client_order_id="single")
    assert isinstance(event, OrderEvent)
    assert event.reject_reason == enums.REJECT_REASON_UNKNOWN_ORDER


def test_mass_cancels_and_kill_switches_end_packages_once(venue: Venue) -> None:
    for name in ("p", "q"):
        enter(venue, name)
    venue.do(order_commands.cancel_orders, account_id=1, instrument_id=B, side=BUY)
    assert venue.exchange.working_orders == 6
    told = venue.do(order_commands.cancel_orders, account_id=1, instrument_id=B)
    assert brief(told)[:3] == ["L1 cancelled 16", "L2 cancelled 16", "P cancelled 2"]
    assert venue.result.affected == 2
    enter(venue, "r")
    killed = venue.do(admin_commands.set_kill_switch, enabled=True, account_id=1)
    assert brief(killed) == ["L1 cancelled 16", "L2 cancelled 16", "P cancelled 8"]
    assert enter(venue, "s") == ["s rejected 70"]


def test_a_package_ends_at_its_time(venue: Venue) -> None:
    enter(venue, time_in_force=enums.TIME_IN_FORCE_GTD, expire_time_ns=venue.now + 10)
    venue.now += 10
    told = brief(venue.do(admin_commands.advance_time))
    assert told == ["L1 cancelled 16", "L2 cancelled 16", "P expired 11"]


def test_the_close_of_one_leg_ends_a_package_of_the_day(venue: Venue) -> None:
    enter(venue, time_in_force=DAY)
    enter(venue, "kept")
    told = brief(
        venue.do(
            admin_commands.set_trading_phase, instrument_id=B, phase=enums.TRADING_PHASE_CLOSED
        )
    )
    assert told == ["L1 cancelled 16", "L2 cancelled 16", "P expired 10"]
    assert view(venue, "kept").order.status == enums.ORDER_STATUS_NEW


def test_a_halted_leg_stops_a_package_until_trading_resumes(venue: Venue) -> None:
    quote(venue, A, 90, 100)
    enter(venue)
    venue.set_phase(enums.TRADING_PHASE_HALTED, instrument_id=A)
    venue.order("bid", BUY, LOT, 120, account_id=3, instrument_id=B)
    assert view(venue).order.status == enums.ORDER_STATUS_NEW
    venue.set_phase(enums.TRADING_PHASE_CONTINUOUS, instrument_id=A)
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


WRONG: list[tuple[dict[str, Any], int, int]] = [
    ({"account_id": 9}, enums.REJECT_REASON_UNKNOWN_ACCOUNT, 0),
    ({"legs": (PAIR[0], Leg(9, SELL, LOT))}, enums.REJECT_REASON_UNKNOWN_INSTRUMENT, 2),
    ({"legs": (PAIR[0], Leg(B, 3, LOT))}, enums.REJECT_REASON_INVALID_ENUM, 2),
    ({"mode": 0}, enums.REJECT_REASON_INVALID_ENUM, 0),
    ({"mode": enums.EXECUTION_MODE_SEQUENTIAL}, enums.REJECT_REASON_NOT_SUPPORTED, 0),
    ({"time_in_force": enums.TIME_IN_FORCE_AT_OPEN}, enums.REJECT_REASON_FIELD_NOT_ALLOWED, 0),
    ({"sequential": (1, 1, 1)}, enums.REJECT_REASON_FIELD_NOT_ALLOWED, 0),
    ({"time_in_force": enums.TIME_IN_FORCE_GTD}, enums.REJECT_REASON_FIELD_REQUIRED, 0),
    ({"units": 0}, enums.REJECT_REASON_QUANTITY_NOT_POSITIVE, 0),
    ({"units": 10**9 + 1}, enums.REJECT_REASON_VALUE_OUT_OF_RANGE, 0),
    ({"min_units": 2}, enums.REJECT_REASON_VALUE_OUT_OF_RANGE, 0),
    ({"legs": PAIR[:1]}, enums.REJECT_REASON_LEG_COUNT, 0),
    ({"legs": ()}, enums.REJECT_REASON_LEG_COUNT, 0),
    ({"legs": (*PAIR, *PAIR, PAIR[0])}, enums.REJECT_REASON_LEG_COUNT, 0),
    ({"legs": (PAIR[0], PAIR[0])}, enums.REJECT_REASON_DUPLICATE_LEG, 2),
    ({"legs": (PAIR[0], Leg(B, SELL, 0))}, enums.REJECT_REASON_LEG_RATIO, 2),
    ({"legs": (PAIR[0], Leg(B, SELL, LOT + 1))}, enums.REJECT_REASON_QUANTITY_OFF_LOT, 2),
    ({"legs": (PAIR[0], Leg(B, SELL, LOT, 5))}, enums.REJECT_REASON_PRICE_OFF_TICK, 2),
    ({"units": 201}, enums.REJECT_REASON_QUANTITY_TOO_LARGE, 1),
    ({"constraints": [(4, 1, 2, 0, 0)]}, enums.REJECT_REASON_FIELD_REQUIRED, 0),
    ({"constraints": [(3, 1, 3, 0, 0)]}, enums.REJECT_REASON_VALUE_OUT_OF_RANGE, 0),
    ({"constraints": [(3, 1, 1, 0, 0)]}, enums.REJECT_REASON_VALUE_OUT_OF_RANGE, 0),
    ({"constraints": [(3, 1, 2, 0, 0)] * 9}, enums.REJECT_REASON_VALUE_OUT_OF_RANGE, 0),
    (
        {"constraints": [(RATIO_BAND, 1, 2, 5, 6), (RATIO_BAND, 1, 2, 7, 8)]},
        enums.REJECT_REASON_CONTRADICTORY_CONSTRAINTS,
        0,
    ),
    ({"constraints": [(3, 1, 2, -1, 0)]}, enums.REJECT_REASON_CONTRADICTORY_CONSTRAINTS, 0),
]


@pytest.mark.parametrize(("terms", "reason", "leg"), WRONG)
def test_a_wrong_package_is_refused_with_its_reason_and_leg(
    venue: Venue, terms: dict[str, Any], reason: int, leg: int
) -> None:
    before = venue.exchange.working_orders
    values: dict[str, Any] = {"account_id": 1, "legs": PAIR, "units": 1} | terms
    (event,) = venue.do(package_commands.create_package, client_order_id="p", **values)
    assert isinstance(event, OrderEvent)
    assert (event.reject_reason, event.reject_field >> 16) == (reason, leg)
    assert venue.exchange.working_orders == before
    assert enter(venue)[0] == "P accepted"


def test_legs_settle_in_one_currency(venue: Venue) -> None:
    venue.do(admin_commands.create_instrument, **LISTED, currency=1)
    told = enter(venue, legs=(PAIR[0], Leg(5, SELL, LOT)))
    assert told == [f"p rejected {enums.REJECT_REASON_LEG_CURRENCY}"]
