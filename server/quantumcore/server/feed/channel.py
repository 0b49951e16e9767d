"""One book at one depth, followed by any number of subscribers who share every encoding."""

from collections.abc import Iterable
from typing import NamedTuple, Protocol

from quantumcore.server.feed.ladder import Level
from quantumcore.server.feed.subscriber import BookSubscriber
from quantumcore.server.feed.updates import (
    CHECKED_LEVELS,
    Change,
    changes_of,
    checksum,
    encode_update,
)


class ChannelKey(NamedTuple):
    """What subscribers share. `max_rate_hz` 0: as often as something changes."""

    instrument_id: int
    depth: int
    every_update: bool
    max_rate_hz: int


class Book(Protocol):
    """Where the state of a channel is found."""

    phase: int

    def best(self, depth: int) -> tuple[list[Level], list[Level]]:
        """Return the best bids and asks."""


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
        self._snapshot: bytes | None = None

    def send(self, changes: Iterable[Change], sequence: int, time_ns: int) -> None:
        """Send one update to all subscribers, encoded once; the book has already moved."""
        previous = self.sequence
        self.sequence, self.time_ns, self._snapshot = sequence, time_ns, None
        update = self._encoded(previous, changes, snapshot=False)
        for subscriber in tuple(self.subscribers):
            subscriber.update(self, update)

    def snapshot(self) -> bytes:
        """Return the present state as an encoded update that stands alone."""
        if self._snapshot is None:
            everything = changes_of(*self.book.best(self.key.depth))
            self._snapshot = self._encoded(0, everything, snapshot=True)
        return self._snapshot

    def _encoded(self, previous: int, changes: Iterable[Change], *, snapshot: bool) -> bytes:
        return encode_update(
            instrument_id=self.key.instrument_id,
            epoch=self._epoch,
            previous_sequence=previous,
            sequence=self.sequence,
            time_ns=self.time_ns,
            snapshot=snapshot,
            changes=changes,
            checksum=checksum(*self.book.best(min(self.key.depth, CHECKED_LEVELS))),
            phase=self.book.phase,
        )
