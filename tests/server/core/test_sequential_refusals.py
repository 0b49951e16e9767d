"""Wrong sequential orders and changes of them are refused with their reason."""

from typing import Any

import pytest

from quantumcore.server.core import enums, package_commands
from quantumcore.server.core.package_commands import Leg
from tests.server.core.packages import LOT, UNIT, A, B, brief, listed, view
from tests.server.core.sequential import exposed, hit, lots_at_work, status, work
from tests.server.core.venue import BUY, SELL, Venue

FILLED = enums.ORDER_STATUS_FILLED
HALTED = enums.TRADING_PHASE_HALTED


@pytest.fixture
def venue() -> Venue:
    return listed()


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
    blamed = result.reject_leg_number << 16 | result.reject_field
    assert (blamed, result.limit, result.value) == (field, *numbers)
    assert venue.exchange.working_orders == 0
