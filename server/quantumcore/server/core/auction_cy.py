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
            else:
                self._end_unable(instrument)
            self.price.find(instrument)
        self.ticks, self.imbalance = ticks, imbalance
        return 0

    @cython.cfunc
    @cython.exceptval(-1, check=False)
    def _end_unable(self, instrument: cython.int) -> cython.int:
        """End the reduce-only orders that cross and whose position is gone.

        One of them has kept others from trading: of many, each would have the price found anew.
        """
        book: Book = self.instruments.book(instrument)
        queue: Book = self.instruments.other(instrument, tables.BOOK_OF_MARKET_ORDERS)
        highest: cython.longlong = self._furthest(book.bids, queue.bids)
        lowest: cython.longlong = self._furthest(book.asks, queue.asks)
        self._end_unable_of(queue.bids, -tables.NO_LIMIT)
        self._end_unable_of(book.bids, -lowest)
        self._end_unable_of(queue.asks, -tables.NO_LIMIT)
        return self._end_unable_of(book.asks, -highest)

    @cython.cfunc
    @cython.exceptval(check=False)
    def _furthest(self, ladder: Ladder, queue: Ladder) -> cython.longlong:
        """Return the key of the best price of a side: beyond all others with market orders."""
        level: cython.int = ladder.best()
        most: cython.longlong = tables.NO_LIMIT
        if queue.level_count > 0:
            return most
        return -most if level == kinds.NO_SLOT else self.arena.level_key[level]

    @cython.cfunc
    @cython.exceptval(-1, check=False)
    def _end_unable_of(self, ladder: Ladder, least: cython.longlong) -> cython.int:
        """End those of a side whose levels have at least this key."""
        level: cython.int = ladder.best()
        below: cython.int
        slot: cython.int
        after: cython.int
        row: cython.int
        while level != kinds.NO_SLOT and self.arena.level_key[level] >= least:
            below = ladder.below(level)
            slot = self.arena.level_head[level]
            while slot != kinds.NO_SLOT:
                after = self.arena.order_next[slot]
                row = cython.cast(cython.int, self.arena.order_tag[slot] & tables.TAG_NAME)
                if self.orders.is_reduce_only(row) and self.placing.reducible(row) == 0:
                    self.placing.cut(row)
                slot = after
            level = below
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
        buyer_renews: cython.int = self._take(instrument, buyer, lots)
        seller_renews: cython.int = self._take(instrument, seller, lots)
        self.fills.record(buyer, seller, self.price.ticks, lots, True)
        self.traded += lots
        if buyer_renews:
            self._tell(buyer)
        return self._tell(seller) if seller_renews else 0

    @cython.cfunc
    @cython.exceptval(check=False)
    def _at_hand(self, row: cython.int) -> cython.longlong:
        """Return all that an order has, hidden lots too."""
        slot: cython.int = self.orders.slot[row]
        lots: cython.longlong = self.arena.order_leaves[slot]
        if self.arena.order_tag[slot] & tables.TAG_ICEBERG:
            lots += self.arena.order_hidden[slot]
        return lots

    @cython.cfunc
    @cython.exceptval(-1, check=False)
    def _take(self, instrument: cython.int, row: cython.int, lots: cython.longlong) -> cython.int:
        """Take lots from one order; return whether it shows its next part, in its old place.

        What changed in the book is passed on with the seller's fill, the event after the next.
        """
        in_book: cython.bint = self.orders.place[row] == tables.PLACE_BOOK
        book: Book = self.instruments.book(instrument)
        slot: cython.int = self.orders.slot[row]
        left: cython.longlong = self._at_hand(row) - lots
        renews: cython.int = lots >= self.arena.order_leaves[slot] and left > 0
        if not in_book:
            book = self.instruments.other(instrument, tables.BOOK_OF_MARKET_ORDERS)
        if renews:
            left = min(left, self.arena.order_peak[slot])
        if renews or lots > self.arena.order_leaves[slot]:
            book._reveal(slot, lots - self.arena.order_leaves[slot] + left)
        book._trade(self.orders.side(row), slot, lots)
        if in_book:
            self.report.level(instrument, 0, self.report.sequence + 2)
        book.event_count = 0
        return renews

    @cython.cfunc
    @cython.exceptval(-1, check=False)
    def _tell(self, row: cython.int) -> cython.int:
        """Tell that an iceberg shows its next part."""
        return self.report.restated_event(
            row, enums.RESTATEMENT_DISPLAY_REFRESHED, self.placing.shown(row)
        )


def is_compiled() -> bool:
    """Whether this module runs as a C extension."""
    return cython.compiled
