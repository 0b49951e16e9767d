"""Multi-leg orders of watched accounts: each leg is held to limits, all together to the money."""

from typing import Any

import pytest

from quantumcore.server.core import enums, package_commands
from quantumcore.server.core.package_commands import Leg, create_package
from tests.server.core.packages import LISTED, LOT, A, B, view
from tests.server.core.risk_venue import ACCEPTED, Refused, RiskVenue, cash
from tests.server.core.venue import BUY, SELL

BALANCE = enums.REJECT_REASON_INSUFFICIENT_BALANCE
LEGS, UNITS = enums.PACKAGE_FIELD_LEGS, enums.PACKAGE_FIELD_UNITS


def venue_of_two(amount: int | None = None) -> RiskVenue:
    """Return a venue with two instruments of whole lots; account 1 has an amount, or credit."""
    venue = RiskVenue()
    for _ in (A, B):
        venue.instrument(**LISTED)
    if amount is not None:
        venue.cash_account(amount)
    return venue


def both(price: int, other: int, sides: tuple[int, int] = (BUY, BUY)) -> tuple[Leg, Leg]:
    return Leg(A, sides[0], LOT, price), Leg(B, sides[1], 2 * LOT, other)


def enter(venue: RiskVenue, legs: tuple[Leg, ...], units: int = 1, **more: Any) -> Refused:
    terms = {"account_id": 1, "client_order_id": "p", "legs": legs, "units": units} | more
    venue.do(create_package, **terms)
    return venue.refused


def reserved(venue: RiskVenue) -> int:
    money = venue.exchange.balance(1, 0, venue.now)
    assert money is not None
    return money.reserved


def open_value(venue: RiskVenue) -> int:
    money = venue.exchange.balance(1, 0, venue.now)
    assert money is not None
    return money.open_order_value


def hold(venue: RiskVenue, instrument_id: int, lots: int, price: int) -> None:
    """Let account 1 buy lots from account 2."""
    name, parties = f"held {venue.now}", {"instrument_id": instrument_id}
    venue.order(f"{name} s", SELL, lots * LOT, price, account_id=2, **parties)
    venue.order(f"{name} b", BUY, lots * LOT, price, **parties)


def test_legs_are_paid_together() -> None:
    venue = venue_of_two(90)
    assert enter(venue, both(100, 110), 3) == Refused(BALANCE, UNITS, 90, 3 * (10 + 2 * 11))
    assert enter(venue, both(100, 100), 3) == ACCEPTED
    assert reserved(venue) == 3 * (10 + 2 * 10)
    assert venue.ask("a", BUY, 5, 10).reason == BALANCE


def test_what_one_leg_brings_pays_for_the_other() -> None:
    venue = venue_of_two(110)
    hold(venue, B, 10, 100)
    assert enter(venue, both(300, 100, (BUY, SELL)), 1) == ACCEPTED
    assert reserved(venue) == 30 - 2 * 10


def test_net_price_bounds_what_a_unit_costs() -> None:
    venue = venue_of_two(20)
    assert enter(venue, both(200, 200), net_price=200) == ACCEPTED
    assert reserved(venue) == 20


def test_leg_that_sells_what_is_not_held_is_refused() -> None:
    venue = venue_of_two(100)
    hold(venue, B, 3, 10)
    refused = enter(venue, both(50, 10, (BUY, SELL)), 2)
    assert refused == Refused(BALANCE, UNITS, 3, 4)
    assert enter(venue, both(50, 10, (BUY, SELL)), 1) == ACCEPTED


def test_package_that_trades_releases_what_its_units_had_reserved() -> None:
    venue = venue_of_two(100)
    assert enter(venue, both(100, 100), 3, min_units=1) == ACCEPTED
    for instrument_id, lots in ((A, 2), (B, 4)):
        order = {"account_id": 2, "instrument_id": instrument_id}
        venue.order(f"ask {instrument_id}", SELL, lots * LOT, 50, **order)
    assert venue.exchange.position(1, B) == 4 * LOT
    assert reserved(venue) == 30
    assert open_value(venue) == 30
    money = venue.exchange.balance(1, 0, venue.now)
    assert money is not None
    assert money.cash == 100 - 2 * (5 + 2 * 5)


