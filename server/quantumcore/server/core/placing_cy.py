"""Change orders where they wait, take them away, and end them."""

import cython

from quantumcore.server.core.memory import int32_column, int64_column

if cython.compiled:
    from cython.cimports.quantumcore.server.core import enums, kinds, tables
    from cython.cimports.quantumcore.server.core.accounts_cy import Accounts
    from cython.cimports.quantumcore.server.core.book_cy import Book
    from cython.cimports.quantumcore.server.core.exposure_cy import Exposure
    from cython.cimports.quantumcore.server.core.instruments_cy import Instruments
    from cython.cimports.quantumcore.server.core.lists_cy import link, unlink
    from cython.cimports.quantumcore.server.core.orders_cy import Orders
    from cython.cimports.quantumcore.server.core.phase_lists_cy import PhaseLists
    from cython.cimports.quantumcore.server.core.positions_cy import Positions
    from cython.cimports.quantumcore.server.core.reporter_cy import Reporter
    from cython.cimports.quantumcore.server.core.standing_cy import Standing
else:
    from quantumcore.server.core import enums, kinds, tables
    from quantumcore.server.core.accounts_cy import Accounts
    from quantumcore.server.core.book_cy import Book
    from quantumcore.server.core.exposure_cy import Exposure
    from quantumcore.server.core.instruments_cy import Instruments
    from quantumcore.server.core.lists_cy import link, unlink
    from quantumcore.server.core.orders_cy import Orders
    from quantumcore.server.core.phase_lists_cy import PhaseLists
    from quantumcore.server.core.positions_cy import Positions
    from quantumcore.server.core.reporter_cy import Reporter
    from quantumcore.server.core.standing_cy import Standing


