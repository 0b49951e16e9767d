"""A store that is fed in a move: what goes wrong with it is recorded, and when it is over."""

from collections.abc import Callable, Iterator
from time import time_ns

import structlog

from quantumcore.server.store.errors import StoreError
from quantumcore.server.store.migration.ledger import Ledger
from quantumcore.server.store.migration.phases import Side
from quantumcore.server.store.port import ALL_EVENTS, Batch, Checkpoint, EventQuery, EventStore
from quantumcore.server.store.position import FeedPosition
from quantumcore.server.store.stored_event import StoredEvent

log = structlog.get_logger("quantumcore.migration")


class WatchedStore:
    """Passes everything on to a store.

    A fault begins with a failure and is repaired by the next batch that is stored, which begins
    behind the store's own position, or by finding the store without anything to catch up with. A
    ledger that cannot be written is no reason to stop feeding.
    """

    def __init__(
        self, store: EventStore, side: Side, ledger: Ledger, *, clock: Callable[[], int] = time_ns
    ) -> None:
        self._store, self._side, self._ledger = store, side, ledger
        self._clock = clock
        self._sequence = 0
        self._is_faulty = any(fault.side == side for fault in ledger.open_faults())

    @property
    def stores_elsewhere(self) -> bool:
        """Tell whether `append` mostly waits for another process."""
        return self._store.stores_elsewhere

    def position(self) -> FeedPosition:
        """Return how far the store has been fed."""
        try:
            position = self._store.position()
        except StoreError as failure:
            self.failed(failure)
            raise
        self._sequence = position.sequence
        return position

    def append(self, batch: Batch) -> None:
        """Store a batch and its position in one transaction."""
        self._sequence = batch.before.sequence
        try:
            self._store.append(batch)
        except StoreError as failure:
            self.failed(failure)
            raise
        self._sequence = batch.after.sequence
        self.repaired()

    def failed(self, failure: Exception) -> None:
        """Record a failure behind what is known to be stored."""
        self._is_faulty = True
        self._note(
            lambda: self._ledger.note_fault(self._side, self._sequence, str(failure), self._clock())
        )

    def repaired(self) -> None:
        """Record that the store is written again, where it was not."""
        if self._is_faulty:
            self._is_faulty = False
            self._note(lambda: self._ledger.note_repaired(self._side, self._clock()))

    def read(
        self,
        first: int = 1,
        last: int | None = None,
        *,
        query: EventQuery = ALL_EVENTS,
        backward: bool = False,
        limit: int | None = None,
    ) -> Iterator[StoredEvent]:
        """Yield events."""
        return self._store.read(first, last, query=query, backward=backward, limit=limit)

    def checkpoint(self) -> Checkpoint | None:
        """Return the decoder that was saved last."""
        return self._store.checkpoint()

    def save_checkpoint(self, checkpoint: Checkpoint) -> None:
        """Save a decoder."""
        self._store.save_checkpoint(checkpoint)

    def first_sequence(self) -> int:
        """Return the first sequence whose events were not removed."""
        return self._store.first_sequence()

    def close(self) -> None:
        """Give back all connections."""
        self._store.close()

    def _note(self, action: Callable[[], None]) -> None:
        try:
            action()
        except StoreError as failure:
            log.warning("the ledger of the move cannot be written", error=str(failure))
