"""Put orders where they wait, take them away, change them there, and end them."""

import cython

from quantumcore.server.core.memory import int32_column, int64_column

if cython.compiled:
    from cython.cimports.quantumcore.server.core import enums, kinds, tables
    from cython.cimports.quantumcore.server.core.accounts_cy import Accounts
    from cython.cimports.quantumcore.server.core.arena_cy import Arena
    from cython.cimports.quantumcore.server.core.book_cy import Book
    from cython.cimports.quantumcore.server.core.exposure_cy import Exposure
    from cython.cimports.quantumcore.server.core.instruments_cy import Instruments
    from cython.cimports.quantumcore.server.core.ladder_cy import Ladder
    from cython.cimports.quantumcore.server.core.lists_cy import link, unlink
    from cython.cimports.quantumcore.server.core.orders_cy import Orders
    from cython.cimports.quantumcore.server.core.packages_cy import Packages
    from cython.cimports.quantumcore.server.core.positions_cy import Positions
    from cython.cimports.quantumcore.server.core.reporter_cy import Reporter
    from cython.cimports.quantumcore.server.core.waiting_packages_cy import WaitingPackages
    from cython.cimports.quantumcore.server.core.waiting_stops_cy import WaitingStops
else:
    from quantumcore.server.core import enums, kinds, tables
    from quantumcore.server.core.accounts_cy import Accounts
    from quantumcore.server.core.arena_cy import Arena
    from quantumcore.server.core.book_cy import Book
    from quantumcore.server.core.exposure_cy import Exposure
    from quantumcore.server.core.instruments_cy import Instruments
    from quantumcore.server.core.ladder_cy import Ladder
    from quantumcore.server.core.lists_cy import link, unlink
    from quantumcore.server.core.orders_cy import Orders
    from quantumcore.server.core.packages_cy import Packages
    from quantumcore.server.core.positions_cy import Positions
    from quantumcore.server.core.reporter_cy import Reporter
    from quantumcore.server.core.waiting_packages_cy import WaitingPackages
    from quantumcore.server.core.waiting_stops_cy import WaitingStops


