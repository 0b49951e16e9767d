"""What is known of a move, kept where neither store is needed to read it.

    migration.db in the venue's directory: phase, steps, faults of either side, differences

Several processes write it: the venue the phase, the feeders their faults, the mover what it has
compared. Each change is one transaction, synced before it is told.
"""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

from sqlalchemy import Connection, delete, event, func, insert, select, update

from quantumcore.server.store.errors import MoveUnderWay
from quantumcore.server.store.migration.ledger_tables import (
    differences,
    faults,
    ledger_metadata,
    moves,
    steps,
)
from quantumcore.server.store.migration.phases import COMPLETED, IDLE, Side, phase_name
from quantumcore.server.store.sql.engine import WRITES, open_engine
from quantumcore.server.store.sql.store import translated

FILE = "migration.db"
REASON_LENGTH = 1024
DETAIL_LENGTH = 2048


class Move(NamedTuple):
    """How far a move is."""

    phase: int
    phase_started_time_ns: int
    phase_sequence: int
    verification: int
    verified_sequence: int
    source: str
    target: str


class Step(NamedTuple):
    """A change of phase: by whom, when, at which sequence, and what was answered."""

    from_phase: int
    to_phase: int
    time_ns: int
    sequence: int
    principal_id: int
    request_id: int | None
    answer: bytes


class Fault(NamedTuple):
    """A store that could not be written, from `time_ns` until it was repaired."""

    number: int
    side: int
    sequence: int
    failure_count: int
    time_ns: int
    repaired_time_ns: int
    reason: str


class Difference(NamedTuple):
    """A thing in which the stores differ, from its first diverging event on."""

    number: int
    aggregate_type: int
    aggregate_id: int
    first_sequence: int
    event_count: int
    wrong_side: int
    found_time_ns: int
    resolved_time_ns: int
    detail: str


class Mismatches(NamedTuple):
    """What differs now, together."""

    event_count: int
    first_sequence: int


