"""A venue that begins with a snapshot is the one that replayed everything; damage is found."""

import random
from collections.abc import Iterator
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from quantumcore.server.core.errors import ReplayDiverged
from quantumcore.server.core.state import Image
from quantumcore.server.journal.errors import JournalCorrupt, JournalShortened
from quantumcore.server.journal.files import Files
from quantumcore.server.journal.journal import Journal
from quantumcore.server.journal.layout import BLOCK_HEADER_BYTES
from quantumcore.server.journal.reader import JournalReader
from quantumcore.server.journal.retention import ANCHOR_NAME, remove_segments
from quantumcore.server.journal.verify import verify
from quantumcore.server.recovery import Recovery
from quantumcore.server.snapshots.directory import SnapshotDirectory
from quantumcore.server.snapshots.errors import SnapshotDamaged, SnapshotVersionUnknown
from quantumcore.server.snapshots.follower import Follower, FollowerSettings
from quantumcore.server.snapshots.layout import HEADER, NO_BASE, Header, encode_header
from quantumcore.server.snapshots.snapshot import read_snapshot
from quantumcore.server.snapshots.writer import Base
from tests.server.snapshots.history import Storing, replayed, state_of

STEP_BYTES = 4096


@pytest.fixture
def venue(tmp_path: Path) -> Iterator[Storing]:
    venue = Storing(tmp_path)
    yield venue
    venue.journal.close()


def follower_of(data: Path, interval_events: int = 10**9, keep: int = 3) -> Follower:
    return Follower(data, FollowerSettings(interval_events=interval_events, keep=keep))


def snapshots(data: Path, choose: random.Random, venue: Storing, count: int) -> None:
    """Take so many, with some commands between each two."""
    follower = follower_of(data)
    for _ in range(count):
        venue.trade_at_random(choose, 20)
        follower.catch_up()
    follower.close()


def recovered(data: Path) -> Recovery:
    """Recover as a venue does."""
    recovery = Recovery()
    recovery.begin(SnapshotDirectory(data))
    Journal.open(data / "journal", visit=recovery.visit, after=recovery.mark).close()
    return recovery


def unlocked(venue: Storing) -> None:
    venue.journal.close()


def test_a_snapshot_with_the_journal_behind_it_gives_what_the_whole_journal_gives(
    tmp_path: Path, venue: Storing
) -> None:
    choose = random.Random(1)
    for _ in range(6):
        snapshots(tmp_path, choose, venue, 1)
        venue.trade_at_random(choose, choose.randint(0, 30))
        unlocked(venue)
        found = recovered(tmp_path)
        assert found.snapshot_sequence > 0
        assert state_of(found) == state_of(replayed(tmp_path))
        venue.journal = Journal.open(tmp_path / "journal")


def test_replaying_twice_is_replaying_once(tmp_path: Path, venue: Storing) -> None:
    snapshots(tmp_path, random.Random(2), venue, 2)
    unlocked(venue)
    once = state_of(recovered(tmp_path))
    assert state_of(recovered(tmp_path)) == once


def test_what_has_not_changed_is_not_stored_again(
    tmp_path: Path, venue: Storing, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Base, "is_worn", False)
    venue.trade_at_random(random.Random(3), 300)
    snapshots(tmp_path, random.Random(3), venue, 3)
    directory = SnapshotDirectory(tmp_path)
    headers = [header for _name, header in directory.headers()]
    assert [header.base_sequence for header in headers[:2]] == [headers[2].sequence] * 2
    assert headers[2].base_sequence == NO_BASE
    parts = [len(directory.read(name).index.parts) for name in directory.names()]
    assert 0 < max(parts[:2]) < parts[2]


def test_the_newest_are_kept_with_their_base_and_a_complete_one_before(
    tmp_path: Path, venue: Storing, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Base, "is_worn", property(lambda base: base.count >= 3))
    snapshots(tmp_path, random.Random(4), venue, 11)
    directory = SnapshotDirectory(tmp_path)
    bases = [header.base_sequence for _name, header in directory.headers()]
    assert bases.count(NO_BASE) == 2
    assert len(bases) in {4, 5}
    assert len(list(directory.usable())) == len(bases)
    assert directory.safe_sequence() == directory.headers()[-1][1].sequence


