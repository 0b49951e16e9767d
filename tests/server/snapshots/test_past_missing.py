"""A shortened journal with nothing to go on from is refused before anything is done with it."""

import random
from pathlib import Path

import pytest
import structlog

from quantumcore.server.journal.errors import PastMissing
from quantumcore.server.journal.retention import remove_segments
from quantumcore.server.journal.scan import list_segments
from quantumcore.server.main import EXIT_JOURNAL, main
from quantumcore.server.snapshots.directory import SnapshotDirectory
from quantumcore.server.store.errors import PastNotFed
from quantumcore.server.store.feeder import Feeder
from quantumcore.server.store.opening import open_store
from quantumcore.server.store.sql.store import SqlEventStore
from tests.server.snapshots.history import Storing, replayed


@pytest.fixture
def first_kept(tmp_path: Path) -> int:
    """Shorten a journal; return the first sequence that is left."""
    venue = Storing(tmp_path, segment_bytes=4096)
    venue.trade_at_random(random.Random(1), 100)
    venue.journal.close()
    remove_segments(tmp_path / "journal", venue.exchange.sequence // 2)
    files = SnapshotDirectory(tmp_path).files
    return int(list_segments(files, tmp_path / "journal")[0].split(".")[0])


def test_no_command_is_replayed_without_the_past(
    tmp_path: Path, first_kept: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert first_kept > 1
    with pytest.raises(PastMissing, match=f"begins at sequence {first_kept}, .*no usable snapshot"):
        replayed(tmp_path)
    for name in ("QC_CONFIG", "QC_DATA"):
        monkeypatch.delenv(name, raising=False)
    arguments = ["--dev", "--listen", "127.0.0.1:0", "--data", str(tmp_path)]
    try:
        assert main(arguments) == EXIT_JOURNAL
    finally:
        structlog.reset_defaults()


def test_an_empty_store_is_not_fed_without_the_past(tmp_path: Path, first_kept: int) -> None:
    store = open_store(f"sqlite:///{tmp_path / 'events.db'}", make_tables=True)
    assert isinstance(store, SqlEventStore)
    feeder = Feeder(tmp_path / "journal", store)
    with pytest.raises(PastNotFed, match=f"begins at sequence {first_kept}: .*begun by a move"):
        feeder.catch_up()
    assert store.position().sequence == 0
    feeder.close()
    store.close()
