"""A plain price-time book that predicts what a venue does with a flow.

A recording tells what another venue did; a loader must know what *ours* has done with the
actions sent so far, without waiting for its answers. Under price-time priority that is a
pure function of the actions, computed here.
"""

from bisect import bisect_left, insort
from dataclasses import dataclass
from typing import NamedTuple

from quantumcore.client.flow.actions import Action, Cancel, New, Reduce, Reprice, Side


class Fill(NamedTuple):
    """A trade at the maker's price."""

    maker_id: int
    taker_id: int
    price_nanos: int
    quantity_nanos: int


class Level(NamedTuple):
    """A price and the sum of what rests there."""

    price_nanos: int
    quantity_nanos: int


@dataclass(slots=True)
class Resting:
    """An order in the book."""

    local_id: int
    side: Side
    price_nanos: int
    quantity_nanos: int
    leaves_nanos: int

    @property
    def traded_nanos(self) -> int:
        """Return what has traded."""
        return self.quantity_nanos - self.leaves_nanos


class HalfBook:
    """One side: queues by price, best price first."""

    __slots__ = ("_keys", "_queues", "_sign", "_sizes", "_touched")

    def __init__(self, side: Side) -> None:
        self._sign = -1 if side is Side.BUY else 1
        self._keys: list[int] = []
        self._queues: dict[int, dict[int, Resting]] = {}
        self._sizes: dict[int, int] = {}
        self._touched: set[int] = set()

    def append(self, order: Resting) -> None:
        """Put an order at the back of its level."""
        price = order.price_nanos
        self._touched.add(price)
        queue = self._queues.get(price)
        if queue is None:
            self._queues[price] = {order.local_id: order}
            self._sizes[price] = order.leaves_nanos
            insort(self._keys, self._sign * price)
        else:
            queue[order.local_id] = order
            self._sizes[price] += order.leaves_nanos

    def remove(self, order: Resting) -> None:
        """Take an order out of its level."""
        price = order.price_nanos
        self._touched.add(price)
        queue = self._queues[price]
        del queue[order.local_id]
        if queue:
            self._sizes[price] -= order.leaves_nanos
        else:
            del self._queues[price], self._sizes[price]
            del self._keys[bisect_left(self._keys, self._sign * price)]

    def shrink(self, order: Resting, quantity_nanos: int) -> None:
        """Take `quantity_nanos`, less than what it leaves, from an order."""
        order.leaves_nanos -= quantity_nanos
        self._sizes[order.price_nanos] -= quantity_nanos
        self._touched.add(order.price_nanos)

    def best(self) -> Level | None:
        """Return the best level, or None where the side is empty."""
        if not self._keys:
            return None
        price = self._sign * self._keys[0]
        return Level(price, self._sizes[price])

    def front(self) -> Resting | None:
        """Return the order that trades next, or None where the side is empty."""
        if not self._keys:
            return None
        return next(iter(self._queues[self._sign * self._keys[0]].values()))

    def levels(self, depth: int) -> list[Level]:
        """Return up to `depth` levels, best first."""
        prices = [self._sign * key for key in self._keys[:depth]]
        return [Level(price, self._sizes[price]) for price in prices]

    def size_at(self, price_nanos: int) -> int:
        """Return what rests at a price, 0 if nothing."""
        return self._sizes.get(price_nanos, 0)

    def queue_at(self, price_nanos: int) -> list[Resting]:
        """Return the orders at a price in order of priority."""
        return list(self._queues.get(price_nanos, {}).values())

    def take_touched(self) -> set[int]:
        """Return the prices at which anything changed since the last call."""
        touched, self._touched = self._touched, set()
        return touched

    def reaches(self, limit_nanos: int, price_nanos: int) -> bool:
        """Tell whether an order resting here at `price_nanos` satisfies an incoming limit."""
        return self._sign * price_nanos <= self._sign * limit_nanos


class ShadowBook:
    """Both sides of one instrument under price-time priority."""

    __slots__ = ("_halves", "_orders")

    def __init__(self) -> None:
        self._halves = {side: HalfBook(side) for side in Side}
        self._orders: dict[int, Resting] = {}

    def __len__(self) -> int:
        """Return how many orders rest."""
        return len(self._orders)

    def half(self, side: Side) -> HalfBook:
        """Return one side."""
        return self._halves[side]

    def order(self, local_id: int) -> Resting | None:
        """Return a resting order, or None where it does not rest (any more)."""
        return self._orders.get(local_id)

    def apply(self, action: Action) -> list[Fill]:
        """Do what the venue does with `action` and return the trades in order.

        Cancels and changes of orders that do not rest have no effect, as at the venue.
        """
        match action:
            case New():
                return self._enter(action)
            case Cancel(local_id=local_id):
                self._cancel(local_id)
                return []
            case Reduce():
                self._reduce(action)
                return []
            case Reprice():
                return self._reprice(action)

    def _enter(self, new: New) -> list[Fill]:
        order = Resting(
            new.local_id, new.side, new.price_nanos, new.quantity_nanos, new.quantity_nanos
        )
        fills = self._match(order)
        if order.leaves_nanos and not new.immediate:
            self._rest(order)
        return fills

    def _match(self, taker: Resting) -> list[Fill]:
        fills: list[Fill] = []
        half = self._halves[taker.side.opposite]
        while taker.leaves_nanos:
            maker = half.front()
            if maker is None or not half.reaches(taker.price_nanos, maker.price_nanos):
                break
            quantity = min(maker.leaves_nanos, taker.leaves_nanos)
            fills.append(Fill(maker.local_id, taker.local_id, maker.price_nanos, quantity))
            taker.leaves_nanos -= quantity
            self._take(half, maker, quantity)
        return fills

    def _take(self, half: HalfBook, maker: Resting, quantity_nanos: int) -> None:
        if quantity_nanos < maker.leaves_nanos:
            half.shrink(maker, quantity_nanos)
        else:
            half.remove(maker)
            del self._orders[maker.local_id]

    def _rest(self, order: Resting) -> None:
        self._halves[order.side].append(order)
        self._orders[order.local_id] = order

    def _cancel(self, local_id: int) -> Resting | None:
        order = self._orders.pop(local_id, None)
        if order is not None:
            self._halves[order.side].remove(order)
        return order

    def _reduce(self, reduce: Reduce) -> None:
        order = self._orders.get(reduce.local_id)
        if order is None or reduce.quantity_nanos >= order.quantity_nanos:
            return
        if reduce.quantity_nanos <= order.traded_nanos:
            self._cancel(order.local_id)
            return
        self._halves[order.side].shrink(order, order.quantity_nanos - reduce.quantity_nanos)
        order.quantity_nanos = reduce.quantity_nanos

    def _reprice(self, reprice: Reprice) -> list[Fill]:
        order = self._cancel(reprice.local_id)
        if order is None or reprice.quantity_nanos <= order.traded_nanos:
            return []
        order.leaves_nanos = reprice.quantity_nanos - order.traded_nanos
        order.quantity_nanos = reprice.quantity_nanos
        order.price_nanos = reprice.price_nanos
        fills = self._match(order)
        if order.leaves_nanos:
            self._rest(order)
        return fills
