"""What answers and events become: the bytes that protobuf's own serialiser gives."""

from types import ModuleType
from typing import Any

import pytest
from google.protobuf.descriptor import FieldDescriptor
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from quantumcore.server.core import kinds
from quantumcore.server.core.exchange_cy import Exchange
from quantumcore.v1 import execution_pb2, order_pb2, order_service_pb2
from tests.server.api.wire.messages import VALUES, signed, words_of

fixtures = settings(suppress_health_check=[HealthCheck.function_scoped_fixture])

TEXT = st.text(st.characters(min_codepoint=32, max_codepoint=126), max_size=64)
BYTE = st.integers(0, 12) | st.integers(0, 255)
NARROW = {"status", "type", "side", "order_type", "time_in_force", "liquidity", "cancel_reason"}
NEW = execution_pb2.EXECUTION_TYPE_NEW
ABSENT = {"leg_number", "package_execution_id", "excess_quantity", "unwind"}
EVENTS = (
    kinds.ORDER_ACCEPTED,
    kinds.ORDER_REJECTED,
    kinds.ORDER_FILLED,
    kinds.ORDER_CANCELLED,
    kinds.CANCEL_REJECTED,
    kinds.REPLACE_REJECTED,
    kinds.ORDER_TRIGGERED,
    kinds.ORDER_RESTATED,
    kinds.ORDER_FILL_BUSTED,
    kinds.ORDER_FILL_CORRECTED,
)
REFUSED = (
    "reject_reason",
    "reject_limit",
    "reject_value",
    "reject_field",
    "reject_leg_number",
    "multi_leg_order_id",
)
# Which parts of words hold them.
WIDTHS = {"reject_field": st.integers(0, 65_535), "reject_leg_number": st.integers(0, 127)}
RESTATED = ("restatement_reason", "shown_quantity")
MENDED = ("reference_sequence",)
# Which fields share the last words of a record, by the kind that gives them a meaning.
MEANT = {
    kinds.ORDER_REJECTED: REFUSED,
    kinds.CANCEL_REJECTED: REFUSED,
    kinds.REPLACE_REJECTED: REFUSED,
    kinds.ORDER_RESTATED: RESTATED,
    kinds.ORDER_FILL_BUSTED: MENDED,
    kinds.ORDER_FILL_CORRECTED: MENDED,
}
TRADED = (kinds.ORDER_FILLED, kinds.ORDER_FILL_BUSTED, kinds.ORDER_FILL_CORRECTED)


def fill(draw: st.DrawFn, message: Any) -> Any:
    """Give most fields a value that a record can hold."""
    for field in message.DESCRIPTOR.fields:
        if field.name in ABSENT or not draw(st.integers(0, 3)):
            continue
        value = VALUES[field.type]
        if field.name in NARROW:
            value = BYTE
        elif field.name in WIDTHS:
            value = WIDTHS[field.name]
        elif field.type == FieldDescriptor.TYPE_ENUM:
            value = st.integers(0, 65_535)
        elif field.type == FieldDescriptor.TYPE_STRING:
            value = TEXT
        setattr(message, field.name, draw(value))
    return message


@st.composite
def acknowledgements(draw: st.DrawFn) -> Any:
    return fill(draw, order_pb2.OrderAcknowledgement())


@st.composite
def executions(draw: st.DrawFn) -> tuple[int, Any]:
    """Draw a kind of event and an execution that it can tell."""
    kind, message = draw(st.sampled_from(EVENTS)), fill(draw, execution_pb2.Execution())
    for field in {*REFUSED, *RESTATED, *MENDED} - set(MEANT.get(kind, ())):
        message.ClearField(field)
    if kind in TRADED:
        message.last_price, message.trade_id = message.last_price, message.trade_id or 1
    else:
        message.ClearField("last_price")
        message.ClearField("trade_id")
    return kind, message


