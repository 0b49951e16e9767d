"""Take snapshots of a venue from beside it: follow its journal, and execute it again.

    read blocks -> replay, compare every event -> every so many events, store the state

The venue itself never pauses for a snapshot: this process has an exchange of its own. Where the
commands of the journal do not give its events, ReplayDiverged ends it for good: no snapshot is
taken of a state that cannot be proved.
"""

import os
import signal
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from time import monotonic, perf_counter

import structlog

from quantumcore.server.journal.files import Files
from quantumcore.server.journal.mark import Mark
from quantumcore.server.journal.retention import removable, remove_segments
from quantumcore.server.journal.tail import Tail
from quantumcore.server.recovery import Recovery
from quantumcore.server.snapshots.directory import SnapshotDirectory
from quantumcore.server.snapshots.snapshot import read_snapshot
from quantumcore.server.snapshots.writer import SnapshotWriter

LOCK_NAME = "snapshots.lock"
EXIT_DIVERGED = 6
TAKE_SIGNAL = signal.SIGURG
"""Has one taken now; of the signals that a process which does not listen yet passes over."""
GREATEST = (1 << 63) - 2
BUSY_SHARE = 10
"""While it lags behind the journal, it spends one part in so many of its time on snapshots."""

Wait = Callable[[float], bool]
"""Waits for seconds, or less where it is to stop; returns whether it is to stop."""

log = structlog.get_logger("quantumcore.snapshots")


@dataclass(frozen=True, slots=True, kw_only=True)
class FollowerSettings:
    """When snapshots are taken, and what becomes of old ones."""

    interval_events: int = 1000
    """The next one is due when the journal has so many events more."""
    keep: int = 3
    """So many of the newest are kept, and what they rest upon."""
    poll_interval_s: float = 0.02
    """How long to wait before the journal is looked at again where it had nothing new."""
    removes_segments: bool = False
    """Remove what of the journal neither a snapshot nor the event store needs."""


class Follower:
    """Follows one journal and keeps the snapshots beside it; one follower at a time does."""

    def __init__(
        self,
        data: Path,
        settings: FollowerSettings | None = None,
        *,
        fed: Callable[[], int] = lambda: GREATEST,
    ) -> None:
        """`fed` tells up to which sequence the event store does not need the journal any more."""
        self._fed = fed
        self._settings = settings or FollowerSettings()
        self._directory = SnapshotDirectory(data)
        self._writer = SnapshotWriter(self._directory)
        self._recovery = Recovery()
        self._recovery.begin(self._directory)
        self._mark = self._recovery.mark
        self._tail = Tail(data / "journal", after=self._mark)
        self._taken = self._recovery.snapshot_sequence
        self._not_before_s = 0.0
        self._is_asked = False
        self._has_looked = False

    @property
    def sequence(self) -> int:
        """How far it has come."""
        return self._mark.last_sequence if self._mark else 0

    def ask(self) -> None:
        """Have a snapshot taken as soon as all that is in the journal now is in it."""
        self._is_asked = True

    def run(self, wait: Wait) -> None:
        """Follow until `wait` says to stop; a snapshot that is begun is finished.

        Raise ReplayDiverged, JournalCorrupt for what the journal holds, OSError where a snapshot
        cannot be written.
        """
        while True:
            asked, self._is_asked = self._is_asked, False
            if self._follow(wait):
                return
            self._take_if_due(1 if asked else self._settings.interval_events)
            if wait(self._settings.poll_interval_s):
                return

    def catch_up(self) -> None:
        """Follow to the end of the journal as it is now, and take a snapshot there."""
        self._follow(lambda _seconds: False)
        if self._mark is not None and self.sequence > self._taken:
            self._take(self._mark)

    def close(self) -> None:
        """Close the journal."""
        self._tail.close()

    def _follow(self, wait: Wait) -> bool:
        """Replay what there is; return whether it is to stop."""
        for block in self._tail.blocks():
            self._recovery.visit(block)
            self._mark = Mark.of(block)
            if monotonic() >= self._not_before_s:
                self._take_if_due(self._settings.interval_events)
            if block.number % 256 == 0 and wait(0):
                return True
        return False

    def _take_if_due(self, events: int) -> None:
        if self._mark and self.sequence - self._taken >= events:
            self._take(self._mark)

    def _take(self, mark: Mark) -> None:
        recovery, began_s = self._recovery, perf_counter()
        if not self._has_looked:
            self._directory.set_foreign_aside()
            self._has_looked = True
        header = self._writer.write(
            recovery.exchange, recovery.save(), recovery.configuration, mark
        )
        name = f"{header.sequence:020d}.qcs"
        stored = read_snapshot(self._directory.files, self._directory.path, name)
        self._taken = header.sequence
        self._directory.prune(self._settings.keep)
        if self._settings.removes_segments:
            self._shorten_journal()
        took_s = perf_counter() - began_s
        self._not_before_s = monotonic() + (BUSY_SHARE - 1) * took_s
        log.info(
            "snapshot taken",
            sequence=header.sequence,
            bytes=stored.size_bytes,
            complete=header.base_sequence < 0,
            state_hash=header.state_hash.hex(),
            seconds=round(took_s, 3),
        )

    def _shorten_journal(self) -> None:
        """Remove segments that neither two complete snapshots nor the event store need."""
        directory = self._directory
        needed = min(directory.safe_sequence(), self._fed()) + 1
        if not removable(directory.files, directory.journal, needed):
            return
        for name in directory.complete():
            directory.read(name)
        removed = remove_segments(directory.journal, needed)
        log.info("segments of the journal removed", segments=removed, first_sequence=needed)


def take_now(data: Path, *, keep: int = 3) -> None:
    """Take a snapshot of all that a journal holds, unless there is one already.

    Raise BlockingIOError where another process takes the snapshots of this venue.
    """
    lock = lock_snapshots(data)
    try:
        follower = Follower(data, FollowerSettings(keep=keep))
        try:
            follower.catch_up()
        finally:
            follower.close()
    finally:
        os.close(lock)


def lock_snapshots(data: Path) -> int:
    """Be the one process that takes the snapshots of a venue, until the descriptor is closed."""
    files = Files()
    files.make_directory(data)
    descriptor = files.lock(data / LOCK_NAME)
    if descriptor is None:
        raise BlockingIOError(f"another process takes the snapshots of {data}")
    return descriptor


def lower_priority() -> None:
    """Let everything else on the machine go first."""
    os.nice(19)
