"""Bring projections up to the events that are stored, and make them anew."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from time import monotonic
from typing import NamedTuple

import structlog
from sqlalchemy import Connection, Engine, delete, insert, select, update

from quantumcore.server.store.errors import EventsRemoved, StoreUnavailable
from quantumcore.server.store.projections import candidate
from quantumcore.server.store.projections.money import Accounts, Positions
from quantumcore.server.store.projections.orders import MultiLegOrders, Orders
from quantumcore.server.store.projections.projection import Projection, Told
from quantumcore.server.store.projections.statistics import DailyStatistics
from quantumcore.server.store.retention.classes import classes_asked
from quantumcore.server.store.sql.engine import WRITES
from quantumcore.server.store.sql.projection_tables import projection_checkpoint
from quantumcore.server.store.sql.store import SqlEventStore, translated
from quantumcore.server.store.stored_event import event_of
from quantumcore.server.store.upcasting import Upcasting

SEQUENCES_PER_BATCH = 2_000
POLL_INTERVAL_S = 0.1
RETRY_INTERVAL_S = 1.0
Wait = Callable[[float], bool]
"""Waits for seconds, or less where it is to stop; returns whether it is to stop."""
ALL: tuple[Projection, ...] = (
    Orders(),
    MultiLegOrders(),
    Positions(),
    Accounts(),
    DailyStatistics(),
)


log = structlog.get_logger("quantumcore.projector")


class Progress(NamedTuple):
    """How far a projection is."""

    name: str
    sequence: int
    last_sequence: int
    sequences_per_s: float


Report = Callable[[Progress], None]


class Projector:
    """Feeds projections from an event store that lies in the same database.

    Rows and checkpoint are written in one transaction, under the lock of the checkpoint's row:
    events behind it are never taken twice, whoever else projects.
    """

    def __init__(
        self,
        engine: Engine,
        store: SqlEventStore,
        projections: Sequence[Projection] = ALL,
        *,
        sequences_per_batch: int = SEQUENCES_PER_BATCH,
    ) -> None:
        self._engine, self._store = engine, store
        self._projections = projections
        self._batch = sequences_per_batch
        self._upcasting = Upcasting()

    def checkpoint(self, projection: Projection) -> int:
        """Return the last sequence that a projection reflects; 0 where it is yet to be made."""
        with translated(), self._engine.connect() as connection:
            version, sequence = _checkpoint(connection, projection.name, lock=False)
            return sequence if version == projection.version else 0

    def catch_up(self, report: Report | None = None) -> None:
        """Bring all projections up to the event store; those of another version are made anew.

        What is read of these stays as it is until the new rows are as far.
        """
        for projection in self._projections:
            version, first = self._stored(projection)
            if version == 0:
                self._make(projection)
            elif version != projection.version:
                self.rebuild(projection, report)
                continue
            self._follow(projection, projection.name, first, report)

    def _follow(
        self, projection: Projection, checkpoint: str, first: int, report: Report | None
    ) -> int:
        """Bring one projection up to the event store; return how far that is."""
        began_s, at, last = monotonic(), first, self._store.position().sequence
        while at < last:
            at = self._advance(projection, checkpoint, last)
            if report is not None:
                seconds = max(monotonic() - began_s, 1e-9)
                report(Progress(projection.name, at, last, (at - first) / seconds))
        return at

    def run(self, wait: Wait, report: Report | None = None) -> None:
        """Keep projections up to the event store until `wait` says to stop.

        A database that cannot be reached is tried again after a while, without end: nothing waits
        for a projection, and its checkpoint says how far it is.
        """
        reachable = True
        while True:
            try:
                self.catch_up(report)
                reachable = True
            except StoreUnavailable as failure:
                if reachable:
                    log.warning("the event store cannot be reached", error=str(failure))
                reachable = False
            if wait(POLL_INTERVAL_S if reachable else RETRY_INTERVAL_S):
                return

    def projection(self, name: str) -> Projection:
        """Return the projection of a name; raise KeyError."""
        return {projection.name: projection for projection in self._projections}[name]

    def checkpoints(self) -> dict[str, int]:
        """Return the last sequence that each projection reflects."""
        return {one.name: self.checkpoint(one) for one in self._projections}

    def rebuild(self, projection: Projection, report: Report | None = None) -> None:
        """Make a projection's rows anew beside those that are read, then put them in their place.

        Readers see the old rows, which others may keep up meanwhile, until they see the new ones.
        An interruption is gone on from by the next rebuild.
        """
        with self._writing() as connection:
            candidate.begin(connection, projection)
            at = candidate.sequence_of(connection, projection) or 0
        made, name = candidate.candidate_of(projection), candidate.checkpoint_name(projection)
        while True:
            at = self._follow(made, name, at, report)
            with self._writing() as connection:
                if candidate.switch(connection, projection):
                    return

    def _stored(self, projection: Projection) -> tuple[int, int]:
        """Return version and sequence of what is read."""
        with translated(), self._engine.connect() as connection:
            return _checkpoint(connection, projection.name, lock=False)

    def _make(self, projection: Projection) -> None:
        """Begin the checkpoint of a projection that has none."""
        with self._writing() as connection:
            if _checkpoint(connection, projection.name, lock=True) == (0, 0):
                _empty(connection, projection)

    def _advance(self, projection: Projection, checkpoint: str, last: int) -> int:
        """Take one more batch; return how far the projection is then."""
        with self._writing() as connection:
            version, sequence = _checkpoint(connection, checkpoint, lock=True)
            until = min(last, sequence + self._batch)
            if version != projection.version or until <= sequence:
                return last  # another process made it anew, or was faster
            kept = self._store.first_sequence(classes_asked(projection.query))
            if sequence + 1 < kept:
                raise EventsRemoved(projection.name, sequence + 1, kept)
            events = self._store.read(sequence + 1, until, query=projection.query)
            told = [Told(event_of(stored, self._upcasting), stored) for stored in events]
            if told:
                projection.apply(connection, told)
            connection.execute(
                update(projection_checkpoint)
                .where(projection_checkpoint.c.name == checkpoint)
                .values(sequence=until)
            )
        return until

    @contextmanager
    def _writing(self) -> Iterator[Connection]:
        with translated(), self._engine.connect() as connection:
            connection.execution_options(**{WRITES: True})
            with connection.begin():
                yield connection


def _checkpoint(connection: Connection, name: str, *, lock: bool) -> tuple[int, int]:
    """Return version and sequence of a projection as it is stored; zeros where it is not."""
    table = projection_checkpoint
    statement = select(table.c.version, table.c.sequence).where(table.c.name == name)
    row = connection.execute(statement.with_for_update() if lock else statement).one_or_none()
    return (0, 0) if row is None else (row[0], row[1])


def _empty(connection: Connection, projection: Projection) -> None:
    """Remove all rows of a projection, and begin its checkpoint at 0 in the present version."""
    for table in projection.tables:
        connection.execute(delete(table))
    table = projection_checkpoint
    connection.execute(delete(table).where(table.c.name == projection.name))
    connection.execute(
        insert(table).values(name=projection.name, version=projection.version, sequence=0)
    )
