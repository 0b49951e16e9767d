"""Whatever fails, or dies, at any step of a move: both stores come to hold the same."""

import gc
import os
import random
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest
from sqlalchemy import Engine, select

from quantumcore.server.store.errors import StoreUnavailable
from quantumcore.server.store.legacy.store import LegacyStore
from quantumcore.server.store.legacy.tables import legacy_orders
from quantumcore.server.store.migration.comparing_rows import RowComparator
from quantumcore.server.store.migration.moving import StepRefused
from quantumcore.server.store.migration.phases import (
    BACKFILL,
    COMPLETED,
    DUAL_WRITE,
    IDLE,
    READ_NEW,
    VERIFY,
    Side,
)
from quantumcore.server.store.opening import open_store
from quantumcore.server.store.port import EventStore
from quantumcore.server.store.position import FeedPosition
from tests.server.store.databases import Cluster
from tests.server.store.histories import History, margined
from tests.server.store.moves import Rig
from tests.server.store.steps import CrashedHereError, crashing_at
from tests.server.store.test_feeder import FlakyStore

CRASHES = int(os.environ.get("QC_TEST_CRASHES") or 8)
STEPS = max(50, int(os.environ.get("QC_FUZZ_OPERATIONS") or 0) // 1_000)
DEEPEST = 60


@pytest.fixture(scope="module")
def history() -> History:
    return margined(63, 1_400)


def made(directory: Path, history: History, kind: str, cluster: Cluster | None = None) -> Rig:
    """Make a move of a kind."""
    source = "" if kind == "legacy" else f"sqlite:///{directory / 'old.db'}"
    target = "" if cluster is None else cluster.url(cluster.new_schema())
    return Rig(directory, history, source=source, target=target)


def same(rig: Rig) -> None:
    """Assert that both stores have all of the journal, and hold no difference that is known."""
    assert list(rig.target.read()) == rig.expected()
    assert rig.moving.ledger.mismatches() == (0, 0)
    assert rig.moving.ledger.open_faults() == []
    if isinstance(rig.source, LegacyStore):
        assert RowComparator(rig.source, rig.target).compare(1, rig.sequence) == []
    else:
        assert list(rig.source.read()) == rig.expected()


@pytest.mark.parametrize("kind", ["legacy", "events"])
def test_a_move_that_dies_at_any_step_goes_on(tmp_path: Path, history: History, kind: str) -> None:
    chance = random.Random(kind)
    crashes = 0
    with made(tmp_path, history, kind) as rig:
        rig.trade(60)
        rig.feed()
        for _ in range(CRASHES):
            engines: list[Engine] = [rig.source.engine, rig.target.engine, rig.moving.ledger.engine]
            try:
                with crashing_at(chance.randrange(DEEPEST), chance.choice(engines)):
                    rig.settle()
                    if rig.phase == READ_NEW:
                        rig.advance(IDLE)
                    rig.advance(rig.phase + 1)
            except CrashedHereError:
                crashes += 1
            rig.restart()
            gc.collect()  # a process that is dead holds no cursor open
            rig.trade(2)
        assert crashes > CRASHES // 3
        rig.advance_to(READ_NEW)
        rig.settle()
        same(rig)
        rig.advance(COMPLETED)


class Gone(FlakyStore):
    """Can be read, and not written."""

    def position(self) -> FeedPosition:
        return self._store.position()

    def append(self, batch: object) -> None:
        raise StoreUnavailable("the disk is full")


@pytest.mark.parametrize("side", list(Side))
def test_a_store_that_cannot_be_written_holds_up_neither_the_other_nor_is_forgotten(
    tmp_path: Path, history: History, side: Side
) -> None:
    with made(tmp_path, history, "legacy") as rig:
        rig.trade(60)
        rig.advance_to(DUAL_WRITE)
        rig.feed()
        stores = {Side.SOURCE: rig.source, Side.TARGET: rig.target}
        before = stores[side].position().sequence
        rig.wrap = lambda store, one: gone(store) if one is side else store
        for _ in range(3):
            rig.trade(20)
            rig.feed()
        others = [store for one, store in stores.items() if one is not side]
        assert [store.position().sequence for store in others] == [rig.sequence]
        assert stores[side].position().sequence == before
        (fault,) = rig.moving.ledger.faults()
        assert (fault.side, fault.sequence, fault.failure_count) == (side, before, 3)
        assert fault.reason == "the disk is full"
        assert not fault.repaired_time_ns
        if side is Side.TARGET:
            assert rig.refusal(BACKFILL) == "FAULT_OPEN"
        rig.wrap = lambda store, _side: store
        rig.feed()
        (fault,) = rig.moving.ledger.faults()
        assert fault.repaired_time_ns
        rig.advance_to(READ_NEW)
        rig.settle()
        same(rig)


def gone(store: EventStore) -> EventStore:
    """Return a store that cannot be written."""
    made: EventStore = Gone(store, 1)  # type: ignore[arg-type]
    return made


def test_a_target_that_cannot_be_reached_refuses_the_step_and_changes_nothing(
    tmp_path: Path, history: History, cluster: Cluster
) -> None:
    with made(tmp_path, history, "legacy", cluster) as rig:
        rig.trade(60)
        rig.feed()
        cluster.stop("immediate")
        with pytest.raises(StoreUnavailable):
            rig.advance(DUAL_WRITE)
        told = rig.moving.migration()
        assert (told.phase, told.source_store_sequence) == (IDLE, rig.sequence)
        cluster.start()
        rig.advance_to(VERIFY)
        rig.settle()
        cluster.stop("immediate")
        with pytest.raises(StoreUnavailable):
            rig.advance(READ_NEW)
        with pytest.raises(StoreUnavailable):
            rig.work()
        rig.advance(IDLE)  # back goes without it
        cluster.start()
        rig.advance_to(READ_NEW)
        rig.settle()
        same(rig)


class Operator:
    """Does what can be done to a move, at random."""

    def __init__(self, rig: Rig, seed: int) -> None:
        self.rig, self.chance = rig, random.Random(seed)
        self.flaky: set[Side] = set()
        rig.wrap = self.wrapped

    def wrapped(self, store: EventStore, side: Side) -> EventStore:
        """Lose connections of the side that is flaky now."""
        if side not in self.flaky:
            return store
        flaky: EventStore = FlakyStore(store, self.chance.randrange(1_000))  # type: ignore[arg-type]
        return flaky

    def act(self) -> None:
        """Do one thing."""
        rig, chance = self.rig, self.chance
        match chance.choice(
            ("trade", "trade", "feed", "feed", "advance", "advance", "back", "fault", "spoil",
             "work", "restart")
        ):  # fmt: skip
            case "trade":
                rig.trade(chance.randint(1, 6))
            case "feed":
                rig.feed()
            case "advance":
                self.advance()
            case "back":
                self.back()
            case "fault":
                self.flaky ^= {chance.choice(list(Side))}
            case "spoil":
                self.spoil()
            case "work" if rig.phase > IDLE:
                rig.work(window=chance.choice((5, 50, 500)))
            case "restart":
                rig.restart()

    def advance(self) -> None:
        """Go on where that is allowed, and not to the end."""
        if self.rig.phase < READ_NEW:
            with suppress(StepRefused):
                self.rig.advance(self.rig.phase + 1)

    def back(self) -> None:
        """Go back to some earlier phase."""
        if self.rig.phase > IDLE:
            self.rig.advance(self.chance.randint(IDLE, self.rig.phase - 1))

    def spoil(self) -> None:
        """Change a row behind everybody's back, where there are rows."""
        if not isinstance(self.rig.source, LegacyStore):
            return
        with self.rig.legacy.reading() as connection:
            ids = connection.execute(select(legacy_orders.c.order_id)).scalars().all()
        if ids:
            column = self.chance.choice(("quantity", "status", "price", "sequence", "version"))
            same_order = legacy_orders.c.order_id == self.chance.choice(ids)
            self.rig.set_row(legacy_orders, {column: self.chance.randint(1, 9)}, same_order)


@pytest.mark.parametrize(("kind", "seed"), [("legacy", 1), ("legacy", 2), ("events", 3)])
def test_after_any_sequence_of_steps_and_faults_both_sides_are_equal(
    tmp_path: Path, history: History, kind: str, seed: int
) -> None:
    with made(tmp_path, history, kind) as rig:
        operator = Operator(rig, seed)
        for _ in range(STEPS):
            operator.act()
        operator.flaky.clear()
        rig.feed()
        rig.advance_to(READ_NEW)
        rig.settle()
        same(rig)
        rig.advance(COMPLETED)


@pytest.fixture
def cut(tmp_path: Path, history: History) -> Iterator[Rig]:
    """A venue of long standing: its journal no longer reaches back to its first event."""
    with Rig(tmp_path, history, segment_bytes=1 << 14) as rig:
        rig.trade(150)
        rig.feed()
        segments = sorted((tmp_path / "journal").glob("*.qcj"))
        assert len(segments) > 3
        for old in segments[: len(segments) // 2]:
            old.unlink()
        yield rig


def test_what_the_journal_has_no_more_is_opened_from_rows_and_marked(cut: Rig) -> None:
    cut.trade(20)
    cut.feed()
    begun = cut.sequence
    cut.advance(DUAL_WRITE)
    cut.trade(40)
    cut.feed()
    past = cut.past()
    assert past.progress().opened_sequence == begun
    openings = past.all_openings()
    assert {one.schema_version for one in openings} == {0}
    assert {one.sequence for one in openings} == {begun}
    with cut.legacy.reading() as connection:
        orders = connection.execute(select(legacy_orders.c.order_id)).scalars().all()
    assert {one.aggregate_id for one in openings} & set(orders)
    assert cut.target.first_sequence() == begun + 1
    assert list(cut.target.read()) == [one for one in cut.expected() if one.sequence > begun]
    cut.advance_to(READ_NEW)
    cut.settle()
    assert cut.moving.ledger.differences() == []
    cut.advance(COMPLETED)


def test_a_row_that_differs_is_mended_by_its_opening_event_too(cut: Rig) -> None:
    cut.advance_to(VERIFY)
    with cut.legacy.reading() as connection:
        rows = connection.execute(
            select(legacy_orders.c.order_id, legacy_orders.c.quantity)
            .order_by(legacy_orders.c.sequence)
        ).all()  # fmt: skip
    (first, quantity), (last, _) = rows[0], rows[-1]
    for order_id in (first, last):
        cut.set_row(legacy_orders, {"quantity": 1}, legacy_orders.c.order_id == order_id)
    cut.work()
    told = {one.aggregate_id: one for one in cut.moving.ledger.differences()}
    assert set(told) == {first, last}
    assert told[first].detail == f"quantity is 1 in the source, {quantity} in the target"
    assert all(one.resolved_time_ns for one in told.values())
    assert cut.moving.ledger.mismatches() == (0, 0)


def test_an_opened_store_is_itself_moved_with_what_it_has(cut: Rig, tmp_path: Path) -> None:
    cut.advance_to(COMPLETED)
    cut.feed()
    old, cut.moving.urls = cut.target, dict(cut.moving.urls)
    second = f"sqlite:///{tmp_path / 'second.db'}"
    cut.moving.close()
    cut.urls = {Side.SOURCE: cut.urls[Side.TARGET], Side.TARGET: second}
    cut.source, cut._target = old, None
    cut.moving = cut.open_moving()
    cut.advance_to(COMPLETED)
    cut.feed()
    new = open_store(second)
    assert list(new.read(old.first_sequence())) == list(old.read(old.first_sequence()))
    assert new.first_sequence() == old.first_sequence()
    assert len(cut.past().all_openings()) > 10
    new.close()
