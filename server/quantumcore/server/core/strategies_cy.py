"""Remember what each multi-leg order has brought, leg by leg, also when it has ended."""

import cython

from quantumcore.server.core.memory import int64_column

if cython.compiled:
    from cython.cimports.quantumcore.server.core import kinds, tables
    from cython.cimports.quantumcore.server.core.index_cy import HashIndex, mix
    from cython.cimports.quantumcore.server.core.wide_cy import WideSums
else:
    from quantumcore.server.core import kinds, tables
    from quantumcore.server.core.index_cy import HashIndex, mix
    from quantumcore.server.core.wide_cy import WideSums


@cython.final
@cython.cclass
class Strategies:
    """A ring of rows, found by order id: the newest `capacity` orders of which a leg traded.

    Of each leg: what is open, and sums (`realised`, `paid`, both ticks x lots; `fees`, minor
    units) at row * MAX_LEGS + leg.
    """

    index: HashIndex
    capacity: cython.int
    count: cython.longlong
    words: cython.longlong[::1]
    realised: WideSums
    paid: WideSums
    fees: WideSums

    def __init__(self, capacity: int, hash_key: int) -> None:
        legs = capacity * kinds.MAX_LEGS
        self.index, self.capacity, self.count = HashIndex(capacity, hash_key), capacity, 0
        self.words = int64_column(capacity * tables.STRATEGY_WORDS)
        self.realised = WideSums(int64_column(legs), legs)
        self.paid = WideSums(int64_column(legs), legs)
        self.fees = WideSums(int64_column(legs), legs)

    @cython.cfunc
    @cython.nogil
    @cython.exceptval(check=False)
    def at(self, row: cython.longlong) -> cython.Py_ssize_t:
        """Return where a row's words begin."""
        return row * tables.STRATEGY_WORDS

    @cython.cfunc
    @cython.nogil
    @cython.exceptval(check=False)
    def leg_at(self, owner: cython.longlong) -> cython.Py_ssize_t:
        """Return where the words of a leg begin: row * MAX_LEGS + leg, from 0."""
        return (
            self.at(owner // kinds.MAX_LEGS)
            + tables.STRATEGY_LEGS
            + (owner % kinds.MAX_LEGS) * tables.OWNED_WORDS
        )

    @cython.cfunc
    @cython.nogil
    @cython.exceptval(check=False)
    def holds(self, owner: cython.longlong, order_id: cython.longlong) -> cython.bint:
        """Whether a leg's row is still this order's."""
        return self.words[self.at(owner // kinds.MAX_LEGS) + tables.STRATEGY_ORDER] == order_id

    @cython.cfunc
    @cython.exceptval(check=False)
    def find(self, order_id: cython.longlong) -> cython.int:
        """Return the row of an order, or NO_SLOT."""
        at: cython.Py_ssize_t = self.index.start(mix(self.index.key, order_id))
        row: cython.int = self.index.at(at)
        while row != kinds.NO_SLOT:
            if self.words[self.at(row) + tables.STRATEGY_ORDER] == order_id:
                return row
            at = self.index.step(at)
            row = self.index.at(at)
        return kinds.NO_SLOT

    @cython.cfunc
    @cython.exceptval(check=False)
    def add(
        self, order_id: cython.longlong, account: cython.int, leg_count: cython.int
    ) -> cython.int:
        """Take a row for an order that has none: a new one, then the oldest."""
        row: cython.int = cython.cast(cython.int, self.count % self.capacity)
        at: cython.Py_ssize_t = self.at(row)
        number: cython.int
        if self.count >= self.capacity:
            self.index.remove(row)
        self.count += 1
        self.words[at + tables.STRATEGY_ORDER] = order_id
        self.words[at + tables.STRATEGY_ACCOUNT] = account
        self.words[at + tables.STRATEGY_LEG_COUNT] = leg_count
        for number in range(kinds.MAX_LEGS):
            self._clear(row * kinds.MAX_LEGS + number)
        self.index.add(row, mix(self.index.key, order_id))
        return row

    @cython.cfunc
    @cython.exceptval(check=False)
    def _clear(self, owner: cython.longlong) -> cython.void:
        at: cython.Py_ssize_t = self.leg_at(owner)
        self.words[at + tables.OWNED_INSTRUMENT] = 0
        self.words[at + tables.OWNED_LOTS] = self.words[at + tables.OWNED_TICK_LOTS] = 0
        self.words[at + tables.OWNED_NEWEST] = kinds.NO_SLOT
        self.realised.clear(owner)
        self.paid.clear(owner)
        self.fees.clear(owner)

    def counters(self) -> list[int]:
        """Return all that the columns do not hold."""
        return [self.count]

    def columns(self) -> list[memoryview]:
        """Return the parts of the columns that have ever been used."""
        rows = min(self.count, self.capacity)
        legs = rows * kinds.MAX_LEGS
        words = memoryview(self.words)[: rows * tables.STRATEGY_WORDS]
        sums = (self.realised, self.paid, self.fees)
        return [words, *(column for one in sums for column in one.columns(legs))]


def is_compiled() -> bool:
    """Whether this module runs as a C extension."""
    return cython.compiled
