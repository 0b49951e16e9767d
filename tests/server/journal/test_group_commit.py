"""Who is synced with whom, decided without waiting for a clock."""

import threading
from pathlib import Path

from quantumcore.server.journal import Durability, Journal, JournalSettings
from quantumcore.server.journal.group_commit import GroupCommit
from quantumcore.server.journal.syncing_cy import SyncLoop
from tests.server.journal.storage import FaultyFiles, append

WAIT_S = 20.0


class Window:
    """Hold the sync thread in its pause until the test lets it go."""

    def __init__(self) -> None:
        self.entered = threading.Semaphore(0)
        self.leave = threading.Semaphore(0)
        self.lengths_s: list[float] = []

    def pause(self, seconds: float) -> None:
        self.lengths_s.append(seconds)
        self.entered.release()
        assert self.leave.acquire(timeout=WAIT_S)

    def wait_until_paused(self) -> None:
        assert self.entered.acquire(timeout=WAIT_S)


def test_blocks_that_arrive_in_one_window_share_one_sync(tmp_path: Path) -> None:
    files, window, durable = FaultyFiles(), Window(), list[int]()
    settings = JournalSettings(durability=Durability.DISK, commit_window_ms=7)
    journal = Journal.open(
        tmp_path, settings=settings, files=files, pause=window.pause, on_durable=durable.append
    )
    append(journal, b"alone")
    window.wait_until_paused()
    for _ in range(5):
        append(journal, b"together")
    assert (journal.accepted_sequence, journal.durable_sequence) == (6, 1)
    window.leave.release()
    window.wait_until_paused()
    assert journal.durable_sequence == 6
    assert durable == [1, 6]
    assert files.sync_count == 2
    assert window.lengths_s == [0.007, 0.007]
    window.leave.release()
    journal.close()
    assert files.sync_count == 2


def test_process_durability_syncs_behind_at_its_own_pace(tmp_path: Path) -> None:
    window = Window()
    journal = Journal.open(tmp_path, pause=window.pause)
    append(journal, b"one")
    window.wait_until_paused()
    assert journal.durable_sequence == 1
    assert window.lengths_s == [0.05]
    window.leave.release()
    journal.close()


def test_closing_syncs_what_the_thread_has_not(tmp_path: Path) -> None:
    window, durable = Window(), list[int]()
    journal = Journal.open(tmp_path, pause=window.pause, on_durable=durable.append)
    append(journal, b"one")
    window.wait_until_paused()
    append(journal, b"two")
    window.leave.release()
    journal.close()
    assert durable[-1] == 2


def test_a_block_without_events_is_synced_too(tmp_path: Path) -> None:
    window = Window()
    journal = Journal.open(tmp_path, pause=window.pause)
    append(journal, b"none", events=0)
    window.wait_until_paused()
    assert (journal.durable_block_count, journal.durable_sequence) == (1, 0)
    window.leave.release()
    journal.close()


def test_an_idle_thread_does_nothing_until_it_is_notified() -> None:
    marks, synced = SyncLoop(0, 0, 0), threading.Event()

    def sync() -> bool:
        marks.durable_blocks = marks.accepted_blocks
        synced.set()
        return True

    commit = GroupCommit(marks=marks, sync=sync, window_s=0)
    commit.start()
    for sequence in range(3):
        synced.clear()
        marks.accept(sequence, 1)
        commit.notify()
        assert synced.wait(WAIT_S)
    commit.stop()
    assert marks.durable_blocks == 3
    marks.close()


def test_a_failed_sync_ends_the_thread() -> None:
    calls, marks = list[int](), SyncLoop(0, 0, 0)
    marks.accept(1, 1)

    def sync() -> bool:
        calls.append(1)
        return False

    commit = GroupCommit(marks=marks, sync=sync, window_s=0)
    commit.run()
    assert calls == [1]
    marks.close()
