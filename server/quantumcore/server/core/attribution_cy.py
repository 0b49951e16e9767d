"""Tell of every fill which multi-leg orders it opens lots of, and which it closes lots of."""

import cython

if cython.compiled:
    from cython.cimports.quantumcore.server.core import kinds, tables
    from cython.cimports.quantumcore.server.core.notes_cy import Notes
    from cython.cimports.quantumcore.server.core.orders_cy import Orders
    from cython.cimports.quantumcore.server.core.packages_cy import Packages
    from cython.cimports.quantumcore.server.core.positions_cy import Positions
    from cython.cimports.quantumcore.server.core.reporter_cy import Reporter
    from cython.cimports.quantumcore.server.core.shares_cy import Shares
    from cython.cimports.quantumcore.server.core.strategies_cy import Strategies
else:
    from quantumcore.server.core import kinds, tables
    from quantumcore.server.core.notes_cy import Notes
    from quantumcore.server.core.orders_cy import Orders
    from quantumcore.server.core.packages_cy import Packages
    from quantumcore.server.core.positions_cy import Positions
    from quantumcore.server.core.reporter_cy import Reporter
    from quantumcore.server.core.shares_cy import Shares
    from quantumcore.server.core.strategies_cy import Strategies

SHARES_PER_STRATEGY = 8


