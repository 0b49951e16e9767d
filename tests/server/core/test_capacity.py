"""What is full refuses with its capacity, and disturbs nothing else."""

from collections.abc import Callable
from typing import Any

import pytest

from quantumcore.server.core import admin_commands, enums
from tests.server.core.venue import BUY, LISTING, SELL, Venue

EXHAUSTED = enums.REJECT_REASON_CAPACITY_EXHAUSTED
MARKET = {"order_type": enums.ORDER_TYPE_MARKET}
STOP = {"order_type": enums.ORDER_TYPE_STOP, "stop_price": 150}
STOP_LIMIT = {"order_type": enums.ORDER_TYPE_STOP_LIMIT}
PEG = {"order_type": enums.ORDER_TYPE_PEGGED, "peg_reference": enums.PEG_REFERENCE_PRIMARY}
ICEBERG = {"order_type": enums.ORDER_TYPE_ICEBERG, "display_quantity": 5}
AT_CLOSE = {"time_in_force": enums.TIME_IN_FORCE_AT_CLOSE}
IOC = {"time_in_force": enums.TIME_IN_FORCE_IOC}


def held(venue: Venue) -> tuple[Any, ...]:
    """Return what a refused command must not change: all but the count of an order's events."""
    exchange = venue.exchange
    orders = [
        order._replace(version=0, sequence=0, updated_time_ns=0)
        for account in (1, 2, 3)
        for order in exchange.orders_of(account, limit=1_000)
    ]
    return orders, venue.queue(), venue.queue(2), exchange.working_orders


def refused(venue: Venue, act: Callable[[], list[str]], limit: int, value: int) -> None:
    """See that a command is refused for want of room, and changes nothing."""
    before = held(venue)
    (event,) = act()
    assert event.split(" reason ")[1].startswith(f"{EXHAUSTED} field ")
    assert event.endswith(f" {value} for {limit}")
    assert (venue.result.limit, venue.result.value) == (limit, value)
    assert held(venue) == before


@pytest.mark.parametrize(
    ("price", "terms"),
    [
        (100, {}),
        (100, ICEBERG),
        (None, STOP),
        (110, STOP_LIMIT | {"stop_price": 150}),
        (None, PEG),
        (100, AT_CLOSE),
        (None, MARKET | AT_CLOSE),
    ],
)
def test_every_order_that_would_wait_needs_room(price: int | None, terms: dict[str, int]) -> None:
    venue = Venue(live_order_capacity=3)
    for name in "abc":
        venue.order(name, BUY, 5, 100)
    refused(venue, lambda: venue.order("d", BUY, 50, price, **terms), 3, 3)
    venue.cancel("b")
    assert venue.order("e", BUY, 50, price, **terms)[0].startswith("accepted e")


@pytest.mark.parametrize(("price", "terms"), [(100, IOC), (None, MARKET)])
def test_orders_that_never_wait_need_none(price: int | None, terms: dict[str, int]) -> None:
    venue = Venue(live_order_capacity=2)
    for name in "ab":
        venue.order(name, SELL, 5, 100, account_id=2)
    assert venue.order("t", BUY, 10, price, **terms)[-1].startswith("filled t filled 10+0/10")


def test_market_order_for_an_auction_needs_room() -> None:
    venue = Venue(live_order_capacity=2, phase=enums.TRADING_PHASE_OPENING_AUCTION)
    for name in "ab":
        assert venue.order(name, BUY, 5, **MARKET)[0].startswith("accepted")
    refused(venue, lambda: venue.order("c", BUY, 5, **MARKET), 2, 2)


def test_full_venue_still_changes_cancels_and_trades() -> None:
    venue = Venue(live_order_capacity=2)
    venue.order("a", SELL, 50, 100)
    venue.order("b", SELL, 50, 110)
    assert venue.replace("a", quantity=20) == ["replaced a new 0+20/20@100 was a"]
    assert venue.order("t", BUY, 30, 110, account_id=2, **IOC)[-1].startswith("filled t filled")
    assert venue.order("c", SELL, 5, 120) == ["accepted c new 0+5/5@120"]
    refused(venue, lambda: venue.replace("b", price=130), 2, 2)
    assert venue.cancel("b") == ["ended b cancelled 10+0/50@110 reason 1"]


