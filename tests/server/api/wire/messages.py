"""Random messages of the contract, and the records that they should become."""

from collections.abc import Mapping, Sequence
from typing import Any

from google.protobuf import message_factory
from google.protobuf.descriptor import FieldDescriptor
from google.protobuf.message import Message
from hypothesis import strategies as st

from quantumcore.server.core import enums, kinds
from quantumcore.v1 import order_service_pb2 as pb

COMMANDS: Mapping[str, type[Message]] = {
    "create_order": pb.CreateOrderRequest,
    "replace_order": pb.ReplaceOrderRequest,
    "cancel_order": pb.CancelOrderRequest,
    "cancel_orders": pb.CancelOrdersRequest,
    "create_multi_leg_order": pb.CreateMultiLegOrderRequest,
    "replace_multi_leg_order": pb.ReplaceMultiLegOrderRequest,
    "cancel_multi_leg_order": pb.CancelMultiLegOrderRequest,
}
UNARY = ("create_order", "replace_order", "cancel_order", "cancel_orders")
RECORD_KINDS = {
    "create_order": kinds.CREATE_ORDER,
    "replace_order": kinds.REPLACE_ORDER,
    "cancel_order": kinds.CANCEL_ORDER,
    "cancel_orders": kinds.CANCEL_ORDERS,
    "create_multi_leg_order": kinds.CREATE_PACKAGE,
    "replace_multi_leg_order": kinds.REPLACE_PACKAGE,
    "cancel_multi_leg_order": kinds.CANCEL_PACKAGE,
}

EDGES = [0, 1, 127, 128, 254, 255, 256, 2**31 - 1]
PRINTABLE = st.text(st.characters(min_codepoint=32, max_codepoint=126), max_size=70)
VALUES: dict[int, st.SearchStrategy[Any]] = {
    FieldDescriptor.TYPE_FIXED64: st.integers(0, 2**64 - 1) | st.sampled_from([*EDGES, 2**64 - 1]),
    FieldDescriptor.TYPE_INT64: st.integers(-(2**63), 2**63 - 1) | st.sampled_from(EDGES),
    FieldDescriptor.TYPE_UINT32: st.integers(0, 2**32 - 1) | st.integers(0, 12),
    FieldDescriptor.TYPE_ENUM: st.integers(0, 9)
    | st.sampled_from([*EDGES, -1, -(2**31)])
    | st.integers(-(2**31), 2**31 - 1),
    FieldDescriptor.TYPE_BOOL: st.booleans(),
    FieldDescriptor.TYPE_STRING: PRINTABLE | st.text(max_size=80),
}


@st.composite
def messages(draw: st.DrawFn, kind: type[Message]) -> Message:
    """Fill some fields of a message."""
    message = kind()
    for field in kind.DESCRIPTOR.fields:
        if not draw(st.booleans()):
            continue
        if field.message_type is None:
            setattr(message, field.name, draw(VALUES[field.type]))
            continue
        described: Any = field.message_type
        part = messages(message_factory.GetMessageClass(described))
        if field.is_repeated:
            getattr(message, field.name).extend(draw(st.lists(part, max_size=6)))
        else:
            getattr(message, field.name).CopyFrom(draw(part))
    return message


@st.composite
def commands(draw: st.DrawFn, names: Sequence[str] = sorted(COMMANDS)) -> tuple[str, Message]:
    """Draw the name of a command and its request."""
    name = draw(st.sampled_from(names))
    return name, draw(messages(COMMANDS[name]))


def trade_request(drawn: list[tuple[str, Message]]) -> bytes:
    """Serialise a batch of commands."""
    request = pb.TradeRequest()
    for name, message in drawn:
        getattr(request.commands.add(), name).CopyFrom(message)
        getattr(request.commands[-1], name).SetInParent()
    return request.SerializeToString()


def signed(value: int) -> int:
    """Read the lower 64 bits as int64."""
    return int.from_bytes((value % 2**64).to_bytes(8, "little"), "little", signed=True)