@cython.final
@cython.cclass
class Attribution:
    """Profit and loss belongs to the order that opened what is closed; the oldest is closed first.

    A sequential order that reverses a leg closes what the leg has opened, the newest first. From
    the first fill of a leg on every fill of a position is noted with what it closed: the newest can
    be taken back, and be booked again where one of them is changed.
    """

    notes: Notes
    orders: Orders
    packages: Packages
    positions: Positions
    report: Reporter
    shares: Shares
    strategies: Strategies

    def __init__(self, report: Reporter) -> None:
        self.report, self.orders, self.positions = report, report.orders, report.positions
        self.packages = report.orders.packages
        self.strategies = report.orders.packages.strategies
        capacity = self.packages.capacity * SHARES_PER_STRATEGY
        self.shares = Shares(self.positions, self.strategies, capacity)
        self.notes = Notes(self.positions, capacity + 1)

    @cython.cfunc
    @cython.exceptval(check=False)
    def concerns(self, row: cython.int) -> cython.bint:
        """Whether a fill of this order may open or close lots of a multi-leg order."""
        return self.positions.newest_note[self.orders.position[row]] != 0 or self.orders.is_leg(row)

    @cython.cfunc
    @cython.exceptval(check=False)
    def book(
        self,
        row: cython.int,
        held: cython.longlong,
        ticks: cython.longlong,
        lots: cython.longlong,
        fee: cython.longlong,
    ) -> cython.void:
        """Book a fill of signed lots, of which the next event tells; `held` was there before it."""
        owner: cython.longlong = self._owner(row)
        mode: cython.longlong = tables.FILL_FORWARD
        if (self.orders.terms[row] >> kinds.STATE_UNWIND) & 1:
            mode = tables.FILL_REVERSES
        sequence: cython.longlong = self.report.sequence + 1
        self.run(self.orders.position[row], owner, held, ticks, lots, mode, sequence)
        if owner != kinds.NO_SLOT:
            self.pay(owner, ticks * lots, fee)

    @cython.cfunc
    @cython.exceptval(check=False)
    def run(
        self,
        entry: cython.int,
        owner: cython.longlong,
        held: cython.longlong,
        ticks: cython.longlong,
        lots: cython.longlong,
        mode: cython.longlong,
        sequence: cython.longlong,
    ) -> cython.void:
        """Close and open what a fill of a leg or nobody does; its event has this sequence."""
        sign: cython.int = 1 if held > 0 else -1
        closing: cython.longlong = closed_by(held, lots)
        opened: cython.longlong = abs(lots) - closing
        order: cython.longlong = 0
        if owner != kinds.NO_SLOT:
            order = self.strategies.order_of(owner)
        fill: cython.longlong = self.notes.note_fill(
            entry, owner, order, ticks, lots, mode, sequence
        )
        if mode != tables.FILL_FORWARD and owner != kinds.NO_SLOT:
            closing -= self._close_own(entry, fill, owner, closing, sign)
        self._close_oldest(entry, fill, closing, sign)
        if opened > 0 and owner != kinds.NO_SLOT and mode != tables.FILL_UNDOES:
            self.shares.open(entry, owner, fill, held + lots, opened, ticks * opened)

    @cython.cfunc
    @cython.exceptval(check=False)
    def pay(
        self, owner: cython.longlong, tick_lots: cython.longlong, fee: cython.longlong
    ) -> cython.void:
        """Count what a leg has paid for its fills, and in fees."""
        self.strategies.paid.add(owner, tick_lots)
        self.strategies.fees.add(owner, fee)

    @cython.cfunc
    @cython.exceptval(check=False)
    def find_owner(self, row: cython.int) -> cython.longlong:
        """Return the leg among strategies that an order is; NO_SLOT: none that is remembered."""
        package: cython.Py_ssize_t
        owner: cython.longlong
        if not self.orders.is_leg(row):
            return kinds.NO_SLOT
        package = self.packages.at(self.orders.package(row))
        owner = self.packages.words[package + tables.PACKAGE_ROW_STRATEGY] * kinds.MAX_LEGS
        if self.strategies.holds(owner, self.orders.package_id(row)):
            return owner + self.orders.leg_index(row)
        return kinds.NO_SLOT

    @cython.cfunc
    @cython.exceptval(check=False)
    def _owner(self, row: cython.int) -> cython.longlong:
        """Return the leg among strategies that an order which works is, or NO_SLOT: it is none."""
        package: cython.Py_ssize_t
        strategy: cython.longlong
        owner: cython.longlong = self.find_owner(row)
        if owner != kinds.NO_SLOT or not self.orders.is_leg(row):
            return owner
        package = self.packages.at(self.orders.package(row))
        if self.strategies.next_lost() != kinds.NO_SLOT:
            self.shares.forget(self.strategies.next_lost())
        strategy = self.strategies.add(
            self.orders.package_id(row),
            self.orders.account[row],
            cython.cast(cython.int, self.packages.words[package + tables.PACKAGE_ROW_LEG_COUNT]),
        )
        self.packages.words[package + tables.PACKAGE_ROW_STRATEGY] = strategy
        self._name_legs(package, strategy)
        return strategy * kinds.MAX_LEGS + self.orders.leg_index(row)

    @cython.cfunc
    @cython.exceptval(check=False)
    def _name_legs(self, package: cython.Py_ssize_t, strategy: cython.longlong) -> cython.void:
        number: cython.int
        leg: cython.longlong
        for number in range(self.packages.words[package + tables.PACKAGE_ROW_LEG_COUNT]):
            leg = self.packages.words[package + tables.PACKAGE_ROW_LEGS + number]
            self.strategies.words[
                self.strategies.leg_at(strategy * kinds.MAX_LEGS + number) + tables.OWNED_INSTRUMENT
            ] = self.orders.instrument[self.orders.row_of(leg)]

    @cython.cfunc
    @cython.exceptval(check=False)
    def _close_own(
        self,
        entry: cython.int,
        fill: cython.longlong,
        owner: cython.longlong,
        lots: cython.longlong,
        sign: cython.int,
    ) -> cython.longlong:
        """Close up to so many lots of one leg, the newest first; return how many."""
        newest: cython.Py_ssize_t = self.strategies.leg_at(owner) + tables.OWNED_NEWEST
        share: cython.longlong
        part: cython.longlong
        before: cython.longlong
        closed: cython.longlong = 0
        while closed < lots and self.strategies.words[newest] != 0:
            share = self.strategies.words[newest]
            part = self.shares.words[self.shares.at(share) + tables.SHARE_LOTS]
            before = 0
            if part <= lots - closed:
                before = self.shares.words[self.shares.at(share) + tables.SHARE_BEFORE]
            part = min(lots - closed, part)
            self._close(entry, fill, share, part, before, sign, True)
            closed += part
        return closed

    @cython.cfunc
    @cython.exceptval(check=False)
    def _close_oldest(
        self,
        entry: cython.int,
        fill: cython.longlong,
        lots: cython.longlong,
        sign: cython.int,
    ) -> cython.void:
        """Close so many lots of a position, the oldest first."""
        share: cython.longlong = self.shares.first[entry]
        part: cython.longlong
        before: cython.longlong
        while lots > 0 and share != 0:
            before = self.shares.take_loose(entry, share, lots)
            lots -= before
            part = min(lots, self.shares.words[self.shares.at(share) + tables.SHARE_LOTS])
            if part > 0:
                self._close(entry, fill, share, part, before, sign, False)
            lots -= part
            share = self.shares.first[entry]

    @cython.cfunc
    @cython.exceptval(check=False)
    def _close(
        self,
        entry: cython.int,
        fill: cython.longlong,
        share: cython.longlong,
        lots: cython.longlong,
        before: cython.longlong,
        sign: cython.int,
        is_own: cython.bint,
    ) -> cython.void:
        """Close lots of a share, and note it behind the fill."""
        at: cython.Py_ssize_t = self.shares.at(share)
        note: cython.Py_ssize_t = self.notes.note_closed(fill)
        owner: cython.longlong = self.shares.words[at + tables.SHARE_OWNER]
        ticks: cython.longlong = self.notes.words[self.notes.at(fill) + tables.NOTE_TICKS]
        cost: cython.longlong = self.shares.take_from(entry, share, lots, sign)
        self.notes.words[note + tables.CLOSED_NUMBER] = self.shares.words[at + tables.SHARE_NUMBER]
        self.notes.words[note + tables.CLOSED_OWNER] = owner
        self.notes.words[note + tables.CLOSED_ORDER] = self.shares.words[at + tables.SHARE_ORDER]
        self.notes.words[note + tables.CLOSED_BEFORE] = before
        self.notes.words[note + tables.CLOSED_LOTS] = lots
        self.notes.words[note + tables.CLOSED_TICK_LOTS] = cost
        self.notes.words[note + tables.CLOSED_IS_OWN] = is_own
        if self.shares.is_owned(share):
            self._realise(owner, ticks * lots, cost, sign)
        if self.shares.words[at + tables.SHARE_LOTS] == 0:
            self.shares.drop(share)

    @cython.cfunc
    @cython.exceptval(check=False)
    def _realise(
        self,
        owner: cython.longlong,
        brought: cython.longlong,
        cost: cython.longlong,
        sign: cython.int,
    ) -> cython.void:
        self.strategies.realised.add(owner, sign * brought)
        self.strategies.realised.add(owner, -sign * cost)

    @cython.cfunc
    @cython.exceptval(check=False)
    def take_back(self, entry: cython.int, held: cython.longlong) -> cython.longlong:
        """Undo the newest fill of a position that is noted; return what was held before it."""
        fill: cython.longlong = self.positions.newest_note[entry]
        at: cython.Py_ssize_t = self.notes.at(fill)
        owner: cython.longlong = self.notes.words[at + tables.NOTE_OWNER]
        order: cython.longlong = self.notes.words[at + tables.NOTE_ORDER]
        ticks: cython.longlong = self.notes.words[at + tables.NOTE_TICKS]
        lots: cython.longlong = self.notes.words[at + tables.NOTE_LOTS]
        closing: cython.longlong = closed_by(held - lots, lots)
        if self.notes.words[at + tables.NOTE_MORE] & 3 == tables.FILL_UNDOES:
            owner = kinds.NO_SLOT
        self.shares.unopen(entry, owner, order, held, abs(lots) - closing, ticks)
        self._reopen(entry, fill, closing, 1 if held > lots else -1)
        self.positions.newest_note[entry] = self.notes.words[at + tables.NOTE_PREVIOUS]
        return held - lots

    @cython.cfunc
    @cython.exceptval(check=False)
    def _reopen(
        self, entry: cython.int, fill: cython.longlong, lots: cython.longlong, sign: cython.int
    ) -> cython.void:
        """Open the lots that a fill has closed as they were: nobody's last, the first one first."""
        words: cython.longlong[::1] = self.notes.words
        ticks: cython.longlong = words[self.notes.at(fill) + tables.NOTE_TICKS]
        number: cython.longlong = fill + (words[self.notes.at(fill) + tables.NOTE_MORE] >> 2)
        note: cython.longlong
        at: cython.Py_ssize_t
        for note in range(fill + 1, number + 1):
            at = self.notes.at(note)
            lots -= words[at + tables.CLOSED_LOTS]
            if words[at + tables.CLOSED_IS_OWN] == 0:
                lots -= words[at + tables.CLOSED_BEFORE]
        self.shares.put_loose(entry, self.shares.first[entry], lots)
        while number > fill:
            at = self.notes.at(number)
            if self.strategies.holds(
                words[at + tables.CLOSED_OWNER], words[at + tables.CLOSED_ORDER]
            ):
                self._realise(
                    words[at + tables.CLOSED_OWNER],
                    -ticks * words[at + tables.CLOSED_LOTS],
                    -words[at + tables.CLOSED_TICK_LOTS],
                    sign,
                )
            self.shares.put_back(entry, words, at, sign)
            number -= 1


@cython.cfunc
@cython.exceptval(check=False)
def closed_by(held: cython.longlong, lots: cython.longlong) -> cython.longlong:
    """Return how many lots of what is held a fill of signed lots closes."""
    return 0 if (held > 0) == (lots > 0) else min(abs(held), abs(lots))


def is_compiled() -> bool:
    """Whether this module runs as a C extension."""
    return cython.compiled
