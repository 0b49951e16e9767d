"""Snapshots of another journal, or ahead of this one, stand in nobody's way."""

import random
import shutil
from pathlib import Path

import pytest

from quantumcore.server.snapshots.__main__ import EXIT_FAILED, main
from quantumcore.server.snapshots.directory import FOREIGN_SUFFIX, SnapshotDirectory
from quantumcore.server.snapshots.errors import SnapshotDamaged
from quantumcore.server.snapshots.follower import Follower, take_now
from quantumcore.v1.event_store_service_pb2 import CreateSnapshotRequest, ListSnapshotsRequest
from tests.server.api.running import running
from tests.server.snapshots.history import Storing


def restored_from_a_copy(data: Path) -> SnapshotDirectory:
    """Leave a journal that was put back from a copy, and three snapshots that are ahead of it."""
    venue = Storing(data)
    venue.trade_at_random(random.Random(1), 20)
    take_now(data)
    shutil.copytree(data / "journal", data / "copy")
    for _ in range(3):
        venue.trade_at_random(random.Random(2), 60)
        take_now(data)
    venue.journal.close()
    shutil.rmtree(data / "journal")
    shutil.move(data / "copy", data / "journal")
    return SnapshotDirectory(data)


async def test_a_venue_on_a_restored_journal_takes_snapshots_of_it(tmp_path: Path) -> None:
    directory = restored_from_a_copy(tmp_path)
    *ahead, own = directory.names()
    damaged = bytearray((directory.path / ahead[0]).read_bytes())
    damaged[len(damaged) // 2 :] = bytes(len(damaged) - len(damaged) // 2)
    (directory.path / ahead[0]).write_bytes(damaged)
    async with running(tmp_path, furnished=False, read_timeout_s=60) as (venue, client):
        assert directory.names() == [own]
        kept = {f"{name}{FOREIGN_SUFFIX}" for name in ahead}
        assert kept <= {path.name for path in directory.path.iterdir()}
        listed = await client.call(client.events.ListSnapshots, ListSnapshotsRequest())
        assert [one.sequence for one in listed.snapshots] == [int(own.removesuffix(".qcs"))]
        await client.furnish()
        asked = CreateSnapshotRequest(min_sequence=venue.exchange.sequence)
        created = await client.events.CreateSnapshot(asked, metadata=client.metadata, timeout=60)
        assert created.snapshot.sequence == venue.exchange.sequence < int(ahead[-1].split(".")[0])
        assert created.snapshot.verified


def test_a_snapshot_taken_by_hand_stays_where_foreign_ones_were_newer(tmp_path: Path) -> None:
    directory = restored_from_a_copy(tmp_path)
    own = directory.names()[-1]
    (directory.path / own).unlink()
    take_now(tmp_path, keep=1)
    assert directory.names() == [own]
    directory.read(own)


def test_a_snapshot_that_cannot_be_read_back_ends_the_process_as_its_other_errors(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(_self: Follower) -> None:
        raise SnapshotDamaged("one.qcs", "is damaged")

    monkeypatch.setattr(Follower, "catch_up", fail)
    assert main(["take", "--data", str(tmp_path)]) == EXIT_FAILED
