"""Remember the newest trades, so that they can be busted and corrected."""

import cython

from quantumcore.server.core.memory import int32_column, int64_column

if cython.compiled:
    from cython.cimports.quantumcore.server.core import kinds, tables
else:
    from quantumcore.server.core import kinds, tables


@cython.final
@cython.cclass
class Trades:
    """A ring of rows of TRADE_WORDS words, a cache line each; trade ids count from 1.

    Each row names the trade of the same instrument before it. `rates` are the fees that held then,
    the maker's and the taker's in millionths: a trade that is undone or corrected keeps to them.
    `highest` and `lowest` are what `find_range` has found.
    """

    capacity: cython.longlong
    last_id: cython.longlong
    highest: cython.longlong
    lowest: cython.longlong
    rows: cython.longlong[::1]
    rates: cython.int[::1]

    def __init__(self, capacity: int, prefault: bool = False) -> None:
        self.capacity = capacity
        self.last_id = self.highest = self.lowest = 0
        self.rows = int64_column(capacity * tables.TRADE_WORDS, prefault)
        self.rates = int32_column(2 * capacity, prefault)

    @cython.cfunc
    @cython.nogil
    @cython.exceptval(check=False)
    def at(self, trade_id: cython.longlong) -> cython.Py_ssize_t:
        """Return where a trade's row is, or would be."""
        return (trade_id % self.capacity) * tables.TRADE_WORDS

    @cython.cfunc
    @cython.nogil
    @cython.exceptval(check=False)
    def note_rates(
        self, trade_id: cython.longlong, maker: cython.longlong, taker: cython.longlong
    ) -> cython.void:
        """Remember the fees that hold for a trade."""
        at: cython.Py_ssize_t = 2 * (trade_id % self.capacity)
        self.rates[at] = cython.cast(cython.int, maker)
        self.rates[at + 1] = cython.cast(cython.int, taker)

    def rates_of(self, trade_id: int) -> tuple[int, int]:
        """Return the fees that held for a trade that is remembered: the maker's, the taker's."""
        at = 2 * (trade_id % self.capacity)
        return self.rates[at], self.rates[at + 1]

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

    @cython.cfunc
    @cython.nogil
    @cython.exceptval(check=False)
    def find_range(
        self,
        last: cython.longlong,
        first: cython.longlong,
        most: cython.longlong,
        least: cython.longlong,
    ) -> cython.void:
        """Find the highest and lowest ticks of an instrument's trades that stand, back to `first`.

        All of them are remembered, one stands, and none is above `most` or below `least`: where
        both are found there is nothing to look for further back.
        """
        at: cython.Py_ssize_t
        ticks: cython.longlong
        self.highest, self.lowest = least, most
        while last >= first and (self.highest < most or self.lowest > least):
            at = self.at(last)
            if self.rows[at + tables.TRADE_LOTS] > 0:
                ticks = self.rows[at + tables.TRADE_TICKS]
                self.highest = max(self.highest, ticks)
                self.lowest = min(self.lowest, ticks)
            last = self.rows[at + tables.TRADE_BEFORE] >> 1

    def counters(self) -> list[int]:
        """Return all that the columns do not hold."""
        return [self.last_id]

    def columns(self) -> list[memoryview]:
        """Return the rows that have ever been used."""
        used = min(self.last_id + 1, self.capacity)
        rates = memoryview(self.rates)[: 2 * used]
        return [memoryview(self.rows)[: used * tables.TRADE_WORDS], rates]


def is_compiled() -> bool:
    """Whether this module runs as a C extension."""
    return cython.compiled
