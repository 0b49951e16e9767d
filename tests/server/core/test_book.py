"""Every rule of the book, on the compiled book and on the reference."""

import pytest

from quantumcore.server.core import enums, tables
from quantumcore.server.core.book_event import BookEvent, LevelView
from tests.server.core.books import BookFactory, OrderBook, arena_book, reference_book

BUY, SELL = enums.SIDE_BUY, enums.SIDE_SELL
FAR = 1 << 40


@pytest.fixture(params=[arena_book, reference_book], ids=["arena", "reference"])
def new_book(request: pytest.FixtureRequest) -> BookFactory:
    factory: BookFactory = request.param
    return factory


@pytest.fixture
def book(new_book: BookFactory) -> OrderBook:
    return new_book(512)


def rest(book: OrderBook, side: int, *orders: tuple[int, int]) -> list[int]:
    """Add orders of (price, lots), tagged 1, 2, 3 …; return their slots, without their events."""
    slots = [book.add(side, price, lots, tag) for tag, (price, lots) in enumerate(orders, 1)]
    book.drain()
    return slots


def traded(book: OrderBook) -> list[tuple[int, int, int]]:
    """Return (tag, price, lots) of the trades reported."""
    events = book.drain()
    assert {event.kind for event in events} <= {tables.BOOK_TRADED}
    return [(event.tag, event.price, event.lots) for event in events]


def test_add_reports_the_order_and_its_level(book: OrderBook) -> None:
    slots = [book.add(BUY, 100, 7, 11), book.add(BUY, 100, 5, 12), book.add(SELL, 101, 3, 13)]
    assert book.drain() == [
        BookEvent(tables.BOOK_ADDED, BUY, 11, slots[0], 100, 7, 7, 7, 1),
        BookEvent(tables.BOOK_ADDED, BUY, 12, slots[1], 100, 5, 5, 12, 2),
        BookEvent(tables.BOOK_ADDED, SELL, 13, slots[2], 101, 3, 3, 3, 1),
    ]
    assert book.drain() == []


def test_match_reports_the_resting_order_of_every_trade(book: OrderBook) -> None:
    first, second = rest(book, SELL, (100, 4), (101, 6))
    assert book.match(BUY, 101, 7) == 0
    assert book.drain() == [
        BookEvent(tables.BOOK_TRADED, SELL, 1, first, 100, 4, 0, 0, 0),
        BookEvent(tables.BOOK_TRADED, SELL, 2, second, 101, 3, 3, 3, 1),
    ]


def test_reduce_reports_what_was_taken_and_what_is_left(book: OrderBook) -> None:
    slots = rest(book, SELL, (100, 10), (100, 1))
    book.reduce(SELL, slots[0], 4)
    assert book.drain() == [BookEvent(tables.BOOK_REDUCED, SELL, 1, slots[0], 100, 4, 6, 7, 2)]


def test_cancel_reports_what_was_left_and_removes_the_empty_level(book: OrderBook) -> None:
    slots = rest(book, BUY, (100, 10), (100, 1))
    book.cancel(BUY, slots[0])
    book.cancel(BUY, slots[1])
    assert book.drain() == [
        BookEvent(tables.BOOK_REMOVED, BUY, 1, slots[0], 100, 10, 0, 1, 1),
        BookEvent(tables.BOOK_REMOVED, BUY, 2, slots[1], 100, 1, 0, 0, 0),
    ]
    assert book.depth(BUY) == []


@pytest.mark.parametrize(
    ("maker", "taker", "prices", "best_first"),
    [(SELL, BUY, [103, 101, 102], [2, 3, 1]), (BUY, SELL, [101, 103, 102], [2, 3, 1])],
)
def test_better_price_trades_first(
    book: OrderBook, maker: int, taker: int, prices: list[int], best_first: list[int]
) -> None:
    rest(book, maker, *[(price, 1) for price in prices])
    assert book.match(taker, FAR if taker == BUY else -FAR, 3) == 0
    assert [tag for tag, _, _ in traded(book)] == best_first


