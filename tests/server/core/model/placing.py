"""Where orders wait, how they leave, shrink and end."""

from quantumcore.server.core import enums, kinds
from tests.server.core.model.order import BOOK, CLOSING, MARKET, NOWHERE, STOPS, Order
from tests.server.core.model.world import World


def rest(world: World, order: Order) -> None:
    """Put an order into its book, at the back of its price."""
    instrument = world.instrument(order)
    order.place = BOOK
    order.shown = min(order.leaves, order.display_quantity) if order.is_iceberg else order.leaves
    instrument.enter(order)
    world.touch(instrument)


def wait(world: World, order: Order, place: str) -> None:
    """Let an order wait outside the book."""
    queue(world, order, place).append(order)
    order.place = place


def queue(world: World, order: Order, place: str) -> list[Order]:
    """Return the list in which an order stands at a place."""
    instrument = world.instrument(order)
    return {
        BOOK: instrument.book[order.side],
        STOPS: instrument.stops,
        MARKET: instrument.market,
        CLOSING: instrument.closing,
    }[place]


def leave(world: World, order: Order) -> None:
    """Take an order from where it is."""
    if order.place == NOWHERE:
        return
    queue(world, order, order.place).remove(order)
    was_in_book = order.place == BOOK
    order.place, order.shown, order.is_reached = NOWHERE, 0, False
    if was_in_book:
        world.touch(world.instrument(order))


def shrink(world: World, order: Order, quantity: int) -> None:
    """Take a quantity from an order where it is: an iceberg's hidden part goes first."""
    order.quantity -= quantity
    if order.place == BOOK:
        order.shown = min(order.shown, order.leaves)
        world.touch(world.instrument(order))


def forget(world: World, order: Order, status: int, reason: int) -> None:
    """Let an order end where it is nowhere (any more)."""
    order.status, order.cancel_reason = status, reason
    del world.working[order.order_id]
    if order.is_peg:
        world.instrument(order).pegs.remove(order)


def cancel(world: World, order: Order, reason: int, request_id: int = 0) -> None:
    """End an order, wherever it is."""
    leave(world, order)
    forget(world, order, enums.ORDER_STATUS_CANCELLED, reason)
    world.tell(order, kinds.ORDER_CANCELLED, request_id=request_id)


def expire(world: World, order: Order, reason: int) -> None:
    """End an order whose time is over."""
    leave(world, order)
    forget(world, order, enums.ORDER_STATUS_EXPIRED, reason)
    world.tell(order, kinds.ORDER_EXPIRED)


def reducible(world: World, account_id: int, instrument_id: int, side: int) -> int:
    """Return how much an order of a side can trade without opening a position."""
    position = world.held(account_id, instrument_id)
    return max(0, -position if side == enums.SIDE_BUY else position)


def cut(world: World, order: Order) -> bool:
    """Cut an order that is about to trade, where it is reduce-only; return whether it works on."""
    if not order.reduce_only:
        return True
    most = reducible(world, order.account_id, order.instrument_id, order.side)
    if most == 0:
        cancel(world, order, enums.CANCEL_REASON_REDUCE_ONLY)
    elif order.leaves > most:
        shrink(world, order, order.leaves - most)
        world.restate(order, enums.RESTATEMENT_POSITION_REDUCED, order.shown)
    return order.is_working