def test_levels_are_a_capacity_of_their_own() -> None:
    venue = Venue(level_capacity=2)
    venue.order("a", BUY, 5, 100)
    venue.order("b", BUY, 5, 110)
    refused(venue, lambda: venue.order("c", BUY, 5, 120), 2, 2)
    refused(venue, lambda: venue.order("s", BUY, 5, **STOP), 2, 2)
    venue.cancel("a")
    assert venue.order("d", BUY, 5, 120) == ["accepted d new 0+5/5@120"]


def test_remembered_orders_that_all_work_are_the_last_capacity() -> None:
    venue = Venue(order_capacity=2, live_order_capacity=100)
    venue.order("a", BUY, 5, 100)
    venue.order("b", BUY, 5, **STOP)
    refused(venue, lambda: venue.order("c", BUY, 5, 120, **IOC), 2, 2)


def test_positions_are_a_capacity_of_their_own() -> None:
    venue = Venue(position_capacity=2)
    venue.order("a", BUY, 5, 100)
    venue.order("b", BUY, 5, 100, instrument_id=2)
    refused(venue, lambda: venue.order("c", BUY, 5, 100, account_id=2), 2, 2)
    venue.cancel("a")
    assert venue.order("d", SELL, 5, 100) == ["accepted d new 0+5/5@100"]


@pytest.mark.parametrize(
    ("capacity", "command", "terms"),
    [
        ("instrument_capacity", admin_commands.create_instrument, LISTING),
        ("account_capacity", admin_commands.create_account, {}),
    ],
)
def test_instruments_and_accounts_are_bounded(
    capacity: str, command: Callable[..., int], terms: dict[str, int]
) -> None:
    venue = Venue(**{capacity: 4})
    count = 2 if command is admin_commands.create_instrument else 3
    for _ in range(4 - count):
        assert len(venue.do(command, **terms)) == 1
    sequence = venue.exchange.sequence
    assert venue.do(command, **terms) == []
    result = venue.result
    assert (result.reject_reason, result.limit, result.value, result.affected) == (14, 4, 4, 0)
    assert venue.exchange.sequence == sequence
    assert venue.order("a", BUY, 5, 100) == ["accepted a new 0+5/5@100"]


def large(venue: Venue) -> dict[str, Any]:
    """List an instrument whose orders can fill a level; return what orders in it have."""
    terms = {"lot_size": 1, "tick_size": 10**9, "min_price": 0, "max_price": 10**12}
    venue.do(admin_commands.create_instrument, **LISTING | terms | {"max_quantity": 1 << 62})
    return {"instrument_id": venue.exchange.instrument_count}


def test_order_that_moves_to_a_full_level_unasked_ends_there() -> None:
    venue = Venue()
    terms = large(venue)
    price, other = 100 * 10**9, 90 * 10**9
    venue.order("low", BUY, 1, other, account_id=2, **terms)
    venue.order("peg", BUY, 1 << 61, **PEG, **terms)
    venue.order("stop", BUY, 1 << 61, price, stop_price=other, **STOP_LIMIT, **terms)
    amounts = f"0+0/{1 << 61}"
    assert venue.order("a", BUY, 1 << 62, price, account_id=3, **terms)[1:] == [
        f"restated peg new 0+{1 << 61}/{1 << 61}@{price} peg moved shows {1 << 61}",
        f"ended peg cancelled {amounts}@{price} reason 18",
    ]
    assert venue.order("s", SELL, 1, other, account_id=2, **terms)[3:] == [
        f"triggered stop new 0+{1 << 61}/{1 << 61}@{price}",
        f"ended stop cancelled {amounts}@{price} reason 18",
    ]


def test_hidden_quantity_counts_for_what_a_level_can_hold() -> None:
    venue = Venue()
    terms = large(venue)
    price = 100 * 10**9
    venue.order("i", BUY, 1 << 61, price, **ICEBERG, **terms)
    venue.order("j", BUY, 1 << 61, price, **ICEBERG, **terms)
    refused(venue, lambda: venue.order("k", BUY, 1, price, **terms), 1 << 62, 1)
    assert venue.exchange.depth(terms["instrument_id"])[0][0].quantity == 10