@cython.final
@cython.cclass
class Placing:
    """Where an order is: in the book, among the stops, in a queue for an auction, or nowhere.

    Pegged orders of an instrument also form a list in order of entry (`peg_ends`), and so do its
    DAY, AT_OPEN and AT_CLOSE orders (`phased_ends`): what a move of phase ends is not searched for.
    """

    accounts: Accounts
    arena: Arena
    exposure: Exposure
    instruments: Instruments
    orders: Orders
    packages: Packages
    positions: Positions
    report: Reporter
    waiting_packages: WaitingPackages
    waiting_stops: WaitingStops
    next_peg: cython.int[::1]
    previous_peg: cython.int[::1]
    peg_ends: cython.longlong[::1]
    next_phased: cython.int[::1]
    previous_phased: cython.int[::1]
    phased_ends: cython.longlong[::1]

    def __init__(
        self,
        accounts: Accounts,
        instruments: Instruments,
        positions: Positions,
        report: Reporter,
    ) -> None:
        self.accounts, self.instruments, self.positions = accounts, instruments, positions
        self.arena, self.orders, self.report = instruments.arena, report.orders, report
        self.packages = report.orders.packages
        self.exposure = Exposure(accounts, instruments, self.orders, positions)
        self.waiting_packages = WaitingPackages(instruments, report.orders)
        self.waiting_stops = WaitingStops(instruments, report.orders)
        self.next_peg = int32_column(self.orders.capacity)
        self.previous_peg = int32_column(self.orders.capacity)
        size = 2 * (instruments.capacity + 1)
        self.peg_ends = int64_column(size)
        memoryview(self.peg_ends)[:] = memoryview(b"\xff" * (8 * size)).cast("q")
        self.next_phased = int32_column(self.orders.capacity)
        self.previous_phased = int32_column(self.orders.capacity)
        self.phased_ends = int64_column(8 * size)
        memoryview(self.phased_ends)[:] = memoryview(b"\xff" * (64 * size)).cast("q")

    @cython.cfunc
    @cython.exceptval(check=False)
    def lots(self, row: cython.int) -> cython.longlong:
        """Return the lots that still work."""
        return self.orders.leaves(row) // self.instruments.get(
            self.orders.instrument[row], tables.INSTRUMENT_LOT_SIZE
        )

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

    @cython.cfunc
    @cython.exceptval(check=False)
    def name_owner(self, account: cython.int) -> cython.void:
        """Let the book know by their owner the orders of an account that has another one now."""
        row: cython.int = self.orders.first_working(account)
        while row != kinds.NO_SLOT:
            if self.orders.place[row] == tables.PLACE_BOOK:
                self.arena.order_tag[self.orders.slot[row]] = self.tag(row)
            row = self.orders.next_working[row]

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

    @cython.cfunc
    @cython.exceptval(check=False)
    def _note_better(self, instrument: cython.int) -> cython.void:
        """Note for waiting packages on which side the book has just changed."""
        side: cython.longlong = (self.instruments.book_events[tables.BOOK_STATE] >> 8) & 0xFF
        bit: cython.longlong = tables.HAS_BETTER_BID
        if side == enums.SIDE_SELL:
            bit = tables.HAS_BETTER_ASK
        self.instruments.mark(instrument, bit, True)

    @cython.cfunc
    @cython.exceptval(-1, check=False)
    def _end_legs(self, row: cython.int) -> cython.int:
        """End what still works of a package's legs, before the package itself."""
        number: cython.int
        leg: cython.int
        at: cython.Py_ssize_t = self.packages.at(self.orders.package(row))
        for number in range(self.packages.words[at + tables.PACKAGE_ROW_LEG_COUNT]):
            leg = self.orders.leg_row(row, number)
            self.end(leg, kinds.ORDER_CANCELLED, enums.CANCEL_REASON_PACKAGE_ENDED, 0)
        return 0

    @cython.cfunc
    @cython.exceptval(check=False)
    def fits(self, row: cython.int) -> cython.bint:
        """Whether the order could rest at its price now."""
        orders: Orders = self.orders
        instrument: cython.int = orders.instrument[row]
        book: Book = self.instruments.book(instrument)
        ladder: Ladder = book._side(orders.side(row))
        lot: cython.longlong = self.instruments.get(instrument, tables.INSTRUMENT_LOT_SIZE)
        ticks: cython.longlong = orders.price[row] // self.instruments.get(
            instrument, tables.INSTRUMENT_TICK_SIZE
        )
        most: cython.longlong = kinds.LEVEL_QUANTITY_LIMIT
        level: cython.int = ladder.find(ladder.sign * ticks)
        if not self.arena.has_room():
            return False
        return level == kinds.NO_SLOT or self.level_total(level) <= most // lot - self.lots(row)

    @cython.cfunc
    @cython.exceptval(check=False)
    def level_total(self, level: cython.int) -> cython.longlong:
        """Return the lots of a level, hidden ones too."""
        return self.arena.level_lots[level] + self.arena.level_hidden[level]

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
    def shown(self, row: cython.int) -> cython.longlong:
        """Return the quantity of an order that the book shows."""
        if self.orders.place[row] != tables.PLACE_BOOK:
            return 0
        return self.arena.order_leaves[self.orders.slot[row]] * self.instruments.get(
            self.orders.instrument[row], tables.INSTRUMENT_LOT_SIZE
        )

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
        elif not orders.is_leg(row) and is_phased(orders.time_in_force(row)):
            at: cython.Py_ssize_t = self._phased(instrument, orders.time_in_force(row))
            unlink(self.phased_ends, at, self.next_phased, self.previous_phased, row)
        self.exposure.close(row, self.exposure.lots(row))
        if orders.order_type(row) == enums.ORDER_TYPE_PEGGED:
            unlink(self.peg_ends, 2 * instrument, self.next_peg, self.previous_peg, row)
            self.instruments.increase(instrument, tables.INSTRUMENT_PEGS, -1)
        orders.end(row, status, cancel_reason)

    @cython.cfunc
    @cython.exceptval(check=False)
    def open_phased(self, row: cython.int) -> cython.void:
        """List a new order that a move of phase will end with those that are good so long."""
        if is_phased(self.orders.time_in_force(row)):
            at: cython.Py_ssize_t = self._phased(
                self.orders.instrument[row], self.orders.time_in_force(row)
            )
            link(self.phased_ends, at, self.next_phased, self.previous_phased, row)

    @cython.cfunc
    @cython.exceptval(check=False)
    def _phased(self, instrument: cython.int, time_in_force: cython.int) -> cython.Py_ssize_t:
        return cython.cast(cython.Py_ssize_t, instrument) * 16 + 2 * time_in_force

    def phased(self, instrument: int, time_in_force: int) -> list[int]:
        """Return the single orders of an instrument that are DAY, AT_OPEN or AT_CLOSE."""
        found: list[int] = []
        at: cython.Py_ssize_t = self._phased(instrument, time_in_force)
        row: cython.int = cython.cast(cython.int, self.phased_ends[at])
        while row != kinds.NO_SLOT:
            found.append(row)
            row = self.next_phased[row]
        return found

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
        """End an order that is nowhere (any more), and tell: ORDER_CANCELLED or ORDER_EXPIRED."""
        if self.orders.is_package(row):
            self._end_legs(row)
        if kind == kinds.ORDER_EXPIRED:
            self.close(row, enums.ORDER_STATUS_EXPIRED, cancel_reason)
            return self.report.order_event(kind, enums.EXECUTION_TYPE_EXPIRED, row, request_id)
        self.close(row, enums.ORDER_STATUS_CANCELLED, cancel_reason)
        return self.report.order_event(kind, enums.EXECUTION_TYPE_CANCELLED, row, request_id)

    @cython.cfunc
    @cython.exceptval(-1, check=False)
    def remove(self, row: cython.int, kind: cython.int, cancel_reason: cython.int) -> cython.int:
        """Take an order from where it is and end it."""
        self.leave(row)
        return self.end(row, kind, cancel_reason, 0)


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def is_phased(time_in_force: cython.int) -> cython.bint:
    """Whether orders that are good so long end with a move of phase."""
    return time_in_force == enums.TIME_IN_FORCE_DAY or time_in_force >= enums.TIME_IN_FORCE_AT_OPEN


def is_compiled() -> bool:
    """Whether this module runs as a C extension."""
    return cython.compiled
