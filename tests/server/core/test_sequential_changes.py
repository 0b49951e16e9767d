"""A sequential order that is changed half-way is held to what is left of it to be done."""

from typing import Any

import pytest

from quantumcore.server.core import enums, package_commands
from quantumcore.server.core.package_commands import Leg
from tests.server.core.packages import LOT, UNIT, A, B, view
from tests.server.core.risk_venue import ACCEPTED, Refused, RiskVenue, cash
from tests.server.core.sequential import HOLD, UNWIND, excess, hit, replayed, work
from tests.server.core.test_package_risk import BALANCE, hold, reserved, venue_of_two
from tests.server.core.test_sequential_risk import SALE_FIRST, margin_venue, sold_half, stands
from tests.server.core.venue import BUY, SELL

UNITS, PRICES = enums.AMEND_FIELD_UNITS, enums.AMEND_FIELD_LEG_PRICES
POSITION = enums.REJECT_REASON_POSITION_LIMIT
SHORT_OF_MARGIN = enums.REJECT_REASON_INSUFFICIENT_MARGIN


def change(venue: RiskVenue, **terms: Any) -> Refused:
    venue.do(package_commands.replace_package, account_id=1, client_order_id="p", **terms)
    return venue.refused


def test_what_was_sold_need_not_be_held_again() -> None:
    """Of 5 lots of B 2 are sold: 3 are there, which is what the order still sells."""
    venue = sold_half(5)
    assert change(venue, leg_prices={2: 130}) == ACCEPTED
    assert stands(venue)[:2] == (26, 26)
    assert change(venue, units=6) == Refused(BALANCE, UNITS, 39, 52)
    assert change(venue, units=4) == ACCEPTED
    for _ in range(2):
        hit(venue, f"b{venue.now}", B, BUY, 1, 130)
    assert stands(venue)[0] == 52
    assert venue.exchange.state_hash() == replayed(venue).state_hash()


@pytest.mark.parametrize("policy", [UNWIND, HOLD])
def test_room_for_what_was_bought_is_not_asked_for_again(policy: int) -> None:
    venue = venue_of_two(1_000)
    hold(venue, B, 10, 100)
    venue.limit(1, A, position_quantity=5 * LOT)
    work(venue, policy=policy)
    hit(venue, "s", A, SELL, 2, 100)
    assert excess(venue) == [2, 0]
    assert change(venue, leg_prices={1: 110}) == ACCEPTED
    refused = change(venue, units=6)
    assert refused == Refused(POSITION, PRICES, 5 * LOT, 6 * LOT)
    assert venue.result.reject_leg_number == 1
    assert change(venue, units=2) == ACCEPTED, "a leg that has traded whole is not in its way"
    venue.limit(1, A, position_quantity=LOT)
    assert change(venue, leg_prices={2: 120}) == ACCEPTED


def test_money_that_was_paid_is_not_asked_for_again() -> None:
    venue = venue_of_two(50)
    hold(venue, B, 5, 0)
    work(venue)
    hit(venue, "s", A, SELL, 2, 100)
    assert stands(venue)[:2] == (30, 30)
    assert change(venue, leg_prices={1: 110}) == Refused(BALANCE, UNITS, 30, 33)
    assert change(venue, leg_prices={1: 90}) == ACCEPTED
    assert stands(venue)[:2] == (30, 27)


CALLS = (Leg(5, SELL, LOT, 40), Leg(6, BUY, LOT, 30))


@pytest.mark.parametrize("begun", [1, 2, 4, 5])
@pytest.mark.parametrize("bought", [0, 1])
def test_margin_of_what_was_sold_short_is_not_asked_for_again(begun: int, bought: int) -> None:
    """With just what the order needed to be let in, it may be entered anew at the same terms."""
    venue = margin_venue(0)
    work(venue, legs=CALLS, units=5)
    assert venue.refused.reason == SHORT_OF_MARGIN
    venue.pay(venue.refused.value)
    work(venue, legs=CALLS, units=5)
    hit(venue, "b", 5, BUY, begun, 40)
    if bought:
        hit(venue, "s", 6, SELL, bought, 30)
    before = reserved(venue)
    assert change(venue, leg_prices={1: 40}) == ACCEPTED
    assert reserved(venue) == before
    assert change(venue, units=7).reason == SHORT_OF_MARGIN
    assert change(venue, units=6).value > reserved(venue)
    for number in range(5 - begun):
        hit(venue, f"b{number}", 5, BUY, 1, 40)
    for number in range(5 - bought):
        hit(venue, f"s{number}", 6, SELL, 1, 30)
        margin = venue.exchange.margin(1, 0, venue.now, enums.MARGIN_MODEL_STRATEGY)
        assert margin is not None
        assert cash(venue) - margin.position_margin - reserved(venue) >= 0
    assert view(venue).order.cumulative_quantity == 5 * UNIT
    assert reserved(venue) == 0


def test_sale_first_is_the_same_as_before() -> None:
    venue = sold_half(5)
    before = stands(venue)
    for number, leg in enumerate(SALE_FIRST, 1):
        assert change(venue, leg_prices={number: leg.price}) == ACCEPTED
        assert stands(venue) == before
