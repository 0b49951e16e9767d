"""One book at one depth, followed by any number of subscribers who share every encoding."""

from collections.abc import Iterable, Sequence
from typing import NamedTuple, Protocol

from quantumcore.server.feed.ladder import Level
from quantumcore.server.feed.subscriber import BookSubscriber
from quantumcore.server.feed.updates import (
    CHECKED_LEVELS,
    Change,
    OrderChange,
    changes_of,
    checksum,
    encode_update,
)

PART_ORDERS = 8192  # of a snapshot by order: some 300 kB encoded


class ChannelKey(NamedTuple):
    """What subscribers share. `max_rate_hz` 0: as often as something changes.

    `by_order` gives every step of the whole book, order by order.
    """

    instrument_id: int
    depth: int
    every_update: bool
    max_rate_hz: int
    by_order: bool = False


class Book(Protocol):
    """Where the state of a channel is found."""

    phase: int

    def best(self, depth: int) -> tuple[list[Level], list[Level]]:
        """Return the best bids and asks."""


class OrderBook(Book, Protocol):
    """Where the state of a channel by order is found."""

    def orders(self) -> list[OrderChange]:
        """Return all orders, bids then asks, in order of priority."""


class Channel:
    """Send the steps of a book, and remember how far that has come for whoever joins."""

    def __init__(
        self, key: ChannelKey, book: Book, *, epoch: int, sequence: int, time_ns: int
    ) -> None:
        self.key = key
        self.book = book
        self.sequence = sequence
        self.time_ns = time_ns
        self.subscribers: set[BookSubscriber] = set()
        self._epoch = epoch
        self._snapshot: list[bytes] = []

    def send(self, changes: Iterable[Change], sequence: int, time_ns: int) -> None:
        """Send one update to all subscribers, encoded once; the book has already moved."""
        previous = self._advance(sequence, time_ns)
        self._deliver(self._encoded(previous, changes=changes))

    def snapshot(self) -> list[bytes]:
        """Return the present state as encoded updates that stand alone, to be sent in order."""
        if not self._snapshot:
            self._snapshot = self._parts()
        return self._snapshot

    def _parts(self) -> list[bytes]:
        everything = changes_of(*self.book.best(self.key.depth))
        return [self._encoded(0, changes=everything, snapshot=True)]

    def _advance(self, sequence: int, time_ns: int) -> int:
        previous = self.sequence
        self.sequence, self.time_ns, self._snapshot = sequence, time_ns, []
        return previous

    def _deliver(self, update: bytes) -> None:
        for subscriber in tuple(self.subscribers):
            subscriber.update(self, update)

    def _encoded(
        self,
        previous: int,
        *,
        changes: Iterable[Change] = (),
        order_changes: Iterable[OrderChange] = (),
        snapshot: bool = False,
        partial: bool = False,
    ) -> bytes:
        return encode_update(
            instrument_id=self.key.instrument_id,
            epoch=self._epoch,
            previous_sequence=previous,
            sequence=self.sequence,
            time_ns=self.time_ns,
            snapshot=snapshot,
            partial=partial,
            changes=changes,
            order_changes=order_changes,
            checksum=checksum(*self.book.best(min(self.key.depth, CHECKED_LEVELS))),
            phase=self.book.phase,
        )


class OrderChannel(Channel):
    """The same for the whole book by order; a long snapshot is sent in parts."""

    def __init__(
        self, key: ChannelKey, book: OrderBook, *, epoch: int, sequence: int, time_ns: int
    ) -> None:
        super().__init__(key, book, epoch=epoch, sequence=sequence, time_ns=time_ns)
        self._orders = book.orders

    def send_orders(self, changes: Sequence[OrderChange], sequence: int, time_ns: int) -> None:
        """Send one update to all subscribers, encoded once; the book has already moved."""
        previous = self._advance(sequence, time_ns)
        self._deliver(self._encoded(previous, order_changes=changes))

    def _parts(self) -> list[bytes]:
        orders = self._orders()
        starts = range(0, max(1, len(orders)), PART_ORDERS)
        return [
            self._encoded(
                self.sequence if start else 0,
                order_changes=orders[start : start + PART_ORDERS],
                snapshot=start == 0,
                partial=start != starts[-1],
            )
            for start in starts
        ]