def command(draw_kind: int, text: str, unused: str) -> list[int]:
    """Return a command whose answer repeats `text`."""
    data, length = words_of(text.encode()), len(text)
    if draw_kind == kinds.CREATE_ORDER:
        words = [0] * kinds.CREATE_TEXT_LENGTH + [length, *data]
    elif draw_kind == kinds.CANCEL_ORDER:
        words = [0] * kinds.CANCEL_TEXT_LENGTH + [length, *data]
    elif text:
        old = words_of(unused.encode())
        words = [0] * kinds.REPLACE_TEXT_LENGTHS + [len(unused) | length << 32, *old, *data]
    else:
        words = [0] * kinds.REPLACE_TEXT_LENGTHS + [0]
    words[0] = draw_kind | len(words) << 16
    return words


def result_row(ack: Any, record: int) -> list[int]:
    state = ack.status | ack.repeated_request << 8 | ack.reject_reason << 16
    state |= ack.reject_field << kinds.REJECT_FIELD
    row = [ack.request_id, ack.order_id, state, ack.reject_limit, ack.reject_value]
    row += [ack.cumulative_quantity, ack.leaves_quantity, ack.cumulative_tick_lots]
    row += [ack.sequence, record, ack.affected_orders, ack.time_ns]
    return [signed(word) for word in row]


def event(message: Any, kind: int = kinds.ORDER_ACCEPTED) -> list[int]:
    first, second = message.client_order_id, message.original_client_order_id
    state = 0
    for name in ("status", "side", "order_type", "time_in_force", "liquidity", "cancel_reason"):
        state |= getattr(message, name) << getattr(kinds, f"STATE_{name.upper()}")
    state |= message.type << kinds.STATE_EXECUTION_TYPE
    state |= (kinds.FLAG_HAS_PRICE if message.HasField("price") else 0) << kinds.STATE_FLAGS
    words = [
        0,
        message.sequence,
        message.order_id,
        message.account_id | message.instrument_id << 32,
        state,
        message.request_id,
        message.price,
        message.quantity,
        message.cumulative_quantity,
        message.leaves_quantity,
        message.last_price,
        message.last_quantity,
        message.multi_leg_order_id if MEANT.get(kind) == REFUSED else message.trade_id,
        message.cumulative_tick_lots,
        *particulars(message, kind),
        len(first) | len(second) << 32,
        *words_of(first.encode()),
        *words_of(second.encode()),
    ]
    words[0] = kind | len(words) << 16 | 5 << 32
    return [signed(word) for word in words]


def particulars(message: Any, kind: int) -> list[int]:
    """Return the three words that mean something else in each kind of event."""
    if MEANT.get(kind) == RESTATED:
        return [message.restatement_reason, message.shown_quantity, 77]
    if MEANT.get(kind) == MENDED:
        return [message.reference_sequence, 77, 77]
    reason = message.reject_reason | message.reject_field << kinds.REJECT_FIELD
    reason |= message.reject_leg_number << kinds.REJECT_LEG
    return [reason, message.reject_limit, message.reject_value]


def bytes_of(words: list[int]) -> memoryview:
    return memoryview(b"".join(word.to_bytes(8, "little", signed=True) for word in words)).cast("q")


@given(
    acks=st.lists(acknowledgements(), max_size=5),
    kind=st.sampled_from([kinds.CREATE_ORDER, kinds.REPLACE_ORDER, kinds.CANCEL_ORDER]),
    unused=TEXT,
)
@fixtures
def test_acknowledgements_are_the_bytes_of_the_reference(
    wire: ModuleType, exchange: Exchange, acks: list[Any], kind: int, unused: str
) -> None:
    exchange.begin_turn(1)
    for ack in acks:
        exchange.results.append(*result_row(ack, exchange.turn.end))
        exchange.turn.append(*command(kind, ack.client_order_id, unused))
    expected = order_service_pb2.TradeResponse(acknowledgements=acks)
    encoded = wire.encode_acknowledgements(exchange, 0, len(acks))
    assert encoded == expected.SerializeToString(deterministic=True)
    for row, ack in enumerate(acks):
        single = order_service_pb2.CreateOrderResponse(acknowledgement=ack)
        encoded = wire.encode_acknowledgements(exchange, row, row + 1)
        assert encoded == single.SerializeToString(deterministic=True)


