"""A rehearsal of the move: rows of many orders become events while orders come, and things break.

QC_TEST_MIGRATION_ORDERS    how many orders the legacy store has before the move begins
QC_TEST_MIGRATION_TARGET    `postgresql`: the target is a PostgreSQL server, which crashes too
"""

from __future__ import annotations

import os
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from itertools import islice
from pathlib import Path

import pytest
from sqlalchemy import delete, func, select, update

from quantumcore.client import MigrationPhase
from quantumcore.client.client import Client
from quantumcore.client.commands import new_request_id
from quantumcore.client.enums import OrderStatus
from quantumcore.client.errors import CallFailed, PreconditionFailed
from quantumcore.client.flow.synthetic import SyntheticFlow
from quantumcore.client.flow.wire import Route
from quantumcore.client.local import LocalSettings, LocalVenue, free_address, new_token
from quantumcore.client.migration import Migration, MigrationSide
from quantumcore.server.journal import JournalReader
from quantumcore.server.store.decoding.decoder import Decoder
from quantumcore.server.store.legacy.store import LegacyStore
from quantumcore.server.store.legacy.tables import legacy_orders
from quantumcore.server.store.opening import open_store
from quantumcore.server.store.sql.store import SqlEventStore
from tests.server.store.databases import Cluster, postgresql

from .test_crash import furnish

ORDERS = int(os.environ.get("QC_TEST_MIGRATION_ORDERS") or 600)
ON_POSTGRESQL = os.environ.get("QC_TEST_MIGRATION_TARGET") == "postgresql"
MANY = 10_000
BATCH = 40
PAUSE_S = 0.2
PATIENCE_S = 60 + ORDERS / 100
ENDED = (int(OrderStatus.FILLED), int(OrderStatus.CANCELLED))


class Load(threading.Thread):
    """Sends orders, batch by batch, each answered before the next, until it is told to stop."""

    def __init__(self, venue: LocalVenue, route: Route, seed: int, pause_s: float) -> None:
        super().__init__(name=f"load-{seed}")
        self.orders = 0
        self.slowest_s = 0.0
        self._venue, self._route, self._seed, self._pause_s = venue, route, seed, pause_s
        self._told = threading.Event()

    def run(self) -> None:
        commands = map(self._route.command, SyntheticFlow(self._seed))
        with suppress(CallFailed), connect(self._venue) as client, client.trade() as session:
            while not self._told.wait(self._pause_s):
                part = list(islice(commands, BATCH))
                began_s = time.monotonic()
                session.submit_messages(part).messages()
                self.slowest_s = max(self.slowest_s, time.monotonic() - began_s)
                self.orders += sum(one.WhichOneof("command") == "create_order" for one in part)

    def stop(self) -> None:
        """Let what was sent be answered, and end."""
        self._told.set()
        self.join()


class Stage:
    """A venue, its stores, and the operator's terminal."""

    def __init__(self, data: Path, target: str, cluster: Cluster | None) -> None:
        self.data, self.cluster, self.target_url = data, cluster, target
        self.legacy_url = f"legacy+sqlite:///{data / 'legacy.db'}"
        self.venue = LocalVenue(
            LocalSettings(
                data=data,
                address=free_address(),
                token=new_token(),
                log=data.parent / "server.log",
                environment={"QC_EVENT_STORE": self.legacy_url, "QC_MIGRATION_TARGET": target},
            )
        )
        self.route = Route(account_id=0, instrument_id=0, prefix="none")
        self.loads = 0

    @contextmanager
    def loaded(self, *, pause_s: float = PAUSE_S) -> Iterator[Load]:
        """Let orders come for as long as the block runs."""
        self.loads += 1
        route = replace(self.route, prefix=f"l{self.loads}-")
        load = Load(self.venue, route, self.loads, pause_s)
        load.start()
        try:
            yield load
        finally:
            load.stop()
            say(f"{load.orders} orders, slowest batch of {BATCH} {load.slowest_s * 1e3:.1f} ms")

    def migration(self) -> Migration:
        """Ask how far the move is."""
        with connect(self.venue) as client:
            return client.migration()

    def advance(self) -> MigrationPhase:
        """Go on as soon as the stores allow it."""
        phase, began_s = self.migration().phase, time.monotonic()

        request_id = new_request_id()

        def advanced() -> bool:
            try:
                with connect(self.venue) as client:
                    wanted = MigrationPhase(phase + 1)
                    client.advance_migration(phase, wanted, request_id=request_id)
            except CallFailed:
                return False
            return True

        until(advanced)
        since = self.migration()
        say(f"{phase.name} left after {time.monotonic() - began_s:.1f} s: {since}")
        return since.phase

    def open_faults(self) -> list[MigrationSide]:
        """Ask which stores cannot be written."""
        with connect(self.venue) as client:
            return [one.side for one in client.migration_faults() if not one.repaired_time_ns]

    def feeder(self, side: str) -> int:
        """Find the process that feeds a store; it is a child of the venue."""
        found: list[int] = []

        def look() -> bool:
            found[:] = [
                int(one.parent.name)
                for one in Path("/proc").glob("[0-9]*/cmdline")
                if is_feeder(one, self.venue.process_id, side)
            ]
            return bool(found)

        until(look)
        return found[0]

    def legacy(self) -> LegacyStore:
        """Open the legacy store beside its feeder."""
        store = open_store(self.legacy_url)
        assert isinstance(store, LegacyStore)
        return store


