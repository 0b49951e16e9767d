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
    def add_product(
        self, at: cython.Py_ssize_t, factor: cython.longlong, amount: cython.longlong
    ) -> cython.void:
        """Add an amount so many times; the product may be beyond one word."""
        few: cython.longlong = 1 << 31
        times: cython.longlong = abs(factor)
        each: cython.longlong = abs(amount)
        whole: cython.longlong = kinds.MONEY_LIMIT
        if times < few and each < few:
            amount = factor * amount
            if -whole < self.low[at] + amount < whole:
                self.low[at] += amount
            else:
                self.add(at, amount)
        elif (factor < 0) == (amount < 0):
            self.high[at] += high_word(times, each)
            self.add(at, low_word(times, each))
        else:
            self.high[at] -= high_word(times, each)
            self.add(at, -low_word(times, each))

    def increase(self, at: int, amount: int) -> None:
        """Add a whole number without bounds."""
        total = self.read(at) + amount
        self.high[at], self.low[at] = total >> 62, total & ((1 << 62) - 1)

    @cython.cfunc
    @cython.nogil
    @cython.exceptval(check=False)
    def clipped_less(self, at: cython.Py_ssize_t, amount: cython.longlong) -> cython.longlong:
        """Return a sum less a part of it, or the bound of one word where that is beyond it."""
        whole: cython.longlong = kinds.MONEY_LIMIT
        high: cython.longlong = self.high[at]
        low: cython.longlong = self.low[at] - amount
        if high == 0:
            return low
        if high == 1 and low < 0:
            return low + whole
        return whole if high > 0 else -whole

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


@cython.cfunc
@cython.exceptval(check=False)
def cost_of_part(
    cost: cython.longlong, held: cython.longlong, part: cython.longlong
) -> cython.longlong:
    """Return the share that a part of what is held has in its cost, cut towards zero."""
    few: cython.longlong = 1 << 31
    size: cython.longlong = abs(cost)
    if part == held:
        return cost
    if held >= few:
        return long_cost_of_part(cost, held, part)
    size = size // held * part + size % held * part // held
    return size if cost > 0 else -size


def long_cost_of_part(cost: int, held: int, part: int) -> int:
    """Do the same where 64 bits may not do."""
    size = abs(int(cost)) * int(part) // int(held)
    return size if cost > 0 else -size


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def product(one: cython.longlong, other: cython.longlong) -> cython.longlong:
    """Return the product of two numbers from 0 on, or the bound of one word (2**62)."""
    few: cython.longlong = 1 << 31
    whole: cython.longlong = kinds.MONEY_LIMIT
    if one < few and other < few:
        return one * other
    return whole if high_word(one, other) > 0 else low_word(one, other)


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def high_word(one: cython.longlong, other: cython.longlong) -> cython.longlong:
    """Return how often 2**62 goes into the product of two numbers below 2**62."""
    half: cython.longlong = 31
    below: cython.longlong = (1 << 31) - 1
    middle: cython.longlong = (one >> half) * (other & below) + (one & below) * (other >> half)
    low: cython.longlong = ((middle & below) << half) + (one & below) * (other & below)
    return (one >> half) * (other >> half) + (middle >> half) + (low >> (2 * half))


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def low_word(one: cython.longlong, other: cython.longlong) -> cython.longlong:
    """Return what is left of the product of two numbers below 2**62 above multiples of 2**62."""
    half: cython.longlong = 31
    below: cython.longlong = (1 << 31) - 1
    middle: cython.longlong = (one >> half) * (other & below) + (one & below) * (other >> half)
    low: cython.longlong = ((middle & below) << half) + (one & below) * (other & below)
    whole: cython.longlong = kinds.MONEY_LIMIT
    return low & (whole - 1)


def is_compiled() -> bool:
    """Whether this module runs as a C extension."""
    return cython.compiled
