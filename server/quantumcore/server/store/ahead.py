"""Store one batch while the next is decoded, where storing is waiting for another process."""

import gc
import sys
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Self

from quantumcore.server.store.port import Batch

# A thread that comes back from the database would wait this long for the decoding one, 5 ms as it
# comes, some thirty times a batch: as long as the database takes for the batch itself.
SWITCH_INTERVAL_S = 0.0005
# Decoded events are many, live until their batch is stored, and make no cycles: to look through
# them as often as the collector does of itself takes a seventh of the time of decoding.
GARBAGE_THRESHOLDS = (100_000, 20, 20)


class Ahead:
    """Holds one batch that is to be stored: `begin` takes it, `settle` ends when it is stored.

    Where storing does not happen elsewhere, `settle` does it: two threads would only take turns.
    A batch whose storing failed is kept, and is stored again by the next `settle`. As long as it is
    entered the process is tuned for this: it is made for one that does nothing else.
    """

    def __init__(self, store: Callable[[Batch], object], *, elsewhere: bool) -> None:
        self._store, self._elsewhere = store, elsewhere
        self._batch: Batch | None = None
        self._under_way: Future[object] | None = None
        self._thread: ThreadPoolExecutor | None = None
        self._tuned_before = sys.getswitchinterval(), gc.get_threshold()

    def __enter__(self) -> Self:
        self._tuned_before = sys.getswitchinterval(), gc.get_threshold()
        gc.set_threshold(*GARBAGE_THRESHOLDS)
        if self._elsewhere:
            self._thread = ThreadPoolExecutor(1, thread_name_prefix="store")
            sys.setswitchinterval(SWITCH_INTERVAL_S)
        return self

    def __exit__(self, *exception: object) -> None:
        if self._thread is not None:
            self._thread.shutdown()
        self._thread = None
        switch_interval_s, thresholds = self._tuned_before
        sys.setswitchinterval(switch_interval_s)
        gc.set_threshold(*thresholds)

    def begin(self, batch: Batch) -> None:
        """Take a batch; the one before must be settled."""
        assert self._batch is None, "one batch at a time is stored"
        self._batch = batch
        if self._thread is not None:
            self._under_way = self._thread.submit(self._store, batch)

    def settle(self) -> None:
        """Return when the batch is stored, at once without one; raise what storing raised."""
        if self._batch is None:
            return
        under_way, self._under_way = self._under_way, None
        if under_way is None:
            self._store(self._batch)
        else:
            under_way.result()
        self._batch = None
