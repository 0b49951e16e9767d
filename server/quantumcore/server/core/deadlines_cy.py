"""Know what ends next: entries of a table in order of their time."""

import cython

from quantumcore.server.core.memory import int32_column, int64_column

if cython.compiled:
    from cython.cimports.quantumcore.server.core.kinds import NO_SLOT
else:
    from quantumcore.server.core.kinds import NO_SLOT


@cython.final
@cython.cclass
class Deadlines:
    """A binary heap over entry numbers, the earliest time on top, then the lower rank.

    Each entry has at most one deadline. Setting and dropping cost O(log n) swaps, reading the
    first O(1); nothing allocates. 28 bytes an entry.
    """

    count: cython.Py_ssize_t
    heap: cython.int[::1]
    place: cython.int[::1]
    time_ns: cython.longlong[::1]
    rank: cython.longlong[::1]

    def __init__(self, capacity: int) -> None:
        self.count = 0
        self.heap, self.place = int32_column(capacity), int32_column(capacity)
        self.time_ns, self.rank = int64_column(capacity), int64_column(capacity)

    @cython.cfunc
    @cython.nogil
    @cython.exceptval(check=False)
    def due(self, now_ns: cython.longlong) -> cython.int:
        """Return the entry that ends first, where its time has come, or NO_SLOT."""
        if self.count == 0 or self.time_ns[self.heap[0]] > now_ns:
            return NO_SLOT
        return self.heap[0]

    @cython.cfunc
    @cython.nogil
    @cython.exceptval(check=False)
    def next_ns(self) -> cython.longlong:
        """Return when the next entry ends, or 0."""
        return 0 if self.count == 0 else self.time_ns[self.heap[0]]

    @cython.cfunc
    @cython.nogil
    @cython.exceptval(check=False)
    def has(self, entry: cython.int) -> cython.bint:
        """Whether an entry has a deadline."""
        return self.place[entry] != 0

    @cython.cfunc
    @cython.nogil
    @cython.exceptval(check=False)
    def set(
        self, entry: cython.int, time_ns: cython.longlong, rank: cython.longlong
    ) -> cython.void:
        """Give an entry a deadline, in place of any it has."""
        self.drop(entry)
        self.time_ns[entry] = time_ns
        self.rank[entry] = rank
        self._put(self.count, entry)
        self.count += 1
        self._rise(self.count - 1)

    @cython.cfunc
    @cython.nogil
    @cython.exceptval(check=False)
    def drop(self, entry: cython.int) -> cython.void:
        """Take an entry's deadline away, if it has one."""
        at: cython.Py_ssize_t = self.place[entry] - 1
        if at < 0:
            return
        self.count -= 1
        self.place[entry] = 0
        if at == self.count:
            return
        moved: cython.int = self.heap[self.count]
        self._put(at, moved)
        self._rise(at)
        self._sink(self.place[moved] - 1)

    @cython.cfunc
    @cython.inline
    @cython.nogil
    @cython.exceptval(check=False)
    def _put(self, at: cython.Py_ssize_t, entry: cython.int) -> cython.void:
        self.heap[at] = entry
        self.place[entry] = cython.cast(cython.int, at) + 1

    @cython.cfunc
    @cython.inline
    @cython.nogil
    @cython.exceptval(check=False)
    def _before(self, one: cython.int, other: cython.int) -> cython.bint:
        if self.time_ns[one] != self.time_ns[other]:
            return self.time_ns[one] < self.time_ns[other]
        return self.rank[one] < self.rank[other]

    @cython.cfunc
    @cython.nogil
    @cython.exceptval(check=False)
    def _rise(self, at: cython.Py_ssize_t) -> cython.void:
        entry: cython.int = self.heap[at]
        parent: cython.Py_ssize_t
        while at > 0:
            parent = (at - 1) >> 1
            if not self._before(entry, self.heap[parent]):
                break
            self._put(at, self.heap[parent])
            at = parent
        self._put(at, entry)

    @cython.cfunc
    @cython.nogil
    @cython.exceptval(check=False)
    def _sink(self, at: cython.Py_ssize_t) -> cython.void:
        entry: cython.int = self.heap[at]
        child: cython.Py_ssize_t
        while 2 * at + 1 < self.count:
            child = 2 * at + 1
            if child + 1 < self.count and self._before(self.heap[child + 1], self.heap[child]):
                child += 1
            if not self._before(self.heap[child], entry):
                break
            self._put(at, self.heap[child])
            at = child
        self._put(at, entry)

    def counters(self) -> list[tuple[int, int]]:
        """Return all deadlines as (entry, time)."""
        entries = sorted(memoryview(self.heap)[: self.count].tolist())
        return [(entry, self.time_ns[entry]) for entry in entries]


def is_compiled() -> bool:
    """Whether this module runs as a C extension."""
    return cython.compiled