class Ledger:
    """Reads and writes the ledger of one venue."""

    def __init__(self, directory: Path) -> None:
        """Open it in the venue's directory; it is made where it is not there."""
        directory.mkdir(parents=True, exist_ok=True)
        self.engine = open_engine(f"sqlite:///{directory / FILE}")
        event.listen(self.engine, "connect", _sync_each)
        with self._writing() as connection:
            ledger_metadata.create_all(connection)

    @staticmethod
    def is_there(directory: Path) -> bool:
        """Tell whether a venue ever had a move."""
        return (directory / FILE).exists()

    def adopt(self, source: str, target: str, time_ns: int) -> Move:
        """Take over the names of the stores; a move that has not begun, or has ended, begins anew.

        Raise MoveUnderWay where one is under way between other stores.
        """
        with self._writing() as connection:
            held = _move(connection)
            if held is not None and (held.source, held.target) == (source, target):
                return held
            if held is not None and not _may_follow(held, source):
                raise MoveUnderWay(
                    f"a move from {held.source} to {held.target} is in phase "
                    f"{phase_name(held.phase)}: it cannot be one from {source} to {target}"
                )
            for table in (moves, faults, differences):
                connection.execute(delete(table))
            begun = Move(IDLE, time_ns, 0, 0, 0, source, target)
            connection.execute(insert(moves).values(id=1, **begun._asdict()))
            return begun

    def move(self) -> Move | None:
        """Return how far the move is; None where there never was one."""
        with self._reading() as connection:
            return _move(connection)

    def advance(self, step: Step) -> bool:
        """Change the phase; return False, with nothing done, where it is not `from_phase` any more.

        What was compared before counts no longer, unless this is the end.
        """
        with self._writing() as connection:
            held = _move(connection)
            if held is None or held.phase != step.from_phase:
                return False
            values: dict[str, Any] = {
                "phase": step.to_phase,
                "phase_started_time_ns": step.time_ns,
                "phase_sequence": step.sequence,
            }
            if step.to_phase != COMPLETED:
                values |= {"verification": held.verification + 1, "verified_sequence": 0}
            connection.execute(update(moves).values(values))
            connection.execute(insert(steps).values(**step._asdict()))
            return True

    def step_of(self, request_id: int) -> Step | None:
        """Return the step that was taken for a request."""
        columns = [steps.c[name] for name in Step._fields]
        with self._reading() as connection:
            row = connection.execute(
                select(*columns).where(steps.c.request_id == request_id)
            ).one_or_none()
        return None if row is None else Step._make(row)

    def steps(self) -> list[Step]:
        """Return all steps, oldest first."""
        columns = [steps.c[name] for name in Step._fields]
        with self._reading() as connection:
            return [Step._make(row) for row in connection.execute(select(*columns))]

    def set_verified(self, verification: int, sequence: int) -> bool:
        """Note how far the stores were compared; False: comparing has begun anew since."""
        with self._writing() as connection:
            return (
                connection.execute(
                    update(moves)
                    .where(moves.c.verification == verification)
                    .values(verified_sequence=sequence)
                ).rowcount
                == 1
            )

    def note_fault(self, side: Side, sequence: int, reason: str, time_ns: int) -> None:
        """Record that a store could not be written behind a sequence; failures in a row are one."""
        with self._writing() as connection:
            open_one = (faults.c.side == int(side)) & (faults.c.repaired_time_ns == 0)
            again = connection.execute(
                update(faults).where(open_one).values(failure_count=faults.c.failure_count + 1)
            )
            if again.rowcount == 0:
                connection.execute(
                    insert(faults).values(
                        side=int(side),
                        sequence=sequence,
                        failure_count=1,
                        time_ns=time_ns,
                        repaired_time_ns=0,
                        reason=reason[:REASON_LENGTH],
                    )
                )

    def note_repaired(self, side: Side, time_ns: int) -> None:
        """Record that a store is written again, from its own position on."""
        with self._writing() as connection:
            connection.execute(
                update(faults)
                .where(faults.c.side == int(side), faults.c.repaired_time_ns == 0)
                .values(repaired_time_ns=time_ns)
            )

    def faults(self, *, after: int = 0, limit: int | None = None) -> list[Fault]:
        """Return faults in the order of their beginning."""
        columns = [faults.c[name] for name in Fault._fields]
        statement = select(*columns).where(faults.c.number > after).order_by(faults.c.number)
        with self._reading() as connection:
            return [Fault._make(row) for row in connection.execute(statement.limit(limit))]

    def open_faults(self) -> list[Fault]:
        """Return what is not repaired."""
        return [one for one in self.faults() if not one.repaired_time_ns]

    def note_differences(self, found: Iterable[Difference]) -> None:
        """Record things that differ; what was known already keeps its number and time."""
        with self._writing() as connection:
            for one in found:
                same = (
                    (differences.c.aggregate_type == one.aggregate_type)
                    & (differences.c.aggregate_id == one.aggregate_id)
                    & (differences.c.resolved_time_ns == 0)
                )
                told = {
                    "first_sequence": one.first_sequence,
                    "event_count": one.event_count,
                    "detail": one.detail[:DETAIL_LENGTH],
                }
                known = connection.execute(update(differences).where(same).values(told))
                if known.rowcount == 0:
                    values = one._asdict() | told
                    del values["number"]
                    connection.execute(insert(differences).values(**values))

    def note_wrong_side(self, number: int, side: Side) -> None:
        """Record which store the journal contradicts."""
        with self._writing() as connection:
            connection.execute(
                update(differences)
                .where(differences.c.number == number)
                .values(wrong_side=int(side))
            )

    def note_resolved(self, numbers: Sequence[int], time_ns: int) -> None:
        """Record that things do not differ any more."""
        with self._writing() as connection:
            connection.execute(
                update(differences)
                .where(differences.c.number.in_(list(numbers)))
                .values(resolved_time_ns=time_ns)
            )

    def differences(
        self, *, after: int = 0, limit: int | None = None, resolved: bool = True
    ) -> list[Difference]:
        """Return differences in the order in which they were found."""
        columns = [differences.c[name] for name in Difference._fields]
        statement = select(*columns).where(differences.c.number > after)
        if not resolved:
            statement = statement.where(differences.c.resolved_time_ns == 0)
        statement = statement.order_by(differences.c.number).limit(limit)
        with self._reading() as connection:
            return [Difference._make(row) for row in connection.execute(statement)]

    def mismatches(self) -> Mismatches:
        """Return how many events, or things without events, differ now."""
        columns = differences.c
        statement = select(func.sum(columns.event_count), func.min(columns.first_sequence))
        with self._reading() as connection:
            row = connection.execute(statement.where(columns.resolved_time_ns == 0)).one()
        return Mismatches(int(row[0] or 0), int(row[1] or 0))

    def close(self) -> None:
        """Give back all connections."""
        self.engine.dispose()

    @contextmanager
    def _reading(self) -> Iterator[Connection]:
        with translated(), self.engine.connect() as connection:
            yield connection

    @contextmanager
    def _writing(self) -> Iterator[Connection]:
        with translated(), self.engine.connect() as connection:
            connection.execution_options(**{WRITES: True})
            with connection.begin():
                yield connection


def _move(connection: Connection) -> Move | None:
    columns = [moves.c[name] for name in Move._fields]
    row = connection.execute(select(*columns)).one_or_none()
    return None if row is None else Move._make(row)


def _may_follow(held: Move, source: str) -> bool:
    """Tell whether another move may begin: none is under way, and it begins where one ended."""
    return held.phase == IDLE or (held.phase == COMPLETED and held.target == source)


def _sync_each(connection: Any, _record: object) -> None:
    """Let a phase that was told survive a loss of power."""
    connection.execute("PRAGMA synchronous = FULL").close()
