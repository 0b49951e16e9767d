"""A multi-leg order as its events leave it."""

from collections.abc import Iterable

from quantumcore.v1 import event_pb2 as types
from quantumcore.v1.event_pb2 import Event
from quantumcore.v1.leg_pb2 import Leg
from quantumcore.v1.multi_leg_order_event_pb2 import (
    LegExcess,
    MendedLeg,
    MultiLegOrderExecutionBusted,
    MultiLegOrderLegFilled,
    MultiLegOrderPackageFilled,
)
from quantumcore.v1.multi_leg_order_pb2 import (
    ExecutionMode,
    MultiLegOrder,
    MultiLegOrderStatus,
)
from quantumcore.v1.reject_pb2 import CancelReason
from quantumcore.v1.types_pb2 import OrderStatus

SIMULTANEOUS = ExecutionMode.EXECUTION_MODE_SIMULTANEOUS
SEQUENTIAL = ExecutionMode.EXECUTION_MODE_SEQUENTIAL
FILLS = frozenset(
    {
        types.EVENT_TYPE_MULTI_LEG_ORDER_LEG_FILLED,
        types.EVENT_TYPE_MULTI_LEG_ORDER_PACKAGE_FILLED,
    }
)
PENDING = MultiLegOrderStatus.MULTI_LEG_ORDER_STATUS_PENDING
WORKING = MultiLegOrderStatus.MULTI_LEG_ORDER_STATUS_WORKING
PARTIALLY_FILLED = MultiLegOrderStatus.MULTI_LEG_ORDER_STATUS_PARTIALLY_FILLED
FILLED = MultiLegOrderStatus.MULTI_LEG_ORDER_STATUS_FILLED
UNWINDING = MultiLegOrderStatus.MULTI_LEG_ORDER_STATUS_UNWINDING
UNWOUND = MultiLegOrderStatus.MULTI_LEG_ORDER_STATUS_UNWOUND
CANCELLED = MultiLegOrderStatus.MULTI_LEG_ORDER_STATUS_CANCELLED
EXPIRED = MultiLegOrderStatus.MULTI_LEG_ORDER_STATUS_EXPIRED


def fold_multi_leg_order(  # noqa: C901, PLR0912 - a case for each event
    order: MultiLegOrder, event: Event
) -> None:
    """Let an order, empty before its first event, stand as after an event of its own."""
    match event.event_type:
        case types.EVENT_TYPE_MULTI_LEG_ORDER_CREATED:
            order.CopyFrom(event.multi_leg_order_created.multi_leg_order)
            if order.execution_mode == SIMULTANEOUS:
                order.status = WORKING
        case types.EVENT_TYPE_MULTI_LEG_ORDER_REPLACED:
            order.CopyFrom(event.multi_leg_order_replaced.multi_leg_order)
            if order.leaves_units == 0:
                _end(order, FILLED, CancelReason.CANCEL_REASON_REPLACED_TO_FILLED)
        case types.EVENT_TYPE_MULTI_LEG_ORDER_LEG_FILLED:
            _fill_leg(order, event.multi_leg_order_leg_filled)
        case types.EVENT_TYPE_MULTI_LEG_ORDER_PACKAGE_FILLED:
            _fill(order, event.multi_leg_order_package_filled)
        case types.EVENT_TYPE_MULTI_LEG_ORDER_EXECUTION_BUSTED:
            _undo(order, event.multi_leg_order_execution_busted)
        case types.EVENT_TYPE_MULTI_LEG_ORDER_EXECUTION_CORRECTED:
            _mend_legs(order, event.multi_leg_order_execution_corrected.legs)
        case types.EVENT_TYPE_MULTI_LEG_ORDER_UNWINDING:
            order.status = UNWINDING
            _set_residual(order, event.multi_leg_order_unwinding.excess)
        case types.EVENT_TYPE_MULTI_LEG_ORDER_UNWOUND:
            _end(order, UNWOUND, event.multi_leg_order_unwound.cancel_reason)
            _set_residual(order, event.multi_leg_order_unwound.residual)
        case types.EVENT_TYPE_MULTI_LEG_ORDER_CANCELLED:
            _end(order, CANCELLED, event.multi_leg_order_cancelled.cancel_reason)
            _set_residual(order, event.multi_leg_order_cancelled.residual)
        case types.EVENT_TYPE_MULTI_LEG_ORDER_EXPIRED:
            _end(order, EXPIRED, event.multi_leg_order_expired.cancel_reason)
            _set_residual(order, event.multi_leg_order_expired.residual)
    if event.event_type in FILLS and order.execution_mode == SEQUENTIAL:
        _measure_excess(order)
    order.sequence, order.updated_time_ns = event.sequence, event.time_ns
    order.version = event.aggregate_version


