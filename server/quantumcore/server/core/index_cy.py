"""Find entries of a fixed table by a 64-bit hash, without objects."""

import cython

from quantumcore.server.core.memory import int32_column, int64_column

if cython.compiled:
    from cython.cimports.quantumcore.server.core.kinds import NO_SLOT
    from cython.cimports.quantumcore.server.core.words_cy import Words
else:
    from quantumcore.server.core.kinds import NO_SLOT
    from quantumcore.server.core.words_cy import Words


@cython.cfunc
@cython.inline
@cython.nogil
@cython.exceptval(check=False)
def mix(state: cython.longlong, word: cython.longlong) -> cython.longlong:
    """Fold one word into a hash; the result is never negative."""
    positive: cython.ulonglong = 0x7FFFFFFFFFFFFFFF
    first: cython.ulonglong = 0x1E3779B97F4A7C15
    second: cython.ulonglong = 0x56E8FEB86659FD93
    mixed: cython.ulonglong = (state ^ word) & positive
    mixed = (mixed * first) & positive
    mixed ^= mixed >> 32
    mixed = (mixed * second) & positive
    return mixed ^ (mixed >> 29)


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def fold(
    state: cython.longlong, source: Words, start: cython.Py_ssize_t, end: cython.Py_ssize_t
) -> cython.longlong:
    """Fold the words from `start` to before `end`: one call from another module, not one each."""
    i: cython.Py_ssize_t
    for i in range(start, end):
        state = mix(state, source.words[i])
    return state


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def neighbours(hash: cython.longlong, low: cython.longlong) -> cython.longlong:
    """Return a hash by which keys that differ in their lowest four bits alone lie side by side.

    Clients count their ids up: sixteen of them in a row then share one cache line of the table.
    """
    positive: cython.longlong = 0x7FFFFFFFFFFFFFFF
    return ((hash << 4) & positive) | (low & 15)


@cython.final
@cython.cclass
class HashIndex:
    """Open addressing with linear probing; removal closes the gap, so it never degrades.

    Entries are numbers below the capacity that the caller's table gives a meaning. The
    caller walks the entries of a hash (`start`, `at`, `step` until NO_SLOT) and compares.
    """

    table: cython.int[::1]
    hashes: cython.longlong[::1]
    mask: cython.Py_ssize_t
    key: cython.longlong

    def __init__(self, capacity: int, key: int = 0, prefault: bool = False) -> None:
        """Hashes start from `key`: what clients do not know, they cannot aim collisions at."""
        self.key = key
        size = 1 << (2 * capacity - 1).bit_length()
        self.table = int32_column(size, prefault)
        self.hashes = int64_column(capacity, prefault)
        self.mask = size - 1

    @cython.cfunc
    @cython.nogil
    @cython.exceptval(check=False)
    def start(self, hash: cython.longlong) -> cython.Py_ssize_t:
        """Return the first position of a hash."""
        return cython.cast(cython.Py_ssize_t, hash) & self.mask

    @cython.cfunc
    @cython.nogil
    @cython.exceptval(check=False)
    def at(self, position: cython.Py_ssize_t) -> cython.int:
        """Return the entry at a position, or NO_SLOT."""
        return self.table[position] - 1

    @cython.cfunc
    @cython.nogil
    @cython.exceptval(check=False)
    def step(self, position: cython.Py_ssize_t) -> cython.Py_ssize_t:
        """Return the position behind."""
        return (position + 1) & self.mask

    @cython.cfunc
    @cython.nogil
    @cython.exceptval(check=False)
    def add(self, entry: cython.int, hash: cython.longlong) -> cython.void:
        """Enter an entry that is not in the index."""
        position: cython.Py_ssize_t = self.start(hash)
        while self.table[position] != 0:
            position = self.step(position)
        self.table[position] = entry + 1
        self.hashes[entry] = hash

    @cython.cfunc
    @cython.nogil
    @cython.exceptval(check=False)
    def remove(self, entry: cython.int) -> cython.void:
        """Remove an entry that is in the index, and move later ones of its probe run up."""
        gap: cython.Py_ssize_t = self.start(self.hashes[entry])
        while self.table[gap] != entry + 1:
            gap = self.step(gap)
        position: cython.Py_ssize_t = self.step(gap)
        home: cython.Py_ssize_t
        while self.table[position] != 0:
            home = self.start(self.hashes[self.table[position] - 1])
            if ((position - home) & self.mask) >= ((position - gap) & self.mask):
                self.table[gap] = self.table[position]
                gap = position
            position = self.step(position)
        self.table[gap] = 0


def is_compiled() -> bool:
    """Whether this module runs as a C extension."""
    return cython.compiled
