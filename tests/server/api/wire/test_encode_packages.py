"""What answers on multi-leg orders become: the bytes that protobuf's own serialiser gives."""

from types import ModuleType
from typing import Any

from google.protobuf.descriptor import FieldDescriptor
from hypothesis import given
from hypothesis import strategies as st

from quantumcore.server.core import enums, kinds
from quantumcore.server.core.exchange_cy import Exchange
from quantumcore.v1 import multi_leg_order_pb2, order_pb2, order_service_pb2
from tests.server.api.wire.messages import VALUES, signed, words_of
from tests.server.api.wire.test_encode import (
    BYTE,
    TEXT,
    WIDTHS,
    command,
    fixtures,
    result_row,
)

CORE_STATUSES = {
    0: multi_leg_order_pb2.MULTI_LEG_ORDER_STATUS_UNSPECIFIED,
    enums.ORDER_STATUS_NEW: multi_leg_order_pb2.MULTI_LEG_ORDER_STATUS_WORKING,
    enums.ORDER_STATUS_PARTIALLY_FILLED: (
        multi_leg_order_pb2.MULTI_LEG_ORDER_STATUS_PARTIALLY_FILLED
    ),
    enums.ORDER_STATUS_FILLED: multi_leg_order_pb2.MULTI_LEG_ORDER_STATUS_FILLED,
    enums.ORDER_STATUS_CANCELLED: multi_leg_order_pb2.MULTI_LEG_ORDER_STATUS_CANCELLED,
    enums.ORDER_STATUS_REJECTED: multi_leg_order_pb2.MULTI_LEG_ORDER_STATUS_REJECTED,
    enums.ORDER_STATUS_EXPIRED: multi_leg_order_pb2.MULTI_LEG_ORDER_STATUS_EXPIRED,
    enums.ORDER_STATUS_UNWINDING: multi_leg_order_pb2.MULTI_LEG_ORDER_STATUS_UNWINDING,
    enums.ORDER_STATUS_UNWOUND: multi_leg_order_pb2.MULTI_LEG_ORDER_STATUS_UNWOUND,
}
PENDING = multi_leg_order_pb2.MULTI_LEG_ORDER_STATUS_PENDING
PACKAGE_COMMANDS = (kinds.CREATE_PACKAGE, kinds.REPLACE_PACKAGE, kinds.CANCEL_PACKAGE)


@st.composite
def package_acknowledgements(draw: st.DrawFn) -> tuple[int, Any]:
    """Draw a core status, and the answer to a command on a multi-leg order of that status."""
    ack = multi_leg_order_pb2.MultiLegOrderAcknowledgement()
    for field in ack.DESCRIPTOR.fields:
        if field.message_type is None and draw(st.booleans()):
            value = TEXT if field.type == FieldDescriptor.TYPE_STRING else VALUES[field.type]
            value = {"reject_reason": st.integers(0, 65_535), **WIDTHS}.get(field.name, value)
            setattr(ack, field.name, draw(value))
    core = draw(st.sampled_from(sorted(CORE_STATUSES)))
    ack.status = CORE_STATUSES[core]
    for number in range(draw(st.sampled_from([0, 2, 3, 4]))):
        leg = ack.legs.add()
        for field in leg.DESCRIPTOR.fields:
            if draw(st.booleans()):
                narrow = BYTE if field.name in ("side", "status") else VALUES[field.type]
                setattr(leg, field.name, draw(narrow))
        leg.leg_number = number + 1
    if not ack.legs:
        ack.filled_units = ack.leaves_units = 0
    elif core == enums.ORDER_STATUS_NEW and draw(st.booleans()):
        ack.status = PENDING
    return core, ack


def package_command(kind: int, name: str, unused: str) -> list[int]:
    """Return a command on a multi-leg order whose answer repeats a name."""
    if kind == kinds.CREATE_PACKAGE:
        words = [0] * kinds.PACKAGE_TEXT_LENGTH + [len(name), *words_of(name.encode())]
    elif kind == kinds.CANCEL_PACKAGE:
        words = [0] * kinds.CANCEL_TEXT_LENGTH + [len(name), *words_of(name.encode())]
    elif name:
        texts = [*words_of(unused.encode()), *words_of(name.encode())]
        words = [0] * kinds.AMEND_TEXT_LENGTHS + [len(unused) | len(name) << 32, *texts]
    else:
        words = [0] * kinds.AMEND_TEXT_LENGTHS + [len(unused), *words_of(unused.encode())]
    words[0] = kind | len(words) << 16
    return words


