"""Follow a book by level from the updates of a stream, and prove at each step that it is right."""

from __future__ import annotations

import zlib
from abc import ABC, abstractmethod
from bisect import bisect_left
from collections.abc import Sequence
from struct import Struct
from typing import Generic, TypeVar

from quantumcore.client.enums import Side, TradingPhase
from quantumcore.client.fixed import from_fixed
from quantumcore.client.market import Book, BookLevel
from quantumcore.v1 import book_pb2, types_pb2

NANO_SCALE = 9
CHECKED_LEVELS = 10
_LEVEL = Struct("<qq")

BookT = TypeVar("BookT")
Levels = list[tuple[int, int, int]]


class OutOfStep(Exception):
    """An update does not join on to the book: one is missing, or the checksum disagrees."""


class Half:
    """One side: levels by rank, the best last; bids rank by price, asks by its negative."""

    __slots__ = ("_levels", "_ranks", "_sign")

    def __init__(self, sign: int) -> None:
        self._sign = sign
        self._ranks: list[int] = []
        self._levels: dict[int, tuple[int, int]] = {}

    def set(self, price: int, quantity: int, order_count: int) -> None:
        """Say how a level stands; quantity 0: it is gone."""
        rank = self._sign * price
        if not quantity:
            if self._levels.pop(rank, None) is not None:
                del self._ranks[bisect_left(self._ranks, rank)]
            return
        if rank not in self._levels:
            self._ranks.insert(bisect_left(self._ranks, rank), rank)
        self._levels[rank] = (quantity, order_count)

    def change(self, price: int, quantity: int, order_count: int) -> None:
        """Add quantity and orders to a level; negative ones are taken away."""
        before = self._levels.get(self._sign * price, (0, 0))
        self.set(price, before[0] + quantity, before[1] + order_count)

    def clear(self) -> None:
        """Drop all levels."""
        self._ranks.clear()
        self._levels.clear()

    def best_first(self, count: int | None = None) -> Levels:
        """List price, quantity and order count of the best `count` levels, of all without it."""
        ranks = self._ranks[::-1] if count is None else self._ranks[: -count - 1 : -1]
        return [(self._sign * rank, *self._levels[rank]) for rank in ranks]


class Follower(ABC, Generic[BookT]):
    """One instrument's book as a stream tells it, in fixed-point whole numbers.

    Each step is checked: it must follow the one before in the same epoch, and the book after
    it must have the checksum that the update names, over `checked` levels of each side. A long
    snapshot comes in parts: the book is `whole` after the last one.
    """

    def __init__(self, instrument_id: int, *, checked: int = CHECKED_LEVELS) -> None:
        self.instrument_id = instrument_id
        self.sequence = 0
        self.epoch = 0
        self.time_ns = 0
        self.checksum = 0
        self.phase = TradingPhase.UNSPECIFIED
        self.whole = False
        """No part of a snapshot is still to come."""
        self._checked = checked
        self._bids = Half(1)
        self._asks = Half(-1)
        self._started = False

    def apply(self, update: book_pb2.BookUpdate) -> None:
        """Take the next update; raise OutOfStep where it does not join on or does not add up."""
        if update.snapshot:
            self._clear()
        elif not self._joins(update):
            raise OutOfStep(f"update {update.sequence} does not follow {self.sequence}")
        self._change(update)
        self._started = True
        self.epoch = update.epoch
        self.sequence = update.sequence
        self.time_ns = update.time_ns
        self.phase = TradingPhase(update.phase)
        self.checksum = update.checksum
        self.whole = not update.partial
        if self.whole and book_checksum(*self._tops()) != update.checksum:
            raise OutOfStep(f"the book after update {update.sequence} has another checksum")

    def touch(self) -> tuple[tuple[int, int] | None, tuple[int, int] | None]:
        """Tell price and quantity of best bid and best ask, None where a side is empty."""
        bid, ask = (half.best_first(1) for half in (self._bids, self._asks))
        return (bid[0][:2] if bid else None), (ask[0][:2] if ask else None)

    def levels(self, side: Side) -> Levels:
        """List price, quantity and order count of one side's levels, best first."""
        return self._half(side).best_first()

    @abstractmethod
    def book(self) -> BookT:
        """Make the book as it stands."""

    @abstractmethod
    def _change(self, update: book_pb2.BookUpdate) -> None:
        """Carry out what an update says."""

    def _clear(self) -> None:
        self._bids.clear()
        self._asks.clear()

    def _half(self, side: int) -> Half:
        return self._bids if side == types_pb2.SIDE_BUY else self._asks

    def _joins(self, update: book_pb2.BookUpdate) -> bool:
        return (
            self._started
            and update.previous_sequence == self.sequence
            and update.epoch == self.epoch
        )

    def _tops(self) -> tuple[Levels, Levels]:
        return self._bids.best_first(self._checked), self._asks.best_first(self._checked)


class BookFollower(Follower[Book]):
    """A book by level. `depth` is that of the stream: the checksum covers no more levels."""

    def __init__(self, instrument_id: int, *, depth: int = CHECKED_LEVELS) -> None:
        super().__init__(instrument_id, checked=min(depth or CHECKED_LEVELS, CHECKED_LEVELS))

    def book(self) -> Book:
        """Make the book as it stands."""
        return Book(
            instrument_id=self.instrument_id,
            epoch=self.epoch,
            sequence=self.sequence,
            time_ns=self.time_ns,
            bids=tuple(map(_level, self._bids.best_first())),
            asks=tuple(map(_level, self._asks.best_first())),
            checksum=self.checksum,
            phase=self.phase,
        )

    def _change(self, update: book_pb2.BookUpdate) -> None:
        for change in update.changes:
            self._half(change.side).set(change.price, change.quantity, change.order_count)


def book_checksum(
    bids: Sequence[tuple[int, int, int]], asks: Sequence[tuple[int, int, int]]
) -> int:
    """Compute the contract's checksum over levels of (price, quantity, order count)."""
    packed = b"".join(_LEVEL.pack(level[0], level[1]) for level in (*bids, *asks))
    return zlib.crc32(packed)


def _level(level: tuple[int, int, int]) -> BookLevel:
    price, quantity, order_count = level
    return BookLevel(
        price=from_fixed(price, scale=NANO_SCALE),
        quantity=from_fixed(quantity, scale=NANO_SCALE),
        order_count=order_count,
    )