@given(found=st.lists(executions(), max_size=5), time_ns=st.integers(0, 2**63 - 1))
@fixtures
def test_executions_are_the_bytes_of_the_reference(
    wire: ModuleType, found: list[tuple[int, Any]], time_ns: int
) -> None:
    words: list[int] = []
    for kind, message in found:
        message.time_ns = time_ns
        words += event(message, kind)
        words += [kinds.PHASE_CHANGED | kinds.NOTICE_WORDS << 16, 1, 1, 1]
    wanted = [message for _kind, message in found if message.account_id]
    for tag, response in (
        (wire.TRADE_EXECUTIONS, order_service_pb2.TradeResponse),
        (wire.STREAM_EXECUTIONS, order_service_pb2.StreamExecutionsResponse),
    ):
        encoded = wire.encode_executions(bytes_of(words), 0, len(words), time_ns, b"", tag)
        assert encoded == response(executions=wanted).SerializeToString(deterministic=True)


def test_executions_of_other_accounts_and_of_no_account_are_left_out(wire: ModuleType) -> None:
    found = [execution_pb2.Execution(sequence=n + 1, account_id=n % 4, type=NEW) for n in range(12)]
    words = [word for message in found for word in event(message)]
    encoded = wire.encode_executions(
        bytes_of(words), 0, len(words), 0, bytes([1, 0, 1]), wire.TRADE_EXECUTIONS
    )
    shown = order_service_pb2.TradeResponse.FromString(encoded).executions
    assert [message.sequence for message in shown] == [3, 7, 11]


def test_executions_begin_and_end_at_the_words_given(wire: ModuleType) -> None:
    found = [execution_pb2.Execution(sequence=n + 1, account_id=1, type=NEW) for n in range(3)]
    records = [event(message) for message in found]
    buffer = bytes_of([word for record in records for word in record])
    start, end = len(records[0]), len(records[0]) + len(records[1])
    encoded = wire.encode_executions(buffer, start, end, 0, b"", wire.TRADE_EXECUTIONS)
    shown = order_service_pb2.TradeResponse.FromString(encoded).executions
    assert [message.sequence for message in shown] == [2]


@pytest.mark.parametrize("size", [0, 1, kinds.EVENT_TEXT - 1, kinds.EVENT_TEXT, 5000])
def test_record_that_does_not_hold_together_is_refused(wire: ModuleType, size: int) -> None:
    words = [0] * 64
    words[0] = kinds.ORDER_ACCEPTED | size << 16
    words[kinds.EVENT_PARTIES] = 1
    words[kinds.EVENT_TEXT_LENGTHS] = 9
    with pytest.raises(ValueError, match="record at word 0"):
        wire.encode_executions(bytes_of(words), 0, 64, 0, b"", wire.TRADE_EXECUTIONS)


@pytest.mark.parametrize(("start", "end"), [(-1, 2), (3, 2), (0, 65)])
def test_range_outside_the_buffer_is_refused(wire: ModuleType, start: int, end: int) -> None:
    with pytest.raises(ValueError, match="no words"):
        wire.encode_executions(bytes_of([0] * 64), start, end, 0, b"", wire.TRADE_EXECUTIONS)


@pytest.mark.parametrize(("first", "last"), [(-1, 0), (0, 1), (1, 0)])
def test_rows_that_the_turn_does_not_have_are_refused(
    wire: ModuleType, exchange: Exchange, first: int, last: int
) -> None:
    exchange.begin_turn(1)
    with pytest.raises(IndexError):
        wire.encode_acknowledgements(exchange, first, last)


def test_output_grows_with_the_batch(wire: ModuleType, exchange: Exchange) -> None:
    exchange.begin_turn(1)
    exchange.turn.append(*command(kinds.CREATE_ORDER, "y" * 64, ""))
    ack = order_pb2.OrderAcknowledgement(client_order_id="y" * 64, order_id=2**63, time_ns=-1)
    for _ in range(3000):
        exchange.results.append(*result_row(ack, 0))
    encoded = wire.encode_acknowledgements(exchange, 0, 3000)
    expected = order_service_pb2.TradeResponse(acknowledgements=[ack] * 3000)
    assert encoded == expected.SerializeToString(deterministic=True)
