"""Put orders where they wait, and take them from there: in a book, a queue, or nowhere."""

import cython

if cython.compiled:
    from cython.cimports.quantumcore.server.core import enums, kinds, tables
    from cython.cimports.quantumcore.server.core.accounts_cy import Accounts
    from cython.cimports.quantumcore.server.core.arena_cy import Arena
    from cython.cimports.quantumcore.server.core.book_cy import Book
    from cython.cimports.quantumcore.server.core.instruments_cy import Instruments
    from cython.cimports.quantumcore.server.core.ladder_cy import Ladder
    from cython.cimports.quantumcore.server.core.orders_cy import Orders
    from cython.cimports.quantumcore.server.core.packages_cy import Packages
    from cython.cimports.quantumcore.server.core.reporter_cy import Reporter
    from cython.cimports.quantumcore.server.core.waiting_packages_cy import WaitingPackages
    from cython.cimports.quantumcore.server.core.waiting_stops_cy import WaitingStops
else:
    from quantumcore.server.core import enums, kinds, tables
    from quantumcore.server.core.accounts_cy import Accounts
    from quantumcore.server.core.arena_cy import Arena
    from quantumcore.server.core.book_cy import Book
    from quantumcore.server.core.instruments_cy import Instruments
    from quantumcore.server.core.ladder_cy import Ladder
    from quantumcore.server.core.orders_cy import Orders
    from quantumcore.server.core.packages_cy import Packages
    from quantumcore.server.core.reporter_cy import Reporter
    from quantumcore.server.core.waiting_packages_cy import WaitingPackages
    from quantumcore.server.core.waiting_stops_cy import WaitingStops


