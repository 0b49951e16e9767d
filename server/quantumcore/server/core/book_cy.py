"""Match orders of one instrument in price-time priority, in ticks and lots."""

import cython

if cython.compiled:
    from cython.cimports.quantumcore.server.core import enums, kinds, tables
    from cython.cimports.quantumcore.server.core.arena_cy import Arena
    from cython.cimports.quantumcore.server.core.book_reading_cy import BookReading
    from cython.cimports.quantumcore.server.core.ladder_cy import Ladder
else:
    from quantumcore.server.core import enums, kinds, tables
    from quantumcore.server.core.arena_cy import Arena
    from quantumcore.server.core.book_reading_cy import BookReading
    from quantumcore.server.core.ladder_cy import Ladder


@cython.final
@cython.cclass
class Book(BookReading):
    """A limit order book on a shared arena.

    Four verbs change it: `add`, `match`, `reduce`, `cancel`. Each reports what it did as
    rows of BOOK_WORDS words in `events`, which the caller drains. An order is named by its
    slot in the arena, so reducing and cancelling need no look-up; `tag` is the caller's
    own name for it, with flags and its owner (see tables.TAG_NAME). Prices are ticks,
    quantities lots; both must be in the instrument's bounds. None of the verbs allocates,
    but for a directory that grows (see Ladder).

    An order with a hidden part shows `peak` lots at a time. A sweep stops before an order
    that is guarded, or of the sweep's own owner: `guard` is its slot then, and the caller
    decides. `guarded` counts the guarded orders that rest here. `renewed` is the first iceberg
    that a sweep has made show its next part, where the sweep sets it to NO_SLOT at its start: the
    sweep also stops before that one, when nobody else is left at its price.
    """

    def __init__(self, arena: Arena, events: memoryview) -> None:
        """Share `arena` and the event buffer with other books of the same writer."""
        self.arena = arena
        self.bids = Ladder(arena, enums.SIDE_BUY)
        self.asks = Ladder(arena, enums.SIDE_SELL)
        self.events = events
        self.event_count = 0
        self.event_capacity = len(events) // tables.BOOK_WORDS
        self.guard = self.renewed = kinds.NO_SLOT
        self.guarded = 0

    @cython.cfunc
    def _side(self, side: cython.int) -> Ladder:
        return self.bids if side == enums.SIDE_BUY else self.asks

    @cython.cfunc
    @cython.exceptval(-1, check=False)
    def _add(
        self, side: cython.int, price: cython.longlong, lots: cython.longlong, tag: cython.longlong
    ) -> cython.int:
        ladder: Ladder = self._side(side)
        arena: Arena = self.arena
        ladder.reserve()
        level: cython.int = ladder.find_or_add(ladder.sign * price)
        slot: cython.int = arena.take_order()
        arena.order_leaves[slot] = lots
        arena.order_tag[slot] = tag
        arena.order_level[slot] = level
        arena.level_lots[level] += lots
        self._link(slot, level)
        if tag & tables.TAG_FLAGS:
            arena.order_hidden[slot] = 0
            self._count(tag, level, 1)
        self._report(tables.BOOK_ADDED, side, slot, price, lots, level)
        return slot

    @cython.cfunc
    @cython.nogil
    @cython.exceptval(check=False)
    def _count(self, tag: cython.longlong, level: cython.int, by: cython.int) -> cython.void:
        """Count an order that comes (1) or goes (-1) among those that need care."""
        if tag & tables.TAG_GUARDED:
            self.guarded += by
            self.arena.level_guards[level] += by
        if tag & tables.TAG_PEGGED:
            self.arena.level_pegs[level] += by

    @cython.cfunc
    @cython.nogil
    @cython.exceptval(check=False)
    def _hide(
        self, slot: cython.int, hidden: cython.longlong, peak: cython.longlong
    ) -> cython.void:
        """Give a resting order, whose tag says ICEBERG, a hidden part."""
        self.arena.order_hidden[slot] = hidden
        self.arena.order_peak[slot] = peak
        self.arena.level_hidden[self.arena.order_level[slot]] += hidden

    @cython.cfunc
    @cython.exceptval(check=False)
    def _match(
        self,
        side: cython.int,
        price: cython.longlong,
        lots: cython.longlong,
        owner: cython.longlong,
    ) -> cython.longlong:
        """Trade an incoming order up to `price`; return the lots left.

        Stops at a full buffer, before an order that is guarded or of this owner (not 0), and
        before the one that is `renewed`.
        """
        ladder: Ladder = self.asks if side == enums.SIDE_BUY else self.bids
        arena: Arena = self.arena
        maker_side: cython.int = enums.SIDE_SELL if side == enums.SIDE_BUY else enums.SIDE_BUY
        limit: cython.longlong = ladder.sign * price
        room: cython.Py_ssize_t = self.event_capacity - 1
        tag: cython.longlong
        slot: cython.int
        level: cython.int = ladder.best()
        self.guard = kinds.NO_SLOT
        while lots > 0 and level != kinds.NO_SLOT and arena.level_key[level] >= limit:
            slot = arena.level_head[level]
            while lots > 0 and slot != kinds.NO_SLOT:
                if self.event_count >= room:
                    return lots
                if slot == self.renewed:
                    return lots
                tag = arena.order_tag[slot]
                if tag & tables.TAG_GUARDED or (owner != 0 and tag >> 32 == owner):
                    self.guard = slot
                    return lots
                lots -= self._take(ladder, level, slot, lots, maker_side)
                slot = arena.level_head[level]
            if arena.level_orders[level] > 0:
                break
            ladder.remove_best()
            level = ladder.best()
        return lots

    @cython.cfunc
    @cython.inline
    @cython.nogil
    @cython.exceptval(check=False)
    def _take(
        self,
        ladder: Ladder,
        level: cython.int,
        slot: cython.int,
        lots: cython.longlong,
        side: cython.int,
    ) -> cython.longlong:
        """Trade with a resting order; return the lots traded. An empty level stays."""
        price: cython.longlong = ladder.sign * self.arena.level_key[level]
        tag: cython.longlong = self.arena.order_tag[slot]
        traded: cython.longlong = min(lots, self.arena.order_leaves[slot])
        self.arena.order_leaves[slot] -= traded
        self.arena.level_lots[level] -= traded
        if self.arena.order_leaves[slot] > 0:
            self._report(tables.BOOK_TRADED, side, slot, price, traded, level)
        elif tag & tables.TAG_ICEBERG and self.arena.order_hidden[slot] > 0:
            self._report(tables.BOOK_TRADED, side, slot, price, traded, level)
            self._refresh(side, slot, level, price)
        else:
            if tag & tables.TAG_FLAGS:
                self._count(tag, level, -1)
                self._pass_on(slot)
            self._unlink(slot)
            self._report(tables.BOOK_TRADED, side, slot, price, traded, level)
            self.arena.give_order(slot)
        return traded

    @cython.cfunc
    @cython.nogil
    @cython.exceptval(check=False)
    def _refresh(
        self, side: cython.int, slot: cython.int, level: cython.int, price: cython.longlong
    ) -> cython.void:
        """Show the next part of an iceberg, at the back of its level."""
        shown: cython.longlong = min(self.arena.order_peak[slot], self.arena.order_hidden[slot])
        if self.renewed == kinds.NO_SLOT:
            self.renewed = slot
        self._unlink(slot)
        self.arena.order_hidden[slot] -= shown
        self.arena.level_hidden[level] -= shown
        self.arena.order_leaves[slot] = shown
        self.arena.level_lots[level] += shown
        self._link(slot, level)
        self._report(tables.BOOK_REFRESHED, side, slot, price, shown, level)

    @cython.cfunc
    @cython.nogil
    @cython.exceptval(check=False)
    def _pass_on(self, slot: cython.int) -> cython.void:
        """Let the order behind one that leaves be the first that shows its next part."""
        if slot == self.renewed:
            self.renewed = self.arena.order_next[slot]

    @cython.cfunc
    @cython.exceptval(check=False)
    def _is_renewed(self, side: cython.int) -> cython.bint:
        """Whether all orders at the best price of a side are icebergs that a sweep made renew."""
        return self.renewed != kinds.NO_SLOT and self.renewed == self.head(side)

    @cython.cfunc
    @cython.nogil
    @cython.exceptval(check=False)
    def _reveal(self, slot: cython.int, lots: cython.longlong) -> cython.void:
        """Add hidden lots of an iceberg to its shown ones, with which they are about to trade."""
        level: cython.int = self.arena.order_level[slot]
        self.arena.order_hidden[slot] -= lots
        self.arena.level_hidden[level] -= lots
        self.arena.order_leaves[slot] += lots
        self.arena.level_lots[level] += lots

    @cython.cfunc
    @cython.exceptval(check=False)
    def _trade(self, side: cython.int, slot: cython.int, lots: cython.longlong) -> cython.longlong:
        """Trade with this resting order, whatever guards it; return the lots traded."""
        ladder: Ladder = self._side(side)
        level: cython.int = self.arena.order_level[slot]
        traded: cython.longlong = self._take(ladder, level, slot, lots, side)
        if self.arena.level_orders[level] == 0:
            ladder.remove(self.arena.level_key[level])
        return traded

    @cython.cfunc
    @cython.exceptval(check=False)
    def _reduce(self, side: cython.int, slot: cython.int, lots: cython.longlong) -> cython.void:
        arena: Arena = self.arena
        level: cython.int = arena.order_level[slot]
        hidden: cython.longlong = 0
        if arena.order_tag[slot] & tables.TAG_ICEBERG:
            hidden = min(lots, arena.order_hidden[slot])
            arena.order_hidden[slot] -= hidden
            arena.level_hidden[level] -= hidden
        arena.order_leaves[slot] -= lots - hidden
        arena.level_lots[level] -= lots - hidden
        self._report(
            tables.BOOK_REDUCED, side, slot, self._price(side, level), lots - hidden, level
        )

    @cython.cfunc
    @cython.exceptval(check=False)
    def _cancel(self, side: cython.int, slot: cython.int) -> cython.void:
        arena: Arena = self.arena
        level: cython.int = arena.order_level[slot]
        lots: cython.longlong = arena.order_leaves[slot]
        tag: cython.longlong = arena.order_tag[slot]
        price: cython.longlong = self._price(side, level)
        arena.level_lots[level] -= lots
        arena.order_leaves[slot] = 0
        if tag & tables.TAG_FLAGS:
            self._count(tag, level, -1)
            arena.level_hidden[level] -= arena.order_hidden[slot]
            self._pass_on(slot)
        self._unlink(slot)
        self._report(tables.BOOK_REMOVED, side, slot, price, lots, level)
        arena.give_order(slot)
        if arena.level_orders[level] == 0:
            self._side(side).remove(arena.level_key[level])

    @cython.cfunc
    @cython.exceptval(check=False)
    def head(self, side: cython.int) -> cython.int:
        """Return the slot of the first order of the best level, or NO_SLOT."""
        level: cython.int = self._side(side).best()
        return kinds.NO_SLOT if level == kinds.NO_SLOT else self.arena.level_head[level]

    @cython.cfunc
    @cython.nogil
    @cython.exceptval(check=False)
    def _price(self, side: cython.int, level: cython.int) -> cython.longlong:
        key: cython.longlong = self.arena.level_key[level]
        return key if side == enums.SIDE_BUY else -key

    @cython.cfunc
    @cython.inline
    @cython.nogil
    @cython.exceptval(check=False)
    def _link(self, slot: cython.int, level: cython.int) -> cython.void:
        """Put an order at the back of a level."""
        tail: cython.int = self.arena.level_tail[level]
        self.arena.order_next[slot] = kinds.NO_SLOT
        self.arena.order_previous[slot] = tail
        if tail == kinds.NO_SLOT:
            self.arena.level_head[level] = slot
        else:
            self.arena.order_next[tail] = slot
        self.arena.level_tail[level] = slot
        self.arena.level_orders[level] += 1

    @cython.cfunc
    @cython.inline
    @cython.nogil
    @cython.exceptval(check=False)
    def _unlink(self, slot: cython.int) -> cython.void:
        level: cython.int = self.arena.order_level[slot]
        before: cython.int = self.arena.order_previous[slot]
        behind: cython.int = self.arena.order_next[slot]
        if before == kinds.NO_SLOT:
            self.arena.level_head[level] = behind
        else:
            self.arena.order_next[before] = behind
        if behind == kinds.NO_SLOT:
            self.arena.level_tail[level] = before
        else:
            self.arena.order_previous[behind] = before
        self.arena.level_orders[level] -= 1

    @cython.cfunc
    @cython.nogil
    @cython.exceptval(check=False)
    def _report(
        self,
        kind: cython.longlong,
        side: cython.int,
        slot: cython.int,
        price: cython.longlong,
        lots: cython.longlong,
        level: cython.int,
    ) -> cython.void:
        at: cython.Py_ssize_t = self.event_count * tables.BOOK_WORDS
        orders: cython.longlong = self.arena.level_orders[level]
        self.events[at + tables.BOOK_STATE] = kind | (side << 8) | (orders << 32)
        self.events[at + tables.BOOK_TAG] = self.arena.order_tag[slot]
        self.events[at + tables.BOOK_SLOT] = slot
        self.events[at + tables.BOOK_PRICE] = price
        self.events[at + tables.BOOK_LOTS] = lots
        self.events[at + tables.BOOK_LEAVES] = self.arena.order_leaves[slot]
        self.events[at + tables.BOOK_LEVEL_LOTS] = self.arena.level_lots[level]
        self.event_count += 1

    def add(
        self, side: int, price: int, lots: int, tag: int, hidden: int = 0, peak: int = 0
    ) -> int:
        """Rest an order at the back of its level; return its slot. The arena must have room.

        `hidden` lots more, shown `peak` at a time, need TAG_ICEBERG in the tag.
        """
        assert hidden == 0 or tag & tables.TAG_ICEBERG, "what hides quantity is tagged"
        if not self.arena.has_room():
            raise MemoryError(
                f"no room for another order: {self.arena.order_capacity} orders, "
                f"{self.arena.level_capacity} levels"
            )
        self._need_event_room()
        slot: cython.int = self._add(side, price, lots, tag)
        if hidden:
            self._hide(slot, hidden, peak)
        return slot

    def match(self, side: int, price: int, lots: int, owner: int = 0) -> int:
        """Trade an incoming order up to `price` (ticks); return the lots left.

        Stops before an order of this owner (not 0) and before one that is guarded.
        """
        self._need_event_room()
        self.renewed = kinds.NO_SLOT
        left: cython.longlong = self._match(side, price, lots, owner)
        while left > 0 and self._is_renewed(3 - side):
            self.renewed = kinds.NO_SLOT
            left = self._match(side, price, left, owner)
        return left

    def stopped_at(self) -> int:
        """Return the slot of the order before which the last match stopped, or NO_SLOT."""
        return self.guard

    def trade(self, side: int, slot: int, lots: int) -> int:
        """Trade with this resting order, whatever guards it; return the lots traded."""
        assert lots > 0, "a trade has a quantity"
        assert self.arena.order_leaves[slot] > 0, "trade names a resting order"
        self._need_event_room()
        return self._trade(side, slot, lots)

    def reduce(self, side: int, slot: int, lots: int) -> None:
        """Take lots, fewer than it has, from a resting order; it keeps its priority."""
        left = self.arena.order_leaves[slot]
        if self.arena.order_tag[slot] & tables.TAG_ICEBERG:
            left += self.arena.order_hidden[slot]
        assert 0 < lots < left, "reduce takes less than what is left"
        self._need_event_room()
        self._reduce(side, slot, lots)

    def cancel(self, side: int, slot: int) -> None:
        """Remove a resting order."""
        assert self.arena.order_leaves[slot] > 0, "cancel names a resting order"
        self._need_event_room()
        self._cancel(side, slot)

    def _need_event_room(self) -> None:
        assert self.event_count < self.event_capacity - 1, "drain the events first"


def is_compiled() -> bool:
    """Whether this module runs as a C extension."""
    return cython.compiled
