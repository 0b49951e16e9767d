"""An event store on a SQL database."""

import heapq
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

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

from quantumcore.server.store.errors import SequenceGap, StoreDiverged, StoreUnavailable
from quantumcore.server.store.port import ALL_EVENTS, Batch, Checkpoint, EventQuery
from quantumcore.server.store.position import FeedPosition
from quantumcore.server.store.sql.bulk import Row, insert_for
from quantumcore.server.store.sql.engine import WRITES
from quantumcore.server.store.sql.schema import check_schema
from quantumcore.server.store.sql.tables import (
    EVENT_TABLES,
    backfill_position,
    decoder_checkpoint,
    event_removals,
    feed_position,
    retention_grant,
)
from quantumcore.server.store.stored_event import StoredEvent

PAGE_ROWS = 2_000


class SqlEventStore:
    """Events in append-only tables, on SQLite or PostgreSQL; see port.EventStore."""

    def __init__(self, engine: Engine) -> None:
        """Take an engine, and its connections, whose database has been migrated.

        Raise StoreSchemaUnknown otherwise, with nothing left open.
        """
        self._engine = engine
        self._insert = insert_for(engine.dialect.name)
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
            rows.setdefault(event.aggregate_type, []).append(event[1:])
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
        """Yield events of [first, last] by sequence and part; `last` None: what is there now."""
        if last is None:
            last = self.position().sequence
        kinds = [query.aggregate_type] if query.aggregate_type else list(EVENT_TABLES)
        streams = [self._stream(kind, first, last, query, backward=backward) for kind in kinds]
        merged = heapq.merge(*streams, key=_place, reverse=backward)
        for number, event in enumerate(merged):
            if limit is not None and number >= limit:
                return
            yield event

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

    def first_sequence(self) -> int:
        """Return the first sequence whose events were not removed, and not opened instead."""
        with self._connected() as connection:
            until = connection.execute(select(func.max(event_removals.c.until_sequence))).scalar()
            opened = connection.execute(select(func.max(backfill_position.c.opened_sequence)))
            return max(int(until or 0), int(opened.scalar() or 0)) + 1

    def remove(self, until_sequence: int, *, time_ns: int, principal_id: int, reason: str) -> int:
        """Remove all events up to a sequence, the one way there is; return how many went.

        Leaves a record of it in the same transaction.
        """
        removed = 0
        with self._writing() as connection:
            connection.execute(insert(retention_grant).values(id=1, until_sequence=until_sequence))
            for table in EVENT_TABLES.values():
                gone = connection.execute(
                    delete(table).where(table.c.sequence <= until_sequence)
                ).rowcount
                removed += gone
                connection.execute(
                    insert(event_removals).values(
                        until_sequence=until_sequence,
                        table_name=table.name,
                        event_count=gone,
                        time_ns=time_ns,
                        principal_id=principal_id,
                        reason=reason,
                    )
                )
            connection.execute(delete(retention_grant))
        return removed

    def close(self) -> None:
        """Give back all connections."""
        self._engine.dispose()

    def _stream(
        self, kind: int, first: int, last: int, query: EventQuery, *, backward: bool
    ) -> Iterator[StoredEvent]:
        """Yield one table's events page by page, each page with a connection of its own."""
        table = EVENT_TABLES[kind]
        statement = _selected(table, first, last, query, backward=backward)
        behind: StoredEvent | None = None
        while True:
            page = statement if behind is None else _after(statement, table, behind, backward)
            with self._connected() as connection:
                events = [StoredEvent(kind, *row) for row in connection.execute(page)]
            yield from events
            if len(events) < PAGE_ROWS:
                return
            behind = events[-1]

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
        raise


def _position(connection: Connection, *, lock: bool = False) -> FeedPosition:
    columns = [feed_position.c[name] for name in FeedPosition._fields]
    statement: Select[Any] = select(*columns)
    row = connection.execute(statement.with_for_update() if lock else statement).one()
    return FeedPosition._make((*row[:-1], bytes(row[-1])))


def _place(event: StoredEvent) -> tuple[int, int]:
    return event.sequence, event.part


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
    return statement.order_by(*keys).limit(PAGE_ROWS)


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
