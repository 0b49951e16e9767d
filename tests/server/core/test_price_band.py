"""Price bands: what interrupts trading, and what becomes of the order that did."""

from typing import Any

import pytest

from quantumcore.server.core import enums
from tests.server.core.venue import BUY, SELL, Venue

IOC, FOK = enums.TIME_IN_FORCE_IOC, enums.TIME_IN_FORCE_FOK
MARKET = enums.ORDER_TYPE_MARKET
CONTINUOUS, VOLATILITY = enums.TRADING_PHASE_CONTINUOUS, enums.TRADING_PHASE_VOLATILITY_AUCTION
BREACHED = "phase 1 volatility after continuous by price band"
STOP = {"order_type": enums.ORDER_TYPE_STOP}
STOP_LIMIT = {"order_type": enums.ORDER_TYPE_STOP_LIMIT}


@pytest.fixture
def venue() -> Venue:
    """The last trade was at 100, the band is 30; asks of 5 at 110, 130, 140."""
    venue = Venue(price_band=30, protection_band=100)
    venue.trade(100)
    for price in (110, 130, 140):
        venue.order(f"a{price}", SELL, 5, price, account_id=2)
    return venue


def buy(venue: Venue, price: int | None = 200, **more: Any) -> list[str]:
    return venue.order("t", BUY, 20, price, **more)


WITHIN = [
    "filled a110 filled 5+0/5@110 maker 5@110 trade 2",
    "filled t partial 5+15/20@200 taker 5@110 trade 2",
    "filled a130 filled 5+0/5@130 maker 5@130 trade 3",
    "filled t partial 10+10/20@200 taker 5@130 trade 3",
]


def test_limit_order_stops_at_the_band_and_its_rest_rests(venue: Venue) -> None:
    assert buy(venue) == ["accepted t new 0+20/20@200", *WITHIN, BREACHED]
    assert venue.exchange.phase(1) == VOLATILITY
    assert venue.book() == ([(200, 10, 1)], [(140, 5, 1)])
    assert venue.set_phase(CONTINUOUS)[1:] == [
        "filled t partial 15+5/20@200 auction 5@200 trade 4",
        "filled a140 filled 5+0/5@140 auction 5@200 trade 4",
        "auction 1 volatility ended: 5@200, 5 left to buyers",
    ]


def test_immediate_order_is_cancelled_at_the_band(venue: Venue) -> None:
    assert buy(venue, time_in_force=IOC) == [
        "accepted t new 0+20/20@200",
        *WITHIN,
        "ended t cancelled 10+0/20@200 reason 3",
        BREACHED,
    ]


def test_market_order_is_cancelled_at_the_band(venue: Venue) -> None:
    assert buy(venue, None, order_type=MARKET) == [
        "accepted t new 0+20/20@0",
        *[line.replace("@200", "@0") for line in WITHIN],
        "ended t cancelled 10+0/20@0 reason 5",
        BREACHED,
    ]


def test_market_order_that_ends_at_its_protection_first_interrupts_nothing() -> None:
    venue = Venue(price_band=100)
    venue.trade(100)
    for price in (110, 150):
        venue.order(f"a{price}", SELL, 5, price, account_id=2)
    assert buy(venue, None, order_type=MARKET)[-1] == "ended t cancelled 5+0/20@0 reason 5"
    assert venue.exchange.phase(1) == CONTINUOUS


@pytest.mark.parametrize(
    ("terms", "reason"), [({"time_in_force": FOK}, 4), ({"min_quantity": 15}, 12)]
)
def test_all_or_nothing_counts_up_to_the_band_and_interrupts_nothing(
    venue: Venue, terms: dict[str, int], reason: int
) -> None:
    assert venue.order("t", BUY, 15, 200, **terms) == [
        "accepted t new 0+15/15@200",
        f"ended t cancelled 0+0/15@200 reason {reason}",
    ]
    assert venue.exchange.phase(1) == CONTINUOUS
    events = venue.order("u", BUY, 10, 200, time_in_force=FOK)
    assert events[-1] == "filled u filled 10+0/10@200 taker 5@130 trade 3"


def test_order_that_fills_whole_within_the_band_interrupts_nothing(venue: Venue) -> None:
    assert venue.order("t", BUY, 10, 200)[-1].startswith("filled t filled 10+0/10@200")
    assert venue.exchange.phase(1) == CONTINUOUS


def test_order_that_meets_nobody_beyond_the_band_rests_there(venue: Venue) -> None:
    venue.cancel("a140", 2)
    assert buy(venue)[-1] == WITHIN[-1]
    assert venue.exchange.phase(1) == CONTINUOUS
    assert venue.book() == ([(200, 10, 1)], [])


def test_band_holds_downwards_as_well() -> None:
    venue = Venue(price_band=30)
    venue.trade(100)
    for price in (70, 60):
        venue.order(f"b{price}", BUY, 5, price, account_id=2)
    assert venue.order("t", SELL, 10, 60) == [
        "accepted t new 0+10/10@60",
        "filled b70 filled 5+0/5@70 maker 5@70 trade 2",
        "filled t partial 5+5/10@60 taker 5@70 trade 2",
        BREACHED,
    ]


