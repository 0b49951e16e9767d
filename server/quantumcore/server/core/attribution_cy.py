"""Tell of every fill which multi-leg orders it opens lots of, and which it closes lots of."""

import cython

from quantumcore.server.core.memory import int64_column

if cython.compiled:
    from cython.cimports.quantumcore.server.core import kinds, tables
    from cython.cimports.quantumcore.server.core.orders_cy import Orders
    from cython.cimports.quantumcore.server.core.packages_cy import Packages
    from cython.cimports.quantumcore.server.core.positions_cy import Positions
    from cython.cimports.quantumcore.server.core.reporter_cy import Reporter
    from cython.cimports.quantumcore.server.core.shares_cy import Shares, part_of
    from cython.cimports.quantumcore.server.core.strategies_cy import Strategies
else:
    from quantumcore.server.core import kinds, tables
    from quantumcore.server.core.orders_cy import Orders
    from quantumcore.server.core.packages_cy import Packages
    from quantumcore.server.core.positions_cy import Positions
    from quantumcore.server.core.reporter_cy import Reporter
    from quantumcore.server.core.shares_cy import Shares, part_of
    from quantumcore.server.core.strategies_cy import Strategies

SHARES_PER_STRATEGY = 8


@cython.final
@cython.cclass
class Attribution:
    """Profit and loss belongs to the order that opened what is closed; the oldest is closed first.

    A sequential order that reverses a leg closes what the leg has opened, the newest first. What a
    fill has closed is noted under its event's sequence, the newest `capacity` of them, so that a
    bust opens it again.
    """

    orders: Orders
    packages: Packages
    positions: Positions
    report: Reporter
    shares: Shares
    strategies: Strategies
    capacity: cython.longlong
    count: cython.longlong
    closings: cython.longlong[::1]

    def __init__(self, report: Reporter, hash_key: int) -> None:
        self.report, self.orders, self.positions = report, report.orders, report.positions
        self.packages = report.orders.packages
        self.strategies = Strategies(self.packages.capacity, hash_key)
        self.capacity = self.packages.capacity * SHARES_PER_STRATEGY
        self.shares = Shares(self.positions, self.strategies, self.capacity)
        self.count = 0
        self.closings = int64_column(self.capacity * tables.CLOSING_WORDS)

    @cython.cfunc
    @cython.exceptval(check=False)
    def concerns(self, row: cython.int) -> cython.bint:
        """Whether a fill of this order may open or close lots of a multi-leg order."""
        return self.positions.first_share[
            self.orders.position[row]
        ] != kinds.NO_SLOT or self.orders.is_leg(row)

    @cython.cfunc
    @cython.exceptval(check=False)
    def knows(self, row: cython.int, sequence: cython.longlong) -> cython.bint:
        """Whether undoing the fill whose event has this sequence concerns a multi-leg order."""
        last: cython.longlong = self._after(sequence) - 1
        if self.concerns(row):
            return True
        return last >= max(0, self.count - self.capacity) and (
            self.closings[(last % self.capacity) * tables.CLOSING_WORDS + tables.CLOSING_SEQUENCE]
            == sequence
        )

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
        """Book a fill of signed lots; its position, which had `held` before it, has it already."""
        entry: cython.int = self.orders.position[row]
        owner: cython.longlong = self._owner(row)
        sign: cython.int = 1 if held > 0 else -1
        closing: cython.longlong = self._closing(held, lots)
        opened: cython.longlong = abs(lots) - closing
        if owner != kinds.NO_SLOT and (self.orders.terms[row] >> kinds.STATE_UNWIND) & 1:
            closing -= self._close_own(entry, owner, closing, ticks, sign)
        self._close_oldest(entry, closing, ticks, sign)
        if owner == kinds.NO_SLOT:
            return
        if opened > 0:
            self.shares.open(entry, owner, opened, ticks * opened)
        self._pay(owner, ticks * lots, fee)

    @cython.cfunc
    @cython.exceptval(check=False)
    def undo(
        self,
        row: cython.int,
        held: cython.longlong,
        ticks: cython.longlong,
        lots: cython.longlong,
        fee: cython.longlong,
        sequence: cython.longlong,
    ) -> cython.void:
        """Book the reverse of the fill whose event has this sequence: signed lots, as reversed.

        It takes back what the fill had opened, the newest lots where that is not known, and opens
        what it had closed.
        """
        entry: cython.int = self.orders.position[row]
        owner: cython.longlong = self._owner(row)
        sign: cython.int = 1 if held > 0 else -1
        closing: cython.longlong = self._closing(held, lots)
        if owner != kinds.NO_SLOT:
            own: cython.longlong = self._close_own(entry, owner, closing, ticks, sign)
            closing -= own
            held -= sign * own
            self._pay(owner, ticks * lots, fee)
        closing = self._close_newest_of_nobody(entry, closing, abs(held))
        self._close_oldest(entry, closing, ticks, sign)
        self._reopen(entry, sequence)

    @cython.cfunc
    @cython.exceptval(check=False)
    def _closing(self, held: cython.longlong, lots: cython.longlong) -> cython.longlong:
        """Return how many lots of what is held a fill closes."""
        return 0 if (held > 0) == (lots > 0) else min(abs(held), abs(lots))

    @cython.cfunc
    @cython.exceptval(check=False)
    def _pay(
        self, owner: cython.longlong, tick_lots: cython.longlong, fee: cython.longlong
    ) -> cython.void:
        self.strategies.paid.add(owner, tick_lots)
        self.strategies.fees.add(owner, fee)

    @cython.cfunc
    @cython.exceptval(check=False)
    def _owner(self, row: cython.int) -> cython.longlong:
        """Return the leg among strategies that an order is, or NO_SLOT where it is none."""
        package: cython.Py_ssize_t
        strategy: cython.longlong
        order: cython.longlong
        owner: cython.longlong = kinds.NO_SLOT
        if not self.orders.is_leg(row):
            return owner
        package = self.packages.at(self.orders.package(row))
        order = self.packages.words[package + tables.PACKAGE_ROW_ORDER]
        strategy = self.packages.words[package + tables.PACKAGE_ROW_STRATEGY]
        if not self.strategies.holds(strategy * kinds.MAX_LEGS, order):
            strategy = self.strategies.add(
                order,
                self.orders.account[row],
                cython.cast(
                    cython.int, self.packages.words[package + tables.PACKAGE_ROW_LEG_COUNT]
                ),
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
        owner: cython.longlong,
        lots: cython.longlong,
        ticks: cython.longlong,
        sign: cython.int,
    ) -> cython.longlong:
        """Close up to so many lots of one leg, the newest first; return how many."""
        newest: cython.Py_ssize_t = self.strategies.leg_at(owner) + tables.OWNED_NEWEST
        share: cython.longlong
        part: cython.longlong
        closed: cython.longlong = 0
        while closed < lots and self.strategies.words[newest] != kinds.NO_SLOT:
            share = self.strategies.words[newest]
            part = min(lots - closed, self.shares.words[self.shares.at(share) + tables.SHARE_LOTS])
            self._close(entry, share, part, ticks, sign)
            closed += part
        return closed

    @cython.cfunc
    @cython.exceptval(check=False)
    def _close_oldest(
        self, entry: cython.int, lots: cython.longlong, ticks: cython.longlong, sign: cython.int
    ) -> cython.void:
        """Close so many lots of a position, the oldest first."""
        share: cython.longlong = self.positions.first_share[entry]
        part: cython.longlong
        at: cython.Py_ssize_t
        while lots > 0 and share != kinds.NO_SLOT:
            at = self.shares.at(share)
            part = min(lots, self.shares.words[at + tables.SHARE_BEFORE])
            self.shares.words[at + tables.SHARE_BEFORE] -= part
            self.shares.counted[entry] -= part
            lots -= part
            part = min(lots, self.shares.words[at + tables.SHARE_LOTS])
            if part > 0:
                self._close(entry, share, part, ticks, sign)
            lots -= part
            share = self.positions.first_share[entry]

    @cython.cfunc
    @cython.exceptval(check=False)
    def _close_newest_of_nobody(
        self, entry: cython.int, lots: cython.longlong, held: cython.longlong
    ) -> cython.longlong:
        """Close lots that no share has, the newest first; return how many there were not."""
        share: cython.longlong = self.positions.first_share[entry]
        part: cython.longlong
        at: cython.Py_ssize_t
        if share == kinds.NO_SLOT:
            return 0
        lots -= min(lots, held - self.shares.counted[entry])
        share = self.shares.last[entry]
        while lots > 0 and share != kinds.NO_SLOT:
            at = self.shares.at(share)
            part = min(lots, self.shares.words[at + tables.SHARE_BEFORE])
            self.shares.words[at + tables.SHARE_BEFORE] -= part
            self.shares.counted[entry] -= part
            lots -= part
            share = self.shares.words[at + tables.SHARE_PREVIOUS]
        return lots

    @cython.cfunc
    @cython.exceptval(check=False)
    def _close(
        self,
        entry: cython.int,
        share: cython.longlong,
        lots: cython.longlong,
        ticks: cython.longlong,
        sign: cython.int,
    ) -> cython.void:
        """Close lots of a share at a price; the next event tells of it."""
        at: cython.Py_ssize_t = self.shares.at(share)
        owner: cython.longlong = self.shares.words[at + tables.SHARE_OWNER]
        cost: cython.longlong = self.shares.take_from(entry, share, lots, sign)
        realised: cython.longlong = sign * (ticks * lots - cost)
        if self.shares.is_owned(share):
            self.strategies.realised.add(owner, realised)
            at = self._note(entry, owner, self.shares.words[at + tables.SHARE_ORDER])
            self.closings[at + tables.CLOSING_LOTS] = sign * lots
            self.closings[at + tables.CLOSING_TICK_LOTS] = cost
            self.closings[at + tables.CLOSING_REALISED] = realised
        self.shares.drop_empty(entry, share)

    @cython.cfunc
    @cython.exceptval(check=False)
    def _note(
        self, entry: cython.int, owner: cython.longlong, order: cython.longlong
    ) -> cython.Py_ssize_t:
        """Take a row for what is closed; return where it is."""
        at: cython.Py_ssize_t = (self.count % self.capacity) * tables.CLOSING_WORDS
        self.count += 1
        self.closings[at + tables.CLOSING_SEQUENCE] = self.report.sequence + 1
        self.closings[at + tables.CLOSING_POSITION] = entry
        self.closings[at + tables.CLOSING_OWNER] = owner
        self.closings[at + tables.CLOSING_ORDER] = order
        return at

    @cython.cfunc
    @cython.exceptval(check=False)
    def _after(self, sequence: cython.longlong) -> cython.longlong:
        """Return the number of the first closing behind this sequence that is remembered."""
        low: cython.longlong = max(0, self.count - self.capacity)
        high: cython.longlong = self.count
        middle: cython.longlong
        while low < high:
            middle = (low + high) >> 1
            if (
                self.closings[
                    (middle % self.capacity) * tables.CLOSING_WORDS + tables.CLOSING_SEQUENCE
                ]
                <= sequence
            ):
                low = middle + 1
            else:
                high = middle
        return low

    @cython.cfunc
    @cython.exceptval(check=False)
    def _reopen(self, entry: cython.int, sequence: cython.longlong) -> cython.void:
        """Open again what the fill with this sequence had closed, as far as there is room."""
        number: cython.longlong = self._after(sequence) - 1
        oldest: cython.longlong = max(0, self.count - self.capacity)
        at: cython.Py_ssize_t
        while number >= oldest:
            at = (number % self.capacity) * tables.CLOSING_WORDS
            if self.closings[at + tables.CLOSING_SEQUENCE] != sequence:
                return
            if self.closings[at + tables.CLOSING_POSITION] == entry:
                self._reopen_one(entry, at)
            number -= 1

    @cython.cfunc
    @cython.exceptval(check=False)
    def _reopen_one(self, entry: cython.int, at: cython.Py_ssize_t) -> cython.void:
        lots: cython.longlong = self.positions.lots[entry]
        closed: cython.longlong = self.closings[at + tables.CLOSING_LOTS]
        owner: cython.longlong = self.closings[at + tables.CLOSING_OWNER]
        order: cython.longlong = self.closings[at + tables.CLOSING_ORDER]
        part: cython.longlong = min(abs(closed), abs(lots) - self.shares.counted[entry])
        cost: cython.longlong
        realised: cython.longlong
        if (lots > 0) != (closed > 0) or part <= 0 or not self.strategies.holds(owner, order):
            return
        cost = part_of(self.closings[at + tables.CLOSING_TICK_LOTS], abs(closed), part)
        realised = part_of(self.closings[at + tables.CLOSING_REALISED], abs(closed), part)
        if not self.shares.reopen(entry, owner, order, part, cost):
            return
        self.strategies.realised.add(owner, -realised)
        self.closings[at + tables.CLOSING_LOTS] -= part if closed > 0 else -part
        self.closings[at + tables.CLOSING_TICK_LOTS] -= cost
        self.closings[at + tables.CLOSING_REALISED] -= realised

    def counters(self) -> list[int]:
        """Return all that the columns do not hold."""
        return [self.count]

    def columns(self) -> list[memoryview]:
        """Return the parts of the columns that have ever been used."""
        used = min(self.count, self.capacity)
        return [memoryview(self.closings)[: used * tables.CLOSING_WORDS]]


def is_compiled() -> bool:
    """Whether this module runs as a C extension."""
    return cython.compiled
