"""Note the newest fills of positions in which legs have traded, and what each has closed."""

import cython

from quantumcore.server.core.memory import int64_column

if cython.compiled:
    from cython.cimports.quantumcore.server.core import tables
    from cython.cimports.quantumcore.server.core.positions_cy import Positions
else:
    from quantumcore.server.core import tables
    from quantumcore.server.core.positions_cy import Positions


@cython.final
@cython.cclass
class Notes:
    """A ring of rows, a cache line each, numbered from 1; the newest `capacity` are remembered.

    A fill takes one, and each share that it closes another right behind it. Fills of a position
    form a chain, from `newest_note` back to the first fill of a leg: before that one, all lots of
    the position were nobody's.
    """

    capacity: cython.longlong
    count: cython.longlong
    positions: Positions
    words: cython.longlong[::1]

    def __init__(self, positions: Positions, capacity: int) -> None:
        self.positions, self.capacity, self.count = positions, capacity, 0
        self.words = int64_column(capacity * tables.NOTE_WORDS)

    @cython.cfunc
    @cython.nogil
    @cython.exceptval(check=False)
    def at(self, number: cython.longlong) -> cython.Py_ssize_t:
        """Return where the words of a note begin."""
        return (number % self.capacity) * tables.NOTE_WORDS

    @cython.cfunc
    @cython.nogil
    @cython.exceptval(check=False)
    def remembers(self, number: cython.longlong) -> cython.bint:
        """Whether a note, and with it all that were made since, is not overwritten."""
        return number > self.count - self.capacity

    @cython.cfunc
    @cython.exceptval(check=False)
    def note_fill(
        self,
        entry: cython.int,
        owner: cython.longlong,
        order: cython.longlong,
        ticks: cython.longlong,
        lots: cython.longlong,
        mode: cython.longlong,
        sequence: cython.longlong,
    ) -> cython.longlong:
        """Note a fill of signed lots by a leg or nobody, with FILL_*; return the note's number."""
        self.count += 1
        at: cython.Py_ssize_t = self.at(self.count)
        self.words[at + tables.NOTE_SEQUENCE] = sequence
        self.words[at + tables.NOTE_PREVIOUS] = self.positions.newest_note[entry]
        self.words[at + tables.NOTE_OWNER] = owner
        self.words[at + tables.NOTE_ORDER] = order
        self.words[at + tables.NOTE_LOTS] = lots
        self.words[at + tables.NOTE_TICKS] = ticks
        self.words[at + tables.NOTE_MORE] = mode
        self.positions.newest_note[entry] = self.count
        return self.count

    @cython.cfunc
    @cython.exceptval(check=False)
    def note_closed(self, fill: cython.longlong) -> cython.Py_ssize_t:
        """Take the note of one more share that the newest fill has closed; return where it is."""
        self.count += 1
        self.words[self.at(fill) + tables.NOTE_MORE] += 1 << 2
        return self.at(self.count)

    def counters(self) -> list[int]:
        """Return all that the columns do not hold."""
        return [self.count]

    def columns(self) -> list[memoryview]:
        """Return the parts of the columns that have ever been used."""
        used = min(self.count + 1, self.capacity)
        return [memoryview(self.words)[: used * tables.NOTE_WORDS]]


def is_compiled() -> bool:
    """Whether this module runs as a C extension."""
    return cython.compiled
