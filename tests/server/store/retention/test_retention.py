"""Events go only archived and whole, leave what proves them, and stay where they are held."""

import json
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import pytest
from sqlalchemy import Engine, text

from quantumcore.server.core import admin_commands
from quantumcore.server.store.audit.verify import Asked, Verification
from quantumcore.server.store.errors import EventsRemoved, RemovalRefused, StoreDamaged
from quantumcore.server.store.export.archive import manifest_of, read_archive, write_archive
from quantumcore.server.store.projections.money import Positions
from quantumcore.server.store.projections.orders import Orders
from quantumcore.server.store.projections.projector import Projector
from quantumcore.server.store.retention.apply import Application
from quantumcore.server.store.retention.classes import CLASSES, LEDGER, ORDERS, class_of
from quantumcore.server.store.retention.plan import Plan, Stretch
from quantumcore.server.store.retention.removal import remove
from quantumcore.server.store.sql.engine import open_engine
from quantumcore.server.store.sql.roles import grant_feeding
from quantumcore.server.store.sql.store import SqlEventStore
from quantumcore.server.store.stored_event import StoredEvent
from quantumcore.v1.event_pb2 import EventType
from quantumcore.v1.log_pb2 import LogDefect, LogVerification
from quantumcore.v1.retention_pb2 import LegalHold
from quantumcore.v1.venue_event_pb2 import LegalHoldChanged
from tests.server.store.audit.altering import unprotected
from tests.server.store.audit.recorded import DAY_NS, START_NS, Recorded
from tests.server.store.databases import Cluster
from tests.server.store.steps import CrashedHereError, crashing_at

KEEP_DAYS = 365
DAYS_BETWEEN = 40
TRADES = 16  # over 640 days


@pytest.fixture
def recorded(tmp_path: Path) -> Recorded:
    made = Recorded(tmp_path)
    made.trades(TRADES, days=DAYS_BETWEEN)
    made.journal.close()
    return made


class Kept:
    """A store of that journal, and retention applied to it."""

    def __init__(self, recorded: Recorded, url: str) -> None:
        self.recorded, self.url = recorded, url
        self.store = recorded.fed(url)
        self.engine: Engine = open_engine(url)
        self.archive = recorded.directory / "archive"
        self.everything = list(self.store.read())
        self.now_ns = recorded.now_ns

    def apply(self, *holds: LegalHold, event_class: int = ORDERS) -> tuple[int, int]:
        """Apply retention to a class; return how many events went and how many were held."""
        application = Application(
            self.engine, self.store, self.archive, now_ns=self.now_ns, principal_id=7, holds=holds
        )
        outcome = application.apply(event_class, KEEP_DAYS)
        return outcome.removed_count, outcome.held_count

    def of_age(self, event_class: int = ORDERS) -> list[StoredEvent]:
        young_ns = self.now_ns - KEEP_DAYS * DAY_NS
        return [
            one
            for one in self.everything
            if one.time_ns <= young_ns and class_of(one.event_type) == event_class
        ]

    def verified(self, *, replay: bool = False) -> LogVerification:
        journal = self.recorded.journal_directory
        asked = Asked(directory=journal, replay=replay, store_url=self.url)
        return list(Verification(asked).updates())[-1]


@pytest.fixture
def kept(recorded: Recorded, url: str) -> Iterator[Kept]:
    made = Kept(recorded, url)
    yield made
    made.store.close()
    made.engine.dispose()


@pytest.fixture
def on_sqlite(recorded: Recorded) -> Iterator[Kept]:
    made = Kept(recorded, f"sqlite:///{recorded.directory / 'events.db'}")
    yield made
    made.store.close()
    made.engine.dispose()


def test_years_pass_and_the_log_is_provable_as_before(kept: Kept) -> None:
    going = kept.of_age()
    assert 0 < len(going) < len(kept.everything)
    assert kept.apply() == (len(going), 0)
    assert list(kept.store.read()) == [one for one in kept.everything if one not in going]
    assert kept.store.first_sequence([ORDERS]) == going[-1].sequence + 1
    assert kept.store.first_sequence([LEDGER]) == 1
    (archive,) = kept.archive.glob("*.jsonl")
    assert list(read_archive(archive)) == going
    found = kept.verified()
    assert (found.defect, found.removed_count) == (0, len(going)), found.text
    assert kept.apply() == (0, 0)
    for event_class in CLASSES:
        kept.apply(event_class=event_class)
    found = kept.verified(replay=True)
    assert found.defect == LogDefect.LOG_DEFECT_UNSPECIFIED, found.text
    with pytest.raises(Exception, match="append-only"), kept.engine.begin() as connection:
        connection.execute(text("DELETE FROM order_events"))


