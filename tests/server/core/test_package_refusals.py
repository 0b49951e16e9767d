"""A multi-leg order is refused with its reason and the leg that is at fault."""

from typing import Any

import pytest

from quantumcore.server.core import admin_commands, enums, kinds, package_commands
from quantumcore.server.core.events import OrderEvent
from quantumcore.server.core.package_commands import Leg
from tests.server.core.packages import LISTED, LOT, PAIR, A, B, enter, listed
from tests.server.core.venue import SELL, Venue

RATIO_BAND = kinds.CONSTRAINT_RATIO_BAND


@pytest.fixture
def venue() -> Venue:
    return listed()


WRONG: list[tuple[dict[str, Any], int, int]] = [
    ({"account_id": 9}, enums.REJECT_REASON_UNKNOWN_ACCOUNT, 0),
    ({"legs": (PAIR[0], Leg(9, SELL, LOT))}, enums.REJECT_REASON_UNKNOWN_INSTRUMENT, 2),
    ({"legs": (PAIR[0], Leg(B, 3, LOT))}, enums.REJECT_REASON_INVALID_ENUM, 2),
    ({"mode": 0}, enums.REJECT_REASON_INVALID_ENUM, 0),
    ({"mode": enums.EXECUTION_MODE_SEQUENTIAL}, enums.REJECT_REASON_FIELD_REQUIRED, 0),
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
    assert (event.reject_reason, event.reject_leg_number) == (reason, leg)
    result = venue.result
    assert (result.reject_reason, result.reject_leg_number) == (reason, leg)
    assert event.reject_field == result.reject_field <= enums.PACKAGE_FIELD_SELF_TRADE_PREVENTION
    assert (event.multi_leg_order_id, event.trade_id) == (0, 0)
    assert venue.exchange.working_orders == before
    assert enter(venue)[0] == "P accepted"


@pytest.mark.parametrize(
    ("terms", "field", "leg", "value"),
    [
        ({"legs": (PAIR[0], Leg(B, 300, LOT))}, enums.PACKAGE_FIELD_LEGS, 2, 300),
        ({"legs": (Leg(A, -1, LOT), Leg(B, 300, LOT))}, enums.PACKAGE_FIELD_LEGS, 1, -1),
        ({"legs": (Leg(A, 9, LOT), Leg(B, 300, LOT))}, enums.PACKAGE_FIELD_LEGS, 1, 9),
        ({"mode": 255, "time_in_force": 256}, enums.PACKAGE_FIELD_EXECUTION_MODE, 0, 255),
        ({"time_in_force": 256}, enums.PACKAGE_FIELD_TIME_IN_FORCE, 0, 256),
        ({"self_trade_prevention": 1 << 30}, enums.PACKAGE_FIELD_SELF_TRADE_PREVENTION, 0, 1 << 30),
    ],
)
def test_a_choice_that_does_not_exist_is_told_as_it_was_sent(
    venue: Venue, terms: dict[str, Any], field: int, leg: int, value: int
) -> None:
    values: dict[str, Any] = {"account_id": 1, "legs": PAIR, "units": 1} | terms
    (event,) = venue.do(package_commands.create_package, client_order_id="p", **values)
    assert isinstance(event, OrderEvent)
    assert (event.reject_reason, event.reject_field) == (enums.REJECT_REASON_INVALID_ENUM, field)
    assert (event.reject_leg_number, event.reject_value) == (leg, value)
    assert event.time_in_force != 255


def test_the_greatest_value_counts_on_the_widest_bounds_that_orders_may_rest_at() -> None:
    venue = listed()
    most = {"max_quantity": LOT << 11}
    wide, narrow = LISTED | most | {"max_price": 10 << 50}, LISTED | most
    for terms in (wide, narrow):
        venue.do(admin_commands.create_instrument, **terms)
    legs = (Leg(5, SELL, LOT << 11), Leg(6, SELL, LOT << 11))
    refused = [f"p rejected {enums.REJECT_REASON_NOTIONAL_OVERFLOW}"]
    assert enter(venue, legs=legs) == refused
    venue.do(admin_commands.create_instrument, **narrow, instrument_id=5)
    assert enter(venue, legs=legs) == refused
    assert enter(venue, legs=(legs[1], PAIR[0]))[0] == "P accepted"


def test_legs_settle_in_one_currency(venue: Venue) -> None:
    venue.do(admin_commands.create_instrument, **LISTED, currency=1)
    told = enter(venue, legs=(PAIR[0], Leg(5, SELL, LOT)))
    assert told == [f"p rejected {enums.REJECT_REASON_LEG_CURRENCY}"]
