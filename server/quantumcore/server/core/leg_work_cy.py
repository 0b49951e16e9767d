"""Bring legs of sequential orders to their books: trade, rest, or wait."""

import cython

if cython.compiled:
    from cython.cimports.quantumcore.server.core import enums, kinds, tables
    from cython.cimports.quantumcore.server.core.arena_cy import Arena
    from cython.cimports.quantumcore.server.core.book_cy import Book
    from cython.cimports.quantumcore.server.core.instruments_cy import Instruments
    from cython.cimports.quantumcore.server.core.ladder_cy import Ladder
    from cython.cimports.quantumcore.server.core.leg_bounds_cy import LegBounds
    from cython.cimports.quantumcore.server.core.matching_cy import Matching
    from cython.cimports.quantumcore.server.core.orders_cy import Orders
    from cython.cimports.quantumcore.server.core.packages_cy import Packages
    from cython.cimports.quantumcore.server.core.placing_cy import Placing
    from cython.cimports.quantumcore.server.core.reporter_cy import Reporter
else:
    from quantumcore.server.core import enums, kinds, tables
    from quantumcore.server.core.arena_cy import Arena
    from quantumcore.server.core.book_cy import Book
    from quantumcore.server.core.instruments_cy import Instruments
    from quantumcore.server.core.ladder_cy import Ladder
    from quantumcore.server.core.leg_bounds_cy import LegBounds
    from quantumcore.server.core.matching_cy import Matching
    from quantumcore.server.core.orders_cy import Orders
    from quantumcore.server.core.packages_cy import Packages
    from quantumcore.server.core.placing_cy import Placing
    from quantumcore.server.core.reporter_cy import Reporter


