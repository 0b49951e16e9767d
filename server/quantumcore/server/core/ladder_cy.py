"""Keep the price levels of one side of a book in order, the best one last."""

import cython

if cython.compiled:
    from cython.cimports.quantumcore.server.core.arena_cy import Arena
    from cython.cimports.quantumcore.server.core.kinds import NO_SLOT
else:
    from quantumcore.server.core.arena_cy import Arena
    from quantumcore.server.core.kinds import NO_SLOT

SIDE_BUY: int = 1


@cython.final
@cython.cclass
class Ladder:
    """Sorted price levels in runs of up to 64 adjacent ones, with a sorted directory of runs.

    A level's key is its price for bids and the negated price for asks, so on both sides
    keys ascend towards the best. The best level is the last of the last run, and both are noted:
    reading them chases no list. Finding, adding and removing a level cost O(log n) comparisons and
    move at most one run's and the directory's entries; the directory of a hundred
    thousand levels has a few thousand entries, and changes only when a run fills or empties.
    """

    # What most operations need comes first, in one cache line: of a book that is looked at
    # seldom, every line is a miss.
    arena: Arena
    sign: cython.longlong
    level_count: cython.Py_ssize_t
    run_count: cython.Py_ssize_t
    best_level: cython.int
    last_run: cython.int
    run_capacity: cython.Py_ssize_t
    first_key: cython.longlong[::1]
    run: cython.int[::1]

    def __init__(self, arena: Arena, side: int) -> None:
        self.arena = arena
        self.sign = 1 if side == SIDE_BUY else -1
        self.level_count = 0
        self.run_count = 0
        self.best_level = self.last_run = NO_SLOT
        self.run_capacity = 4
        self.first_key, self.run = _directory(self.run_capacity)

    @cython.cfunc
    @cython.exceptval(-1, check=False)
    def reserve(self) -> cython.int:
        """Make room in the directory for one more run; call it before find_or_add."""
        if self.run_count == self.run_capacity:
            self._grow()
        return 0

    def _grow(self) -> None:
        first_key, run = _directory(4 * self.run_capacity)
        first_key[: self.run_count] = memoryview(self.first_key)
        run[: self.run_count] = memoryview(self.run)
        self.first_key, self.run = first_key, run
        self.run_capacity = 4 * self.run_capacity

    @cython.cfunc
    @cython.nogil
    @cython.exceptval(check=False)
    def best(self) -> cython.int:
        """Return the best level's slot, or NO_SLOT."""
        return self.best_level

    @cython.cfunc
    @cython.nogil
    @cython.exceptval(check=False)
    def _run_of(self, key: cython.longlong) -> cython.Py_ssize_t:
        """Return the index of the run that holds or would hold the key; there is one."""
        low: cython.Py_ssize_t = 0
        high: cython.Py_ssize_t = self.run_count - 1
        middle: cython.Py_ssize_t
        if high == 0 or key >= self.first_key[high]:
            return high
        while low < high:
            middle = (low + high + 1) >> 1
            if self.first_key[middle] <= key:
                low = middle
            else:
                high = middle - 1
        return low

    @cython.cfunc
    @cython.inline
    @cython.nogil
    @cython.exceptval(check=False)
    def _run_at(self, index: cython.Py_ssize_t) -> cython.int:
        """Return the run at an index of the directory; the last one is known without it."""
        return self.last_run if index == self.run_count - 1 else self.run[index]

    @cython.cfunc
    @cython.inline
    @cython.nogil
    @cython.exceptval(check=False)
    def _note_best(self) -> cython.void:
        """Note the best level: the last of the last run."""
        self.best_level = NO_SLOT
        if self.level_count > 0:
            self.best_level = self.arena.chunk_level[
                (cython.cast(cython.Py_ssize_t, self.last_run) << 6)
                + self.arena.chunk_count[self.last_run]
                - 1
            ]

    @cython.cfunc
    @cython.nogil
    @cython.exceptval(check=False)
    def _place(self, chunk: cython.int, key: cython.longlong) -> cython.Py_ssize_t:
        """Return the first place in the run whose key is not below `key`."""
        base: cython.Py_ssize_t = cython.cast(cython.Py_ssize_t, chunk) << 6
        low: cython.Py_ssize_t = base
        high: cython.Py_ssize_t = base + self.arena.chunk_count[chunk]
        middle: cython.Py_ssize_t
        while low < high:
            middle = (low + high) >> 1
            if self.arena.chunk_key[middle] < key:
                low = middle + 1
            else:
                high = middle
        return low

    @cython.cfunc
    @cython.nogil
    @cython.exceptval(check=False)
    def find(self, key: cython.longlong) -> cython.int:
        """Return the slot of the level with this key, or NO_SLOT."""
        if self.level_count == 0:
            return NO_SLOT
        chunk: cython.int = self._run_at(self._run_of(key))
        place: cython.Py_ssize_t = self._place(chunk, key)
        if place == (cython.cast(cython.Py_ssize_t, chunk) << 6) + self.arena.chunk_count[chunk]:
            return NO_SLOT
        if self.arena.chunk_key[place] != key:
            return NO_SLOT
        return self.arena.chunk_level[place]

    @cython.cfunc
    @cython.nogil
    @cython.exceptval(check=False)
    def find_or_add(self, key: cython.longlong) -> cython.int:
        """Return the slot of the level with this key, added empty where there was none."""
        if self.run_count == 0:
            self._insert_run(0, self.arena.take_chunk(), key)
        index: cython.Py_ssize_t = self._run_of(key)
        chunk: cython.int = self._run_at(index)
        end: cython.Py_ssize_t = (
            cython.cast(cython.Py_ssize_t, chunk) << 6
        ) + self.arena.chunk_count[chunk]
        place: cython.Py_ssize_t = self._place(chunk, key)
        if place < end and self.arena.chunk_key[place] == key:
            return self.arena.chunk_level[place]
        if self.arena.chunk_count[chunk] == 64:
            self._split(index)
            return self.find_or_add(key)
        is_best: cython.bint = place == end and index == self.run_count - 1
        while end > place:
            self.arena.chunk_key[end] = self.arena.chunk_key[end - 1]
            self.arena.chunk_level[end] = self.arena.chunk_level[end - 1]
            end -= 1
        level: cython.int = self.arena.take_level(key)
        self.arena.chunk_key[place] = key
        self.arena.chunk_level[place] = level
        self.arena.chunk_count[chunk] += 1
        self.level_count += 1
        if place == cython.cast(cython.Py_ssize_t, chunk) << 6:
            self.first_key[index] = key
        if is_best:
            self.best_level = level
        return level

    @cython.cfunc
    @cython.nogil
    @cython.exceptval(check=False)
    def remove(self, key: cython.longlong) -> cython.void:
        """Remove the level with this key, which is there and empty."""
        index: cython.Py_ssize_t = self._run_of(key)
        self._take_out(index, self._place(self._run_at(index), key))

    @cython.cfunc
    @cython.nogil
    @cython.exceptval(check=False)
    def remove_best(self) -> cython.void:
        """Remove the best level, which is empty."""
        chunk: cython.int = self.last_run
        base: cython.Py_ssize_t = cython.cast(cython.Py_ssize_t, chunk) << 6
        self._take_out(self.run_count - 1, base + self.arena.chunk_count[chunk] - 1)

    @cython.cfunc
    @cython.nogil
    @cython.exceptval(check=False)
    def below(self, level: cython.int) -> cython.int:
        """Return the slot of the next worse level, or NO_SLOT."""
        index: cython.Py_ssize_t = self._run_of(self.arena.level_key[level])
        chunk: cython.int = self._run_at(index)
        base: cython.Py_ssize_t = cython.cast(cython.Py_ssize_t, chunk) << 6
        place: cython.Py_ssize_t = self._place(chunk, self.arena.level_key[level])
        if place > base:
            return self.arena.chunk_level[place - 1]
        if index == 0:
            return NO_SLOT
        chunk = self.run[index - 1]
        return self.arena.chunk_level[
            (cython.cast(cython.Py_ssize_t, chunk) << 6) + self.arena.chunk_count[chunk] - 1
        ]

    @cython.cfunc
    @cython.nogil
    @cython.exceptval(check=False)
    def above(self, level: cython.int) -> cython.int:
        """Return the slot of the next better level, or NO_SLOT."""
        index: cython.Py_ssize_t = self._run_of(self.arena.level_key[level])
        chunk: cython.int = self._run_at(index)
        base: cython.Py_ssize_t = cython.cast(cython.Py_ssize_t, chunk) << 6
        place: cython.Py_ssize_t = self._place(chunk, self.arena.level_key[level]) + 1
        if place < base + self.arena.chunk_count[chunk]:
            return self.arena.chunk_level[place]
        if index + 1 == self.run_count:
            return NO_SLOT
        return self.arena.chunk_level[cython.cast(cython.Py_ssize_t, self.run[index + 1]) << 6]

    @cython.cfunc
    @cython.nogil
    @cython.exceptval(check=False)
    def _take_out(self, index: cython.Py_ssize_t, place: cython.Py_ssize_t) -> cython.void:
        chunk: cython.int = self._run_at(index)
        base: cython.Py_ssize_t = cython.cast(cython.Py_ssize_t, chunk) << 6
        end: cython.Py_ssize_t = base + self.arena.chunk_count[chunk] - 1
        level: cython.int = self.arena.chunk_level[place]
        is_first: cython.bint = place == base
        self.arena.give_level(level)
        while place < end:
            self.arena.chunk_key[place] = self.arena.chunk_key[place + 1]
            self.arena.chunk_level[place] = self.arena.chunk_level[place + 1]
            place += 1
        self.arena.chunk_count[chunk] -= 1
        self.level_count -= 1
        if end == base:
            self.arena.give_chunk(chunk)
            self._remove_run(index)
        elif is_first:
            self.first_key[index] = self.arena.chunk_key[base]
        if level == self.best_level:
            self._note_best()
        if base < end <= base + 16:
            self._merge(index + 1)
            self._merge(index)

    @cython.cfunc
    @cython.nogil
    @cython.exceptval(check=False)
    def _insert_run(
        self, index: cython.Py_ssize_t, chunk: cython.int, key: cython.longlong
    ) -> cython.void:
        end: cython.Py_ssize_t = self.run_count
        while end > index:
            self.first_key[end] = self.first_key[end - 1]
            self.run[end] = self.run[end - 1]
            end -= 1
        self.first_key[index] = key
        self.run[index] = chunk
        self.run_count += 1
        if index == self.run_count - 1:
            self.last_run = chunk

    @cython.cfunc
    @cython.nogil
    @cython.exceptval(check=False)
    def _remove_run(self, index: cython.Py_ssize_t) -> cython.void:
        self.run_count -= 1
        while index < self.run_count:
            self.first_key[index] = self.first_key[index + 1]
            self.run[index] = self.run[index + 1]
            index += 1
        self.last_run = self.run[self.run_count - 1] if self.run_count > 0 else NO_SLOT

    @cython.cfunc
    @cython.nogil
    @cython.exceptval(check=False)
    def _split(self, index: cython.Py_ssize_t) -> cython.void:
        """Move the better half of a full run to a new one behind it."""
        old: cython.Py_ssize_t = cython.cast(cython.Py_ssize_t, self.run[index]) << 6
        chunk: cython.int = self.arena.take_chunk()
        new: cython.Py_ssize_t = cython.cast(cython.Py_ssize_t, chunk) << 6
        i: cython.Py_ssize_t
        for i in range(32):
            self.arena.chunk_key[new + i] = self.arena.chunk_key[old + 32 + i]
            self.arena.chunk_level[new + i] = self.arena.chunk_level[old + 32 + i]
        self.arena.chunk_count[chunk] = 32
        self.arena.chunk_count[self.run[index]] = 32
        self._insert_run(index + 1, chunk, self.arena.chunk_key[new])

    @cython.cfunc
    @cython.nogil
    @cython.exceptval(check=False)
    def _merge(self, index: cython.Py_ssize_t) -> cython.void:
        """Join a run with the one before it where both fit in half a run."""
        if index < 1 or index >= self.run_count:
            return
        left: cython.int = self.run[index - 1]
        right: cython.int = self.run[index]
        count: cython.int = self.arena.chunk_count[left]
        more: cython.int = self.arena.chunk_count[right]
        if count + more > 32:
            return
        to: cython.Py_ssize_t = (cython.cast(cython.Py_ssize_t, left) << 6) + count
        source: cython.Py_ssize_t = cython.cast(cython.Py_ssize_t, right) << 6
        i: cython.Py_ssize_t
        for i in range(more):
            self.arena.chunk_key[to + i] = self.arena.chunk_key[source + i]
            self.arena.chunk_level[to + i] = self.arena.chunk_level[source + i]
        self.arena.chunk_count[left] = count + more
        self.arena.give_chunk(right)
        self._remove_run(index)


def _directory(capacity: int) -> tuple[memoryview, memoryview]:
    return memoryview(bytearray(8 * capacity)).cast("q"), memoryview(bytearray(4 * capacity)).cast(
        "i"
    )


def is_compiled() -> bool:
    """Whether this module runs as a C extension."""
    return cython.compiled
