"""A book rebuilt from the rows of `Exchange.levels` alone, as a client does that sees no more."""

from collections import defaultdict
from collections.abc import Iterable

from quantumcore.server.core import enums, kinds
from quantumcore.server.core.events import LevelChange
from quantumcore.server.core.views import Level

Orders = list[tuple[int, int, int]]  # order id, price, quantity
SIDES = (enums.SIDE_BUY, enums.SIDE_SELL)


class BookFollower:
    """Holds each side twice: by level, and by order in order of priority."""

    def __init__(self) -> None:
        self.levels: dict[tuple[int, int], dict[int, Level]] = defaultdict(dict)
        self.queues: dict[tuple[int, int], dict[int, dict[int, int]]] = defaultdict(dict)

    def apply(self, changes: Iterable[LevelChange]) -> None:
        """Apply changes in order; none may be about an order that is not where it says."""
        for change in changes:
            side = change.instrument_id, change.side
            levels, queue = self.levels[side], self.queues[side].setdefault(change.price, {})
            if change.quantity:
                levels[change.price] = Level(change.price, change.quantity, change.order_count)
            else:
                levels.pop(change.price, None)
            to_back = change.action == kinds.LEVEL_ACTION_TO_BACK
            assert to_back or change.order_id in queue, f"not there to change in place: {change}"
            if to_back or not change.order_quantity:
                queue.pop(change.order_id, None)
            if change.order_quantity:
                queue[change.order_id] = change.order_quantity
            if not queue:
                del self.queues[side][change.price]

    def depth(self, instrument_id: int) -> tuple[list[Level], list[Level]]:
        """Return bids and asks by level, the best first."""
        bids, asks = (self.levels[instrument_id, side].values() for side in SIDES)
        return sorted(bids, reverse=True), sorted(asks)

    def book_orders(self, instrument_id: int) -> tuple[Orders, Orders]:
        """Return bids and asks by order, in order of priority."""
        bids, asks = (self.queues[instrument_id, side] for side in SIDES)
        return _in_order(bids, sorted(bids, reverse=True)), _in_order(asks, sorted(asks))


def _in_order(queues: dict[int, dict[int, int]], prices: list[int]) -> Orders:
    return [
        (order_id, price, quantity)
        for price in prices
        for order_id, quantity in queues[price].items()
    ]