@pytest.mark.parametrize("end", ["cancel", "cancel all", "kill"])
def test_package_that_ends_releases_all(end: str) -> None:
    venue = venue_of_two(100)
    enter(venue, both(100, 100), 3)
    if end == "cancel":
        venue.do(package_commands.cancel_package, account_id=1, client_order_id="p")
    elif end == "kill":
        venue.kill(1)
    else:
        venue.cancel_all()
    assert venue.exchange.working_orders == 0
    assert (reserved(venue), open_value(venue)) == (0, 0)
    view = venue.exchange.position_view(1, A, venue.now)
    assert view is not None
    assert (view.buying_lots, view.selling_lots) == (0, 0)


def test_each_leg_is_held_to_the_limits_for_its_instrument() -> None:
    venue = venue_of_two()
    venue.limit(1, B, order_quantity=5 * LOT)
    reason = enums.REJECT_REASON_ORDER_QUANTITY_LIMIT
    assert enter(venue, both(100, 100), 3) == Refused(reason, LEGS, 5 * LOT, 6 * LOT)
    assert enter(venue, both(100, 100), 2) == ACCEPTED
    assert open_value(venue) == 2 * (10 + 20)


def test_package_counts_as_one_working_order() -> None:
    venue = venue_of_two()
    venue.limit(working_orders=2)
    assert enter(venue, both(100, 100)) == ACCEPTED
    assert venue.ask("a", BUY, 5, 100) == ACCEPTED
    reason = enums.REJECT_REASON_OPEN_ORDER_LIMIT
    assert venue.ask("b", BUY, 5, 100) == Refused(reason, 0, 2, 3)
    venue.do(package_commands.cancel_package, account_id=1, client_order_id="p")
    assert venue.ask("b", BUY, 5, 100) == ACCEPTED


def test_values_of_all_legs_count_together() -> None:
    """The limit is on all that works: the legs of one package among them."""
    venue = venue_of_two()
    venue.limit(open_order_value=100)
    assert enter(venue, both(100, 100), 3) == ACCEPTED
    reason = enums.REJECT_REASON_OPEN_ORDER_LIMIT
    assert venue.ask("a", BUY, 10, 60) == Refused(reason, 8, 100, 102)
    venue.cancel_all()
    assert enter(venue, both(100, 400), 1, client_order_id="q") == ACCEPTED
    refused = enter(venue, both(100, 460), 1, client_order_id="r")
    assert refused.reason == reason


def test_amended_package_reserves_anew() -> None:
    venue = venue_of_two(100)
    enter(venue, both(100, 100), 3)
    change = {"account_id": 1, "client_order_id": "p"}
    venue.do(package_commands.replace_package, **change, units=4)
    assert venue.refused == Refused(BALANCE, enums.AMEND_FIELD_UNITS, 100, 120)
    assert reserved(venue) == 90
    venue.do(package_commands.replace_package, **change, units=1)
    assert venue.refused == ACCEPTED
    assert (reserved(venue), open_value(venue)) == (30, 30)


def test_refused_package_reserves_and_counts_nothing() -> None:
    venue = venue_of_two(10)
    assert enter(venue, both(100, 100)).reason == BALANCE
    assert (reserved(venue), open_value(venue)) == (0, 0)
    assert enter(venue, both(10, 10), time_in_force=enums.TIME_IN_FORCE_FOK).reason == (
        enums.REJECT_REASON_PACKAGE_NOT_EXECUTABLE
    )
    assert (reserved(venue), open_value(venue)) == (0, 0)


def stand(venue: RiskVenue, *asks: tuple[int, int, int]) -> None:
    """Let account 2 offer lots of instruments at prices."""
    for number, (instrument_id, lots, price) in enumerate(asks):
        name = f"ask {instrument_id} {number} {venue.now}"
        parties = {"account_id": 2, "instrument_id": instrument_id}
        venue.order(name, SELL, lots * LOT, price, **parties)


FREE = (Leg(A, BUY, LOT), Leg(B, BUY, LOT))
IOC, FOK = enums.TIME_IN_FORCE_IOC, enums.TIME_IN_FORCE_FOK


