"""Find how many units of a package can trade now, and at what prices, changing nothing."""

import cython

from quantumcore.server.core.memory import int64_column
from quantumcore.server.core.price_constraint_cy import holds

if cython.compiled:
    from cython.cimports.quantumcore.server.core import enums, kinds, tables
    from cython.cimports.quantumcore.server.core.arena_cy import Arena
    from cython.cimports.quantumcore.server.core.book_cy import Book
    from cython.cimports.quantumcore.server.core.instruments_cy import Instruments
    from cython.cimports.quantumcore.server.core.ladder_cy import Ladder
    from cython.cimports.quantumcore.server.core.matching_cy import Matching
    from cython.cimports.quantumcore.server.core.packages_cy import Packages
else:
    from quantumcore.server.core import enums, kinds, tables
    from quantumcore.server.core.arena_cy import Arena
    from quantumcore.server.core.book_cy import Book
    from quantumcore.server.core.instruments_cy import Instruments
    from quantumcore.server.core.ladder_cy import Ladder
    from quantumcore.server.core.matching_cy import Matching
    from quantumcore.server.core.packages_cy import Packages


@cython.final
@cython.cclass
class Plan:
    """The books as they would be while a package executes, seen through cursors of its own.

    Units are planned one after the other, each at the best prices that those before it leave; a
    unit counts if its net price, each leg's limit and all constraints hold at its own prices.
    Orders of the package's owner and reduce-only orders, which are not sure to trade, are passed
    over. `units` is how many can trade; `blocked` why no more can: a RejectReason.
    """

    arena: Arena
    instruments: Instruments
    matching: Matching
    packages: Packages
    legs: cython.longlong[::1]
    leg_count: cython.Py_ssize_t
    package: cython.Py_ssize_t
    owner: cython.longlong
    most: cython.longlong
    stops_at_own: cython.bint
    cancels_own: cython.bint
    most_cost: cython.longlong
    units: cython.longlong
    cost: cython.longlong
    blocked: cython.longlong

    def __init__(self, matching: Matching, packages: Packages) -> None:
        self.matching, self.packages = matching, packages
        self.arena, self.instruments = matching.arena, matching.instruments
        self.legs = int64_column(kinds.MAX_LEGS * tables.PLAN_WORDS)
        self.leg_count = self.package = 0
        self.owner = self.most = self.most_cost = self.units = self.cost = self.blocked = 0
        self.stops_at_own = self.cancels_own = False

    @cython.cfunc
    @cython.exceptval(check=False)
    def begin(
        self,
        package: cython.int,
        owner: cython.longlong,
        prevention: cython.longlong,
    ) -> cython.void:
        """Look at a package of the table; `set_leg` comes for each of its legs."""
        words: cython.longlong[::1] = self.packages.words
        self.package = self.packages.at(package)
        self.leg_count = 0
        self.owner = owner
        self.stops_at_own = (
            prevention > enums.SELF_TRADE_PREVENTION_NONE
            and prevention != enums.SELF_TRADE_PREVENTION_CANCEL_OLDEST
        )
        self.cancels_own = prevention == enums.SELF_TRADE_PREVENTION_CANCEL_OLDEST
        self.most_cost = words[self.package + tables.PACKAGE_ROW_MOST_COST]

    @cython.cfunc
    @cython.exceptval(check=False)
    def set_leg(self, instrument: cython.int, side: cython.int) -> cython.void:
        """Add the next leg of the package; its ratio and limit are in the table."""
        at: cython.Py_ssize_t = self.leg_count * tables.PLAN_WORDS
        words: cython.longlong[::1] = self.packages.words
        ladder: Ladder = self._opposite(instrument, side)
        limit: cython.longlong = words[self.package + tables.PACKAGE_ROW_LIMITS + self.leg_count]
        if limit == tables.NO_LIMIT and side == enums.SIDE_SELL:
            limit = -limit
        limit = self.matching._in_band(instrument, side, limit)
        self.legs[at + tables.PLAN_INSTRUMENT] = instrument
        self.legs[at + tables.PLAN_SIDE] = side
        self.legs[at + tables.PLAN_RATIO] = words[
            self.package + tables.PACKAGE_ROW_RATIOS + self.leg_count
        ]
        self.legs[at + tables.PLAN_WORST] = ladder.sign * limit
        self.legs[at + tables.PLAN_TICK_VALUE] = self.instruments.get(
            instrument, tables.INSTRUMENT_TICK_VALUE
        )
        self.leg_count += 1

    @cython.cfunc
    def _opposite(self, instrument: cython.int, side: cython.int) -> Ladder:
        book: Book = self.instruments.book(instrument)
        return book.asks if side == enums.SIDE_BUY else book.bids

    @cython.cfunc
    @cython.exceptval(-1, check=False)
    def find(self, most: cython.longlong) -> cython.longlong:
        """Find how many units, at most so many, can trade; `units` and `cost` say it."""
        several: cython.longlong
        self.most = most
        self.units = self.cost = 0
        self.blocked = enums.REJECT_REASON_PACKAGE_NOT_EXECUTABLE
        if not self._open():
            return 0
        while self.units < most:
            several = self._whole_units(most - self.units)
            if several == 0:
                several = 1
                if not self._one_unit():
                    break
            if not self._is_acceptable():
                break
            self._advance(several)
        return self.units

    @cython.cfunc
    @cython.exceptval(check=False)
    def _open(self) -> cython.bint:
        """Put each leg's cursor on the best level that it may meet; return whether all have one."""
        leg: cython.Py_ssize_t
        at: cython.Py_ssize_t
        for leg in range(self.leg_count):
            at = leg * tables.PLAN_WORDS
            ladder: Ladder = self._opposite(
                cython.cast(cython.int, self.legs[at + tables.PLAN_INSTRUMENT]),
                cython.cast(cython.int, self.legs[at + tables.PLAN_SIDE]),
            )
            self._stand(at, ladder, ladder.best())
            self._look_on(at, ladder)
            if self.legs[at + tables.PLAN_NEXT_LEFT] == 0:
                return False
            self._settle(at)
        return True

    @cython.cfunc
    @cython.exceptval(check=False)
    def _stand(self, at: cython.Py_ssize_t, ladder: Ladder, level: cython.int) -> cython.void:
        """Put a leg's next cursor on a level."""
        self.legs[at + tables.PLAN_NEXT_LEVEL] = level
        self.legs[at + tables.PLAN_NEXT_LEFT] = 0
        if (
            level == kinds.NO_SLOT
            or self.arena.level_key[level] < self.legs[at + tables.PLAN_WORST]
        ):
            self.legs[at + tables.PLAN_NEXT_LEVEL] = kinds.NO_SLOT
            return
        self.legs[at + tables.PLAN_NEXT_TICKS] = ladder.sign * self.arena.level_key[level]
        self.legs[at + tables.PLAN_NEXT_LEFT] = self._sure(at, level)

    @cython.cfunc
    @cython.exceptval(check=False)
    def _look_on(self, at: cython.Py_ssize_t, ladder: Ladder) -> cython.void:
        """Move a leg's next cursor on until there are lots, or no more levels."""
        level: cython.int
        while (
            self.legs[at + tables.PLAN_NEXT_LEFT] == 0
            and self.legs[at + tables.PLAN_NEXT_LEVEL] != kinds.NO_SLOT
        ):
            level = cython.cast(cython.int, self.legs[at + tables.PLAN_NEXT_LEVEL])
            self._stand(at, ladder, ladder.below(level))

    @cython.cfunc
    @cython.exceptval(check=False)
    def _settle(self, at: cython.Py_ssize_t) -> cython.void:
        """Make a leg's next cursor its present one."""
        self.legs[at + tables.PLAN_LEVEL] = self.legs[at + tables.PLAN_NEXT_LEVEL]
        self.legs[at + tables.PLAN_LEFT] = self.legs[at + tables.PLAN_NEXT_LEFT]
        self.legs[at + tables.PLAN_TICKS] = self.legs[at + tables.PLAN_NEXT_TICKS]

    @cython.cfunc
    @cython.exceptval(check=False)
    def _sure(self, at: cython.Py_ssize_t, level: cython.int) -> cython.longlong:
        """Return the lots of a level that would surely trade, or as many as are enough.

        Hidden ones count. Where the package must not meet its owner, nothing behind the owner's
        first order counts, and the leg's limit is drawn in to this level.
        """
        arena: Arena = self.arena
        found: cython.longlong = 0
        enough: cython.longlong = self.most * self.legs[at + tables.PLAN_RATIO]
        tag: cython.longlong
        slot: cython.int = arena.level_head[level]
        if not self.stops_at_own and arena.level_guards[level] == arena.level_orders[level]:
            return 0
        while slot != kinds.NO_SLOT and found < enough:
            tag = arena.order_tag[slot]
            if self.owner != 0 and tag >> 32 == self.owner:
                if self.stops_at_own:
                    self.legs[at + tables.PLAN_WORST] = arena.level_key[level] + 1
                    return found
            elif not tag & tables.TAG_GUARDED:
                found += arena.order_leaves[slot]
                if tag & tables.TAG_ICEBERG:
                    found += arena.order_hidden[slot]
            slot = arena.order_next[slot]
        return found

    @cython.cfunc
    @cython.exceptval(check=False)
    def _whole_units(self, most: cython.longlong) -> cython.longlong:
        """Return how many units trade at the present levels alone, and plan the first of them."""
        leg: cython.Py_ssize_t
        at: cython.Py_ssize_t
        for leg in range(self.leg_count):
            at = leg * tables.PLAN_WORDS
            if self.legs[at + tables.PLAN_LEFT] < self.legs[at + tables.PLAN_RATIO] * most:
                most = self.legs[at + tables.PLAN_LEFT] // self.legs[at + tables.PLAN_RATIO]
            self.legs[at + tables.PLAN_TICK_LOTS] = (
                self.legs[at + tables.PLAN_TICKS] * self.legs[at + tables.PLAN_RATIO]
            )
            self.legs[at + tables.PLAN_NEXT_LEVEL] = self.legs[at + tables.PLAN_LEVEL]
            self.legs[at + tables.PLAN_NEXT_TICKS] = self.legs[at + tables.PLAN_TICKS]
        for leg in range(self.leg_count):
            at = leg * tables.PLAN_WORDS
            self.legs[at + tables.PLAN_NEXT_LEFT] = (
                self.legs[at + tables.PLAN_LEFT] - most * self.legs[at + tables.PLAN_RATIO]
            )
        return most

    @cython.cfunc
    @cython.exceptval(check=False)
    def _one_unit(self) -> cython.bint:
        """Plan one unit across levels; return whether all its legs find their lots."""
        leg: cython.Py_ssize_t
        for leg in range(self.leg_count):
            if not self._one_leg(leg * tables.PLAN_WORDS):
                return False
        return True

    @cython.cfunc
    @cython.exceptval(check=False)
    def _one_leg(self, at: cython.Py_ssize_t) -> cython.bint:
        ladder: Ladder = self._opposite(
            cython.cast(cython.int, self.legs[at + tables.PLAN_INSTRUMENT]),
            cython.cast(cython.int, self.legs[at + tables.PLAN_SIDE]),
        )
        lots: cython.longlong = self.legs[at + tables.PLAN_RATIO]
        taken: cython.longlong
        self.legs[at + tables.PLAN_TICK_LOTS] = 0
        self.legs[at + tables.PLAN_NEXT_LEVEL] = self.legs[at + tables.PLAN_LEVEL]
        self.legs[at + tables.PLAN_NEXT_LEFT] = self.legs[at + tables.PLAN_LEFT]
        self.legs[at + tables.PLAN_NEXT_TICKS] = self.legs[at + tables.PLAN_TICKS]
        while lots > 0:
            self._look_on(at, ladder)
            taken = min(lots, self.legs[at + tables.PLAN_NEXT_LEFT])
            if taken == 0:
                return False
            self.legs[at + tables.PLAN_TICK_LOTS] += self.legs[at + tables.PLAN_NEXT_TICKS] * taken
            self.legs[at + tables.PLAN_NEXT_LEFT] -= taken
            lots -= taken
        return True

    @cython.cfunc
    @cython.exceptval(-1, check=False)
    def _is_acceptable(self) -> cython.int:
        """Whether the unit just planned may trade at its prices."""
        if self.most_cost != tables.NO_LIMIT and self._unit_cost() > self.most_cost:
            return 0
        if self.packages.words[self.package + tables.PACKAGE_ROW_CONSTRAINT_COUNT] == 0:
            return 1
        if self._constraints_hold():
            return 1
        self.blocked = enums.REJECT_REASON_PRICE_CONSTRAINT
        return 0

    @cython.cfunc
    @cython.exceptval(check=False)
    def _unit_cost(self) -> cython.longlong:
        """Return what the unit just planned costs, minor units; negative: received."""
        cost: cython.longlong = 0
        leg: cython.Py_ssize_t
        at: cython.Py_ssize_t
        for leg in range(self.leg_count):
            at = leg * tables.PLAN_WORDS
            if self.legs[at + tables.PLAN_SIDE] == enums.SIDE_BUY:
                cost += (
                    self.legs[at + tables.PLAN_TICK_LOTS] * self.legs[at + tables.PLAN_TICK_VALUE]
                )
            else:
                cost -= (
                    self.legs[at + tables.PLAN_TICK_LOTS] * self.legs[at + tables.PLAN_TICK_VALUE]
                )
        return cost

    @cython.cfunc
    @cython.exceptval(check=False)
    def _advance(self, units: cython.longlong) -> cython.void:
        """Count units that are planned, and move all cursors on."""
        leg: cython.Py_ssize_t
        self.cost += units * self._unit_cost()
        self.units += units
        for leg in range(self.leg_count):
            self._settle(leg * tables.PLAN_WORDS)

    def _constraints_hold(self) -> bool:
        """Whether all price constraints hold at the average prices of the unit just planned."""
        words = self.packages.words
        count = words[self.package + tables.PACKAGE_ROW_CONSTRAINT_COUNT]
        first = self.package + tables.PACKAGE_ROW_CONSTRAINTS
        return all(self._holds(first + number * kinds.CONSTRAINT_WORDS) for number in range(count))

    def holds_at(self, package: int, legs: list[tuple[int, int, int]], prices: list[int]) -> bool:
        """Whether a package's constraints hold where its legs trade at these ticks.

        The legs are instrument, side and lots of one unit, in the package's order.
        """
        self.package = self.packages.at(package)
        for number, (instrument, _side, lots) in enumerate(legs):
            at = number * tables.PLAN_WORDS
            self.legs[at + tables.PLAN_INSTRUMENT], self.legs[at + tables.PLAN_RATIO] = (
                instrument,
                lots,
            )
            self.legs[at + tables.PLAN_TICK_LOTS] = prices[number] * lots
        return self._constraints_hold()

    def _holds(self, at: int) -> bool:
        words = self.packages.words
        terms = words[at + kinds.CONSTRAINT_TERMS]
        low, high = words[at + kinds.CONSTRAINT_FIRST], words[at + kinds.CONSTRAINT_SECOND]
        a, b = self._price(terms >> 8 & 0xFF), self._price(terms >> 16 & 0xFF)
        return holds(terms & 0xFF, low, high, a, b)

    def _price(self, leg_number: int) -> tuple[int, int]:
        """Return a leg's average price in the unit just planned, 1e-9, as a fraction."""
        at = (leg_number - 1) * tables.PLAN_WORDS
        tick = self.instruments.get(
            self.legs[at + tables.PLAN_INSTRUMENT], tables.INSTRUMENT_TICK_SIZE
        )
        return int(self.legs[at + tables.PLAN_TICK_LOTS]) * int(tick), int(
            self.legs[at + tables.PLAN_RATIO]
        )


def is_compiled() -> bool:
    """Whether this module runs as a C extension."""
    return cython.compiled
