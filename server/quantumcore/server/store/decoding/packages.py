"""Events of multi-leg orders as a whole."""

from collections.abc import Callable, Iterable

from quantumcore.server.core import enums, kinds
from quantumcore.server.store.decoding import package_mending
from quantumcore.server.store.decoding.order_record import OrderRecord
from quantumcore.server.store.decoding.orders import reject_field, reject_leg, reject_terms
from quantumcore.server.store.decoding.package_terms import package_of, take_leg
from quantumcore.server.store.decoding.state import Package, WorkingOrder
from quantumcore.server.store.decoding.telling import Telling
from quantumcore.v1 import event_pb2
from quantumcore.v1 import multi_leg_order_event_pb2 as events
from quantumcore.v1.multi_leg_order_pb2 import MultiLegOrder, MultiLegOrderStatus

LegRecords = Iterable[OrderRecord]
"""The records of the order's legs that follow in the same command."""
Teller = Callable[[Telling, OrderRecord, LegRecords], None]

STATUSES = {
    enums.ORDER_STATUS_NEW: MultiLegOrderStatus.MULTI_LEG_ORDER_STATUS_WORKING,
    enums.ORDER_STATUS_PARTIALLY_FILLED: (
        MultiLegOrderStatus.MULTI_LEG_ORDER_STATUS_PARTIALLY_FILLED
    ),
    enums.ORDER_STATUS_FILLED: MultiLegOrderStatus.MULTI_LEG_ORDER_STATUS_FILLED,
    enums.ORDER_STATUS_UNWINDING: MultiLegOrderStatus.MULTI_LEG_ORDER_STATUS_UNWINDING,
}


def tell_created(telling: Telling, record: OrderRecord, legs: LegRecords) -> None:
    message = package_of(record, telling)
    message.created_time_ns = message.updated_time_ns = telling.time_ns
    message.sequence, message.version = telling.sequence, 1
    telling.state.packages[record.order_id] = Package(message)
    for leg in legs:
        if leg.kind != kinds.ORDER_ACCEPTED:
            break
        take_leg(message, leg)
    words = record.words
    telling.state.orders[record.order_id] = WorkingOrder(
        words[kinds.EVENT_PRICE], words[kinds.EVENT_QUANTITY], words[kinds.EVENT_LEAVES_QUANTITY]
    )
    payload = events.MultiLegOrderCreated(multi_leg_order=message)
    _tell(telling, record, event_pb2.EVENT_TYPE_MULTI_LEG_ORDER_CREATED, payload)


def tell_rejected(telling: Telling, record: OrderRecord, _legs: LegRecords) -> None:
    payload = events.MultiLegOrderRejected(
        multi_leg_order=package_of(record, telling),
        reject_field=reject_field(record),
        reject_leg_number=reject_leg(record),
        **reject_terms(record),  # type: ignore[arg-type]
    )
    telling.account(record.account_id, event_pb2.EVENT_TYPE_MULTI_LEG_ORDER_REJECTED, payload)


def tell_replaced(telling: Telling, record: OrderRecord, legs: LegRecords) -> None:
    message = telling.state.packages[record.order_id].message
    units = record.words[kinds.EVENT_QUANTITY] // kinds.UNIT
    if message.min_units == message.units and not message.HasField("sequential_terms"):
        message.min_units = units
    message.units = units
    message.client_order_id = record.client_order_id
    message.ClearField("net_price")
    if record.price is not None:
        message.net_price = record.price
    for leg in legs:
        if leg.kind != kinds.ORDER_REPLACED:
            break
        take_leg(message, leg)
    _take(telling, record, message)
    payload = events.MultiLegOrderReplaced(
        multi_leg_order=message, original_client_order_id=record.original_client_order_id
    )
    _tell(telling, record, event_pb2.EVENT_TYPE_MULTI_LEG_ORDER_REPLACED, payload)


def tell_filled(telling: Telling, record: OrderRecord, _legs: LegRecords) -> None:
    words = record.words
    payload = events.MultiLegOrderPackageFilled(
        package_execution_id=words[kinds.EVENT_PACKAGE_EXECUTION],
        units=words[kinds.EVENT_LAST_QUANTITY] // kinds.UNIT,
        filled_units=words[kinds.EVENT_CUMULATIVE_QUANTITY] // kinds.UNIT,
        leaves_units=words[kinds.EVENT_LEAVES_QUANTITY] // kinds.UNIT,
        net_price=words[kinds.EVENT_LAST_PRICE],
    )
    _tell(telling, record, event_pb2.EVENT_TYPE_MULTI_LEG_ORDER_PACKAGE_FILLED, payload)


def tell_unwinding(telling: Telling, record: OrderRecord, legs: LegRecords) -> None:
    message = telling.state.packages[record.order_id].message
    payload = events.MultiLegOrderUnwinding(unwind_policy=message.sequential_terms.unwind_policy)
    for leg in legs:
        if leg.kind != kinds.ORDER_UNWINDING:
            break
        payload.excess.add(
            leg_number=leg.leg_number, quantity=leg.words[kinds.EVENT_EXCESS_QUANTITY]
        )
    _tell(telling, record, event_pb2.EVENT_TYPE_MULTI_LEG_ORDER_UNWINDING, payload)


