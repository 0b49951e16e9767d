"""Hold the event store against the journal, event by event."""

from collections import defaultdict
from collections.abc import Sequence
from hashlib import sha256

from sqlalchemy import Engine

from quantumcore.server.journal.layout import Block
from quantumcore.server.store.audit.defects import Deviation
from quantumcore.server.store.position import FeedPosition
from quantumcore.server.store.retention.classes import class_of
from quantumcore.server.store.row_digest import row_digest
from quantumcore.server.store.sql.store import SqlEventStore, StoredRow, Tombstone
from quantumcore.server.store.sql.tables import EVENT_TABLES
from quantumcore.server.store.stored_event import StoredEvent
from quantumcore.v1.log_pb2 import LogDefect

WINDOW_EVENTS = 2_000
SHOWN_HEX = 64


class Remains:
    """A tombstone, and what of the journal's events it stands for."""

    def __init__(self, stone: Tombstone) -> None:
        self.stone = stone
        self.count = 0
        self._digests = sha256()

    def take(self, event: StoredEvent) -> None:
        """Take an event that the store does not have any more."""
        self.count += 1
        self._digests.update(row_digest(event))

    def check(self) -> None:
        """Raise Deviation unless exactly these events were removed."""
        stone = self.stone
        if self.count != stone.event_count:
            raise _differs(
                stone.first_sequence,
                f"retention removed {stone.event_count} events of sequences "
                f"{stone.first_sequence} to {stone.until_sequence}; the journal has {self.count}",
            )
        if self._digests.digest() != stone.digest:
            raise _differs(
                stone.first_sequence,
                f"the digest of what retention removed of sequences {stone.first_sequence} to "
                f"{stone.until_sequence} is not that of the journal's events",
            )


class StoreComparison:
    """Takes the journal's events in order, up to where the store was when it began."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        store = SqlEventStore(engine)
        self.position = store.position()
        self.compared = self.removed = 0
        self._store = store
        self._expected: list[StoredEvent] = []
        self._covered = 0
        self._told = 0
        self._remains: dict[int, list[Remains]] = defaultdict(list)
        for stone in store.tombstones():
            self._remains[stone.event_class].append(Remains(stone))

    def take(self, block: Block, events: Sequence[StoredEvent], command_count: int) -> None:
        """Take the events of the next block; raise Deviation at the first that differs."""
        self._told += len(events)
        if block.number > self.position.block_number:
            return
        self._expected += events
        if block.number == self.position.block_number:
            self._check_position(block, command_count)
        if len(self._expected) >= WINDOW_EVENTS or block.number == self.position.block_number:
            self._compare(block.last_sequence)

    def finish(self, last_sequence: int) -> None:
        """Compare what is left, and what was removed, up to the last block taken."""
        self._compare(min(last_sequence, self.position.sequence))
        for remains in (one for of_class in self._remains.values() for one in of_class):
            if remains.stone.until_sequence <= self._covered:
                remains.check()

    def close(self) -> None:
        """Give back all connections."""
        self._store.close()

    def _check_position(self, block: Block, command_count: int) -> None:
        expected = FeedPosition(
            block.number, block.last_sequence, command_count, self._told, block.time_ns, block.hash
        )
        for name, right, found in zip(FeedPosition._fields, expected, self.position, strict=True):
            if right != found:
                raise _differs(
                    block.last_sequence,
                    f"the store's position has {name} {_shown(found)}, the journal {_shown(right)}",
                )

    def _compare(self, last_sequence: int) -> None:
        first, self._covered = self._covered + 1, max(self._covered, last_sequence)
        expected, self._expected = self._expected, []
        rows = iter(self._store.rows(first, self._covered))
        row = next(rows, None)
        for event in expected:
            place = (event.sequence, event.part)
            if row is not None and (row.event.sequence, row.event.part) < place:
                raise _unknown(row.event)
            if row is None or (row.event.sequence, row.event.part) != place:
                self._take_removed(event)
                continue
            self._check(event, row)
            row = next(rows, None)
        if row is not None:
            raise _unknown(row.event)

    def _check(self, event: StoredEvent, row: StoredRow) -> None:
        table = EVENT_TABLES[row.event.aggregate_type].name
        where = f"{table}, sequence {event.sequence}, part {event.part}"
        for name, right, found in zip(StoredEvent._fields, event, row.event, strict=True):
            if right != found:
                raise _differs(
                    event.sequence,
                    f"{where}: {name} is {_shown(found)}, the journal gives {_shown(right)}",
                )
        if row.digest != row_digest(event):
            raise _differs(
                event.sequence,
                f"{where}: digest is {_shown(row.digest)}, the event's is "
                f"{_shown(row_digest(event))}",
            )
        if self._remains_of(event) is not None:
            raise _differs(event.sequence, f"{where}: is told as removed, and is there")
        self.compared += 1

    def _take_removed(self, event: StoredEvent) -> None:
        remains = self._remains_of(event)
        if remains is None:
            table = EVENT_TABLES[event.aggregate_type].name
            raise _differs(
                event.sequence,
                f"{table}, sequence {event.sequence}, part {event.part}: is missing, and no "
                "removal is told of it",
            )
        remains.take(event)
        self.compared += 1
        self.removed += 1

    def _remains_of(self, event: StoredEvent) -> Remains | None:
        """Return the removal that covers an event; those that lie behind are dropped on the way."""
        waiting = self._remains.get(class_of(event.event_type))
        while waiting and waiting[0].stone.until_sequence < event.sequence:
            waiting.pop(0).check()
        if waiting and waiting[0].stone.first_sequence <= event.sequence:
            return waiting[0]
        return None


def _unknown(event: StoredEvent) -> Deviation:
    table = EVENT_TABLES[event.aggregate_type].name
    return _differs(
        event.sequence,
        f"{table}, sequence {event.sequence}, part {event.part}: the journal tells no such event",
    )


def _differs(sequence: int, text: str) -> Deviation:
    return Deviation(LogDefect.LOG_DEFECT_STORE, sequence, f"event store: {text}")


def _shown(value: object) -> str:
    if isinstance(value, bytes):
        return value.hex()[:SHOWN_HEX] + ("…" if len(value) > SHOWN_HEX // 2 else "")
    return str(value)
