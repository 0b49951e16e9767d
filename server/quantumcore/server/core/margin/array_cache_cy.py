"""Keep risk arrays that were computed, found again by integers alone."""

import cython

from quantumcore.server.core.memory import int64_column

if cython.compiled:
    from cython.cimports.quantumcore.server.core.margin import rows
else:
    from quantumcore.server.core.margin import rows


@cython.final
@cython.cclass
class ArrayCache:
    """A table of arrays by instrument, side, terms, price bucket and time bucket.

    An entry is the words ARRAY_*: its key, the delta of a long lot, the greatest amount, and what
    the lot loses in 16 scenarios. Half of the room stays empty, so that a search is short; what
    exceeds it makes the cache forget all. What it holds changes no answer, only its cost.
    """

    words: cython.longlong[::1]
    key: cython.longlong[::1]
    capacity: cython.longlong
    count: cython.longlong

    def __init__(self, capacity: int) -> None:
        assert capacity & (capacity - 1) == 0, "a power of two"
        assert capacity >= 2 * rows.MAX_HOLDINGS
        self.words = int64_column(capacity * rows.ARRAY_WORDS)
        self.key = int64_column(rows.ARRAY_KEYS)
        self.capacity, self.count = capacity, 0

    @cython.cfunc
    @cython.nogil
    @cython.exceptval(check=False)
    def find(self) -> cython.longlong:
        """Return the first word of the entry that `key` names; NO_ARRAY where there is none."""
        first: cython.longlong = self._home()
        while self.words[first] != 0:
            if self._is_at(first):
                return first
            first += rows.ARRAY_WORDS
            if first == self.capacity * rows.ARRAY_WORDS:
                first = 0
        return rows.NO_ARRAY

    @cython.cfunc
    @cython.nogil
    @cython.exceptval(check=False)
    def _home(self) -> cython.longlong:
        number: cython.longlong = 2 * self.key[rows.KEY_INSTRUMENT] + self.key[rows.KEY_SIDE]
        return ((number * 40_503) & (self.capacity - 1)) * rows.ARRAY_WORDS

    @cython.cfunc
    @cython.nogil
    @cython.exceptval(check=False)
    def _is_at(self, first: cython.longlong) -> cython.bint:
        word: cython.int
        for word in range(rows.ARRAY_KEYS):
            if self.words[first + word] != self.key[word]:
                return False
        return True

    @cython.cfunc
    @cython.nogil
    @cython.exceptval(check=False)
    def make_room(self, count: cython.longlong) -> cython.void:
        """Forget all where so many more would fill half of the room."""
        at: cython.longlong
        if self.count + count > self.capacity // 2:
            for at in range(self.capacity):
                self.words[at * rows.ARRAY_WORDS] = 0
            self.count = 0

    def insert(self, delta_ppm: int, losses: memoryview) -> None:
        """Keep an array under `key`, which is not there yet; up to 16 losses."""
        first = self._home()
        while self.words[first] != 0:
            first = (first + rows.ARRAY_WORDS) % (self.capacity * rows.ARRAY_WORDS)
        for word in range(rows.ARRAY_KEYS):
            self.words[first + word] = self.key[word]
        self.words[first + rows.ARRAY_DELTA] = delta_ppm
        self.words[first + rows.ARRAY_GREATEST] = max(abs(loss) for loss in losses)
        for scenario in range(rows.SCENARIOS):
            loss = losses[scenario] if scenario < len(losses) else 0
            self.words[first + rows.ARRAY_LOSSES + scenario] = loss
        self.count += 1


def is_compiled() -> bool:
    """Whether this module runs as a C extension."""
    return cython.compiled