def test_at_one_price_the_earlier_order_trades_first(book: OrderBook) -> None:
    rest(book, SELL, (100, 1), (100, 2), (100, 3))
    assert book.match(BUY, 100, 6) == 0
    assert traded(book) == [(1, 100, 1), (2, 100, 2), (3, 100, 3)]


def test_partial_fill_keeps_priority(book: OrderBook) -> None:
    rest(book, SELL, (100, 10), (100, 10))
    book.match(BUY, 100, 4)
    book.match(BUY, 100, 8)
    assert traded(book) == [(1, 100, 4), (1, 100, 6), (2, 100, 2)]


def test_reduce_keeps_priority(book: OrderBook) -> None:
    slots = rest(book, SELL, (100, 10), (100, 10))
    book.reduce(SELL, slots[0], 9)
    book.drain()
    book.match(BUY, 100, 2)
    assert traded(book) == [(1, 100, 1), (2, 100, 1)]


def test_slot_of_a_cancelled_order_taken_anew_goes_to_the_back(book: OrderBook) -> None:
    slots = rest(book, SELL, (100, 1), (100, 1))
    book.cancel(SELL, slots[0])
    assert book.add(SELL, 100, 1, 3) == slots[0]
    book.drain()
    book.match(BUY, 100, 2)
    assert traded(book) == [(2, 100, 1), (3, 100, 1)]


def test_incoming_order_trades_no_worse_than_its_limit(book: OrderBook) -> None:
    rest(book, SELL, (100, 5), (101, 5), (102, 5))
    assert book.match(BUY, 101, 20) == 10
    assert traded(book) == [(1, 100, 5), (2, 101, 5)]
    assert book.depth(SELL) == [LevelView(102, 5, 1)]


def test_incoming_order_that_meets_nothing_reports_nothing(book: OrderBook) -> None:
    assert book.match(BUY, FAR, 5) == 5
    rest(book, SELL, (100, 5))
    assert book.match(BUY, 99, 5) == 5
    assert book.match(SELL, -FAR, 5) == 5
    assert book.drain() == []


def test_sweep_through_hundreds_of_levels_takes_each_in_turn(book: OrderBook) -> None:
    prices = list(range(1000, 1400))
    rest(book, SELL, *[(price, 1) for price in prices])
    assert book.match(BUY, FAR, 500) == 100
    assert [price for _, price, _ in traded(book)] == prices
    assert book.depth(SELL) == []


