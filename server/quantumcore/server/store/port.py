"""What every event store does, whatever database it stands on."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple, Protocol

from quantumcore.server.store.errors import SequenceGap
from quantumcore.server.store.position import FeedPosition
from quantumcore.server.store.stored_event import StoredEvent


class Batch(NamedTuple):
    """Events of whole blocks, and the positions before and behind them."""

    before: FeedPosition
    after: FeedPosition
    events: Sequence[StoredEvent]

    def check(self) -> None:
        """Raise SequenceGap unless the events lead from one position to the other."""
        sequence, part = self.before.sequence, -1
        for event in self.events:
            if event.sequence == sequence and part >= 0:
                part += 1
            else:
                sequence, part = sequence + 1, 0
            if event.sequence != sequence:
                raise SequenceGap("sequence", sequence, event.sequence)
            if event.part != part:
                raise SequenceGap(f"part of sequence {sequence}", part, event.part)
        if sequence != self.after.sequence:
            raise SequenceGap("last sequence", self.after.sequence, sequence)
        count = self.before.event_count + len(self.events)
        if count != self.after.event_count:
            raise SequenceGap("number of events", self.after.event_count, count)


@dataclass(frozen=True, slots=True, kw_only=True)
class EventQuery:
    """Which events are wanted; what is set must all hold. Empty and 0: any."""

    aggregate_type: int = 0
    aggregate_id: int = 0
    event_types: Sequence[int] = field(default=())
    account_ids: Sequence[int] = field(default=())
    instrument_ids: Sequence[int] = field(default=())
    principal_id: int = 0
    correlation_id: int = 0


ALL_EVENTS = EventQuery()


class Checkpoint(NamedTuple):
    """What a decoder knew behind a block; see decoding.saving."""

    position: FeedPosition
    state: bytes


class EventStore(Protocol):
    """An append-only store of events, fed by one feeder, read by many."""

    @property
    def stores_elsewhere(self) -> bool:
        """Tell whether `append` mostly waits for another process, so that a caller may go on."""

    def position(self) -> FeedPosition:
        """Return how far the store has been fed."""

    def append(self, batch: Batch) -> None:
        """Store a batch and its position in one transaction: all of it or nothing.

        Raise SequenceGap, with nothing stored, where the batch does not continue what is stored,
        and StoreUnavailable where the database is gone: ask `position` then whether it is there.
        """

    def read(
        self,
        first: int = 1,
        last: int | None = None,
        *,
        query: EventQuery = ALL_EVENTS,
        backward: bool = False,
        limit: int | None = None,
    ) -> Iterator[StoredEvent]:
        """Yield events of [first, last] by sequence and part; `last` None: what is there now.

        Nothing stays locked or open between two events.
        """

    def checkpoint(self) -> Checkpoint | None:
        """Return the decoder that was saved last."""

    def save_checkpoint(self, checkpoint: Checkpoint) -> None:
        """Save a decoder in place of the one before; it may be behind the store's position."""

    def first_sequence(self) -> int:
        """Return the first sequence whose events were not removed."""

    def close(self) -> None:
        """Give back all connections."""
