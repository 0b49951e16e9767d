"""A venue's move without the venue: a journal that grows, feeders that are driven by hand."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from typing import Any, Self

from sqlalchemy import Table, update

from quantumcore.server.journal import Journal, JournalSettings
from quantumcore.server.store.errors import StoreUnavailable
from quantumcore.server.store.feeder import Feeder, FeederSettings
from quantumcore.server.store.legacy.store import LegacyStore
from quantumcore.server.store.migration.history import History as Past
from quantumcore.server.store.migration.mover import Mover
from quantumcore.server.store.migration.moving import Advanced, Moving, StepRefused
from quantumcore.server.store.migration.phases import (
    BACKFILL,
    COMPLETED,
    DUAL_WRITE,
    IDLE,
    READ_NEW,
    VERIFY,
    Side,
    is_written,
)
from quantumcore.server.store.migration.watching import WatchedStore
from quantumcore.server.store.opening import Store, open_store
from quantumcore.server.store.port import EventStore
from quantumcore.server.store.sql.store import SqlEventStore
from quantumcore.server.store.stored_event import StoredEvent
from quantumcore.v1.error_pb2 import ErrorReason
from tests.server.store.histories import Block, History

PHASES = (IDLE, DUAL_WRITE, BACKFILL, VERIFY, READ_NEW, COMPLETED)
SMALL = FeederSettings(batch_events=64)
Wrap = Callable[[EventStore, Side], EventStore]


class Rig:
    """The stores of one move, and a journal whose blocks are written as a test asks for."""

    def __init__(
        self,
        directory: Path,
        history: History,
        *,
        source: str = "",
        target: str = "",
        segment_bytes: int = 1 << 22,
    ) -> None:
        self.directory, self.history = directory, history
        self.urls = {
            Side.SOURCE: source or f"legacy+sqlite:///{directory / 'legacy.db'}",
            Side.TARGET: target or f"sqlite:///{directory / 'events.db'}",
        }
        self._clock = count(1)
        self._events: list[StoredEvent] = []
        settings = JournalSettings(segment_bytes=segment_bytes)
        self.journal = Journal.open(directory / "journal", settings=settings)
        self.written = 0
        self.wrap: Wrap = lambda store, _side: store
        for side in Side:
            prepare(self.urls[side])
        self.source = open_store(self.urls[Side.SOURCE], make_tables=True)
        self._target: Store | None = None
        self.moving = self.open_moving()

    def open_moving(self) -> Moving:
        """Open the move as a venue does that starts."""
        urls = self.urls
        return Moving(
            self.directory, urls[Side.SOURCE], urls[Side.TARGET], clock=lambda: next(self._clock)
        )

    def restart(self) -> None:
        """Forget all that is in memory, as after a kill."""
        self.moving.close()
        self.moving = self.open_moving()

    @property
    def target(self) -> SqlEventStore:
        """The new store; its tables are made where they are not there."""
        if self._target is None:
            self._target = open_store(self.urls[Side.TARGET], make_tables=True)
        assert isinstance(self._target, SqlEventStore)
        return self._target

    @property
    def legacy(self) -> LegacyStore:
        """The old store, where it is a legacy one."""
        assert isinstance(self.source, LegacyStore)
        return self.source

    @property
    def sequence(self) -> int:
        """The last sequence of the journal."""
        return self.journal.accepted_sequence

    @property
    def phase(self) -> int:
        """The phase, as the ledger has it."""
        return self.moving.phase

    def trade(self, blocks: int = 40) -> None:
        """Let the venue go on: so many blocks more of the history."""
        for block in self.history.blocks[self.written : self.written + blocks]:
            append(self.journal, block)
            self.written += 1

    def expected(self) -> list[StoredEvent]:
        """Return all events of the journal as it is."""
        self._events = self._events or self.history.events()
        return [one for one in self._events if one.sequence <= self.sequence]

    def feed(self, *sides: Side) -> None:
        """Feed the stores that the phase wants written, or those that are named."""
        for side in sides or [side for side in Side if is_written(side, self.phase)]:
            store: EventStore = self.source if side is Side.SOURCE else self.target
            watched = WatchedStore(
                self.wrap(store, side), side, self.moving.ledger, clock=lambda: next(self._clock)
            )
            feeder = Feeder(self.directory / "journal", watched, settings=SMALL)
            try:
                feeder.catch_up()
                watched.repaired()
            except StoreUnavailable:
                continue
            finally:
                feeder.close()

    def work(self, *, window: int = 200) -> None:
        """Let the mover do all that can be done now."""
        mover = Mover(
            self.moving.ledger,
            self.source,
            self.target,
            self.directory / "journal",
            window=window,
            clock=lambda: next(self._clock),
        )
        for _ in range(3):  # what is repaired is looked at again
            while mover.step(lambda: False):
                pass

    def advance(self, wanted: int, *, request_id: int = 0, expected: int = 0) -> Advanced:
        """Take a step."""
        return self.moving.advance(
            expected or self.phase,
            wanted,
            sequence=self.sequence,
            principal_id=7,
            request_id=request_id,
        )

    def refusal(self, wanted: int) -> str:
        """Return the name of the reason for which a step is refused; empty where it is taken."""
        try:
            self.advance(wanted)
        except StepRefused as refused:
            name = ErrorReason.Name(refused.refusal.reason)
            return name.removeprefix("ERROR_REASON_MIGRATION_")
        return ""

    def advance_to(self, phase: int) -> None:
        """Go on, phase by phase, everything fed and compared on the way."""
        while self.phase < phase:
            self.settle()
            self.advance(self.phase + 1)

    def settle(self) -> None:
        """Let feeders and mover come to the journal's end."""
        self.feed()
        if IDLE < self.phase < COMPLETED:
            self.work()

    def set_row(self, table: Table, values: dict[str, Any], *where: Any) -> int:
        """Change rows of the legacy store behind everybody's back; return how many."""
        with self.legacy.writing() as connection:
            return connection.execute(update(table).where(*where).values(values)).rowcount

    def past(self) -> Past:
        """Return what is known of the target's past."""
        return Past(self.target.engine)

    def close(self) -> None:
        """Give back all connections and files."""
        self.moving.close()
        self.source.close()
        if self._target is not None:
            self._target.close()
        self.journal.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


BLANK: dict[str, bytes] = {}


def prepare(url: str) -> None:
    """Put the file of an event store without events where a SQLite URL wants one."""
    file = Path(url.removeprefix("sqlite:///"))
    if not url.startswith("sqlite:///") or file.exists():
        return
    if not BLANK:
        open_store(url, make_tables=True).close()
        BLANK["file"] = file.read_bytes()
    file.write_bytes(BLANK["file"])


def append(journal: Journal, block: Block) -> None:
    """Write a block as the venue does."""
    journal.append(
        block.payload,
        first_sequence=block.first_sequence,
        last_sequence=block.last_sequence,
        command_count=block.command_count,
        time_ns=block.time_ns,
    )


@contextmanager
def raw(store: SqlEventStore, *triggers: str) -> Iterator[Any]:
    """Write where nobody may, as one who owns the database; SQLite only."""
    with store.engine.connect() as connection, connection.begin():
        kept: Sequence[Any] = [
            connection.exec_driver_sql(
                "SELECT sql FROM sqlite_master WHERE name = ?", (name,)
            ).scalar_one()
            for name in triggers
        ]
        for name in triggers:
            connection.exec_driver_sql(f"DROP TRIGGER {name}")
        yield connection
        for statement in kept:
            connection.exec_driver_sql(statement)
