"""Match orders the obvious way: what `book_cy.Book` is held against, and a baseline for speed.

Sorted dictionaries of levels, each a dictionary of orders in order of arrival. The verbs, what
they report and what they refuse are those of Book, so the same tests run on both.
"""

from dataclasses import dataclass, field

from sortedcontainers import SortedDict

from quantumcore.server.core import kinds
from quantumcore.server.core.book_event import BookEvent, LevelView


@dataclass(slots=True)
class RestingOrder:
    """An order in the book: ticks, lots, and the caller's name for it."""

    slot: int
    side: int
    price: int
    leaves: int
    tag: int


@dataclass(slots=True)
class Level:
    """The orders at one price, by slot, the first to come first."""

    lots: int = 0
    orders: dict[int, RestingOrder] = field(default_factory=dict)


class ReferenceBook:
    """A limit order book of plain objects; see Book for what each verb promises."""

    def __init__(self, event_capacity: int = 4096) -> None:
        self.event_capacity = event_capacity
        self.events: list[BookEvent] = []
        self.orders: dict[int, RestingOrder] = {}
        # By price for asks and by negated price for bids, so that the best level comes first.
        self.levels: dict[int, SortedDict] = {
            kinds.SIDE_BUY: SortedDict(),
            kinds.SIDE_SELL: SortedDict(),
        }
        self.free_slots: list[int] = []

    def add(self, side: int, price: int, lots: int, tag: int) -> int:
        """Rest an order at the back of its level; return its slot."""
        self._need_event_room()
        # A slot given back last is taken first, as in the arena.
        slot = self.free_slots.pop() if self.free_slots else len(self.orders)
        order = RestingOrder(slot, side, price, lots, tag)
        level = self.levels[side].setdefault(_key(side, price), Level())
        level.orders[slot] = self.orders[slot] = order
        level.lots += lots
        self._report(kinds.BOOK_ADDED, order, lots, level)
        return slot

    def match(self, side: int, price: int, lots: int) -> int:
        """Trade an incoming order up to `price` (ticks); return the lots left."""
        self._need_event_room()
        opposite = kinds.SIDE_SELL if side == kinds.SIDE_BUY else kinds.SIDE_BUY
        levels, limit = self.levels[opposite], _key(opposite, price)
        while lots > 0 and levels and levels.peekitem(0)[0] <= limit:
            if len(self.events) == self.event_capacity:
                return lots
            level: Level = levels.peekitem(0)[1]
            order = next(iter(level.orders.values()))
            traded = min(lots, order.leaves)
            lots -= traded
            self._take(kinds.BOOK_TRADED, order, traded)
        return lots

    def available(self, side: int, price: int, lots: int) -> int:
        """Return how many of `lots` an incoming order could trade at once up to `price`."""
        opposite = kinds.SIDE_SELL if side == kinds.SIDE_BUY else kinds.SIDE_BUY
        within = self.levels[opposite].irange(maximum=_key(opposite, price))
        found: int = sum(self.levels[opposite][key].lots for key in within)
        return min(lots, found)

    def reduce(self, side: int, slot: int, lots: int) -> None:
        """Take lots, fewer than it has, from a resting order; it keeps its priority."""
        self._need_event_room()
        order = self.orders[slot]
        assert order.side == side
        assert 0 < lots < order.leaves, "reduce takes less than what is left"
        self._take(kinds.BOOK_REDUCED, order, lots)

    def cancel(self, side: int, slot: int) -> None:
        """Remove a resting order."""
        self._need_event_room()
        assert slot in self.orders, "cancel names a resting order"
        order = self.orders[slot]
        assert order.side == side
        self._take(kinds.BOOK_REMOVED, order, order.leaves)

    def _take(self, kind: int, order: RestingOrder, lots: int) -> None:
        """Take lots from an order, and the order from the book when none are left."""
        levels, key = self.levels[order.side], _key(order.side, order.price)
        level: Level = levels[key]
        order.leaves -= lots
        level.lots -= lots
        if order.leaves == 0:
            del level.orders[order.slot], self.orders[order.slot]
            self.free_slots.append(order.slot)
        self._report(kind, order, lots, level)
        if not level.orders:
            del levels[key]

    def _report(self, kind: int, order: RestingOrder, lots: int, level: Level) -> None:
        self.events.append(
            BookEvent(
                kind=kind,
                side=order.side,
                tag=order.tag,
                slot=order.slot,
                price=order.price,
                lots=lots,
                leaves=order.leaves,
                level_lots=level.lots,
                level_orders=len(level.orders),
            )
        )

    def _need_event_room(self) -> None:
        assert len(self.events) < self.event_capacity, "drain the events first"

    def drain(self) -> list[BookEvent]:
        """Return the events since the last drain and forget them."""
        events, self.events = self.events, []
        return events

    def depth(self, side: int, levels: int = 0) -> list[LevelView]:
        """Return the best `levels` price levels of a side, best first; 0: all."""
        found = list(self.levels[side].items())[: levels or None]
        return [LevelView(_price(side, key), at.lots, len(at.orders)) for key, at in found]

    def queue(self, side: int) -> list[tuple[int, int, int]]:
        """Return (tag, price, leaves) of every resting order of a side, in order of priority."""
        return [
            (order.tag, order.price, order.leaves)
            for level in self.levels[side].values()
            for order in level.orders.values()
        ]


def _key(side: int, price: int) -> int:
    return -price if side == kinds.SIDE_BUY else price


def _price(side: int, key: int) -> int:
    return -key if side == kinds.SIDE_BUY else key
