"""A store has every event of the journal once, whatever happened to the feeder or the database."""

import gc
import os
import random
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from time import sleep

import pytest

from quantumcore.server.journal import Journal, JournalSettings
from quantumcore.server.store.__main__ import EXIT_FAILED, main
from quantumcore.server.store.errors import StoreDiverged, StoreUnavailable
from quantumcore.server.store.feeder import Feeder, FeederSettings
from quantumcore.server.store.port import Batch, Checkpoint
from quantumcore.server.store.position import FeedPosition
from quantumcore.server.store.sql import bulk
from quantumcore.server.store.sql.engine import open_engine
from quantumcore.server.store.sql.schema import migrate
from quantumcore.server.store.sql.store import SqlEventStore
from quantumcore.server.store.stored_event import StoredEvent
from tests.server.store.databases import Cluster
from tests.server.store.histories import Block, History, margined
from tests.server.store.steps import CrashedHereError, crashing_at

SMALL = FeederSettings(batch_events=64, poll_interval_s=0.001, first_retry_s=0.01)
ROOT = Path(__file__).resolve().parents[3]


@pytest.fixture(scope="module")
def history() -> History:
    return margined(31, 500)


def write(directory: Path, blocks: Sequence[Block], segment_bytes: int = 1 << 20) -> None:
    with Journal.open(directory, settings=JournalSettings(segment_bytes=segment_bytes)) as journal:
        for block in blocks:
            append(journal, block)


def append(journal: Journal, block: Block) -> None:
    journal.append(
        block.payload,
        first_sequence=block.first_sequence,
        last_sequence=block.last_sequence,
        command_count=block.command_count,
        time_ns=block.time_ns,
    )


def fed(directory: Path, store: SqlEventStore) -> FeedPosition:
    feeder = Feeder(directory, store, settings=SMALL)
    try:
        feeder.catch_up()
        return feeder.position
    finally:
        feeder.close()


def test_a_store_is_fed_with_all_that_the_journal_holds(
    tmp_path: Path, store: SqlEventStore, history: History
) -> None:
    write(tmp_path / "journal", history.blocks, segment_bytes=64 * 1024)
    assert fed(tmp_path / "journal", store).sequence == history.exchange.sequence
    assert list(store.read()) == history.events()
    assert store.position().event_count == len(history.events())
    assert fed(tmp_path / "journal", store) == store.position()


def test_a_feeder_goes_on_where_another_stopped(
    tmp_path: Path, store: SqlEventStore, history: History
) -> None:
    with Journal.open(tmp_path / "journal") as journal:
        for block in history.blocks[:200]:
            append(journal, block)
            if block.last_sequence % 40 == 0:
                fed(tmp_path / "journal", store)
    fed(tmp_path / "journal", store)
    expected = [one for one in history.events() if one.sequence <= block.last_sequence]
    assert list(store.read()) == expected


def test_a_feeder_that_dies_between_any_two_steps_leaves_no_gap_and_no_duplicate(
    tmp_path: Path, url: str, history: History
) -> None:
    blocks = history.blocks[:90]
    write(tmp_path / "journal", blocks)
    expected = [one for one in history.events() if one.sequence <= blocks[-1].last_sequence]
    migrate_once(url)
    crashes, step = 0, 0
    while True:
        engine = open_engine(url)
        try:
            with crashing_at(step, engine):
                fed(tmp_path / "journal", SqlEventStore(engine))
            break
        except CrashedHereError:
            crashes, step = crashes + 1, step + 1
        finally:
            engine.dispose()
            gc.collect()  # a process that is dead holds no cursor open
        sound(url, expected)
    assert crashes > 20
    assert sound(url, expected) == len(expected)


def migrate_once(url: str) -> None:
    engine = open_engine(url)
    migrate(engine)
    engine.dispose()


def sound(url: str, expected: list[StoredEvent]) -> int:
    """Assert that a store holds a beginning of the events, up to its position."""
    store = SqlEventStore(open_engine(url))
    position, events = store.position(), list(store.read())
    while store.position() != position:  # a feeder at work has stored more in between
        position, events = store.position(), list(store.read())
    store.close()
    assert events == expected[: len(events)]
    assert (events[-1].sequence if events else 0) == position.sequence
    assert len(events) == position.event_count
    return len(events)


