"""Let pegged orders follow the prices of orders that are not pegged."""

import cython

if cython.compiled:
    from cython.cimports.quantumcore.server.core import enums, kinds, tables
    from cython.cimports.quantumcore.server.core.arena_cy import Arena
    from cython.cimports.quantumcore.server.core.book_cy import Book
    from cython.cimports.quantumcore.server.core.instruments_cy import Instruments
    from cython.cimports.quantumcore.server.core.ladder_cy import Ladder
    from cython.cimports.quantumcore.server.core.matching_cy import Matching
    from cython.cimports.quantumcore.server.core.orders_cy import Orders
    from cython.cimports.quantumcore.server.core.placing_cy import Placing
    from cython.cimports.quantumcore.server.core.reporter_cy import Reporter
else:
    from quantumcore.server.core import enums, kinds, tables
    from quantumcore.server.core.arena_cy import Arena
    from quantumcore.server.core.book_cy import Book
    from quantumcore.server.core.instruments_cy import Instruments
    from quantumcore.server.core.ladder_cy import Ladder
    from quantumcore.server.core.matching_cy import Matching
    from quantumcore.server.core.orders_cy import Orders
    from quantumcore.server.core.placing_cy import Placing
    from quantumcore.server.core.reporter_cy import Reporter


@cython.final
@cython.cclass
class Pegs:
    """Prices of pegged orders. Of an order, `stop_price` holds the worst price it may take."""

    arena: Arena
    instruments: Instruments
    matching: Matching
    orders: Orders
    placing: Placing
    report: Reporter

    def __init__(self, matching: Matching) -> None:
        self.matching, self.placing = matching, matching.placing
        self.arena, self.instruments = matching.arena, matching.instruments
        self.orders, self.report = matching.orders, matching.report

    @cython.cfunc
    @cython.exceptval(check=False)
    def has_moved(self, instrument: cython.int) -> cython.bint:
        """Whether pegs of an instrument may have to follow; what they follow is noted then."""
        if self.instruments.get(instrument, tables.INSTRUMENT_PEGS) == 0:
            return False
        stood: cython.bint = self.instruments.has(instrument, tables.HAS_PEGS_STOOD)
        bid: cython.bint = self._note(instrument, enums.SIDE_BUY)
        ask: cython.bint = self._note(instrument, enums.SIDE_SELL)
        self.instruments.mark(instrument, tables.HAS_PEGS_STOOD, False)
        return stood or bid or ask

    @cython.cfunc
    @cython.exceptval(check=False)
    def _note(self, instrument: cython.int, side: cython.int) -> cython.bint:
        """Note the best price of a side without pegs; return whether it is news."""
        book: Book = self.instruments.book(instrument)
        ladder: Ladder = book._side(side)
        level: cython.int = book.firm(side)
        bit: cython.int = tables.HAS_FIRM_BID if side == enums.SIDE_BUY else tables.HAS_FIRM_ASK
        column: cython.int = (
            tables.INSTRUMENT_FIRM_BID_TICKS
            if side == enums.SIDE_BUY
            else tables.INSTRUMENT_FIRM_ASK_TICKS
        )
        had: cython.bint = self.instruments.has(instrument, bit)
        if level == kinds.NO_SLOT:
            self.instruments.mark(instrument, bit, False)
            return had
        ticks: cython.longlong = ladder.sign * self.arena.level_key[level]
        if had and self.instruments.get(instrument, column) == ticks:
            return False
        self.instruments.mark(instrument, bit, True)
        self.instruments.set(instrument, column, ticks)
        return True

    @cython.cfunc
    @cython.exceptval(check=False)
    def price(self, row: cython.int) -> cython.bint:
        """Give an order the price that it should have now; return whether there is one."""
        orders: Orders = self.orders
        instrument: cython.int = orders.instrument[row]
        side: cython.int = orders.side(row)
        tick: cython.longlong = self.instruments.get(instrument, tables.INSTRUMENT_TICK_SIZE)
        follows: cython.int = (orders.traits[row] >> 24) & 0xFF
        bid: cython.longlong = self.instruments.get(instrument, tables.INSTRUMENT_FIRM_BID_TICKS)
        ask: cython.longlong = self.instruments.get(instrument, tables.INSTRUMENT_FIRM_ASK_TICKS)
        has_bid: cython.bint = self.instruments.has(instrument, tables.HAS_FIRM_BID)
        has_ask: cython.bint = self.instruments.has(instrument, tables.HAS_FIRM_ASK)
        buys: cython.bint = side == enums.SIDE_BUY
        ticks: cython.longlong
        if follows == enums.PEG_REFERENCE_MIDPOINT:
            if not has_bid or not has_ask:
                return False
            ticks = (bid + ask) >> 1 if buys else (bid + ask + 1) >> 1
        elif (follows == enums.PEG_REFERENCE_PRIMARY) == buys:
            if not has_bid:
                return False
            ticks = bid
        else:
            if not has_ask:
                return False
            ticks = ask
        offset: cython.longlong = orders.peg_offset[row] // tick
        ticks += offset if buys else -offset
        orders.price[row] = self._bounded(row, instrument, ticks * tick)
        return True

    @cython.cfunc
    @cython.exceptval(check=False)
    def _bounded(
        self, row: cython.int, instrument: cython.int, price: cython.longlong
    ) -> cython.longlong:
        worst: cython.longlong = self.orders.stop_price[row]
        tick: cython.longlong = self.instruments.get(instrument, tables.INSTRUMENT_TICK_SIZE)
        lowest: cython.longlong = self.instruments.get(instrument, tables.INSTRUMENT_MIN_PRICE)
        highest: cython.longlong = self.instruments.get(instrument, tables.INSTRUMENT_MAX_PRICE)
        if self.orders.traits[row] & kinds.TRAIT_PEG_LIMIT:
            if self.orders.side(row) == enums.SIDE_BUY:
                price = min(price, worst)
            else:
                price = max(price, worst)
        highest = highest - (highest % tick + tick) % tick
        lowest = lowest + (tick - (lowest % tick + tick) % tick) % tick
        return max(lowest, min(price, highest))

    @cython.cfunc
    @cython.exceptval(check=False)
    def show_price(self, row: cython.int, on: cython.bint) -> cython.void:
        """Say whether the order has a price now."""
        bit: cython.longlong = kinds.FLAG_HAS_PRICE
        bit = bit << kinds.STATE_FLAGS
        self.orders.terms[row] = (
            self.orders.terms[row] | bit if on else self.orders.terms[row] & ~bit
        )
        if not on:
            self.orders.price[row] = 0

    @cython.cfunc
    @cython.exceptval(-1, check=False)
    def follow(self, instrument: cython.int) -> cython.int:
        """Move each peg whose price changes, in order of entry."""
        row: cython.int = cython.cast(cython.int, self.placing.peg_ends[2 * instrument])
        while row != kinds.NO_SLOT and self.matching.breached == 0:
            if self.orders.is_working(row):
                self._follow_one(row)
            # A peg that has ended meanwhile still names the one behind it.
            row = self.placing.next_peg[row]
        return 0

    @cython.cfunc
    @cython.exceptval(-1, check=False)
    def _follow_one(self, row: cython.int) -> cython.int:
        orders: Orders = self.orders
        before: cython.longlong = orders.price[row]
        stood: cython.bint = orders.place[row] == tables.PLACE_BOOK
        priced: cython.bint = self.price(row)
        if stood == priced and (not priced or orders.price[row] == before):
            return 0
        self.placing.leave(row)
        self.show_price(row, priced)
        self.report.restated_event(
            row, enums.RESTATEMENT_PEG_MOVED, self.orders.leaves(row) if priced else 0
        )
        if not priced:
            return 0
        if not self.placing.fits(row):
            return self.placing.end(
                row, kinds.ORDER_CANCELLED, enums.CANCEL_REASON_CAPACITY_EXHAUSTED, 0
            )
        return self.matching.work(row)


def is_compiled() -> bool:
    """Whether this module runs as a C extension."""
    return cython.compiled
