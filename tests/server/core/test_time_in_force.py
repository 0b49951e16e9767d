"""How long orders work: each time in force, and what may not have it."""

from typing import Any

import pytest

from quantumcore.server.core import enums
from tests.server.core.venue import BUY, SELL, Venue

DAY, GTC, GTD = enums.TIME_IN_FORCE_DAY, enums.TIME_IN_FORCE_GTC, enums.TIME_IN_FORCE_GTD
IOC, FOK = enums.TIME_IN_FORCE_IOC, enums.TIME_IN_FORCE_FOK
AT_OPEN, AT_CLOSE = enums.TIME_IN_FORCE_AT_OPEN, enums.TIME_IN_FORCE_AT_CLOSE
LIMIT, MARKET = enums.ORDER_TYPE_LIMIT, enums.ORDER_TYPE_MARKET
STOP, STOP_LIMIT = enums.ORDER_TYPE_STOP, enums.ORDER_TYPE_STOP_LIMIT
ICEBERG, PEGGED = enums.ORDER_TYPE_ICEBERG, enums.ORDER_TYPE_PEGGED
PRE_OPEN, OPENING = enums.TRADING_PHASE_PRE_OPEN, enums.TRADING_PHASE_OPENING_AUCTION
CONTINUOUS, CLOSED = enums.TRADING_PHASE_CONTINUOUS, enums.TRADING_PHASE_CLOSED
VOLATILITY = enums.TRADING_PHASE_VOLATILITY_AUCTION
CLOSING, HALTED = enums.TRADING_PHASE_CLOSING_AUCTION, enums.TRADING_PHASE_HALTED

# What an order of each type must have besides its quantity.
TERMS: dict[int, dict[str, Any]] = {
    LIMIT: {"price": 100},
    MARKET: {},
    STOP: {"stop_price": 100},
    STOP_LIMIT: {"price": 100, "stop_price": 100},
    ICEBERG: {"price": 100, "display_quantity": 10},
    PEGGED: {"peg_reference": enums.PEG_REFERENCE_PRIMARY},
}


def enter(venue: Venue, order_type: int, time_in_force: int, **more: Any) -> list[str]:
    terms = TERMS[order_type] | {"order_type": order_type, "time_in_force": time_in_force}
    if time_in_force == GTD:
        terms["expire_time_ns"] = 1 << 40
    return venue.order("o", BUY, 50, **terms | more)


@pytest.mark.parametrize("order_type", TERMS)
@pytest.mark.parametrize("time_in_force", [DAY, GTC, GTD])
def test_every_type_may_rest(order_type: int, time_in_force: int) -> None:
    venue = Venue()
    venue.order("bid", BUY, 5, 100, account_id=2)
    assert enter(venue, order_type, time_in_force)[0].startswith("accepted o ")


@pytest.mark.parametrize("order_type", [STOP, STOP_LIMIT, ICEBERG, PEGGED])
@pytest.mark.parametrize("time_in_force", [IOC, FOK, AT_OPEN, AT_CLOSE])
def test_orders_that_wait_are_not_immediate_nor_for_one_auction(
    order_type: int, time_in_force: int
) -> None:
    refused = [f"rejected o rejected reason 28 field 7 {time_in_force} for 0"]
    assert enter(Venue(), order_type, time_in_force) == refused


@pytest.mark.parametrize(
    ("order_type", "time_in_force"),
    [(LIMIT, IOC), (LIMIT, FOK), (LIMIT, AT_OPEN), (LIMIT, AT_CLOSE), (MARKET, GTC)]
    + [(order_type, GTC) for order_type in (STOP, STOP_LIMIT, PEGGED)],
)
def test_post_only_orders_rest_as_limit_orders_do(order_type: int, time_in_force: int) -> None:
    refused = ["rejected o rejected reason 28 field 15 1 for 0"]
    assert enter(Venue(), order_type, time_in_force, post_only=True) == refused


