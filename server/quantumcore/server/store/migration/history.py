"""The past of an event store that is fed from the middle of a journal on.

    begin -> the feeder goes on from there, and beside it: add, add, ... until all is copied

Feeding begins behind a position of another store. What lies before is copied into the same tables,
sequence by sequence; how far that is, is written with it, so that it goes on after any interruption
and nothing is copied twice. Where the past is nowhere any more, opening events take its place.
"""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, NamedTuple

from sqlalchemy import Connection, Engine, RowMapping, func, insert, select, update

from quantumcore.server.store.errors import HistoryIncomplete, SequenceGap
from quantumcore.server.store.port import Checkpoint
from quantumcore.server.store.position import BEGINNING, FeedPosition
from quantumcore.server.store.row_digest import row_digest
from quantumcore.server.store.sql.bulk import Row, insert_for
from quantumcore.server.store.sql.engine import WRITES
from quantumcore.server.store.sql.store import translated
from quantumcore.server.store.sql.tables import (
    EVENT_TABLES,
    backfill_position,
    decoder_checkpoint,
    event_tombstones,
    feed_position,
    opening_events,
)
from quantumcore.server.store.stored_event import StoredEvent

CHUNK = 1_000
Removal = dict[str, Any]


class Progress(NamedTuple):
    """How far the past is there; `until_sequence` 0: there is none, it was fed from the start."""

    until_sequence: int = 0
    event_count: int = 0
    copied_sequence: int = 0
    opened_sequence: int = 0
    opened_event_count: int = 0
    is_complete: int = 0

    @property
    def is_finished(self) -> bool:
        """Tell whether all of it is there, and was counted."""
        return self.until_sequence == 0 or bool(self.is_complete)


class Beginning(NamedTuple):
    """Behind what an event store is to be fed, and what of the past it will have.

    Of `opened_event_count` events up to `opened_sequence` there are opening events only.
    """

    position: FeedPosition
    checkpoint: Checkpoint | None
    removals: Sequence[Removal] = ()
    openings: Iterable[StoredEvent] = ()
    opened_sequence: int = 0
    opened_event_count: int = 0


class History:
    """Writes the past of one event store."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._insert = insert_for(engine.dialect.name)

    def progress(self) -> Progress:
        """Return how far it is."""
        with self._reading() as connection:
            return _progress(connection)

    def begin(self, beginning: Beginning) -> bool:
        """Let an empty store be fed from a position on; False: it is fed already, nothing is done.

        All of it is one transaction.
        """
        position = beginning.position
        with self._writing() as connection:
            held = connection.execute(
                select(feed_position.c.block_number).with_for_update()
            ).scalar_one()
            if held != BEGINNING.block_number or position == BEGINNING:
                return False
            connection.execute(update(feed_position).values(**position._asdict()))
            self._take_over(connection, beginning)
            opened = beginning.opened_sequence
            progress = Progress(
                until_sequence=position.sequence,
                event_count=position.event_count,
                copied_sequence=opened,
                opened_sequence=opened,
                opened_event_count=beginning.opened_event_count,
                is_complete=int(opened == position.sequence),
            )
            connection.execute(insert(backfill_position).values(id=1, **progress._asdict()))
        return True

    def add(self, events: Sequence[StoredEvent], first: int, last: int) -> None:
        """Copy all events of [first, last], which follow what was copied, in one transaction.

        Raise SequenceGap, with nothing done, where they do not follow.
        """
        rows: dict[int, list[Row]] = {}
        for stored in events:
            rows.setdefault(stored.aggregate_type, []).append(_row(stored))
        with self._writing() as connection:
            held = _progress(connection, lock=True)
            if held.copied_sequence != first - 1:
                raise SequenceGap("history from sequence", held.copied_sequence + 1, first)
            for kind, of_kind in rows.items():
                self._insert(connection, EVENT_TABLES[kind].name, of_kind)
            connection.execute(update(backfill_position).values(copied_sequence=last))

    def finish(self) -> None:
        """Count what was copied, and say that it is complete.

        Raise HistoryIncomplete unless it is as many events as there were by then.
        """
        with self._writing() as connection:
            progress = _progress(connection, lock=True)
            gone = select(func.coalesce(func.sum(event_tombstones.c.event_count), 0)).where(
                event_tombstones.c.first_sequence <= progress.until_sequence
            )
            count = int(connection.execute(gone).scalar_one())
            count += progress.opened_event_count
            for table in EVENT_TABLES.values():
                before = table.c.sequence <= progress.until_sequence
                count += connection.execute(
                    select(func.count()).select_from(table).where(before)
                ).scalar_one()
            if count != progress.event_count:
                raise HistoryIncomplete(progress.until_sequence, progress.event_count, count)
            connection.execute(update(backfill_position).values(is_complete=1))

    def openings(self, aggregate_type: int, ids: Sequence[int]) -> dict[int, StoredEvent]:
        """Return the opening events of things, by id."""
        found: dict[int, StoredEvent] = {}
        columns = [opening_events.c[name] for name in StoredEvent._fields]
        with self._reading() as connection:
            for start in range(0, len(ids), CHUNK):
                statement = select(*columns).where(
                    opening_events.c.aggregate_type == aggregate_type,
                    opening_events.c.aggregate_id.in_(list(ids[start : start + CHUNK])),
                )
                for row in connection.execute(statement):
                    stored = StoredEvent._make((*row[:-1], bytes(row[-1])))
                    found[stored.aggregate_id] = stored
        return found

    def all_openings(self) -> list[StoredEvent]:
        """Return all opening events."""
        columns = [opening_events.c[name] for name in StoredEvent._fields]
        with self._reading() as connection:
            rows = connection.execute(select(*columns)).all()
        return [StoredEvent._make((*row[:-1], bytes(row[-1]))) for row in rows]

    def removals(self) -> list[Removal]:
        """Return what of the past was removed."""
        with self._reading() as connection:
            return [_named(row) for row in connection.execute(select(event_tombstones)).mappings()]

    def _take_over(self, connection: Connection, beginning: Beginning) -> None:
        """Store what a decoder knew, what was removed before, and how things stood."""
        if beginning.checkpoint is not None:
            at, state = beginning.checkpoint
            connection.execute(insert(decoder_checkpoint).values(id=1, state=state, **at._asdict()))
        if beginning.removals:
            connection.execute(insert(event_tombstones), list(beginning.removals))
        for some in _chunks(beginning.openings):
            connection.execute(insert(opening_events), [one._asdict() for one in some])

    @contextmanager
    def _reading(self) -> Iterator[Connection]:
        with translated(), self._engine.connect() as connection:
            yield connection

    @contextmanager
    def _writing(self) -> Iterator[Connection]:
        with translated(), self._engine.connect() as connection:
            connection.execution_options(**{WRITES: True})
            with connection.begin():
                yield connection


def _row(stored: StoredEvent) -> Row:
    """Return an event as its table has it."""
    return (*stored[1:], row_digest(stored))


def _named(row: RowMapping) -> Removal:
    return {str(name): value for name, value in row.items()}


def _progress(connection: Connection, *, lock: bool = False) -> Progress:
    columns = [backfill_position.c[name] for name in Progress._fields]
    statement = select(*columns)
    row = connection.execute(statement.with_for_update() if lock else statement).one_or_none()
    return Progress() if row is None else Progress._make(row)


def _chunks(events: Iterable[StoredEvent]) -> Iterator[list[StoredEvent]]:
    some: list[StoredEvent] = []
    for one in events:
        some.append(one)
        if len(some) == CHUNK:
            yield some
            some = []
    if some:
        yield some
