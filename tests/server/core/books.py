"""What the compiled book and the reference book have in common, and how tests make them."""

from collections.abc import Callable
from typing import Protocol

from quantumcore.server.core import tables
from quantumcore.server.core.arena_cy import Arena
from quantumcore.server.core.book_cy import Book
from quantumcore.server.core.book_event import BookEvent, LevelView
from quantumcore.server.core.memory import int64_column
from quantumcore.server.core.reference_book import ReferenceBook


class OrderBook(Protocol):
    """The verbs and readings that every book has; prices in ticks, quantities in lots."""

    def add(
        self, side: int, price: int, lots: int, tag: int, hidden: int = 0, peak: int = 0
    ) -> int: ...
    def match(self, side: int, price: int, lots: int, owner: int = 0) -> int: ...
    def stopped_at(self) -> int: ...
    def trade(self, side: int, slot: int, lots: int) -> int: ...
    def available(
        self, side: int, price: int, lots: int, owner: int = 0, stop_at_own: bool = False
    ) -> int: ...
    def reduce(self, side: int, slot: int, lots: int) -> None: ...
    def cancel(self, side: int, slot: int) -> None: ...
    def drain(self) -> list[BookEvent]: ...
    def firm_price(self, side: int) -> int | None: ...
    def depth(self, side: int, levels: int = 0) -> list[LevelView]: ...
    def queue(self, side: int) -> list[tuple[int, int, int]]: ...


BookFactory = Callable[[int], OrderBook]


def arena_book(event_capacity: int, *, orders: int = 4096, levels: int = 4096) -> Book:
    """Return a book with an arena of its own."""
    events = int64_column(event_capacity * tables.BOOK_WORDS)
    return Book(Arena(orders=orders, levels=levels, books=1), events)


def reference_book(event_capacity: int) -> ReferenceBook:
    """Return an empty reference book."""
    return ReferenceBook(event_capacity)
