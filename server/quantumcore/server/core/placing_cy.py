"""Put orders where they wait, take them away, change them there, and end them."""

import cython

from quantumcore.server.core.memory import int32_column, int64_column

if cython.compiled:
    from cython.cimports.quantumcore.server.core import kinds
    from cython.cimports.quantumcore.server.core.accounts_cy import Accounts
    from cython.cimports.quantumcore.server.core.arena_cy import Arena
    from cython.cimports.quantumcore.server.core.book_cy import Book
    from cython.cimports.quantumcore.server.core.instruments_cy import Instruments
    from cython.cimports.quantumcore.server.core.ladder_cy import Ladder
    from cython.cimports.quantumcore.server.core.lists_cy import link, unlink
    from cython.cimports.quantumcore.server.core.orders_cy import Orders
    from cython.cimports.quantumcore.server.core.packages_cy import Packages
    from cython.cimports.quantumcore.server.core.positions_cy import Positions
    from cython.cimports.quantumcore.server.core.reporter_cy import Reporter
else:
    from quantumcore.server.core import kinds
    from quantumcore.server.core.accounts_cy import Accounts
    from quantumcore.server.core.arena_cy import Arena
    from quantumcore.server.core.book_cy import Book
    from quantumcore.server.core.instruments_cy import Instruments
    from quantumcore.server.core.ladder_cy import Ladder
    from quantumcore.server.core.lists_cy import link, unlink
    from quantumcore.server.core.orders_cy import Orders
    from quantumcore.server.core.packages_cy import Packages
    from quantumcore.server.core.positions_cy import Positions
    from quantumcore.server.core.reporter_cy import Reporter


