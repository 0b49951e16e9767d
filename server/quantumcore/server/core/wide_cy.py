"""Keep sums that 64 bits may not hold."""

import cython

from quantumcore.server.core.memory import first_rows, int64_column

if cython.compiled:
    from cython.cimports.quantumcore.server.core import kinds
else:
    from quantumcore.server.core import kinds


@cython.final
@cython.cclass
class WideSums:
    """A column of sums in two words: `low`, within 2**62 either way, and `high` times 2**62.

    The second word lies apart: nothing but a sum that outgrows the first one touches it.
    """

    low: cython.longlong[:]
    high: cython.longlong[::1]

    def __init__(self, low: memoryview, capacity: int) -> None:
        self.low, self.high = low, int64_column(capacity)

    @cython.cfunc
    @cython.nogil
    @cython.exceptval(check=False)
    def add(self, at: cython.Py_ssize_t, amount: cython.longlong) -> cython.void:
        """Add an amount of any size to a sum."""
        whole: cython.longlong = kinds.MONEY_LIMIT
        if amount >= whole:
            amount -= whole
            self.high[at] += 1
        elif amount <= -whole:
            amount += whole
            self.high[at] -= 1
        amount += self.low[at]
        if amount >= whole:
            amount -= whole
            self.high[at] += 1
        elif amount <= -whole:
            amount += whole
            self.high[at] -= 1
        self.low[at] = amount

    @cython.cfunc
    @cython.nogil
    @cython.exceptval(check=False)
    def clear(self, at: cython.Py_ssize_t) -> cython.void:
        """Let a sum be 0 again."""
        self.low[at] = self.high[at] = 0

    @cython.cfunc
    @cython.nogil
    @cython.exceptval(check=False)
    def clipped(self, at: cython.Py_ssize_t) -> cython.longlong:
        """Return a sum, or the bound of one word where it is beyond that."""
        whole: cython.longlong = kinds.MONEY_LIMIT
        high: cython.longlong = self.high[at]
        if high == 0:
            return self.low[at]
        if (high == 1 and self.low[at] < 0) or (high == -1 and self.low[at] > 0):
            return self.low[at] + high * whole
        return whole if high > 0 else -whole

    def read(self, at: int) -> int:
        """Return a sum as a whole number without bounds."""
        return (int(self.high[at]) << 62) + int(self.low[at])

    def columns(self, rows: int) -> list[memoryview]:
        """Return the parts of the columns that have ever been used."""
        return first_rows([self.low, self.high], rows)


def is_compiled() -> bool:
    """Whether this module runs as a C extension."""
    return cython.compiled