def tell_unwound(telling: Telling, record: OrderRecord, _legs: LegRecords) -> None:
    payload = events.MultiLegOrderUnwound(
        residual=_residual(telling, record),
        filled_units=_filled_units(record),
        cancel_reason=record.cancel_reason,  # type: ignore[arg-type]
    )
    _tell(telling, record, event_pb2.EVENT_TYPE_MULTI_LEG_ORDER_UNWOUND, payload)


def tell_cancelled(telling: Telling, record: OrderRecord, _legs: LegRecords) -> None:
    payload = events.MultiLegOrderCancelled(
        cancel_reason=record.cancel_reason,  # type: ignore[arg-type]
        cancelled_units=telling.state.packages[record.order_id].message.leaves_units,
        filled_units=_filled_units(record),
        residual=_residual(telling, record),
    )
    _tell(telling, record, event_pb2.EVENT_TYPE_MULTI_LEG_ORDER_CANCELLED, payload)


def tell_expired(telling: Telling, record: OrderRecord, _legs: LegRecords) -> None:
    payload = events.MultiLegOrderExpired(
        cancel_reason=record.cancel_reason,  # type: ignore[arg-type]
        expired_units=telling.state.packages[record.order_id].message.leaves_units,
        filled_units=_filled_units(record),
        residual=_residual(telling, record),
    )
    _tell(telling, record, event_pb2.EVENT_TYPE_MULTI_LEG_ORDER_EXPIRED, payload)


def tell_cancel_rejected(telling: Telling, record: OrderRecord, _legs: LegRecords) -> None:
    payload = events.MultiLegOrderCancelRejected(
        client_order_id=record.client_order_id,
        reject_reason=reject_terms(record)["reject_reason"],  # type: ignore[arg-type]
    )
    event_type = event_pb2.EVENT_TYPE_MULTI_LEG_ORDER_CANCEL_REJECTED
    _tell_refused(telling, record, event_type, payload)


def tell_replace_rejected(telling: Telling, record: OrderRecord, _legs: LegRecords) -> None:
    payload = events.MultiLegOrderReplaceRejected(
        client_order_id=record.client_order_id,
        reject_field=reject_field(record),
        reject_leg_number=reject_leg(record),
        **reject_terms(record),  # type: ignore[arg-type]
    )
    event_type = event_pb2.EVENT_TYPE_MULTI_LEG_ORDER_REPLACE_REJECTED
    _tell_refused(telling, record, event_type, payload)


def finish(telling: Telling, record: OrderRecord) -> None:
    """Let the order stand as its record has it; one that has ended is forgotten."""
    package = telling.state.packages.get(record.order_id)
    if package is None:
        return
    if record.is_over:
        telling.state.end_package(record.order_id)
    else:
        _take(telling, record, package.message)


def _take(telling: Telling, record: OrderRecord, message: MultiLegOrder) -> None:
    words = record.words
    message.filled_units = _filled_units(record)
    message.leaves_units = words[kinds.EVENT_LEAVES_QUANTITY] // kinds.UNIT
    message.status = STATUSES[record.status]
    message.updated_time_ns, message.sequence = telling.time_ns, telling.sequence
    message.version = telling.state.package_versions.get(record.order_id, 0) + 1


def _residual(telling: Telling, record: OrderRecord) -> list[events.LegExcess]:
    """Return what legs have beyond whole units; they have ended before their order."""
    return [
        events.LegExcess(leg_number=leg.leg_number, quantity=leg.residual_quantity)
        for leg in telling.state.packages[record.order_id].message.legs
        if leg.residual_quantity
    ]


def _filled_units(record: OrderRecord) -> int:
    return record.words[kinds.EVENT_CUMULATIVE_QUANTITY] // kinds.UNIT


def _tell_refused(
    telling: Telling,
    record: OrderRecord,
    event_type: int,
    payload: events.MultiLegOrderCancelRejected | events.MultiLegOrderReplaceRejected,
) -> None:
    """Tell of a refusal: of its order, or where no order is named of its account."""
    if record.order_id:
        _tell(telling, record, event_type, payload)
    else:
        telling.account(record.account_id, event_type, payload)


def _tell(telling: Telling, record: OrderRecord, event_type: int, payload: object) -> None:
    telling.package(
        record.order_id,
        event_type,
        record.account_id,
        payload,  # type: ignore[arg-type]
    )


TELLERS: dict[int, Teller] = {
    kinds.ORDER_ACCEPTED: tell_created,
    kinds.ORDER_REJECTED: tell_rejected,
    kinds.ORDER_REPLACED: tell_replaced,
    kinds.ORDER_FILLED: tell_filled,
    kinds.ORDER_UNWINDING: tell_unwinding,
    kinds.ORDER_UNWOUND: tell_unwound,
    kinds.ORDER_CANCELLED: tell_cancelled,
    kinds.ORDER_EXPIRED: tell_expired,
    kinds.CANCEL_REJECTED: tell_cancel_rejected,
    kinds.REPLACE_REJECTED: tell_replace_rejected,
    kinds.ORDER_FILL_BUSTED: package_mending.tell_busted,
    kinds.ORDER_FILL_CORRECTED: package_mending.tell_corrected,
}
