"""Match incoming orders with the books, and record what becomes of them."""

import cython

if cython.compiled:
    from cython.cimports.quantumcore.server.core import kinds
    from cython.cimports.quantumcore.server.core.arena_cy import Arena
    from cython.cimports.quantumcore.server.core.book_cy import Book
    from cython.cimports.quantumcore.server.core.instruments_cy import Instruments
    from cython.cimports.quantumcore.server.core.ladder_cy import Ladder
    from cython.cimports.quantumcore.server.core.orders_cy import Orders
    from cython.cimports.quantumcore.server.core.reporter_cy import Reporter
else:
    from quantumcore.server.core import kinds
    from quantumcore.server.core.arena_cy import Arena
    from quantumcore.server.core.book_cy import Book
    from quantumcore.server.core.instruments_cy import Instruments
    from quantumcore.server.core.ladder_cy import Ladder
    from quantumcore.server.core.orders_cy import Orders
    from quantumcore.server.core.reporter_cy import Reporter


@cython.final
@cython.cclass
class Matching:
    """What happens to an order once it is let in: trade, rest, shrink, leave the book, end."""

    arena: Arena
    instruments: Instruments
    orders: Orders
    report: Reporter
    trade_id: cython.longlong

    def __init__(
        self, arena: Arena, instruments: Instruments, orders: Orders, report: Reporter
    ) -> None:
        self.arena, self.instruments, self.orders, self.report = arena, instruments, orders, report
        self.trade_id = 0

    @cython.cfunc
    @cython.exceptval(-1, check=False)
    def work(self, row: cython.int) -> cython.int:
        """Match an order that is not in the book; rest or cancel what is left."""
        orders: Orders = self.orders
        instrument: cython.int = orders.instrument[row]
        book: Book = self.instruments.book(instrument)
        side: cython.int = orders.side(row)
        price: cython.longlong = self._limit(row, book, side)
        lots: cython.longlong = orders.leaves(row) // self.instruments.get(
            instrument, kinds.INSTRUMENT_LOT_SIZE
        )
        reason: cython.int = self._reason_to_kill(row, book, side, price, lots)
        if reason == 0:
            lots = self._sweep(row, price, lots)
            if lots == 0:
                return 0
            reason = self._reason_not_to_rest(row)
        if reason != 0:
            return self.end(row, kinds.ORDER_CANCELLED, kinds.ORDER_STATUS_CANCELLED, reason, 0)
        orders.slot[row] = book._add(side, price, lots, row)
        self.report.level(instrument, 0, self.report.sequence)
        book.event_count = 0
        return 0

    @cython.cfunc
    @cython.exceptval(check=False)
    def _limit(self, row: cython.int, book: Book, side: cython.int) -> cython.longlong:
        """Return the worst price, in ticks, that an incoming order may trade at."""
        instrument: cython.int = self.orders.instrument[row]
        tick: cython.longlong = self.instruments.get(instrument, kinds.INSTRUMENT_TICK_SIZE)
        if not self._is_market(row):
            return self.orders.price[row] // tick
        band: cython.longlong = (
            self.instruments.get(instrument, kinds.INSTRUMENT_PROTECTION_BAND) // tick
        )
        opposite: Ladder = book.asks if side == kinds.SIDE_BUY else book.bids
        best: cython.int = opposite.best()
        if best == kinds.NO_SLOT:
            return 0
        return opposite.sign * (self.arena.level_key[best] - band)

    @cython.cfunc
    @cython.exceptval(check=False)
    def _is_market(self, row: cython.int) -> cython.bint:
        return (self.orders.terms[row] >> kinds.STATE_ORDER_TYPE) & 0xFF == kinds.ORDER_TYPE_MARKET

    @cython.cfunc
    @cython.exceptval(check=False)
    def _reason_to_kill(
        self,
        row: cython.int,
        book: Book,
        side: cython.int,
        price: cython.longlong,
        lots: cython.longlong,
    ) -> cython.int:
        """Return why an incoming order must not trade at all: a CancelReason, or 0."""
        time_in_force: cython.longlong = (
            self.orders.terms[row] >> kinds.STATE_TIME_IN_FORCE
        ) & 0xFF
        opposite: Ladder = book.asks if side == kinds.SIDE_BUY else book.bids
        if self._is_market(row) and opposite.level_count == 0:
            return kinds.CANCEL_REASON_MARKET_PROTECTION
        if time_in_force == kinds.TIME_IN_FORCE_FOK and book._available(side, price, lots) < lots:
            return kinds.CANCEL_REASON_FILL_OR_KILL
        return 0

    @cython.cfunc
    @cython.exceptval(check=False)
    def _reason_not_to_rest(self, row: cython.int) -> cython.int:
        time_in_force: cython.longlong = (
            self.orders.terms[row] >> kinds.STATE_TIME_IN_FORCE
        ) & 0xFF
        if self._is_market(row):
            return kinds.CANCEL_REASON_MARKET_PROTECTION
        if time_in_force == kinds.TIME_IN_FORCE_IOC:
            return kinds.CANCEL_REASON_IMMEDIATE_OR_CANCEL
        return 0

    @cython.cfunc
    @cython.exceptval(-1, check=True)
    def _sweep(
        self, row: cython.int, price: cython.longlong, lots: cython.longlong
    ) -> cython.longlong:
        """Trade an incoming order, a full event buffer at a time; return the lots left."""
        instrument: cython.int = self.orders.instrument[row]
        book: Book = self.instruments.book(instrument)
        side: cython.int = self.orders.side(row)
        full: cython.bint = True
        at: cython.Py_ssize_t
        while full and lots > 0:
            lots = book._match(side, price, lots)
            full = book.event_count == book.event_capacity
            for at in range(book.event_count):
                self._fill(row, at * kinds.BOOK_WORDS)
                self.report.level(instrument, at * kinds.BOOK_WORDS, self.report.sequence)
            book.event_count = 0
        return lots

    @cython.cfunc
    @cython.exceptval(-1, check=False)
    def _fill(self, taker: cython.int, at: cython.Py_ssize_t) -> cython.int:
        """Record both sides of a trade that the book reported at `at`."""
        instrument: cython.int = self.orders.instrument[taker]
        maker: cython.int = cython.cast(
            cython.int, self.instruments.book_events[at + kinds.BOOK_TAG]
        )
        lots: cython.longlong = self.instruments.book_events[at + kinds.BOOK_LOTS]
        price_ticks: cython.longlong = self.instruments.book_events[at + kinds.BOOK_PRICE]
        price: cython.longlong = price_ticks * self.instruments.get(
            instrument, kinds.INSTRUMENT_TICK_SIZE
        )
        quantity: cython.longlong = lots * self.instruments.get(
            instrument, kinds.INSTRUMENT_LOT_SIZE
        )
        self.trade_id += 1
        self._fill_side(maker, quantity, price_ticks * lots)
        self._fill_side(taker, quantity, price_ticks * lots)
        self.report.fill_event(maker, kinds.LIQUIDITY_MAKER, price, quantity, self.trade_id)
        self.report.fill_event(taker, kinds.LIQUIDITY_TAKER, price, quantity, self.trade_id)
        return 0

    @cython.cfunc
    @cython.exceptval(-1, check=False)
    def _fill_side(
        self, row: cython.int, quantity: cython.longlong, tick_lots: cython.longlong
    ) -> cython.int:
        orders: Orders = self.orders
        orders.cumulative[row] += quantity
        orders.tick_lots[row] += tick_lots
        if orders.cumulative[row] == orders.quantity[row]:
            orders.end(row, kinds.ORDER_STATUS_FILLED, 0)
        else:
            orders.status[row] = kinds.ORDER_STATUS_PARTIALLY_FILLED
        return 0

    @cython.cfunc
    @cython.exceptval(-1, check=False)
    def end(
        self,
        row: cython.int,
        kind: cython.int,
        status: cython.int,
        cancel_reason: cython.int,
        request_id: cython.longlong,
    ) -> cython.int:
        """End an order that is not in the book (any more), and report it."""
        execution_type: cython.int = (
            kinds.EXECUTION_TYPE_EXPIRED
            if kind == kinds.ORDER_EXPIRED
            else kinds.EXECUTION_TYPE_CANCELLED
        )
        self.orders.end(row, status, cancel_reason)
        return self.report.order_event(kind, execution_type, row, request_id)

    @cython.cfunc
    @cython.exceptval(-1, check=False)
    def leave_book(self, row: cython.int) -> cython.int:
        instrument: cython.int = self.orders.instrument[row]
        book: Book = self.instruments.book(instrument)
        book._cancel(self.orders.side(row), self.orders.slot[row])
        self.orders.slot[row] = kinds.NO_SLOT
        self.report.level(instrument, 0, self.report.sequence + 1)  # told next
        book.event_count = 0
        return 0

    @cython.cfunc
    @cython.exceptval(-1, check=False)
    def shrink(self, row: cython.int, quantity: cython.longlong) -> cython.int:
        """Reduce an order in its place; it keeps its priority."""
        orders: Orders = self.orders
        instrument: cython.int = orders.instrument[row]
        less: cython.longlong = orders.quantity[row] - quantity
        if less == 0:
            return 0
        book: Book = self.instruments.book(instrument)
        lot: cython.longlong = self.instruments.get(instrument, kinds.INSTRUMENT_LOT_SIZE)
        book._reduce(orders.side(row), orders.slot[row], less // lot)
        orders.quantity[row] = quantity
        self.report.level(instrument, 0, self.report.sequence + 1)  # told next
        book.event_count = 0
        return 0


def is_compiled() -> bool:
    """Whether this module runs as a C extension."""
    return cython.compiled
