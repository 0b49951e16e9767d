"""Tell at what price an instrument is valued now, and how old that price is."""

import cython

if cython.compiled:
    from cython.cimports.quantumcore.server.core import enums, kinds, tables
    from cython.cimports.quantumcore.server.core.book_cy import Book
    from cython.cimports.quantumcore.server.core.instruments_cy import Instruments
    from cython.cimports.quantumcore.server.core.ladder_cy import Ladder
else:
    from quantumcore.server.core import enums, kinds, tables
    from quantumcore.server.core.book_cy import Book
    from quantumcore.server.core.instruments_cy import Instruments
    from quantumcore.server.core.ladder_cy import Ladder


@cython.final
@cython.cclass
class Marks:
    """Where prices come from.

    The first that there is of: a quote from outside that is young enough, the middle of the
    venue's own book, an older quote or the last trade, whichever is younger. A book that is crossed
    or locked, as one may be before an auction, has no middle: nobody would have to trade at it.

    `find` leaves its answer in `ticks`, `age_ns` (NO_LIMIT: there is none) and `time_ns`.
    """

    instruments: Instruments
    ticks: cython.longlong
    age_ns: cython.longlong
    time_ns: cython.longlong

    def __init__(self, instruments: Instruments) -> None:
        self.instruments = instruments
        self.ticks = self.time_ns = 0
        self.age_ns = tables.NO_LIMIT

    @cython.cfunc
    @cython.exceptval(check=False)
    def find(
        self, instrument: cython.int, now_ns: cython.longlong, most_age_ns: cython.longlong
    ) -> cython.bint:
        """Look up the mark of an instrument; return whether it is young enough."""
        instruments: Instruments = self.instruments
        bid: cython.longlong
        spread: cython.longlong
        self.age_ns = tables.NO_LIMIT
        if instruments.has(instrument, tables.HAS_REFERENCE):
            self.time_ns = instruments.get(instrument, tables.INSTRUMENT_REFERENCE_TIME_NS)
            self.age_ns = now_ns - self.time_ns
            self.ticks = whole(
                instruments.get(instrument, tables.INSTRUMENT_REFERENCE_PRICE),
                instruments.get(instrument, tables.INSTRUMENT_TICK_SIZE),
            )
            if self.age_ns <= most_age_ns:
                return True
        if self.has_best(instrument, enums.SIDE_BUY) and self.has_best(instrument, enums.SIDE_SELL):
            bid = self.best(instrument, enums.SIDE_BUY)
            spread = self.best(instrument, enums.SIDE_SELL) - bid
            if spread > 0:
                self.ticks = bid + whole(spread, 2)
                self.time_ns, self.age_ns = now_ns, 0
                return True
        if instruments.has(instrument, tables.HAS_LAST):
            self._see_last(instrument, now_ns)
        return self.age_ns <= most_age_ns

    @cython.cfunc
    @cython.exceptval(check=False)
    def _see_last(self, instrument: cython.int, now_ns: cython.longlong) -> cython.void:
        """Take the last trade where it is younger than what was found."""
        time_ns: cython.longlong = self.instruments.get(instrument, tables.INSTRUMENT_LAST_TIME_NS)
        if now_ns - time_ns < self.age_ns:
            self.time_ns, self.age_ns = time_ns, now_ns - time_ns
            self.ticks = self.instruments.get(instrument, tables.INSTRUMENT_LAST_TICKS)

    @cython.cfunc
    @cython.exceptval(check=False)
    def has_best(self, instrument: cython.int, side: cython.int) -> cython.bint:
        """Whether a side of the book has an order."""
        book: Book = self.instruments.book(instrument)
        ladder: Ladder = book._side(side)
        return ladder.best() != kinds.NO_SLOT

    @cython.cfunc
    @cython.exceptval(check=False)
    def best(self, instrument: cython.int, side: cython.int) -> cython.longlong:
        """Return the best price of a side that has one, ticks."""
        book: Book = self.instruments.book(instrument)
        ladder: Ladder = book._side(side)
        return ladder.sign * book.arena.level_key[ladder.best()]

    @cython.cfunc
    @cython.exceptval(check=False)
    def worst(
        self,
        instrument: cython.int,
        side: cython.int,
        order_type: cython.int,
        stop_price: cython.longlong,
        waits: cython.bint,
    ) -> cython.longlong:
        """Return the price that an order without a limit is valued at, ticks.

        It sweeps no further than the protection band from the best opposite price, or from its
        stop when that is reached; in an auction, also one that it `waits` for, no further than
        bounds ever let orders rest; where it follows the market, no further than the bound of now.
        In an empty book it does not trade at all, and is worth nothing.
        """
        tick: cython.longlong = self.instruments.get(instrument, tables.INSTRUMENT_TICK_SIZE)
        buys: cython.bint = side == enums.SIDE_BUY
        price: cython.longlong
        bound: cython.longlong = furthest_of(self.instruments, instrument, buys)
        band: cython.longlong = (
            self.instruments.get(instrument, tables.INSTRUMENT_PROTECTION_BAND) // tick
        )
        if order_type == enums.ORDER_TYPE_STOP:
            price = stop_price // tick
        elif order_type != enums.ORDER_TYPE_MARKET:
            return bound_of(self.instruments, instrument, buys)
        elif waits or not self.instruments.is_continuous(instrument):
            return bound
        elif not self.has_best(instrument, 3 - side):
            return 0
        else:
            price = self.best(instrument, 3 - side)
        return min(bound, price + band) if buys else max(bound, price - band)


@cython.cfunc
@cython.exceptval(check=False)
def bound_of(
    instruments: Instruments, instrument: cython.int, buys: cython.bint
) -> cython.longlong:
    """Return the highest, or for a sale the lowest, whole tick within an instrument's bounds."""
    tick: cython.longlong = instruments.get(instrument, tables.INSTRUMENT_TICK_SIZE)
    if buys:
        return whole(instruments.get(instrument, tables.INSTRUMENT_MAX_PRICE), tick)
    return -whole(-instruments.get(instrument, tables.INSTRUMENT_MIN_PRICE), tick)


@cython.cfunc
@cython.exceptval(check=False)
def furthest_of(
    instruments: Instruments, instrument: cython.int, buys: cython.bint
) -> cython.longlong:
    """Return the highest, or for a sale the lowest, whole tick that any bounds ever allowed."""
    tick: cython.longlong = instruments.get(instrument, tables.INSTRUMENT_TICK_SIZE)
    if buys:
        return whole(instruments.get(instrument, tables.INSTRUMENT_HIGHEST_PRICE), tick)
    return -whole(-instruments.get(instrument, tables.INSTRUMENT_LOWEST_PRICE), tick)


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def whole(amount: cython.longlong, unit: cython.longlong) -> cython.longlong:
    """Return how many whole units an amount is, rounded down."""
    # Compiled division cuts towards zero, Python's rounds down; the least number has no opposite.
    if amount < 0:
        return -(-(amount + 1) // unit) - 1
    return amount // unit


def is_compiled() -> bool:
    """Whether this module runs as a C extension."""
    return cython.compiled
