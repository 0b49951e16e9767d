"""Remember the newest trades, so that they can be busted and corrected."""

import cython

from quantumcore.server.core.memory import int64_column

if cython.compiled:
    from cython.cimports.quantumcore.server.core import kinds, tables
else:
    from quantumcore.server.core import kinds, tables


@cython.final
@cython.cclass
class Trades:
    """A ring of rows of TRADE_WORDS words, a cache line each; trade ids count from 1."""

    capacity: cython.longlong
    last_id: cython.longlong
    rows: cython.longlong[::1]

    def __init__(self, capacity: int, prefault: bool = False) -> None:
        self.capacity = capacity
        self.last_id = 0
        self.rows = int64_column(capacity * tables.TRADE_WORDS, prefault)

    @cython.cfunc
    @cython.nogil
    @cython.exceptval(check=False)
    def at(self, trade_id: cython.longlong) -> cython.Py_ssize_t:
        """Return where a trade's row is, or would be."""
        return (trade_id % self.capacity) * tables.TRADE_WORDS

    @cython.cfunc
    @cython.nogil
    @cython.exceptval(check=False)
    def find(self, trade_id: cython.longlong) -> cython.Py_ssize_t:
        """Return the row of a trade that is remembered and stands, or NO_SLOT."""
        if trade_id <= 0 or trade_id > self.last_id or trade_id <= self.last_id - self.capacity:
            return kinds.NO_SLOT
        if self.rows[self.at(trade_id) + tables.TRADE_LOTS] == 0:
            return kinds.NO_SLOT
        return self.at(trade_id)

    @cython.cfunc
    @cython.nogil
    @cython.exceptval(check=False)
    def remembers(self, trade_id: cython.longlong) -> cython.bint:
        """Whether no trade since this one is forgotten."""
        return trade_id > self.last_id - self.capacity

    def counters(self) -> list[int]:
        """Return all that the columns do not hold."""
        return [self.last_id]

    def columns(self) -> list[memoryview]:
        """Return the rows that have ever been used."""
        used = min(self.last_id + 1, self.capacity)
        return [memoryview(self.rows)[: used * tables.TRADE_WORDS]]


def is_compiled() -> bool:
    """Whether this module runs as a C extension."""
    return cython.compiled
