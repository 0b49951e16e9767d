"""Lots of positions that came from legs of multi-leg orders, oldest first."""

import cython

if cython.compiled:
    from cython.cimports.quantumcore.server.core import tables
    from cython.cimports.quantumcore.server.core.share_lists_cy import ShareLists
    from cython.cimports.quantumcore.server.core.wide_cy import cost_of_part
else:
    from quantumcore.server.core import tables
    from quantumcore.server.core.share_lists_cy import ShareLists
    from quantumcore.server.core.wide_cy import cost_of_part


@cython.final
@cython.cclass
class Shares(ShareLists):
    """The oldest lots of a position are closed first; lots of single orders keep their turn.

    Where no row is left for what a leg opens it is nobody's, and counted as untold. What was done
    to a position can be undone from the newest on: then all is as it was.
    """

    @cython.cfunc
    @cython.exceptval(check=False)
    def open(
        self,
        entry: cython.int,
        owner: cython.longlong,
        number: cython.longlong,
        held: cython.longlong,
        lots: cython.longlong,
        tick_lots: cython.longlong,
    ) -> cython.void:
        """Let a leg own the newest lots, without sign, of so many held, signed; note `number`."""
        order: cython.longlong = self.strategies.order_of(owner)
        share: cython.longlong = self.last[entry]
        sign: cython.int = 1 if held > 0 else -1
        before: cython.longlong
        if (
            share != 0
            and abs(held) - self.counted[entry] == lots
            and self.words[self.at(share) + tables.SHARE_OWNER] == owner
            and self.words[self.at(share) + tables.SHARE_ORDER] == order
        ):
            self._change(entry, share, lots, tick_lots, sign)
            return
        share = self._take()
        if share == 0:
            self.strategies.words[self.strategies.leg_at(owner) + tables.OWNED_UNTOLD] += lots
            return
        before = abs(held) - self.counted[entry] - lots
        self._fill(share, entry, owner, order, number, before)
        self._link(entry, share, 0)
        self._join(share, True)
        self.counted[entry] += before
        self._change(entry, share, lots, tick_lots, sign)

    @cython.cfunc
    @cython.exceptval(check=False)
    def unopen(
        self,
        entry: cython.int,
        owner: cython.longlong,
        order: cython.longlong,
        held: cython.longlong,
        lots: cython.longlong,
        ticks: cython.longlong,
    ) -> cython.void:
        """Take the newest lots away, which a fill had opened at a price; so many are held yet."""
        part: cython.longlong = min(lots, abs(held) - self.counted[entry])
        sign: cython.int = 1 if held > 0 else -1
        at: cython.Py_ssize_t
        share: cython.longlong
        if part > 0 and self.strategies.holds(owner, order):
            self.strategies.words[self.strategies.leg_at(owner) + tables.OWNED_UNTOLD] -= part
        lots -= part
        while lots > 0 and self.last[entry] != 0:
            share = self.last[entry]
            at = self.at(share)
            part = min(lots, self.words[at + tables.SHARE_LOTS])
            lots -= part
            if part < self.words[at + tables.SHARE_LOTS]:
                self._change(entry, share, -part, -ticks * part, sign)
            else:
                self._change(entry, share, -part, -self.words[at + tables.SHARE_TICK_LOTS], sign)
                self.drop(share)

    @cython.cfunc
    @cython.exceptval(check=False)
    def take_from(
        self, entry: cython.int, share: cython.longlong, lots: cython.longlong, sign: cython.int
    ) -> cython.longlong:
        """Take lots out of a share, whose position had this sign; return what they had cost."""
        at: cython.Py_ssize_t = self.at(share)
        cost: cython.longlong = cost_of_part(
            self.words[at + tables.SHARE_TICK_LOTS], self.words[at + tables.SHARE_LOTS], lots
        )
        self._change(entry, share, -lots, -cost, sign)
        return cost

    @cython.cfunc
    @cython.exceptval(check=False)
    def put_back(
        self,
        entry: cython.int,
        closed: cython.longlong[::1],
        at: cython.Py_ssize_t,
        sign: cython.int,
    ) -> cython.void:
        """Undo what a note of a closed share tells, as the newest that happened.

        Lots whose order is forgotten come back as nobody's.
        """
        owner: cython.longlong = closed[at + tables.CLOSED_OWNER]
        order: cython.longlong = closed[at + tables.CLOSED_ORDER]
        number: cython.longlong = closed[at + tables.CLOSED_NUMBER]
        lots: cython.longlong = closed[at + tables.CLOSED_LOTS]
        before: cython.longlong = closed[at + tables.CLOSED_BEFORE]
        is_own: cython.bint = closed[at + tables.CLOSED_IS_OWN] != 0
        is_held: cython.bint = self.strategies.holds(owner, order)
        behind: cython.longlong = self._not_before(entry, number)
        share: cython.longlong = 0
        if is_held and behind != 0:
            if self.words[self.at(behind) + tables.SHARE_NUMBER] == number:
                share = behind
        if share == 0 and is_held:
            share = self._take()
            behind = self._not_before(entry, number)
            if share == 0:
                self.strategies.words[self.strategies.leg_at(owner) + tables.OWNED_UNTOLD] += lots
            else:
                self._fill(share, entry, owner, order, number, 0)
                self._link(entry, share, behind)
                self._join(share, is_own)
                if is_own:
                    before = self._split(entry, share, behind, before)
        if share == 0:
            self.put_loose(entry, behind, lots if is_own else lots + before)
            return
        if not is_own:
            self.put_loose(entry, share, before)
        self._change(entry, share, lots, closed[at + tables.CLOSED_TICK_LOTS], sign)

    @cython.cfunc
    @cython.exceptval(check=False)
    def _split(
        self,
        entry: cython.int,
        share: cython.longlong,
        behind: cython.longlong,
        before: cython.longlong,
    ) -> cython.longlong:
        """Let lots of nobody that lie before the share behind lie before this one; return them."""
        if behind != 0:
            before = self.take_loose(entry, behind, before)
        self.put_loose(entry, share, before)
        return before

    @cython.cfunc
    @cython.exceptval(check=False)
    def _not_before(self, entry: cython.int, number: cython.longlong) -> cython.longlong:
        """Return the oldest share that was opened by this note's fill or later; 0: none was."""
        share: cython.longlong = self.last[entry]
        found: cython.longlong = self.first[entry]
        if found == 0 or self.words[self.at(found) + tables.SHARE_NUMBER] >= number:
            return found
        found = 0
        while self.words[self.at(share) + tables.SHARE_NUMBER] >= number:
            found = share
            share = self.words[self.at(share) + tables.SHARE_PREVIOUS]
        return found

    @cython.cfunc
    @cython.exceptval(check=False)
    def _change(
        self,
        entry: cython.int,
        share: cython.longlong,
        lots: cython.longlong,
        tick_lots: cython.longlong,
        sign: cython.int,
    ) -> cython.void:
        """Let a share have more (less) lots, whose position has this sign, and its leg."""
        at: cython.Py_ssize_t = self.at(share)
        leg: cython.Py_ssize_t
        self.words[at + tables.SHARE_LOTS] += lots
        self.words[at + tables.SHARE_TICK_LOTS] += tick_lots
        self.counted[entry] += lots
        if self.is_owned(share):
            leg = self.strategies.leg_at(self.words[at + tables.SHARE_OWNER])
            self.strategies.words[leg + tables.OWNED_LOTS] += sign * lots
            self.strategies.words[leg + tables.OWNED_TICK_LOTS] += sign * tick_lots


def is_compiled() -> bool:
    """Whether this module runs as a C extension."""
    return cython.compiled