def words_of(data: bytes) -> list[int]:
    """Lay text out in words."""
    padded = data.ljust(-(-len(data) // 8) * 8, b"\0")
    return list(memoryview(padded).cast("q"))


def text(value: str) -> tuple[int, list[int]]:
    """Return a client order id's length word and its words."""
    data = value.encode()
    stored = data[:64] if len(data) != 65535 else b""
    if any(not 32 <= byte <= 126 for byte in stored):
        return 65535, []
    return len(data), words_of(stored)


CHOICES = (
    "side",
    "order_type",
    "time_in_force",
    "stop_trigger",
    "peg_reference",
    "self_trade_prevention",
)


def enum(value: int) -> int:
    """Narrow an enum to its byte; what was sent then stands behind the other words."""
    return value if 0 <= value <= 254 else 255


def sent(choices: Sequence[int]) -> list[int]:
    """Return the first enum that is more than its byte holds."""
    return [value for value in choices if enum(value) == 255][:1]


def flags(message: Message, bits: Mapping[str, int]) -> int:
    """Collect flags of presence and of truth."""
    total = 0
    for name, bit in bits.items():
        field = message.DESCRIPTOR.fields_by_name[name]
        present = message.HasField(name) if field.has_presence else getattr(message, name)
        total |= bit if present else 0
    return total


def record(name: str, message: Any, actor: int, permitted: bytes) -> list[int]:
    """Return the words of a command, built from what protobuf's own parser read."""
    instrument = getattr(message, "instrument_id", 0)
    body = BODIES[name](message)
    words = [
        0,
        signed(message.request_id),
        signed(message.account_id | instrument << 32),
        actor,
        *body,
    ]
    allowed = not permitted or permitted[message.account_id : message.account_id + 1] == b"\1"
    if permitted and message.account_id == 0:
        allowed = False
    reason = 0 if allowed else enums.REJECT_REASON_NOT_PERMITTED
    words[0] = RECORD_KINDS[name] | len(words) << 16 | reason << 32
    return words


def _create(message: Any) -> list[int]:
    terms = 0
    choices = [getattr(message, field) for field in CHOICES]
    for field, value in zip(CHOICES, choices, strict=True):
        terms |= enum(value) << getattr(kinds, f"TERM_{field.upper()}")
    bits = {
        "price": kinds.FLAG_HAS_PRICE,
        "stop_price": kinds.FLAG_HAS_STOP_PRICE,
        "post_only": kinds.FLAG_POST_ONLY,
        "reduce_only": kinds.FLAG_REDUCE_ONLY,
    }
    terms |= flags(message, bits) << kinds.TERM_FLAGS
    length, words = text(message.client_order_id)
    return [
        terms,
        message.quantity,
        message.price,
        message.stop_price,
        message.display_quantity,
        message.peg_offset,
        message.min_quantity,
        message.expire_time_ns,
        length,
        *words,
        *sent(choices),
    ]


def _replace(message: Any) -> list[int]:
    bits = {
        "price": kinds.FLAG_HAS_PRICE,
        "quantity": kinds.FLAG_HAS_QUANTITY,
        "stop_price": kinds.FLAG_HAS_STOP_PRICE,
    }
    old_length, old = text(message.client_order_id)
    new_length, new = text(message.new_client_order_id)
    return [
        signed(message.order_id),
        flags(message, bits),
        message.quantity,
        message.price,
        message.stop_price,
        old_length | new_length << 32,
        *old,
        *new,
    ]


def _cancel(message: Any) -> list[int]:
    length, words = text(message.client_order_id)
    return [signed(message.order_id), length, *words]


def _cancel_many(message: Any) -> list[int]:
    return [message.side, signed(message.session_id), 0]


def _create_package(message: Any) -> list[int]:
    terms = enum(message.execution_mode) << kinds.PACKAGE_TERM_MODE
    terms |= enum(message.time_in_force) << kinds.PACKAGE_TERM_TIME_IN_FORCE
    terms |= enum(message.self_trade_prevention) << kinds.PACKAGE_TERM_SELF_TRADE_PREVENTION
    terms |= enum(message.sequential_terms.unwind_policy) << kinds.PACKAGE_TERM_UNWIND_POLICY
    terms |= min(len(message.legs), 255) << kinds.PACKAGE_TERM_LEGS
    terms |= min(len(message.price_constraints), 255) << kinds.PACKAGE_TERM_CONSTRAINTS
    bits = {"net_price": kinds.FLAG_HAS_PRICE, "sequential_terms": kinds.FLAG_SEQUENTIAL}
    terms |= flags(message, bits) << kinds.PACKAGE_TERM_FLAGS
    deadline = min(message.sequential_terms.leg_deadline_ms, 2**31 - 1)
    slippage = min(message.sequential_terms.max_slippage_basis_points, 2**31 - 1)
    legs = [word for leg in message.legs[:4] for word in _leg(leg)]
    constraints = [word for one in message.price_constraints[:8] for word in _constraint(one)]
    length, words = text(message.client_order_id)
    choices = [message.execution_mode, message.time_in_force, message.self_trade_prevention]
    return [
        terms,
        message.units,
        message.min_units,
        message.net_price,
        message.expire_time_ns,
        deadline | slippage << 32,
        *legs,
        *[0] * (4 * 3 - len(legs)),
        *constraints,
        *[0] * (8 * 3 - len(constraints)),
        length,
        *words,
        *sent([*[leg.side for leg in message.legs[:4]], *choices]),
    ]


def _leg(leg: Any) -> list[int]:
    terms = leg.instrument_id | enum(leg.side) << 32
    return [terms | flags(leg, {"price": 1}) << 40, leg.ratio, leg.price]


def _constraint(constraint: Any) -> list[int]:
    name = constraint.WhichOneof("constraint")
    if name is None:
        return [0, 0, 0]
    one = getattr(constraint, name)
    kind, bounds = {
        "ratio_band": (1, ("min_ratio", "max_ratio")),
        "max_deviation": (2, ("max_deviation_basis_points",)),
        "max_spread": (3, ("max_spread",)),
    }[name]
    values = [getattr(one, bound) for bound in bounds]
    return [kind | enum(one.leg_a) << 8 | enum(one.leg_b) << 16, *values, *[0] * (2 - len(values))]


def _replace_package(message: Any) -> list[int]:
    bits = {"net_price": kinds.FLAG_HAS_PRICE, "units": kinds.FLAG_HAS_QUANTITY}
    total, other, prices, seen = flags(message, bits), 0, [0, 0, 0, 0], set()
    for leg in message.leg_prices:
        if not 1 <= leg.leg_number <= 4:
            total |= 1 << 16
            other = other or min(leg.leg_number, 2**31 - 1)
            continue
        number = leg.leg_number - 1
        if number in seen:
            total |= 1 << 17 + number
            continue
        total |= 1 << 8 + number | flags(leg, {"price": 1}) << 12 + number
        seen.add(number)
        prices[number] = leg.price
    old_length, old = text(message.client_order_id)
    new_length, new = text(message.new_client_order_id)
    return [
        signed(message.multi_leg_order_id),
        total | other << 32,
        message.units,
        message.net_price,
        *prices,
        old_length | new_length << 32,
        *old,
        *new,
    ]


def _cancel_package(message: Any) -> list[int]:
    length, words = text(message.client_order_id)
    return [signed(message.multi_leg_order_id), length, *words]


BODIES = {
    "create_order": _create,
    "replace_order": _replace,
    "cancel_order": _cancel,
    "cancel_orders": _cancel_many,
    "create_multi_leg_order": _create_package,
    "replace_multi_leg_order": _replace_package,
    "cancel_multi_leg_order": _cancel_package,
}
