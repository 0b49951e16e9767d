"""A move goes from phase to phase when the stores allow it, and back until the last."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import select

from quantumcore.server.store.errors import MoveUnderWay, NoEventsKept
from quantumcore.server.store.legacy.store import ORDER, POSITION
from quantumcore.server.store.legacy.tables import legacy_log
from quantumcore.server.store.migration.ledger import Difference
from quantumcore.server.store.migration.moving import Moving, RequestReused
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
from quantumcore.server.store.sql.store import SqlEventStore
from tests.server.store.databases import Cluster
from tests.server.store.histories import History, margined
from tests.server.store.moves import PHASES, Rig, raw


@pytest.fixture(scope="module")
def history() -> History:
    return margined(61, 1_000)


@pytest.fixture
def rig(tmp_path: Path, history: History) -> Iterator[Rig]:
    with Rig(tmp_path, history) as made:
        made.trade(120)
        yield made


def found(rig: Rig) -> list[Difference]:
    """Return what differed, resolved or not."""
    return rig.moving.ledger.differences()


def test_a_move_from_a_legacy_store_goes_through_all_phases_while_trading_goes_on(
    rig: Rig,
) -> None:
    taken = []
    while rig.phase < COMPLETED:
        rig.trade(40)
        rig.settle()
        rig.advance(rig.phase + 1)
        taken.append(rig.phase)
    assert taken == list(PHASES[1:])
    assert found(rig) == []
    rig.trade(40)
    rig.feed()
    assert list(rig.target.read()) == rig.expected()
    assert rig.source.position().sequence < rig.target.position().sequence


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_the_same_machinery_moves_an_event_store(
    tmp_path: Path, history: History, kind: str, request: pytest.FixtureRequest
) -> None:
    target = ""
    if kind == "postgresql":
        cluster: Cluster = request.getfixturevalue("cluster")
        target = cluster.url(cluster.new_schema())
    with Rig(tmp_path, history, source=f"sqlite:///{tmp_path / 'old.db'}", target=target) as rig:
        rig.trade(150)
        while rig.phase < COMPLETED:
            rig.trade(40)
            rig.settle()
            rig.advance(rig.phase + 1)
        assert found(rig) == []
        rig.trade(40)
        rig.feed()
        assert list(rig.target.read()) == rig.expected()


def test_each_phase_says_who_is_written(rig: Rig) -> None:
    for phase in PHASES:
        before = rig.source.position().sequence, rig.target.position().sequence
        rig.trade(20)
        rig.feed()
        after = rig.source.position().sequence, rig.target.position().sequence
        moved = (after[0] > before[0], after[1] > before[1])
        assert moved == (phase < COMPLETED, phase > IDLE)
        rig.settle()
        if phase < COMPLETED:
            rig.advance(phase + 1)


def test_every_phase_but_the_last_is_taken_back(rig: Rig) -> None:
    for phase in PHASES[1:-1]:
        for earlier in [one for one in PHASES if one < phase]:
            rig.advance_to(phase)
            rig.trade(3)
            rig.advance(earlier)
            assert rig.phase == earlier
    rig.advance_to(COMPLETED)
    for earlier in PHASES:
        assert rig.refusal(earlier) == "COMPLETED"
    assert rig.phase == COMPLETED
    rig.feed()
    assert list(rig.target.read()) == rig.expected()


def test_phases_are_taken_one_by_one_from_the_one_that_is_named(rig: Rig) -> None:
    for wanted in (IDLE, BACKFILL, VERIFY, READ_NEW, COMPLETED):
        assert rig.refusal(wanted) == "PHASE"
    rig.advance(DUAL_WRITE)
    with pytest.raises(Exception, match="in phase DUAL_WRITE, not IDLE"):
        rig.advance(BACKFILL, expected=IDLE)
    assert rig.refusal(READ_NEW) == "PHASE"


def test_a_step_is_refused_for_the_first_thing_that_is_missing(rig: Rig) -> None:
    rig.feed()
    rig.advance(DUAL_WRITE)
    rig.trade(10)
    rig.advance(IDLE)
    rig.advance(DUAL_WRITE)
    assert rig.refusal(BACKFILL) == "TARGET_BEHIND"
    rig.feed()
    rig.advance(BACKFILL)
    assert rig.refusal(VERIFY) == "BACKFILL_UNFINISHED"
    rig.work()
    rig.moving.ledger.note_fault(Side.TARGET, 5, "disk full", 1)
    assert rig.refusal(VERIFY) == "FAULT_OPEN"
    rig.moving.ledger.note_repaired(Side.TARGET, 2)
    rig.advance(VERIFY)
    assert rig.refusal(READ_NEW) == "NOT_VERIFIED"
    rig.moving.ledger.note_fault(Side.SOURCE, 5, "disk full", 3)
    assert rig.refusal(READ_NEW) == "FAULT_OPEN"
    rig.feed()
    rig.moving.ledger.note_repaired(Side.SOURCE, 4)
    rig.work()
    rig.advance(READ_NEW)
    assert rig.refusal(COMPLETED) == "NOT_VERIFIED"


def test_a_request_is_carried_out_once(rig: Rig) -> None:
    rig.feed()
    first = rig.advance(DUAL_WRITE, request_id=11)
    rig.trade(5)
    again = rig.advance(DUAL_WRITE, request_id=11, expected=IDLE)
    assert again == first._replace(repeated=True)
    with pytest.raises(RequestReused):
        rig.advance(BACKFILL, request_id=11)
    assert [step.to_phase for step in rig.moving.ledger.steps()] == [DUAL_WRITE]


def test_the_phase_outlives_the_process(rig: Rig) -> None:
    for phase in PHASES:
        rig.advance_to(phase)
        rig.restart()
        assert rig.phase == phase
        told = rig.moving.migration()
        assert (told.phase, told.source, told.target) == (
            phase,
            rig.urls[Side.SOURCE],
            rig.urls[Side.TARGET],
        )


def test_a_move_between_other_stores_waits_for_the_end_of_this_one(rig: Rig) -> None:
    rig.advance_to(DUAL_WRITE)
    source, target = rig.urls[Side.SOURCE], rig.urls[Side.TARGET]
    with pytest.raises(MoveUnderWay, match="in phase DUAL_WRITE"):
        Moving(rig.directory, source, f"{target}2")
    rig.advance_to(COMPLETED)
    with pytest.raises(MoveUnderWay, match="in phase COMPLETED"):
        Moving(rig.directory, source, f"{target}2")
    following = Moving(rig.directory, target, f"{target}2")
    assert following.phase == IDLE
    following.close()


@pytest.mark.parametrize("target", ["legacy+sqlite:///x.db", "sqlite:///same.db"])
def test_a_move_leads_to_another_event_store(tmp_path: Path, target: str) -> None:
    with pytest.raises(ValueError, match="leads to an event store"):
        Moving(tmp_path, "sqlite:///same.db", target)


def test_a_target_that_was_fed_already_is_left_as_it_is(rig: Rig) -> None:
    rig.feed(Side.SOURCE, Side.TARGET)
    rig.trade(10)
    rig.advance_to(COMPLETED)
    assert rig.past().progress().until_sequence == 0
    rig.feed()
    assert list(rig.target.read()) == rig.expected()


def test_history_comes_after_the_present_and_ends_complete(rig: Rig) -> None:
    rig.feed()
    rig.advance(DUAL_WRITE)
    begun = rig.sequence
    rig.trade(30)
    rig.settle()
    assert rig.target.position().sequence == rig.sequence
    assert next(iter(rig.target.read())).sequence == begun + 1
    assert rig.moving.migration().target_store_sequence == 0
    rig.advance(BACKFILL)
    rig.work()
    assert rig.past().progress().is_complete
    assert list(rig.target.read()) == rig.expected()
    assert rig.moving.migration().target_store_sequence == rig.sequence


def test_a_past_that_lacks_events_is_told_and_holds_the_move(
    tmp_path: Path, history: History
) -> None:
    with Rig(tmp_path, history, source=f"sqlite:///{tmp_path / 'old.db'}") as rig:
        rig.trade(100)
        rig.feed()
        assert isinstance(rig.source, SqlEventStore)
        with raw(rig.source, "position_events_never_go") as connection:
            connection.exec_driver_sql("DELETE FROM position_events WHERE sequence < 60")
        rig.advance(DUAL_WRITE)
        rig.settle()
        rig.advance(BACKFILL)
        rig.work()
        assert rig.refusal(VERIFY) == "BACKFILL_UNFINISHED"
        (told,) = found(rig)
        assert "events are there up to sequence" in told.detail


def test_a_legacy_store_logs_and_keeps_no_events(rig: Rig) -> None:
    rig.feed()
    with rig.legacy.reading() as connection:
        lines = connection.execute(select(legacy_log.c.line)).scalars().all()
    things = [one for one in rig.expected() if one.aggregate_type in (ORDER, POSITION)]
    assert len(lines) == len(things)
    assert "order accepted: account" in lines[0]
    assert lines[0].endswith(f"order {things[0].aggregate_id}")
    with pytest.raises(NoEventsKept):
        rig.legacy.read()
    with pytest.raises(NoEventsKept):
        rig.legacy.first_sequence()


def test_stores_are_told_apart_by_their_url(tmp_path: Path) -> None:
    legacy = f"legacy+sqlite:///{tmp_path / 'one.db'}"
    open_store(legacy, make_tables=True).close()
    with pytest.raises(Exception, match="revision none"):
        open_store(legacy.removeprefix("legacy+"))
    with pytest.raises(Exception, match="no tables of a legacy store"):
        open_store(f"legacy+sqlite:///{tmp_path / 'two.db'}")