@pytest.mark.parametrize("event_capacity", [2, 3, 4, 8])
def test_sweep_longer_than_the_event_buffer_goes_on_where_it_stopped(
    new_book: BookFactory, event_capacity: int
) -> None:
    book = new_book(event_capacity)
    for tag in range(10):
        book.add(SELL, 100 + tag // 3, 2, tag)
        book.drain()
    found: list[tuple[int, int, int]] = []
    left, turns = 17, 0
    while left > 0:
        left = book.match(BUY, FAR, left)
        reported = traded(book)
        assert len(reported) <= event_capacity - 1
        found += reported
        turns += 1
    assert turns == -(-9 // (event_capacity - 1))
    assert found == [(tag, 100 + tag // 3, 2 if tag < 8 else 1) for tag in range(9)]
    assert book.queue(SELL) == [(8, 102, 1), (9, 103, 2)]


def test_verbs_insist_on_room_for_their_report(new_book: BookFactory) -> None:
    book = new_book(2)
    slot = book.add(BUY, 100, 2, 1)
    with pytest.raises(AssertionError, match="drain"):
        book.add(BUY, 100, 2, 2)
    with pytest.raises(AssertionError, match="drain"):
        book.cancel(BUY, slot)
    with pytest.raises(AssertionError, match="drain"):
        book.match(SELL, 100, 1)
    with pytest.raises(AssertionError, match="drain"):
        book.trade(BUY, slot, 1)
    with pytest.raises(AssertionError, match="drain"):
        book.reduce(BUY, slot, 1)
    assert book.queue(BUY) == [(1, 100, 2)]


def test_reduce_to_nothing_is_refused(book: OrderBook) -> None:
    (slot,) = rest(book, BUY, (100, 2))
    for lots in (0, 2, 3):
        with pytest.raises(AssertionError, match="reduce"):
            book.reduce(BUY, slot, lots)
    assert book.queue(BUY) == [(1, 100, 2)]


def test_cancel_of_a_filled_order_is_refused(book: OrderBook) -> None:
    (slot,) = rest(book, BUY, (100, 2))
    book.match(SELL, 100, 2)
    with pytest.raises(AssertionError, match="resting"):
        book.cancel(BUY, slot)


def test_prices_below_zero_are_prices(book: OrderBook) -> None:
    rest(book, SELL, (-5, 1), (-7, 1), (0, 1), (3, 1))
    assert [level.price for level in book.depth(SELL)] == [-7, -5, 0, 3]
    rest(book, BUY, (-20, 1), (-10, 1))
    assert [level.price for level in book.depth(BUY)] == [-10, -20]
    assert book.match(BUY, -1, 5) == 3
    assert traded(book) == [(2, -7, 1), (1, -5, 1)]


def test_greatest_prices_and_quantities_are_exact(book: OrderBook) -> None:
    high, much = (1 << 62) - 1, 1 << 61
    rest(book, SELL, (high, much), (high, much - 1))
    rest(book, BUY, (-high, much))
    assert book.depth(SELL) == [LevelView(high, 2 * much - 1, 2)]
    assert book.depth(BUY) == [LevelView(-high, much, 1)]
    assert book.match(BUY, high, much + 1) == 0
    assert traded(book) == [(1, high, much), (2, high, 1)]


@pytest.mark.parametrize(
    ("price", "lots", "found"), [(99, 5, 0), (100, 5, 3), (101, 5, 5), (FAR, 99, 14), (101, 7, 7)]
)
def test_available_counts_up_to_price_and_quantity(
    book: OrderBook, price: int, lots: int, found: int
) -> None:
    rest(book, SELL, (100, 3), (101, 4), (103, 7))
    assert book.available(BUY, price, lots) == found
    assert book.drain() == []


def test_available_against_bids_counts_downwards(book: OrderBook) -> None:
    rest(book, BUY, (100, 3), (99, 4), (90, 7))
    assert [book.available(SELL, price, 50) for price in (101, 100, 95, 0)] == [0, 3, 7, 14]


def test_depth_shows_the_best_levels_first(book: OrderBook) -> None:
    rest(book, BUY, (100, 3), (102, 4), (101, 7), (102, 1))
    assert book.depth(BUY) == [LevelView(102, 5, 2), LevelView(101, 7, 1), LevelView(100, 3, 1)]
    assert book.depth(BUY, 2) == [LevelView(102, 5, 2), LevelView(101, 7, 1)]
    assert book.depth(BUY, 9) == book.depth(BUY)
    assert book.depth(SELL) == []


def test_queue_shows_orders_in_the_order_they_would_trade(book: OrderBook) -> None:
    rest(book, BUY, (100, 3), (102, 4), (101, 7), (102, 1))
    assert book.queue(BUY) == [(2, 102, 4), (4, 102, 1), (3, 101, 7), (1, 100, 3)]


@pytest.mark.parametrize("position", [0, 1, 2, 3])
def test_order_leaves_its_queue_from_any_place(book: OrderBook, position: int) -> None:
    slots = rest(book, BUY, *[(100, lots) for lots in (1, 2, 3, 4)])
    book.cancel(BUY, slots[position])
    kept = [tag for tag in (1, 2, 3, 4) if tag != position + 1]
    assert [tag for tag, _, _ in book.queue(BUY)] == kept
    assert book.depth(BUY) == [LevelView(100, sum(kept), 3)]


def test_level_removed_from_the_middle_comes_back_in_its_place(book: OrderBook) -> None:
    slots = rest(book, SELL, (100, 1), (101, 1), (102, 1))
    book.cancel(SELL, slots[1])
    assert [level.price for level in book.depth(SELL)] == [100, 102]
    book.add(SELL, 101, 5, 9)
    assert [level.price for level in book.depth(SELL)] == [100, 101, 102]
