"""Keep stops by stop price until they are reached, and apart those that trades have reached."""

import cython

if cython.compiled:
    from cython.cimports.quantumcore.server.core import enums, kinds, tables
    from cython.cimports.quantumcore.server.core.arena_cy import Arena
    from cython.cimports.quantumcore.server.core.book_cy import Book
    from cython.cimports.quantumcore.server.core.instruments_cy import Instruments
    from cython.cimports.quantumcore.server.core.orders_cy import Orders
else:
    from quantumcore.server.core import enums, kinds, tables
    from quantumcore.server.core.arena_cy import Arena
    from quantumcore.server.core.book_cy import Book
    from quantumcore.server.core.instruments_cy import Instruments
    from quantumcore.server.core.orders_cy import Orders


@cython.final
@cython.cclass
class WaitingStops:
    """A book for each trigger: buys stand in it as asks do, lowest first, and sells as bids."""

    arena: Arena
    instruments: Instruments
    orders: Orders

    def __init__(self, instruments: Instruments, orders: Orders) -> None:
        self.instruments, self.orders = instruments, orders
        self.arena = instruments.arena

    @cython.cfunc
    @cython.exceptval(-1, check=False)
    def hold(self, row: cython.int) -> cython.int:
        """Let a stop wait for its trigger: buys lowest first, as asks are; sells as bids."""
        orders: Orders = self.orders
        instrument: cython.int = orders.instrument[row]
        book: Book = self._book(row)
        ticks: cython.longlong = orders.stop_price[row] // self.instruments.get(
            instrument, tables.INSTRUMENT_TICK_SIZE
        )
        if self.instruments.has(instrument, tables.HAS_RANGE):
            self._set_reached_aside(instrument)
        orders.slot[row] = book._add(3 - orders.side(row), ticks, 1, row)
        orders.place[row] = tables.PLACE_STOPS
        orders.status[row] = enums.ORDER_STATUS_PENDING_TRIGGER
        book.event_count = 0
        self.instruments.increase(instrument, tables.INSTRUMENT_STOPS, 1)
        return 0

    @cython.cfunc
    @cython.exceptval(-1, check=False)
    def leave(self, row: cython.int, slot: cython.int) -> cython.int:
        """Take a stop from the slot where it waits."""
        book: Book = self._book(row)
        self.orders.traits[row] &= ~kinds.TRAIT_REACHED
        book._cancel(3 - self.orders.side(row), slot)
        book.event_count = 0
        self.instruments.increase(self.orders.instrument[row], tables.INSTRUMENT_STOPS, -1)
        return 0

    @cython.cfunc
    @cython.exceptval(-1, check=False)
    def _set_reached_aside(self, instrument: cython.int) -> cython.int:
        """Keep the stops that trades have reached from one that comes: it saw none of these."""
        book: Book = self.instruments.other(instrument, tables.BOOK_OF_STOPS)
        side: cython.int
        slot: cython.int
        row: cython.int
        for side in range(enums.SIDE_BUY, enums.SIDE_SELL + 1):
            slot = book.head(side)
            while slot != kinds.NO_SLOT and self.arena.has_room():
                row = cython.cast(cython.int, self.arena.order_tag[slot] & tables.TAG_NAME)
                if not self._is_traded_through(row):
                    break
                self._put_aside(row)
                slot = book.head(side)
        self.instruments.mark(instrument, tables.HAS_RANGE, False)
        return 0

    @cython.cfunc
    @cython.exceptval(check=False)
    def _is_traded_through(self, row: cython.int) -> cython.bint:
        """Whether a trade since the stops were last looked at reached this one's price."""
        instrument: cython.int = self.orders.instrument[row]
        tick: cython.longlong = self.instruments.get(instrument, tables.INSTRUMENT_TICK_SIZE)
        ticks: cython.longlong = self.orders.stop_price[row] // tick
        if self.orders.side(row) == enums.SIDE_BUY:
            return self.instruments.get(instrument, tables.INSTRUMENT_HIGH_TICKS) >= ticks
        return self.instruments.get(instrument, tables.INSTRUMENT_LOW_TICKS) <= ticks

    @cython.cfunc
    @cython.exceptval(-1, check=False)
    def _put_aside(self, row: cython.int) -> cython.int:
        """Move a stop that is reached to the book of those."""
        orders: Orders = self.orders
        instrument: cython.int = orders.instrument[row]
        side: cython.int = 3 - orders.side(row)
        ticks: cython.longlong = orders.stop_price[row] // self.instruments.get(
            instrument, tables.INSTRUMENT_TICK_SIZE
        )
        book: Book = self._book(row)
        book._cancel(side, orders.slot[row])
        book.event_count = 0
        orders.traits[row] |= kinds.TRAIT_REACHED
        book = self._book(row)
        orders.slot[row] = book._add(side, ticks, 1, row)
        book.event_count = 0
        self.instruments.mark(instrument, tables.HAS_REACHED, True)
        return 0

    @cython.cfunc
    def _book(self, row: cython.int) -> Book:
        """Return the book in which a stop waits: that of its trigger, or of those reached."""
        if self.orders.traits[row] & kinds.TRAIT_REACHED:
            return self.instruments.other(self.orders.instrument[row], tables.BOOK_OF_REACHED_STOPS)
        trigger: cython.int = (self.orders.traits[row] >> 16) & 0xFF
        return self.instruments.other(
            self.orders.instrument[row], tables.BOOK_OF_STOPS + trigger - 1
        )


def is_compiled() -> bool:
    """Whether this module runs as a C extension."""
    return cython.compiled
