"""Say how far legs of sequential orders may go, in ticks: all of it exact."""

import cython

from quantumcore.server.core.price_constraint_cy import holds

if cython.compiled:
    from cython.cimports.quantumcore.server.core import enums, kinds, tables
    from cython.cimports.quantumcore.server.core.arena_cy import Arena
    from cython.cimports.quantumcore.server.core.book_cy import Book
    from cython.cimports.quantumcore.server.core.instruments_cy import Instruments
    from cython.cimports.quantumcore.server.core.ladder_cy import Ladder
    from cython.cimports.quantumcore.server.core.matching_cy import Matching
    from cython.cimports.quantumcore.server.core.orders_cy import Orders
    from cython.cimports.quantumcore.server.core.packages_cy import Packages
else:
    from quantumcore.server.core import enums, kinds, tables
    from quantumcore.server.core.arena_cy import Arena
    from quantumcore.server.core.book_cy import Book
    from quantumcore.server.core.instruments_cy import Instruments
    from quantumcore.server.core.ladder_cy import Ladder
    from quantumcore.server.core.matching_cy import Matching
    from quantumcore.server.core.orders_cy import Orders
    from quantumcore.server.core.packages_cy import Packages


@cython.final
@cython.cclass
class LegBounds:
    """Worst prices of a leg; a *round* is what has traded since all legs were last level."""

    arena: Arena
    instruments: Instruments
    matching: Matching
    orders: Orders
    packages: Packages

    def __init__(self, matching: Matching) -> None:
        self.matching, self.arena = matching, matching.arena
        self.instruments, self.orders = matching.instruments, matching.orders
        self.packages = matching.orders.packages

    @cython.cfunc
    @cython.exceptval(check=False)
    def stricter(
        self, side: cython.int, one: cython.longlong, other: cython.longlong
    ) -> cython.longlong:
        """Return the worst price that is within both."""
        return min(one, other) if side == enums.SIDE_BUY else max(one, other)

    @cython.cfunc
    @cython.exceptval(check=False)
    def furthest(self, row: cython.int, number: cython.int) -> cython.longlong:
        """Return how far a leg goes by itself: to its limit, without one as market orders do."""
        at: cython.Py_ssize_t = self.packages.at(self.orders.package(row))
        limit: cython.longlong = self.packages.words[at + tables.PACKAGE_ROW_LIMITS + number]
        if limit == tables.NO_LIMIT:
            return self.at_market(self.orders.leg_row(row, number))
        return limit

    @cython.cfunc
    @cython.exceptval(-1, check=True)
    def worst(
        self,
        row: cython.int,
        number: cython.int,
        furthest: cython.longlong,
        lots: cython.longlong,
    ) -> cython.longlong:
        """Return the worst price at which a leg may trade so many lots more, going so far."""
        leg: cython.int = self.orders.leg_row(row, number)
        side: cython.int = self.orders.side(leg)
        if self.is_priced(row, number):
            furthest = self.stricter(side, furthest, self._within_net_price(row, lots))
        return self.matching._in_band(self.orders.instrument[leg], side, furthest)

    @cython.cfunc
    @cython.exceptval(check=False)
    def is_priced(self, row: cython.int, number: cython.int) -> cython.bint:
        """Whether a net price bounds a leg: the last one alone."""
        at: cython.Py_ssize_t = self.packages.at(self.orders.package(row))
        return (
            number == self.packages.words[at + tables.PACKAGE_ROW_LEG_COUNT] - 1
            and self.packages.words[at + tables.PACKAGE_ROW_MOST_COST] != tables.NO_LIMIT
        )

    @cython.cfunc
    @cython.exceptval(check=False)
    def at_market(self, leg: cython.int) -> cython.longlong:
        """Return the worst price of a market order in a leg's book now."""
        instrument: cython.int = self.orders.instrument[leg]
        side: cython.int = self.orders.side(leg)
        band: cython.longlong = self.instruments.get(
            instrument, tables.INSTRUMENT_PROTECTION_BAND
        ) // self.instruments.get(instrument, tables.INSTRUMENT_TICK_SIZE)
        book: Book = self.instruments.book(instrument)
        opposite: Ladder = book.asks if side == enums.SIDE_BUY else book.bids
        best: cython.int = opposite.best()
        if best == kinds.NO_SLOT:
            return 0
        return opposite.sign * (self.arena.level_key[best] - band)

    def _within_net_price(self, row: int, lots: int) -> int:
        """Return the worst price of so many lots more of the last leg, by the net price.

        What the last leg has traded in this round, and these lots, make units. They cost the
        other legs' lots for as many units at those legs' average prices in the round. All in all
        it is to be no more than the net price of so many units.
        """
        words, at = self.packages.words, self.packages.at(self.orders.package(row))
        last = words[at + tables.PACKAGE_ROW_LEG_COUNT] - 1
        leg = self.orders.leg_row(row, last)
        ratio = int(words[at + tables.PACKAGE_ROW_RATIOS + last])
        value = int(self._value(leg))
        traded, tick_lots = self._round(row, last)
        units = traded + lots  # over ratio
        budget, over = int(words[at + tables.PACKAGE_ROW_MOST_COST]) * units, ratio
        budget -= value * tick_lots * ratio
        for number in range(last):
            other_lots, other_tick_lots = self._round(row, number)
            share = units * int(words[at + tables.PACKAGE_ROW_RATIOS + number])
            cost = self._value(self.orders.leg_row(row, number)) * other_tick_lots * share
            budget = budget * other_lots - cost * (over // ratio)
            over *= other_lots
        if self.orders.side(leg) == enums.SIDE_BUY:
            return self._in_range(leg, budget // (value * lots * over))
        return self._in_range(leg, -(budget // (-value * lots * over)))

    def _value(self, leg: int) -> int:
        """Return what a tick of a lot of a leg costs, negative where it is sold: minor units."""
        value = self.instruments.read(self.orders.instrument[leg], tables.INSTRUMENT_TICK_VALUE)
        return value if self.orders.side(leg) == enums.SIDE_BUY else -value

    def _round(self, row: int, number: int) -> tuple[int, int]:
        """Return the lots that a leg has traded in this round, and their ticks times lots."""
        words, at = self.packages.words, self.packages.at(self.orders.package(row))
        ratio = words[at + tables.PACKAGE_ROW_RATIOS + number]
        level = ratio * words[at + tables.PACKAGE_ROW_LEVEL_UNITS]
        tick_lots = self.orders.tick_lots[self.orders.leg_row(row, number)]
        return (
            int(words[at + tables.PACKAGE_ROW_TRADED + number] - level),
            int(tick_lots - words[at + tables.PACKAGE_ROW_LEVEL_TICK_LOTS + number]),
        )

    def _in_range(self, leg: int, ticks: int) -> int:
        """Return a price that is too far as one that is just outside the instrument's range."""
        instrument = self.orders.instrument[leg]
        read = self.instruments.read
        tick = read(instrument, tables.INSTRUMENT_TICK_SIZE)
        lowest = read(instrument, tables.INSTRUMENT_MIN_PRICE) // tick - 1
        highest = read(instrument, tables.INSTRUMENT_MAX_PRICE) // tick + 1
        return max(lowest, min(ticks, highest))

    def may_rest(self, leg: int, ticks: int) -> bool:
        """Whether a price is within the range of the leg's instrument."""
        instrument = self.orders.instrument[leg]
        read = self.instruments.read
        price = ticks * read(instrument, tables.INSTRUMENT_TICK_SIZE)
        lowest = read(instrument, tables.INSTRUMENT_MIN_PRICE)
        return lowest <= price <= read(instrument, tables.INSTRUMENT_MAX_PRICE)

    def is_bound(self, row: int, number: int) -> bool:
        """Whether a price constraint is about a leg and one before it."""
        return any(self._legs(at)[1] == number for at in self._constraints(row))

    def may_trade_at(self, row: int, number: int, ticks: int) -> bool:
        """Whether all constraints with legs before it let a leg trade at a price.

        Of the leg before, its average price in this round counts.
        """
        words = self.packages.words
        tick = self._tick(row, number)
        for at in self._constraints(row):
            before, behind = self._legs(at)
            if behind != number:
                continue
            lots, tick_lots = self._round(row, before)
            prices = ((tick_lots * self._tick(row, before), lots), (ticks * tick, 1))
            if (words[at + kinds.CONSTRAINT_TERMS] >> 8 & 0xFF) - 1 == number:
                prices = (prices[1], prices[0])
            low, high = words[at + kinds.CONSTRAINT_FIRST], words[at + kinds.CONSTRAINT_SECOND]
            kind = words[at + kinds.CONSTRAINT_TERMS] & 0xFF
            if not holds(kind, int(low), int(high), *prices):
                return False
        return True

    def _tick(self, row: int, number: int) -> int:
        instrument = self.orders.instrument[self.orders.leg_row(row, number)]
        return self.instruments.read(instrument, tables.INSTRUMENT_TICK_SIZE)

    def _constraints(self, row: int) -> list[int]:
        """Return where the constraints of an order stand in the table."""
        at = self.packages.at(self.orders.package(row))
        first = at + tables.PACKAGE_ROW_CONSTRAINTS
        count = self.packages.words[at + tables.PACKAGE_ROW_CONSTRAINT_COUNT]
        width = kinds.CONSTRAINT_WORDS
        return list(range(first, first + count * width, width))

    def _legs(self, at: int) -> tuple[int, int]:
        """Return the legs of a constraint, counted from 0: the one that is worked first, first."""
        terms = self.packages.words[at + kinds.CONSTRAINT_TERMS]
        a, b = (terms >> 8 & 0xFF) - 1, (terms >> 16 & 0xFF) - 1
        return min(a, b), max(a, b)

    def of_reversal(self, row: int, number: int) -> int:
        """Return the worst price at which the excess of a leg may be reversed.

        It is no further than the slippage allowed from the leg's average price in this round.
        """
        words, at = self.packages.words, self.packages.at(self.orders.package(row))
        slippage = words[at + tables.PACKAGE_ROW_SEQUENTIAL] >> 32
        lots, tick_lots = self._round(row, number)
        worse = abs(tick_lots) * int(slippage)
        leg = self.orders.leg_row(row, number)
        if self.orders.side(leg) == enums.SIDE_BUY:
            return self._in_range(leg, -((worse - tick_lots * 10_000) // (10_000 * lots)))
        return self._in_range(leg, (tick_lots * 10_000 + worse) // (10_000 * lots))

    def cost(self, row: int) -> tuple[int, int]:
        """Return what one unit costs at the legs' average prices in this round: a fraction."""
        words, at = self.packages.words, self.packages.at(self.orders.package(row))
        amount, over = 0, 1
        for number in range(words[at + tables.PACKAGE_ROW_LEG_COUNT]):
            lots, tick_lots = self._round(row, number)
            ratio = int(words[at + tables.PACKAGE_ROW_RATIOS + number])
            value = self._value(self.orders.leg_row(row, number))
            amount = amount * lots + value * tick_lots * ratio * over
            over *= lots
        return amount, over


def is_compiled() -> bool:
    """Whether this module runs as a C extension."""
    return cython.compiled
