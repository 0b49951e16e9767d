"""Whatever is changed in journal or store, a verification names the first of it."""

import shutil
from pathlib import Path
from random import Random
from typing import NamedTuple

import pytest
from sqlalchemy import text

from quantumcore.server.journal.layout import (
    BLOCK_HEADER_BYTES,
    SEGMENT_HEADER_BYTES,
    segment_first_sequence,
)
from quantumcore.server.journal.retention import remove_segments
from quantumcore.server.store.audit.verify import Asked, Verification
from quantumcore.server.store.errors import AuditRefused, EventDamaged, StoreError
from quantumcore.server.store.feeder import Feeder
from quantumcore.server.store.projections.projector import Projector
from quantumcore.server.store.row_digest import row_digest
from quantumcore.server.store.sql.engine import open_engine
from quantumcore.server.store.sql.schema import migrate
from quantumcore.server.store.sql.store import SqlEventStore
from quantumcore.server.store.sql.tables import EVENT_TABLE_NAMES, NUMBERS
from quantumcore.server.store.stored_event import StoredEvent
from quantumcore.v1.log_pb2 import LogDefect, LogHead, LogVerification
from tests.server.store.audit.altering import block_offsets, flip, rewrite, segment_of, unprotected
from tests.server.store.audit.recorded import Recorded
from tests.server.store.databases import Cluster

CHECKSUM, CHAIN = LogDefect.LOG_DEFECT_CHECKSUM, LogDefect.LOG_DEFECT_CHAIN
GAP, REPLAY = LogDefect.LOG_DEFECT_SEQUENCE_GAP, LogDefect.LOG_DEFECT_REPLAY
STORE, ANCHOR = LogDefect.LOG_DEFECT_STORE, LogDefect.LOG_DEFECT_ANCHOR
PROJECTION = LogDefect.LOG_DEFECT_PROJECTION
SOUND = LogDefect.LOG_DEFECT_UNSPECIFIED


class Kept(NamedTuple):
    """A data directory that a test may spoil."""

    directory: Path
    last_sequence: int
    event_count: int

    @property
    def journal(self) -> Path:
        return self.directory / "journal"

    @property
    def url(self) -> str:
        return f"sqlite:///{self.directory / 'events.db'}"


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Kept:
    """A journal of several segments, a store that has all of it, and its projections."""
    directory = tmp_path_factory.mktemp("template")
    made = Recorded(directory, segment_bytes=8 * 1024)
    made.trades(24)
    made.journal.close()
    kept = Kept(directory, made.exchange.sequence, 0)
    store = made.fed(kept.url, projected=True)
    position = store.position()
    store.close()
    assert len(list(kept.journal.glob("*.qcj"))) > 2
    return kept._replace(event_count=position.event_count)


@pytest.fixture
def kept(template: Kept, tmp_path: Path) -> Kept:
    shutil.copytree(template.directory, tmp_path / "kept")
    return template._replace(directory=tmp_path / "kept")


def verified(kept: Kept, **asked: object) -> LogVerification:
    """Verify and return what the last update says."""
    values: dict[str, object] = {"until_sequence": kept.last_sequence} | asked
    *before, last = Verification(
        Asked(directory=kept.journal, **values)  # type: ignore[arg-type]
    ).updates()
    assert last.finished
    assert not any(one.finished for one in before)
    return last


def altered(url: str, table: str, statement: str, **values: object) -> None:
    """Execute a statement with the table's triggers off."""
    with unprotected(url, table) as connection:
        assert connection.execute(text(statement), values).rowcount


def test_a_sound_log_is_sound(kept: Kept) -> None:
    last = verified(kept, replay=True, store_url=kept.url)
    assert (last.defect, last.sequence) == (SOUND, kept.last_sequence)
    store = SqlEventStore(open_engine(kept.url))
    position = store.position()
    store.close()
    assert last.compared_count == position.event_count
    assert last.block_count == last.head.block_number == position.block_number
    assert last.head.chain_hash == position.block_hash
    assert len(last.head.root_hash) == 32
    for words in ("executed again", "event store", "projections orders"):
        assert words in last.text


