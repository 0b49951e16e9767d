"""Replacements: why they are refused, and what they change."""

from collections.abc import Iterator
from dataclasses import dataclass

from quantumcore.server.core import enums, kinds
from tests.server.core.model import placing
from tests.server.core.model.admission import (
    Refusal,
    against_increase,
    against_killed,
    against_name,
    against_phase,
    against_price,
    against_quantity,
    against_status,
    against_taking,
)
from tests.server.core.model.funds import against_funds, reserve
from tests.server.core.model.limits import Check
from tests.server.core.model.order import Order
from tests.server.core.model.settling import enter
from tests.server.core.model.valuing import Asked
from tests.server.core.model.world import World

PENDING = enums.ORDER_STATUS_PENDING_TRIGGER


@dataclass(frozen=True, slots=True)
class Change:
    """What an order is to have; None: as it is."""

    name: str
    quantity: int | None
    price: int | None
    stop_price: int | None

    def loses_place(self, order: Order) -> bool:
        """Whether the order enters anew: any change but a smaller quantity or a new name."""
        return (
            self.price not in {None, order.price}
            or self.stop_price not in {None, order.stop_price}
            or (self.quantity is not None and self.quantity > order.quantity)
        )

    def is_nothing(self, order: Order) -> bool:
        same = self.quantity in {None, order.quantity}
        return not self.name and same and not self.loses_place(order)


def against_change(world: World, order: Order, change: Change) -> Iterator[Refusal]:
    """Tell all that is wrong with a replacement of an order that works."""
    instrument = world.instrument(order)
    yield from against_status(world, order.account_id, 2)
    if change.name:
        yield from against_name(world, order.account_id, change.name, 5)
    if change.price is not None and (order.is_market or order.is_peg):
        yield Refusal(enums.REJECT_REASON_FIELD_NOT_ALLOWED, 7, 0, change.price)
    if change.stop_price is not None and order.status != PENDING:
        yield Refusal(enums.REJECT_REASON_FIELD_NOT_ALLOWED, 8, 0, change.stop_price)
    yield from against_phase(instrument)
    if change.quantity is not None:
        yield from against_quantity(instrument, change.quantity, instrument.max_quantity, 6)
    if change.price is not None:
        yield from against_price(instrument, change.price, 7)
    if change.stop_price is not None:
        yield from against_price(instrument, change.stop_price, 8)
    if change.is_nothing(order):
        yield Refusal(enums.REJECT_REASON_NOTHING_TO_REPLACE)
    if world.stops_account(order.account_id):
        yield against_killed(world, order.account_id)
    yield from against_entry(world, order, change)


def against_entry(world: World, order: Order, change: Change) -> Iterator[Refusal]:
    """Tell what keeps an order from entering its book anew."""
    quantity = order.quantity if change.quantity is None else change.quantity
    price = order.price if change.price is None else change.price
    leaves = quantity - order.cumulative
    if leaves <= 0 or not change.loses_place(order):
        return
    if world.accounts[order.account_id].is_watched:
        check = check_of(world, order, change)
        yield from check.refusals()
        yield from against_funds(check)
    if order.reduce_only and quantity > order.quantity:
        yield from against_increase(world, order, leaves, 6, own=order.leaves)
    if order.post_only and price is not None:
        yield from against_taking(world.instrument(order), order, price, 7)


def check_of(world: World, order: Order, change: Change) -> Check:
    """Look at what an order is to be, as far as it is still to trade."""
    price = order.price if change.price is None else change.price
    stop_price = order.stop_price if change.stop_price is None else change.stop_price
    quantity = order.quantity if change.quantity is None else change.quantity
    asked, leaves = Asked(order, price, stop_price), quantity - order.cumulative
    return Check(world, asked, leaves, (6, 7), new=False)


def carry_out(world: World, order: Order, change: Change, request_id: int) -> None:
    """Change an order, which then stands, enters anew, or is filled."""
    anew, original = change.loses_place(order), order.client_order_id
    quantity = order.quantity if change.quantity is None else change.quantity
    if change.name:
        rename(world, order, change.name)
    if quantity <= order.cumulative:
        placing.leave(world, order)
        order.quantity = order.cumulative
        reason = enums.CANCEL_REASON_REPLACED_TO_FILLED
        placing.forget(world, order, enums.ORDER_STATUS_FILLED, reason)
    elif not anew:
        placing.shrink(world, order, order.quantity - quantity)
    else:
        if world.accounts[order.account_id].is_watched:
            check = check_of(world, order, change)
            order.risk_ticks, order.reserve = check.ticks, reserve(check)
        placing.leave(world, order)
        order.quantity = quantity
        order.price = order.price if change.price is None else change.price
        order.stop_price = order.stop_price if change.stop_price is None else change.stop_price
    world.tell(
        order,
        kinds.ORDER_REPLACED,
        request_id=request_id,
        original_client_order_id=original,
    )
    if anew and order.is_working:
        enter(world, order)


def rename(world: World, order: Order, name: str) -> None:
    """Give an order a new name; of its names the newest four are remembered."""
    order.client_order_id = name
    order.names.append(name)
    world.names[order.account_id, name] = order
    if len(order.names) > kinds.IDS_OF_AN_ORDER:
        del world.names[order.account_id, order.names.pop(0)]
