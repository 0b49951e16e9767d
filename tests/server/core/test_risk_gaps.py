"""Where what is reserved, counted or told falls short of the rules; each says what should hold.

All are expected to fail: one that passes is to lose its mark, and to go where its like are.
"""

import pytest

from quantumcore.server.core import admin_commands, enums
from quantumcore.server.core.package_commands import Leg, create_package
from tests.server.core.packages import LISTED, LOT, A, B
from tests.server.core.risk_venue import ACCEPTED, cash, cash_venue
from tests.server.core.venue import BUY, LISTING, SELL

MARKET, STOP = enums.ORDER_TYPE_MARKET, enums.ORDER_TYPE_STOP


def gap(reason: str) -> pytest.MarkDecorator:
    """Mark what falls short."""
    return pytest.mark.xfail(strict=True, reason=reason)


@gap("a stop sweeps to the band from the best price, which may be far beyond its own")
def test_stop_does_not_overdraw_its_account_where_the_book_has_a_gap() -> None:
    venue = cash_venue(100)
    assert venue.ask("stop", BUY, 25, order_type=STOP, stop_price=100) == ACCEPTED
    venue.order("far", SELL, 25, 5_000, account_id=2)
    venue.trade(100)
    assert cash(venue) >= 0


@gap("a leg without a price is valued by the book of now, though the package rests")
def test_resting_package_does_not_overdraw_its_account() -> None:
    venue = cash_venue(10)
    for _ in (A, B):
        venue.instrument(**LISTED)
    legs = (Leg(A, BUY, LOT), Leg(B, BUY, LOT))
    venue.do(create_package, account_id=1, client_order_id="p", legs=legs, units=1)
    for instrument_id in (A, B):
        order = {"instrument_id": instrument_id, "account_id": 2}
        venue.order(f"ask {instrument_id}", SELL, LOT, 5_000, **order)
    assert cash(venue) >= 0


@gap("bounds that come nearer leave orders beyond them, which market orders still meet")
def test_market_order_does_not_overdraw_its_account_beyond_the_bounds() -> None:
    venue = cash_venue(100)
    venue.order("far", SELL, 5, 9_000, account_id=2)
    venue.do(admin_commands.create_instrument, **LISTING | {"max_price": 1_000}, instrument_id=1)
    venue.order("m", BUY, 5, order_type=MARKET)
    assert cash(venue) >= 0
