"""Keep the rows of shares: a list for each position, a ring for each leg, those that are free."""

import cython

from quantumcore.server.core.memory import int64_column

if cython.compiled:
    from cython.cimports.quantumcore.server.core import kinds, tables
    from cython.cimports.quantumcore.server.core.positions_cy import Positions
    from cython.cimports.quantumcore.server.core.strategies_cy import Strategies
else:
    from quantumcore.server.core import kinds, tables
    from quantumcore.server.core.positions_cy import Positions
    from quantumcore.server.core.strategies_cy import Strategies


@cython.cclass
class ShareLists:
    """Rows from 1, those of a position oldest first; lots of nobody lie between them.

    A share names the leg that it came from, and forms a ring with the others of the leg. `counted`
    says how many lots of a position its shares and what lies before them are; the rest, the newest,
    are nobody's. Shares of orders that are forgotten form one ring: where all rows are taken, one
    of them gives its row away, and its lots become nobody's.
    """

    capacity: cython.longlong
    used: cython.longlong
    free: cython.longlong
    forgotten: cython.longlong
    words: cython.longlong[::1]
    counted: cython.longlong[::1]
    first: cython.longlong[::1]
    last: cython.longlong[::1]
    positions: Positions
    strategies: Strategies

    def __init__(self, positions: Positions, strategies: Strategies, capacity: int) -> None:
        self.positions, self.strategies = positions, strategies
        self.capacity, self.used, self.free, self.forgotten = capacity, 0, 0, 0
        self.words = int64_column((capacity + 1) * tables.SHARE_WORDS)
        self.counted = int64_column(positions.capacity)
        self.first = int64_column(positions.capacity)
        self.last = int64_column(positions.capacity)

    @cython.final
    @cython.cfunc
    @cython.nogil
    @cython.exceptval(check=False)
    def at(self, share: cython.longlong) -> cython.Py_ssize_t:
        """Return where a share's words begin."""
        return share * tables.SHARE_WORDS

    @cython.final
    @cython.cfunc
    @cython.exceptval(check=False)
    def _take(self) -> cython.longlong:
        """Return a row, or 0: there is none, not even of a share of a forgotten order."""
        share: cython.longlong
        if self.free == 0 and self.used < self.capacity:
            self.used += 1
            return self.used
        if self.free == 0 and self.forgotten != 0:
            self.drop(self.forgotten)
        share = self.free
        if share != 0:
            self.free = self.words[self.at(share) + tables.SHARE_NEXT]
        return share

    @cython.final
    @cython.cfunc
    @cython.exceptval(check=False)
    def _fill(
        self,
        share: cython.longlong,
        entry: cython.int,
        owner: cython.longlong,
        order: cython.longlong,
        number: cython.longlong,
        before: cython.longlong,
    ) -> cython.void:
        at: cython.Py_ssize_t = self.at(share)
        self.words[at + tables.SHARE_POSITION] = entry
        self.words[at + tables.SHARE_OWNER] = owner
        self.words[at + tables.SHARE_ORDER] = order
        self.words[at + tables.SHARE_NUMBER] = number
        self.words[at + tables.SHARE_BEFORE] = before
        self.words[at + tables.SHARE_LOTS] = self.words[at + tables.SHARE_TICK_LOTS] = 0

    @cython.final
    @cython.cfunc
    @cython.exceptval(check=False)
    def _link(
        self, entry: cython.int, share: cython.longlong, behind: cython.longlong
    ) -> cython.void:
        """Put a share into the list of its position, before another, or with 0 at the end."""
        at: cython.Py_ssize_t = self.at(share)
        before: cython.longlong
        if behind == 0:
            before = self.last[entry]
            self.last[entry] = share
        else:
            before = self.words[self.at(behind) + tables.SHARE_PREVIOUS]
            self.words[self.at(behind) + tables.SHARE_PREVIOUS] = share
        self.words[at + tables.SHARE_PREVIOUS] = before
        self.words[at + tables.SHARE_NEXT] = behind
        if before == 0:
            self.first[entry] = share
        else:
            self.words[self.at(before) + tables.SHARE_NEXT] = share

    @cython.final
    @cython.cfunc
    @cython.exceptval(check=False)
    def drop(self, share: cython.longlong) -> cython.void:
        """Give a share back; what it has left, and what lies before it, is nobody's."""
        at: cython.Py_ssize_t = self.at(share)
        entry: cython.int = cython.cast(cython.int, self.words[at + tables.SHARE_POSITION])
        before: cython.longlong = self.words[at + tables.SHARE_PREVIOUS]
        behind: cython.longlong = self.words[at + tables.SHARE_NEXT]
        loose: cython.longlong = (
            self.words[at + tables.SHARE_BEFORE] + self.words[at + tables.SHARE_LOTS]
        )
        if behind == 0:
            self.last[entry] = before
        else:
            self.words[self.at(behind) + tables.SHARE_PREVIOUS] = before
        if before == 0:
            self.first[entry] = behind
        else:
            self.words[self.at(before) + tables.SHARE_NEXT] = behind
        self.counted[entry] -= loose
        self.put_loose(entry, behind, loose)
        self._leave(share)
        self.words[at + tables.SHARE_NEXT] = self.free
        self.free = share

    @cython.final
    @cython.cfunc
    @cython.exceptval(check=False)
    def take_loose(
        self, entry: cython.int, share: cython.longlong, lots: cython.longlong
    ) -> cython.longlong:
        """Take nobody's lots that lie before a share, as far as there are; return how many."""
        at: cython.Py_ssize_t = self.at(share)
        part: cython.longlong = min(lots, self.words[at + tables.SHARE_BEFORE])
        self.words[at + tables.SHARE_BEFORE] -= part
        self.counted[entry] -= part
        return part

    @cython.final
    @cython.cfunc
    @cython.exceptval(check=False)
    def put_loose(
        self, entry: cython.int, share: cython.longlong, lots: cython.longlong
    ) -> cython.void:
        """Put lots of nobody before a share; with 0 for none, they are behind all."""
        if share != 0:
            self.words[self.at(share) + tables.SHARE_BEFORE] += lots
            self.counted[entry] += lots

    @cython.final
    @cython.cfunc
    @cython.exceptval(check=False)
    def is_owned(self, share: cython.longlong) -> cython.bint:
        """Whether the leg that a share came from is still remembered."""
        at: cython.Py_ssize_t = self.at(share)
        return self.strategies.holds(
            self.words[at + tables.SHARE_OWNER], self.words[at + tables.SHARE_ORDER]
        )

    @cython.final
    @cython.cfunc
    @cython.exceptval(check=False)
    def _join(self, share: cython.longlong, is_newest: cython.bint) -> cython.void:
        """Put a share into the ring of its leg, as the newest or the oldest."""
        at: cython.Py_ssize_t = self.at(share)
        leg: cython.Py_ssize_t = self.strategies.leg_at(self.words[at + tables.SHARE_OWNER])
        newest: cython.longlong = self.strategies.words[leg + tables.OWNED_NEWEST]
        self.words[at + tables.SHARE_NEWER] = self.words[at + tables.SHARE_OLDER] = share
        if newest != 0:
            self._splice(newest, share)
        if newest == 0 or is_newest:
            self.strategies.words[leg + tables.OWNED_NEWEST] = share

    @cython.final
    @cython.cfunc
    @cython.exceptval(check=False)
    def _splice(self, one: cython.longlong, other: cython.longlong) -> cython.void:
        """Make one ring of two: the newest of the other comes behind the oldest of the first."""
        oldest: cython.longlong = self.words[self.at(one) + tables.SHARE_NEWER]
        last: cython.longlong = self.words[self.at(other) + tables.SHARE_NEWER]
        self.words[self.at(oldest) + tables.SHARE_OLDER] = other
        self.words[self.at(other) + tables.SHARE_NEWER] = oldest
        self.words[self.at(last) + tables.SHARE_OLDER] = one
        self.words[self.at(one) + tables.SHARE_NEWER] = last

    @cython.final
    @cython.cfunc
    @cython.exceptval(check=False)
    def _leave(self, share: cython.longlong) -> cython.void:
        at: cython.Py_ssize_t = self.at(share)
        newer: cython.longlong = self.words[at + tables.SHARE_NEWER]
        older: cython.longlong = self.words[at + tables.SHARE_OLDER]
        leg: cython.Py_ssize_t
        self.words[self.at(older) + tables.SHARE_NEWER] = newer
        self.words[self.at(newer) + tables.SHARE_OLDER] = older
        if older == share:
            older = 0
        if self.is_owned(share):
            leg = self.strategies.leg_at(self.words[at + tables.SHARE_OWNER])
            if self.strategies.words[leg + tables.OWNED_NEWEST] == share:
                self.strategies.words[leg + tables.OWNED_NEWEST] = older
        elif self.forgotten == share:
            self.forgotten = older

    @cython.final
    @cython.cfunc
    @cython.exceptval(check=False)
    def forget(self, row: cython.longlong) -> cython.void:
        """Let the shares of an order, whose row another takes now, be those of nobody."""
        number: cython.int
        leg: cython.Py_ssize_t
        for number in range(kinds.MAX_LEGS):
            leg = self.strategies.leg_at(row * kinds.MAX_LEGS + number)
            if self.strategies.words[leg + tables.OWNED_NEWEST] == 0:
                continue
            if self.forgotten == 0:
                self.forgotten = self.strategies.words[leg + tables.OWNED_NEWEST]
            else:
                self._splice(self.forgotten, self.strategies.words[leg + tables.OWNED_NEWEST])
            self.strategies.words[leg + tables.OWNED_NEWEST] = 0

    def counters(self) -> list[int]:
        """Return all that the columns do not hold."""
        return [self.used, self.free, self.forgotten]

    def columns(self) -> list[memoryview]:
        """Return the parts of the columns that have ever been used."""
        rows = self.positions.count
        words = memoryview(self.words)[: (self.used + 1) * tables.SHARE_WORDS]
        counted, first = memoryview(self.counted)[:rows], memoryview(self.first)[:rows]
        return [words, counted, first, memoryview(self.last)[:rows]]


def is_compiled() -> bool:
    """Whether this module runs as a C extension."""
    return cython.compiled
