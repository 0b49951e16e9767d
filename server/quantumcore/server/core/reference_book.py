"""Match orders the obvious way: what `book_cy.Book` is held against, and a baseline for speed.

Sorted dictionaries of levels, each a dictionary of orders in order of arrival. The verbs, what
they report and what they refuse are those of Book, so the same tests run on both.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field

from sortedcontainers import SortedDict

from quantumcore.server.core import enums, kinds, tables
from quantumcore.server.core.book_event import BookEvent, LevelView


@dataclass(slots=True)
class RestingOrder:
    """An order in the book: ticks, shown and hidden lots, and the caller's name for it."""

    slot: int
    side: int
    price: int
    leaves: int
    tag: int
    hidden: int = 0
    peak: int = 0

    def is_owned_by(self, owner: int) -> bool:
        """Whether self-trade prevention sees this owner (0: nobody) behind it."""
        return owner != 0 and self.tag >> 32 == owner

    @property
    def is_guarded(self) -> bool:
        """Whether a sweep stops before it and asks."""
        return self.tag & tables.TAG_GUARDED != 0


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
            enums.SIDE_BUY: SortedDict(),
            enums.SIDE_SELL: SortedDict(),
        }
        self.free_slots: list[int] = []
        self.guard = kinds.NO_SLOT

    def add(
        self, side: int, price: int, lots: int, tag: int, hidden: int = 0, peak: int = 0
    ) -> int:
        """Rest an order at the back of its level; return its slot."""
        assert hidden == 0 or tag & tables.TAG_ICEBERG, "what hides quantity is tagged"
        self._need_event_room()
        # A slot given back last is taken first, as in the arena.
        slot = self.free_slots.pop() if self.free_slots else len(self.orders)
        order = RestingOrder(slot, side, price, lots, tag, hidden, peak)
        level = self.levels[side].setdefault(_key(side, price), Level())
        level.orders[slot] = self.orders[slot] = order
        level.lots += lots
        self._report(tables.BOOK_ADDED, order, lots, level)
        return slot

    def match(self, side: int, price: int, lots: int, owner: int = 0) -> int:
        """Trade an incoming order up to `price` (ticks); return the lots left."""
        self._need_event_room()
        self.guard = kinds.NO_SLOT
        opposite = _opposite(side)
        levels, limit = self.levels[opposite], _key(opposite, price)
        while lots > 0 and levels and levels.peekitem(0)[0] <= limit:
            if not self._has_event_room():
                return lots
            level: Level = levels.peekitem(0)[1]
            order = next(iter(level.orders.values()))
            if order.is_guarded or order.is_owned_by(owner):
                self.guard = order.slot
                return lots
            lots -= self._trade(order, lots)
        return lots

    def stopped_at(self) -> int:
        """Return the slot of the order before which the last match stopped, or NO_SLOT."""
        return self.guard

    def trade(self, side: int, slot: int, lots: int) -> int:
        """Trade with this resting order, whatever guards it; return the lots traded."""
        assert lots > 0, "a trade has a quantity"
        self._need_event_room()
        return self._trade(self._resting("trade", side, slot), lots)

    def available(
        self, side: int, price: int, lots: int, owner: int = 0, stop_at_own: bool = False
    ) -> int:
        """Return how many of `lots` an incoming order would surely trade at once up to `price`."""
        found = 0
        for level in self._met(side, price):
            orders = list(level.orders.values())
            own = next((at for at, one in enumerate(orders) if one.is_owned_by(owner)), None)
            stops = stop_at_own and own is not None
            counted = [one for one in orders[: own if stops else None] if not one.is_guarded]
            counted = [one for one in counted if not one.is_owned_by(owner)]
            found += sum(one.leaves for one in counted)
            if stops:
                break
            found += sum(one.hidden for one in counted)
        return min(lots, found)

    def reduce(self, side: int, slot: int, lots: int) -> None:
        """Take lots, fewer than it has, from a resting order; it keeps its priority."""
        self._need_event_room()
        order = self._resting("reduce", side, slot)
        assert 0 < lots < order.leaves + order.hidden, "reduce takes less than what is left"
        hidden = min(lots, order.hidden)
        order.hidden -= hidden
        self._take(tables.BOOK_REDUCED, order, lots - hidden)

    def cancel(self, side: int, slot: int) -> None:
        """Remove a resting order."""
        self._need_event_room()
        order = self._resting("cancel", side, slot)
        self._take(tables.BOOK_REMOVED, order, order.leaves)

    def _resting(self, verb: str, side: int, slot: int) -> RestingOrder:
        assert slot in self.orders, f"{verb} names a resting order"
        assert self.orders[slot].side == side
        return self.orders[slot]

    def _met(self, side: int, price: int) -> Iterator[Level]:
        """Yield the levels that an incoming order up to `price` meets, best first."""
        opposite = _opposite(side)
        for key in self.levels[opposite].irange(maximum=_key(opposite, price)):
            yield self.levels[opposite][key]

    def _trade(self, order: RestingOrder, lots: int) -> int:
        """Trade with an order's shown part; show the next part when it is used up."""
        traded = min(lots, order.leaves)
        if traded < order.leaves or order.hidden == 0:
            self._take(tables.BOOK_TRADED, order, traded)
            return traded
        level: Level = self.levels[order.side][_key(order.side, order.price)]
        order.leaves, level.lots = 0, level.lots - traded
        self._report(tables.BOOK_TRADED, order, traded, level)
        order.leaves = min(order.peak, order.hidden)
        order.hidden -= order.leaves
        level.lots += order.leaves
        level.orders[order.slot] = level.orders.pop(order.slot)
        self._report(tables.BOOK_REFRESHED, order, order.leaves, level)
        return traded

    def _take(self, kind: int, order: RestingOrder, lots: int) -> None:
        """Take shown lots from an order, and the order from the book when none are left."""
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

    def _has_event_room(self) -> bool:
        """Whether a trade and the next part of an iceberg behind it can be reported."""
        return len(self.events) < self.event_capacity - 1

    def _need_event_room(self) -> None:
        assert self._has_event_room(), "drain the events first"

    def drain(self) -> list[BookEvent]:
        """Return the events since the last drain and forget them."""
        events, self.events = self.events, []
        return events

    def firm_price(self, side: int) -> int | None:
        """Return the best price of a side with an order that is not pegged."""
        for key, level in self.levels[side].items():
            if not all(order.tag & tables.TAG_PEGGED for order in level.orders.values()):
                return _price(side, key)
        return None

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


def _opposite(side: int) -> int:
    return enums.SIDE_SELL if side == enums.SIDE_BUY else enums.SIDE_BUY


def _key(side: int, price: int) -> int:
    return -price if side == enums.SIDE_BUY else price


def _price(side: int, key: int) -> int:
    return -key if side == enums.SIDE_BUY else key
