"""Trade at the one price of an auction."""

import cython

if cython.compiled:
    from cython.cimports.quantumcore.server.core import enums, kinds, tables
    from cython.cimports.quantumcore.server.core.arena_cy import Arena
    from cython.cimports.quantumcore.server.core.auction_price_cy import AuctionPrice
    from cython.cimports.quantumcore.server.core.book_cy import Book
    from cython.cimports.quantumcore.server.core.fills_cy import Fills
    from cython.cimports.quantumcore.server.core.instruments_cy import Instruments
    from cython.cimports.quantumcore.server.core.ladder_cy import Ladder
    from cython.cimports.quantumcore.server.core.matching_cy import Matching
    from cython.cimports.quantumcore.server.core.orders_cy import Orders
    from cython.cimports.quantumcore.server.core.placing_cy import Placing
    from cython.cimports.quantumcore.server.core.reporter_cy import Reporter
else:
    from quantumcore.server.core import enums, kinds, tables
    from quantumcore.server.core.arena_cy import Arena
    from quantumcore.server.core.auction_price_cy import AuctionPrice
    from quantumcore.server.core.book_cy import Book
    from quantumcore.server.core.fills_cy import Fills
    from quantumcore.server.core.instruments_cy import Instruments
    from quantumcore.server.core.ladder_cy import Ladder
    from quantumcore.server.core.matching_cy import Matching
    from quantumcore.server.core.orders_cy import Orders
    from quantumcore.server.core.placing_cy import Placing
    from quantumcore.server.core.reporter_cy import Reporter


@cython.final
@cython.cclass
class Auction:
    """`price` tells what the auction would give now; `uncross` carries it out."""

    arena: Arena
    fills: Fills
    instruments: Instruments
    orders: Orders
    placing: Placing
    price: AuctionPrice
    report: Reporter
    ticks: cython.longlong
    imbalance: cython.longlong
    traded: cython.longlong

    def __init__(self, matching: Matching) -> None:
        self.fills, self.placing = matching.fills, matching.placing
        self.instruments, self.orders = matching.instruments, matching.orders
        self.arena, self.report = matching.arena, matching.report
        self.price = AuctionPrice(matching.placing)
        self.ticks = self.imbalance = self.traded = 0

    @cython.cfunc
    @cython.exceptval(-1, check=False)
    def uncross(self, instrument: cython.int) -> cython.int:
        """Trade at the auction price until one side has nobody left at it.

        Reduce-only orders count whole for the price. Where some that are cut leave others that
        cross, these trade at a price found anew. `ticks` and `imbalance` are those of the last
        price at which anything traded, `imbalance` after it; `traded` are all lots.
        """
        self.traded = 0
        ticks: cython.longlong = 0
        imbalance: cython.longlong = 0
        before: cython.longlong
        self.price.find(instrument)
        while self.price.has_price:
            before = self.fills.trades.last_id
            self._trade_all(instrument)
            if self.fills.trades.last_id > before:
                ticks, imbalance = self.price.ticks, self.price.left_over(instrument)
            self.price.find(instrument)
        self.ticks, self.imbalance = ticks, imbalance
        return 0

    @cython.cfunc
    @cython.exceptval(-1, check=False)
    def _trade_all(self, instrument: cython.int) -> cython.int:
        """Trade pair after pair at the price; an order is cut only where there is one to meet."""
        buyer: cython.int
        seller: cython.int
        while True:
            buyer = self._first(instrument, enums.SIDE_BUY)
            seller = self._first(instrument, enums.SIDE_SELL)
            if buyer == kinds.NO_SLOT or seller == kinds.NO_SLOT:
                return 0
            if self.orders.is_reduce_only(buyer) and self.placing.cut(buyer) == 0:
                continue
            if self.orders.is_reduce_only(seller) and self.placing.cut(seller) == 0:
                continue
            self._pair(instrument, buyer, seller)

    @cython.cfunc
    @cython.exceptval(check=False)
    def _first(self, instrument: cython.int, side: cython.int) -> cython.int:
        """Return the row of a side's first order at the price, or NO_SLOT."""
        book: Book = self.instruments.other(instrument, tables.BOOK_OF_MARKET_ORDERS)
        ladder: Ladder = book._side(side)
        slot: cython.int = book.head(side)
        if slot == kinds.NO_SLOT:
            book = self.instruments.book(instrument)
            ladder = book._side(side)
            slot = book.head(side)
            if slot == kinds.NO_SLOT:
                return kinds.NO_SLOT
            if self.arena.level_key[ladder.best()] < ladder.sign * self.price.ticks:
                return kinds.NO_SLOT
        return cython.cast(cython.int, self.arena.order_tag[slot] & tables.TAG_NAME)

    @cython.cfunc
    @cython.exceptval(-1, check=False)
    def _pair(self, instrument: cython.int, buyer: cython.int, seller: cython.int) -> cython.int:
        """Trade two orders with one another."""
        lots: cython.longlong = min(self._at_hand(buyer), self._at_hand(seller))
        buyer_in_book: cython.bint = self.orders.place[buyer] == tables.PLACE_BOOK
        seller_in_book: cython.bint = self.orders.place[seller] == tables.PLACE_BOOK
        first: cython.Py_ssize_t = self.report.levels.end
        # Both fills come next, then what each iceberg shows anew.
        self._take(instrument, buyer, lots, buyer_in_book, 3)
        middle: cython.Py_ssize_t = self.report.levels.end
        refreshes: cython.bint = middle - first > kinds.LEVEL_WORDS
        self._take(instrument, seller, lots, seller_in_book, 4 if refreshes else 3)
        self.fills.record(buyer, seller, self.price.ticks, lots, True)
        self.traded += lots
        self._tell(buyer, first, middle)
        return self._tell(seller, middle, self.report.levels.end)

    @cython.cfunc
    @cython.exceptval(check=False)
    def _at_hand(self, row: cython.int) -> cython.longlong:
        return self.arena.order_leaves[self.orders.slot[row]]

    @cython.cfunc
    @cython.exceptval(-1, check=False)
    def _take(
        self,
        instrument: cython.int,
        row: cython.int,
        lots: cython.longlong,
        in_book: cython.bint,
        refreshed: cython.int,
    ) -> cython.int:
        """Take lots from one order; pass on what changed in the book.

        `refreshed` says which event from now tells that an iceberg shows its next part.
        """
        book: Book = self.instruments.book(instrument)
        at: cython.Py_ssize_t
        if not in_book:
            book = self.instruments.other(instrument, tables.BOOK_OF_MARKET_ORDERS)
        book._trade(self.orders.side(row), self.orders.slot[row], lots)
        if in_book:
            for at in range(book.event_count):
                self.report.level(
                    instrument,
                    at * tables.BOOK_WORDS,
                    self.report.sequence + (2 if at == 0 else refreshed),
                )
        book.event_count = 0
        return 0

    @cython.cfunc
    @cython.exceptval(-1, check=False)
    def _tell(
        self, row: cython.int, first: cython.Py_ssize_t, last: cython.Py_ssize_t
    ) -> cython.int:
        """Tell that an iceberg shows its next part, where two rows of the book say so."""
        if last - first <= kinds.LEVEL_WORDS:
            return 0
        return self.report.restated_event(
            row, enums.RESTATEMENT_DISPLAY_REFRESHED, self.placing.shown(row)
        )


def is_compiled() -> bool:
    """Whether this module runs as a C extension."""
    return cython.compiled