def test_every_crash_point_is_before_or_behind_a_statement(tmp_path: Path, url: str) -> None:
    """The injection itself: a later step is reached only where an earlier one is survived."""
    migrate_once(url)
    engine = open_engine(url)
    store = SqlEventStore(engine)
    with pytest.raises(CrashedHereError, match=r"begin|execute"), crashing_at(0, engine):
        store.position()
    store.close()


class FlakyStore:
    """Loses the connection now and then, before or after the transaction was carried out."""

    def __init__(self, store: SqlEventStore, seed: int) -> None:
        self._store, self._choose = store, random.Random(seed)
        self.failures = self.lost_answers = 0

    @property
    def stores_elsewhere(self) -> bool:
        return self._store.stores_elsewhere

    def position(self) -> FeedPosition:
        if self._choose.random() < 0.2:
            self.failures += 1
            raise StoreUnavailable("gone")
        return self._store.position()

    def append(self, batch: Batch) -> None:
        chance = self._choose.random()
        if chance < 0.3:
            self.failures += 1
            raise StoreUnavailable("gone before")
        self._store.append(batch)
        if chance > 0.7:
            self.lost_answers += 1
            raise StoreUnavailable("gone after the commit")

    def read(self, *arguments: object, **named: object) -> Iterator[StoredEvent]:
        raise AssertionError("a feeder reads no events")

    def first_sequence(self) -> int:
        raise AssertionError("a feeder reads no events")

    def checkpoint(self) -> Checkpoint | None:
        return self._store.checkpoint()

    def save_checkpoint(self, checkpoint: Checkpoint) -> None:
        self._store.save_checkpoint(checkpoint)

    def close(self) -> None:
        self._store.close()


def until(done: Callable[[], bool]) -> Callable[[float], bool]:
    """Return a wait that takes no time and stops when something holds."""
    return lambda _seconds: done()


def test_lost_connections_and_lost_answers_are_survived(
    tmp_path: Path, store: SqlEventStore, history: History
) -> None:
    write(tmp_path / "journal", history.blocks)
    flaky = FlakyStore(store, 5)
    feeder = Feeder(tmp_path / "journal", flaky, settings=SMALL)
    feeder.run(until(lambda: feeder.position.sequence == history.exchange.sequence))
    assert list(store.read()) == history.events()
    assert flaky.failures > 5
    assert flaky.lost_answers > 3
    feeder.close()


def test_the_pauses_grow_to_their_bound_and_then_the_feeder_gives_up(
    tmp_path: Path, store: SqlEventStore
) -> None:
    class Gone(FlakyStore):
        def position(self) -> FeedPosition:
            raise StoreUnavailable("gone")

    pauses: list[float] = []

    def wait(seconds: float) -> bool:
        pauses.append(seconds)
        return len(pauses) == 8

    settings = FeederSettings(first_retry_s=0.5, longest_retry_s=4)
    feeder = Feeder(tmp_path / "journal", Gone(store, 1), settings=settings)
    feeder.run(wait)
    assert pauses == [0.5, 1, 2, 4, 4, 4, 4, 4]
    assert feeder.lag().unavailable_s > 0
    impatient = FeederSettings(give_up_after_s=-1)
    with pytest.raises(StoreUnavailable):
        Feeder(tmp_path / "journal", Gone(store, 1), settings=impatient).run(until(lambda: False))
    feeder.close()


def test_lag_is_told_while_the_store_is_gone(
    tmp_path: Path, store: SqlEventStore, history: History
) -> None:
    write(tmp_path / "journal", history.blocks)
    end_ns = history.blocks[-1].time_ns

    class GoneLater(FlakyStore):
        def append(self, batch: Batch) -> None:
            if batch.before.sequence > 100:
                raise StoreUnavailable("gone")
            self._store.append(batch)

        def position(self) -> FeedPosition:
            return self._store.position()

    feeder = Feeder(
        tmp_path / "journal",
        GoneLater(store, 1),
        settings=SMALL,
        clock=lambda: end_ns + 3_000_000_000,
    )
    waits: list[float] = []

    def wait(seconds: float) -> bool:
        waits.append(seconds)
        return len(waits) == 3

    feeder.run(wait)
    lag = feeder.lag()
    assert lag.read_sequence > lag.stored_sequence > 100
    assert lag.seconds >= 3
    assert lag.unavailable_s > 0
    feeder.close()