def test_wherever_a_snapshot_is_cut_or_changed_it_is_passed_over_by_name(
    tmp_path: Path, venue: Storing
) -> None:
    snapshots(tmp_path, random.Random(5), venue, 1)
    directory = SnapshotDirectory(tmp_path)
    (name,) = directory.names()
    path = directory.path / name
    whole, choose = path.read_bytes(), random.Random(6)
    damaged = [whole[:length] for length in range(0, len(whole), STEP_BYTES)]
    places = [*range(HEADER.size), *choose.sample(range(len(whole)), 64), len(whole) - 1]
    for place in places:
        changed = bytearray(whole)
        changed[place] ^= 1 << choose.randrange(8)
        damaged.append(bytes(changed))
    for data in damaged:
        path.write_bytes(data)
        with capture_logs() as lines:
            assert not list(directory.usable())
        (line,) = [one for one in lines if one["event"] == "snapshot passed over"]
        assert line["snapshot"] == name
        assert name in line["reason"]
    path.write_bytes(whole)
    assert len(list(directory.usable())) == 1


def test_damage_leads_to_the_next_older_one_and_at_last_to_the_whole_journal(
    tmp_path: Path, venue: Storing, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Base, "is_worn", True)
    snapshots(tmp_path, random.Random(7), venue, 4)
    unlocked(venue)
    directory = SnapshotDirectory(tmp_path)
    wanted = state_of(replayed(tmp_path))
    sequences = [header.sequence for _name, header in directory.headers()]
    begun_at = []
    for name in directory.names():
        found = recovered(tmp_path)
        assert state_of(found) == wanted
        begun_at.append(found.snapshot_sequence)
        path = directory.path / name
        path.write_bytes(path.read_bytes()[:-1])
    assert begun_at == sequences
    assert recovered(tmp_path).snapshot_sequence == 0
    assert state_of(recovered(tmp_path)) == wanted


def test_a_damaged_base_takes_what_rests_upon_it_away(tmp_path: Path, venue: Storing) -> None:
    snapshots(tmp_path, random.Random(8), venue, 2)
    directory = SnapshotDirectory(tmp_path)
    newest, base = directory.names()
    (directory.path / base).write_bytes(b"")
    with pytest.raises(SnapshotDamaged, match=f"{newest} cannot be used without its base"):
        directory.read(newest)


@pytest.mark.parametrize("change", [{"format_version": 2}, {"release": bytes(16)}])
def test_another_release_is_passed_over(
    tmp_path: Path, venue: Storing, change: dict[str, int | bytes]
) -> None:
    snapshots(tmp_path, random.Random(9), venue, 1)
    directory = SnapshotDirectory(tmp_path)
    (name,) = directory.names()
    path = directory.path / name
    data = path.read_bytes()
    fields = Header._make(HEADER.unpack(data[: HEADER.size]))._asdict() | change
    path.write_bytes(encode_header(Header(**fields)) + data[HEADER.size :])
    with pytest.raises(SnapshotVersionUnknown, match=name):
        read_snapshot(Files(), directory.path, name)


def test_a_snapshot_ahead_of_the_journal_or_of_another_is_passed_over(
    tmp_path: Path, venue: Storing
) -> None:
    snapshots(tmp_path, random.Random(10), venue, 2)
    unlocked(venue)
    last = list(JournalReader(tmp_path / "journal").blocks())[-1]
    with (tmp_path / "journal" / last.position.segment).open("r+b") as segment:
        segment.truncate(last.position.offset + BLOCK_HEADER_BYTES + 1)
    with capture_logs() as lines:
        found = recovered(tmp_path)
    passed = [line["reason"] for line in lines if line["event"] == "snapshot passed over"]
    assert any("ahead of it" in reason for reason in passed)
    assert 0 < found.snapshot_sequence < last.last_sequence
    assert state_of(found) == state_of(replayed(tmp_path))


def test_a_journal_cut_in_its_last_block_is_recovered_as_without_snapshots(
    tmp_path: Path, venue: Storing
) -> None:
    snapshots(tmp_path, random.Random(11), venue, 1)
    venue.order("last", 1, 5, 100)
    unlocked(venue)
    last = list(JournalReader(tmp_path / "journal").blocks())[-1]
    path = tmp_path / "journal" / last.position.segment
    whole, begins = path.read_bytes(), last.position.offset
    path.write_bytes(whole[:begins])
    wanted = state_of(replayed(tmp_path))
    for end in random.Random(16).sample(range(begins + 1, len(whole)), 24):
        path.write_bytes(whole[:end])
        assert state_of(recovered(tmp_path)) == wanted, end
        for torn in path.parent.glob("*.torn"):
            torn.unlink()


def test_a_follower_stops_where_the_commands_do_not_give_the_events(
    tmp_path: Path, venue: Storing
) -> None:
    follower = follower_of(tmp_path)
    venue.trade_at_random(random.Random(12), 20)
    follower.catch_up()
    venue.exchange.begin_turn(venue.now)
    payload = bytearray(venue.blocks[-1][1])
    venue.journal.append(
        payload,
        first_sequence=venue.exchange.sequence + 1,
        last_sequence=venue.exchange.sequence + 1,
        command_count=1,
        time_ns=venue.now,
    )
    with pytest.raises(ReplayDiverged):
        follower.catch_up()
    follower.close()
    assert len(SnapshotDirectory(tmp_path).names()) == 1


