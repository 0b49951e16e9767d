"""What orders are valued at, and what replacements and packages are held to."""

from typing import Any

import pytest

from quantumcore.server.core import enums
from quantumcore.server.core.package_commands import Leg, create_package, replace_package
from tests.server.core.packages import LISTED, LOT, A, B
from tests.server.core.risk_venue import ACCEPTED, Refused, RiskVenue, cash, cash_venue
from tests.server.core.venue import BUY, SELL

MARKET, STOP, PEGGED = enums.ORDER_TYPE_MARKET, enums.ORDER_TYPE_STOP, enums.ORDER_TYPE_PEGGED
AT_CLOSE = enums.TIME_IN_FORCE_AT_CLOSE
BALANCE = enums.REJECT_REASON_INSUFFICIENT_BALANCE
SUSPENDED = enums.ACCOUNT_STATUS_SUSPENDED


def packaged(**limits: int) -> RiskVenue:
    """Return a venue whose account 1 has limits, and a package of two legs that rests."""
    venue = RiskVenue()
    for _ in (A, B):
        venue.instrument(**LISTED)
    venue.limit(**limits)
    for instrument_id in (A, B):
        venue.reference(instrument_id, last=100)
    legs = (Leg(A, BUY, LOT, 100), Leg(B, BUY, LOT, 100))
    venue.do(create_package, account_id=1, client_order_id="p", legs=legs, units=3)
    assert venue.refused == ACCEPTED
    return venue


def test_replaced_peg_reserves_the_worst_that_it_may_take() -> None:
    venue = cash_venue(1_100)
    venue.order("bid", BUY, 5, 100, account_id=2)
    venue.order("peg", BUY, 5, 1_000, order_type=PEGGED, peg_reference=1)
    assert venue.reserved("peg") == (100, 100)
    assert venue.change("peg", quantity=10) == ACCEPTED
    assert venue.reserved("peg") == (200, 200)


def test_replaced_peg_does_not_overdraw_its_account() -> None:
    venue = cash_venue(100)
    venue.order("bid", BUY, 5, 100, account_id=2)
    venue.order("peg", BUY, 5, 1_000, order_type=PEGGED, peg_reference=1)
    venue.change("peg", quantity=50)
    venue.order("higher", BUY, 5, 1_000, account_id=2)
    venue.order("hit", SELL, 60, 1_000, account_id=3)
    assert cash(venue) >= 0


def test_peg_that_works_already_counts_for_its_worst_price_when_limits_come() -> None:
    venue = RiskVenue()
    venue.order("bid", BUY, 5, 100, account_id=2)
    venue.order("peg", BUY, 5, 1_000, order_type=PEGGED, peg_reference=1)
    venue.limit(open_order_value=1)
    assert venue.ask("a", BUY, 5, 10).value == 100 + 1


def test_market_order_for_the_close_reserves_what_an_auction_may_ask() -> None:
    venue = cash_venue(10)
    assert venue.ask("a", BUY, 50, order_type=MARKET, time_in_force=AT_CLOSE).reason == BALANCE


def test_market_order_for_the_close_does_not_overdraw_its_account() -> None:
    venue = cash_venue(10)
    venue.order("a", BUY, 50, order_type=MARKET, time_in_force=AT_CLOSE)
    venue.order("ask", SELL, 50, 5_000, account_id=2)
    venue.set_phase(enums.TRADING_PHASE_CLOSING_AUCTION)
    venue.set_phase(enums.TRADING_PHASE_CLOSED)
    assert cash(venue) >= 0


def test_resting_package_reserves_its_net_price_where_its_legs_have_none() -> None:
    venue = cash_venue(10)
    for _ in (A, B):
        venue.instrument(**LISTED)
    legs = (Leg(A, BUY, LOT), Leg(B, BUY, LOT))
    terms = {"legs": legs, "units": 1, "net_price": 10_000}
    venue.do(create_package, account_id=1, client_order_id="p", **terms)
    assert venue.refused.reason == BALANCE


def test_legs_of_a_package_do_not_pass_the_value_of_open_orders_together() -> None:
    venue = RiskVenue()
    for _ in (A, B):
        venue.instrument(**LISTED)
    venue.limit(open_order_value=100)
    legs = (Leg(A, BUY, LOT, 600), Leg(B, BUY, LOT, 600))
    venue.do(create_package, account_id=1, client_order_id="p", legs=legs, units=1)
    assert venue.refused.reason == enums.REJECT_REASON_OPEN_ORDER_LIMIT


