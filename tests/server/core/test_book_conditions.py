"""Hidden parts, owners and guards in a book, on the compiled book and on the reference."""

import pytest

from quantumcore.server.core import enums, kinds, tables
from quantumcore.server.core.book_event import BookEvent, LevelView
from tests.server.core.books import BookFactory, OrderBook, arena_book, reference_book

BUY, SELL = enums.SIDE_BUY, enums.SIDE_SELL
ICEBERG, GUARDED, PEGGED = tables.TAG_ICEBERG, tables.TAG_GUARDED, tables.TAG_PEGGED
TRADED, REFRESHED = tables.BOOK_TRADED, tables.BOOK_REFRESHED


@pytest.fixture(params=[arena_book, reference_book], ids=["arena", "reference"])
def new_book(request: pytest.FixtureRequest) -> BookFactory:
    factory: BookFactory = request.param
    return factory


@pytest.fixture
def book(new_book: BookFactory) -> OrderBook:
    return new_book(512)


def owned(tag: int, owner: int) -> int:
    """Return a tag that names an owner."""
    return tag | owner << 32


def told(book: OrderBook) -> list[tuple[int, int, int]]:
    """Return (kind, name, lots) of what was reported."""
    return [(event.kind, event.tag & tables.TAG_NAME, event.lots) for event in book.drain()]


def test_iceberg_shows_its_next_part_at_the_back(book: OrderBook) -> None:
    tag = 1 | ICEBERG
    slot = book.add(SELL, 100, 3, tag, hidden=4, peak=3)
    other = book.add(SELL, 100, 5, 2)
    book.drain()
    assert book.match(BUY, 100, 4) == 0
    assert book.drain() == [
        BookEvent(TRADED, SELL, tag, slot, 100, 3, 0, 5, 2),
        BookEvent(REFRESHED, SELL, tag, slot, 100, 3, 3, 8, 2),
        BookEvent(TRADED, SELL, 2, other, 100, 1, 4, 7, 2),
    ]
    assert book.queue(SELL) == [(2, 100, 4), (tag, 100, 3)]
    assert book.match(BUY, 100, 9) == 1
    assert told(book) == [(TRADED, 2, 4), (TRADED, 1, 3), (REFRESHED, 1, 1), (TRADED, 1, 1)]
    assert book.depth(SELL) == []


def test_hidden_whole_multiple_of_the_peak_ends_without_an_empty_part(book: OrderBook) -> None:
    book.add(SELL, 100, 2, 1 | ICEBERG, hidden=4, peak=2)
    book.drain()
    assert book.match(BUY, 100, 7) == 1
    assert [lots for _, _, lots in told(book)] == [2, 2, 2, 2, 2]
    assert book.queue(SELL) == []


def test_sweep_exhausts_the_icebergs_of_a_level_before_the_next(book: OrderBook) -> None:
    book.add(SELL, 100, 1, 1 | ICEBERG, hidden=2, peak=1)
    book.add(SELL, 100, 1, 2 | ICEBERG, hidden=1, peak=1)
    book.add(SELL, 101, 1, 3)
    book.drain()
    assert book.match(BUY, 101, 6) == 0
    traded = [name for kind, name, _ in told(book) if kind == TRADED]
    assert traded == [1, 2, 1, 2, 1, 3]


def test_reduction_is_taken_from_the_hidden_part_first(book: OrderBook) -> None:
    slot = book.add(BUY, 100, 3, 1 | ICEBERG, hidden=4, peak=3)
    book.add(BUY, 100, 1, 2)
    book.drain()
    book.reduce(BUY, slot, 3)
    book.reduce(BUY, slot, 2)
    assert told(book) == [(tables.BOOK_REDUCED, 1, 0), (tables.BOOK_REDUCED, 1, 1)]
    assert book.queue(BUY) == [(1 | ICEBERG, 100, 2), (2, 100, 1)]
    assert book.match(SELL, 100, 3) == 0
    assert told(book) == [(TRADED, 1, 2), (TRADED, 2, 1)]


def test_reduce_leaves_an_iceberg_something(book: OrderBook) -> None:
    slot = book.add(BUY, 100, 3, 1 | ICEBERG, hidden=4, peak=3)
    with pytest.raises(AssertionError, match="reduce"):
        book.reduce(BUY, slot, 7)
    book.reduce(BUY, slot, 6)
    assert book.depth(BUY) == [LevelView(100, 1, 1)]


def test_cancelled_iceberg_takes_its_hidden_part_along(book: OrderBook) -> None:
    slot = book.add(BUY, 100, 3, 1 | ICEBERG, hidden=4, peak=3)
    book.add(BUY, 100, 2, 2)
    book.cancel(BUY, slot)
    assert book.available(SELL, 100, 50) == 2
    assert book.depth(BUY) == [LevelView(100, 2, 1)]


def test_hidden_quantity_needs_the_tag_that_says_so(book: OrderBook) -> None:
    with pytest.raises(AssertionError, match="tagged"):
        book.add(BUY, 100, 3, 1, hidden=4, peak=3)
    assert book.queue(BUY) == []


@pytest.mark.parametrize("event_capacity", [2, 3, 5])
def test_refresh_always_has_room_in_the_event_buffer(
    new_book: BookFactory, event_capacity: int
) -> None:
    book = new_book(event_capacity)
    book.add(SELL, 100, 1, 1 | ICEBERG, hidden=5, peak=1)
    book.drain()
    left, found = 6, []
    while left > 0:
        left = book.match(BUY, 100, left)
        events = told(book)
        assert len(events) <= event_capacity
        found += events
    assert [kind for kind, _, _ in found] == [TRADED, REFRESHED] * 5 + [TRADED]


