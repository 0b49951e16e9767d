"""Stops: what sets them off, in which order, and how far a cascade goes for one command."""

import pytest

from quantumcore.server.core import enums
from tests.server.core.venue import BUY, SELL, Venue

STOP = {"order_type": enums.ORDER_TYPE_STOP}
STOP_LIMIT = {"order_type": enums.ORDER_TYPE_STOP_LIMIT}
BID_ASK = {"stop_trigger": enums.STOP_TRIGGER_BID_ASK}
REFERENCE = {"stop_trigger": enums.STOP_TRIGGER_REFERENCE}
CONTINUOUS, HALTED = enums.TRADING_PHASE_CONTINUOUS, enums.TRADING_PHASE_HALTED
VOLATILITY = enums.TRADING_PHASE_VOLATILITY_AUCTION


@pytest.fixture
def venue() -> Venue:
    return Venue()


def triggered(events: list[str]) -> list[str]:
    """Return the client order ids of the stops that became active, in order."""
    return [event.split()[1] for event in events if event.startswith("triggered")]


def test_stop_waits_unseen_until_its_price_trades(venue: Venue) -> None:
    assert venue.order("s", BUY, 50, stop_price=120, **STOP) == ["accepted s pending 0+50/50@0"]
    assert venue.find("s").stop_price == 120
    assert venue.book() == ([], [])
    venue.order("a", SELL, 5, 120, account_id=2)
    venue.order("b", SELL, 70, 130, account_id=2)
    assert venue.order("t", BUY, 5, 120, account_id=3) == [
        "accepted t new 0+5/5@120",
        "filled a filled 5+0/5@120 maker 5@120 trade 1",
        "filled t filled 5+0/5@120 taker 5@120 trade 1",
        "triggered s new 0+50/50@0",
        "filled b partial 50+20/70@130 maker 50@130 trade 2",
        "filled s filled 50+0/50@0 taker 50@130 trade 2",
    ]


def test_stop_limit_becomes_a_limit_order_that_may_rest(venue: Venue) -> None:
    venue.order("s", SELL, 50, 90, stop_price=100, **STOP_LIMIT)
    venue.order("b", BUY, 5, 100, account_id=2)
    venue.order("c", BUY, 10, 90, account_id=2)
    assert venue.order("t", SELL, 5, 100, account_id=3) == [
        "accepted t new 0+5/5@100",
        "filled b filled 5+0/5@100 maker 5@100 trade 1",
        "filled t filled 5+0/5@100 taker 5@100 trade 1",
        "triggered s new 0+50/50@90",
        "filled c filled 10+0/10@90 maker 10@90 trade 2",
        "filled s partial 10+40/50@90 taker 10@90 trade 2",
    ]
    assert venue.book() == ([], [(90, 40, 1)])


def test_active_stop_is_a_market_order_with_its_protection(venue: Venue) -> None:
    venue.order("s", BUY, 50, stop_price=100, **STOP)
    for price in (110, 140, 150):
        venue.order(f"a{price}", SELL, 5, price, account_id=2)
    venue.order("a100", SELL, 5, 100, account_id=2)
    events = venue.order("t", BUY, 5, 100, account_id=3)
    assert events[3:] == [
        "triggered s new 0+50/50@0",
        "filled a110 filled 5+0/5@110 maker 5@110 trade 2",
        "filled s partial 5+45/50@0 taker 5@110 trade 2",
        "filled a140 filled 5+0/5@140 maker 5@140 trade 3",
        "filled s partial 10+40/50@0 taker 5@140 trade 3",
        "ended s cancelled 10+0/50@0 reason 5",
    ]


@pytest.mark.parametrize(
    ("side", "stop_price", "active"),
    [
        (BUY, 140, True),
        (BUY, 150, True),
        (BUY, 160, False),
        (SELL, 160, True),
        (SELL, 150, True),
        (SELL, 140, False),
    ],
)
def test_stop_that_is_reached_when_it_is_entered_is_active_at_once(
    venue: Venue, side: int, stop_price: int, active: bool
) -> None:
    venue.trade(150)
    events = venue.order("s", side, 5, stop_price, stop_price=stop_price, **STOP_LIMIT)
    amounts = f"0+5/5@{stop_price}"
    expected = [f"accepted s pending {amounts}"] + [f"triggered s new {amounts}"] * active
    assert events == expected