def test_collar_about_the_greatest_quote_lets_cheaper_orders_in() -> None:
    venue = RiskVenue()
    venue.instrument(tick_size=1)
    venue.limit(collar_basis_points=1_000)
    venue.reference(3, last=(1 << 63) - 1)
    assert venue.ask("a", BUY, 5, 100, instrument_id=3) == ACCEPTED


def test_greatest_payment_is_refused() -> None:
    venue = RiskVenue()
    assert venue.pay(-(1 << 63)).reason == BALANCE


@pytest.mark.parametrize(
    "change", [{"quantity": 5}, {"new_client_order_id": "b"}], ids=["smaller", "other name"]
)
def test_suspended_account_replaces_nothing(change: dict[str, Any]) -> None:
    venue = RiskVenue()
    venue.order("a", BUY, 10, 100)
    venue.account(status=SUSPENDED)
    assert venue.change("a", **change).reason == enums.REJECT_REASON_ACCOUNT_SUSPENDED


def test_refused_replacement_names_the_account() -> None:
    venue = RiskVenue()
    venue.order("a", BUY, 10, 100)
    venue.account(status=SUSPENDED)
    reason = enums.REJECT_REASON_ACCOUNT_SUSPENDED
    assert venue.change("a", quantity=15) == Refused(reason, 2, 0, SUSPENDED)


def test_replacement_beyond_the_rate_names_the_account() -> None:
    venue = RiskVenue()
    venue.limit(command_rate_hz=1)
    venue.order("a", BUY, 10, 100)
    reason = enums.REJECT_REASON_RATE_LIMITED
    assert venue.change("a", quantity=15) == Refused(reason, 2, 1, 2)


def test_suspended_account_replaces_no_package() -> None:
    venue = packaged()
    venue.account(status=SUSPENDED)
    venue.do(replace_package, account_id=1, client_order_id="p", units=9)
    assert venue.refused.reason == enums.REJECT_REASON_ACCOUNT_SUSPENDED


def test_replaced_package_counts_against_the_rate() -> None:
    venue = packaged(command_rate_hz=1)
    venue.do(replace_package, account_id=1, client_order_id="p", units=4)
    assert venue.refused.reason == enums.REJECT_REASON_RATE_LIMITED


def test_replaced_package_is_held_to_a_young_reference() -> None:
    venue = packaged(collar_basis_points=1_000)
    venue.now += 200_000_000
    venue.do(replace_package, account_id=1, client_order_id="p", units=4)
    assert venue.refused.reason == enums.REJECT_REASON_REFERENCE_PRICE_STALE


@pytest.mark.parametrize(
    ("last", "side", "told"),
    [
        (-(1 << 63), BUY, -(1 << 63) // 10 // 4 * 3 * 10),
        ((1 << 63) - 1, SELL, (1 << 63) // 10 * 3 // 4 * 10),
        (-(1 << 62), BUY, -(1 << 62) // 10 * 3 // 4 * 10),
    ],
)
def test_collar_holds_about_a_quote_however_far(last: int, side: int, told: int) -> None:
    venue = RiskVenue()
    venue.limit(collar_basis_points=2_500)
    venue.reference(last=last)
    refused = venue.ask("a", side, 5, 100)
    assert refused[:2] == (enums.REJECT_REASON_PRICE_COLLAR, 9)
    assert abs(refused.limit - told) <= 20
    assert refused.value == 100
    assert venue.ask("b", 3 - side, 5, 100) == ACCEPTED


def test_collar_wider_than_64_bits_is_told_as_the_furthest_number() -> None:
    venue = RiskVenue()
    venue.limit(collar_basis_points=20_000)
    venue.reference(last=-(1 << 63))
    assert venue.ask("a", BUY, 5, 100) == ACCEPTED
    venue.reference(last=(1 << 63) - 1)
    assert venue.ask("b", SELL, 5, 100) == ACCEPTED


@pytest.mark.parametrize("price", [1_000, 9_000])
def test_collar_does_not_go_by_the_middle_of_a_book_that_is_crossed_or_locked(price: int) -> None:
    venue = RiskVenue(phase=enums.TRADING_PHASE_PRE_OPEN)
    venue.limit(collar_basis_points=1_000)
    venue.order("high", BUY, 5, 9_000, account_id=2)
    venue.order("low", SELL, 5, price, account_id=2)
    stale = enums.REJECT_REASON_REFERENCE_PRICE_STALE
    assert venue.ask("a", BUY, 5, 5_400) == Refused(stale, 9, 100_000_000, 1 << 62)
    venue.reference(last=5_000)
    assert venue.ask("b", BUY, 5, 5_400) == ACCEPTED
