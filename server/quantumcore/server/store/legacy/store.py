"""The legacy store: mutable rows of orders and positions, fed from the journal as events are.

Rows, lines of the log and the position behind them are written in one transaction, so that a row
is never changed twice by one event. Events themselves are not kept: what a row was is gone.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any, NamedTuple

from google.protobuf.message import Message
from sqlalchemy import Connection, Engine, Table, delete, insert, inspect, select, update

from quantumcore.server.store.errors import NoEventsKept, SequenceGap, StoreSchemaUnknown
from quantumcore.server.store.event_types import PREFIX, name_of
from quantumcore.server.store.folding.orders import fold_order
from quantumcore.server.store.legacy.rows import message_of, row_of
from quantumcore.server.store.legacy.tables import (
    legacy_decoder,
    legacy_log,
    legacy_metadata,
    legacy_orders,
    legacy_position,
    legacy_positions,
)
from quantumcore.server.store.port import ALL_EVENTS, Batch, Checkpoint, EventQuery
from quantumcore.server.store.position import BEGINNING, FeedPosition
from quantumcore.server.store.projections.projection import put, rows_of
from quantumcore.server.store.sql.engine import WRITES
from quantumcore.server.store.sql.store import translated
from quantumcore.server.store.stored_event import StoredEvent, event_of
from quantumcore.server.store.upcasting import Upcasting
from quantumcore.v1.event_pb2 import AggregateType, Event
from quantumcore.v1.order_pb2 import Order
from quantumcore.v1.position_pb2 import Position

ORDER = int(AggregateType.AGGREGATE_TYPE_ORDER)
POSITION = int(AggregateType.AGGREGATE_TYPE_POSITION)
LOW_32 = 0xFFFF_FFFF
NANOS = 10**9
NO_EVENTS = "a legacy store keeps how things stand, not what happened to them"


class Kept(NamedTuple):
    """Where a legacy store keeps a kind of thing, and as which message."""

    table: Table
    message: type[Order] | type[Position]


KEPT: dict[int, Kept] = {
    ORDER: Kept(legacy_orders, Order),
    POSITION: Kept(legacy_positions, Position),
}


def make_legacy_tables(engine: Engine) -> None:
    """Make the tables where they are not there, and the position before the first block."""
    with translated(), engine.connect() as connection:
        connection.execution_options(**{WRITES: True})
        with connection.begin():
            legacy_metadata.create_all(connection)
            if connection.execute(select(legacy_position.c.id)).one_or_none() is None:
                connection.execute(insert(legacy_position).values(id=1, **BEGINNING._asdict()))


class LegacyStore:
    """Feeds as an event store does; see port.EventStore for what each method promises."""

    def __init__(self, engine: Engine) -> None:
        """Take an engine whose database has the tables; raise StoreSchemaUnknown otherwise."""
        self.engine = engine
        self._upcasting = Upcasting()
        try:
            with self.reading() as connection:
                if not inspect(connection).has_table(legacy_position.name):
                    raise StoreSchemaUnknown(
                        "the database has no tables of a legacy store: "
                        "run `python -m quantumcore.server.store migrate`"
                    )
        except BaseException:
            engine.dispose()
            raise

    @property
    def stores_elsewhere(self) -> bool:
        """Tell whether `append` mostly waits for another process."""
        return self.engine.dialect.name != "sqlite"

    def position(self) -> FeedPosition:
        """Return how far the store has been fed."""
        with self.reading() as connection:
            return position_in(connection)

    def append(self, batch: Batch) -> None:
        """Bring rows up to a batch, log it, and move on: all of it or nothing."""
        batch.check()
        told = [event for event in batch.events if event.aggregate_type in KEPT]
        events = [event_of(event, self._upcasting) for event in told]
        with self.writing() as connection:
            held = position_in(connection, lock=True)
            if held != batch.before:
                raise SequenceGap("batch behind sequence", held.sequence, batch.before.sequence)
            _fold_orders(connection, [one for one in events if one.aggregate_type == ORDER])
            _set_positions(connection, [one for one in events if one.aggregate_type == POSITION])
            if events:
                connection.execute(insert(legacy_log), [{"line": _line(one)} for one in told])
            connection.execute(update(legacy_position).values(**batch.after._asdict()))

    def read(
        self,
        first: int = 1,
        last: int | None = None,
        *,
        query: EventQuery = ALL_EVENTS,
        backward: bool = False,
        limit: int | None = None,
    ) -> Iterator[StoredEvent]:
        """Raise NoEventsKept, whatever is asked for."""
        del first, last, query, backward, limit
        raise NoEventsKept(NO_EVENTS)

    def first_sequence(self) -> int:
        """Raise NoEventsKept."""
        raise NoEventsKept(NO_EVENTS)

    def checkpoint(self) -> Checkpoint | None:
        """Return the decoder that was saved last."""
        with self.reading() as connection:
            return checkpoint_in(connection)

    def save_checkpoint(self, checkpoint: Checkpoint) -> None:
        """Save a decoder in place of the one before."""
        values = checkpoint.position._asdict()
        with self.writing() as connection:
            connection.execute(delete(legacy_decoder))
            connection.execute(
                insert(legacy_decoder).values(id=1, state=checkpoint.state, **values)
            )

    def state(self, aggregate_type: int, aggregate_id: int) -> Message | None:
        """Return an order or a position as it stands; None where it never was."""
        with self.reading() as connection:
            found = list(states_in(connection, aggregate_type, [aggregate_id]).values())
        return found[0] if found else None

    def close(self) -> None:
        """Give back all connections."""
        self.engine.dispose()

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """Read in one transaction: rows and position go together."""
        with translated(), self.engine.connect() as connection:
            if connection.dialect.name == "postgresql":
                connection.execution_options(isolation_level="REPEATABLE READ")
            with connection.begin():
                yield connection

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """Write in one transaction, carried out at the end of the block."""
        with translated(), self.engine.connect() as connection:
            connection.execution_options(**{WRITES: True})
            with connection.begin():
                yield connection


def position_in(connection: Connection, *, lock: bool = False) -> FeedPosition:
    """Return the position, locked for the caller's transaction where it is to be moved."""
    columns = [legacy_position.c[name] for name in FeedPosition._fields]
    statement = select(*columns)
    row = connection.execute(statement.with_for_update() if lock else statement).one()
    return FeedPosition._make((*row[:-1], bytes(row[-1])))


