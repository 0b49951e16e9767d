"""Follow a book by order: every order in its place in the queue of its price."""

from __future__ import annotations

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
        self._queues: dict[Place, dict[int, int]] = {}
        self._places: dict[int, Place] = {}

    def queue(self, side: Side, price: int) -> list[tuple[int, int]]:
        """List id and shown quantity of the orders at a price, in order of priority."""
        return list(self._queues.get((int(side), price), {}).items())

    def book(self) -> BookByOrder:
        """Make the book as it stands."""
        return BookByOrder(
            instrument_id=self.instrument_id,
            epoch=self.epoch,
            sequence=self.sequence,
            time_ns=self.time_ns,
            bids=self._orders(Side.BUY),
            asks=self._orders(Side.SELL),
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
                if change.order_id in self._places:
                    self._remove(change.order_id, place)
                self._append(change.order_id, place, change.quantity)
            else:
                self._resize(change.order_id, place, change.quantity)

    def _check(self, change: book_pb2.BookOrderChange, place: Place) -> None:
        known = self._places.get(change.order_id)
        comes = change.quantity and change.action == book_pb2.BOOK_ORDER_ACTION_TO_BACK
        if known is None and not comes:
            raise OutOfStep(f"order {change.order_id} changes, and is not in the book")
        if known not in {None, place}:
            raise OutOfStep(f"order {change.order_id} is in the book at another price or side")

    def _append(self, order_id: int, place: Place, quantity: int) -> None:
        self._queues.setdefault(place, {})[order_id] = quantity
        self._places[order_id] = place
        self._half(place[0]).change(place[1], quantity, 1)

    def _remove(self, order_id: int, place: Place) -> None:
        queue = self._queues[place]
        quantity = queue.pop(order_id)
        if not queue:
            del self._queues[place]
        del self._places[order_id]
        self._half(place[0]).change(place[1], -quantity, -1)

    def _resize(self, order_id: int, place: Place, quantity: int) -> None:
        queue = self._queues[place]
        self._half(place[0]).change(place[1], quantity - queue[order_id], 0)
        queue[order_id] = quantity

    def _clear(self) -> None:
        super()._clear()
        self._queues.clear()
        self._places.clear()

    def _orders(self, side: Side) -> tuple[BookOrder, ...]:
        return tuple(
            BookOrder(
                order_id=order_id,
                price=from_fixed(price, scale=NANO_SCALE),
                quantity=from_fixed(quantity, scale=NANO_SCALE),
            )
            for price, _, _ in self.levels(side)
            for order_id, quantity in self._queues[int(side), price].items()
        )