@pytest.mark.parametrize(
    ("order_type", "more"),
    [
        (LIMIT, {"time_in_force": FOK}),
        (LIMIT, {"post_only": True}),
        (STOP, {}),
        (STOP_LIMIT, {}),
        (PEGGED, {}),
    ],
)
def test_minimum_quantity_goes_with_orders_that_trade_when_they_come(
    order_type: int, more: dict[str, Any]
) -> None:
    terms = {"min_quantity": 10} | more
    time_in_force = terms.pop("time_in_force", GTC)
    refused = ["rejected o rejected reason 28 field 17 10 for 0"]
    assert enter(Venue(), order_type, time_in_force, **terms) == refused


@pytest.mark.parametrize(
    ("display", "refusal"),
    [
        (0, "reason 29 field 12 0 for 0"),
        (-5, "reason 50 field 12 -5 for 0"),
        (7, "reason 51 field 12 7 for 5"),
        (50, "reason 52 field 12 50 for 50"),
        (45, ""),
    ],
)
def test_display_quantity_is_a_part_of_the_quantity(display: int, refusal: str) -> None:
    events = enter(Venue(), ICEBERG, GTC, display_quantity=display)
    expected = f"rejected o rejected {refusal}" if refusal else "accepted o new 0+50/50@100"
    assert events == [expected]


@pytest.mark.parametrize(
    ("order_type", "missing", "field"),
    [
        (LIMIT, "price", 9),
        (STOP, "stop_price", 10),
        (STOP_LIMIT, "price", 9),
        (STOP_LIMIT, "stop_price", 10),
        (ICEBERG, "price", 9),
    ],
)
def test_what_a_type_needs_is_required(order_type: int, missing: str, field: int) -> None:
    refused = [f"rejected o rejected reason 29 field {field} 0 for 0"]
    assert enter(Venue(), order_type, GTC, **{missing: None}) == refused


def test_peg_needs_what_it_follows_and_a_date_needs_a_time() -> None:
    assert enter(Venue(), PEGGED, GTC, peg_reference=0) == [
        "rejected o rejected reason 29 field 13 0 for 0"
    ]
    assert enter(Venue(), LIMIT, GTD, expire_time_ns=0) == [
        "rejected o rejected reason 29 field 18 0 for 0"
    ]


@pytest.mark.parametrize("phase", [PRE_OPEN, OPENING, VOLATILITY, CLOSING])
@pytest.mark.parametrize("time_in_force", [IOC, FOK])
def test_immediate_orders_are_taken_in_continuous_trading_only(
    phase: int, time_in_force: int
) -> None:
    venue = Venue(phase=phase)
    refused = [f"rejected o rejected reason 40 field 3 {phase} for 0"]
    assert enter(venue, LIMIT, time_in_force) == refused
    assert enter(venue, MARKET, time_in_force) == refused


@pytest.mark.parametrize(
    ("phase", "taken"),
    [(PRE_OPEN, True), (OPENING, True), (CONTINUOUS, False), (VOLATILITY, False), (CLOSING, False)],
)
def test_orders_for_the_opening_are_taken_before_it(phase: int, taken: bool) -> None:
    events = enter(Venue(phase=phase), LIMIT, AT_OPEN)
    refused = f"rejected o rejected reason 40 field 3 {phase} for 0"
    assert events == ["accepted o new 0+50/50@100" if taken else refused]


def test_orders_for_the_opening_trade_in_it_and_end_with_it() -> None:
    venue = Venue(phase=PRE_OPEN)
    enter(venue, LIMIT, AT_OPEN)
    venue.order("m", BUY, 5, order_type=MARKET, time_in_force=AT_OPEN, account_id=2)
    venue.order("s", SELL, 25, 100, account_id=3)
    assert venue.book() == ([(100, 50, 1)], [(100, 25, 1)])
    venue.set_phase(OPENING)
    assert venue.set_phase(CONTINUOUS) == [
        "phase 1 continuous after opening",
        "filled m filled 5+0/5@0 auction 5@100 trade 1",
        "filled s partial 5+20/25@100 auction 5@100 trade 1",
        "filled o partial 20+30/50@100 auction 20@100 trade 2",
        "filled s filled 25+0/25@100 auction 20@100 trade 2",
        "ended o cancelled 20+0/50@100 reason 15",
        "auction 1 opening ended: 25@100, 30 left to buyers",
    ]


