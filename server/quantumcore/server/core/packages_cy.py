"""Keep what only multi-leg orders have: legs, constraints, how far they have come."""

import cython

from quantumcore.server.core.memory import int32_column, int64_column

if cython.compiled:
    from cython.cimports.quantumcore.server.core import kinds, tables
    from cython.cimports.quantumcore.server.core.strategies_cy import Strategies
else:
    from quantumcore.server.core import kinds, tables
    from quantumcore.server.core.strategies_cy import Strategies


EXECUTIONS = 4  # that are remembered for each package that there is room for


@cython.final
@cython.cclass
class Packages:
    """A fixed table. A row is taken anew when its package has ended, the first to end first.

    Row 0 is a draft, for a package that is yet to be let in.
    Legs that wait for a book form a list for each instrument and side that they would trade
    with, in order of entry (`ends`, see queue). Sequential orders of which something has happened
    to a leg form another, until they are looked at: stirred ones. Of those the table says how far
    each leg has come, in lots. The newest executions in one step are remembered, in order of trade.
    """

    capacity: cython.int
    fresh: cython.int
    oldest_ended: cython.int
    newest_ended: cython.int
    last_execution: cython.longlong
    first_stirred: cython.int
    last_stirred: cython.int
    words: cython.longlong[::1]
    next_ended: cython.int[::1]
    next_stirred: cython.int[::1]
    next_leg: cython.int[::1]
    previous_leg: cython.int[::1]
    ends: cython.longlong[::1]
    executions: cython.longlong[::1]
    remembered: cython.longlong
    executed: cython.longlong
    strategies: Strategies

    def __init__(self, capacity: int, orders: int, instruments: int, hash_key: int) -> None:
        self.capacity, self.strategies = capacity, Strategies(capacity, hash_key)
        self.fresh, self.last_execution = 1, 0
        self.oldest_ended = self.newest_ended = kinds.NO_SLOT
        self.words = int64_column((capacity + 1) * tables.PACKAGE_ROW_WORDS)
        self.first_stirred = self.last_stirred = kinds.NO_SLOT
        self.next_ended = int32_column(capacity + 1)
        self.next_stirred = int32_column(capacity + 1)
        self.next_leg, self.previous_leg = int32_column(orders), int32_column(orders)
        size = 4 * (instruments + 1)
        self.ends = int64_column(size)
        memoryview(self.ends)[:] = memoryview(b"\xff" * (8 * size)).cast("q")
        self.remembered, self.executed = EXECUTIONS * capacity, 0
        self.executions = int64_column(self.remembered * tables.EXECUTION_WORDS)

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
        """Let a package end; it stays readable until its row is needed, and what it has brought."""
        at: cython.Py_ssize_t = self.at(row)
        self.strategies.end(
            self.words[at + tables.PACKAGE_ROW_STRATEGY], self.words[at + tables.PACKAGE_ROW_ORDER]
        )
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

    @cython.cfunc
    @cython.exceptval(check=False)
    def stir(self, row: cython.int) -> cython.void:
        """Have a sequential order looked at again, once, after those that were stirred before."""
        at: cython.Py_ssize_t = self.at(row)
        if self.words[at + tables.PACKAGE_ROW_STIRRED] != 0:
            return
        self.words[at + tables.PACKAGE_ROW_STIRRED] = 1
        self.next_stirred[row] = kinds.NO_SLOT
        if self.last_stirred == kinds.NO_SLOT:
            self.first_stirred = row
        else:
            self.next_stirred[self.last_stirred] = row
        self.last_stirred = row

    @cython.cfunc
    @cython.exceptval(check=False)
    def take_stirred(self) -> cython.int:
        """Return the order that was stirred first, which it is no longer; there is one."""
        row: cython.int = self.first_stirred
        self.first_stirred = self.next_stirred[row]
        if self.first_stirred == kinds.NO_SLOT:
            self.last_stirred = kinds.NO_SLOT
        self.words[self.at(row) + tables.PACKAGE_ROW_STIRRED] = 0
        return row

    @cython.cfunc
    @cython.exceptval(check=False)
    def excess(self, row: cython.int, number: cython.int) -> cython.longlong:
        """Return the lots of a leg, counted from 0, beyond whole units and not reversed."""
        at: cython.Py_ssize_t = self.at(row)
        return (
            self.words[at + tables.PACKAGE_ROW_TRADED + number]
            - self.words[at + tables.PACKAGE_ROW_UNWOUND + number]
            - self.words[at + tables.PACKAGE_ROW_RATIOS + number]
            * self.words[at + tables.PACKAGE_ROW_FILLED]
        )

    @cython.cfunc
    @cython.exceptval(check=False)
    def is_level(self, row: cython.int) -> cython.bint:
        """Whether no leg of a sequential order has traded beyond whole units."""
        number: cython.int
        for number in range(self.words[self.at(row) + tables.PACKAGE_ROW_LEG_COUNT]):
            if self.excess(row, number) != 0:
                return False
        return True

    @cython.cfunc
    @cython.exceptval(check=False)
    def begun(self, row: cython.int) -> cython.longlong:
        """Return the fewest whole units that hold all that an order's legs have traded."""
        at: cython.Py_ssize_t = self.at(row)
        units: cython.longlong = 0
        ratio: cython.longlong
        number: cython.int
        for number in range(self.words[at + tables.PACKAGE_ROW_LEG_COUNT]):
            ratio = self.words[at + tables.PACKAGE_ROW_RATIOS + number]
            units = max(
                units, (self.words[at + tables.PACKAGE_ROW_TRADED + number] + ratio - 1) // ratio
            )
        return units

    @cython.cfunc
    @cython.exceptval(check=False)
    def note_execution(
        self, first_trade: cython.longlong, last_trade: cython.longlong
    ) -> cython.Py_ssize_t:
        """Take a row for an execution of these trades; return where its words begin."""
        at: cython.Py_ssize_t = (self.executed % self.remembered) * tables.EXECUTION_WORDS
        self.executed += 1
        self.executions[at + tables.EXECUTION_FIRST_TRADE] = first_trade
        self.executions[at + tables.EXECUTION_LAST_TRADE] = last_trade
        return at

    @cython.cfunc
    @cython.exceptval(check=False)
    def find_execution(self, trade_id: cython.longlong) -> cython.Py_ssize_t:
        """Return where the words of the execution that a trade is part of begin, or NO_SLOT."""
        low: cython.longlong = max(0, self.executed - self.remembered)
        high: cython.longlong = self.executed
        middle: cython.longlong
        at: cython.Py_ssize_t
        while low < high:
            middle = (low + high) >> 1
            at = (middle % self.remembered) * tables.EXECUTION_WORDS
            if self.executions[at + tables.EXECUTION_LAST_TRADE] < trade_id:
                low = middle + 1
            else:
                high = middle
        at = (low % self.remembered) * tables.EXECUTION_WORDS
        if low == self.executed or self.executions[at + tables.EXECUTION_FIRST_TRADE] > trade_id:
            return kinds.NO_SLOT
        return at

    def counters(self) -> list[int]:
        """Return all that the columns do not hold."""
        ended = (self.oldest_ended, self.newest_ended)
        return [self.fresh, *ended, self.last_execution, self.executed]

    def columns(self) -> list[memoryview]:
        """Return the parts of the columns that have ever been used."""
        first, last = tables.PACKAGE_ROW_WORDS, self.fresh * tables.PACKAGE_ROW_WORDS
        used = min(self.executed, self.remembered) * tables.EXECUTION_WORDS
        words = memoryview(self.words)[first:last]
        return [words, memoryview(self.ends), memoryview(self.executions)[:used]]


def is_compiled() -> bool:
    """Whether this module runs as a C extension."""
    return cython.compiled
