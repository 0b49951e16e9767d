"""Find the one price of an auction."""

import cython

if cython.compiled:
    from cython.cimports.quantumcore.server.core import kinds, tables
    from cython.cimports.quantumcore.server.core.arena_cy import Arena
    from cython.cimports.quantumcore.server.core.book_cy import Book
    from cython.cimports.quantumcore.server.core.instruments_cy import Instruments
    from cython.cimports.quantumcore.server.core.ladder_cy import Ladder
    from cython.cimports.quantumcore.server.core.placing_cy import Placing
    from cython.cimports.quantumcore.server.core.words_cy import Words
else:
    from quantumcore.server.core import kinds, tables
    from quantumcore.server.core.arena_cy import Arena
    from quantumcore.server.core.book_cy import Book
    from quantumcore.server.core.instruments_cy import Instruments
    from quantumcore.server.core.ladder_cy import Ladder
    from quantumcore.server.core.placing_cy import Placing
    from quantumcore.server.core.words_cy import Words

SEGMENT: int = 4  # words: lowest tick, highest tick, executable lots, lots left over (buyers: +)


@cython.final
@cython.cclass
class AuctionPrice:
    """What an auction would give now: `ticks`, if it `has_price`, `lots` and `imbalance`.

    Prices are compared by these rules in turn: greatest executable volume, least imbalance,
    market pressure, nearest the reference price (the last trade). Between two limit prices the
    volume is the same at all ticks, so they are one segment: finding costs O(levels) that cross.
    """

    arena: Arena
    instruments: Instruments
    placing: Placing
    segments: Words
    has_price: cython.bint
    ticks: cython.longlong
    lots: cython.longlong
    imbalance: cython.longlong

    def __init__(self, placing: Placing) -> None:
        self.placing, self.arena = placing, placing.arena
        self.instruments = placing.instruments
        self.segments = Words(1 << 10)
        self.has_price = False
        self.ticks = self.lots = self.imbalance = 0

    @cython.cfunc
    @cython.exceptval(-1, check=False)
    def find(self, instrument: cython.int) -> cython.int:
        """Find price (ticks), executable lots and what is left over: positive for buyers."""
        book: Book = self.instruments.book(instrument)
        queue: Book = self.instruments.other(instrument, tables.BOOK_OF_MARKET_ORDERS)
        buy: cython.longlong = self._waiting(queue.bids)
        sell: cython.longlong = self._waiting(queue.asks)
        self.has_price = False
        self.ticks = self.lots = self.imbalance = 0
        self.segments.clear()
        self._divide(book, buy, sell)
        if self.segments.end > 0:
            self._choose(instrument)
        elif (
            book.bids.level_count == 0
            and book.asks.level_count == 0
            and min(buy, sell) > 0
            and self.instruments.has(instrument, tables.HAS_LAST)
        ):
            self.has_price = True
            self.ticks = self.instruments.get(instrument, tables.INSTRUMENT_LAST_TICKS)
            self.lots, self.imbalance = min(buy, sell), buy - sell
        return 0

    @cython.cfunc
    @cython.exceptval(check=False)
    def _waiting(self, ladder: Ladder) -> cython.longlong:
        """Return the lots of market orders of a side."""
        level: cython.int = ladder.best()
        return 0 if level == kinds.NO_SLOT else self.placing.level_total(level)

    @cython.cfunc
    @cython.exceptval(-1, check=False)
    def _divide(self, book: Book, buy: cython.longlong, sell: cython.longlong) -> cython.int:
        """Write the segments of price at which something would trade, the lowest first.

        `buy` and `sell` are lots of market orders. Walks up from the lowest price that can matter:
        bids that fall behind leave the buyers, asks that are reached join the sellers.
        """
        bid: cython.int = book.bids.best()
        ask: cython.int = book.asks.best()
        whole: cython.bint = buy > 0 or sell > 0
        if not whole and (
            bid == kinds.NO_SLOT
            or ask == kinds.NO_SLOT
            or self._bid_ticks(bid) < self._ask_ticks(ask)
        ):
            return 0
        low: cython.longlong = self._ask_ticks(ask) if not whole else 0
        high: cython.longlong = self._bid_ticks(bid) if not whole else 0
        last: cython.int = kinds.NO_SLOT
        while bid != kinds.NO_SLOT and (whole or self._bid_ticks(bid) >= low):
            buy += self.placing.level_total(bid)
            last = bid
            bid = book.bids.below(bid)
        return self._walk(book, last, ask, buy, sell, whole, high)

    @cython.cfunc
    @cython.exceptval(-1, check=False)
    def _walk(
        self,
        book: Book,
        bid: cython.int,
        ask: cython.int,
        buy: cython.longlong,
        sell: cython.longlong,
        whole: cython.bint,
        high: cython.longlong,
    ) -> cython.int:
        """Go up level by level from the lowest bid that counts and the best ask."""
        ticks: cython.longlong
        before: cython.longlong = 0
        started: cython.bint = False
        while bid != kinds.NO_SLOT or ask != kinds.NO_SLOT:
            if bid == kinds.NO_SLOT:
                ticks = self._ask_ticks(ask)
            elif ask == kinds.NO_SLOT:
                ticks = self._bid_ticks(bid)
            else:
                ticks = min(self._bid_ticks(bid), self._ask_ticks(ask))
            if not whole and ticks > high:
                break
            if started and ticks - before > 1:
                self._segment(before + 1, ticks - 1, buy, sell)
            if ask != kinds.NO_SLOT and self._ask_ticks(ask) == ticks:
                sell += self.placing.level_total(ask)
                ask = book.asks.below(ask)
            self._segment(ticks, ticks, buy, sell)
            if bid != kinds.NO_SLOT and self._bid_ticks(bid) == ticks:
                buy -= self.placing.level_total(bid)
                bid = book.bids.above(bid)
            before, started = ticks, True
        return 0

    @cython.cfunc
    @cython.exceptval(check=False)
    def _bid_ticks(self, level: cython.int) -> cython.longlong:
        return self.arena.level_key[level]

    @cython.cfunc
    @cython.exceptval(check=False)
    def _ask_ticks(self, level: cython.int) -> cython.longlong:
        return -self.arena.level_key[level]

    @cython.cfunc
    @cython.exceptval(-1, check=False)
    def _segment(
        self,
        low: cython.longlong,
        high: cython.longlong,
        buy: cython.longlong,
        sell: cython.longlong,
    ) -> cython.int:
        if min(buy, sell) <= 0:
            return 0
        at: cython.Py_ssize_t = self.segments.end
        self.segments._reserve(SEGMENT)
        self.segments.words[at] = low
        self.segments.words[at + 1] = high
        self.segments.words[at + 2] = min(buy, sell)
        self.segments.words[at + 3] = buy - sell
        self.segments.end += SEGMENT
        return 0

    @cython.cfunc
    @cython.exceptval(check=False)
    def _choose(self, instrument: cython.int) -> cython.void:
        """Choose the price among the segments."""
        at: cython.Py_ssize_t
        self.has_price = True
        for at in range(0, self.segments.end, 4):
            if at == 0 or self._is_better(at):
                self.lots = self.segments.words[at + 2]
                self.imbalance = self.segments.words[at + 3]
        low: cython.longlong = 0
        high: cython.longlong = 0
        found: cython.bint = False
        only_buyers: cython.bint = True
        only_sellers: cython.bint = True
        for at in range(0, self.segments.end, 4):
            if self._is_as_good(at):
                if not found:
                    low = self.segments.words[at]
                found = True
                high = self.segments.words[at + 1]
                only_buyers = only_buyers and self.segments.words[at + 3] > 0
                only_sellers = only_sellers and self.segments.words[at + 3] < 0
        if only_buyers:
            self.ticks = high
        elif only_sellers:
            self.ticks = low
        elif self.instruments.has(instrument, tables.HAS_LAST):
            self._nearest(self.instruments.get(instrument, tables.INSTRUMENT_LAST_TICKS))
        else:
            self._nearest((low + high) >> 1)

    @cython.cfunc
    @cython.exceptval(check=False)
    def _is_better(self, at: cython.Py_ssize_t) -> cython.bint:
        if self.segments.words[at + 2] != self.lots:
            return self.segments.words[at + 2] > self.lots
        return self._size(self.segments.words[at + 3]) < self._size(self.imbalance)

    @cython.cfunc
    @cython.exceptval(check=False)
    def _is_as_good(self, at: cython.Py_ssize_t) -> cython.bint:
        return self.segments.words[at + 2] == self.lots and self._size(
            self.segments.words[at + 3]
        ) == self._size(self.imbalance)

    @cython.cfunc
    @cython.exceptval(check=False)
    def _size(self, value: cython.longlong) -> cython.longlong:
        return -value if value < 0 else value

    @cython.cfunc
    @cython.exceptval(check=False)
    def _nearest(self, reference: cython.longlong) -> cython.void:
        """Choose the price nearest the reference, the higher of two; with it what is left over."""
        at: cython.Py_ssize_t
        ticks: cython.longlong
        best: cython.longlong = -1
        for at in range(0, self.segments.end, 4):
            if self._is_as_good(at):
                ticks = max(self.segments.words[at], min(reference, self.segments.words[at + 1]))
                if best < 0 or self._size(ticks - reference) <= best:
                    best = self._size(ticks - reference)
                    self.ticks = ticks
                    self.imbalance = self.segments.words[at + 3]

    @cython.cfunc
    @cython.exceptval(check=False)
    def left_over(self, instrument: cython.int) -> cython.longlong:
        """Return what is left at the price: positive for buyers."""
        book: Book = self.instruments.book(instrument)
        queue: Book = self.instruments.other(instrument, tables.BOOK_OF_MARKET_ORDERS)
        return (
            self._waiting(queue.bids)
            + self._up_to_price(book.bids)
            - self._waiting(queue.asks)
            - self._up_to_price(book.asks)
        )

    @cython.cfunc
    @cython.exceptval(check=False)
    def _up_to_price(self, ladder: Ladder) -> cython.longlong:
        """Return the lots of a side that would trade at the price."""
        lots: cython.longlong = 0
        level: cython.int = ladder.best()
        while level != kinds.NO_SLOT and self.arena.level_key[level] >= ladder.sign * self.ticks:
            lots += self.placing.level_total(level)
            level = ladder.below(level)
        return lots


def is_compiled() -> bool:
    """Whether this module runs as a C extension."""
    return cython.compiled
