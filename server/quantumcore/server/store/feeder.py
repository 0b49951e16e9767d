"""Feed a store from a journal: in sequence, exactly once, beside the venue and never in its way.

    read blocks -> decode -> append a batch with its position in one transaction -> next

The store says how far it is; after any interruption feeding goes on from there. What was decoded
and could not be stored is kept and tried again, with pauses that grow to a bound. Nothing is
buffered but the batch that is stored and the one that is decoded meanwhile, so a store that falls
behind costs no memory: the journal is the buffer.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from time import monotonic, time_ns
from typing import NamedTuple

import structlog

from quantumcore.server.journal.layout import Block
from quantumcore.server.journal.tail import Tail
from quantumcore.server.store.ahead import Ahead
from quantumcore.server.store.decoding.decoder import Decoder
from quantumcore.server.store.errors import (
    CheckpointUnreadable,
    PastNotFed,
    StoreDiverged,
    StoreUnavailable,
)
from quantumcore.server.store.port import Batch, Checkpoint, EventStore
from quantumcore.server.store.position import BEGINNING, FeedPosition
from quantumcore.server.store.stored_event import StoredEvent

log = structlog.get_logger("quantumcore.feeder")

Wait = Callable[[float], bool]
"""Waits for seconds, or less where it is to stop; returns whether it is to stop."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FeederSettings:
    """Bounds of feeding."""

    batch_events: int = 20_000
    """A batch is stored when it has this many events, or when the journal has no more now."""
    poll_interval_s: float = 0.02
    """How long to wait before the journal is looked at again where it had nothing new."""
    first_retry_s: float = 0.05
    """First pause after the store could not be reached; each following is twice as long ..."""
    longest_retry_s: float = 2.0
    """... up to this."""
    checkpoint_events: int = 5_000_000
    """What the decoder knows is saved when so many events were stored since, and at the end."""
    give_up_after_s: float = 3_600.0
    """Without success for so long the feeder ends with StoreUnavailable."""


class Lag(NamedTuple):
    """How the store stands to the journal; `seconds` is 0 when it has all that was read."""

    stored_sequence: int
    read_sequence: int
    seconds: float
    unavailable_s: float