def test_package_that_waits_without_any_price_pays_for_the_highest() -> None:
    venue = venue_of_two(1_999)
    assert enter(venue, FREE) == Refused(BALANCE, UNITS, 1_999, 2_000)
    venue.pay(1)
    assert enter(venue, FREE) == ACCEPTED
    assert reserved(venue) == open_value(venue) == 2_000
    stand(venue, (A, 1, 5_000), (B, 1, 5_000))
    assert cash(venue) == 1_000
    assert (reserved(venue), open_value(venue)) == (0, 0)


def test_leg_without_a_price_pays_for_the_highest_beside_one_that_has_one() -> None:
    venue = venue_of_two(1_009)
    legs = (Leg(A, BUY, LOT, 100), Leg(B, BUY, LOT))
    assert enter(venue, legs) == Refused(BALANCE, UNITS, 1_009, 1_010)
    venue.pay(1)
    assert enter(venue, legs) == ACCEPTED


def test_net_price_bounds_legs_without_a_price_of_a_package_that_waits() -> None:
    venue = venue_of_two(30)
    assert enter(venue, FREE, net_price=300) == ACCEPTED
    assert reserved(venue) == 30


def test_package_that_loses_the_price_of_a_leg_pays_for_the_highest() -> None:
    venue = venue_of_two(1_000)
    assert enter(venue, (Leg(A, BUY, LOT, 100), Leg(B, BUY, LOT, 100))) == ACCEPTED
    change = {"account_id": 1, "client_order_id": "p", "leg_prices": {2: None}}
    venue.do(package_commands.replace_package, **change)
    assert venue.refused == Refused(BALANCE, enums.AMEND_FIELD_UNITS, 1_000, 1_010)
    assert reserved(venue) == 20


def test_package_that_does_not_wait_goes_no_further_than_the_protection_band() -> None:
    venue = venue_of_two(41)
    stand(venue, (A, 1, 100), (A, 9, 200), (B, 10, 50))
    assert enter(venue, FREE, 2, time_in_force=IOC) == Refused(BALANCE, UNITS, 41, 42)
    venue.pay(1)
    executable = enums.REJECT_REASON_PACKAGE_NOT_EXECUTABLE
    assert enter(venue, FREE, 2, time_in_force=FOK).reason == executable
    assert enter(venue, FREE, 2, time_in_force=IOC, min_units=1) == ACCEPTED
    assert view(venue).order.cumulative_quantity == LOT
    assert cash(venue) == 42 - 15
    assert (reserved(venue), open_value(venue)) == (0, 0)


def test_package_of_an_account_without_money_takes_what_the_books_offer() -> None:
    venue = venue_of_two()
    venue.limit(order_value=100)
    stand(venue, (A, 1, 100), (A, 9, 200), (B, 10, 50))
    assert enter(venue, FREE, 2, time_in_force=IOC) == ACCEPTED
    assert view(venue).order.status == enums.ORDER_STATUS_FILLED


SEQUENTIAL: dict[str, Any] = {
    "mode": enums.EXECUTION_MODE_SEQUENTIAL,
    "sequential": (enums.UNWIND_POLICY_HOLD, 10, 0),
}
WORST = LISTED["max_price"] // LISTED["tick_size"]


def test_net_price_bounds_no_leg_of_a_sequential_order() -> None:
    """Leg 1 may be bought at any price before the net price is looked at, which only sales pay."""
    venue = venue_of_two(WORST)
    hold(venue, B, 1, 100)
    venue.order("far", SELL, LOT, 9_000, account_id=2)
    legs = (Leg(A, BUY, LOT), Leg(B, SELL, LOT, 100))
    refused = enter(venue, legs, net_price=9_000, **SEQUENTIAL)
    assert refused == Refused(BALANCE, UNITS, WORST - 10, WORST)
    venue.pay(10)
    assert enter(venue, legs, net_price=9_000, **SEQUENTIAL) == ACCEPTED


def test_leg_of_a_sequential_order_without_a_limit_counts_for_the_worst_price() -> None:
    venue = venue_of_two()
    legs = (Leg(A, BUY, LOT), Leg(B, BUY, LOT, 100))
    venue.limit(order_value=WORST - 1)
    reason = enums.REJECT_REASON_ORDER_VALUE_LIMIT
    assert enter(venue, legs, net_price=200, **SEQUENTIAL)[::2] == (reason, WORST - 1)
    venue.limit(order_value=WORST)
    assert enter(venue, legs, net_price=200, **SEQUENTIAL) == ACCEPTED
    assert open_value(venue) == WORST + 10