@cython.final
@cython.cclass
class Placing(Standing):
    """What becomes of an order where it stands, until it has ended.

    Pegged orders of an instrument also form a list in order of entry (`peg_ends`), and so do those
    that a move of phase ends (`phase_lists`).
    """

    exposure: Exposure
    phase_lists: PhaseLists
    positions: Positions
    next_peg: cython.int[::1]
    previous_peg: cython.int[::1]
    peg_ends: cython.longlong[::1]

    def __init__(
        self,
        accounts: Accounts,
        instruments: Instruments,
        positions: Positions,
        report: Reporter,
    ) -> None:
        super().__init__(accounts, instruments, report)
        self.positions = positions
        self.exposure = Exposure(accounts, instruments, self.orders, positions)
        self.phase_lists = PhaseLists(report.orders, instruments.capacity)
        self.next_peg = int32_column(self.orders.capacity)
        self.previous_peg = int32_column(self.orders.capacity)
        size = 2 * (instruments.capacity + 1)
        self.peg_ends = int64_column(size)
        memoryview(self.peg_ends)[:] = memoryview(b"\xff" * (8 * size)).cast("q")

    @cython.cfunc
    @cython.exceptval(-1, check=False)
    def _end_legs(self, row: cython.int) -> cython.int:
        """End what still works of a package's legs, before the package itself."""
        number: cython.int
        leg: cython.int
        at: cython.Py_ssize_t = self.packages.at(self.orders.package(row))
        for number in range(self.packages.words[at + tables.PACKAGE_ROW_LEG_COUNT]):
            leg = self.orders.leg_row(row, number)
            if self.orders.is_working(leg):
                self.leave(leg)
                self.end(leg, kinds.ORDER_CANCELLED, enums.CANCEL_REASON_PACKAGE_ENDED, 0)
                continue
            # A leg of a sequential order that has filled keeps its row until here.
            self.close(leg, enums.ORDER_STATUS_FILLED, 0)
            if self.packages.excess(self.orders.package(row), number) != 0:
                self.report.order_event(kinds.ORDER_UNWOUND, enums.EXECUTION_TYPE_UNWOUND, leg, 0)
        return 0

    @cython.cfunc
    @cython.exceptval(check=False)
    def resize(self, row: cython.int, quantity: cython.longlong) -> cython.void:
        """Give an order that is nowhere another whole quantity."""
        lot: cython.longlong = self.instruments.get(
            self.orders.instrument[row], tables.INSTRUMENT_LOT_SIZE
        )
        self.exposure.change(row, (quantity - self.orders.quantity[row]) // lot)
        self.orders.quantity[row] = quantity

    @cython.cfunc
    @cython.exceptval(-1, check=False)
    def lose(self, row: cython.int, lots: cython.longlong) -> cython.int:
        """Take lots, fewer than it has, from an order where it is; the event comes next."""
        orders: Orders = self.orders
        instrument: cython.int = orders.instrument[row]
        book: Book
        orders.quantity[row] -= lots * self.instruments.get(instrument, tables.INSTRUMENT_LOT_SIZE)
        self.exposure.change(row, -lots)
        if orders.place[row] == tables.PLACE_BOOK:
            book = self.instruments.book(instrument)
            book._reduce(orders.side(row), orders.slot[row], lots)
            return self.told(instrument, book, self.report.sequence + 1)
        if orders.place[row] == tables.PLACE_MARKET:
            book = self.instruments.other(instrument, tables.BOOK_OF_MARKET_ORDERS)
        elif orders.place[row] == tables.PLACE_WAITING:
            book = self.instruments.other(instrument, tables.BOOK_OF_CLOSING_ORDERS)
        else:
            return 0
        book._reduce(orders.side(row), orders.slot[row], lots)
        book.event_count = 0
        return 0

    @cython.cfunc
    @cython.exceptval(check=False)
    def reducible(self, row: cython.int) -> cython.longlong:
        """Return how many lots an order could trade without opening a position."""
        lots: cython.longlong = self.positions.lots[self.orders.position[row]]
        if self.orders.side(row) == enums.SIDE_BUY:
            lots = -lots
        return max(lots, 0)

    @cython.cfunc
    @cython.exceptval(-1, check=False)
    def cut(self, row: cython.int) -> cython.int:
        """Cut a reduce-only order to its position; return whether it still works."""
        most: cython.longlong = self.reducible(row)
        lots: cython.longlong = self.lots(row)
        if most == 0:
            self.leave(row)
            self.end(row, kinds.ORDER_CANCELLED, enums.CANCEL_REASON_REDUCE_ONLY, 0)
            return 0
        if lots > most:
            self.lose(row, lots - most)
            self.report.restated_event(row, enums.RESTATEMENT_POSITION_REDUCED, self.shown(row))
        return 1

    @cython.cfunc
    @cython.exceptval(check=False)
    def close(self, row: cython.int, status: cython.int, cancel_reason: cython.int) -> cython.void:
        """Let an order that is nowhere (any more) end, without telling."""
        orders: Orders = self.orders
        instrument: cython.int = orders.instrument[row]
        if orders.is_package(row):
            self.packages.end(orders.package(row))
        else:
            self.phase_lists.drop(row)
        self.exposure.close(row, self.exposure.lots(row))
        if orders.order_type(row) == enums.ORDER_TYPE_PEGGED:
            unlink(self.peg_ends, 2 * instrument, self.next_peg, self.previous_peg, row)
            self.instruments.increase(instrument, tables.INSTRUMENT_PEGS, -1)
        orders.end(row, status, cancel_reason)

    @cython.cfunc
    @cython.exceptval(check=False)
    def open_peg(self, row: cython.int) -> cython.void:
        """Enter a new pegged order in its instrument's list."""
        instrument: cython.int = self.orders.instrument[row]
        link(self.peg_ends, 2 * instrument, self.next_peg, self.previous_peg, row)
        self.instruments.increase(instrument, tables.INSTRUMENT_PEGS, 1)

    @cython.cfunc
    @cython.exceptval(-1, check=False)
    def end(
        self,
        row: cython.int,
        kind: cython.int,
        cancel_reason: cython.int,
        request_id: cython.longlong,
    ) -> cython.int:
        """End an order that is nowhere (any more), and tell by an event of this kind."""
        if self.orders.is_package(row):
            self._end_legs(row)
        if kind == kinds.ORDER_UNWOUND:
            self.close(row, enums.ORDER_STATUS_UNWOUND, cancel_reason)
            return self.report.order_event(kind, enums.EXECUTION_TYPE_UNWOUND, row, request_id)
        if kind == kinds.ORDER_EXPIRED:
            self.close(row, enums.ORDER_STATUS_EXPIRED, cancel_reason)
            return self.report.order_event(kind, enums.EXECUTION_TYPE_EXPIRED, row, request_id)
        self.close(row, enums.ORDER_STATUS_CANCELLED, cancel_reason)
        return self.report.order_event(kind, enums.EXECUTION_TYPE_CANCELLED, row, request_id)

    @cython.cfunc
    @cython.exceptval(-1, check=False)
    def remove(self, row: cython.int, kind: cython.int, cancel_reason: cython.int) -> cython.int:
        """Take an order from where it is and end it; see `withdraw` of sequential ones."""
        if self.orders.is_sequential(row):
            return self.withdraw(row, kind, cancel_reason, 0)
        self.leave(row)
        return self.end(row, kind, cancel_reason, 0)

    @cython.cfunc
    @cython.exceptval(-1, check=False)
    def withdraw(
        self,
        row: cython.int,
        kind: cython.int,
        cancel_reason: cython.int,
        request_id: cython.longlong,
    ) -> cython.int:
        """End a sequential order, at once where its legs are level, else as its policy says.

        A leg alone may not work any more: its order is looked at for that, in the same command.
        """
        at: cython.Py_ssize_t = self.packages.at(self.orders.package(row))
        words: cython.longlong[::1] = self.packages.words
        number: cython.int
        if self.orders.is_leg(row):
            self.take_out(row)
            words[at + tables.PACKAGE_ROW_BROKEN] |= 1 << self.orders.leg_index(row)
            if words[at + tables.PACKAGE_ROW_BROKEN_REASON] == 0:
                words[at + tables.PACKAGE_ROW_BROKEN_REASON] = cancel_reason
            self.packages.stir(self.orders.package(row))
            return 0
        if words[at + tables.PACKAGE_ROW_ENDING] != 0:
            return 0
        if self.packages.is_level(self.orders.package(row)):
            return self.end(row, kind, cancel_reason, request_id)
        for number in range(words[at + tables.PACKAGE_ROW_LEG_COUNT]):
            self.take_out(self.orders.leg_row(row, number))
        words[at + tables.PACKAGE_ROW_ENDING] = kind | (cancel_reason << 8)
        words[at + tables.PACKAGE_ROW_REQUEST] = request_id
        self.orders.deadlines.drop(row)
        self.packages.stir(self.orders.package(row))
        return 0

    @cython.cfunc
    @cython.exceptval(-1, check=False)
    def take_out(self, leg: cython.int) -> cython.int:
        """Take a leg of a sequential order out of its book, or of the queue it waits in."""
        at: cython.Py_ssize_t = self.packages.at(self.orders.package(leg))
        shown: cython.bint = self.orders.place[leg] == tables.PLACE_BOOK
        self.leave(leg)
        self.packages.words[at + tables.PACKAGE_ROW_OPEN + self.orders.leg_index(leg)] = 0
        if shown:
            return self.report.restated_event(leg, enums.RESTATEMENT_LEG_MOVED, 0)
        return 0

    @cython.cfunc
    @cython.exceptval(check=False)
    def is_ending(self, row: cython.int) -> cython.bint:
        """Whether it is a sequential order that will have ended when its command is done."""
        if not self.orders.is_sequential(row):
            return False
        at: cython.Py_ssize_t = self.packages.at(self.orders.package(row))
        return self.packages.words[at + tables.PACKAGE_ROW_ENDING] != 0


def is_compiled() -> bool:
    """Whether this module runs as a C extension."""
    return cython.compiled
