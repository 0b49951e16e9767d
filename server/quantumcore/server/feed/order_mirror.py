"""A book by order as it was last published, and the channel that sends every step of it."""

from collections.abc import Iterable

from quantumcore.server.core.enums import SIDE_BUY, SIDE_SELL
from quantumcore.server.core.exchange_cy import Exchange
from quantumcore.server.core.kinds import LEVEL_ACTION_TO_BACK
from quantumcore.server.feed.channel import OrderChannel
from quantumcore.server.feed.ladder import Ladder, Level
from quantumcore.server.feed.mirror import LevelChange, Step, depth_of
from quantumcore.server.feed.updates import OrderChange


class Queues:
    """The orders of one side: at each price in order of priority, with what each shows."""

    def __init__(self, side: int, levels: list[Level], orders: list[tuple[int, int, int]]) -> None:
        self.side = side
        self.ladder = Ladder(side, levels)
        self._at: dict[int, dict[int, int]] = {}
        for order_id, price, quantity in orders:
            self._at.setdefault(price, {})[order_id] = quantity

    def apply(self, change: LevelChange) -> None:
        """Put an order at the back, change what it shows, or take it out."""
        price = change.level[0]
        queue = self._at.setdefault(price, {})
        if change.action == LEVEL_ACTION_TO_BACK:
            queue.pop(change.order_id, None)
        if change.order_quantity:
            queue[change.order_id] = change.order_quantity
        else:
            queue.pop(change.order_id, None)
        if not queue:
            del self._at[price]
        self.ladder.apply(change.level)

    def orders(self) -> Iterable[OrderChange]:
        """Yield all orders, best price first, in order of priority."""
        for price, _quantity, _count in self.ladder.best(len(self._at)):
            for order_id, quantity in self._at[price].items():
                yield OrderChange(self.side, order_id, price, quantity, LEVEL_ACTION_TO_BACK)


class OrderMirror:
    """Follow one book by its level changes, each of which names the order that made it."""

    def __init__(self, exchange: Exchange, instrument_id: int) -> None:
        levels, orders = depth_of(exchange, instrument_id), exchange.book_orders(instrument_id)
        self._sides = {
            side: Queues(side, levels[index], orders[index])
            for index, side in enumerate((SIDE_BUY, SIDE_SELL))
        }
        self.phase = exchange.phase(instrument_id)
        self.built_sequence = exchange.sequence
        self.channels: list[OrderChannel] = []

    def best(self, depth: int) -> tuple[list[Level], list[Level]]:
        """Return the best bids and asks by level, which the checksum is over."""
        bids, asks = self._sides[SIDE_BUY].ladder, self._sides[SIDE_SELL].ladder
        return bids.best(depth), asks.best(depth)

    def orders(self) -> list[OrderChange]:
        """Return all orders, bids then asks, in order of priority."""
        return [order for queues in self._sides.values() for order in queues.orders()]

    def advance(self, step: Step, sequence: int, time_ns: int) -> None:
        """Apply what one command changed and send it as one update."""
        if sequence <= self.built_sequence:
            return
        for change in step.changes:
            self._sides[change.side].apply(change)
        if step.phase is not None:
            self.phase = step.phase
        told = [
            OrderChange(
                change.side,
                change.order_id,
                change.level[0],
                change.order_quantity,
                change.action,
            )
            for change in step.changes
        ]
        for channel in self.channels:
            channel.send_orders(told, sequence, time_ns)
