"""Remember what each multi-leg order has brought, leg by leg, also when it has ended."""

import cython

from quantumcore.server.core.memory import int32_column, int64_column

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
    """Rows, found by order id, of orders of which a leg traded; one that works keeps its row.

    Those that have ended form a list, and the first to end gives its row to a new one: there are no
    more that work than rows. Of each leg: what is open, and sums (`realised`, `paid`, both
    ticks x lots; `fees`, minor units) at row * MAX_LEGS + leg. `forgotten` counts those that gave
    their row away while they had lots open.
    """

    index: HashIndex
    capacity: cython.int
    count: cython.int
    oldest_ended: cython.int
    newest_ended: cython.int
    forgotten: cython.longlong
    next_ended: cython.int[::1]
    words: cython.longlong[::1]
    realised: WideSums
    paid: WideSums
    fees: WideSums

    def __init__(self, capacity: int, hash_key: int) -> None:
        legs = capacity * kinds.MAX_LEGS
        self.index, self.capacity, self.count = HashIndex(capacity, hash_key), capacity, 0
        self.oldest_ended = self.newest_ended = kinds.NO_SLOT
        self.forgotten = 0
        self.next_ended = int32_column(capacity)
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
        """Whether a leg's row is still this order's; not where it is NO_SLOT, nobody."""
        return owner >= 0 and self.order_of(owner) == order_id

    @cython.cfunc
    @cython.nogil
    @cython.exceptval(check=False)
    def order_of(self, owner: cython.longlong) -> cython.longlong:
        """Return the order id of a leg's row."""
        return self.words[self.at(owner // kinds.MAX_LEGS) + tables.STRATEGY_ORDER]

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
    def end(self, row: cython.longlong, order_id: cython.longlong) -> cython.void:
        """Let an order have ended; of one of which nothing traded, which has no row, nothing."""
        ended: cython.int = cython.cast(cython.int, row)
        if not self.holds(row * kinds.MAX_LEGS, order_id):
            return
        self.next_ended[ended] = kinds.NO_SLOT
        if self.newest_ended == kinds.NO_SLOT:
            self.oldest_ended = ended
        else:
            self.next_ended[self.newest_ended] = ended
        self.newest_ended = ended

    @cython.cfunc
    @cython.exceptval(check=False)
    def next_lost(self) -> cython.int:
        """Return the row that the next order takes from one that ended; NO_SLOT: a fresh one."""
        return kinds.NO_SLOT if self.count < self.capacity else self.oldest_ended

    @cython.cfunc
    @cython.exceptval(check=False)
    def _lose(self, row: cython.int) -> cython.void:
        number: cython.int
        is_open: cython.bint = False
        for number in range(kinds.MAX_LEGS):
            if self.words[self.leg_at(row * kinds.MAX_LEGS + number) + tables.OWNED_LOTS] != 0:
                is_open = True
        self.forgotten += is_open
        self.oldest_ended = self.next_ended[row]
        if self.oldest_ended == kinds.NO_SLOT:
            self.newest_ended = kinds.NO_SLOT
        self.index.remove(row)

    @cython.cfunc
    @cython.exceptval(check=False)
    def add(
        self, order_id: cython.longlong, account: cython.int, leg_count: cython.int
    ) -> cython.int:
        """Take a row for an order that works and has none: a new one, then that of `next_lost`."""
        row: cython.int = self.next_lost()
        at: cython.Py_ssize_t
        number: cython.int
        if row == kinds.NO_SLOT:
            row = self.count
            self.count += 1
        else:
            self._lose(row)
        at = self.at(row)
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
        self.words[at + tables.OWNED_NEWEST] = 0
        self.words[at + tables.OWNED_UNTOLD] = 0
        self.realised.clear(owner)
        self.paid.clear(owner)
        self.fees.clear(owner)

    def counters(self) -> list[int]:
        """Return all that the columns do not hold."""
        return [self.count, self.oldest_ended, self.newest_ended, self.forgotten]

    def columns(self) -> list[memoryview]:
        """Return the parts of the columns that have ever been used."""
        legs = self.count * kinds.MAX_LEGS
        words = memoryview(self.words)[: self.count * tables.STRATEGY_WORDS]
        sums = (self.realised, self.paid, self.fees)
        ended = memoryview(self.next_ended)[: self.count]
        return [words, ended, *(column for one in sums for column in one.columns(legs))]


def is_compiled() -> bool:
    """Whether this module runs as a C extension."""
    return cython.compiled
