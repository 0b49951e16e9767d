"""Full disks, input/output errors and short writes end the journal, truthfully."""

import threading
from pathlib import Path

import pytest

from quantumcore.server.journal import Durability, Journal, JournalFailed, JournalSettings
from quantumcore.server.journal.files import Files
from quantumcore.server.journal.segment import RESERVE_BYTES
from tests.server.journal.storage import (
    SMALL_SEGMENTS,
    FaultyFiles,
    append,
    disk_full,
    input_output_error,
    read,
    segments,
)

DISK = JournalSettings(durability=Durability.DISK)
WAIT_S = 20.0


@pytest.mark.parametrize("failure", [disk_full(), input_output_error(), None])
@pytest.mark.parametrize("budget", [0, 1, 127, 128, 130])
def test_a_failed_or_short_write_is_refused_removed_and_final(
    tmp_path: Path, failure: OSError | None, budget: int
) -> None:
    files = FaultyFiles()
    journal = Journal.open(tmp_path, files=files)
    append(journal, b"accepted")
    size = segments(tmp_path)[0].stat().st_size
    files.write_budget_bytes, files.write_failure = budget, failure
    with pytest.raises(JournalFailed):
        append(journal, b"refused")
    assert segments(tmp_path)[0].stat().st_size == size
    files.write_budget_bytes = None
    with pytest.raises(JournalFailed):
        append(journal, b"refused as well")
    assert journal.failure is not None
    assert journal.accepted_sequence == 1
    journal.close()
    assert journal.durable_sequence == 1
    assert read(tmp_path) == [b"accepted"]


def test_a_partial_block_that_cannot_be_removed_is_cut_off_when_reopened(tmp_path: Path) -> None:
    files = FaultyFiles()
    journal = Journal.open(tmp_path, files=files)
    append(journal, b"accepted")
    files.write_budget_bytes, files.write_failure = 50, disk_full()
    files.truncate_failure = input_output_error()
    with pytest.raises(JournalFailed) as refused:
        append(journal, b"refused")
    assert "could not be removed" in refused.value.__notes__[0]
    journal.close()
    with Journal.open(tmp_path) as reopened:
        assert reopened.recovery.truncated_bytes == 50
        assert reopened.accepted_sequence == 1


def test_a_disk_without_room_refuses_a_block_before_any_of_it_is_written(tmp_path: Path) -> None:
    class Full(FaultyFiles):
        is_full = False

        def reserve(self, descriptor: int, offset: int, length: int) -> None:
            if self.is_full:
                raise disk_full()
            super().reserve(descriptor, offset, length)

    files = Full()
    journal = Journal.open(tmp_path, files=files)
    append(journal, b"accepted")
    size = segments(tmp_path)[0].stat().st_size
    files.is_full = True
    append(journal, b"there is room for this, set aside before")
    with pytest.raises(JournalFailed, match="No space left"):
        append(journal, bytes(RESERVE_BYTES))
    journal.close()
    assert segments(tmp_path)[0].stat().st_size == size + 128 + 40
    assert (journal.accepted_sequence, journal.durable_sequence) == (2, 2)


def test_space_is_set_aside_ahead_and_given_back(tmp_path: Path) -> None:
    with Journal.open(tmp_path) as journal:
        append(journal, b"one")
        held = segments(tmp_path)[0].stat()
        assert held.st_size < 4096
        assert held.st_blocks * 512 >= RESERVE_BYTES or not can_reserve(tmp_path)
    assert segments(tmp_path)[0].stat().st_blocks * 512 < 64 * 1024


def can_reserve(directory: Path) -> bool:
    """Tell whether this file system sets space aside behind the end of a file."""
    path = directory / "probe"
    with path.open("wb") as probe:
        Files().reserve(probe.fileno(), 0, 1 << 20)
    return path.stat().st_blocks > 0


def test_a_segment_that_cannot_be_begun_fails_the_journal(tmp_path: Path) -> None:
    files = FaultyFiles()
    journal = Journal.open(tmp_path, files=files, settings=SMALL_SEGMENTS)
    append(journal, b"x" * 3900)
    files.write_budget_bytes, files.write_failure = 10, disk_full()
    with pytest.raises(JournalFailed, match="No space left"):
        append(journal, b"x" * 3900)
    journal.close()
    with Journal.open(tmp_path) as reopened:
        assert reopened.accepted_sequence == 1
        assert reopened.recovery.segments == 1


def test_a_failed_sync_fails_the_journal_and_is_never_repeated(tmp_path: Path) -> None:
    files, failed = FaultyFiles(), threading.Event()
    failures: list[Exception] = []

    def on_failure(failure: Exception) -> None:
        failures.append(failure)
        failed.set()

    journal = Journal.open(tmp_path, settings=DISK, files=files, on_failure=on_failure)
    files.sync_failure = input_output_error()
    append(journal, b"accepted, never durable")
    assert failed.wait(WAIT_S)
    files.sync_failure, syncs = None, files.sync_count
    with pytest.raises(JournalFailed, match="Input/output error"):
        append(journal, b"refused")
    journal.close()
    assert files.sync_count == syncs
    assert (journal.accepted_sequence, journal.durable_sequence) == (1, 0)
    assert failures == [journal.failure]


def test_a_failed_sync_of_an_old_segment_fails_the_journal(tmp_path: Path) -> None:
    files, synced = FaultyFiles(), threading.Event()
    journal = Journal.open(
        tmp_path, settings=SMALL_SEGMENTS, files=files, on_durable=lambda _: synced.set()
    )
    append(journal, b"x" * 3900)
    assert synced.wait(WAIT_S)
    files.sync_failure = input_output_error()
    with pytest.raises(JournalFailed):
        append(journal, b"x" * 3900)
    journal.close()
    assert journal.durable_sequence == 1


def test_a_callback_that_breaks_fails_the_journal(tmp_path: Path) -> None:
    failed = threading.Event()

    def broken(sequence: int) -> None:
        raise RuntimeError("the event loop is closed")

    journal = Journal.open(
        tmp_path, settings=DISK, on_durable=broken, on_failure=lambda _: failed.set()
    )
    append(journal, b"one")
    assert failed.wait(WAIT_S)
    with pytest.raises(JournalFailed, match="event loop is closed"):
        append(journal, b"two")
    journal.close()
