"""The compiled sync loop: what it syncs, what it tells, and that it needs no interpreter for it."""

import errno
import os
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from time import monotonic

import pytest

from quantumcore.server.journal import Durability, Journal, JournalFailed, JournalSettings
from quantumcore.server.journal.commit import NativeCommit
from quantumcore.server.journal.syncing_cy import SyncLoop, is_compiled
from tests.server.journal.storage import append, read, segments

DISK = JournalSettings(durability=Durability.DISK)
WAIT_S = 20.0


@pytest.fixture
def marks(tmp_path: Path) -> Iterator[SyncLoop]:
    """A loop over an empty file, not running yet."""
    made = SyncLoop(0, 0, 0)
    made.descriptor = os.open(tmp_path / "file", os.O_WRONLY | os.O_CREAT, 0o600)
    yield made
    os.close(made.descriptor)
    made.close()


@pytest.mark.skipif(not is_compiled(), reason="uncompiled, every thread takes turns")
def test_it_syncs_while_another_thread_keeps_the_interpreter(marks: SyncLoop) -> None:
    interval_s = sys.getswitchinterval()
    thread = threading.Thread(target=marks.run)
    thread.start()
    while not marks.idle:
        pass
    sys.setswitchinterval(1_000)  # who has the interpreter gives it to nobody
    try:
        end_s = monotonic() + WAIT_S
        for sequence in range(1, 4):
            marks.accept(sequence, 100)
            if marks.idle:
                marks.wake()
            while marks.durable_sequence < sequence and monotonic() < end_s:
                pass
        reached = marks.durable_sequence
    finally:
        sys.setswitchinterval(interval_s)
        marks.stop()
        thread.join()
    assert reached == 3
    assert marks.pass_count == 3
    assert (marks.durable_blocks, marks.durable_bytes) == (3, 300)


def test_a_failed_sync_ends_it_with_the_reason_and_nothing_durable(marks: SyncLoop) -> None:
    reading, writing = os.pipe()  # which cannot be synced
    os.close(marks.descriptor)
    marks.descriptor = writing
    failures: list[Exception] = []
    told: list[int] = []
    commit = NativeCommit(marks, told.append, failures.append)
    marks.accept(1, 100)
    commit.notify()
    commit._telling.join(WAIT_S)
    assert commit.failed
    assert [one.errno for one in failures if isinstance(one, OSError)] == [errno.EINVAL]
    assert (marks.durable_sequence, marks.durable_bytes, told) == (0, 0, [])
    commit.stop()
    os.close(reading)


def test_a_journal_that_cannot_be_synced_accepts_nothing_more(tmp_path: Path) -> None:
    failed, durable = threading.Event(), list[int]()
    journal = Journal.open(
        tmp_path, settings=DISK, on_durable=durable.append, on_failure=lambda _: failed.set()
    )
    reading, writing = os.pipe()
    os.dup2(writing, journal._marks.descriptor)
    append(journal, b"accepted, never durable")
    assert failed.wait(WAIT_S)
    with pytest.raises(JournalFailed, match="Invalid argument"):
        append(journal, b"refused")
    journal.close()
    assert (journal.accepted_sequence, journal.durable_sequence, durable) == (1, 0, [])
    for descriptor in (reading, writing):
        os.close(descriptor)


@pytest.mark.parametrize("durability", list(Durability))
def test_everything_is_durable_and_told_in_order_over_many_segments(
    tmp_path: Path, durability: Durability
) -> None:
    settings = JournalSettings(durability=durability, segment_bytes=4096, commit_window_ms=0)
    durable = list[int]()
    journal = Journal.open(tmp_path, settings=settings, on_durable=durable.append)
    payloads = [bytes([number % 251]) * 700 for number in range(400)]
    for payload in payloads:
        append(journal, payload)
    journal.close()
    assert journal.durable_sequence == durable[-1] == 400
    assert journal.unsynced_bytes == 0
    assert durable == sorted(set(durable))
    assert read(tmp_path) == payloads
    assert len(segments(tmp_path)) == 100


def open_descriptors() -> int:
    return len(list(Path("/proc/self/fd").iterdir()))


def test_descriptors_are_given_back(tmp_path: Path) -> None:
    before = open_descriptors()
    settings = JournalSettings(segment_bytes=4096)
    for _ in range(3):
        with Journal.open(tmp_path, settings=settings) as journal:
            for _ in range(20):
                append(journal, b"x" * 3_000)
            assert open_descriptors() < before + 30
    assert open_descriptors() == before