def test_a_store_of_another_history_is_refused(
    tmp_path: Path, store: SqlEventStore, history: History
) -> None:
    write(tmp_path / "journal", history.blocks[:50])
    fed(tmp_path / "journal", store)
    store.save_checkpoint(Checkpoint(store.position(), b"unreadable"))
    write(tmp_path / "shorter", history.blocks[:40])
    with pytest.raises(StoreDiverged, match="ends with block 40"):
        fed(tmp_path / "shorter", store)
    other = [block._replace(time_ns=block.time_ns + 1) for block in history.blocks[:60]]
    write(tmp_path / "other", other)
    with pytest.raises(StoreDiverged, match="another history"):
        fed(tmp_path / "other", store)
    assert store.position().block_number == 50


@pytest.mark.parametrize("chunk", [1, 12, 60])
def test_postgresql_that_crashes_and_comes_back_is_survived(
    tmp_path: Path, cluster: Cluster, history: History, chunk: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The server dies in the middle of a COPY, and is started again after a pause or two."""
    engine = open_engine(cluster.url(cluster.new_schema()))
    migrate(engine)
    store = SqlEventStore(engine)
    write(tmp_path / "journal", history.blocks)
    feeder = Feeder(tmp_path / "journal", store, settings=SMALL)
    laid_out, chunks, pauses = bulk._chunk, 0, 0

    def lay_out(rows: Sequence[bulk.Row]) -> bytes:
        nonlocal chunks
        chunks += 1
        if chunks == chunk:
            cluster.stop("immediate")
        return laid_out(rows)

    def wait(_seconds: float) -> bool:
        nonlocal pauses
        if feeder.lag().unavailable_s:
            pauses += 1
            if pauses == 2:
                cluster.start()
        return feeder.position.sequence == history.exchange.sequence

    monkeypatch.setattr(bulk, "COPY_CHUNK_ROWS", 12)
    monkeypatch.setattr(bulk, "_chunk", lay_out)
    feeder.run(wait)
    assert pauses == 2
    assert list(store.read()) == history.events()
    feeder.close()
    store.close()


def test_a_feeder_process_that_is_killed_at_random_moments(
    tmp_path: Path, history: History
) -> None:
    write(tmp_path / "journal", history.blocks)
    choose, url = random.Random(7), f"sqlite:///{tmp_path / 'events.db'}"
    migrate_once(url)
    kills = int(os.environ.get("QC_TEST_CRASHES") or 4)
    for _ in range(kills):
        process = start_process(tmp_path)
        assert process.stderr is not None
        assert b"feeding" in process.stderr.readline()
        sleep(choose.random() * 0.1)
        process.kill()
        process.wait()
        process.stderr.close()
        sound(url, history.events())
    process = start_process(tmp_path)
    assert process.stderr is not None
    assert b"feeding" in process.stderr.readline()
    while sound(url, history.events()) < len(history.events()):
        assert process.poll() is None
    process.send_signal(signal.SIGTERM)
    said = process.stderr.read()
    assert process.wait() == 0, said
    assert b"stopped" in said
    process.stderr.close()


def start_process(data: Path) -> "subprocess.Popen[bytes]":
    sources = ":".join(str(ROOT / part) for part in ("server", "proto"))
    return subprocess.Popen(
        [sys.executable, "-m", "quantumcore.server.store", "feed", "--data", str(data)],
        env=os.environ | {"PYTHONPATH": sources},
        stderr=subprocess.PIPE,
    )


def test_the_command_makes_tables_feeds_once_and_names_what_is_wrong(
    tmp_path: Path, history: History, capsys: pytest.CaptureFixture[str]
) -> None:
    write(tmp_path / "journal", history.blocks[:20])
    data = ["--data", str(tmp_path)]
    assert main(["feed", "--once", *data]) == EXIT_FAILED
    assert "revision none" in capsys.readouterr().err
    assert main(["migrate", *data]) == 0
    assert main(["feed", "--once", *data]) == 0
    assert sound(f"sqlite:///{tmp_path / 'events.db'}", history.events()) > 20
    assert main(["feed", "--once", "--store", "oracle://somewhere", *data]) == EXIT_FAILED
