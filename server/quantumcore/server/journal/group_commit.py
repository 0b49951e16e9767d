"""Decide when to sync: one thread, one sync for everything that is waiting, a pause between."""

import threading
from collections.abc import Callable

from quantumcore.server.journal.syncing_cy import SyncLoop


class GroupCommit:
    """Call `sync` in a thread of its own whenever blocks are not durable, at most once per window.

    `sync` returns whether to go on; False ends the thread. The first block after a quiet time is
    synced at once; blocks that arrive during a sync or its pause share the next one. `pause` is
    how the thread waits, in seconds; tests replace it.
    """

    def __init__(
        self,
        *,
        marks: SyncLoop,
        sync: Callable[[], bool],
        window_s: float,
        pause: Callable[[float], None] | None = None,
    ) -> None:
        self._sync = sync
        self._marks = marks
        self._window_s = window_s
        self._stop = threading.Event()
        self._work = threading.Event()
        self._pause = pause or self._wait_for_stop
        self._thread = threading.Thread(target=self.run, name="journal-sync", daemon=True)

    def start(self) -> None:
        """Begin to sync."""
        self._thread.start()

    def notify(self) -> None:
        """Wake the thread; called only when `idle` was seen, so that a busy writer pays nothing."""
        self._marks.idle = False
        self._work.set()

    def stop(self) -> None:
        """End the thread and wait for it; a sync under way completes."""
        self._stop.set()
        self._work.set()
        if self._thread.ident is not None and self._thread is not threading.current_thread():
            self._thread.join()

    def run(self) -> None:
        """Sync in turns until stopped or failed; the body of the thread."""
        while not self._stop.is_set():
            if not self._has_pending():
                self._wait_for_work()
            elif not self._sync():
                return
            else:
                self._pause(self._window_s)

    def _wait_for_work(self) -> None:
        """Sleep until notified; `idle` is raised before the last look, so no wake-up is lost."""
        self._work.clear()
        self._marks.idle = True
        if not self._has_pending() and not self._stop.is_set():
            self._work.wait()
        self._marks.idle = False

    def _has_pending(self) -> bool:
        return self._marks.durable_blocks != self._marks.accepted_blocks

    def _wait_for_stop(self, seconds: float) -> None:
        self._stop.wait(seconds)