def checkpoint_in(connection: Connection) -> Checkpoint | None:
    """Return the saved decoder."""
    columns = [legacy_decoder.c[name] for name in (*FeedPosition._fields, "state")]
    row = connection.execute(select(*columns)).one_or_none()
    if row is None:
        return None
    return Checkpoint(FeedPosition._make((*row[:-2], bytes(row[-2]))), bytes(row[-1]))


def states_in(
    connection: Connection, aggregate_type: int, ids: Sequence[int]
) -> dict[int, Order | Position]:
    """Return things as they stand, by id; what never was is left out."""
    kept = KEPT[aggregate_type]
    keys = list(kept.table.primary_key.columns)
    wanted = [_key(aggregate_type, one) for one in ids]
    values = [key[0] for key in wanted] if len(keys) == 1 else wanted
    rows = rows_of(connection, kept.table, keys, values)
    return {id_of(aggregate_type, row): message_of(row, kept.message) for row in rows}


def id_of(aggregate_type: int, row: Any) -> int:
    """Return the id of the thing in a row."""
    if aggregate_type == ORDER:
        return int(row["order_id"])
    return int(row["account_id"]) << 32 | int(row["instrument_id"])


def put_state(connection: Connection, aggregate_type: int, message: Message) -> None:
    """Write a thing as it stands, in place of what the row held."""
    put(connection, KEPT[aggregate_type].table, [row_of(message)])


def remove_state(connection: Connection, aggregate_type: int, aggregate_id: int) -> None:
    """Remove the row of a thing that never was."""
    table = KEPT[aggregate_type].table
    statement = delete(table)
    for column, value in zip(
        table.primary_key.columns, _key(aggregate_type, aggregate_id), strict=True
    ):
        statement = statement.where(column == value)
    connection.execute(statement)


def _key(aggregate_type: int, aggregate_id: int) -> tuple[int, ...]:
    if aggregate_type == ORDER:
        return (aggregate_id,)
    return aggregate_id >> 32, aggregate_id & LOW_32


def _fold_orders(connection: Connection, events: Sequence[Event]) -> None:
    ids = sorted({event.aggregate_id for event in events})
    found = states_in(connection, ORDER, ids)
    for event in events:
        order = found.setdefault(event.aggregate_id, Order())
        assert isinstance(order, Order)
        fold_order(order, event)
    put(connection, legacy_orders, [row_of(order) for order in found.values()])


def _set_positions(connection: Connection, events: Sequence[Event]) -> None:
    last = {}
    for event in events:
        change = getattr(event, str(event.WhichOneof("payload"))).change
        last[event.aggregate_id] = change.position
    put(connection, legacy_positions, [row_of(position) for position in last.values()])


def _line(event: StoredEvent) -> str:
    when = datetime.fromtimestamp(event.time_ns // NANOS, UTC).isoformat(sep=" ")
    what = name_of(event.event_type).removeprefix(PREFIX).replace("_", " ").lower()
    return f"{when} {what}: account {event.account_id}, instrument {event.instrument_id}" + (
        f", order {event.aggregate_id}" if event.aggregate_type == ORDER else ""
    )