def test_sweep_stops_before_an_order_of_its_owner(book: OrderBook) -> None:
    book.add(SELL, 100, 2, owned(1, 7))
    own = book.add(SELL, 100, 2, owned(2, 8))
    book.add(SELL, 100, 2, owned(3, 9))
    book.drain()
    assert book.match(BUY, 100, 6, 8) == 4
    assert (told(book), book.stopped_at()) == ([(TRADED, 1, 2)], own)
    assert book.match(BUY, 100, 4, 8) == 4
    assert (told(book), book.stopped_at()) == ([], own)
    assert book.match(BUY, 100, 4) == 0
    assert (told(book), book.stopped_at()) == ([(TRADED, 2, 2), (TRADED, 3, 2)], kinds.NO_SLOT)


def test_sweep_of_nobody_trades_with_orders_of_nobody(book: OrderBook) -> None:
    book.add(SELL, 100, 2, 1)
    book.drain()
    assert book.match(BUY, 100, 2, 0) == 0
    assert told(book) == [(TRADED, 1, 2)]


def test_every_sweep_stops_before_a_guarded_order_until_it_is_traded_with(book: OrderBook) -> None:
    slot = book.add(SELL, 100, 3, 1 | GUARDED)
    book.add(SELL, 100, 2, 2)
    book.drain()
    assert (book.match(BUY, 100, 4), book.stopped_at()) == (4, slot)
    assert book.trade(SELL, slot, 2) == 2
    assert (book.match(BUY, 100, 2), book.stopped_at()) == (2, slot)
    assert book.trade(SELL, slot, 2) == 1
    assert (book.match(BUY, 100, 1), book.stopped_at()) == (0, kinds.NO_SLOT)
    assert told(book) == [(TRADED, 1, 2), (TRADED, 1, 1), (TRADED, 2, 1)]


def test_trade_with_the_last_order_of_a_level_anywhere_removes_the_level(book: OrderBook) -> None:
    slots = [book.add(SELL, price, 2, price) for price in (100, 101, 102)]
    book.drain()
    assert book.trade(SELL, slots[1], 5) == 2
    assert book.depth(SELL) == [LevelView(100, 2, 1), LevelView(102, 2, 1)]


def test_trade_with_the_shown_part_of_an_iceberg_shows_the_next(book: OrderBook) -> None:
    slot = book.add(SELL, 100, 2, 1 | ICEBERG | GUARDED, hidden=3, peak=2)
    book.drain()
    assert book.trade(SELL, slot, 5) == 2
    assert told(book) == [(TRADED, 1, 2), (REFRESHED, 1, 2)]
    assert book.stopped_at() == kinds.NO_SLOT


def test_trade_of_a_filled_order_or_of_nothing_is_refused(book: OrderBook) -> None:
    slot = book.add(SELL, 100, 2, 1)
    with pytest.raises(AssertionError, match="quantity"):
        book.trade(SELL, slot, 0)
    book.match(BUY, 100, 2)
    with pytest.raises(AssertionError, match="resting"):
        book.trade(SELL, slot, 1)


@pytest.mark.parametrize(
    ("owner", "stop_at_own", "lots", "found"),
    [(0, False, 99, 18), (8, False, 99, 14), (8, True, 99, 10), (8, True, 5, 5), (9, True, 99, 14)],
)
def test_available_counts_what_would_surely_trade(
    book: OrderBook, owner: int, stop_at_own: bool, lots: int, found: int
) -> None:
    book.add(SELL, 100, 3, owned(1, 7) | ICEBERG, hidden=7, peak=3)
    book.add(SELL, 100, 50, owned(2, 7) | GUARDED)
    book.add(SELL, 101, 4, owned(3, 8))
    book.add(SELL, 102, 4, owned(4, 9))
    book.add(SELL, 103, 99, owned(5, 7))
    book.drain()
    assert book.available(BUY, 102, lots, owner, stop_at_own) == found
    assert book.drain() == []


@pytest.mark.parametrize(("stop_at_own", "found"), [(True, 3), (False, 16)])
def test_hidden_parts_that_would_be_shown_behind_an_own_order_do_not_count(
    book: OrderBook, stop_at_own: bool, found: int
) -> None:
    book.add(SELL, 100, 3, owned(1, 7) | ICEBERG, hidden=7, peak=3)
    book.add(SELL, 100, 4, owned(2, 8))
    book.add(SELL, 101, 6, owned(3, 7))
    book.drain()
    assert book.available(BUY, 101, 99, 8, stop_at_own) == found
    assert 99 - book.match(BUY, 101, 99, 8) == 3


def test_guarded_orders_count_again_as_what_they_are_when_they_are_gone(book: OrderBook) -> None:
    slots = [book.add(SELL, 100, 3, number | GUARDED) for number in range(3)]
    book.add(SELL, 100, 5, 9)
    assert book.available(BUY, 100, 99) == 5
    book.cancel(SELL, slots[0])
    book.trade(SELL, slots[1], 3)
    book.reduce(SELL, slots[2], 1)
    assert book.available(BUY, 100, 99) == 5
    book.trade(SELL, slots[2], 2)
    assert book.available(BUY, 100, 99) == 5
    assert book.depth(SELL) == [LevelView(100, 5, 1)]


def test_firm_price_is_that_of_orders_which_are_not_pegged(book: OrderBook) -> None:
    assert book.firm_price(BUY) is None
    peg = book.add(BUY, 103, 1, 1 | PEGGED)
    assert book.firm_price(BUY) is None
    book.add(BUY, 100, 1, 2)
    mixed = book.add(BUY, 103, 1, 3)
    assert book.firm_price(BUY) == 103
    book.cancel(BUY, mixed)
    assert book.firm_price(BUY) == 100
    book.cancel(BUY, peg)
    assert book.firm_price(BUY) == 100
