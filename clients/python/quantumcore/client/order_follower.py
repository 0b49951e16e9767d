"""Follow a book by order: every order in its place in the queue of its price."""

from __future__ import annotations

from itertools import chain

from quantumcore.client.enums import Side
from quantumcore.client.fixed import from_fixed
from quantumcore.client.follower import NANO_SCALE, Follower, OutOfStep
from quantumcore.client.market import BookByOrder, BookOrder
from quantumcore.v1 import book_pb2

Place = tuple[int, int]
"""Side and price."""


class OrderFollower(Follower[BookByOrder]):
    """A whole book by order, as a stream with EVERY_ORDER tells it.

    The checksum is that of the book by level: the quantity of a level is the sum over its
    orders. An update that speaks of an order that is not there, or is somewhere else, is
    OutOfStep as one with a wrong checksum is.
    """

    def __init__(self, instrument_id: int) -> None:
        super().__init__(instrument_id)
        self._queues: dict[Place, dict[int, BookOrder]] = {}
        self._orders: dict[int, tuple[Place, int]] = {}

    def queue(self, side: Side, price: int) -> list[tuple[int, int]]:
        """List id and shown quantity of the orders at a price, in order of priority."""
        queue = self._queues.get((int(side), price), {})
        return [(order_id, self._orders[order_id][1]) for order_id in queue]

    def book(self) -> BookByOrder:
        """Make the book as it stands."""
        return BookByOrder(
            instrument_id=self.instrument_id,
            epoch=self.epoch,
            sequence=self.sequence,
            time_ns=self.time_ns,
            bids=self._side(Side.BUY),
            asks=self._side(Side.SELL),
            checksum=self.checksum,
            phase=self.phase,
        )

    def _change(self, update: book_pb2.BookUpdate) -> None:
        for change in update.order_changes:
            place = (int(change.side), change.price)
            self._check(change, place)
            if not change.quantity:
                self._remove(change.order_id, place)
            elif change.action == book_pb2.BOOK_ORDER_ACTION_TO_BACK:
                if change.order_id in self._orders:
                    self._remove(change.order_id, place)
                self._append(change.order_id, place, change.quantity)
            else:
                self._resize(change.order_id, place, change.quantity)

    def _check(self, change: book_pb2.BookOrderChange, place: Place) -> None:
        known = self._orders.get(change.order_id, (None,))[0]
        comes = change.quantity and change.action == book_pb2.BOOK_ORDER_ACTION_TO_BACK
        if known is None and not comes:
            raise OutOfStep(f"order {change.order_id} changes, and is not in the book")
        if known not in {None, place}:
            raise OutOfStep(f"order {change.order_id} is in the book at another price or side")

    def _append(self, order_id: int, place: Place, quantity: int) -> None:
        self._queues.setdefault(place, {})[order_id] = _order(order_id, place, quantity)
        self._orders[order_id] = (place, quantity)
        self._half(place[0]).change(place[1], quantity, 1)

    def _remove(self, order_id: int, place: Place) -> None:
        queue = self._queues[place]
        del queue[order_id]
        if not queue:
            del self._queues[place]
        _, quantity = self._orders.pop(order_id)
        self._half(place[0]).change(place[1], -quantity, -1)

    def _resize(self, order_id: int, place: Place, quantity: int) -> None:
        _, before = self._orders[order_id]
        self._queues[place][order_id] = _order(order_id, place, quantity)
        self._orders[order_id] = (place, quantity)
        self._half(place[0]).change(place[1], quantity - before, 0)

    def _clear(self) -> None:
        super()._clear()
        self._queues.clear()
        self._orders.clear()

    def _side(self, side: Side) -> tuple[BookOrder, ...]:
        queues = (self._queues[int(side), price] for price, _, _ in self.levels(side))
        return tuple(chain.from_iterable(queue.values() for queue in queues))


def _order(order_id: int, place: Place, quantity: int) -> BookOrder:
    return BookOrder(
        order_id=order_id,
        price=from_fixed(place[1], scale=NANO_SCALE),
        quantity=from_fixed(quantity, scale=NANO_SCALE),
    )
