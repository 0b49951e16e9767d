"""Generate the order flows that the book is measured on, from a seed.

A flow is encoded operations for `BookDrive`: first those that fill the book, then the messages
that are measured. It is generated against a book that executes it, so cancels and changes name
orders that rest at that moment.
"""

import random
from array import array
from collections.abc import Callable
from typing import NamedTuple

from quantumcore.server.bench import drive_cy as drive
from quantumcore.server.core import enums, tables
from quantumcore.server.core.arena_cy import Arena
from quantumcore.server.core.book_cy import Book
from quantumcore.server.core.book_event import BookEvent
from quantumcore.server.core.memory import int64_column

BOOK_EVENTS = 4096
BUY, SELL = enums.SIDE_BUY, enums.SIDE_SELL


class Shape(NamedTuple):
    """What a flow is like: how many orders rest at first, how the price moves, what is sent."""

    name: str
    resting: int
    spread_levels: int  # how far from the middle price orders are placed, in ticks
    middle: Callable[[float], float]  # price in ticks at a fraction of the flow
    new: float
    immediate: float
    cancel: float  # the rest of the messages are changes
    cancel_newest: bool  # whether young orders are cancelled more often than old ones
    sweep_lots: float  # mean size of an immediate order; a resting one has 20 on average


class Flow(NamedTuple):
    """Encoded operations; those before `first` fill the book."""

    name: str
    operations: memoryview
    first: int
    messages: int


def triangle(amplitude: float, swings: int) -> Callable[[float], float]:
    """Return a price that goes up and down by `amplitude`, `swings` times."""
    return lambda at: amplitude * abs((at * swings) % 1 * 2 - 1)


def crash(at: float) -> float:
    """Return a price that falls by 4000 ticks within a tenth of the flow, and comes back."""
    if at < 0.4:
        return 4000
    return 4000 * (1 - (at - 0.4) / 0.1) if at < 0.5 else min(4000, 4000 * (at - 0.5) / 0.3)


def steady(at: float) -> float:
    """Return a price that moves ten ticks up and down."""
    return triangle(10, 20)(at)


SHAPES = (
    Shape("normal", 10_000, 40, steady, 0.42, 0.10, 0.38, True, 20),
    Shape("static", 200_000, 5_000, steady, 0.42, 0.02, 0.46, False, 20),
    Shape("swing_200", 10_000, 400, triangle(200, 20), 0.44, 0.08, 0.38, True, 30),
    Shape("swing_2000", 20_000, 3_000, triangle(2_000, 20), 0.44, 0.08, 0.38, True, 30),
    Shape("flash_crash", 50_000, 5_000, crash, 0.40, 0.14, 0.36, True, 60),
)


class Generator:
    """Writes one flow, following in a book which orders rest."""

    def __init__(self, shape: Shape, seed: int, count: int) -> None:
        self.shape, self.count = shape, count
        self.capacity = shape.resting + count
        self.random = random.Random(f"{shape.name} {seed}")
        self.operations = int64_column(self.capacity * drive.OPERATION_WORDS)
        self.sent = 0
        self.live: list[tuple[int, int, int, int]] = []  # order id, side, price, lots
        self.place: dict[int, int] = {}
        self.book = new_book(self.capacity)
        self.drive = drive.BookDrive(self.book)

    def flow(self) -> Flow:
        """Fill the book, then send the messages."""
        for _ in range(self.shape.resting):
            self._new(self.shape.middle(0))
        for at in range(self.count):
            self._message(self.shape.middle(at / self.count))
        return Flow(self.shape.name, self.operations, self.shape.resting, self.count)

    def _message(self, middle: float) -> None:
        what, shape = self.random.random(), self.shape
        if what < shape.new or not self.live:
            self._new(middle)
        elif what < shape.new + shape.immediate:
            self._immediate(middle)
        elif what < shape.new + shape.immediate + shape.cancel:
            order, side, price, lots = self._pick()
            self._send(drive.CANCEL, side, price, lots, order)
        else:
            self._change(middle)

    def _new(self, middle: float) -> None:
        side = self.random.choice((BUY, SELL))
        self._send(drive.LIMIT, side, self._price(side, middle), self._lots(20), 0)

    def _immediate(self, middle: float) -> None:
        side = self.random.choice((BUY, SELL))
        away = self.shape.spread_levels if side == BUY else -self.shape.spread_levels
        self._send(drive.IOC, side, int(middle) + away, self._lots(self.shape.sweep_lots), 0)

    def _change(self, middle: float) -> None:
        order, side, price, lots = self._pick()
        if lots > 1 and self.random.random() < 0.5:
            self._send(drive.MODIFY, side, price, self.random.randrange(1, lots), order)
        else:
            self._send(drive.MODIFY, side, self._price(side, middle), self._lots(20), order)

    def _price(self, side: int, middle: float) -> int:
        away = 1 + int(self.random.random() ** 3 * self.shape.spread_levels)
        return round(middle) - away if side == BUY else round(middle) + away

    def _lots(self, mean: float) -> int:
        return 1 + int(self.random.expovariate(1 / mean))

    def _pick(self) -> tuple[int, int, int, int]:
        share = self.random.random()
        if self.shape.cancel_newest:
            share = 1 - (1 - share) ** 4
        return self.live[-1 - int((1 - share) * len(self.live)) % len(self.live)]

    def _send(self, verb: int, side: int, price: int, lots: int, order: int) -> None:
        at = self.sent * drive.OPERATION_WORDS
        self.operations[at : at + drive.OPERATION_WORDS] = array(
            "q", (verb | side << 8, price, lots, order)
        )
        self.sent += 1
        self.drive.run(self.operations, self.sent - 1, self.sent)
        for event in self.book.drain():
            self._follow(event)

    def _follow(self, event: BookEvent) -> None:
        order = event.slot | event.tag << 32
        at = self.place.get(order)
        if event.leaves > 0:
            row = (order, event.side, event.price, event.leaves)
            if at is None:
                self.place[order] = len(self.live)
                self.live.append(row)
            else:
                self.live[at] = row
        elif at is not None:
            del self.place[order]
            last = self.live.pop()
            if last[0] != order:
                self.live[at] = last
                self.place[last[0]] = at


def new_arena(orders: int) -> Arena:
    """Return an arena with room for so many orders."""
    return Arena(orders=orders, levels=min(orders, 1 << 18), books=1)


def new_book(orders: int, arena: Arena | None = None) -> Book:
    """Return an empty book, on an arena of its own where none is given."""
    return Book(arena or new_arena(orders), int64_column(BOOK_EVENTS * tables.BOOK_WORDS))