def test_progress_is_told_on_the_way(kept: Kept) -> None:
    seconds = iter(range(10_000))
    asked = Asked(directory=kept.journal, until_sequence=kept.last_sequence)
    updates = list(Verification(asked, clock=lambda: float(next(seconds))).updates())
    assert len(updates) > 1
    assert [one.sequence for one in updates] == sorted({one.sequence for one in updates})
    assert {one.until_sequence for one in updates} == {kept.last_sequence}


@pytest.mark.parametrize(
    ("offset", "defect"),
    [(0, CHECKSUM), (24, CHECKSUM), (60, CHECKSUM), (90, CHECKSUM), (126, CHECKSUM),
     (BLOCK_HEADER_BYTES + 3, CHECKSUM)],
)  # fmt: skip
def test_a_flipped_bit_of_the_journal_is_named(kept: Kept, offset: int, defect: int) -> None:
    path = segment_of(kept.journal, 1)
    at = block_offsets(path)[4]
    flip(path, at + offset, 5)
    last = verified(kept)
    assert last.defect == defect
    assert last.defect_position == at
    assert path.name in last.text
    before = Verification(Asked(directory=kept.journal, from_sequence=1))
    assert last.defect_sequence == list(before.updates())[-1].sequence + 1


def test_a_flipped_bit_of_the_very_last_block_is_named_where_the_end_is_known(
    kept: Kept,
) -> None:
    path = segment_of(kept.journal, -1)
    at = block_offsets(path)[-1]
    flip(path, at + BLOCK_HEADER_BYTES + 1)
    last = verified(kept)
    assert (last.defect, last.defect_position) == (CHECKSUM, at)
    assert "unfinished at the end" in verified(kept, until_sequence=0).text


def test_a_journal_that_is_cut_off_is_named(kept: Kept) -> None:
    path = segment_of(kept.journal, -1)
    path.write_bytes(path.read_bytes()[: block_offsets(path)[-1]])
    last = verified(kept)
    assert last.defect == GAP
    assert f"known to have had {kept.last_sequence}" in last.text


def test_a_missing_segment_is_a_gap(kept: Kept) -> None:
    segment_of(kept.journal, 1).unlink()
    assert verified(kept).defect == GAP


def test_a_rewritten_block_breaks_the_chain_to_the_next_segment(kept: Kept) -> None:
    path = segment_of(kept.journal, 0)
    rewrite(path, len(block_offsets(path)) - 1, b"order-", b"Order-")
    last = verified(kept)
    assert (last.defect, last.defect_position) == (CHAIN, 0)


def test_a_history_that_is_rewritten_with_all_its_hashes_is_found_by_execution_and_by_anchor(
    tmp_path: Path,
) -> None:
    recorded = Recorded(tmp_path)
    recorded.trades(5)
    recorded.journal.close()
    kept = Kept(tmp_path, recorded.exchange.sequence, 0)
    anchor = verified(kept).head
    assert verified(kept, anchor=anchor).defect == SOUND
    price = (1_000).to_bytes(8, "little")
    path = segment_of(kept.journal)
    rewrite(path, 7, price, (1_010).to_bytes(8, "little"))
    assert verified(kept).defect == SOUND
    found = verified(kept, replay=True)
    assert found.defect == REPLAY
    assert "give ORDER_ACCEPTED" in found.text
    assert "the journal has ORDER_ACCEPTED" in found.text
    assert "price=1010" in found.text
    noted = verified(kept, anchor=anchor)
    assert noted.defect == ANCHOR
    assert anchor.chain_hash.hex() in noted.text


@pytest.mark.parametrize("changed", ["sequence", "chain_hash", "root_hash"])
def test_a_head_that_does_not_agree_is_named(kept: Kept, changed: str) -> None:
    anchor = verified(kept, until_sequence=20).head
    assert verified(kept, anchor=anchor).defect == SOUND
    value = 4 if changed == "sequence" else bytes(32)
    setattr(anchor, changed, value)
    last = verified(kept, anchor=anchor)
    assert last.defect == ANCHOR
    assert changed in last.text


def test_a_head_beyond_the_end_is_a_log_that_lost_its_end(kept: Kept) -> None:
    beyond = kept.last_sequence + 5
    anchor = LogHead(sequence=beyond, block_number=10**6, chain_hash=bytes(32))
    assert verified(kept, anchor=anchor).defect == GAP


