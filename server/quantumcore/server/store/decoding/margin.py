"""What is reserved for orders, and how it goes over to positions or back."""

from quantumcore.server.core import kinds
from quantumcore.server.store.decoding.order_record import OrderRecord
from quantumcore.server.store.decoding.state import Terms, WorkingOrder
from quantumcore.server.store.decoding.telling import Telling, clipped
from quantumcore.v1 import event_pb2
from quantumcore.v1.account_event_pb2 import MarginMoved, MarginReleased, MarginReserved
from quantumcore.v1.types_pb2 import Money


def tell_reserved(
    telling: Telling, record: OrderRecord, terms: Terms, before: WorkingOrder | None
) -> int:
    """Tell how a reservation has changed with an order's event; return what is reserved since."""
    had = before.reserved if before is not None else 0
    told = record.reserved
    if told is None:
        return had
    since, of_account = told
    funds = telling.state.funds_of(record.account_id, terms.currency)
    funds.reserved = of_account
    if since == had:
        return since
    amount = Money(currency=terms.code, minor_units=clipped(abs(since - had)))
    single, package = (0, record.order_id) if record.is_package else (record.order_id, 0)
    instrument_id = record.instrument_id
    if since > had:
        reserved = MarginReserved(
            order_id=single,
            multi_leg_order_id=package,
            amount=amount,
            reserved_minor_units=clipped(of_account),
        )
        event_type = event_pb2.EVENT_TYPE_MARGIN_RESERVED
        telling.account(record.account_id, event_type, reserved, instrument_id)
    elif record.kind == kinds.ORDER_FILLED:
        moved = MarginMoved(
            order_id=single,
            multi_leg_order_id=package,
            instrument_id=instrument_id,
            amount=amount,
            reserved_minor_units=clipped(of_account),
            margin_minor_units=clipped(funds.margin),
        )
        telling.account(record.account_id, event_pb2.EVENT_TYPE_MARGIN_MOVED, moved, instrument_id)
    else:
        released = MarginReleased(
            order_id=single,
            multi_leg_order_id=package,
            amount=amount,
            reserved_minor_units=clipped(of_account),
            margin_minor_units=clipped(funds.margin),
        )
        event_type = event_pb2.EVENT_TYPE_MARGIN_RELEASED
        telling.account(record.account_id, event_type, released, instrument_id)
    return since