class Feeder:
    """Feeds one store from one journal directory; one feeder at a time feeds a store."""

    def __init__(
        self,
        directory: Path,
        store: EventStore,
        *,
        settings: FeederSettings | None = None,
        clock: Callable[[], int] = time_ns,
    ) -> None:
        self._store, self._directory = store, directory
        self._settings = settings or FeederSettings()
        self._clock = clock
        self._tail = Tail(directory)
        self._decoder = Decoder()
        self._read = self._stored = self._saved = BEGINNING
        self._unavailable_since: float | None = None
        self._ahead = Ahead(self._append, elsewhere=store.stores_elsewhere)

    @property
    def position(self) -> FeedPosition:
        """How far the store is known to be fed."""
        return self._stored

    def lag(self) -> Lag:
        """Return how far the store is behind what was read of the journal."""
        behind = self._read.block_number > self._stored.block_number
        since = self._unavailable_since
        return Lag(
            self._stored.sequence,
            self._read.sequence,
            max(0, self._clock() - self._read.time_ns) / 1e9 if behind else 0.0,
            0.0 if since is None else monotonic() - since,
        )

    def run(self, wait: Wait) -> None:
        """Feed until `wait` says to stop.

        Raise StoreDiverged where the store holds another history than the journal, JournalCorrupt
        and JournalUndecodable for what the journal holds, StoreUnavailable when it is time to give
        up.
        """
        position = self._retried(self._prepare, wait)
        if position is None or not self._rebuild(position, wait):
            return
        self._feed(
            settle=lambda: self._retried(self._settle, wait) is not None,
            ends=lambda: wait(self._settings.poll_interval_s),
        )

    def catch_up(self) -> None:
        """Feed what the journal holds now, and return; failures of the store are raised."""
        self._rebuild(self._prepare(), _never)
        self._feed(settle=lambda: bool(self._settle()), ends=lambda: True)

    def _feed(self, *, settle: Callable[[], bool], ends: Callable[[], bool]) -> None:
        """Decode and store by turns until `settle` says no, or nothing is new and it `ends`."""
        most_unsaved = self._settings.checkpoint_events
        with self._ahead:
            while True:
                batch = self.next_batch()
                if not settle():
                    return
                if batch is not None:
                    self._ahead.begin(batch)
                elif ends():
                    break
                if self._read.event_count - self._saved.event_count >= most_unsaved:
                    if not settle():
                        return
                    self._save(most_unsaved)
        self._save(1)

    def next_batch(self) -> Batch | None:
        """Return what comes next in the journal; None where it has nothing new."""
        before = self._read
        events: list[StoredEvent] = []
        for block in self._tail.blocks():
            events += self._decoded(block)
            self._read = self._behind(block, len(events) + before.event_count)
            if len(events) >= self._settings.batch_events:
                break
        return Batch(before, self._read, events) if self._read != before else None

    def _prepare(self) -> FeedPosition:
        """Take over what a decoder knew that is not ahead of the store; return where that is."""
        position, checkpoint = self._store.position(), self._store.checkpoint()
        if (
            checkpoint is not None
            and self._read == BEGINNING
            and checkpoint.position.block_number <= position.block_number
        ):
            self._restore(checkpoint)
        return position

    def _restore(self, checkpoint: Checkpoint) -> None:
        """Go on behind a checkpoint, whose block has to be that of the journal."""
        at = checkpoint.position
        try:
            decoder = Decoder.restored(checkpoint.state, at.sequence)
        except CheckpointUnreadable as problem:
            log.warning("the journal is read from its beginning", reason=str(problem))
            return
        tail = Tail(self._directory, from_sequence=at.sequence)
        block = next((one for one in tail.blocks() if one.number >= at.block_number), None)
        if block is None or block.hash != at.block_hash:
            tail.close()
            raise StoreDiverged(
                f"block {at.block_number} of the journal is not the one that the store was fed "
                "with: it holds another history"
            )
        self._tail.close()
        self._tail, self._decoder, self._read, self._saved = tail, decoder, at, at

    def _save(self, least_events: int) -> None:
        """Save what the decoder knows where so much was stored since; it is no matter if not."""
        if self._read != self._stored or (
            self._stored.event_count - self._saved.event_count < least_events
        ):
            return
        try:
            self._store.save_checkpoint(Checkpoint(self._stored, self._decoder.save()))
            self._saved = self._stored
        except StoreUnavailable as failure:
            log.warning("what the decoder knows was not saved", error=str(failure))

    def _rebuild(self, position: FeedPosition, wait: Wait) -> bool:
        """Decode what is stored already, for what later events lean on; return False to stop."""
        self._stored = position
        if self._read.block_number > position.block_number:
            raise StoreDiverged("the store has gone back behind what was read for it")
        while self._read.block_number < position.block_number:
            block = next(iter(self._tail.blocks()), None)
            if block is None:
                raise StoreDiverged(
                    f"the store was fed up to block {position.block_number}, "
                    f"the journal ends with block {self._read.block_number}"
                )
            count = len(self._decoded(block)) + self._read.event_count
            self._read = self._behind(block, count)
            if block.number % 4096 == 0 and wait(0):
                return False
        if self._read != position:
            raise StoreDiverged(
                f"block {position.block_number} of the journal is not the one that the store "
                "was fed with: it holds another history"
            )
        return True

    def _decoded(self, block: Block) -> list[StoredEvent]:
        """Decode a block; raise PastNotFed for the first one where it is not the journal's."""
        if self._read == BEGINNING and block.first_sequence > 1:
            raise PastNotFed(block.first_sequence)
        return self._decoder.decode(block)

    def _behind(self, block: Block, event_count: int) -> FeedPosition:
        return FeedPosition(
            block_number=block.number,
            sequence=block.last_sequence,
            command_count=self._decoder.state.command_count,
            event_count=event_count,
            time_ns=block.time_ns,
            block_hash=block.hash,
        )

    def _settle(self) -> FeedPosition:
        """Return when what was begun is stored."""
        self._ahead.settle()
        return self._stored

    def _append(self, batch: Batch) -> FeedPosition:
        """Append unless it is there: an interrupted transaction may have been carried out."""
        if self._unavailable_since is not None and self._store.position() == batch.after:
            self._stored = batch.after
            return batch.after
        self._store.append(batch)
        self._stored = batch.after
        return batch.after

    def _retried(self, action: Callable[[], FeedPosition], wait: Wait) -> FeedPosition | None:
        """Carry out an action until the store can be reached; None: it is to stop."""
        settings = self._settings
        pauses = _growing(settings.first_retry_s, settings.longest_retry_s)
        while True:
            try:
                done = action()
            except StoreUnavailable as failure:
                self._note(failure)
                if wait(next(pauses)):
                    return None
            else:
                if self._unavailable_since is not None:
                    log.info("the event store is back", sequence=done.sequence)
                self._unavailable_since = None
                return done

    def _note(self, failure: StoreUnavailable) -> None:
        """Say that the store is gone; raise the failure where that has lasted too long."""
        if self._unavailable_since is None:
            self._unavailable_since = monotonic()
            log.warning("the event store cannot be reached", error=str(failure))
        elif monotonic() - self._unavailable_since > self._settings.give_up_after_s:
            raise failure

    def close(self) -> None:
        """Close the journal; the store stays the caller's."""
        self._tail.close()


def _growing(first: float, longest: float) -> Iterator[float]:
    pause = first
    while True:
        yield min(pause, longest)
        pause *= 2


def _never(_seconds: float) -> bool:
    return False
