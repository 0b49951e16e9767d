"""Orders as their commands asked for them.

Nested messages are handed over as dictionaries: one that is handed over as a message is copied, by
being serialised and parsed, which costs more than making it.
"""

from typing import Any

from quantumcore.server.core import kinds
from quantumcore.server.store.decoding.order_record import OrderRecord
from quantumcore.server.store.decoding.telling import Telling
from quantumcore.v1.types_pb2 import SelfTradePrevention

BEYOND_A_BYTE = 255  # an enum that no byte holds; what was sent stands elsewhere in the record
NO_PREVENTION = SelfTradePrevention.SELF_TRADE_PREVENTION_NONE


def enum_at(words: int, position: int) -> int:
    """Return an enum of packed terms; what no contract knows is UNSPECIFIED."""
    value = words >> position & 0xFF
    return 0 if value == BEYOND_A_BYTE else value


def prevention_in_force(telling: Telling, account_id: int, asked: int) -> int:
    """Return an order's own self-trade prevention, else its account's."""
    account = telling.state.accounts.get(account_id)
    inherited = account.self_trade_prevention if account is not None else 0
    return asked or inherited or NO_PREVENTION


def order_fields(record: OrderRecord, telling: Telling) -> dict[str, Any]:
    """Return the fields of an order as a record has it, terms of its command included."""
    words, state = record.words, record.state
    fields = {
        "order_id": record.order_id,
        "client_order_id": record.client_order_id,
        "account_id": record.account_id,
        "instrument_id": record.instrument_id,
        "side": state >> kinds.STATE_SIDE & 0xFF,
        "order_type": state >> kinds.STATE_ORDER_TYPE & 0xFF,
        "time_in_force": state >> kinds.STATE_TIME_IN_FORCE & 0xFF,
        "status": record.status,
        "quantity": words[kinds.EVENT_QUANTITY],
        "leaves_quantity": words[kinds.EVENT_LEAVES_QUANTITY],
    }
    if record.price is not None:
        fields["price"] = record.price
    if telling.command_kind == kinds.CREATE_ORDER:
        _add_terms(fields, telling, record.account_id)
    if record.order_id:
        fields["created_time_ns"] = fields["updated_time_ns"] = telling.time_ns
        fields["sequence"], fields["version"] = telling.sequence, record.version
    if record.leg_number:
        fields["multi_leg_order_id"] = record.package_id
        fields["leg_number"] = record.leg_number
    return fields


def _add_terms(fields: dict[str, Any], telling: Telling, account_id: int) -> None:
    command = telling.command
    terms = command[kinds.CREATE_TERMS]
    flags = terms >> kinds.TERM_FLAGS
    asked = enum_at(terms, kinds.TERM_SELF_TRADE_PREVENTION)
    if flags & kinds.FLAG_HAS_STOP_PRICE:
        fields["stop_price"] = command[kinds.CREATE_STOP_PRICE]
    fields["stop_trigger"] = enum_at(terms, kinds.TERM_STOP_TRIGGER)
    fields["peg_reference"] = enum_at(terms, kinds.TERM_PEG_REFERENCE)
    fields["display_quantity"] = command[kinds.CREATE_DISPLAY_QUANTITY]
    fields["peg_offset"] = command[kinds.CREATE_PEG_OFFSET]
    fields["min_quantity"] = command[kinds.CREATE_MIN_QUANTITY]
    fields["expire_time_ns"] = command[kinds.CREATE_EXPIRE_TIME_NS]
    fields["post_only"] = bool(flags & kinds.FLAG_POST_ONLY)
    fields["reduce_only"] = bool(flags & kinds.FLAG_REDUCE_ONLY)
    fields["self_trade_prevention"] = prevention_in_force(telling, account_id, asked)
