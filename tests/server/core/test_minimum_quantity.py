"""Orders that trade a minimum at once, or not at all."""

from typing import Any

import pytest

from quantumcore.server.core import enums
from tests.server.core.venue import BUY, SELL, Venue

IOC, FOK = enums.TIME_IN_FORCE_IOC, enums.TIME_IN_FORCE_FOK
NEWEST = enums.SELF_TRADE_PREVENTION_CANCEL_NEWEST
OLDEST = enums.SELF_TRADE_PREVENTION_CANCEL_OLDEST


@pytest.fixture
def venue() -> Venue:
    """Asks of 20 at 100 and at 110."""
    venue = Venue()
    venue.order("a", SELL, 20, 100, account_id=2)
    venue.order("b", SELL, 20, 110, account_id=2)
    return venue


def buy(
    venue: Venue, quantity: int, minimum: int, price: int | None = 110, **more: Any
) -> list[str]:
    return venue.order("t", BUY, quantity, price, min_quantity=minimum, **more)


def test_order_that_cannot_trade_its_minimum_is_cancelled(venue: Venue) -> None:
    assert buy(venue, 90, 45) == [
        "accepted t new 0+90/90@110",
        "ended t cancelled 0+0/90@110 reason 12",
    ]
    assert venue.book() == ([], [(100, 20, 1), (110, 20, 1)])


def test_what_is_left_after_the_minimum_rests_without_the_condition(venue: Venue) -> None:
    assert buy(venue, 90, 40) == [
        "accepted t new 0+90/90@110",
        "filled a filled 20+0/20@100 maker 20@100 trade 1",
        "filled t partial 20+70/90@110 taker 20@100 trade 1",
        "filled b filled 20+0/20@110 maker 20@110 trade 2",
        "filled t partial 40+50/90@110 taker 20@110 trade 2",
    ]
    assert venue.order("s", SELL, 5, 110, account_id=2)[1:] == [
        "filled t partial 45+45/90@110 maker 5@110 trade 3",
        "filled s filled 5+0/5@110 taker 5@110 trade 3",
    ]


def test_minimum_of_an_immediate_order(venue: Venue) -> None:
    assert buy(venue, 90, 25, 100, time_in_force=IOC)[1:] == [
        "ended t cancelled 0+0/90@100 reason 12"
    ]
    venue.order("c", SELL, 5, 100, account_id=2)
    events = venue.order("u", BUY, 90, 100, min_quantity=25, time_in_force=IOC)
    assert events[-1] == "ended u cancelled 25+0/90@100 reason 3"


def test_minimum_of_a_market_order_counts_up_to_its_protection(venue: Venue) -> None:
    venue.order("far", SELL, 100, 140, account_id=2)
    market = {"order_type": enums.ORDER_TYPE_MARKET}
    assert buy(venue, 100, 45, None, **market)[1:] == ["ended t cancelled 0+0/100@0 reason 12"]
    events = venue.order("u", BUY, 100, min_quantity=40, **market)
    assert events[-1] == "ended u cancelled 40+0/100@0 reason 5"


def test_replaced_order_is_not_held_to_its_minimum_again(venue: Venue) -> None:
    buy(venue, 90, 40)
    venue.order("c", SELL, 5, 120, account_id=2)
    assert venue.replace("t", price=120)[1:] == [
        "filled c filled 5+0/5@120 maker 5@120 trade 3",
        "filled t partial 45+45/90@120 taker 5@120 trade 3",
    ]


def test_hidden_quantity_counts_and_own_does_not(venue: Venue) -> None:
    iceberg = {"order_type": enums.ORDER_TYPE_ICEBERG, "display_quantity": 5}
    venue.order("hidden", SELL, 50, 110, account_id=3, **iceberg)
    venue.order("own", SELL, 50, 110)
    assert buy(venue, 95, 95, self_trade_prevention=OLDEST)[1:] == [
        "ended t cancelled 0+0/95@110 reason 12"
    ]
    events = venue.order("u", BUY, 90, 110, min_quantity=90, self_trade_prevention=OLDEST)
    assert events[-1].startswith("filled u filled 90+0/90@110 taker")


def test_hidden_quantity_that_would_be_shown_behind_an_own_order_does_not_count(
    venue: Venue,
) -> None:
    iceberg = {"order_type": enums.ORDER_TYPE_ICEBERG, "display_quantity": 5}
    venue.order("hidden", SELL, 50, 110, account_id=3, **iceberg)
    venue.order("own", SELL, 50, 110)
    for minimum, reason in ((50, 12), (45, 6)):
        events = venue.order(
            f"t{minimum}", BUY, 90, 110, min_quantity=minimum, self_trade_prevention=NEWEST
        )
        assert events[-1].endswith(f"reason {reason}")
    assert venue.queue()[1] == ["own 50@110", "hidden 5@110"]


@pytest.mark.parametrize(
    ("minimum", "refusal"),
    [
        (-5, "reason 50 field 17 -5 for 0"),
        (7, "reason 51 field 17 7 for 5"),
        (95, "reason 52 field 17 95 for 90"),
    ],
)
def test_minimum_that_is_no_part_of_the_quantity_is_refused(
    venue: Venue, minimum: int, refusal: str
) -> None:
    assert buy(venue, 90, minimum) == [f"rejected t rejected {refusal}"]


def test_minimum_is_taken_in_continuous_trading_only() -> None:
    venue = Venue(phase=enums.TRADING_PHASE_OPENING_AUCTION)
    assert buy(venue, 90, 5) == ["rejected t rejected reason 40 field 3 2 for 0"]
