"""Who syncs the journal: the compiled loop, or one in Python for file systems that tests break.

Both move the same watermarks. The callbacks run in a thread of their own or in that of the Python
loop; neither holds up a sync that the compiled loop has to do.
"""

import os
import threading
from collections.abc import Callable
from typing import Protocol

from quantumcore.server.journal.files import Files
from quantumcore.server.journal.group_commit import GroupCommit
from quantumcore.server.journal.syncing_cy import SyncLoop

Told = Callable[[int], None]
Failed = Callable[[Exception], None]


class Commit(Protocol):
    """What the journal asks of whoever syncs it."""

    @property
    def failed(self) -> bool:
        """Tell whether no sync may be tried again."""

    def notify(self) -> None:
        """Go on: there is more to sync. Called only when the marks say idle."""

    def tell(self) -> None:
        """Call `on_durable` with how far the disk is."""

    def give_up(self) -> None:
        """Sync nothing any more: a new segment could not be begun."""

    def stop(self) -> None:
        """End the threads and wait for them; a sync under way completes."""


def begin_commit(
    marks: SyncLoop,
    files: Files,
    *,
    window_s: float,
    pause: Callable[[float], None] | None,
    on_durable: Told | None,
    on_failure: Failed,
) -> Commit:
    """Begin to sync the file that the marks name, in a thread of its own."""
    if pause is None and type(files).fdatasync is Files.fdatasync:
        return NativeCommit(marks, on_durable, on_failure)
    return PythonCommit(marks, files, window_s, pause, on_durable, on_failure)


class NativeCommit:
    """The compiled loop in one thread; another one tells, so that syncing waits for nobody."""

    def __init__(self, marks: SyncLoop, on_durable: Told | None, on_failure: Failed) -> None:
        self._marks, self._on_durable, self._on_failure = marks, on_durable, on_failure
        self._stopped = self._gave_up = False
        self._syncing = threading.Thread(target=marks.run, name="journal-sync", daemon=True)
        self._telling = threading.Thread(target=self._tell_all, name="journal-tell", daemon=True)
        self._syncing.start()
        self._telling.start()

    @property
    def failed(self) -> bool:
        """Tell whether no sync may be tried again."""
        return self._marks.failed != 0 or self._gave_up

    def notify(self) -> None:
        """Go on."""
        self._marks.wake()

    def tell(self) -> None:
        """Call `on_durable`."""
        if self._on_durable is not None:
            self._on_durable(self._marks.durable_sequence)

    def give_up(self) -> None:
        """Sync nothing any more."""
        self._gave_up = True
        self._marks.stop()

    def stop(self) -> None:
        """End both threads."""
        self._marks.stop()
        self._syncing.join()
        self._stopped = True
        os.eventfd_write(self._marks.told, 1)
        if self._telling is not threading.current_thread():
            self._telling.join()

    def _tell_all(self) -> None:
        """Tell what the loop has signalled, until it has failed or was stopped."""
        told = self._marks.durable_sequence
        while not self._stopped:
            self._marks.wait_until_told()
            try:
                if self._marks.durable_sequence != told:
                    told = self._marks.durable_sequence
                    self.tell()
            except Exception as failure:  # noqa: BLE001 - whatever breaks here ends the journal
                self.give_up()
                self._on_failure(failure)
                return
            if number := self._marks.failed:
                self._on_failure(OSError(number, os.strerror(number)))
                return


class PythonCommit:
    """The loop in Python, over files whose syncs a test decides about."""

    def __init__(
        self,
        marks: SyncLoop,
        files: Files,
        window_s: float,
        pause: Callable[[float], None] | None,
        on_durable: Told | None,
        on_failure: Failed,
    ) -> None:
        self._marks, self._files = marks, files
        self._on_durable, self._on_failure = on_durable, on_failure
        self.failed = False
        self._loop = GroupCommit(marks=marks, sync=self._sync, window_s=window_s, pause=pause)
        self._loop.start()

    def notify(self) -> None:
        """Go on."""
        self._loop.notify()

    def tell(self) -> None:
        """Call `on_durable`."""
        if self._on_durable is not None:
            self._on_durable(self._marks.durable_sequence)

    def give_up(self) -> None:
        """Sync nothing any more."""
        self.failed = True

    def stop(self) -> None:
        """End the thread."""
        self._loop.stop()

    def _sync(self) -> bool:
        """Make durable what is accepted now; False, for good, when that fails."""
        marks = self._marks
        if self.failed:
            return False
        blocks, sequence = marks.accepted_blocks, marks.accepted_sequence
        size = marks.accepted_bytes
        marks.pass_count += 1
        try:
            self._files.fdatasync(marks.descriptor)
            marks.durable_bytes, marks.durable_sequence = size, sequence
            marks.durable_blocks = blocks
            self.tell()
        except Exception as failure:  # noqa: BLE001 - whatever ends this thread ends the journal
            self.failed = True
            self._on_failure(failure)
            return False
        return True
