"""Keep what only multi-leg orders have: legs, constraints, how far they have come."""

import cython

from quantumcore.server.core.memory import int32_column, int64_column

if cython.compiled:
    from cython.cimports.quantumcore.server.core import kinds, tables
else:
    from quantumcore.server.core import kinds, tables


@cython.final
@cython.cclass
class Packages:
    """A fixed table. A row is taken anew when its package has ended, the first to end first.

    Row 0 is a draft, for a package that is yet to be let in.
    Legs that wait for a book form a list for each instrument and side that they would trade
    with, in order of entry (`ends`, see queue).
    """

    capacity: cython.int
    fresh: cython.int
    oldest_ended: cython.int
    newest_ended: cython.int
    last_execution: cython.longlong
    words: cython.longlong[::1]
    next_ended: cython.int[::1]
    next_leg: cython.int[::1]
    previous_leg: cython.int[::1]
    ends: cython.longlong[::1]

    def __init__(self, capacity: int, orders: int, instruments: int) -> None:
        self.capacity = capacity
        self.fresh, self.last_execution = 1, 0
        self.oldest_ended = self.newest_ended = kinds.NO_SLOT
        self.words = int64_column((capacity + 1) * tables.PACKAGE_ROW_WORDS)
        self.next_ended = int32_column(capacity + 1)
        self.next_leg, self.previous_leg = int32_column(orders), int32_column(orders)
        size = 4 * (instruments + 1)
        self.ends = int64_column(size)
        memoryview(self.ends)[:] = memoryview(b"\xff" * (8 * size)).cast("q")

    @cython.cfunc
    @cython.exceptval(check=False)
    def has_room(self) -> cython.bint:
        """Whether one more package fits."""
        return self.fresh <= self.capacity or self.oldest_ended != kinds.NO_SLOT

    @cython.cfunc
    @cython.exceptval(check=False)
    def take(self, order_id: cython.longlong) -> cython.int:
        """Take a row for a package; there must be room."""
        row: cython.int = self.fresh
        if row <= self.capacity:
            self.fresh += 1
        else:
            row = self.oldest_ended
            self.oldest_ended = self.next_ended[row]
            if self.oldest_ended == kinds.NO_SLOT:
                self.newest_ended = kinds.NO_SLOT
        at: cython.Py_ssize_t = self.at(row)
        i: cython.Py_ssize_t
        for i in range(tables.PACKAGE_ROW_WORDS):
            self.words[at + i] = 0
        self.words[at + tables.PACKAGE_ROW_ORDER] = order_id
        return row

    @cython.cfunc
    @cython.exceptval(check=False)
    def end(self, row: cython.int) -> cython.void:
        """Let a package end; it stays readable until its row is needed."""
        self.next_ended[row] = kinds.NO_SLOT
        if self.newest_ended == kinds.NO_SLOT:
            self.oldest_ended = row
        else:
            self.next_ended[self.newest_ended] = row
        self.newest_ended = row

    @cython.cfunc
    @cython.inline
    @cython.nogil
    @cython.exceptval(check=False)
    def at(self, row: cython.int) -> cython.Py_ssize_t:
        """Return where a row's words begin."""
        return cython.cast(cython.Py_ssize_t, row) * tables.PACKAGE_ROW_WORDS

    @cython.cfunc
    @cython.exceptval(check=False)
    def queue(self, instrument: cython.int, side: cython.int) -> cython.Py_ssize_t:
        """Return where the legs that wait for a side of a book have their first and last row."""
        return 4 * cython.cast(cython.Py_ssize_t, instrument) + 2 * (side - 1)

    def counters(self) -> list[int]:
        """Return all that the columns do not hold."""
        ended = (self.oldest_ended, self.newest_ended)
        return [self.fresh, *ended, self.last_execution]

    def columns(self) -> list[memoryview]:
        """Return the parts of the columns that have ever been used."""
        first, last = tables.PACKAGE_ROW_WORDS, self.fresh * tables.PACKAGE_ROW_WORDS
        return [memoryview(self.words)[first:last], memoryview(self.ends)]


def is_compiled() -> bool:
    """Whether this module runs as a C extension."""
    return cython.compiled