@pytest.mark.parametrize("phase", [PRE_OPEN, OPENING, CONTINUOUS, VOLATILITY])
def test_orders_for_the_close_wait_outside_the_book(phase: int) -> None:
    venue = Venue(phase=phase)
    venue.order("s", SELL, 5, 100, account_id=2)
    assert enter(venue, LIMIT, AT_CLOSE) == ["accepted o new 0+50/50@100"]
    assert venue.order("m", BUY, 5, order_type=MARKET, time_in_force=AT_CLOSE) == [
        "accepted m new 0+5/5@0"
    ]
    assert venue.book() == ([], [(100, 5, 1)])
    assert venue.find("o").shown_quantity == 0


def test_orders_for_the_close_join_its_auction_in_order_of_entry_and_end_with_it() -> None:
    venue = Venue()
    enter(venue, LIMIT, AT_CLOSE)
    venue.order("p", BUY, 10, 100, time_in_force=AT_CLOSE)
    venue.order("late", BUY, 10, 100, account_id=2)
    venue.replace("o", quantity=60)
    venue.replace("p", quantity=5)
    assert venue.set_phase(CLOSING) == ["phase 1 closing after continuous"]
    assert venue.queue()[0] == ["late 10@100", "o 60@100", "p 5@100"]
    venue.order("s", SELL, 20, 90, account_id=3)
    assert venue.set_phase(CLOSED) == [
        "phase 1 closed after closing",
        "filled late filled 10+0/10@100 auction 10@100 trade 1",
        "filled s partial 10+10/20@90 auction 10@100 trade 1",
        "filled o partial 10+50/60@100 auction 10@100 trade 2",
        "filled s filled 20+0/20@90 auction 10@100 trade 2",
        "ended o cancelled 10+0/60@100 reason 15",
        "ended p cancelled 0+0/5@100 reason 15",
        "auction 1 closing ended: 20@100, 55 left to buyers",
    ]


def test_waiting_orders_for_the_close_can_be_changed_and_cancelled() -> None:
    venue = Venue()
    enter(venue, LIMIT, AT_CLOSE)
    assert venue.replace("o", quantity=20) == ["replaced o new 0+20/20@100 was o"]
    assert venue.replace("o", price=110) == ["replaced o new 0+20/20@110 was o"]
    assert venue.cancel("o") == ["ended o cancelled 0+0/20@110 reason 1"]
    assert venue.set_phase(CLOSING) == ["phase 1 closing after continuous"]
    assert venue.book() == ([], [])


def test_orders_for_the_close_end_where_the_day_ends_without_its_auction() -> None:
    venue = Venue()
    enter(venue, LIMIT, AT_CLOSE)
    venue.order("m", SELL, 5, order_type=MARKET, time_in_force=AT_CLOSE)
    assert venue.set_phase(CLOSED) == [
        "phase 1 closed after continuous",
        "ended o cancelled 0+0/50@100 reason 15",
        "ended m cancelled 0+0/5@0 reason 15",
    ]


def test_day_order_of_every_kind_expires_at_the_close_and_others_stay() -> None:
    venue = Venue()
    for name, order_type in (("stop", STOP_LIMIT), ("iceberg", ICEBERG), ("peg", PEGGED)):
        terms = TERMS[order_type] | {"order_type": order_type, "time_in_force": DAY}
        venue.order(name, BUY, 50, **terms | {"account_id": 3})
    venue.order("waiting", SELL, 50, **TERMS[PEGGED], order_type=PEGGED, time_in_force=DAY)
    enter(venue, LIMIT, GTC)
    assert venue.set_phase(CLOSED) == [
        "phase 1 closed after continuous",
        "ended stop expired 0+0/50@100 reason 10",
        "ended iceberg expired 0+0/50@100 reason 10",
        "ended peg expired 0+0/50@100 reason 10",
        "ended waiting expired 0+0/50@0 reason 10",
    ]
    assert venue.queue() == (["o 50@100"], [])


def test_order_entered_after_the_close_for_the_next_day_is_refused_and_gtc_works_on() -> None:
    venue = Venue()
    enter(venue, LIMIT, GTC)
    venue.set_phase(CLOSED)
    assert venue.order("d", SELL, 5, 100, time_in_force=DAY) == [
        "rejected d rejected reason 40 field 3 7 for 0"
    ]
    assert venue.cancel("o") == ["ended o cancelled 0+0/50@100 reason 1"]
