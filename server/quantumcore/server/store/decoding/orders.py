"""Events of single orders and of the orders that work legs; fills are in `fills.py`."""

from collections.abc import Callable

from quantumcore.server.core import enums, kinds
from quantumcore.server.store.decoding.order_record import OrderRecord
from quantumcore.server.store.decoding.order_terms import order_fields
from quantumcore.server.store.decoding.state import WorkingOrder
from quantumcore.server.store.decoding.telling import Telling
from quantumcore.v1 import event_pb2
from quantumcore.v1 import order_event_pb2 as events

Teller = Callable[[Telling, OrderRecord, WorkingOrder | None], None]
_FIELD = 0xFFFF


def reject_terms(record: OrderRecord) -> dict[str, int]:
    """Return reason, limit and value of a refusal as all rejections have them."""
    return {
        "reject_reason": record.words[kinds.EVENT_REJECT] & kinds.LOW_HALF,
        "reject_limit": record.words[kinds.EVENT_REJECT_LIMIT],
        "reject_value": record.words[kinds.EVENT_REJECT_VALUE],
    }


def reject_field(record: OrderRecord) -> int:
    """Return the number of the request's field that is to blame."""
    return record.words[kinds.EVENT_REJECT] >> kinds.REJECT_FIELD & _FIELD


def reject_leg(record: OrderRecord) -> int:
    """Return the number of the leg that is to blame."""
    return record.words[kinds.EVENT_REJECT] >> kinds.REJECT_LEG & 0xFF


def tell_accepted(telling: Telling, record: OrderRecord, _before: WorkingOrder | None) -> None:
    fields = order_fields(record, telling)
    payload = events.OrderAccepted(order=fields)  # type: ignore[arg-type]
    _tell(telling, record, event_pb2.EVENT_TYPE_ORDER_ACCEPTED, payload)
    words = record.words
    working = WorkingOrder(
        words[kinds.EVENT_PRICE], words[kinds.EVENT_QUANTITY], words[kinds.EVENT_LEAVES_QUANTITY]
    )
    working.stop_price = fields.get("stop_price", 0)
    working.stop_trigger = fields.get("stop_trigger", 0)
    telling.state.orders[record.order_id] = working


def tell_rejected(telling: Telling, record: OrderRecord, _before: WorkingOrder | None) -> None:
    payload = events.OrderRejected(
        order=order_fields(record, telling),  # type: ignore[arg-type]
        reject_field=reject_field(record),
        **reject_terms(record),  # type: ignore[arg-type]
    )
    telling.account(
        record.account_id, event_pb2.EVENT_TYPE_ORDER_REJECTED, payload, record.instrument_id
    )


def tell_triggered(telling: Telling, record: OrderRecord, before: WorkingOrder | None) -> None:
    payload = events.OrderTriggered()
    if before is not None:
        trigger = before.stop_trigger or enums.STOP_TRIGGER_LAST_TRADE
        payload.stop_trigger = trigger  # type: ignore[assignment]
        payload.trigger_price = before.stop_price
    _tell(telling, record, event_pb2.EVENT_TYPE_ORDER_TRIGGERED, payload)


def tell_replaced(telling: Telling, record: OrderRecord, before: WorkingOrder | None) -> None:
    words = record.words
    payload = events.OrderReplaced(
        quantity=words[kinds.EVENT_QUANTITY],
        price=record.price,
        client_order_id=record.client_order_id,
        original_client_order_id=record.original_client_order_id,
    )
    moved = False
    if record.status == enums.ORDER_STATUS_PENDING_TRIGGER and before is not None:
        moved = _replace_stop_price(telling, before)
        payload.stop_price = before.stop_price
    payload.kept_priority = not (
        moved
        or record.is_over
        or before is None
        or words[kinds.EVENT_PRICE] != before.price
        or words[kinds.EVENT_QUANTITY] > before.quantity
    )
    _tell(telling, record, event_pb2.EVENT_TYPE_ORDER_REPLACED, payload)


def _replace_stop_price(telling: Telling, before: WorkingOrder) -> bool:
    """Take the stop price that the command gives; return whether it is another."""
    command = telling.command
    if not command[kinds.REPLACE_FLAGS] & kinds.FLAG_HAS_STOP_PRICE:
        return False
    since = command[kinds.REPLACE_STOP_PRICE]
    moved, before.stop_price = since != before.stop_price, since
    return moved


