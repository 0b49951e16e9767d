"""Find the stops whose trigger price is reached, and set them off."""

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
    from cython.cimports.quantumcore.server.core.pretrade_cy import PreTrade
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
    from quantumcore.server.core.pretrade_cy import PreTrade
    from quantumcore.server.core.reporter_cy import Reporter


@cython.final
@cython.cclass
class Stops:
    """Stops wait by price in a book for each trigger: finding the next reached costs O(1).

    `looked_at_funds` tells whether the one that was set off last had its funds looked at again.
    """

    arena: Arena
    instruments: Instruments
    matching: Matching
    orders: Orders
    placing: Placing
    pretrade: PreTrade
    report: Reporter
    looked_at_funds: cython.bint

    def __init__(self, matching: Matching, pretrade: PreTrade) -> None:
        self.matching, self.placing = matching, matching.placing
        self.pretrade, self.looked_at_funds = pretrade, False
        self.arena, self.instruments = matching.arena, matching.instruments
        self.orders, self.report = matching.orders, matching.report

    @cython.cfunc
    @cython.exceptval(check=False)
    def next_reached(self, instrument: cython.int) -> cython.int:
        """Return the stop that is to be set off next, or NO_SLOT."""
        if self.instruments.get(instrument, tables.INSTRUMENT_STOPS) == 0:
            return kinds.NO_SLOT
        trigger: cython.int
        slot: cython.int
        for trigger in range(enums.STOP_TRIGGER_LAST_TRADE, enums.STOP_TRIGGER_REFERENCE + 1):
            slot = self._reached_by(instrument, trigger, enums.SIDE_BUY)
            if slot == kinds.NO_SLOT:
                slot = self._reached_by(instrument, trigger, enums.SIDE_SELL)
            if slot != kinds.NO_SLOT:
                return cython.cast(cython.int, self.arena.order_tag[slot] & tables.TAG_NAME)
        return kinds.NO_SLOT

    @cython.cfunc
    @cython.exceptval(check=False)
    def _reached_by(
        self, instrument: cython.int, trigger: cython.int, side: cython.int
    ) -> cython.int:
        """Return the slot of the first stop of a side that its trigger has reached."""
        instruments: Instruments = self.instruments
        book: Book = instruments.other(instrument, tables.BOOK_OF_STOPS + trigger - 1)
        ladder: Ladder = book.asks if side == enums.SIDE_BUY else book.bids
        level: cython.int = ladder.best()
        aside: cython.int = kinds.NO_SLOT
        if trigger == enums.STOP_TRIGGER_LAST_TRADE and instruments.has(
            instrument, tables.HAS_REACHED
        ):
            aside = instruments.other(instrument, tables.BOOK_OF_REACHED_STOPS).head(3 - side)
        if level == kinds.NO_SLOT:
            return aside
        key: cython.longlong = self.arena.level_key[level]
        if aside != kinds.NO_SLOT and key <= self.arena.level_key[self.arena.order_level[aside]]:
            return aside
        if self._is_reached(instrument, trigger, side, ladder.sign * key, False):
            return self.arena.level_head[level]
        return aside

    @cython.cfunc
    @cython.exceptval(check=False)
    def _is_reached(
        self,
        instrument: cython.int,
        trigger: cython.int,
        side: cython.int,
        ticks: cython.longlong,
        on_entry: cython.bint,
    ) -> cython.bint:
        """Whether a stop price is reached by its trigger; on entry the last trade alone counts."""
        instruments: Instruments = self.instruments
        buys: cython.bint = side == enums.SIDE_BUY
        column: cython.int
        if trigger == enums.STOP_TRIGGER_LAST_TRADE:
            column = tables.INSTRUMENT_HIGH_TICKS if buys else tables.INSTRUMENT_LOW_TICKS
            bit: cython.longlong = tables.HAS_RANGE
            if on_entry:
                column, bit = tables.INSTRUMENT_LAST_TICKS, tables.HAS_LAST
            return instruments.has(instrument, bit) and self._beyond(
                side, instruments.get(instrument, column), ticks
            )
        if trigger == enums.STOP_TRIGGER_REFERENCE:
            return instruments.has(instrument, tables.HAS_REFERENCE) and self._beyond(
                side,
                instruments.get(instrument, tables.INSTRUMENT_REFERENCE_PRICE),
                ticks * instruments.get(instrument, tables.INSTRUMENT_TICK_SIZE),
            )
        book: Book = instruments.book(instrument)
        ladder: Ladder = book.asks if buys else book.bids
        level: cython.int = ladder.best()
        return level != kinds.NO_SLOT and self._beyond(
            side, ladder.sign * self.arena.level_key[level], ticks
        )

    @cython.cfunc
    @cython.exceptval(check=False)
    def _beyond(
        self, side: cython.int, price: cython.longlong, stop: cython.longlong
    ) -> cython.bint:
        return price >= stop if side == enums.SIDE_BUY else price <= stop

    @cython.cfunc
    @cython.exceptval(check=False)
    def is_reached_on_entry(self, row: cython.int) -> cython.bint:
        """Whether a stop becomes active at once."""
        orders: Orders = self.orders
        instrument: cython.int = orders.instrument[row]
        if (
            self.instruments.get(instrument, tables.INSTRUMENT_PHASE)
            != enums.TRADING_PHASE_CONTINUOUS
        ):
            return False
        ticks: cython.longlong = orders.stop_price[row] // self.instruments.get(
            instrument, tables.INSTRUMENT_TICK_SIZE
        )
        trigger: cython.int = (orders.traits[row] >> 16) & 0xFF
        return self._is_reached(instrument, trigger, orders.side(row), ticks, True)

    @cython.cfunc
    @cython.exceptval(-1, check=False)
    def set_off(self, row: cython.int) -> cython.int:
        """Make a stop active, wherever it is."""
        self.placing.leave(row)
        self.orders.status[row] = enums.ORDER_STATUS_NEW
        self.looked_at_funds = (
            self.orders.is_market(row)
            and self.pretrade.check_active_stop(row, self.report.time_ns) != 0
        )
        self.report.order_event(kinds.ORDER_TRIGGERED, enums.EXECUTION_TYPE_TRIGGERED, row, 0)
        if not self.orders.is_market(row) and not self.placing.fits(row):
            return self.placing.end(
                row, kinds.ORDER_CANCELLED, enums.CANCEL_REASON_CAPACITY_EXHAUSTED, 0
            )
        return self.matching.work(row)


def is_compiled() -> bool:
    """Whether this module runs as a C extension."""
    return cython.compiled