def test_the_age_is_exact_to_the_nanosecond(on_sqlite: Kept) -> None:
    first = on_sqlite.of_age()[0]
    for late_ns, count in ((-1, 0), (0, 1)):
        now_ns = first.time_ns + KEEP_DAYS * DAY_NS + late_ns
        plan = Plan(on_sqlite.store, ORDERS, keep_days=KEEP_DAYS, now_ns=now_ns, holds=[])
        assert sum(stretch.event_count for stretch, _ in plan.stretches()) == count


def test_a_hold_keeps_what_concerns_an_account_and_gives_it_up_when_lifted(
    on_sqlite: Kept,
) -> None:
    hold = LegalHold(legal_hold_id=1, account_ids=[2])
    sequences = {one.sequence for one in on_sqlite.everything if one.account_id == 2}
    going = [one for one in on_sqlite.of_age() if one.sequence not in sequences]
    held = len(on_sqlite.of_age()) - len(going)
    assert held
    assert on_sqlite.apply(hold) == (len(going), held)
    assert list(on_sqlite.store.read()) == [one for one in on_sqlite.everything if one not in going]
    assert len([one for one in on_sqlite.store.tombstones() if one.event_class == ORDERS]) > 2
    assert on_sqlite.verified().defect == LogDefect.LOG_DEFECT_UNSPECIFIED
    assert on_sqlite.apply(hold) == (0, held)
    assert on_sqlite.apply() == (held, 0)
    assert on_sqlite.verified().removed_count == len(on_sqlite.of_age())
    stones = on_sqlite.store.tombstones()
    assert all(one.until_sequence < other.first_sequence for one, other in pairwise(stones))


@pytest.mark.parametrize(
    ("hold", "keeps"),
    [
        (LegalHold(), lambda _: True),
        (LegalHold(from_time_ns=START_NS + 100 * DAY_NS), lambda day: day >= 100),
        (LegalHold(until_time_ns=START_NS + 100 * DAY_NS), lambda day: day < 100),
        (LegalHold(account_ids=[99]), lambda _: False),
    ],
)
def test_a_hold_keeps_by_time(on_sqlite: Kept, hold: LegalHold, keeps: object) -> None:
    assert callable(keeps)
    expected = sum(keeps((one.time_ns - START_NS) / DAY_NS) for one in on_sqlite.of_age())
    assert on_sqlite.apply(hold) == (len(on_sqlite.of_age()) - expected, expected)


def test_what_tells_of_holds_is_never_removed(tmp_path: Path) -> None:
    recorded = Recorded(tmp_path)
    hold = LegalHoldChanged(legal_hold=LegalHold(legal_hold_id=1, name="a"))
    recorded.turn(
        lambda exchange: admin_commands.record_act(
            exchange,
            event_type=EventType.EVENT_TYPE_LEGAL_HOLD_CHANGED,
            payload=hold.SerializeToString(),
        )
    )
    recorded.trades(2, days=3_000)
    recorded.journal.close()
    kept = Kept(recorded, f"sqlite:///{tmp_path / 'events.db'}")
    for event_class in CLASSES:
        kept.apply(event_class=event_class)
    left = {one.event_type for one in kept.store.read() if one.time_ns < START_NS + DAY_NS}
    assert left == {EventType.EVENT_TYPE_LEGAL_HOLD_CHANGED}
    assert kept.verified().defect == LogDefect.LOG_DEFECT_UNSPECIFIED
    kept.store.close()
    kept.engine.dispose()