@pytest.mark.parametrize("phase", [CONTINUOUS, VOLATILITY])
def test_trades_before_a_stop_was_entered_do_not_set_it_off(venue: Venue, phase: int) -> None:
    for price in (200, 100, 150):
        venue.trade(price)
    if phase != CONTINUOUS:
        venue.set_phase(phase)
    assert venue.order("b", BUY, 5, stop_price=180, **STOP) == ["accepted b pending 0+5/5@0"]
    assert venue.order("s", SELL, 5, stop_price=120, **STOP) == ["accepted s pending 0+5/5@0"]
    assert triggered(venue.set_phase(CONTINUOUS)) == []


def test_bid_ask_stop_looks_at_the_best_ask_for_a_buy(venue: Venue) -> None:
    venue.order("a", SELL, 5, 100, account_id=2)
    venue.order("b", SELL, 5, 130, account_id=2)
    venue.order("s", BUY, 5, 130, stop_price=130, **STOP_LIMIT, **BID_ASK)
    assert venue.cancel("a", account_id=2) == [
        "ended a cancelled 0+0/5@100 reason 1",
        "triggered s new 0+5/5@130",
        "filled b filled 5+0/5@130 maker 5@130 trade 1",
        "filled s filled 5+0/5@130 taker 5@130 trade 1",
    ]


def test_bid_ask_stop_looks_at_the_best_bid_for_a_sell(venue: Venue) -> None:
    venue.order("b", BUY, 5, 100, account_id=2)
    venue.order("s", SELL, 5, 100, stop_price=90, **STOP_LIMIT, **BID_ASK)
    venue.order("c", BUY, 5, 90, account_id=2)
    assert venue.replace("b", 2, price=80) == [
        "replaced b new 0+5/5@80 was b",
        "triggered s new 0+5/5@100",
    ]
    assert venue.book() == ([(90, 5, 1), (80, 5, 1)], [(100, 5, 1)])


def test_bid_ask_stop_sees_no_price_in_an_empty_side(venue: Venue) -> None:
    venue.order("b", BUY, 5, 100, account_id=2)
    venue.order("s", SELL, 5, 50, stop_price=90, **STOP_LIMIT, **BID_ASK)
    assert triggered(venue.cancel("b", account_id=2)) == []
    assert triggered(venue.order("c", BUY, 5, 80, account_id=2)) == ["s"]


@pytest.mark.parametrize(
    ("quote", "active"),
    [
        ({"last": 120}, True),
        ({"last": 119}, False),
        ({"bid": 110, "ask": 130}, True),
        ({"bid": 110, "ask": 129}, False),
        ({"bid": 200}, False),
        ({"ask": 200}, False),
        ({"bid": 500, "ask": 500, "last": 119}, False),
    ],
)
def test_reference_stop_looks_at_last_price_or_the_middle_of_the_quote(
    venue: Venue, quote: dict[str, int], active: bool
) -> None:
    venue.order("s", BUY, 5, 100, stop_price=120, **STOP_LIMIT, **REFERENCE)
    expected = ["triggered s new 0+5/5@100"] if active else []
    assert venue.reference(**quote) == expected


def test_reference_quote_replaces_the_one_before(venue: Venue) -> None:
    venue.reference(last=500)
    venue.reference(bid=400)
    assert venue.order("s", BUY, 5, 100, stop_price=120, **STOP_LIMIT, **REFERENCE) == [
        "accepted s pending 0+5/5@100"
    ]
    venue.reference(last=120)
    assert triggered(venue.order("t", BUY, 5, 100, stop_price=120, **STOP_LIMIT, **REFERENCE)) == [
        "t"
    ]


def test_middle_of_a_negative_quote_is_rounded_down(venue: Venue) -> None:
    venue.order("s", SELL, 5, 100, stop_price=-10, **STOP_LIMIT, **REFERENCE)
    assert venue.reference(bid=-11, ask=-8) == ["triggered s new 0+5/5@100"]


