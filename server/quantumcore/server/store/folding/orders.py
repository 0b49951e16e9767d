"""An order as its events leave it."""

from quantumcore.v1 import event_pb2 as types
from quantumcore.v1.event_pb2 import Event
from quantumcore.v1.order_event_pb2 import (
    Fill,
    OrderFillBusted,
    OrderFillCorrected,
    OrderReplaced,
    OrderRestated,
)
from quantumcore.v1.order_pb2 import Order
from quantumcore.v1.reject_pb2 import CancelReason
from quantumcore.v1.types_pb2 import OrderStatus, StopTrigger

NEW = OrderStatus.ORDER_STATUS_NEW
PARTIALLY_FILLED = OrderStatus.ORDER_STATUS_PARTIALLY_FILLED
FILLED = OrderStatus.ORDER_STATUS_FILLED
CANCELLED = OrderStatus.ORDER_STATUS_CANCELLED
EXPIRED = OrderStatus.ORDER_STATUS_EXPIRED
ENDED = frozenset({FILLED, CANCELLED, EXPIRED, OrderStatus.ORDER_STATUS_REJECTED})


def fold_order(order: Order, event: Event) -> None:  # noqa: C901 - a case for each event
    """Let an order, empty before its first event, stand as after an event of its own."""
    match event.event_type:
        case types.EVENT_TYPE_ORDER_ACCEPTED:
            order.CopyFrom(event.order_accepted.order)
            if order.HasField("stop_price") and not order.stop_trigger:
                order.stop_trigger = StopTrigger.STOP_TRIGGER_LAST_TRADE
        case types.EVENT_TYPE_ORDER_TRIGGERED:
            order.status = NEW
        case types.EVENT_TYPE_ORDER_REPLACED:
            _replace(order, event.order_replaced)
        case types.EVENT_TYPE_ORDER_PARTIALLY_FILLED:
            _fill(order, event.order_partially_filled.fill, PARTIALLY_FILLED)
        case types.EVENT_TYPE_ORDER_FILLED:
            _fill(order, event.order_filled.fill, FILLED)
        case types.EVENT_TYPE_ORDER_CANCELLED:
            _end(order, CANCELLED, event.order_cancelled.cancel_reason)
        case types.EVENT_TYPE_ORDER_EXPIRED:
            _end(order, EXPIRED, event.order_expired.cancel_reason)
        case types.EVENT_TYPE_ORDER_RESTATED:
            _restate(order, event.order_restated)
        case types.EVENT_TYPE_ORDER_FILL_BUSTED:
            _mend(order, event.order_fill_busted)
        case types.EVENT_TYPE_ORDER_FILL_CORRECTED:
            _mend(order, event.order_fill_corrected)
    if order.status in ENDED:
        order.shown_quantity = 0
    order.sequence, order.updated_time_ns = event.sequence, event.time_ns
    order.version = event.aggregate_version


def _fill(order: Order, fill: Fill, status: OrderStatus.ValueType) -> None:
    order.status = status
    order.cumulative_quantity = fill.cumulative_quantity
    order.cumulative_tick_lots = fill.cumulative_tick_lots
    order.leaves_quantity = fill.leaves_quantity


def _replace(order: Order, replaced: OrderReplaced) -> None:
    order.quantity, order.client_order_id = replaced.quantity, replaced.client_order_id
    order.leaves_quantity = order.quantity - order.cumulative_quantity
    order.ClearField("price")
    if replaced.HasField("price"):
        order.price = replaced.price
    if replaced.HasField("stop_price"):
        order.stop_price = replaced.stop_price
    if order.leaves_quantity == 0:
        _end(order, FILLED, CancelReason.CANCEL_REASON_REPLACED_TO_FILLED)
    elif order.status == FILLED:
        order.status = PARTIALLY_FILLED  # a leg whose order was enlarged


def _restate(order: Order, restated: OrderRestated) -> None:
    order.quantity, order.leaves_quantity = restated.quantity, restated.leaves_quantity
    order.shown_quantity = restated.display_quantity
    order.ClearField("price")
    if restated.HasField("price"):
        order.price = restated.price


def _mend(order: Order, mended: OrderFillBusted | OrderFillCorrected) -> None:
    """Let a bust or correction take quantity back; it does not come to the book again."""
    less = order.cumulative_quantity - mended.cumulative_quantity
    order.cumulative_quantity = mended.cumulative_quantity
    order.cumulative_tick_lots = mended.cumulative_tick_lots
    if order.status not in ENDED:
        order.quantity -= less
        if order.cumulative_quantity == 0:
            order.status = NEW
    elif order.status == FILLED and less:
        order.status = CANCELLED
        order.cancel_reason = CancelReason.CANCEL_REASON_TRADE_BUSTED


def _end(
    order: Order, status: OrderStatus.ValueType, cancel_reason: CancelReason.ValueType
) -> None:
    order.status, order.cancel_reason, order.leaves_quantity = status, cancel_reason, 0
