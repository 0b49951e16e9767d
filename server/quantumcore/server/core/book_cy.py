"""Match orders of one instrument in price-time priority, in ticks and lots."""

import cython

from quantumcore.server.core.book_event import BookEvent, LevelView

if cython.compiled:
    from cython.cimports.quantumcore.server.core import kinds
    from cython.cimports.quantumcore.server.core.arena_cy import Arena
    from cython.cimports.quantumcore.server.core.ladder_cy import Ladder
else:
    from quantumcore.server.core import kinds
    from quantumcore.server.core.arena_cy import Arena
    from quantumcore.server.core.ladder_cy import Ladder


@cython.final
@cython.cclass
class Book:
    """A limit order book on a shared arena.

    Four verbs change it: `add`, `match`, `reduce`, `cancel`. Each reports what it did as
    rows of BOOK_WORDS words in `events`, which the caller drains. An order is named by its
    slot in the arena, so reducing and cancelling need no look-up; `tag` is the caller's
    own name for it. Prices are ticks, quantities lots; both must be in the instrument's
    bounds. None of the verbs allocates, but for a directory that grows (see Ladder).
    """

    arena: Arena
    bids: Ladder
    asks: Ladder
    events: cython.longlong[::1]
    event_count: cython.Py_ssize_t
    event_capacity: cython.Py_ssize_t

    def __init__(self, arena: Arena, events: memoryview) -> None:
        """Share `arena` and the event buffer with other books of the same writer."""
        self.arena = arena
        self.bids = Ladder(arena, kinds.SIDE_BUY)
        self.asks = Ladder(arena, kinds.SIDE_SELL)
        self.events = events
        self.event_count = 0
        self.event_capacity = len(events) // kinds.BOOK_WORDS

    @cython.cfunc
    def _side(self, side: cython.int) -> Ladder:
        return self.bids if side == kinds.SIDE_BUY else self.asks

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
        tail: cython.int = arena.level_tail[level]
        arena.order_leaves[slot] = lots
        arena.order_tag[slot] = tag
        arena.order_level[slot] = level
        arena.order_next[slot] = kinds.NO_SLOT
        arena.order_previous[slot] = tail
        if tail == kinds.NO_SLOT:
            arena.level_head[level] = slot
        else:
            arena.order_next[tail] = slot
        arena.level_tail[level] = slot
        arena.level_lots[level] += lots
        arena.level_orders[level] += 1
        self._report(kinds.BOOK_ADDED, side, slot, price, lots, level)
        return slot

    @cython.cfunc
    @cython.exceptval(check=False)
    def _match(
        self, side: cython.int, price: cython.longlong, lots: cython.longlong
    ) -> cython.longlong:
        """Trade an incoming order up to `price`; return the lots left; stop at a full buffer."""
        ladder: Ladder = self.asks if side == kinds.SIDE_BUY else self.bids
        arena: Arena = self.arena
        maker_side: cython.int = kinds.SIDE_SELL if side == kinds.SIDE_BUY else kinds.SIDE_BUY
        limit: cython.longlong = ladder.sign * price
        traded: cython.longlong
        slot: cython.int
        level: cython.int = ladder.best()
        while lots > 0 and level != kinds.NO_SLOT and arena.level_key[level] >= limit:
            slot = arena.level_head[level]
            while lots > 0 and slot != kinds.NO_SLOT:
                if self.event_count == self.event_capacity:
                    return lots
                traded = min(lots, arena.order_leaves[slot])
                lots -= traded
                arena.order_leaves[slot] -= traded
                arena.level_lots[level] -= traded
                if arena.order_leaves[slot] == 0:
                    self._unlink(slot)
                self._report(
                    kinds.BOOK_TRADED,
                    maker_side,
                    slot,
                    ladder.sign * arena.level_key[level],
                    traded,
                    level,
                )
                if arena.order_leaves[slot] == 0:
                    arena.give_order(slot)
                    slot = arena.level_head[level]
            if arena.level_orders[level] > 0:
                break
            ladder.remove_best()
            level = ladder.best()
        return lots

    @cython.cfunc
    @cython.exceptval(check=False)
    def _available(
        self, side: cython.int, price: cython.longlong, lots: cython.longlong
    ) -> cython.longlong:
        """Return how many of `lots` would trade at once up to `price`."""
        ladder: Ladder = self.asks if side == kinds.SIDE_BUY else self.bids
        found: cython.longlong = 0
        level: cython.int = ladder.best()
        while found < lots and level != kinds.NO_SLOT:
            if self.arena.level_key[level] < ladder.sign * price:
                break
            found += self.arena.level_lots[level]
            level = ladder.below(level)
        return min(found, lots)

    @cython.cfunc
    @cython.exceptval(check=False)
    def _reduce(self, side: cython.int, slot: cython.int, lots: cython.longlong) -> cython.void:
        arena: Arena = self.arena
        level: cython.int = arena.order_level[slot]
        arena.order_leaves[slot] -= lots
        arena.level_lots[level] -= lots
        self._report(kinds.BOOK_REDUCED, side, slot, self._price(side, level), lots, level)

    @cython.cfunc
    @cython.exceptval(check=False)
    def _cancel(self, side: cython.int, slot: cython.int) -> cython.void:
        arena: Arena = self.arena
        level: cython.int = arena.order_level[slot]
        lots: cython.longlong = arena.order_leaves[slot]
        price: cython.longlong = self._price(side, level)
        arena.level_lots[level] -= lots
        arena.order_leaves[slot] = 0
        self._unlink(slot)
        self._report(kinds.BOOK_REMOVED, side, slot, price, lots, level)
        arena.give_order(slot)
        if arena.level_orders[level] == 0:
            self._side(side).remove(arena.level_key[level])

    @cython.cfunc
    @cython.nogil
    @cython.exceptval(check=False)
    def _price(self, side: cython.int, level: cython.int) -> cython.longlong:
        key: cython.longlong = self.arena.level_key[level]
        return key if side == kinds.SIDE_BUY else -key

    @cython.cfunc
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
        at: cython.Py_ssize_t = self.event_count * kinds.BOOK_WORDS
        orders: cython.longlong = self.arena.level_orders[level]
        self.events[at + kinds.BOOK_STATE] = kind | (side << 8) | (orders << 32)
        self.events[at + kinds.BOOK_TAG] = self.arena.order_tag[slot]
        self.events[at + kinds.BOOK_SLOT] = slot
        self.events[at + kinds.BOOK_PRICE] = price
        self.events[at + kinds.BOOK_LOTS] = lots
        self.events[at + kinds.BOOK_LEAVES] = self.arena.order_leaves[slot]
        self.events[at + kinds.BOOK_LEVEL_LOTS] = self.arena.level_lots[level]
        self.event_count += 1

    def add(self, side: int, price: int, lots: int, tag: int) -> int:
        """Rest an order at the back of its level; return its slot. The arena must have room."""
        if not self.arena.has_room():
            raise MemoryError(
                f"no room for another order: {self.arena.order_capacity} orders, "
                f"{self.arena.level_capacity} levels"
            )
        self._need_event_room()
        return self._add(side, price, lots, tag)

    def match(self, side: int, price: int, lots: int) -> int:
        """Trade an incoming order up to `price` (ticks); return the lots left."""
        self._need_event_room()
        return self._match(side, price, lots)

    def available(self, side: int, price: int, lots: int) -> int:
        """Return how many of `lots` an incoming order could trade at once up to `price`."""
        return self._available(side, price, lots)

    def reduce(self, side: int, slot: int, lots: int) -> None:
        """Take lots, fewer than it has, from a resting order; it keeps its priority."""
        assert 0 < lots < self.arena.order_leaves[slot], "reduce takes less than what is left"
        self._need_event_room()
        self._reduce(side, slot, lots)

    def cancel(self, side: int, slot: int) -> None:
        """Remove a resting order."""
        assert self.arena.order_leaves[slot] > 0, "cancel names a resting order"
        self._need_event_room()
        self._cancel(side, slot)

    def _need_event_room(self) -> None:
        assert self.event_count < self.event_capacity, "drain the events first"

    def drain(self) -> list[BookEvent]:
        """Return the events since the last drain and forget them."""
        rows = memoryview(self.events)[: self.event_count * kinds.BOOK_WORDS].tolist()
        self.event_count = 0
        return [
            BookEvent.of(rows[at : at + kinds.BOOK_WORDS])
            for at in range(0, len(rows), kinds.BOOK_WORDS)
        ]

    def depth(self, side: int, levels: int = 0) -> list[LevelView]:
        """Return the best `levels` price levels of a side, best first; 0: all."""
        ladder: Ladder = self._side(side)
        level: cython.int = ladder.best()
        found: list[LevelView] = []
        while level != kinds.NO_SLOT and (levels == 0 or len(found) < levels):
            found.append(
                LevelView(
                    ladder.sign * self.arena.level_key[level],
                    self.arena.level_lots[level],
                    self.arena.level_orders[level],
                )
            )
            level = ladder.below(level)
        return found

    def queue(self, side: int) -> list[tuple[int, int, int]]:
        """Return (tag, price, leaves) of every resting order of a side, in order of priority."""
        ladder: Ladder = self._side(side)
        level: cython.int = ladder.best()
        slot: cython.int
        found: list[tuple[int, int, int]] = []
        while level != kinds.NO_SLOT:
            slot = self.arena.level_head[level]
            while slot != kinds.NO_SLOT:
                found.append(
                    (
                        self.arena.order_tag[slot],
                        self._price(side, level),
                        self.arena.order_leaves[slot],
                    )
                )
                slot = self.arena.order_next[slot]
            level = ladder.below(level)
        return found


def is_compiled() -> bool:
    """Whether this module runs as a C extension."""
    return cython.compiled
