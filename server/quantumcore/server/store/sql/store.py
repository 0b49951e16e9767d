"""An event store on a SQL database."""

import heapq
import sqlite3
import struct
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, NamedTuple

import psycopg
from sqlalchemy import (
    Connection,
    Engine,
    Select,
    Table,
    and_,
    delete,
    func,
    insert,
    or_,
    select,
    update,
)
from sqlalchemy.exc import DBAPIError, IntegrityError, InterfaceError, OperationalError

from quantumcore.server.store.errors import (
    EventDamaged,
    SequenceGap,
    StoreDamaged,
    StoreDiverged,
    StoreUnavailable,
)
from quantumcore.server.store.port import ALL_EVENTS, Batch, Checkpoint, EventQuery
from quantumcore.server.store.position import FeedPosition
from quantumcore.server.store.row_digest import row_digest
from quantumcore.server.store.sql.bulk import Row, insert_for
from quantumcore.server.store.sql.engine import WRITES
from quantumcore.server.store.sql.projection_tables import projection_checkpoint
from quantumcore.server.store.sql.schema import check_schema
from quantumcore.server.store.sql.tables import (
    EVENT_TABLES,
    backfill_position,
    decoder_checkpoint,
    event_tombstones,
    feed_position,
)
from quantumcore.server.store.stored_event import StoredEvent

PAGE_ROWS = 2_000


DAMAGED = (sqlite3.DatabaseError, psycopg.errors.DataCorrupted, psycopg.errors.IndexCorrupted)


class StoredRow(NamedTuple):
    """An event as it is stored, and the digest beside it."""

    event: StoredEvent
    digest: bytes


Check = Callable[[int, Sequence[Any]], StoredRow]
"""Makes a row of a table's kind and columns."""


class Tombstone(NamedTuple):
    """What is left of removed events of one class, as `event_tombstones` has it."""

    event_class: int
    first_sequence: int
    until_sequence: int
    event_count: int
    time_ns: int
    principal_id: int
    digest: bytes
    archive: str


class SqlEventStore:
    """Events in append-only tables, on SQLite or PostgreSQL; see port.EventStore."""

    def __init__(self, engine: Engine) -> None:
        """Take an engine, and its connections, whose database has been migrated.

        Raise StoreSchemaUnknown otherwise, with nothing left open.
        """
        self._engine = engine
        self._insert = insert_for(engine.dialect.name)
        self.stores_elsewhere = engine.dialect.name != "sqlite"
        try:
            with self._connected() as connection:
                check_schema(connection)
        except BaseException:
            engine.dispose()
            raise

    @property
    def engine(self) -> Engine:
        """The connections to its database; projections and the past of a move lie in it too."""
        return self._engine

    def position(self) -> FeedPosition:
        """Return how far the store has been fed."""
        with self._connected() as connection:
            return _position(connection)

    def append(self, batch: Batch) -> None:
        """Store a batch and its position in one transaction: all of it or nothing."""
        batch.check()
        rows: dict[int, list[Row]] = {}
        for event in batch.events:
            row = (*event[1:], row_digest(event))
            rows.setdefault(event.aggregate_type, []).append(row)
        with self._writing() as connection:
            held = _position(connection, lock=True)
            if held != batch.before:
                raise SequenceGap("batch behind sequence", held.sequence, batch.before.sequence)
            for kind, of_kind in rows.items():
                self._insert(connection, EVENT_TABLES[kind].name, of_kind)
            connection.execute(update(feed_position).values(**batch.after._asdict()))

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

        Raise EventDamaged in place of an event that is not what was stored.
        """
        for row in self._rows(first, last, query, backward=backward, limit=limit, check=_checked):
            yield row.event

    def rows(
        self,
        first: int = 1,
        last: int | None = None,
        *,
        query: EventQuery = ALL_EVENTS,
        backward: bool = False,
        limit: int | None = None,
    ) -> Iterator[StoredRow]:
        """Yield events as `read` does, unchecked, each with the digest that stands beside it."""
        return self._rows(first, last, query, backward=backward, limit=limit, check=_unchecked)

    def _rows(
        self,
        first: int,
        last: int | None,
        query: EventQuery,
        *,
        backward: bool,
        limit: int | None,
        check: Check,
    ) -> Iterator[StoredRow]:
        if last is None:
            last = self.position().sequence
        kinds = [query.aggregate_type] if query.aggregate_type else list(EVENT_TABLES)
        streams = [
            self._stream(kind, first, last, query, backward=backward, limit=limit, check=check)
            for kind in kinds
        ]
        merged = heapq.merge(*streams, key=_place, reverse=backward)
        for number, row in enumerate(merged):
            if limit is not None and number >= limit:
                return
            yield row

    def checkpoint(self) -> Checkpoint | None:
        """Return the decoder that was saved last."""
        columns = [decoder_checkpoint.c[name] for name in (*FeedPosition._fields, "state")]
        with self._connected() as connection:
            row = connection.execute(select(*columns)).one_or_none()
        if row is None:
            return None
        position = FeedPosition._make((*row[:-2], bytes(row[-2])))
        return Checkpoint(position, bytes(row[-1]))

    def save_checkpoint(self, checkpoint: Checkpoint) -> None:
        """Save a decoder in place of the one before; it may be behind the store's position."""
        values = checkpoint.position._asdict()
        with self._writing() as connection:
            connection.execute(delete(decoder_checkpoint))
            connection.execute(
                insert(decoder_checkpoint).values(id=1, state=checkpoint.state, **values)
            )

    def projections(self) -> dict[str, int]:
        """Return how far projections are, also those that are being made beside what is read."""
        table = projection_checkpoint
        with self._connected() as connection:
            rows = connection.execute(select(table.c.name, table.c.sequence))
            return {row[0]: row[1] for row in rows}

    def first_sequence(self, classes: Collection[int] = ()) -> int:
        """Return the first sequence from which on nothing of these classes, or any, is gone.

        Nothing is there either of what was opened instead, whatever class it was of.
        """
        table = event_tombstones.c
        statement = select(func.max(table.until_sequence))
        if classes:
            statement = statement.where(table.event_class.in_(list(classes)))
        opened = select(func.max(backfill_position.c.opened_sequence))
        with self._connected() as connection:
            ends = [connection.execute(one).scalar() or 0 for one in (statement, opened)]
        return int(max(ends)) + 1

    def tombstones(self) -> list[Tombstone]:
        """Return what is left of removed events, by sequence; no two of a class overlap."""
        columns = [event_tombstones.c[name] for name in Tombstone._fields]
        statement = select(*columns).order_by(event_tombstones.c.first_sequence)
        with self._connected() as connection:
            rows = connection.execute(statement).all()
        return [Tombstone._make((*row[:-2], bytes(row[-2]), row[-1])) for row in rows]

    def close(self) -> None:
        """Give back all connections."""
        self._engine.dispose()

    def _stream(
        self,
        kind: int,
        first: int,
        last: int,
        query: EventQuery,
        *,
        backward: bool,
        limit: int | None,
        check: Check,
    ) -> Iterator[StoredRow]:
        """Yield one table's events page by page, each page with a connection of its own."""
        table = EVENT_TABLES[kind]
        page_rows = PAGE_ROWS if limit is None else min(PAGE_ROWS, max(1, limit))
        statement = _selected(table, first, last, query, backward=backward).limit(page_rows)
        behind: StoredEvent | None = None
        while True:
            page = statement if behind is None else _after(statement, table, behind, backward)
            with self._connected() as connection:
                rows = [check(kind, row) for row in connection.execute(page)]
            yield from rows
            if len(rows) < page_rows:
                return
            behind = rows[-1].event

    @contextmanager
    def _connected(self) -> Iterator[Connection]:
        with translated(), self._engine.connect() as connection:
            yield connection

    @contextmanager
    def _writing(self) -> Iterator[Connection]:
        with translated(), self._engine.connect() as connection:
            connection.execution_options(**{WRITES: True})
            with connection.begin():
                yield connection