def tell_cancelled(telling: Telling, record: OrderRecord, before: WorkingOrder | None) -> None:
    payload = events.OrderCancelled(
        cancel_reason=record.cancel_reason,  # type: ignore[arg-type]
        cancelled_quantity=before.leaves if before is not None else 0,
        cumulative_quantity=record.words[kinds.EVENT_CUMULATIVE_QUANTITY],
    )
    _tell(telling, record, event_pb2.EVENT_TYPE_ORDER_CANCELLED, payload)


def tell_expired(telling: Telling, record: OrderRecord, before: WorkingOrder | None) -> None:
    payload = events.OrderExpired(
        cancel_reason=record.cancel_reason,  # type: ignore[arg-type]
        expired_quantity=before.leaves if before is not None else 0,
        cumulative_quantity=record.words[kinds.EVENT_CUMULATIVE_QUANTITY],
    )
    _tell(telling, record, event_pb2.EVENT_TYPE_ORDER_EXPIRED, payload)


def tell_restated(telling: Telling, record: OrderRecord, _before: WorkingOrder | None) -> None:
    words = record.words
    payload = events.OrderRestated(
        reason=words[kinds.EVENT_RESTATEMENT],  # type: ignore[arg-type]
        quantity=words[kinds.EVENT_QUANTITY],
        price=record.price,
        leaves_quantity=words[kinds.EVENT_LEAVES_QUANTITY],
        display_quantity=words[kinds.EVENT_SHOWN_QUANTITY],
    )
    _tell(telling, record, event_pb2.EVENT_TYPE_ORDER_RESTATED, payload)


def tell_cancel_rejected(
    telling: Telling, record: OrderRecord, _before: WorkingOrder | None
) -> None:
    payload = events.OrderCancelRejected(
        client_order_id=record.client_order_id,
        **reject_terms(record),  # type: ignore[arg-type]
    )
    _tell_refused(telling, record, event_pb2.EVENT_TYPE_ORDER_CANCEL_REJECTED, payload)


def tell_replace_rejected(
    telling: Telling, record: OrderRecord, _before: WorkingOrder | None
) -> None:
    payload = events.OrderReplaceRejected(
        client_order_id=record.client_order_id,
        reject_field=reject_field(record),
        **reject_terms(record),  # type: ignore[arg-type]
    )
    _tell_refused(telling, record, event_pb2.EVENT_TYPE_ORDER_REPLACE_REJECTED, payload)


def tell_unwinding(telling: Telling, record: OrderRecord, _before: WorkingOrder | None) -> None:
    excess = record.words[kinds.EVENT_EXCESS_QUANTITY]
    payload = events.OrderUnwinding(excess_quantity=excess)
    _tell(telling, record, event_pb2.EVENT_TYPE_ORDER_UNWINDING, payload)


def tell_unwound(telling: Telling, record: OrderRecord, _before: WorkingOrder | None) -> None:
    payload = events.OrderUnwound(
        residual_quantity=record.words[kinds.EVENT_EXCESS_QUANTITY],
        cumulative_quantity=record.words[kinds.EVENT_CUMULATIVE_QUANTITY],
    )
    _tell(telling, record, event_pb2.EVENT_TYPE_ORDER_UNWOUND, payload)


def _tell_refused(
    telling: Telling,
    record: OrderRecord,
    event_type: int,
    payload: events.OrderCancelRejected | events.OrderReplaceRejected,
) -> None:
    """Tell of a refusal: of its order, or where no order is named of its account."""
    if record.order_id:
        _tell(telling, record, event_type, payload)
    else:
        telling.account(record.account_id, event_type, payload, record.instrument_id)


def _tell(telling: Telling, record: OrderRecord, event_type: int, payload: object) -> None:
    telling.order(
        record.order_id,
        record.version,
        event_type,
        record.account_id,
        record.instrument_id,
        payload,  # type: ignore[arg-type]
    )


TELLERS: dict[int, Teller] = {
    kinds.ORDER_ACCEPTED: tell_accepted,
    kinds.ORDER_REJECTED: tell_rejected,
    kinds.ORDER_TRIGGERED: tell_triggered,
    kinds.ORDER_REPLACED: tell_replaced,
    kinds.ORDER_CANCELLED: tell_cancelled,
    kinds.ORDER_EXPIRED: tell_expired,
    kinds.ORDER_RESTATED: tell_restated,
    kinds.CANCEL_REJECTED: tell_cancel_rejected,
    kinds.REPLACE_REJECTED: tell_replace_rejected,
    kinds.ORDER_UNWINDING: tell_unwinding,
    kinds.ORDER_UNWOUND: tell_unwound,
}
