"""Trade the leg of a package with the orders that its plan counted on."""

import cython

if cython.compiled:
    from cython.cimports.quantumcore.server.core import enums, kinds, tables
    from cython.cimports.quantumcore.server.core.arena_cy import Arena
    from cython.cimports.quantumcore.server.core.book_cy import Book
    from cython.cimports.quantumcore.server.core.iceberg_rounds_cy import IcebergRounds
    from cython.cimports.quantumcore.server.core.instruments_cy import Instruments
    from cython.cimports.quantumcore.server.core.ladder_cy import Ladder
    from cython.cimports.quantumcore.server.core.matching_cy import Matching
    from cython.cimports.quantumcore.server.core.orders_cy import Orders
    from cython.cimports.quantumcore.server.core.placing_cy import Placing
    from cython.cimports.quantumcore.server.core.plan_cy import Plan
    from cython.cimports.quantumcore.server.core.recording_cy import Recording
else:
    from quantumcore.server.core import enums, kinds, tables
    from quantumcore.server.core.arena_cy import Arena
    from quantumcore.server.core.book_cy import Book
    from quantumcore.server.core.iceberg_rounds_cy import IcebergRounds
    from quantumcore.server.core.instruments_cy import Instruments
    from quantumcore.server.core.ladder_cy import Ladder
    from quantumcore.server.core.matching_cy import Matching
    from quantumcore.server.core.orders_cy import Orders
    from quantumcore.server.core.placing_cy import Placing
    from quantumcore.server.core.plan_cy import Plan
    from quantumcore.server.core.recording_cy import Recording


@cython.final
@cython.cclass
class PackageSweep:
    """Meets each order of a level once, passing over those that are not sure to trade.

    Orders of the package's owner on the way are cancelled where that is what the owner asks.
    """

    arena: Arena
    instruments: Instruments
    orders: Orders
    placing: Placing
    plan: Plan
    recording: Recording
    rounds: IcebergRounds

    def __init__(self, matching: Matching, plan: Plan) -> None:
        self.plan, self.placing, self.orders = plan, matching.placing, matching.orders
        self.arena, self.instruments = matching.arena, matching.instruments
        self.recording, self.rounds = matching.recording, matching.rounds

    @cython.cfunc
    @cython.exceptval(-1, check=False)
    def trade(self, row: cython.int, lots: cython.longlong) -> cython.int:
        """Trade so many lots of a leg; the plan has found them."""
        side: cython.int = 3 - self.orders.side(row)
        book: Book = self.instruments.book(self.orders.instrument[row])
        ladder: Ladder = book._side(side)
        slot: cython.int = self._sure(book, side, book.head(side))
        level: cython.int
        below: cython.int
        after: cython.int
        book.renewed = kinds.NO_SLOT
        while True:
            level = self.arena.order_level[slot]
            after = self.arena.order_next[slot]
            below = kinds.NO_SLOT
            if after == kinds.NO_SLOT or slot == book.renewed:
                below = ladder.below(level)
            if slot == book.renewed:
                lots = self.rounds.trade_at(row, book, side, level, lots, self._passed())
                if self.arena.level_orders[level] > 0:
                    after = self.arena.level_head[level]
                else:
                    after = kinds.NO_SLOT
            else:
                lots -= book._trade(side, slot, lots)
                self.recording.record(row, book)
                if after == kinds.NO_SLOT:
                    after = book.renewed
            if lots == 0:
                return 0
            if after == kinds.NO_SLOT:
                after = self.arena.level_head[below]
            slot = self._sure(book, side, after)

    @cython.cfunc
    @cython.exceptval(-2, check=False)
    def _sure(self, book: Book, side: cython.int, slot: cython.int) -> cython.int:
        """Return the first order from this one on that is sure to trade."""
        tag: cython.longlong = self.arena.order_tag[slot]
        kept: cython.int = kinds.NO_SLOT
        while self.rounds.is_passed(slot, self._passed()):
            if self.plan.cancels_own and tag >> 32 == self.plan.owner:
                self.placing.remove(
                    cython.cast(cython.int, tag & tables.TAG_NAME),
                    kinds.ORDER_CANCELLED,
                    enums.CANCEL_REASON_SELF_TRADE_PREVENTION,
                )
                # What ends with it may lie next to it, but is the owner's: others stay.
                slot = book.head(side) if kept == kinds.NO_SLOT else self._behind(book, side, kept)
            else:
                kept = slot
                slot = self._behind(book, side, slot)
            tag = self.arena.order_tag[slot]
        return slot

    @cython.cfunc
    @cython.exceptval(check=False)
    def _behind(self, book: Book, side: cython.int, slot: cython.int) -> cython.int:
        """Return the next order at an order's price, or the first at the next price."""
        after: cython.int = self.arena.order_next[slot]
        if after != kinds.NO_SLOT:
            return after
        return self.arena.level_head[book._side(side).below(self.arena.order_level[slot])]

    @cython.cfunc
    @cython.exceptval(check=False)
    def _passed(self) -> cython.longlong:
        return (self.plan.owner << 32) | tables.TAG_GUARDED


def is_compiled() -> bool:
    """Whether this module runs as a C extension."""
    return cython.compiled
