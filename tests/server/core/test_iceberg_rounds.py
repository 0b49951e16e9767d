"""Sweeps that meet nobody but icebergs: what turns of one part each give, in few trades."""

from collections import deque

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quantumcore.server.core import enums
from quantumcore.server.core.package_commands import Leg
from tests.server.core.packages import LOT, A, B, enter, listed
from tests.server.core.venue import BUY, SELL, Venue

ICEBERG = enums.ORDER_TYPE_ICEBERG
MOST = 1 << 40  # lots an instrument may allow at most
ROOM = {"max_quantity": 10_000_000, "lot_size": 1}

terms = st.tuples(st.integers(1, 40), st.integers(1, 12))


def iceberg(
    venue: Venue, name: str, quantity: int, display: int, price: int = 100, **more: object
) -> None:
    hidden = {"order_type": ICEBERG, "display_quantity": display} if display < quantity else {}
    venue.order(name, SELL, quantity, price, **hidden, **more)


def part_by_part(orders: list[tuple[int, int]], lots: int) -> list[int]:
    """Return what each order trades where each shows one part at a time and goes to the back."""
    traded = [0] * len(orders)
    queue = deque(range(len(orders)))
    while lots and queue:
        name = queue.popleft()
        quantity, display = orders[name]
        part = min(display, quantity - traded[name], lots)
        traded[name], lots = traded[name] + part, lots - part
        if traded[name] < quantity:
            queue.append(name)
    return traded


@given(st.lists(terms, min_size=1, max_size=6), st.integers(1, 200))
def test_each_order_trades_what_turns_of_one_part_would_give_it(
    orders: list[tuple[int, int]], lots: int
) -> None:
    venue = Venue(**ROOM)
    for name, (quantity, display) in enumerate(orders):
        iceberg(venue, str(name), quantity, display)
    venue.order("t", BUY, lots, 100, account_id=2)
    traded = [venue.find(str(name)).cumulative_quantity for name in range(len(orders))]
    assert traded == part_by_part(orders, lots)


@given(st.lists(terms, min_size=1, max_size=4), st.integers(1, 120))
def test_a_package_trades_what_a_single_order_would(
    orders: list[tuple[int, int]], lots: int
) -> None:
    venue = listed()
    for name, (quantity, display) in enumerate(orders):
        terms = {"account_id": 2, "instrument_id": A}
        iceberg(venue, str(name), quantity * LOT, display * LOT, **terms)
    venue.order("other", SELL, 200 * LOT, 100, account_id=2, instrument_id=B)
    lots = min(lots, sum(quantity for quantity, _display in orders))
    enter(venue, legs=(Leg(A, BUY, LOT), Leg(B, BUY, LOT)), units=lots)
    traded = [venue.find(str(name), 2).cumulative_quantity // LOT for name in range(len(orders))]
    assert traded == part_by_part(orders, lots)


def test_an_iceberg_of_a_million_million_parts_costs_two_trades() -> None:
    venue = Venue(max_quantity=MOST, lot_size=1)
    iceberg(venue, "i", MOST, 1)
    events = venue.order("t", BUY, MOST - 1, 100, account_id=2)
    assert [event for event in events if "maker" in event] == [
        f"filled i partial 1+{MOST - 1}/{MOST}@100 maker 1@100 trade 1",
        f"filled i partial {MOST - 1}+1/{MOST}@100 maker {MOST - 2}@100 trade 2",
    ]
    assert venue.book() == ([], [(100, 1, 1)])


@pytest.mark.parametrize("count", [1, 100, 3_000])
def test_events_of_a_sweep_grow_with_the_orders_that_it_meets_not_with_their_parts(
    count: int,
) -> None:
    venue = Venue(**ROOM)
    for number in range(count):
        iceberg(venue, f"i-{number}", 100 + number, 1)
    lots = count * 99
    events = venue.order("t", BUY, lots, 100, account_id=2)
    assert len(events) <= 1 + count * 2 * 3
    assert venue.find("t", 2).status == enums.ORDER_STATUS_FILLED
    assert [level[1:] for level in venue.book()[1]] == [(count, count)]


@pytest.mark.parametrize("parts", [1, 1_000_000])
def test_an_iceberg_trades_once_in_an_auction(parts: int) -> None:
    venue = Venue(phase=enums.TRADING_PHASE_PRE_OPEN, **ROOM)
    iceberg(venue, "i", 3 * parts, 3)
    iceberg(venue, "j", 3 * parts, 3)
    venue.order("b", BUY, 4 * parts, 100, account_id=2)
    events = venue.set_phase(enums.TRADING_PHASE_CONTINUOUS)
    assert sum(event.startswith("filled") for event in events) == 4
    assert venue.find("i").status == enums.ORDER_STATUS_FILLED
    assert venue.find("j").cumulative_quantity == parts


def test_dead_reduce_only_orders_end_together_in_an_auction() -> None:
    venue = Venue(**ROOM)
    venue.order("b", BUY, 300, 100, account_id=3)
    venue.order("s", SELL, 300, 100)
    for number in range(300):
        venue.order(f"r{number}", SELL, 1, 110 + 10 * number, account_id=3, reduce_only=True)
    venue.order("more", BUY, 300, 100, account_id=2)
    venue.order("gone", SELL, 300, 100, account_id=3)
    venue.set_phase(enums.TRADING_PHASE_VOLATILITY_AUCTION)
    venue.order("t", BUY, 1, 9_000, account_id=2)
    events = venue.set_phase(enums.TRADING_PHASE_CONTINUOUS)
    assert sum("ended r" in event for event in events) == 300
    assert venue.book() == ([(9_000, 1, 1)], [])


def test_a_sweep_that_is_filled_goes_no_round_further() -> None:
    venue = Venue(**ROOM)
    iceberg(venue, "i", 50, 5)
    events = venue.order("t", BUY, 5, 100, account_id=2)
    assert [event.split()[0] for event in events] == ["accepted", "filled", "filled", "restated"]


def test_an_own_iceberg_ends_a_sweep_that_is_in_turns_with_others() -> None:
    venue = Venue(**ROOM)
    iceberg(venue, "i", 100, 10)
    venue.order("own", SELL, 10, 110, account_id=2)
    newest = enums.SELF_TRADE_PREVENTION_CANCEL_NEWEST
    venue.order("t", BUY, 150, 110, account_id=2, self_trade_prevention=newest)
    assert venue.find("i").cumulative_quantity == 100
    assert venue.find("t", 2).status == enums.ORDER_STATUS_CANCELLED
    assert venue.queue() == ([], ["own 10@110"])