def the_read(url: str) -> list[StoredEvent]:
    store = SqlEventStore(open_engine(url))
    try:
        return list(store.read(1, 2**62))
    finally:
        store.close()


def flipped(event: StoredEvent, column: str) -> object:
    """Return what a column holds after one of its bits was flipped."""
    if column == "digest":
        return bytes([row_digest(event)[0] ^ 1]) + row_digest(event)[1:]
    value = getattr(event, column)
    if isinstance(value, bytes):
        return bytes([value[0] ^ 16]) + value[1:]
    return value ^ 1 << 40


@pytest.mark.parametrize(
    "column",
    [
        "sequence",
        "part",
        "aggregate_id",
        "event_type",
        "time_ns",
        "account_id",
        "payload",
        "digest",
    ],
)
def test_a_flipped_bit_of_a_row_is_named_and_never_read(kept: Kept, column: str) -> None:
    key = next(e for e in the_read(kept.url) if e.aggregate_type == 4 and e.sequence > 20)
    where = f"WHERE sequence = {key.sequence} AND part = {key.part}"
    statement = f"UPDATE account_events SET {column} = :value {where}"
    altered(kept.url, "account_events", statement, value=flipped(key, column))
    with pytest.raises(EventDamaged, match="digest does not match"):
        the_read(kept.url)
    last = verified(kept, store_url=kept.url)
    assert (last.defect, last.defect_sequence) == (STORE, key.sequence)
    assert "account_events" in last.text
    if column not in {"sequence", "part"}:
        assert f"{column} is" in last.text


@pytest.mark.parametrize("kind", ["text", "null", "real"])
def test_a_number_that_is_none_any_more_is_damage(kept: Kept, kind: str) -> None:
    value: object = {"text": "seven", "null": b"", "real": 1.5}[kind]
    statement = "UPDATE order_events SET principal_id = :value WHERE sequence = 9"
    altered(kept.url, "order_events", statement, value=value)
    with pytest.raises(EventDamaged):
        the_read(kept.url)
    last = verified(kept, store_url=kept.url)
    assert (last.defect, last.defect_sequence) == (STORE, 9)


@pytest.mark.parametrize("kind", [1, 3, 4, 5, 6])
def test_an_event_that_is_missing_is_named(kept: Kept, kind: int) -> None:
    table = EVENT_TABLE_NAMES[kind]
    gone = next(e for e in the_read(kept.url) if e.aggregate_type == kind)
    altered(kept.url, table, f"DELETE FROM {table} WHERE sequence = {gone.sequence}")
    last = verified(kept, store_url=kept.url)
    assert (last.defect, last.defect_sequence) == (STORE, gone.sequence)
    assert f"{table}, sequence {gone.sequence}" in last.text
    assert "is missing" in last.text


def test_an_event_that_was_put_in_is_named(kept: Kept) -> None:
    names = ", ".join(NUMBERS[4:])
    altered(
        kept.url,
        "venue_events",
        f"INSERT INTO venue_events SELECT 30, 9, 1, 99, {names}, payload, digest "
        "FROM venue_events WHERE sequence = 1",
    )
    last = verified(kept, store_url=kept.url)
    assert (last.defect, last.defect_sequence) == (STORE, 30)
    assert "the journal tells no such event" in last.text


@pytest.mark.parametrize("column", ["command_count", "event_count", "time_ns"])
def test_a_position_that_is_not_the_journals_is_named(kept: Kept, column: str) -> None:
    altered(kept.url, "feed_position", f"UPDATE feed_position SET {column} = {column} + 1")
    last = verified(kept, store_url=kept.url)
    assert last.defect == STORE
    assert column in last.text


FIRST_ORDER = "(SELECT min(order_id) FROM orders)"


