"""Orders as their commands asked for them."""

from quantumcore.server.core import kinds
from quantumcore.server.store.decoding.order_record import OrderRecord
from quantumcore.server.store.decoding.telling import Telling
from quantumcore.v1.order_pb2 import Order
from quantumcore.v1.types_pb2 import SelfTradePrevention

BEYOND_A_BYTE = 255  # an enum that no byte holds; what was sent stands elsewhere in the record


def enum_at(words: int, position: int) -> int:
    """Return an enum of packed terms; what no contract knows is UNSPECIFIED."""
    value = words >> position & 0xFF
    return 0 if value == BEYOND_A_BYTE else value


def prevention_in_force(telling: Telling, account_id: int, asked: int) -> int:
    """Return an order's own self-trade prevention, else its account's."""
    account = telling.state.accounts.get(account_id)
    inherited = account.self_trade_prevention if account is not None else 0
    return asked or inherited or SelfTradePrevention.SELF_TRADE_PREVENTION_NONE


def order_of(record: OrderRecord, telling: Telling) -> Order:
    """Return the order of a record as it stands, terms of its command included."""
    words, state = record.words, record.state
    order = Order(
        order_id=record.order_id,
        client_order_id=record.client_order_id,
        account_id=record.account_id,
        instrument_id=record.instrument_id,
        side=state >> kinds.STATE_SIDE & 0xFF,  # type: ignore[arg-type]
        order_type=state >> kinds.STATE_ORDER_TYPE & 0xFF,  # type: ignore[arg-type]
        time_in_force=state >> kinds.STATE_TIME_IN_FORCE & 0xFF,  # type: ignore[arg-type]
        status=record.status,  # type: ignore[arg-type]
        price=record.price,
        quantity=words[kinds.EVENT_QUANTITY],
        leaves_quantity=words[kinds.EVENT_LEAVES_QUANTITY],
    )
    if telling.command_kind == kinds.CREATE_ORDER:
        _add_terms(order, telling)
    if record.order_id:
        order.created_time_ns = order.updated_time_ns = telling.time_ns
        order.sequence, order.version = telling.sequence, record.version
    if record.leg_number:
        order.multi_leg_order_id = record.package_id
        order.leg_number = record.leg_number
    return order


def _add_terms(order: Order, telling: Telling) -> None:
    command = telling.command
    terms = command[kinds.CREATE_TERMS]
    flags = terms >> kinds.TERM_FLAGS
    asked = enum_at(terms, kinds.TERM_SELF_TRADE_PREVENTION)
    if flags & kinds.FLAG_HAS_STOP_PRICE:
        order.stop_price = command[kinds.CREATE_STOP_PRICE]
    order.stop_trigger = enum_at(terms, kinds.TERM_STOP_TRIGGER)  # type: ignore[assignment]
    order.peg_reference = enum_at(terms, kinds.TERM_PEG_REFERENCE)  # type: ignore[assignment]
    order.display_quantity = command[kinds.CREATE_DISPLAY_QUANTITY]
    order.peg_offset = command[kinds.CREATE_PEG_OFFSET]
    order.min_quantity = command[kinds.CREATE_MIN_QUANTITY]
    order.expire_time_ns = command[kinds.CREATE_EXPIRE_TIME_NS]
    order.post_only = bool(flags & kinds.FLAG_POST_ONLY)
    order.reduce_only = bool(flags & kinds.FLAG_REDUCE_ONLY)
    prevention = prevention_in_force(telling, order.account_id, asked)
    order.self_trade_prevention = prevention  # type: ignore[assignment]