def test_an_interrupted_writer_leaves_nothing_that_is_used(tmp_path: Path, venue: Storing) -> None:
    snapshots(tmp_path, random.Random(13), venue, 1)
    directory = SnapshotDirectory(tmp_path)
    unfinished = directory.path / "00000000000000009999.qcs.new"
    unfinished.write_bytes(b"half")
    assert len(list(directory.usable())) == 1
    follower_of(tmp_path).close()
    assert not unfinished.exists()


def shortened(tmp_path: Path) -> tuple[Storing, int]:
    """Return a venue whose journal has lost its oldest segments, and where it begins now."""
    venue = Storing(tmp_path, segment_bytes=4096)
    snapshots(tmp_path, random.Random(14), venue, 3)
    directory = SnapshotDirectory(tmp_path)
    needed = directory.headers()[-1][1].sequence + 1
    assert remove_segments(tmp_path / "journal", needed)
    first = min(path.name for path in (tmp_path / "journal").glob("*.qcj"))
    assert 1 < int(first[:20]) <= needed
    return venue, int(first[:20])


def test_a_shortened_journal_proves_its_chain_and_is_recovered_from(tmp_path: Path) -> None:
    venue, first = shortened(tmp_path)
    unlocked(venue)
    report = verify(tmp_path / "journal")
    assert report.intact
    assert report.last_sequence == venue.exchange.sequence
    found = recovered(tmp_path)
    assert state_of(found)[0] == state_of_exchange(venue)
    with pytest.raises(JournalShortened):
        next(JournalReader(tmp_path / "journal").blocks(2))
    blocks = JournalReader(tmp_path / "journal").blocks()
    assert next(blocks).first_sequence == first


def test_a_follower_shortens_the_journal_to_what_two_complete_snapshots_and_the_store_need(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Base, "is_worn", True)
    venue, fed = Storing(tmp_path, segment_bytes=4096), 0
    settings = FollowerSettings(interval_events=10**9, keep=2, removes_segments=True)
    follower = Follower(tmp_path, settings, fed=lambda: fed)
    for _ in range(4):
        venue.trade_at_random(random.Random(17), 60)
        follower.catch_up()
    assert first_segment(tmp_path) == 1, "the store has nothing yet"
    fed = venue.exchange.sequence // 3
    venue.trade_at_random(random.Random(18), 5)
    follower.catch_up()
    assert 1 < first_segment(tmp_path) <= fed + 1
    fed = venue.exchange.sequence
    venue.trade_at_random(random.Random(18), 60)
    follower.catch_up()
    follower.close()
    oldest = SnapshotDirectory(tmp_path).headers()[-1][1].sequence
    assert fed // 2 < first_segment(tmp_path) <= oldest + 1
    unlocked(venue)
    assert verify(tmp_path / "journal").intact
    newest = SnapshotDirectory(tmp_path).names()[0]
    (tmp_path / "snapshots" / newest).write_bytes(b"")
    assert state_of(recovered(tmp_path))[0] == state_of_exchange(venue)


def first_segment(tmp_path: Path) -> int:
    return int(min(path.name for path in (tmp_path / "journal").glob("*.qcj"))[:20])


def state_of_exchange(venue: Storing) -> bytes:
    return Image(venue.exchange).digest()


@pytest.mark.parametrize("what", ["anchor", "segment"])
def test_what_is_missing_beside_retention_is_still_found_out(tmp_path: Path, what: str) -> None:
    venue, _first = shortened(tmp_path)
    unlocked(venue)
    directory = tmp_path / "journal"
    if what == "anchor":
        (directory / ANCHOR_NAME).unlink()
    else:
        min(directory.glob("*.qcj")).unlink()
    assert isinstance(verify(directory).corruption, JournalCorrupt)


def test_interrupted_removal_leaves_what_can_be_read(tmp_path: Path) -> None:
    class Interrupted(Files):
        removed = 0

        def remove(self, path: Path) -> None:
            self.removed += 1
            if self.removed > 2:
                raise OSError("out of power")
            super().remove(path)

    venue = Storing(tmp_path, segment_bytes=4096)
    snapshots(tmp_path, random.Random(15), venue, 3)
    with pytest.raises(OSError, match="power"):
        remove_segments(tmp_path / "journal", venue.exchange.sequence, files=Interrupted())
    unlocked(venue)
    assert verify(tmp_path / "journal").intact