def test_an_interruption_anywhere_leaves_nothing_half_removed(on_sqlite: Kept) -> None:
    hold = LegalHold(account_ids=[2])
    step, crashes = 0, 0
    while True:
        try:
            with crashing_at(step, on_sqlite.engine):
                on_sqlite.apply(hold)
        except CrashedHereError:
            crashes += 1
            step += 20
            assert on_sqlite.verified().defect == LogDefect.LOG_DEFECT_UNSPECIFIED
        else:
            break
    assert crashes > 3
    left = {one.sequence for one in on_sqlite.everything if one.account_id == 2}
    assert {one.sequence for one in on_sqlite.store.read() if one in on_sqlite.of_age()} <= left


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE event_tombstones SET digest = :digest",
        "UPDATE event_tombstones SET event_count = event_count + 1",
        "UPDATE event_tombstones SET until_sequence = until_sequence - 1",
        "DELETE FROM event_tombstones",
        "UPDATE event_tombstones SET event_class = 2",
    ],
)
def test_a_changed_tombstone_proves_nothing(on_sqlite: Kept, statement: str) -> None:
    on_sqlite.apply()
    with unprotected(on_sqlite.url, "event_tombstones") as connection:
        values = {"digest": bytes(32)} if ":digest" in statement else {}
        connection.execute(text(statement), values)
    assert on_sqlite.verified().defect == LogDefect.LOG_DEFECT_STORE


def test_an_archive_that_was_not_written_right_removes_nothing(
    on_sqlite: Kept, monkeypatch: pytest.MonkeyPatch
) -> None:
    def spoiled(directory: Path, name: str, events: Iterator[StoredEvent], about: object) -> Path:
        kept = list(events)[:-1]
        return write_archive(directory, name, kept, {"about": str(about)})

    monkeypatch.setattr("quantumcore.server.store.retention.apply.write_archive", spoiled)
    with pytest.raises(RemovalRefused, match="nothing is removed"):
        on_sqlite.apply()
    assert list(on_sqlite.store.read()) == on_sqlite.everything


@pytest.mark.parametrize("spoil", ["bit", "line", "event", "manifest"])
def test_a_spoiled_archive_is_told(on_sqlite: Kept, spoil: str) -> None:
    on_sqlite.apply()
    (path,) = on_sqlite.archive.glob("*.jsonl")
    lines = path.read_text().splitlines(keepends=True)
    told = json.loads(lines[3])
    match spoil:
        case "bit":
            lines[3] = lines[3].replace(told["row"], told["row"][:-8] + "AAAAAAA=")
        case "line":
            del lines[3]
        case "event":
            told["event"]["time_ns"] = "7"
            lines[3] = json.dumps(told) + "\n"
        case _:
            manifest = json.loads(manifest_of(path).read_text()) | {"sha256": "00"}
            manifest_of(path).write_text(json.dumps(manifest))
    path.write_text("".join(lines))
    with pytest.raises(StoreDamaged, match=r"archive"):
        list(read_archive(path))


def test_a_projection_is_never_made_of_what_is_left(on_sqlite: Kept) -> None:
    projector = Projector(on_sqlite.engine, on_sqlite.store)
    projector.catch_up()
    before = projector.checkpoints()
    on_sqlite.apply()
    with pytest.raises(EventsRemoved, match="projection orders needs events from sequence 1"):
        projector.rebuild(Orders())
    projector.rebuild(Positions())
    assert projector.checkpoints() == before
    assert on_sqlite.verified().defect == LogDefect.LOG_DEFECT_UNSPECIFIED


def test_other_events_than_were_archived_are_not_removed(on_sqlite: Kept) -> None:
    last = on_sqlite.of_age()[-1].sequence
    with pytest.raises(RemovalRefused, match="were archived"):
        remove(on_sqlite.engine, Stretch(ORDERS, 1, last, 5, bytes(32)), time_ns=1, principal_id=1)
    assert list(on_sqlite.store.read()) == on_sqlite.everything
    assert on_sqlite.store.tombstones() == []


def test_on_postgresql_a_feeding_role_may_not_remove(recorded: Recorded, cluster: Cluster) -> None:
    schema = cluster.new_schema()
    cluster.execute("DROP ROLE IF EXISTS keeper")
    cluster.execute("CREATE ROLE keeper LOGIN")
    cluster.execute(f"GRANT USAGE ON SCHEMA {schema} TO keeper")
    kept = Kept(recorded, cluster.url(schema))
    with kept.engine.begin() as connection:
        grant_feeding(connection, "keeper")
    role = open_engine(cluster.url(schema, "keeper"))
    store = SqlEventStore(role)
    application = Application(
        role, store, kept.archive, now_ns=kept.now_ns, principal_id=7, holds=[]
    )
    with pytest.raises(RemovalRefused, match=r"retention\.store"):
        application.apply(ORDERS, KEEP_DAYS)
    assert list(store.read()) == kept.everything
    store.close()
    kept.store.close()
    kept.engine.dispose()
