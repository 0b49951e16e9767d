"""Read a book: what it holds, what of that would trade, and what it has reported."""

import cython

from quantumcore.server.core.book_event import BookEvent, LevelView

if cython.compiled:
    from cython.cimports.quantumcore.server.core import enums, kinds, tables
    from cython.cimports.quantumcore.server.core.arena_cy import Arena
    from cython.cimports.quantumcore.server.core.ladder_cy import Ladder
else:
    from quantumcore.server.core import enums, kinds, tables
    from quantumcore.server.core.arena_cy import Arena
    from quantumcore.server.core.ladder_cy import Ladder


@cython.cclass
class BookReading:
    """The state of a book, and what can be asked of it without changing it; see Book."""

    arena: Arena
    bids: Ladder
    asks: Ladder
    events: cython.longlong[::1]
    event_count: cython.Py_ssize_t
    event_capacity: cython.Py_ssize_t
    guard: cython.int
    renewed: cython.int
    guarded: cython.longlong

    @cython.cfunc
    @cython.exceptval(check=False)
    def firm(self, side: cython.int) -> cython.int:
        """Return the best level with an order that is not pegged, or NO_SLOT."""
        ladder: Ladder = self.bids if side == enums.SIDE_BUY else self.asks
        level: cython.int = ladder.best()
        while (
            level != kinds.NO_SLOT
            and self.arena.level_orders[level] == self.arena.level_pegs[level]
        ):
            level = ladder.below(level)
        return level

    def firm_price(self, side: int) -> int | None:
        """Return the best price of a side with an order that is not pegged."""
        ladder: Ladder = self.bids if side == enums.SIDE_BUY else self.asks
        level: cython.int = self.firm(side)
        return None if level == kinds.NO_SLOT else ladder.sign * self.arena.level_key[level]

    def depth(self, side: int, levels: int = 0) -> list[LevelView]:
        """Return the best `levels` price levels of a side, best first; 0: all."""
        ladder: Ladder = self.bids if side == enums.SIDE_BUY else self.asks
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
        ladder: Ladder = self.bids if side == enums.SIDE_BUY else self.asks
        level: cython.int = ladder.best()
        slot: cython.int
        found: list[tuple[int, int, int]] = []
        while level != kinds.NO_SLOT:
            slot = self.arena.level_head[level]
            while slot != kinds.NO_SLOT:
                found.append(
                    (
                        self.arena.order_tag[slot],
                        ladder.sign * self.arena.level_key[level],
                        self.arena.order_leaves[slot],
                    )
                )
                slot = self.arena.order_next[slot]
            level = ladder.below(level)
        return found

    @cython.cfunc
    @cython.exceptval(check=False)
    def _available(
        self,
        side: cython.int,
        price: cython.longlong,
        lots: cython.longlong,
        owner: cython.longlong,
        stop_at_own: cython.bint,
    ) -> cython.longlong:
        """Return `lots` where so many would surely trade at once up to `price`, or fewer.

        Guarded orders and those of this owner do not count; with `stop_at_own` nothing does
        that stands behind the first of the owner's.
        """
        ladder: Ladder = self.asks if side == enums.SIDE_BUY else self.bids
        found: cython.longlong = 0
        level: cython.int = ladder.best()
        while found < lots and level != kinds.NO_SLOT:
            if self.arena.level_key[level] < ladder.sign * price:
                break
            found += self.arena.level_lots[level] + self.arena.level_hidden[level]
            level = ladder.below(level)
        if found < lots or (owner == 0 and self.guarded == 0):
            return min(found, lots)
        return self._counted(ladder, ladder.sign * price, lots, owner, stop_at_own)

    @cython.cfunc
    @cython.exceptval(check=False)
    def _counted(
        self,
        ladder: Ladder,
        limit: cython.longlong,
        lots: cython.longlong,
        owner: cython.longlong,
        stop_at_own: cython.bint,
    ) -> cython.longlong:
        """Count order by order; see _available. What counts trades, or the order is refused."""
        arena: Arena = self.arena
        found: cython.longlong = 0
        hidden: cython.longlong
        tag: cython.longlong
        slot: cython.int
        level: cython.int = ladder.best()
        while found < lots and level != kinds.NO_SLOT and arena.level_key[level] >= limit:
            slot = arena.level_head[level]
            hidden = 0
            while slot != kinds.NO_SLOT:
                tag = arena.order_tag[slot]
                if owner != 0 and tag >> 32 == owner:
                    if stop_at_own:
                        # Hidden parts of this level would be shown behind the owner's order.
                        return min(found, lots)
                elif not tag & tables.TAG_GUARDED:
                    found += arena.order_leaves[slot]
                    if tag & tables.TAG_ICEBERG:
                        hidden += arena.order_hidden[slot]
                slot = arena.order_next[slot]
            found += hidden
            level = ladder.below(level)
        return min(found, lots)

    def available(
        self, side: int, price: int, lots: int, owner: int = 0, stop_at_own: bool = False
    ) -> int:
        """Return how many of `lots` an incoming order would surely trade at once up to `price`.

        Guarded orders and those of this owner do not count, with `stop_at_own` nothing behind.
        """
        if owner == 0 and self.guarded == 0:
            return self._available(side, price, lots, owner, stop_at_own)
        ladder: Ladder = self.asks if side == enums.SIDE_BUY else self.bids
        return self._counted(ladder, ladder.sign * price, lots, owner, stop_at_own)

    def drain(self) -> list[BookEvent]:
        """Return the events since the last drain and forget them."""
        rows = memoryview(self.events)[: self.event_count * tables.BOOK_WORDS].tolist()
        self.event_count = 0
        return [
            BookEvent.of(rows[at : at + tables.BOOK_WORDS])
            for at in range(0, len(rows), tables.BOOK_WORDS)
        ]


def is_compiled() -> bool:
    """Whether this module runs as a C extension."""
    return cython.compiled