def _unchecked(kind: int, row: Sequence[Any]) -> StoredRow:
    return StoredRow(StoredEvent(kind, *row[:-1]), row[-1])


def _checked(kind: int, row: Sequence[Any]) -> StoredRow:
    """Return a row that is as it was stored, column by column; raise EventDamaged."""
    event, digest = _unchecked(kind, row)
    try:
        matches = row_digest(event) == digest
    except (struct.error, TypeError):  # a number is none any more
        matches = False
    if not matches:
        raise EventDamaged(EVENT_TABLES[kind].name, event.sequence, event.part)
    return StoredRow(event, digest)


@contextmanager
def translated() -> Iterator[None]:
    """Say in our own words that the database is gone, or that it holds an event already."""
    try:
        yield
    except (IntegrityError, psycopg.IntegrityError) as error:
        raise StoreDiverged(f"the store refuses what the journal tells: {error}") from error
    except (psycopg.OperationalError, psycopg.InterfaceError) as error:
        raise StoreUnavailable(f"the database cannot be used: {error}") from error
    except DBAPIError as error:
        if error.connection_invalidated or isinstance(error, OperationalError | InterfaceError):
            raise StoreUnavailable(f"the database cannot be used: {error.orig}") from error
        if type(error.orig) in DAMAGED:
            raise StoreDamaged(f"the database is damaged: {error.orig}") from error
        raise


def _position(connection: Connection, *, lock: bool = False) -> FeedPosition:
    columns = [feed_position.c[name] for name in FeedPosition._fields]
    statement: Select[Any] = select(*columns)
    row = connection.execute(statement.with_for_update() if lock else statement).one()
    return FeedPosition._make((*row[:-1], bytes(row[-1])))


def _place(row: StoredRow) -> tuple[int, int]:
    return row.event.sequence, row.event.part


def _selected(
    table: Table, first: int, last: int, query: EventQuery, *, backward: bool
) -> Select[Any]:
    columns = table.c
    statement = select(*columns).where(columns.sequence.between(first, last))
    if query.aggregate_id:
        statement = statement.where(columns.aggregate_id == query.aggregate_id)
    for column, values in (
        (columns.event_type, query.event_types),
        (columns.account_id, query.account_ids),
        (columns.instrument_id, query.instrument_ids),
    ):
        if values:
            statement = statement.where(column.in_(list(values)))
    if query.principal_id:
        statement = statement.where(columns.principal_id == query.principal_id)
    if query.correlation_id:
        statement = statement.where(columns.correlation_id == query.correlation_id)
    order = (columns.sequence, columns.part)
    keys = [column.desc() for column in order] if backward else list(order)
    return statement.order_by(*keys)


def _after(
    statement: Select[Any], table: Table, behind: StoredEvent, backward: bool
) -> Select[Any]:
    sequence, part = table.c.sequence, table.c.part
    if backward:
        rest = sequence < behind.sequence
        same = and_(sequence == behind.sequence, part < behind.part)
    else:
        rest = sequence > behind.sequence
        same = and_(sequence == behind.sequence, part > behind.part)
    return statement.where(or_(rest, same))