def package_answer(ack: Any, name: str) -> list[int]:
    """Return the words that tell how an order stands."""
    words = [0] * kinds.ANSWER_WORDS
    words[kinds.ANSWER_FILLED_UNITS] = ack.filled_units
    words[kinds.ANSWER_LEAVES_UNITS] = ack.leaves_units
    words[kinds.ANSWER_LEG_COUNT] = len(ack.legs)
    words[kinds.ANSWER_PENDING] = ack.status == PENDING
    words[kinds.ANSWER_TEXT_LENGTH] = len(name)
    text = words_of(name.encode())
    words[kinds.ANSWER_TEXT : kinds.ANSWER_TEXT + len(text)] = text
    for number, leg in enumerate(ack.legs):
        at = kinds.ANSWER_LEGS + number * kinds.LEG_ANSWER_WORDS
        terms = leg.instrument_id | leg.side << 32 | leg.HasField("price") << 40
        words[at : at + kinds.LEG_ANSWER_WORDS] = [
            terms | leg.status << 48 | leg.leg_number << 56,
            leg.ratio,
            leg.price,
            signed(leg.order_id),
            leg.quantity,
            leg.cumulative_quantity,
            leg.leaves_quantity,
            leg.cumulative_tick_lots,
            leg.residual_quantity,
            leg.unwound_quantity,
            leg.unwound_tick_lots,
        ]
    return words


def package_row(core: int, ack: Any, record: int, answer: int) -> list[int]:
    state = core | ack.repeated_request << 8 | ack.reject_reason << 16
    state |= ack.reject_field << kinds.REJECT_FIELD
    state |= ack.reject_leg_number << kinds.REJECT_LEG
    row = [ack.request_id, ack.multi_leg_order_id, state, ack.reject_limit, ack.reject_value]
    row += [77, 77, 77, ack.sequence, record, answer, ack.time_ns]
    return [signed(word) for word in row]


@given(
    acks=st.lists(package_acknowledgements(), max_size=5),
    kind=st.sampled_from(PACKAGE_COMMANDS),
    unused=TEXT,
    known=st.booleans(),
)
@fixtures
def test_answers_of_multi_leg_orders_are_the_bytes_of_the_reference(
    wire: ModuleType,
    exchange: Exchange,
    acks: list[tuple[int, Any]],
    kind: int,
    unused: str,
    known: bool,
) -> None:
    """Where the command names no client order id, the order's own is told."""
    exchange.begin_turn(1)
    told = exchange.package_answers.words
    for core, ack in acks:
        named = "" if known and ack.legs and kind != kinds.REPLACE_PACKAGE else ack.client_order_id
        if kind == kinds.REPLACE_PACKAGE and not named:
            ack.client_order_id = unused
        answer = told.end + 1 if ack.legs else 0
        if ack.legs:
            told.append(*map(signed, package_answer(ack, ack.client_order_id)))
        exchange.results.append(*package_row(core, ack, exchange.turn.end, answer))
        exchange.turn.append(*package_command(kind, named, unused))
    expected = order_service_pb2.TradeResponse(
        multi_leg_acknowledgements=[ack for _core, ack in acks]
    )
    encoded = wire.encode_acknowledgements(exchange, 0, len(acks))
    assert encoded == expected.SerializeToString(deterministic=True)


def test_answers_of_both_sorts_stand_in_the_order_of_the_commands(
    wire: ModuleType, exchange: Exchange
) -> None:
    single = order_pb2.OrderAcknowledgement(client_order_id="s", sequence=1)
    package = multi_leg_order_pb2.MultiLegOrderAcknowledgement(client_order_id="p", sequence=2)
    exchange.begin_turn(1)
    for _ in range(2):
        exchange.results.append(*result_row(single, exchange.turn.end))
        exchange.turn.append(*command(kinds.CREATE_ORDER, "s", ""))
        exchange.results.append(*package_row(0, package, exchange.turn.end, 0))
        exchange.turn.append(*package_command(kinds.CREATE_PACKAGE, "p", ""))
    encoded = wire.encode_acknowledgements(exchange, 0, 4)
    pair = (
        order_service_pb2.TradeResponse(acknowledgements=[single]).SerializeToString()
        + order_service_pb2.TradeResponse(multi_leg_acknowledgements=[package]).SerializeToString()
    )
    assert encoded == pair * 2
