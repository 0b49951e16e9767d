"""Lots of positions that came from legs of multi-leg orders, in a list for each position."""

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


@cython.cfunc
@cython.exceptval(check=False)
def part_of(
    amount: cython.longlong, held: cython.longlong, part: cython.longlong
) -> cython.longlong:
    """Return the share that a part of what is held has in an amount, cut towards zero."""
    few: cython.longlong = 1 << 31
    size: cython.longlong = abs(amount)
    if part == held:
        return amount
    if held < few:
        size = size // held * part + size % held * part // held
        return size if amount > 0 else -size
    return long_part_of(amount, held, part)


def long_part_of(amount: int, held: int, part: int) -> int:
    """Do the same where 64 bits may not do."""
    size = abs(int(amount)) * int(part) // int(held)
    return size if amount > 0 else -size


@cython.final
@cython.cclass
class Shares:
    """The oldest lots of a position are closed first; lots of single orders lie between shares.

    A share names the leg that it came from. `counted` says how many lots of a position its shares
    and what lies before them are; the rest, the newest, are nobody's. Where all rows are taken,
    what a leg opens is nobody's too.
    """

    capacity: cython.longlong
    used: cython.longlong
    free: cython.longlong
    words: cython.longlong[::1]
    counted: cython.longlong[::1]
    last: cython.longlong[::1]
    positions: Positions
    strategies: Strategies

    def __init__(self, positions: Positions, strategies: Strategies, capacity: int) -> None:
        self.positions, self.strategies = positions, strategies
        self.capacity, self.used, self.free = capacity, 0, kinds.NO_SLOT
        self.words = int64_column(capacity * tables.SHARE_WORDS)
        self.counted = int64_column(positions.capacity)
        self.last = int64_column(positions.capacity)

    @cython.cfunc
    @cython.nogil
    @cython.exceptval(check=False)
    def at(self, share: cython.longlong) -> cython.Py_ssize_t:
        """Return where a share's words begin."""
        return share * tables.SHARE_WORDS

    @cython.cfunc
    @cython.exceptval(check=False)
    def _take(self) -> cython.longlong:
        share: cython.longlong = self.free
        if share != kinds.NO_SLOT:
            self.free = self.words[self.at(share) + tables.SHARE_NEXT]
        elif self.used < self.capacity:
            share = self.used
            self.used += 1
        return share

    @cython.cfunc
    @cython.exceptval(check=False)
    def open(
        self,
        entry: cython.int,
        owner: cython.longlong,
        lots: cython.longlong,
        tick_lots: cython.longlong,
    ) -> cython.void:
        """Let a leg own the newest lots of a position, without sign, that cost so much."""
        order: cython.longlong = self.strategies.words[
            self.strategies.at(owner // kinds.MAX_LEGS) + tables.STRATEGY_ORDER
        ]
        before: cython.longlong = abs(self.positions.lots[entry]) - self.counted[entry] - lots
        last: cython.longlong = self.last[entry]
        share: cython.longlong
        if self.positions.first_share[entry] == kinds.NO_SLOT:
            last = kinds.NO_SLOT
        elif (
            before == 0
            and self.words[self.at(last) + tables.SHARE_OWNER] == owner
            and (self.words[self.at(last) + tables.SHARE_ORDER] == order)
        ):
            self.words[self.at(last) + tables.SHARE_LOTS] += lots
            self.words[self.at(last) + tables.SHARE_TICK_LOTS] += tick_lots
            self.counted[entry] += lots
            self._count(entry, last, lots, tick_lots)
            return
        share = self._take()
        if share == kinds.NO_SLOT:
            return
        self._fill(share, owner, order, before, lots, tick_lots)
        self._link(entry, share, last, kinds.NO_SLOT)
        self.counted[entry] += before + lots
        self._count(entry, share, lots, tick_lots)

    @cython.cfunc
    @cython.exceptval(check=False)
    def reopen(
        self,
        entry: cython.int,
        owner: cython.longlong,
        order: cython.longlong,
        lots: cython.longlong,
        tick_lots: cython.longlong,
    ) -> cython.bint:
        """Let a leg own lots again that had been closed, as the oldest; whether there was room."""
        share: cython.longlong = self._take()
        first: cython.longlong = self.positions.first_share[entry]
        if share == kinds.NO_SLOT:
            return False
        self._fill(share, owner, order, 0, lots, tick_lots)
        self._link(entry, share, kinds.NO_SLOT, first)
        self.counted[entry] += lots
        self._count(entry, share, lots, tick_lots)
        return True

    @cython.cfunc
    @cython.exceptval(check=False)
    def _fill(
        self,
        share: cython.longlong,
        owner: cython.longlong,
        order: cython.longlong,
        before: cython.longlong,
        lots: cython.longlong,
        tick_lots: cython.longlong,
    ) -> cython.void:
        at: cython.Py_ssize_t = self.at(share)
        self.words[at + tables.SHARE_OWNER] = owner
        self.words[at + tables.SHARE_ORDER] = order
        self.words[at + tables.SHARE_BEFORE] = before
        self.words[at + tables.SHARE_LOTS] = lots
        self.words[at + tables.SHARE_TICK_LOTS] = tick_lots

    @cython.cfunc
    @cython.exceptval(check=False)
    def _link(
        self,
        entry: cython.int,
        share: cython.longlong,
        before: cython.longlong,
        behind: cython.longlong,
    ) -> cython.void:
        """Put a share into the list of its position, at an end, and into that of its leg."""
        at: cython.Py_ssize_t = self.at(share)
        newest: cython.Py_ssize_t
        self.words[at + tables.SHARE_PREVIOUS] = before
        self.words[at + tables.SHARE_NEXT] = behind
        if before == kinds.NO_SLOT:
            self.positions.first_share[entry] = cython.cast(cython.int, share)
        else:
            self.words[self.at(before) + tables.SHARE_NEXT] = share
        if behind == kinds.NO_SLOT:
            self.last[entry] = share
        else:
            self.words[self.at(behind) + tables.SHARE_PREVIOUS] = share
        self.words[at + tables.SHARE_NEWER] = self.words[at + tables.SHARE_OLDER] = kinds.NO_SLOT
        if not self.is_owned(share):
            return
        newest = self.strategies.leg_at(self.words[at + tables.SHARE_OWNER]) + tables.OWNED_NEWEST
        self.words[at + tables.SHARE_OLDER] = self.strategies.words[newest]
        if self.strategies.words[newest] != kinds.NO_SLOT:
            self.words[self.at(self.strategies.words[newest]) + tables.SHARE_NEWER] = share
        self.strategies.words[newest] = share

    @cython.cfunc
    @cython.exceptval(check=False)
    def is_owned(self, share: cython.longlong) -> cython.bint:
        """Whether the leg that a share came from is still remembered."""
        at: cython.Py_ssize_t = self.at(share)
        return self.strategies.holds(
            self.words[at + tables.SHARE_OWNER], self.words[at + tables.SHARE_ORDER]
        )

    @cython.cfunc
    @cython.exceptval(check=False)
    def _count(
        self,
        entry: cython.int,
        share: cython.longlong,
        lots: cython.longlong,
        tick_lots: cython.longlong,
    ) -> cython.void:
        """Count lots, without sign, that a leg opens."""
        if not self.is_owned(share):
            return
        leg: cython.Py_ssize_t = self.strategies.leg_at(
            self.words[self.at(share) + tables.SHARE_OWNER]
        )
        if self.positions.lots[entry] < 0:
            lots, tick_lots = -lots, -tick_lots
        self.strategies.words[leg + tables.OWNED_LOTS] += lots
        self.strategies.words[leg + tables.OWNED_TICK_LOTS] += tick_lots

    @cython.cfunc
    @cython.exceptval(check=False)
    def take_from(
        self, entry: cython.int, share: cython.longlong, lots: cython.longlong, sign: cython.int
    ) -> cython.longlong:
        """Take lots out of a share, whose position had this sign; return what they had cost."""
        at: cython.Py_ssize_t = self.at(share)
        leg: cython.Py_ssize_t
        cost: cython.longlong = part_of(
            self.words[at + tables.SHARE_TICK_LOTS], self.words[at + tables.SHARE_LOTS], lots
        )
        self.words[at + tables.SHARE_LOTS] -= lots
        self.words[at + tables.SHARE_TICK_LOTS] -= cost
        self.counted[entry] -= lots
        if self.is_owned(share):
            leg = self.strategies.leg_at(self.words[at + tables.SHARE_OWNER])
            self.strategies.words[leg + tables.OWNED_LOTS] -= sign * lots
            self.strategies.words[leg + tables.OWNED_TICK_LOTS] -= sign * cost
        return cost

    @cython.cfunc
    @cython.exceptval(check=False)
    def drop_empty(self, entry: cython.int, share: cython.longlong) -> cython.void:
        """Give back a share that has no lots left; what lies before it is the next one's."""
        at: cython.Py_ssize_t = self.at(share)
        before: cython.longlong = self.words[at + tables.SHARE_PREVIOUS]
        behind: cython.longlong = self.words[at + tables.SHARE_NEXT]
        if self.words[at + tables.SHARE_LOTS] != 0:
            return
        if behind == kinds.NO_SLOT:
            self.last[entry] = before
            self.counted[entry] -= self.words[at + tables.SHARE_BEFORE]
        else:
            self.words[self.at(behind) + tables.SHARE_PREVIOUS] = before
            self.words[self.at(behind) + tables.SHARE_BEFORE] += self.words[
                at + tables.SHARE_BEFORE
            ]
        if before == kinds.NO_SLOT:
            self.positions.first_share[entry] = cython.cast(cython.int, behind)
        else:
            self.words[self.at(before) + tables.SHARE_NEXT] = behind
        self._leave_leg(share)
        self.words[at + tables.SHARE_NEXT] = self.free
        self.free = share

    @cython.cfunc
    @cython.exceptval(check=False)
    def _leave_leg(self, share: cython.longlong) -> cython.void:
        at: cython.Py_ssize_t = self.at(share)
        newer: cython.longlong = self.words[at + tables.SHARE_NEWER]
        older: cython.longlong = self.words[at + tables.SHARE_OLDER]
        if older != kinds.NO_SLOT:
            self.words[self.at(older) + tables.SHARE_NEWER] = newer
        if newer != kinds.NO_SLOT:
            self.words[self.at(newer) + tables.SHARE_OLDER] = older
        elif self.is_owned(share):
            self.strategies.words[
                self.strategies.leg_at(self.words[at + tables.SHARE_OWNER]) + tables.OWNED_NEWEST
            ] = older

    def counters(self) -> list[int]:
        """Return all that the columns do not hold."""
        return [self.used, self.free]

    def columns(self) -> list[memoryview]:
        """Return the parts of the columns that have ever been used."""
        rows = self.positions.count
        words = memoryview(self.words)[: self.used * tables.SHARE_WORDS]
        return [words, memoryview(self.counted)[:rows], memoryview(self.last)[:rows]]


def is_compiled() -> bool:
    """Whether this module runs as a C extension."""
    return cython.compiled