def _fill_leg(order: MultiLegOrder, filled: MultiLegOrderLegFilled) -> None:
    leg, fill = order.legs[filled.leg_number - 1], filled.fill
    if filled.unwind:
        leg.unwound_quantity += fill.quantity
        leg.unwound_tick_lots = filled.unwound_tick_lots
        return
    leg.cumulative_quantity, leg.leaves_quantity = fill.cumulative_quantity, fill.leaves_quantity
    leg.cumulative_tick_lots = fill.cumulative_tick_lots
    leg.status = (
        OrderStatus.ORDER_STATUS_FILLED
        if leg.leaves_quantity == 0
        else OrderStatus.ORDER_STATUS_PARTIALLY_FILLED
    )


def _measure_excess(order: MultiLegOrder) -> None:
    """Take what legs of a sequential order have traded beyond whole units."""
    if order.status in (PENDING, WORKING):
        order.status = PARTIALLY_FILLED
    for leg in order.legs:
        kept = leg.cumulative_quantity - leg.unwound_quantity
        leg.residual_quantity = kept - leg.ratio * order.filled_units


def _fill(order: MultiLegOrder, filled: MultiLegOrderPackageFilled) -> None:
    order.filled_units, order.leaves_units = filled.filled_units, filled.leaves_units
    if order.leaves_units == 0:
        order.status = FILLED
    elif order.status != UNWINDING:
        order.status = PARTIALLY_FILLED


def _undo(order: MultiLegOrder, busted: MultiLegOrderExecutionBusted) -> None:
    """Take an execution back; its units do not come back to an order that works."""
    order.units, order.filled_units = busted.units, busted.filled_units
    order.leaves_units = busted.leaves_units
    _mend_legs(order, busted.legs)
    if order.status == FILLED:
        order.status = CANCELLED
        order.cancel_reason = CancelReason.CANCEL_REASON_TRADE_BUSTED
    elif order.status == PARTIALLY_FILLED and order.filled_units == 0:
        order.status = WORKING


def _mend_legs(order: MultiLegOrder, mended: Iterable[MendedLeg]) -> None:
    for one in mended:
        leg = order.legs[one.leg_number - 1]
        leg.quantity, leg.status = one.quantity, one.status
        leg.cumulative_quantity, leg.leaves_quantity = one.cumulative_quantity, one.leaves_quantity
        leg.cumulative_tick_lots = one.cumulative_tick_lots


def _set_residual(order: MultiLegOrder, excess: Iterable[LegExcess]) -> None:
    quantities = {one.leg_number: one.quantity for one in excess}
    for leg in order.legs:
        leg.residual_quantity = quantities.get(leg.leg_number, 0)


def _end(
    order: MultiLegOrder,
    status: MultiLegOrderStatus.ValueType,
    cancel_reason: CancelReason.ValueType,
) -> None:
    order.status, order.cancel_reason, order.leaves_units = status, cancel_reason, 0
    for leg in order.legs:
        _end_leg(leg)


def _end_leg(leg: Leg) -> None:
    """End a leg with its order: filled where all of it traded, else cancelled."""
    leg.leaves_quantity = 0
    leg.status = (
        OrderStatus.ORDER_STATUS_FILLED
        if leg.cumulative_quantity == leg.quantity
        else OrderStatus.ORDER_STATUS_CANCELLED
    )