@cython.final
@cython.cclass
class LegWork:
    """A leg trades what it may at once. What is left rests at its limit, or waits.

    It rests no further than net price and price band let it trade. It goes back of its price
    whenever it is to have more lots, or another price.
    """

    arena: Arena
    instruments: Instruments
    matching: Matching
    orders: Orders
    packages: Packages
    placing: Placing
    prices: LegBounds
    report: Reporter

    def __init__(self, matching: Matching) -> None:
        self.matching, self.placing = matching, matching.placing
        self.arena, self.instruments = matching.arena, matching.instruments
        self.orders, self.report = matching.orders, matching.report
        self.packages, self.prices = matching.orders.packages, LegBounds(matching)

    @cython.cfunc
    @cython.exceptval(-1, check=False)
    def work(self, row: cython.int, number: cython.int, lots: cython.longlong) -> cython.int:
        """Let a leg of an order, counted from 0, work so many lots."""
        at: cython.Py_ssize_t = self.packages.at(self.orders.package(row)) + number
        words: cython.longlong[::1] = self.packages.words
        leg: cython.int = self.orders.leg_row(row, number)
        shown: cython.bint = self.orders.place[leg] == tables.PLACE_BOOK
        furthest: cython.longlong
        worst: cython.longlong
        if lots <= 0:
            return self.placing.take_out(leg)
        if words[at + tables.PACKAGE_ROW_LIMITS] == tables.NO_LIMIT and self.waits(leg, lots):
            return 0
        furthest = self.prices.furthest(row, number)
        worst = self.prices.worst(row, number, furthest, lots)
        if shown:
            if (
                words[at + tables.PACKAGE_ROW_OPEN] == lots
                and words[at + tables.PACKAGE_ROW_TICKS] == worst
                and self._may_trade_at(row, number, worst)
            ):
                return 0
            self.placing.leave(leg)
        words[at + tables.PACKAGE_ROW_OPEN] = lots
        worst = self._trade(row, number, furthest, worst)
        if words[at + tables.PACKAGE_ROW_OPEN] > 0:
            self._settle(row, number, leg, worst)
        elif self.orders.place[leg] == tables.PLACE_PACKAGES:
            self.placing.leave(leg)
        if self.orders.place[leg] == tables.PLACE_BOOK:
            return 0
        return self._tell_shown(leg) if shown and self.orders.is_working(leg) else 0

    @cython.cfunc
    @cython.exceptval(check=False)
    def waits(self, leg: cython.int, lots: cython.longlong) -> cython.bint:
        """Whether a leg waits for its book to get better, which it has not, to trade so many lots.

        One without a limit is not to follow a book down by tries of its own making: each goes no
        further than the protection band.
        """
        number: cython.int = self.orders.leg_index(leg)
        at: cython.Py_ssize_t = self.packages.at(self.orders.package(leg))
        words: cython.longlong[::1] = self.packages.words
        one: cython.longlong = 1
        better: cython.bint = (words[at + tables.PACKAGE_ROW_BETTER] >> number) & 1 != 0
        words[at + tables.PACKAGE_ROW_BETTER] &= ~(one << number)
        return (
            not better
            and self.orders.place[leg] == tables.PLACE_PACKAGES
            and words[at + tables.PACKAGE_ROW_OPEN + number] == lots
        )

    @cython.cfunc
    @cython.exceptval(-1, check=True)
    def _trade(
        self,
        row: cython.int,
        number: cython.int,
        furthest: cython.longlong,
        worst: cython.longlong,
    ) -> cython.longlong:
        """Trade what a leg has open as far as it goes; return the worst price for what is left.

        What it trades at a better price than the worst lets it go further for the rest.
        """
        leg: cython.int = self.orders.leg_row(row, number)
        lots: cython.longlong = self.placing.lots(leg)
        left: cython.longlong = 0
        while lots > 0:
            self._trade_to(row, number, leg, worst)
            left = self.placing.lots(leg)
            if left == 0 or left == lots or not self.prices.is_priced(row, number):
                return worst
            lots = left
            worst = self.prices.worst(row, number, furthest, lots)
        return worst

    @cython.cfunc
    @cython.exceptval(-1, check=False)
    def _trade_to(
        self, row: cython.int, number: cython.int, leg: cython.int, worst: cython.longlong
    ) -> cython.int:
        """Trade what a leg has open, up to a price, and only where its constraints hold."""
        book: Book = self.instruments.book(self.orders.instrument[leg])
        side: cython.int = self.orders.side(leg)
        opposite: Ladder = book.asks if side == enums.SIDE_BUY else book.bids
        best: cython.int
        ticks: cython.longlong
        left: cython.longlong
        self.matching._see_owner(leg)
        if not self._is_bound(row, number):
            return self.matching._sweep(leg, book, side, worst)
        while self.placing.lots(leg) > 0 and self.matching._meets(book, side, worst):
            best = opposite.best()
            ticks = opposite.sign * self.arena.level_key[best]
            if not self._may_trade_at(row, number, ticks):
                break
            left = self.placing.lots(leg)
            self.matching._sweep(leg, book, side, ticks)
            if self.placing.lots(leg) == left and opposite.best() == best:
                break
        return 0

    @cython.cfunc
    @cython.exceptval(-1, check=False)
    def _may_trade_at(
        self, row: cython.int, number: cython.int, ticks: cython.longlong
    ) -> cython.int:
        return not self._has_constraints(row) or self.prices.may_trade_at(row, number, ticks)

    @cython.cfunc
    @cython.exceptval(-1, check=False)
    def _is_bound(self, row: cython.int, number: cython.int) -> cython.int:
        return self._has_constraints(row) and self.prices.is_bound(row, number)

    @cython.cfunc
    @cython.exceptval(check=False)
    def _has_constraints(self, row: cython.int) -> cython.bint:
        at: cython.Py_ssize_t = self.packages.at(self.orders.package(row))
        return self.packages.words[at + tables.PACKAGE_ROW_CONSTRAINT_COUNT] != 0

    @cython.cfunc
    @cython.exceptval(-1, check=False)
    def _settle(
        self, row: cython.int, number: cython.int, leg: cython.int, worst: cython.longlong
    ) -> cython.int:
        """Let what is left of a leg rest in its book, or wait."""
        orders: Orders = self.orders
        at: cython.Py_ssize_t = self.packages.at(orders.package(row)) + number
        book: Book = self.instruments.book(orders.instrument[leg])
        waits: cython.bint = orders.place[leg] == tables.PLACE_PACKAGES
        if orders.time_in_force(row) == enums.TIME_IN_FORCE_IOC:
            self.packages.words[at + tables.PACKAGE_ROW_OPEN] = 0
            return 0
        if (
            self.packages.words[at + tables.PACKAGE_ROW_LIMITS] == tables.NO_LIMIT
            or not self.prices.may_rest(leg, worst)
            or not self._may_trade_at(row, number, worst)
            or self.matching._meets(book, orders.side(leg), worst)
        ):
            # What a constraint keeps from trading must not stand across the book either.
            return 0 if waits else self.placing.waiting_packages.hold_leg(leg)
        if waits:
            self.placing.leave(leg)
        self.packages.words[at + tables.PACKAGE_ROW_TICKS] = worst
        if not self.placing.fits_at(leg, worst):
            return self.placing.remove(
                leg, kinds.ORDER_CANCELLED, enums.CANCEL_REASON_CAPACITY_EXHAUSTED
            )
        return self._rest(leg, worst)

    @cython.cfunc
    @cython.exceptval(-1, check=False)
    def _rest(self, leg: cython.int, ticks: cython.longlong) -> cython.int:
        """Put what a leg has open into its book, and tell so."""
        instrument: cython.int = self.orders.instrument[leg]
        book: Book = self.instruments.book(instrument)
        lots: cython.longlong = self.placing.lots(leg)
        self.orders.slot[leg] = book._add(self.orders.side(leg), ticks, lots, self.placing.tag(leg))
        self.orders.place[leg] = tables.PLACE_BOOK
        self._tell_shown(leg)
        return self.placing.told(instrument, book, self.report.sequence)

    @cython.cfunc
    @cython.exceptval(-1, check=False)
    def _tell_shown(self, leg: cython.int) -> cython.int:
        return self.report.restated_event(leg, enums.RESTATEMENT_LEG_MOVED, self.placing.shown(leg))

    @cython.cfunc
    @cython.exceptval(-1, check=False)
    def sweep(self, leg: cython.int, lots: cython.longlong, worst: cython.longlong) -> cython.int:
        """Trade so many lots of a leg that is in no book, up to a price, as far as that goes."""
        orders: Orders = self.orders
        instrument: cython.int = orders.instrument[leg]
        side: cython.int = orders.side(leg)
        at: cython.Py_ssize_t = self.packages.at(orders.package(leg)) + orders.leg_index(leg)
        self.packages.words[at + tables.PACKAGE_ROW_OPEN] = lots
        self.matching._see_owner(leg)
        self.matching._sweep(
            leg,
            self.instruments.book(instrument),
            side,
            self.matching._in_band(instrument, side, worst),
        )
        return 0

    @cython.cfunc
    @cython.exceptval(check=False)
    def turn_round(self, leg: cython.int) -> cython.void:
        """Let a leg stand on the other side, as one that is reversed; or again on its own."""
        one: cython.longlong = 1
        three: cython.longlong = 3
        self.orders.terms[leg] ^= (one << kinds.STATE_UNWIND) | (three << kinds.STATE_SIDE)


def is_compiled() -> bool:
    """Whether this module runs as a C extension."""
    return cython.compiled
