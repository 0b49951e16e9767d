"""Packages that trade with one another are held to money like all others."""

import pytest

from quantumcore.server.core import enums, package_commands
from tests.server.core.packages import LOT, B
from tests.server.core.risk_venue import ACCEPTED, RiskVenue
from tests.server.core.test_package_risk import (
    BALANCE,
    both,
    enter,
    open_value,
    reserved,
    venue_of_two,
)
from tests.server.core.venue import SELL


def meet(venue: RiskVenue, units: int) -> None:
    """Let account 2 sell units of what account 1 buys, for at least 20 minor units each."""
    terms = {"account_id": 2, "min_units": 1, "net_price": -200}
    assert enter(venue, both(10, 10, (SELL, SELL)), units, **terms) == ACCEPTED


def test_the_one_that_waited_keeps_reserved_what_its_rest_needs() -> None:
    venue = venue_of_two(100)
    assert enter(venue, both(100, 100), 3, min_units=1, net_price=200) == ACCEPTED
    assert reserved(venue) == 3 * 20
    meet(venue, 2)
    assert venue.exchange.position(1, B) == 4 * LOT
    assert venue.exchange.position(2, B) == -4 * LOT
    money = venue.exchange.balance(1, 0, venue.now)
    assert money is not None
    assert (money.cash, reserved(venue), open_value(venue)) == (100 - 2 * 20, 20, 30)
    venue.do(package_commands.cancel_package, account_id=1, client_order_id="p")
    assert (reserved(venue), open_value(venue)) == (0, 0)


@pytest.mark.parametrize(("units", "reason"), [(1, 0), (2, BALANCE)])
def test_one_that_would_meet_another_is_let_in_only_with_the_money(units: int, reason: int) -> None:
    venue = venue_of_two(30)
    meet(venue, 2)
    refused = enter(venue, both(100, 100), units, min_units=1, net_price=200)
    assert refused.reason == reason
    traded = 0 if reason else units
    assert venue.exchange.position(1, B) == 2 * traded * LOT
    money = venue.exchange.balance(1, 0, venue.now)
    assert money is not None
    assert (money.cash, reserved(venue)) == (30 - 20 * traded, 0)
    assert venue.result.status == (
        enums.ORDER_STATUS_REJECTED if reason else enums.ORDER_STATUS_FILLED
    )
