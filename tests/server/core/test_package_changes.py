"""Multi-leg orders that wait are changed, cancelled and ended as a whole."""

from typing import Any

import pytest

from quantumcore.server.core import admin_commands, enums, order_commands, package_commands
from quantumcore.server.core.events import OrderEvent
from quantumcore.server.core.package_commands import Leg
from tests.server.core.packages import LISTED, LOT, UNIT, A, B, brief, enter, listed, quote, view
from tests.server.core.venue import BUY, SELL, Venue

DAY = enums.TIME_IN_FORCE_DAY


@pytest.fixture
def venue() -> Venue:
    return listed()


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


def test_legs_whose_rows_are_taken_are_shown_as_forgotten_not_as_other_orders() -> None:
    venue = Venue(order_capacity=8, live_order_capacity=8)
    for _ in (A, B):
        venue.do(admin_commands.create_instrument, **LISTED)
    others = [venue.order(f"b{number}", BUY, 5, 10, account_id=2) for number in range(5)]
    enter(venue, net_price=-50)
    package_id = venue.exchange.find_order(1, "p")
    venue.do(package_commands.cancel_package, account_id=1, client_order_id="p")
    shown = []
    for number in range(2):
        venue.order(f"c{number}", BUY, 5, 10, account_id=2)
        found = venue.exchange.package(package_id)
        assert found is not None
        shown.append([(leg.leg_number, leg.order_id, leg.account_id) for leg in found.legs])
    assert len(others) == 5
    assert shown[0][0] == (1, 0, 0)
    assert shown[1] == [(1, 0, 0), (2, 0, 0)]


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
    ("changes", "reason", "leg", "value"),
    [
        ({}, enums.REJECT_REASON_NOTHING_TO_REPLACE, 0, 0),
        ({"units": 0}, enums.REJECT_REASON_QUANTITY_NOT_POSITIVE, 0, 0),
        ({"units": 201}, enums.REJECT_REASON_QUANTITY_TOO_LARGE, 0, 201),
        ({"leg_prices": {3: 10}}, enums.REJECT_REASON_VALUE_OUT_OF_RANGE, 0, 3),
        ({"leg_prices": {9: 10}}, enums.REJECT_REASON_VALUE_OUT_OF_RANGE, 0, 9),
        ({"leg_prices": [(2, 10), (2, None)]}, enums.REJECT_REASON_DUPLICATE_LEG, 0, 2),
        ({"leg_prices": {1: 11}}, enums.REJECT_REASON_PRICE_OFF_TICK, 1, 11),
        ({"leg_prices": {1: 20, 2: 19}}, enums.REJECT_REASON_PRICE_OFF_TICK, 2, 19),
    ],
)
def test_a_wrong_change_of_a_package_is_refused_with_its_leg(
    venue: Venue, changes: dict[str, Any], reason: int, leg: int, value: int
) -> None:
    enter(venue)
    before = view(venue)
    assert replace(venue, **changes) == [f"p replace refused {reason}"]
    assert view(venue)[1:] == before[1:]
    result = venue.result
    assert (result.reject_leg_number, result.value) == (leg, value)
    assert result.order_id == before.order.order_id


def test_a_change_names_the_leg_whose_instrument_takes_none(venue: Venue) -> None:
    enter(venue)
    venue.set_phase(enums.TRADING_PHASE_HALTED, B)
    assert replace(venue, units=2) == ["p replace refused 40"]
    result = venue.result
    assert (result.reject_leg_number, result.reject_field) == (2, 0)
    assert result.value == enums.TRADING_PHASE_HALTED


def test_a_client_order_id_that_is_taken_is_refused(venue: Venue) -> None:
    enter(venue)
    assert replace(venue, new_client_order_id="p") == [
        f"p replace refused {enums.REJECT_REASON_DUPLICATE_CLIENT_ORDER_ID}"
    ]


@pytest.mark.parametrize(
    ("command", "changes"),
    [
        (package_commands.replace_package, {"leg_prices": {1: 11}}),
        (package_commands.cancel_package, {}),
    ],
)
def test_refusals_carry_the_multi_leg_order_that_is_named(
    venue: Venue, command: Any, changes: dict[str, Any]
) -> None:
    enter(venue)
    order_id = view(venue).order.order_id
    if not changes:
        venue.do(package_commands.cancel_package, account_id=1, order_id=order_id)
    for named in ({"client_order_id": "p"}, {"order_id": order_id}):
        (told,) = venue.do(command, account_id=1, **named, **changes)
        assert isinstance(told, OrderEvent)
        assert (told.order_id, told.multi_leg_order_id) == (order_id, order_id)
        assert (told.trade_id, told.leg_number) == (0, 0)
    (told,) = venue.do(command, account_id=1, order_id=77, **changes)
    assert isinstance(told, OrderEvent)
    assert (told.order_id, told.multi_leg_order_id, told.trade_id) == (0, 77, 0)
    assert told.reject_reason == enums.REJECT_REASON_UNKNOWN_ORDER


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