@cython.cclass
class Standing:
    """Where an order is: in the book, among the stops, in a queue for an auction, or nowhere."""

    accounts: Accounts
    arena: Arena
    instruments: Instruments
    orders: Orders
    packages: Packages
    report: Reporter
    waiting_packages: WaitingPackages
    waiting_stops: WaitingStops

    def __init__(self, accounts: Accounts, instruments: Instruments, report: Reporter) -> None:
        self.accounts, self.instruments = accounts, instruments
        self.arena, self.orders, self.report = instruments.arena, report.orders, report
        self.packages = report.orders.packages
        self.waiting_packages = WaitingPackages(instruments, report.orders)
        self.waiting_stops = WaitingStops(instruments, report.orders)

    @cython.final
    @cython.cfunc
    @cython.exceptval(check=False)
    def lots(self, row: cython.int) -> cython.longlong:
        """Return the lots that still work; of a leg of a sequential order, those at work now."""
        if self.orders.is_sequential(row):
            return self.packages.words[
                self.packages.at(self.orders.package(row))
                + tables.PACKAGE_ROW_OPEN
                + self.orders.leg_index(row)
            ]
        return self.orders.leaves(row) // self.instruments.get(
            self.orders.instrument[row], tables.INSTRUMENT_LOT_SIZE
        )

    @cython.final
    @cython.cfunc
    @cython.exceptval(check=False)
    def tag(self, row: cython.int) -> cython.longlong:
        """Return the name by which books know the order."""
        orders: Orders = self.orders
        owner: cython.longlong = self.accounts.owner[orders.account[row]]
        tag: cython.longlong = row | (owner << 32)
        kind: cython.int = orders.order_type(row)
        if kind == enums.ORDER_TYPE_ICEBERG:
            tag |= tables.TAG_ICEBERG
        elif kind == enums.ORDER_TYPE_PEGGED:
            tag |= tables.TAG_PEGGED
        if orders.is_reduce_only(row):
            tag |= tables.TAG_GUARDED
        return tag

    @cython.final
    @cython.cfunc
    @cython.exceptval(check=False)
    def name_owner(self, account: cython.int) -> cython.void:
        """Let the book know by their owner the orders of an account that has another one now."""
        row: cython.int = self.orders.first_working(account)
        while row != kinds.NO_SLOT:
            if self.orders.place[row] == tables.PLACE_BOOK:
                self.arena.order_tag[self.orders.slot[row]] = self.tag(row)
            row = self.orders.next_working[row]

    @cython.final
    @cython.cfunc
    @cython.exceptval(-1, check=False)
    def rest(self, row: cython.int) -> cython.int:
        """Put an order that surely fits into the book, at the back of its price."""
        orders: Orders = self.orders
        instrument: cython.int = orders.instrument[row]
        book: Book = self.instruments.book(instrument)
        lots: cython.longlong = self.lots(row)
        shown: cython.longlong = lots
        peak: cython.longlong = 0
        if orders.order_type(row) == enums.ORDER_TYPE_ICEBERG:
            peak = orders.display[row] // self.instruments.get(
                instrument, tables.INSTRUMENT_LOT_SIZE
            )
            shown = min(lots, peak)
        ticks: cython.longlong = orders.price[row] // self.instruments.get(
            instrument, tables.INSTRUMENT_TICK_SIZE
        )
        orders.slot[row] = book._add(orders.side(row), ticks, shown, self.tag(row))
        if lots > shown:
            book._hide(orders.slot[row], lots - shown, peak)
        orders.place[row] = tables.PLACE_BOOK
        return self.told(instrument, book, self.report.sequence)

    @cython.final
    @cython.cfunc
    @cython.exceptval(-1, check=False)
    def told(self, instrument: cython.int, book: Book, sequence: cython.longlong) -> cython.int:
        """Pass the one thing that the book reported on; `sequence` is that of its event."""
        self.report.level(instrument, 0, sequence)
        book.event_count = 0
        self.instruments.touch(instrument)
        if self.instruments.get(instrument, tables.INSTRUMENT_PACKAGES) != 0:
            self._note_better(instrument)
        return 0

    @cython.final
    @cython.cfunc
    @cython.exceptval(check=False)
    def _note_better(self, instrument: cython.int) -> cython.void:
        """Note for waiting packages on which side the book has just changed."""
        side: cython.longlong = (self.instruments.book_events[tables.BOOK_STATE] >> 8) & 0xFF
        bit: cython.longlong = tables.HAS_BETTER_BID
        if side == enums.SIDE_SELL:
            bit = tables.HAS_BETTER_ASK
        self.instruments.mark(instrument, bit, True)

    @cython.final
    @cython.cfunc
    @cython.exceptval(check=False)
    def fits(self, row: cython.int) -> cython.bint:
        """Whether the order could rest at its price now."""
        tick: cython.longlong = self.instruments.get(
            self.orders.instrument[row], tables.INSTRUMENT_TICK_SIZE
        )
        return self.fits_at(row, self.orders.price[row] // tick)

    @cython.final
    @cython.cfunc
    @cython.exceptval(check=False)
    def fits_at(self, row: cython.int, ticks: cython.longlong) -> cython.bint:
        """Whether what works of the order could rest at a price now."""
        orders: Orders = self.orders
        instrument: cython.int = orders.instrument[row]
        book: Book = self.instruments.book(instrument)
        ladder: Ladder = book._side(orders.side(row))
        lot: cython.longlong = self.instruments.get(instrument, tables.INSTRUMENT_LOT_SIZE)
        most: cython.longlong = kinds.LEVEL_QUANTITY_LIMIT
        level: cython.int = ladder.find(ladder.sign * ticks)
        if not self.arena.has_room():
            return False
        return level == kinds.NO_SLOT or self.level_total(level) <= most // lot - self.lots(row)

    @cython.final
    @cython.cfunc
    @cython.exceptval(check=False)
    def level_total(self, level: cython.int) -> cython.longlong:
        """Return the lots of a level, hidden ones too."""
        return self.arena.level_lots[level] + self.arena.level_hidden[level]

    @cython.final
    @cython.cfunc
    @cython.exceptval(-1, check=False)
    def hold(self, row: cython.int, which: cython.int, place: cython.int) -> cython.int:
        """Let an order wait in a queue of its instrument."""
        instrument: cython.int = self.orders.instrument[row]
        book: Book = self.instruments.other(instrument, which)
        self.orders.slot[row] = book._add(self.orders.side(row), 0, self.lots(row), row)
        self.orders.place[row] = place
        book.event_count = 0
        return 0

    @cython.final
    @cython.cfunc
    @cython.exceptval(-1, check=False)
    def leave(self, row: cython.int) -> cython.int:
        """Take an order from where it is; the event that tells why comes next."""
        orders: Orders = self.orders
        instrument: cython.int = orders.instrument[row]
        place: cython.int = orders.place[row]
        side: cython.int = orders.side(row)
        slot: cython.int = orders.slot[row]
        book: Book
        orders.slot[row] = kinds.NO_SLOT
        orders.place[row] = tables.PLACE_NOWHERE
        if place == tables.PLACE_BOOK:
            book = self.instruments.book(instrument)
            book._cancel(side, slot)
            return self.told(instrument, book, self.report.sequence + 1)
        if place == tables.PLACE_NOWHERE:
            return 0
        if place == tables.PLACE_PACKAGES:
            if orders.is_leg(row):
                return self.waiting_packages.leave_leg(row)
            return self.waiting_packages.leave(row)
        if place == tables.PLACE_STOPS:
            return self.waiting_stops.leave(row, slot)
        if place == tables.PLACE_MARKET:
            book = self.instruments.other(instrument, tables.BOOK_OF_MARKET_ORDERS)
        else:
            book = self.instruments.other(instrument, tables.BOOK_OF_CLOSING_ORDERS)
        book._cancel(side, slot)
        book.event_count = 0
        return 0

    @cython.final
    @cython.cfunc
    @cython.exceptval(check=False)
    def shown(self, row: cython.int) -> cython.longlong:
        """Return the quantity of an order that the book shows."""
        if self.orders.place[row] != tables.PLACE_BOOK:
            return 0
        return self.arena.order_leaves[self.orders.slot[row]] * self.instruments.get(
            self.orders.instrument[row], tables.INSTRUMENT_LOT_SIZE
        )


def is_compiled() -> bool:
    """Whether this module runs as a C extension."""
    return cython.compiled
