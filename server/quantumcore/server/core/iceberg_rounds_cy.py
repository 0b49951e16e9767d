"""Let an order trade with icebergs only: as in turns of one part each, but with one trade each."""

import cython

if cython.compiled:
    from cython.cimports.quantumcore.server.core import kinds, tables
    from cython.cimports.quantumcore.server.core.arena_cy import Arena
    from cython.cimports.quantumcore.server.core.book_cy import Book
    from cython.cimports.quantumcore.server.core.placing_cy import Placing
    from cython.cimports.quantumcore.server.core.recording_cy import Recording
else:
    from quantumcore.server.core import kinds, tables
    from quantumcore.server.core.arena_cy import Arena
    from quantumcore.server.core.book_cy import Book
    from quantumcore.server.core.placing_cy import Placing
    from quantumcore.server.core.recording_cy import Recording


@cython.final
@cython.cclass
class IcebergRounds:
    """What a sweep does at a price where every order has shown a new part since it came.

    Each order would trade one part after the other, in turn. As many such rounds as the sweep can
    fill to the last lot are traded at once: so the work does not grow with the number of parts.
    """

    arena: Arena
    placing: Placing
    recording: Recording

    def __init__(self, placing: Placing, recording: Recording) -> None:
        self.arena, self.placing, self.recording = placing.arena, placing, recording

    @cython.cfunc
    @cython.exceptval(-1, check=False)
    def trade(
        self, taker: cython.int, book: Book, side: cython.int, lots: cython.longlong
    ) -> cython.longlong:
        """Trade whole rounds at the best price of a side; return the lots left."""
        level: cython.int = self.arena.order_level[book.renewed]
        return self.trade_at(taker, book, side, level, lots, 0)

    @cython.cfunc
    @cython.exceptval(check=False)
    def count(
        self, level: cython.int, lots: cython.longlong, passed: cython.longlong
    ) -> cython.longlong:
        """Return the most rounds of a level that take no more than so many lots.

        Guarded orders do not count where `passed` has TAG_GUARDED, nor those of its owner.
        """
        low: cython.longlong = 0
        high: cython.longlong = 0
        middle: cython.longlong
        slot: cython.int = self.arena.level_head[level]
        while slot != kinds.NO_SLOT:
            if not self.is_passed(slot, passed):
                high = max(high, (self._whole(slot) - 1) // self.arena.order_peak[slot] + 1)
            slot = self.arena.order_next[slot]
        while low < high:
            middle = (low + high + 1) >> 1
            if self._fits(level, middle, lots, passed):
                low = middle
            else:
                high = middle - 1
        return low

    @cython.cfunc
    @cython.exceptval(check=False)
    def is_passed(self, slot: cython.int, passed: cython.longlong) -> cython.bint:
        """Whether a sweep that passes over guarded orders, or over an owner's, does so here."""
        tag: cython.longlong = self.arena.order_tag[slot]
        return tag & passed & tables.TAG_GUARDED != 0 or (
            passed >> 32 != 0 and tag >> 32 == passed >> 32
        )

    @cython.cfunc
    @cython.exceptval(check=False)
    def _whole(self, slot: cython.int) -> cython.longlong:
        return self.arena.order_leaves[slot] + self.arena.order_hidden[slot]

    @cython.cfunc
    @cython.exceptval(check=False)
    def share(self, slot: cython.int, rounds: cython.longlong) -> cython.longlong:
        """Return what an order trades in so many rounds, lots."""
        whole: cython.longlong = self._whole(slot)
        peak: cython.longlong = self.arena.order_peak[slot]
        return whole if rounds > (whole - 1) // peak else rounds * peak

    @cython.cfunc
    @cython.exceptval(check=False)
    def _fits(
        self,
        level: cython.int,
        rounds: cython.longlong,
        lots: cython.longlong,
        passed: cython.longlong,
    ) -> cython.bint:
        slot: cython.int = self.arena.level_head[level]
        while slot != kinds.NO_SLOT and lots >= 0:
            if not self.is_passed(slot, passed):
                lots -= self.share(slot, rounds)
            slot = self.arena.order_next[slot]
        return lots >= 0

    @cython.cfunc
    @cython.exceptval(-1, check=False)
    def trade_at(
        self,
        taker: cython.int,
        book: Book,
        side: cython.int,
        level: cython.int,
        lots: cython.longlong,
        passed: cython.longlong,
    ) -> cython.longlong:
        """Trade whole rounds of a level, but for orders that are passed over; see `count`."""
        rounds: cython.longlong = self.count(level, lots, passed)
        slot: cython.int = self.arena.level_head[level]
        after: cython.int
        _number: cython.int
        # Those that show another part go to the back: each order is met once all the same.
        for _number in range(self.arena.level_orders[level] if rounds else 0):
            after = self.arena.order_next[slot]
            if not self.is_passed(slot, passed):
                lots -= self.trade_one(taker, book, side, slot, self.share(slot, rounds))
            slot = after
        book.renewed = kinds.NO_SLOT
        return lots

    @cython.cfunc
    @cython.exceptval(-1, check=False)
    def trade_one(
        self,
        taker: cython.int,
        book: Book,
        side: cython.int,
        slot: cython.int,
        lots: cython.longlong,
    ) -> cython.longlong:
        """Trade several parts of an iceberg at once; return the lots traded: all of these."""
        hidden: cython.longlong = lots - self.arena.order_leaves[slot]
        if hidden > 0:
            book._reveal(slot, hidden)
        book._trade(side, slot, lots)
        self.recording.record(taker, book)
        return lots


def is_compiled() -> bool:
    """Whether this module runs as a C extension."""
    return cython.compiled