def is_feeder(file: Path, parent: int, side: str) -> bool:
    """Tell whether a process is the venue's own that feeds a side."""
    try:
        words = file.read_bytes().split(b"\0")
        status = (file.parent / "stat").read_text().rpartition(")")[2].split()
    except OSError:
        return False
    return int(status[1]) == parent and b"--side" in words and side.encode() in words


def say(text: str) -> None:
    """Tell whoever watches a rehearsal of many orders."""
    sys.stdout.write(f"{text}\n")


def connect(venue: LocalVenue) -> Client:
    return Client(venue.address, token=venue.settings.token)


def until(done: Callable[[], bool]) -> None:
    """Wait until something holds."""
    end_s = time.monotonic() + PATIENCE_S
    while not done():
        assert time.monotonic() < end_s, "it took too long"
        time.sleep(0.05)


@pytest.fixture
def stage(tmp_path: Path) -> Iterator[Stage]:
    data = tmp_path / "data"
    if not ON_POSTGRESQL:
        yield Stage(data, f"sqlite:///{data / 'events.db'}", None)
        return
    with postgresql() as cluster:
        yield Stage(data, cluster.url(cluster.new_schema()), cluster)


def spoil(stage: Stage, count: int) -> set[int]:
    """Change rows of orders that have ended, and remove as many; return their ids."""
    store = stage.legacy()
    table = legacy_orders
    with store.writing() as connection:
        statement = select(table.c.order_id).where(table.c.status.in_(ENDED))
        chosen = connection.execute(statement.order_by(func.random()).limit(2 * count))
        ids = list(chosen.scalars())
        changed = update(table).where(table.c.order_id.in_(ids[:count]))
        connection.execute(changed.values(cumulative_quantity=1))
        connection.execute(delete(table).where(table.c.order_id.in_(ids[count:])))
    store.close()
    return set(ids)


def break_both(stage: Stage) -> None:
    """Kill the feeder of either side while orders come; crash the target's server, if it is one."""
    before = {side: stage.feeder(side) for side in ("source", "target")}
    for feeder in before.values():
        os.kill(feeder, signal.SIGKILL)
    until(lambda: all(stage.feeder(side) != one for side, one in before.items()))
    until(lambda: not stage.open_faults())
    if stage.cluster is not None:
        stage.cluster.stop("immediate")
        until(lambda: stage.open_faults() == [MigrationSide.TARGET])
        stage.cluster.start()
        until(lambda: not stage.open_faults())


def test_rows_become_events_while_orders_come_and_things_break(stage: Stage) -> None:
    with stage.venue:
        with connect(stage.venue) as client:
            account, instrument = furnish(client)
        stage.route = Route(account_id=account, instrument_id=instrument, prefix="all")
        with stage.loaded(pause_s=0.0) as load:
            until(lambda: load.orders >= ORDERS)
        with stage.loaded() as load:
            assert stage.advance() is MigrationPhase.DUAL_WRITE
            break_both(stage)
            spoiled = spoil(stage, 3)
            assert stage.advance() is MigrationPhase.BACKFILL
            assert stage.advance() is MigrationPhase.VERIFY
            stage.venue.kill()
        stage.venue.start().wait_until_ready()
        with stage.loaded() as load:
            assert stage.migration().phase is MigrationPhase.VERIFY
            spoiled |= spoil(stage, 2)
            if ORDERS > MANY:
                break_both(stage)
            assert stage.advance() is MigrationPhase.READ_NEW
            every_difference_was_told_and_mended(stage, spoiled)
            if ORDERS <= MANY:  # comparing begins anew each time
                with connect(stage.venue) as client:
                    client.advance_migration(MigrationPhase.READ_NEW, MigrationPhase.VERIFY)
                assert stage.advance() is MigrationPhase.READ_NEW
            assert stage.advance() is MigrationPhase.COMPLETED
        with connect(stage.venue) as client:
            for earlier in (MigrationPhase.READ_NEW, MigrationPhase.IDLE):
                with pytest.raises(PreconditionFailed, match="cannot be read again") as refused:
                    client.advance_migration(MigrationPhase.COMPLETED, earlier)
                assert refused.value.reason == "ERROR_REASON_MIGRATION_COMPLETED"
            faults = list(client.migration_faults())
        assert {one.side for one in faults} >= {MigrationSide.SOURCE, MigrationSide.TARGET}
        assert all(one.repaired_time_ns for one in faults)
        until(lambda: stage.migration().target_store_sequence == accepted(stage))
    the_target_holds_what_the_journal_tells(stage)


def every_difference_was_told_and_mended(stage: Stage, spoiled: set[int]) -> None:
    """Comparing begins anew with the phase, so it comes to what was spoilt behind its back."""

    def told() -> bool:
        with connect(stage.venue) as client:
            found = list(client.migration_differences(include_resolved=True))
        assert {one.aggregate_id for one in found} <= spoiled
        assert all(one.first_sequence for one in found)
        mended = [one.wrong_side is MigrationSide.SOURCE for one in found if one.resolved_time_ns]
        return len(mended) == len(spoiled) and all(mended)

    until(told)
    assert stage.migration().mismatch_count == 0


def accepted(stage: Stage) -> int:
    with connect(stage.venue) as client:
        return client.status().accepted_sequence


def the_target_holds_what_the_journal_tells(stage: Stage) -> None:
    store, decoder = open_store(stage.target_url), Decoder()
    assert isinstance(store, SqlEventStore)
    stored = store.read()
    for block in JournalReader(stage.data / "journal").blocks():
        for event in decoder.decode(block):
            assert next(stored) == event
    assert next(stored, None) is None
    store.close()
