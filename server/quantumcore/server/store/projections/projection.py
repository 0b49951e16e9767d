"""What a projection is, and how its rows are read and written."""

from collections.abc import Iterable, Iterator, Sequence
from copy import copy
from typing import Any, NamedTuple, Protocol, Self

from sqlalchemy import Column, Connection, Table, select, tuple_
from sqlalchemy.dialects import postgresql, sqlite

from quantumcore.server.store.port import EventQuery
from quantumcore.server.store.stored_event import StoredEvent
from quantumcore.v1.event_pb2 import Event

KEYS_PER_QUERY = 400


class Told(NamedTuple):
    """An event, and the columns that it is stored with."""

    event: Event
    stored: StoredEvent


class Projection(Protocol):
    """Rows that are a function of the events alone.

    A change of what the rows are raises `version`: rows of another version are made again.
    """

    @property
    def name(self) -> str: ...
    @property
    def version(self) -> int: ...
    @property
    def tables(self) -> Sequence[Table]: ...
    @property
    def query(self) -> EventQuery:
        """Which events it is made from."""

    def on(self, tables: Sequence[Table]) -> "Projection":
        """Return the same projection on other tables of the same columns."""

    def apply(self, connection: Connection, told: Sequence[Told]) -> None:
        """Take further events, in order, each sequence whole, in the caller's transaction."""


class Rows:
    """What all projections have in common: the tables that they stand on."""

    tables: Sequence[Table]

    def on(self, tables: Sequence[Table]) -> Self:
        """Return the same projection on other tables of the same columns."""
        other = copy(self)
        other.tables = tables
        return other


def rows_of(
    connection: Connection, table: Table, key: Sequence[Column[Any]], values: Iterable[Any]
) -> Iterator[dict[str, Any]]:
    """Yield the rows that have these keys; of a key of several columns the values are tuples."""
    wanted = list(values)
    column: Any = key[0] if len(key) == 1 else tuple_(*key)
    for start in range(0, len(wanted), KEYS_PER_QUERY):
        some = wanted[start : start + KEYS_PER_QUERY]
        for row in connection.execute(select(table).where(column.in_(some))).mappings():
            yield dict(row)


def put(connection: Connection, table: Table, rows: Sequence[dict[str, Any]]) -> None:
    """Insert rows, or replace those with the same keys."""
    if not rows:
        return
    dialect = sqlite if connection.dialect.name == "sqlite" else postgresql
    statement = dialect.insert(table)
    key = list(table.primary_key.columns)
    others = {
        column.name: statement.excluded[column.name]
        for column in table.columns
        if not column.primary_key
    }
    connection.execute(statement.on_conflict_do_update(index_elements=key, set_=others), rows)
