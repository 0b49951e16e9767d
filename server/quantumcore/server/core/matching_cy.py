"""Match incoming orders with the book, and say what becomes of what is left."""

import cython

if cython.compiled:
    from cython.cimports.quantumcore.server.core import enums, kinds, tables
    from cython.cimports.quantumcore.server.core.accounts_cy import Accounts
    from cython.cimports.quantumcore.server.core.arena_cy import Arena
    from cython.cimports.quantumcore.server.core.book_cy import Book
    from cython.cimports.quantumcore.server.core.fills_cy import Fills
    from cython.cimports.quantumcore.server.core.iceberg_rounds_cy import IcebergRounds
    from cython.cimports.quantumcore.server.core.instruments_cy import Instruments
    from cython.cimports.quantumcore.server.core.ladder_cy import Ladder
    from cython.cimports.quantumcore.server.core.orders_cy import Orders
    from cython.cimports.quantumcore.server.core.placing_cy import Placing
    from cython.cimports.quantumcore.server.core.recording_cy import Recording
    from cython.cimports.quantumcore.server.core.reporter_cy import Reporter
else:
    from quantumcore.server.core import enums, kinds, tables
    from quantumcore.server.core.accounts_cy import Accounts
    from quantumcore.server.core.arena_cy import Arena
    from quantumcore.server.core.book_cy import Book
    from quantumcore.server.core.fills_cy import Fills
    from quantumcore.server.core.iceberg_rounds_cy import IcebergRounds
    from quantumcore.server.core.instruments_cy import Instruments
    from quantumcore.server.core.ladder_cy import Ladder
    from quantumcore.server.core.orders_cy import Orders
    from quantumcore.server.core.placing_cy import Placing
    from quantumcore.server.core.recording_cy import Recording
    from quantumcore.server.core.reporter_cy import Reporter