def test_buys_go_lowest_first_then_sells_highest_first_then_by_arrival(venue: Venue) -> None:
    venue.set_phase(VOLATILITY)
    for name, side, stop in (
        ("s1", SELL, 100),
        ("s2", SELL, 120),
        ("b1", BUY, 100),
        ("b2", BUY, 90),
        ("b3", BUY, 90),
        ("s3", SELL, 120),
    ):
        venue.order(name, side, 5, 60 if side == BUY else 900, stop_price=stop, **STOP_LIMIT)
    venue.order("a", BUY, 5, 100, account_id=2)
    venue.order("b", SELL, 5, 100, account_id=3)
    assert triggered(venue.set_phase(CONTINUOUS)) == ["b2", "b3", "b1", "s2", "s3", "s1"]


def test_last_trade_goes_before_bid_ask_before_reference(venue: Venue) -> None:
    venue.set_phase(VOLATILITY)
    venue.reference(last=100)
    for name, trigger in (("reference", REFERENCE), ("bid ask", BID_ASK), ("last", {})):
        venue.order(name, SELL, 5, 900, stop_price=100, **STOP_LIMIT, **trigger)
    venue.order("b", BUY, 10, 100, account_id=2)
    venue.order("a", SELL, 5, 100, account_id=3)
    events = venue.set_phase(CONTINUOUS)
    assert [event.split(" new")[0] for event in events if event.startswith("triggered")] == [
        "triggered last",
        "triggered bid ask",
        "triggered reference",
    ]


def test_stop_that_waits_through_a_halt_is_looked_at_when_trading_resumes(venue: Venue) -> None:
    venue.order("s", BUY, 5, 100, stop_price=120, **STOP_LIMIT)
    venue.order("r", BUY, 5, 100, stop_price=150, **STOP_LIMIT, **REFERENCE)
    venue.set_phase(HALTED)
    assert venue.reference(last=150) == []
    assert venue.set_phase(CONTINUOUS) == [
        "phase 1 continuous after halted",
        "triggered r new 0+5/5@100",
    ]
    assert venue.find("s").status == enums.ORDER_STATUS_PENDING_TRIGGER
    assert venue.cancel("s") == ["ended s cancelled 0+0/5@100 reason 1"]


def test_stop_entered_while_nothing_trades_sees_the_last_trade_when_it_does(venue: Venue) -> None:
    venue.trade(150)
    venue.set_phase(VOLATILITY)
    assert venue.order("s", BUY, 5, 100, stop_price=150, **STOP_LIMIT) == [
        "accepted s pending 0+5/5@100"
    ]
    assert triggered(venue.set_phase(CONTINUOUS)) == ["s"]


@pytest.mark.parametrize(("stop_price", "active"), [(160, False), (150, True)])
def test_replaced_stop_waits_for_its_new_price(venue: Venue, stop_price: int, active: bool) -> None:
    venue.trade(150)
    venue.order("s", BUY, 5, 100, stop_price=200, **STOP_LIMIT)
    expected = ["replaced s pending 0+5/5@100 was s"] + ["triggered s new 0+5/5@100"] * active
    assert venue.replace("s", stop_price=stop_price) == expected
    assert venue.find("s").stop_price == stop_price


def test_smaller_stop_keeps_its_turn_and_a_larger_one_does_not(venue: Venue) -> None:
    for name in "abc":
        venue.order(name, BUY, 10, 100, stop_price=150, **STOP_LIMIT)
    venue.replace("a", quantity=5)
    venue.replace("b", quantity=15)
    venue.order("m", SELL, 5, 150, account_id=2)
    events = venue.order("t", BUY, 5, 150, account_id=3)
    assert triggered(events) == ["a", "c", "b"]
    assert venue.queue()[0] == ["a 5@100", "c 10@100", "b 15@100"]


def test_stop_price_of_an_active_stop_cannot_change(venue: Venue) -> None:
    venue.trade(150)
    venue.order("s", BUY, 5, 100, stop_price=150, **STOP_LIMIT)
    assert venue.replace("s", stop_price=160) == [
        "replace refused s new reason 28 field 8 160 for 0"
    ]
    assert venue.replace("s", price=90) == ["replaced s new 0+5/5@90 was s"]