def test_band_moves_with_the_last_trade(venue: Venue) -> None:
    assert venue.order("t", BUY, 10, 130)[-1] == "filled t filled 10+0/10@130 taker 5@130 trade 3"
    assert venue.order("u", BUY, 5, 200)[-1] == "filled u filled 5+0/5@200 taker 5@140 trade 4"


def test_there_is_no_band_before_the_first_trade() -> None:
    venue = Venue(price_band=10)
    for price in (100, 900):
        venue.order(f"a{price}", SELL, 5, price, account_id=2)
    assert venue.order("t", BUY, 10, 900)[-1] == "filled t filled 10+0/10@900 taker 5@900 trade 2"


def test_replaced_order_breaches_as_a_new_one(venue: Venue) -> None:
    buy(venue, 90)
    assert venue.replace("t", price=200) == [
        "replaced t new 0+20/20@200 was t",
        *WITHIN,
        BREACHED,
    ]


def test_stop_that_breaches_interrupts_and_later_ones_wait(venue: Venue) -> None:
    venue.order("s1", BUY, 10, 200, stop_price=110, account_id=3, **STOP_LIMIT)
    venue.order("s2", BUY, 10, 200, stop_price=120, account_id=3, **STOP_LIMIT)
    venue.cancel("a130", 2)
    venue.replace("a140", 2, price=150)
    assert venue.order("t", BUY, 5, 110) == [
        "accepted t new 0+5/5@110",
        "filled a110 filled 5+0/5@110 maker 5@110 trade 2",
        "filled t filled 5+0/5@110 taker 5@110 trade 2",
        "triggered s1 new 0+10/10@200",
        BREACHED,
    ]
    assert venue.find("s2", 3).status == enums.ORDER_STATUS_PENDING_TRIGGER
    assert venue.set_phase(CONTINUOUS) == [
        "phase 1 continuous after volatility",
        "filled s1 partial 5+5/10@200 auction 5@200 trade 3",
        "filled a140 filled 5+0/5@150 auction 5@200 trade 3",
        "auction 1 volatility ended: 5@200, 5 left to buyers",
        "triggered s2 new 0+10/10@200",
    ]


def test_stop_that_is_active_at_once_breaches_too(venue: Venue) -> None:
    events = venue.order("s", BUY, 20, stop_price=90, account_id=3, **STOP)
    assert events[:2] == ["accepted s pending 0+20/20@0", "triggered s new 0+20/20@0"]
    assert events[-2:] == ["ended s cancelled 10+0/20@0 reason 5", BREACHED]


def test_peg_that_breaches_when_it_moves_interrupts_and_later_ones_stand(venue: Venue) -> None:
    for name in ("a110", "a130"):
        venue.cancel(name, 2)
    venue.order("bid", BUY, 5, 100, account_id=2)
    peg = {"order_type": enums.ORDER_TYPE_PEGGED, "peg_reference": enums.PEG_REFERENCE_PRIMARY}
    for name in ("p", "q"):
        venue.order(name, BUY, 5, peg_offset=20, account_id=3, **peg)
    assert venue.order("better", BUY, 5, 120) == [
        "accepted better new 0+5/5@120",
        "restated p new 0+5/5@140 peg moved shows 5",
        BREACHED,
    ]
    assert venue.queue()[0] == ["p 5@140", "q 5@120", "better 5@120", "bid 5@100"]


def test_breach_times_the_auction() -> None:
    venue = Venue(price_band=30, auction_duration_ns=1_000)
    venue.trade(100)
    venue.order("a", SELL, 5, 200, account_id=2)
    assert buy(venue)[-1] == BREACHED
    end = venue.now + 1_000
    assert venue.advance(end - 1) == []
    assert venue.advance(end) == [
        "phase 1 continuous after volatility",
        "filled t partial 5+15/20@200 auction 5@200 trade 2",
        "filled a filled 5+0/5@200 auction 5@200 trade 2",
        "auction 1 volatility ended: 5@200, 15 left to buyers",
    ]


def test_auction_may_trade_beyond_the_band_and_the_band_moves_with_it() -> None:
    venue = Venue(price_band=30)
    venue.trade(100)
    venue.set_phase(VOLATILITY)
    venue.order("a", SELL, 5, 500, account_id=2)
    venue.order("b", BUY, 5, 500, account_id=3)
    assert venue.set_phase(CONTINUOUS)[1] == "filled b filled 5+0/5@500 auction 5@500 trade 2"
    venue.order("c", SELL, 5, 530, account_id=2)
    assert venue.order("t", BUY, 5, 530)[-1] == "filled t filled 5+0/5@530 taker 5@530 trade 3"


def test_cascade_goes_no_further_than_the_band_from_the_last_trade_before_the_command(
    venue: Venue,
) -> None:
    for stop_price, price in ((110, 130), (130, 140)):
        terms = {"stop_price": stop_price, "account_id": 3}
        venue.order(f"s{stop_price}", BUY, 5, price, **terms, **STOP_LIMIT)
    assert venue.order("t", BUY, 5, 110)[3:] == [
        "triggered s110 new 0+5/5@130",
        "filled a130 filled 5+0/5@130 maker 5@130 trade 3",
        "filled s110 filled 5+0/5@130 taker 5@130 trade 3",
        "triggered s130 new 0+5/5@140",
        BREACHED,
    ]