@cython.final
@cython.cclass
class Matching:
    """What happens to an order that comes to its book: it trades, rests, waits, or ends.

    `breached` is the instrument whose price band stopped the last order that was worked, or 0.
    `owner` and `prevention` say with whom that order is not to trade, and what to do then.
    """

    accounts: Accounts
    arena: Arena
    fills: Fills
    instruments: Instruments
    orders: Orders
    placing: Placing
    recording: Recording
    report: Reporter
    rounds: IcebergRounds
    breached: cython.int
    owner: cython.longlong
    prevention: cython.int

    def __init__(self, placing: Placing, fills: Fills) -> None:
        self.placing, self.fills = placing, fills
        self.accounts, self.arena = placing.accounts, placing.arena
        self.instruments, self.orders = placing.instruments, placing.orders
        self.report = placing.report
        self.recording = Recording(fills)
        self.rounds = IcebergRounds(placing, self.recording)
        self.breached = 0
        self.owner = self.prevention = 0

    @cython.cfunc
    @cython.exceptval(-1, check=False)
    def work(self, row: cython.int) -> cython.int:
        """Bring an order that is nowhere to its book."""
        orders: Orders = self.orders
        instrument: cython.int = orders.instrument[row]
        if (
            self.instruments.get(instrument, tables.INSTRUMENT_PHASE)
            != enums.TRADING_PHASE_CONTINUOUS
        ):
            return self.collect(row)
        if orders.time_in_force(row) == enums.TIME_IN_FORCE_AT_CLOSE:
            return self.placing.hold(row, tables.BOOK_OF_CLOSING_ORDERS, tables.PLACE_WAITING)
        book: Book = self.instruments.book(instrument)
        side: cython.int = orders.side(row)
        price: cython.longlong = self._limit(row, book, side)
        within: cython.longlong = self._in_band(instrument, side, price)
        if orders.is_reduce_only(row) and self._meets(book, side, within):
            if self.placing.cut(row) == 0:
                return 0
        self._see_owner(row)
        reason: cython.int = self._reason_to_kill(row, book, side, within)
        if reason == 0:
            self._sweep(row, book, side, within)
            if not orders.is_working(row):
                return 0
            if within != price and self._meets(book, side, price):
                self.breached = instrument
            reason = self._reason_not_to_rest(row)
        if reason != 0:
            return self.placing.end(row, kinds.ORDER_CANCELLED, reason, 0)
        return self.placing.rest(row)

    @cython.cfunc
    @cython.exceptval(-1, check=False)
    def collect(self, row: cython.int) -> cython.int:
        """Let an order wait for an auction: in the book, or in a queue."""
        orders: Orders = self.orders
        phase: cython.longlong = self.instruments.get(
            orders.instrument[row], tables.INSTRUMENT_PHASE
        )
        if (
            orders.time_in_force(row) == enums.TIME_IN_FORCE_AT_CLOSE
            and phase != enums.TRADING_PHASE_CLOSING_AUCTION
        ):
            return self.placing.hold(row, tables.BOOK_OF_CLOSING_ORDERS, tables.PLACE_WAITING)
        if orders.is_market(row):
            return self.placing.hold(row, tables.BOOK_OF_MARKET_ORDERS, tables.PLACE_MARKET)
        return self.placing.rest(row)

    @cython.cfunc
    @cython.exceptval(check=False)
    def _limit(self, row: cython.int, book: Book, side: cython.int) -> cython.longlong:
        """Return the worst price, in ticks, that an incoming order may trade at."""
        instrument: cython.int = self.orders.instrument[row]
        tick: cython.longlong = self.instruments.get(instrument, tables.INSTRUMENT_TICK_SIZE)
        if not self.orders.is_market(row):
            return self.orders.price[row] // tick
        band: cython.longlong = (
            self.instruments.get(instrument, tables.INSTRUMENT_PROTECTION_BAND) // tick
        )
        opposite: Ladder = book.asks if side == enums.SIDE_BUY else book.bids
        best: cython.int = opposite.best()
        if best == kinds.NO_SLOT:
            return 0
        price: cython.longlong = opposite.sign * (self.arena.level_key[best] - band)
        if self.orders.order_type(row) == enums.ORDER_TYPE_STOP:
            return self._affordable(row, side, price)
        return price

    @cython.cfunc
    @cython.exceptval(check=False)
    def _affordable(
        self, row: cython.int, side: cython.int, price: cython.longlong
    ) -> cython.longlong:
        """Return the price, or what a stop was valued at where its account pays for what it does.

        An account's funds can change while a stop waits, and the market can be far from it.
        """
        valued: cython.longlong = self.orders.risk_ticks[row]
        if self.accounts.margin_model[self.orders.account[row]] == enums.MARGIN_MODEL_UNSPECIFIED:
            return price
        return min(price, valued) if side == enums.SIDE_BUY else max(price, valued)

    @cython.cfunc
    @cython.exceptval(check=False)
    def _in_band(
        self, instrument: cython.int, side: cython.int, price: cython.longlong
    ) -> cython.longlong:
        """Return the price, or how far the price band lets an order go."""
        band: cython.longlong = self.instruments.get(instrument, tables.INSTRUMENT_PRICE_BAND)
        if band == 0:
            return price
        self._note_band(instrument)
        if not self.instruments.has(instrument, tables.HAS_BAND):
            return price
        band = band // self.instruments.get(instrument, tables.INSTRUMENT_TICK_SIZE)
        last: cython.longlong = self.instruments.get(instrument, tables.INSTRUMENT_BAND_TICKS)
        return min(price, last + band) if side == enums.SIDE_BUY else max(price, last - band)

    @cython.cfunc
    @cython.exceptval(check=False)
    def _note_band(self, instrument: cython.int) -> cython.void:
        """Let the band be about the last trade before this command, whatever trades in it."""
        instruments: Instruments = self.instruments
        if instruments.get(instrument, tables.INSTRUMENT_BAND_COMMAND) == self.report.command:
            return
        instruments.set(instrument, tables.INSTRUMENT_BAND_COMMAND, self.report.command)
        instruments.set(
            instrument,
            tables.INSTRUMENT_BAND_TICKS,
            instruments.get(instrument, tables.INSTRUMENT_LAST_TICKS),
        )
        instruments.mark(instrument, tables.HAS_BAND, instruments.has(instrument, tables.HAS_LAST))

    @cython.cfunc
    @cython.exceptval(check=False)
    def _meets(self, book: Book, side: cython.int, price: cython.longlong) -> cython.bint:
        """Whether an order up to this price would trade now."""
        opposite: Ladder = book.asks if side == enums.SIDE_BUY else book.bids
        best: cython.int = opposite.best()
        return best != kinds.NO_SLOT and self.arena.level_key[best] >= opposite.sign * price

    @cython.cfunc
    @cython.exceptval(check=False)
    def _see_owner(self, row: cython.int) -> cython.void:
        """Learn with whom an incoming order must not trade."""
        account: cython.int = self.orders.account[row]
        self.prevention = (self.orders.traits[row] >> 8) & 0xFF
        if self.prevention == 0:
            self.prevention = self.accounts.self_trade_prevention[account]
        self.owner = 0
        if self.prevention > enums.SELF_TRADE_PREVENTION_NONE:
            self.owner = self.accounts.owner[account]

    @cython.cfunc
    @cython.exceptval(check=False)
    def _reason_to_kill(
        self, row: cython.int, book: Book, side: cython.int, price: cython.longlong
    ) -> cython.int:
        """Return why an incoming order must not trade at all: a CancelReason, or 0."""
        orders: Orders = self.orders
        needed: cython.longlong = 0
        reason: cython.int = enums.CANCEL_REASON_FILL_OR_KILL
        opposite: Ladder = book.asks if side == enums.SIDE_BUY else book.bids
        if orders.is_market(row) and opposite.level_count == 0:
            return enums.CANCEL_REASON_MARKET_PROTECTION
        if orders.time_in_force(row) == enums.TIME_IN_FORCE_FOK:
            needed = self.placing.lots(row)
        elif orders.traits[row] & kinds.TRAIT_MIN_QUANTITY and orders.version[row] == 1:
            reason = enums.CANCEL_REASON_MINIMUM_QUANTITY
            needed = orders.min_quantity[row] // self.instruments.get(
                orders.instrument[row], tables.INSTRUMENT_LOT_SIZE
            )
        if needed == 0:
            return 0
        stops_at_own: cython.bint = self.prevention != enums.SELF_TRADE_PREVENTION_CANCEL_OLDEST
        if book._available(side, price, needed, self.owner, stops_at_own) < needed:
            return reason
        return 0

    @cython.cfunc
    @cython.exceptval(check=False)
    def _reason_not_to_rest(self, row: cython.int) -> cython.int:
        if self.orders.is_market(row):
            return enums.CANCEL_REASON_MARKET_PROTECTION
        if self.orders.time_in_force(row) == enums.TIME_IN_FORCE_IOC:
            return enums.CANCEL_REASON_IMMEDIATE_OR_CANCEL
        return 0

    @cython.cfunc
    @cython.exceptval(-1, check=False)
    def _sweep(
        self, row: cython.int, book: Book, side: cython.int, price: cython.longlong
    ) -> cython.int:
        """Trade an incoming order, a full event buffer or up to a guarded order at a time."""
        lots: cython.longlong = self.placing.lots(row)
        full: cython.bint = True
        book.renewed = kinds.NO_SLOT
        while lots > 0:
            lots = book._match(side, price, lots, self.owner)
            full = book.event_count >= book.event_capacity - 1
            self.recording.record(row, book)
            if book.guard != kinds.NO_SLOT:
                lots = self._at_guard(row, book, side, lots)
            elif lots > 0 and book._is_renewed(3 - side):
                lots = self.rounds.trade(row, book, 3 - side, lots)
            elif not full:
                break
        return 0

    @cython.cfunc
    @cython.exceptval(check=False)
    def _at_guard(
        self, row: cython.int, book: Book, side: cython.int, lots: cython.longlong
    ) -> cython.longlong:
        """Deal with the order before which a sweep stopped; return the lots left to trade."""
        slot: cython.int = book.guard
        tag: cython.longlong = self.arena.order_tag[slot]
        maker: cython.int = cython.cast(cython.int, tag & tables.TAG_NAME)
        if self.owner != 0 and tag >> 32 == self.owner:
            self._prevent(row, maker)
            return self.placing.lots(row)
        if self.placing.cut(maker) != 0:
            lots -= book._trade(3 - side, slot, lots)
            self.recording.record(row, book)
        return lots

    @cython.cfunc
    @cython.exceptval(-1, check=False)
    def _prevent(self, row: cython.int, maker: cython.int) -> cython.int:
        """Keep an incoming order from trading with one of its own owner."""
        placing: Placing = self.placing
        reason: cython.int = enums.CANCEL_REASON_SELF_TRADE_PREVENTION
        theirs: cython.longlong = placing.lots(maker)
        lots: cython.longlong = placing.lots(row)
        ends_maker: cython.bint = self.prevention != enums.SELF_TRADE_PREVENTION_CANCEL_NEWEST
        ends_taker: cython.bint = self.prevention != enums.SELF_TRADE_PREVENTION_CANCEL_OLDEST
        if self.prevention == enums.SELF_TRADE_PREVENTION_DECREMENT_AND_CANCEL:
            ends_maker, ends_taker = theirs <= lots, lots <= theirs
            if self.orders.is_sequential(row) or self.orders.is_sequential(maker):
                ends_maker = ends_taker = True  # a leg is not reduced: its ratio would be lost
        if ends_maker:
            placing.remove(maker, kinds.ORDER_CANCELLED, reason)
        elif theirs > lots and self.prevention != enums.SELF_TRADE_PREVENTION_CANCEL_NEWEST:
            placing.lose(maker, lots)
            self.report.restated_event(
                maker, enums.RESTATEMENT_SELF_TRADE_DECREMENT, placing.shown(maker)
            )
        if ends_taker:
            return placing.remove(row, kinds.ORDER_CANCELLED, reason)
        if self.prevention == enums.SELF_TRADE_PREVENTION_DECREMENT_AND_CANCEL:
            placing.lose(row, theirs)
            return self.report.restated_event(row, enums.RESTATEMENT_SELF_TRADE_DECREMENT, 0)
        return 0


def is_compiled() -> bool:
    """Whether this module runs as a C extension."""
    return cython.compiled
