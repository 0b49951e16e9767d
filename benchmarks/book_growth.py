"""Measure what an operation on a book costs as orders and price levels grow in number.

Every cost is of one compiled loop over encoded operations, reports written, divided by how many
there are. Orders are cancelled and reduced anywhere, which is what misses the processor's caches,
or near the touch, which is what real flow does and what must not depend on the rest.
"""

import random
from array import array
from collections.abc import Callable, Iterator
from functools import partial
from typing import NamedTuple

from benchmarks.book_flows import BOOK_EVENTS
from benchmarks.stretches import best_ns
from quantumcore.server.bench import drive_cy as drive
from quantumcore.server.core import enums, tables
from quantumcore.server.core.arena_cy import Arena
from quantumcore.server.core.book_cy import Book
from quantumcore.server.core.memory import int64_column

BUY, SELL = enums.SIDE_BUY << 8, enums.SIDE_SELL << 8
MIDDLE = 1_000_000  # ticks
STRETCH = 10_000  # operations: see stretches.py
LOTS = 1_000_000_000  # of a resting order: no reduction and no trade uses one up
RECENT = 256  # orders near the touch that the young flow comes and goes among
VERBS = ("cancel_and_add", "reduce", "match", "near_touch")


class Depth(NamedTuple):
    """A book: how many orders rest, on how many levels; half of both on each side."""

    orders: int
    levels: int


def resting(depth: Depth, chosen: random.Random) -> list[tuple[int, int]]:
    """Return side and price of every order; operation i enters the order that takes slot i."""
    half = depth.levels // 2
    found: list[tuple[int, int]] = []
    for number in range(depth.orders):
        away = 1 + (number // 2 if number < depth.levels else chosen.randrange(half))
        found.append((BUY, MIDDLE - away) if number % 2 == 0 else (SELL, MIDDLE + away))
    chosen.shuffle(found)
    return found


class Growth:
    """Operations on a book of some depth, whose slots follow from what was sent before."""

    def __init__(self, depth: Depth, operations: int, seed: int) -> None:
        self.random = random.Random(f"{depth} {seed}")
        self.orders = resting(depth, self.random)
        self.count = operations
        self.capacity = depth.orders + RECENT
        self.filling = array("q")
        for side, price in self.orders:
            self.filling.extend((drive.LIMIT | side, price, LOTS, 0))

    def measure(self, verb: str, rounds: int) -> float:
        """Return the ns an operation, each stretch at the best of the rounds."""
        first = len(self.orders)
        rows = memoryview(self.filling + getattr(self, f"_{verb}")())
        last = len(rows) // drive.OPERATION_WORDS

        def each_round() -> Iterator[list[Callable[[], None]]]:
            for _ in range(rounds):
                driver = drive.BookDrive(self._book())
                driver.run(rows, 0, first)
                yield [
                    partial(driver.run, rows, at, min(at + STRETCH, last))
                    for at in range(first, last, STRETCH)
                ]
                assert driver.reports >= last, "every operation reports"

        return best_ns(each_round()) / (last - first)

    def _book(self) -> Book:
        arena = Arena(orders=self.capacity, levels=self.capacity, books=1, prefault=True)
        return Book(arena, int64_column(BOOK_EVENTS * tables.BOOK_WORDS))

    def _cancel_and_add(self) -> "array[int]":
        """Cancel an order anywhere; enter another at its price, which takes its slot."""
        names = list(range(len(self.orders)))
        rows = array("q")
        for number in range(self.count // 2):
            slot = self.random.randrange(len(self.orders))
            side, price = self.orders[slot]
            rows.extend((drive.CANCEL | side, 0, 0, slot | names[slot] << 32))
            names[slot] = len(self.orders) + 2 * number + 1
            rows.extend((drive.LIMIT | side, price, LOTS, 0))
        return rows

    def _reduce(self) -> "array[int]":
        """Take a lot from an order anywhere."""
        left = [LOTS] * len(self.orders)
        rows = array("q")
        for _ in range(self.count):
            slot = self.random.randrange(len(self.orders))
            side, price = self.orders[slot]
            left[slot] -= 1
            rows.extend((drive.MODIFY | side, price, left[slot], slot | slot << 32))
        return rows

    def _match(self) -> "array[int]":
        """Trade a lot with the best order of a side."""
        rows = array("q")
        for number in range(self.count):
            side, worst = (BUY, 2 * MIDDLE) if number % 2 else (SELL, 0)
            rows.extend((drive.IOC | side, worst, 1, 0))
        return rows

    def _near_touch(self) -> "array[int]":
        """Enter, cancel and fill orders on a few levels inside the spread of the others."""
        rows = array("q")
        live: list[tuple[int, int, int, int]] = []
        free = [len(self.orders) + number for number in reversed(range(RECENT))]
        for number in range(self.count):
            if len(live) < RECENT // 2 or (self.random.random() < 0.5 and free):
                side = BUY if number % 2 else SELL
                away = self.random.randrange(16)
                # Both sides keep apart, so that nothing here trades and slots are known.
                price = MIDDLE - away if side == BUY else MIDDLE + 1 + away
                live.append((side, price, free.pop(), len(self.orders) + number))
                rows.extend((drive.LIMIT | side, price, 5, 0))
            else:
                side, _, slot, name = live.pop(self.random.randrange(len(live)))
                free.append(slot)
                rows.extend((drive.CANCEL | side, 0, 0, slot | name << 32))
        return rows


def costs(depths: list[Depth], operations: int, rounds: int, seed: int) -> dict[str, list[float]]:
    """Return for each verb the ns an operation at each depth."""
    found: dict[str, list[float]] = {verb: [] for verb in VERBS}
    for depth in depths:
        growth = Growth(depth, operations, seed)
        for verb in VERBS:
            found[verb].append(growth.measure(verb, rounds))
    return found