@pytest.mark.parametrize(
    ("statement", "says"),
    [
        ("UPDATE positions SET net_quantity = 77 WHERE account_id = 2", "net_quantity is 77"),
        (f"DELETE FROM orders WHERE order_id = {FIRST_ORDER}", "is missing"),
        (f"UPDATE orders SET order_id = 1 WHERE order_id = {FIRST_ORDER}", "no event gives it"),
        ("INSERT INTO balances VALUES (3, 'ZZZ', 1, 1, 1, 1)", "currency ZZZ: is there"),
        ("UPDATE trades SET price = price + 1", "projection daily_statistics: trades"),
    ],
)
def test_rows_of_projections_that_events_do_not_give_are_named(
    kept: Kept, statement: str, says: str
) -> None:
    altered(kept.url, "", statement)
    last = verified(kept, store_url=kept.url)
    assert last.defect == PROJECTION
    assert says in last.text


def test_a_flipped_bit_anywhere_in_the_file_of_the_store_is_never_read(kept: Kept) -> None:
    events, path = the_read(kept.url), kept.directory / "events.db"
    sound, random = path.read_bytes(), Random(5)
    told = 0
    for event in random.sample(events, 12):
        at = sound.find(row_digest(event)) - random.randrange(-32, 120)
        flip(path, at, random.randrange(8))
        try:
            seen = the_read(kept.url)
        except StoreError:
            told += 1
        else:  # nothing of it, or what hides a row: then the log's verification tells
            assert set(seen) <= set(events)
            if seen != events:
                last = verified(kept, store_url=kept.url)
                assert last.defect == STORE
        path.write_bytes(sound)
    assert told > 4


def test_a_store_that_lags_is_compared_as_far_as_it_is(tmp_path: Path) -> None:
    recorded = Recorded(tmp_path)
    url = f"sqlite:///{tmp_path / 'events.db'}"
    stored = recorded.trades(2)
    recorded.fed(url).close()
    kept = Kept(tmp_path, recorded.trades(3), 0)
    recorded.journal.close()
    last = verified(kept, store_url=url)
    assert last.defect == SOUND
    assert f"up to sequence {stored}" in last.text


def test_on_postgresql_too(template: Kept, cluster: Cluster) -> None:
    recorded_url = cluster.url(cluster.new_schema())
    engine = open_engine(recorded_url)
    migrate(engine)
    store = SqlEventStore(engine)
    feeder = Feeder(template.journal, store)
    feeder.catch_up()
    feeder.close()
    Projector(engine, store).catch_up()
    sound = verified(template, store_url=recorded_url, replay=True)
    assert (sound.defect, sound.compared_count) == (SOUND, template.event_count)
    key = next(store.read(20))
    table = EVENT_TABLE_NAMES[key.aggregate_type]
    for column in ("principal_id", "payload"):
        where = f"WHERE sequence = {key.sequence} AND part = {key.part}"
        statement = f"UPDATE {table} SET {column} = :value {where}"
        altered(recorded_url, table, statement, value=flipped(key, column))
        with pytest.raises(EventDamaged):
            list(store.read())
        last = verified(template, store_url=recorded_url)
        assert (last.defect, last.defect_sequence) == (STORE, key.sequence)
        altered(recorded_url, table, statement, value=getattr(key, column))
    altered(recorded_url, "orders", "UPDATE accounts SET status = 5 WHERE account_id = 1")
    assert "accounts, account_id 1" in verified(template, store_url=recorded_url).text
    store.close()


def test_a_part_of_the_journal_is_verified_from_its_segment_on(kept: Kept) -> None:
    flip(segment_of(kept.journal, 0), SEGMENT_HEADER_BYTES + 200)
    last = verified(kept, from_sequence=kept.last_sequence - 2)
    assert last.defect == SOUND
    assert last.head.root_hash == b""


def test_a_journal_that_was_shortened_on_purpose_is_verified_and_not_executed(kept: Kept) -> None:
    noted = verified(kept).head
    assert remove_segments(kept.journal, 60)
    first = segment_first_sequence(segment_of(kept.journal).name)
    last = verified(kept)
    assert (last.defect, last.head.chain_hash) == (SOUND, noted.chain_hash)
    assert f"from sequence {first} on" in last.text
    for asked in ({"replay": True}, {"store_url": kept.url}):
        with pytest.raises(AuditRefused, match="begins with the first command") as refused:
            verified(kept, **asked)
        assert refused.value.limit == first


def test_a_first_segment_that_is_missing_is_a_gap(kept: Kept) -> None:
    segment_of(kept.journal, 0).unlink()
    assert verified(kept).defect == GAP
