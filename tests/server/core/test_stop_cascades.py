"""Stops that set one another off, and how far they go for one command."""

from quantumcore.server.core import admin_commands, enums
from tests.server.core.venue import BUY, SELL, Venue

STOP = {"order_type": enums.ORDER_TYPE_STOP}
STOP_LIMIT = {"order_type": enums.ORDER_TYPE_STOP_LIMIT}


def triggered(events: list[str]) -> list[str]:
    """Return the client order ids of the stops that became active, in order."""
    return [event.split()[1] for event in events if event.startswith("triggered")]


def test_stop_sets_off_the_next_one_by_its_trade() -> None:
    venue = Venue()
    venue.order("s2", BUY, 5, stop_price=120, **STOP)
    venue.order("s1", BUY, 5, stop_price=110, **STOP)
    for name, price in (("a", 110), ("b", 120), ("c", 130)):
        venue.order(name, SELL, 5, price, account_id=2)
    assert venue.order("t", BUY, 5, 110, account_id=3)[1:] == [
        "filled a filled 5+0/5@110 maker 5@110 trade 1",
        "filled t filled 5+0/5@110 taker 5@110 trade 1",
        "triggered s1 new 0+5/5@0",
        "filled b filled 5+0/5@120 maker 5@120 trade 2",
        "filled s1 filled 5+0/5@0 taker 5@120 trade 2",
        "triggered s2 new 0+5/5@0",
        "filled c filled 5+0/5@130 maker 5@130 trade 3",
        "filled s2 filled 5+0/5@0 taker 5@130 trade 3",
    ]


def cascade_of(count: int) -> Venue:
    """Return a venue with so many stop-limit orders for sale that one trade at 100 reaches."""
    venue = Venue()
    for number in range(count):
        venue.order(f"s{number}", SELL, 5, 900, stop_price=100, **STOP_LIMIT)
    return venue


def test_cascade_stops_at_a_thousand_and_goes_on_with_the_next_command() -> None:
    venue = cascade_of(1_205)
    venue.trade(110)
    venue.order("a", SELL, 5, 100, account_id=2)
    first = triggered(venue.order("b", BUY, 5, 100, account_id=3))
    assert first == [f"s{number}" for number in range(1_000)]
    assert venue.exchange.unsettled
    events = venue.cancel("s0")
    assert triggered(events) == [f"s{number}" for number in range(1_000, 1_205)]
    assert events[-1] == "ended s0 cancelled 0+0/5@900 reason 1"
    assert not venue.exchange.unsettled


def test_leftovers_go_on_in_a_turn_of_their_own_where_no_command_comes() -> None:
    venue = cascade_of(2_001)
    venue.order("a", SELL, 5, 100, account_id=2)
    venue.order("b", BUY, 5, 100, account_id=3)
    assert venue.exchange.unsettled
    counts = [len(venue.brief(admin_commands.advance_time)) for _ in range(3)]
    assert (counts, venue.exchange.unsettled) == ([1_001, 0, 0], False)
    assert len(venue.book()[1]) == 1
