"""Hold projections against what their events give, folded anew beside the store."""

import tempfile
from collections.abc import Iterator, Sequence
from itertools import chain
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, Table, insert, select

from quantumcore.server.store.audit.defects import Deviation
from quantumcore.server.store.port import EventQuery
from quantumcore.server.store.projections.projection import Projection, Told
from quantumcore.server.store.projections.projector import ALL
from quantumcore.server.store.sql.engine import WRITES, open_engine
from quantumcore.server.store.sql.projection_tables import PROJECTION_TABLES, projection_checkpoint
from quantumcore.server.store.sql.store import translated
from quantumcore.server.store.sql.tables import metadata
from quantumcore.server.store.stored_event import StoredEvent, event_of
from quantumcore.server.store.upcasting import Upcasting
from quantumcore.v1.log_pb2 import LogDefect

PAGE_ROWS = 1_000
BATCH_EVENTS = 4_000


class ProjectionComparison:
    """Copies the projections as they stand, then takes events from the first on and folds them.

    The copy is one transaction of reading: whoever projects meanwhile is not disturbed and does
    not disturb. A projection that was never made, or is of another version, is left out.
    """

    def __init__(self, engine: Engine, projections: Sequence[Projection] = ALL) -> None:
        self._directory = tempfile.TemporaryDirectory(prefix="quantumcore-audit-")
        self._held = _scratch(Path(self._directory.name) / "held.db")
        self._folded = _scratch(Path(self._directory.name) / "folded.db")
        _copy(engine, self._held)
        self._until = {
            one.name: until for one in projections if (until := _until(self._held, one)) > 0
        }
        self._projections = [one for one in projections if one.name in self._until]
        self._upcasting = Upcasting()
        self._waiting: list[StoredEvent] = []

    @property
    def names(self) -> list[str]:
        """What is compared."""
        return list(self._until)

    @property
    def until_sequence(self) -> int:
        """The last event that is needed."""
        return max(self._until.values(), default=0)

    def take(self, events: Sequence[StoredEvent]) -> None:
        """Take the events of further whole blocks."""
        self._waiting += events
        if len(self._waiting) >= BATCH_EVENTS:
            self._fold()

    def finish(self) -> None:
        """Raise Deviation at the first row that is not what its events give."""
        self._fold()
        for projection in self._projections:
            for table in projection.tables:
                with self._held.connect() as held, self._folded.connect() as folded:
                    _compare(projection.name, table, held, folded)

    def close(self) -> None:
        """Remove the copies."""
        self._held.dispose()
        self._folded.dispose()
        self._directory.cleanup()

    def _fold(self) -> None:
        events, self._waiting = self._waiting, []
        told = [Told(event_of(one, self._upcasting), one) for one in events]
        with self._folded.connect() as connection:
            connection.execution_options(**{WRITES: True})
            with connection.begin():
                for projection in self._projections:
                    until = self._until[projection.name]
                    its = [
                        one
                        for one in told
                        if one.stored.sequence <= until and _matches(one.stored, projection.query)
                    ]
                    if its:
                        projection.apply(connection, its)


def _scratch(path: Path) -> Engine:
    engine = open_engine(f"sqlite:///{path}")
    metadata.create_all(engine, tables=list(PROJECTION_TABLES))
    return engine


def _copy(source: Engine, target: Engine) -> None:
    with translated(), source.connect() as reading, target.connect() as writing:
        if source.dialect.name == "postgresql":
            reading.execution_options(isolation_level="REPEATABLE READ")
        writing.execution_options(**{WRITES: True})
        with reading.begin(), writing.begin():
            for table in PROJECTION_TABLES:
                result = reading.execution_options(yield_per=PAGE_ROWS).execute(select(table))
                for page in result.mappings().partitions():
                    writing.execute(insert(table), [dict(row) for row in page])


def _until(engine: Engine, projection: Projection) -> int:
    table = projection_checkpoint
    statement = select(table.c.version, table.c.sequence).where(table.c.name == projection.name)
    with engine.connect() as connection:
        row = connection.execute(statement).one_or_none()
    return 0 if row is None or row[0] != projection.version else int(row[1])


def _matches(event: StoredEvent, query: EventQuery) -> bool:
    return (not query.aggregate_type or event.aggregate_type == query.aggregate_type) and (
        not query.event_types or event.event_type in query.event_types
    )


def _compare(name: str, table: Table, held: Connection, folded: Connection) -> None:
    key = [column.name for column in table.primary_key.columns]
    pairs = _paired(_rows(table, folded), _rows(table, held), len(key))
    columns = [*key, *(column.name for column in table.columns if column.name not in key)]
    for expected, found in pairs:
        if expected == found:
            continue
        row = expected or found or ()
        where = ", ".join(f"{one} {value}" for one, value in zip(key, row, strict=False))
        if expected is None or found is None:
            what = "is there, and no event gives it" if expected is None else "is missing"
        else:
            at = next(at for at, (one, other) in enumerate(zip(expected, found, strict=True))
                      if one != other)  # fmt: skip
            what = f"{columns[at]} is {found[at]!r:.200}, its events give {expected[at]!r:.200}"
        sequence = row[columns.index("sequence")] if "sequence" in columns else 0
        text = f"projection {name}: {table.name}, {where}: {what}"
        raise Deviation(LogDefect.LOG_DEFECT_PROJECTION, sequence, text)


def _rows(table: Table, connection: Connection) -> Iterator[tuple[Any, ...]]:
    """Yield rows by key, the key first."""
    key = list(table.primary_key.columns)
    others = [column for column in table.columns if not column.primary_key]
    statement = select(*key, *others).order_by(*key)
    for row in connection.execute(statement):
        yield tuple(row)


def _paired(
    left: Iterator[tuple[Any, ...]], right: Iterator[tuple[Any, ...]], key: int
) -> Iterator[tuple[tuple[Any, ...] | None, tuple[Any, ...] | None]]:
    """Yield rows of equal keys together, and each that has no other by itself."""
    lefts, rights = chain(left, [None]), chain(right, [None])
    one, other = next(lefts), next(rights)
    while one is not None or other is not None:
        if other is None or (one is not None and one[:key] < other[:key]):
            yield one, None
            one = next(lefts)
        elif one is None or other[:key] < one[:key]:
            yield None, other
            other = next(rights)
        else:
            yield one, other
            one, other = next(lefts), next(rights)