@cython.final
@cython.cclass
class Placing:
    """Where an order is: in the book, among the stops, in a queue for an auction, or nowhere.

    Pegged orders of an instrument also form a list in order of entry (`peg_ends`).
    """

    accounts: Accounts
    arena: Arena
    instruments: Instruments
    orders: Orders
    packages: Packages
    positions: Positions
    report: Reporter
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
        self.accounts, self.instruments, self.positions = accounts, instruments, positions
        self.arena, self.orders, self.report = instruments.arena, report.orders, report
        self.packages = report.orders.packages
        self.next_peg = int32_column(self.orders.capacity)
        self.previous_peg = int32_column(self.orders.capacity)
        size = 2 * (instruments.capacity + 1)
        self.peg_ends = int64_column(size)
        memoryview(self.peg_ends)[:] = memoryview(b"\xff" * (8 * size)).cast("q")

    @cython.cfunc
    @cython.exceptval(check=False)
    def lots(self, row: cython.int) -> cython.longlong:
        """Return the lots that still work."""
        return self.orders.leaves(row) // self.instruments.get(
            self.orders.instrument[row], kinds.INSTRUMENT_LOT_SIZE
        )

    @cython.cfunc
    @cython.exceptval(check=False)
    def tag(self, row: cython.int) -> cython.longlong:
        """Return the name by which books know the order."""
        orders: Orders = self.orders
        owner: cython.longlong = self.accounts.owner[orders.account[row]]
        tag: cython.longlong = row | (owner << 32)
        kind: cython.int = orders.order_type(row)
        if kind == kinds.ORDER_TYPE_ICEBERG:
            tag |= kinds.TAG_ICEBERG
        elif kind == kinds.ORDER_TYPE_PEGGED:
            tag |= kinds.TAG_PEGGED
        if orders.is_reduce_only(row):
            tag |= kinds.TAG_GUARDED
        return tag

    @cython.cfunc
    @cython.exceptval(check=False)
    def name_owner(self, account: cython.int) -> cython.void:
        """Let the book know by their owner the orders of an account that has another one now."""
        row: cython.int = self.orders.first_working(account)
        while row != kinds.NO_SLOT:
            if self.orders.place[row] == kinds.PLACE_BOOK:
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
        if orders.order_type(row) == kinds.ORDER_TYPE_ICEBERG:
            peak = orders.display[row] // self.instruments.get(
                instrument, kinds.INSTRUMENT_LOT_SIZE
            )
            shown = min(lots, peak)
        ticks: cython.longlong = orders.price[row] // self.instruments.get(
            instrument, kinds.INSTRUMENT_TICK_SIZE
        )
        orders.slot[row] = book._add(orders.side(row), ticks, shown, self.tag(row))
        if lots > shown:
            book._hide(orders.slot[row], lots - shown, peak)
        orders.place[row] = kinds.PLACE_BOOK
        return self.told(instrument, book, self.report.sequence)

    @cython.cfunc
    @cython.exceptval(-1, check=False)
    def told(self, instrument: cython.int, book: Book, sequence: cython.longlong) -> cython.int:
        """Pass the one thing that the book reported on; `sequence` is that of its event."""
        self.report.level(instrument, 0, sequence)
        book.event_count = 0
        self.instruments.touch(instrument)
        if self.instruments.get(instrument, kinds.INSTRUMENT_PACKAGES) != 0:
            self._note_better(instrument)
        return 0

    @cython.cfunc
    @cython.exceptval(check=False)
    def _note_better(self, instrument: cython.int) -> cython.void:
        """Note for waiting packages on which side the book has just changed."""
        side: cython.longlong = (self.instruments.book_events[kinds.BOOK_STATE] >> 8) & 0xFF
        bit: cython.longlong = kinds.HAS_BETTER_BID
        if side == kinds.SIDE_SELL:
            bit = kinds.HAS_BETTER_ASK
        self.instruments.mark(instrument, bit, True)

    @cython.cfunc
    @cython.exceptval(-1, check=False)
    def wait(self, row: cython.int) -> cython.int:
        """Let a package wait until the books of its legs change."""
        number: cython.int
        leg: cython.int
        at: cython.Py_ssize_t = self.packages.at(self.orders.package(row))
        self.orders.place[row] = kinds.PLACE_PACKAGES
        for number in range(self.packages.words[at + kinds.PACKAGE_ROW_LEG_COUNT]):
            leg = self.orders.leg_row(row, number)
            self.orders.place[leg] = kinds.PLACE_PACKAGES
            link(
                self.packages.ends,
                self.queue(self.orders.instrument[leg], 3 - self.orders.side(leg)),
                self.packages.next_leg,
                self.packages.previous_leg,
                leg,
            )
            self._count(self.orders.instrument[leg], kinds.INSTRUMENT_PACKAGES, 1)
        return 0

    @cython.cfunc
    @cython.exceptval(check=False)
    def queue(self, instrument: cython.int, side: cython.int) -> cython.Py_ssize_t:
        """Return where the legs that wait for a side of a book have their first and last row."""
        return 4 * cython.cast(cython.Py_ssize_t, instrument) + 2 * (side - 1)

    @cython.cfunc
    @cython.exceptval(-1, check=False)
    def _stop_waiting(self, row: cython.int) -> cython.int:
        """Take a package and its legs out of the queues."""
        number: cython.int
        leg: cython.int
        at: cython.Py_ssize_t = self.packages.at(self.orders.package(row))
        for number in range(self.packages.words[at + kinds.PACKAGE_ROW_LEG_COUNT]):
            leg = self.orders.leg_row(row, number)
            self.orders.place[leg] = kinds.PLACE_NOWHERE
            unlink(
                self.packages.ends,
                self.queue(self.orders.instrument[leg], 3 - self.orders.side(leg)),
                self.packages.next_leg,
                self.packages.previous_leg,
                leg,
            )
            self._count(self.orders.instrument[leg], kinds.INSTRUMENT_PACKAGES, -1)
        return 0

    @cython.cfunc
    @cython.exceptval(-1, check=False)
    def _end_legs(self, row: cython.int) -> cython.int:
        """End what still works of a package's legs, before the package itself."""
        number: cython.int
        leg: cython.int
        at: cython.Py_ssize_t = self.packages.at(self.orders.package(row))
        for number in range(self.packages.words[at + kinds.PACKAGE_ROW_LEG_COUNT]):
            leg = self.orders.leg_row(row, number)
            self.end(leg, kinds.ORDER_CANCELLED, kinds.CANCEL_REASON_PACKAGE_ENDED, 0)
        return 0

    @cython.cfunc
    @cython.exceptval(check=False)
    def fits(self, row: cython.int) -> cython.bint:
        """Whether the order could rest at its price now."""
        orders: Orders = self.orders
        instrument: cython.int = orders.instrument[row]
        book: Book = self.instruments.book(instrument)
        ladder: Ladder = book._side(orders.side(row))
        lot: cython.longlong = self.instruments.get(instrument, kinds.INSTRUMENT_LOT_SIZE)
        ticks: cython.longlong = orders.price[row] // self.instruments.get(
            instrument, kinds.INSTRUMENT_TICK_SIZE
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
    def hold_stop(self, row: cython.int) -> cython.int:
        """Let a stop wait for its trigger: buys lowest first, as asks are; sells as bids."""
        orders: Orders = self.orders
        instrument: cython.int = orders.instrument[row]
        book: Book = self._stops(row)
        ticks: cython.longlong = orders.stop_price[row] // self.instruments.get(
            instrument, kinds.INSTRUMENT_TICK_SIZE
        )
        if self.instruments.has(instrument, kinds.HAS_RANGE):
            self._set_reached_aside(instrument)
        orders.slot[row] = book._add(3 - orders.side(row), ticks, 1, row)
        orders.place[row] = kinds.PLACE_STOPS
        orders.status[row] = kinds.ORDER_STATUS_PENDING_TRIGGER
        book.event_count = 0
        self._count(instrument, kinds.INSTRUMENT_STOPS, 1)
        return 0

    @cython.cfunc
    @cython.exceptval(-1, check=False)
    def _set_reached_aside(self, instrument: cython.int) -> cython.int:
        """Keep the stops that trades have reached from one that comes: it saw none of these."""
        book: Book = self.instruments.other(instrument, kinds.BOOK_OF_STOPS)
        side: cython.int
        slot: cython.int
        row: cython.int
        for side in range(kinds.SIDE_BUY, kinds.SIDE_SELL + 1):
            slot = book.head(side)
            while slot != kinds.NO_SLOT and self.arena.has_room():
                row = cython.cast(cython.int, self.arena.order_tag[slot] & kinds.TAG_NAME)
                if not self._is_traded_through(row):
                    break
                self._put_aside(row)
                slot = book.head(side)
        self.instruments.mark(instrument, kinds.HAS_RANGE, False)
        return 0

    @cython.cfunc
    @cython.exceptval(check=False)
    def _is_traded_through(self, row: cython.int) -> cython.bint:
        """Whether a trade since the stops were last looked at reached this one's price."""
        instrument: cython.int = self.orders.instrument[row]
        tick: cython.longlong = self.instruments.get(instrument, kinds.INSTRUMENT_TICK_SIZE)
        ticks: cython.longlong = self.orders.stop_price[row] // tick
        if self.orders.side(row) == kinds.SIDE_BUY:
            return self.instruments.get(instrument, kinds.INSTRUMENT_HIGH_TICKS) >= ticks
        return self.instruments.get(instrument, kinds.INSTRUMENT_LOW_TICKS) <= ticks

    @cython.cfunc
    @cython.exceptval(-1, check=False)
    def _put_aside(self, row: cython.int) -> cython.int:
        """Move a stop that is reached to the book of those."""
        orders: Orders = self.orders
        instrument: cython.int = orders.instrument[row]
        side: cython.int = 3 - orders.side(row)
        ticks: cython.longlong = orders.stop_price[row] // self.instruments.get(
            instrument, kinds.INSTRUMENT_TICK_SIZE
        )
        book: Book = self._stops(row)
        book._cancel(side, orders.slot[row])
        book.event_count = 0
        orders.traits[row] |= kinds.TRAIT_REACHED
        book = self._stops(row)
        orders.slot[row] = book._add(side, ticks, 1, row)
        book.event_count = 0
        self.instruments.mark(instrument, kinds.HAS_REACHED, True)
        return 0

    @cython.cfunc
    def _stops(self, row: cython.int) -> Book:
        if self.orders.traits[row] & kinds.TRAIT_REACHED:
            return self.instruments.other(self.orders.instrument[row], kinds.BOOK_OF_REACHED_STOPS)
        trigger: cython.int = (self.orders.traits[row] >> 16) & 0xFF
        return self.instruments.other(
            self.orders.instrument[row], kinds.BOOK_OF_STOPS + trigger - 1
        )

    @cython.cfunc
    @cython.exceptval(check=False)
    def _count(
        self, instrument: cython.int, column: cython.int, by: cython.longlong
    ) -> cython.void:
        self.instruments.set(instrument, column, self.instruments.get(instrument, column) + by)

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
        orders.place[row] = kinds.PLACE_NOWHERE
        if place == kinds.PLACE_BOOK:
            book = self.instruments.book(instrument)
            book._cancel(side, slot)
            return self.told(instrument, book, self.report.sequence + 1)
        if place == kinds.PLACE_NOWHERE:
            return 0
        if place == kinds.PLACE_PACKAGES:
            return self._stop_waiting(row)
        if place == kinds.PLACE_STOPS:
            book = self._stops(row)
            orders.traits[row] &= ~kinds.TRAIT_REACHED
            side = 3 - side
            self._count(instrument, kinds.INSTRUMENT_STOPS, -1)
        elif place == kinds.PLACE_MARKET:
            book = self.instruments.other(instrument, kinds.BOOK_OF_MARKET_ORDERS)
        else:
            book = self.instruments.other(instrument, kinds.BOOK_OF_CLOSING_ORDERS)
        book._cancel(side, slot)
        book.event_count = 0
        return 0

    @cython.cfunc
    @cython.exceptval(check=False)
    def resize(self, row: cython.int, quantity: cython.longlong) -> cython.void:
        """Give an order that is nowhere another whole quantity."""
        lot: cython.longlong = self.instruments.get(
            self.orders.instrument[row], kinds.INSTRUMENT_LOT_SIZE
        )
        if self.orders.is_reduce_only(row):
            self.positions.reduce_only[self.orders.position[row]] += (
                quantity - self.orders.quantity[row]
            ) // lot
        self.orders.quantity[row] = quantity

    @cython.cfunc
    @cython.exceptval(-1, check=False)
    def lose(self, row: cython.int, lots: cython.longlong) -> cython.int:
        """Take lots, fewer than it has, from an order where it is; the event comes next."""
        orders: Orders = self.orders
        instrument: cython.int = orders.instrument[row]
        book: Book
        orders.quantity[row] -= lots * self.instruments.get(instrument, kinds.INSTRUMENT_LOT_SIZE)
        if orders.is_reduce_only(row):
            self.positions.reduce_only[orders.position[row]] -= lots
        if orders.place[row] == kinds.PLACE_BOOK:
            book = self.instruments.book(instrument)
            book._reduce(orders.side(row), orders.slot[row], lots)
            return self.told(instrument, book, self.report.sequence + 1)
        if orders.place[row] == kinds.PLACE_MARKET:
            book = self.instruments.other(instrument, kinds.BOOK_OF_MARKET_ORDERS)
        elif orders.place[row] == kinds.PLACE_WAITING:
            book = self.instruments.other(instrument, kinds.BOOK_OF_CLOSING_ORDERS)
        else:
            return 0
        book._reduce(orders.side(row), orders.slot[row], lots)
        book.event_count = 0
        return 0

    @cython.cfunc
    @cython.exceptval(check=False)
    def shown(self, row: cython.int) -> cython.longlong:
        """Return the quantity of an order that the book shows."""
        if self.orders.place[row] != kinds.PLACE_BOOK:
            return 0
        return self.arena.order_leaves[self.orders.slot[row]] * self.instruments.get(
            self.orders.instrument[row], kinds.INSTRUMENT_LOT_SIZE
        )

    @cython.cfunc
    @cython.exceptval(check=False)
    def reducible(self, row: cython.int) -> cython.longlong:
        """Return how many lots an order could trade without opening a position."""
        lots: cython.longlong = self.positions.lots[self.orders.position[row]]
        if self.orders.side(row) == kinds.SIDE_BUY:
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
            self.end(row, kinds.ORDER_CANCELLED, kinds.CANCEL_REASON_REDUCE_ONLY, 0)
            return 0
        if lots > most:
            self.lose(row, lots - most)
            self.report.restated_event(row, kinds.RESTATEMENT_POSITION_REDUCED, self.shown(row))
        return 1

    @cython.cfunc
    @cython.exceptval(check=False)
    def close(self, row: cython.int, status: cython.int, cancel_reason: cython.int) -> cython.void:
        """Let an order that is nowhere (any more) end, without telling."""
        orders: Orders = self.orders
        instrument: cython.int = orders.instrument[row]
        if orders.is_package(row):
            self.packages.end(orders.package(row))
        if orders.is_reduce_only(row):
            self.positions.reduce_only[orders.position[row]] -= self.lots(row)
        if orders.order_type(row) == kinds.ORDER_TYPE_PEGGED:
            unlink(self.peg_ends, 2 * instrument, self.next_peg, self.previous_peg, row)
            self._count(instrument, kinds.INSTRUMENT_PEGS, -1)
        orders.end(row, status, cancel_reason)

    @cython.cfunc
    @cython.exceptval(check=False)
    def open_peg(self, row: cython.int) -> cython.void:
        """Enter a new pegged order in its instrument's list."""
        instrument: cython.int = self.orders.instrument[row]
        link(self.peg_ends, 2 * instrument, self.next_peg, self.previous_peg, row)
        self._count(instrument, kinds.INSTRUMENT_PEGS, 1)

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
            self.close(row, kinds.ORDER_STATUS_EXPIRED, cancel_reason)
            return self.report.order_event(kind, kinds.EXECUTION_TYPE_EXPIRED, row, request_id)
        self.close(row, kinds.ORDER_STATUS_CANCELLED, cancel_reason)
        return self.report.order_event(kind, kinds.EXECUTION_TYPE_CANCELLED, row, request_id)

    @cython.cfunc
    @cython.exceptval(-1, check=False)
    def remove(self, row: cython.int, kind: cython.int, cancel_reason: cython.int) -> cython.int:
        """Take an order from where it is and end it."""
        self.leave(row)
        return self.end(row, kind, cancel_reason, 0)


def is_compiled() -> bool:
    """Whether this module runs as a C extension."""
    return cython.compiled
