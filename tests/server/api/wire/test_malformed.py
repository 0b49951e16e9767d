"""Bytes that are no message: a typed error that names the place, and nothing is applied."""

from types import ModuleType

import pytest
from google.protobuf.message import DecodeError, Message
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from quantumcore.server.api.wire.errors import WireError
from quantumcore.server.core.exchange_cy import Exchange
from quantumcore.v1 import order_service_pb2 as pb
from quantumcore.v1 import types_pb2
from tests.server.api.wire.messages import commands, trade_request

fixtures = settings(suppress_health_check=[HealthCheck.function_scoped_fixture])

GROUP = b"\x9b\x06"  # field 99 begins a group
END = b"\x9c\x06"


def batch() -> bytes:
    """A batch with a command of each kind."""
    request = pb.TradeRequest()
    create = request.commands.add().create_order
    create.request_id, create.account_id, create.instrument_id = 2**60, 1, 300
    create.client_order_id, create.quantity, create.price = "order-1", 10**10, -5
    create.side = types_pb2.SIDE_BUY
    replace = request.commands.add().replace_order
    replace.client_order_id, replace.new_client_order_id, replace.quantity = "order-1", "b", 1
    request.commands.add().cancel_order.order_id = 77
    request.commands.add().cancel_orders.account_id = 1
    package = request.commands.add().create_multi_leg_order
    package.client_order_id, package.units, package.net_price = "package-1", 2, -5
    package.legs.add(instrument_id=300, side=types_pb2.SIDE_BUY, ratio=1, price=7)
    package.legs.add(instrument_id=2)
    package.price_constraints.add().ratio_band.max_ratio = 2**40
    package.price_constraints.add().max_spread.leg_b = 2
    package.sequential_terms.leg_deadline_ms = 300
    amend = request.commands.add().replace_multi_leg_order
    amend.client_order_id, amend.new_client_order_id = "package-1", "c"
    amend.leg_prices.add(leg_number=2, price=-1)
    request.commands.add().cancel_multi_leg_order.multi_leg_order_id = 78
    return request.SerializeToString()


def wrap(tag: int, body: bytes) -> bytes:
    """Make a short length-delimited field."""
    assert len(body) < 128
    return bytes([tag, len(body)]) + body


def outcome(wire: ModuleType, exchange: Exchange, data: bytes) -> int | None:
    """Return how many commands were applied; None where the bytes were refused, whole."""
    exchange.begin_turn(1)
    try:
        count: int = wire.decode_trade_commands(data, exchange, b"", 0)
    except WireError as error:
        offset = error.offset
    else:
        assert exchange.results.end > 0 or count == 0
        return count
    assert 0 <= offset <= len(data)
    assert exchange.turn.end == 0
    assert exchange.results.end == 0
    return None


def reference(data: bytes) -> int | None:
    """Return how many commands protobuf's own parser finds; None where it refuses."""
    request = pb.TradeRequest()
    try:
        request.ParseFromString(data)
    except DecodeError:
        return None
    return len(request.commands)


def agrees(wire: ModuleType, exchange: Exchange, data: bytes) -> None:
    """Assert that data is refused exactly where the reference or a rule of our own refuses it."""
    expected = reference(data)
    if expected is not None:
        parsed = pb.TradeRequest.FromString(data)
        if any(command.WhichOneof("command") is None for command in parsed.commands):
            expected = None  # an empty command, which is refused by a rule of our own
    assert outcome(wire, exchange, data) == expected


def test_message_cut_at_any_byte_is_refused_where_the_reference_refuses_it(
    wire: ModuleType, exchange: Exchange
) -> None:
    data = batch()
    for end in range(len(data) + 1):
        agrees(wire, exchange, data[:end])


def test_any_flipped_bit_is_refused_where_the_reference_refuses_it(
    wire: ModuleType, exchange: Exchange
) -> None:
    data = batch()
    for bit in range(8 * len(data)):
        flipped = bytearray(data)
        flipped[bit // 8] ^= 1 << bit % 8
        agrees(wire, exchange, bytes(flipped))


@given(data=st.binary(max_size=60))
@fixtures
def test_any_bytes_are_refused_where_the_reference_refuses_them(
    wire: ModuleType, exchange: Exchange, data: bytes
) -> None:
    agrees(wire, exchange, data)


@given(drawn=st.lists(commands(), min_size=1, max_size=3), data=st.data())
@fixtures
def test_any_change_of_a_message_is_refused_where_the_reference_refuses_it(
    wire: ModuleType, exchange: Exchange, drawn: list[tuple[str, Message]], data: st.DataObject
) -> None:
    message = bytearray(trade_request(drawn))
    start = data.draw(st.integers(0, len(message)))
    end = data.draw(st.integers(start, min(len(message), start + 4)))
    message[start:end] = data.draw(st.binary(max_size=4))
    agrees(wire, exchange, bytes(message))


@pytest.mark.parametrize(
    ("data", "offset", "reason"),
    [
        (b"\x12", 1, "ends within"),
        (b"\x12\x05\x0a", 1, "longer than what is left"),
        (b"\x12\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01", 1, "longer than what is left"),
        (b"\x12\x00", 2, "empty"),
        (b"\x12\x02\x18\x05", 2, "empty"),
        (b"\x18" + b"\xff" * 11, 1, "10 bytes"),
        (b"\x98\x80\x80\x80\x80\x00\x01", 0, "field number"),
        (b"\x00\x01", 0, "field number"),
        (b"\xf8\xff\xff\xff\x1f\x01", 0, "field number"),
        (b"\x1e\x01", 1, "wire types"),
        (b"\x1f\x01", 1, "wire types"),
        (b"\x1c", 1, "did not begin"),
        (b"\x1b\x24", 2, "did not begin"),
        (b"\x1b\x08\x01", 3, "ends within"),
        (b"\x19\x01\x02", 1, "ends within"),
        (b"\x1d\x01\x02\x03", 1, "ends within"),
        (GROUP * 101 + END * 101, 202, "deeper"),
        (wrap(0x12, wrap(0x0A, b"\x22\x02\xc3\x28")), 6, "UTF-8"),
        (wrap(0x12, wrap(0x0A, b"\x22\x03\xed\xa0\x80")), 6, "UTF-8"),
        (wrap(0x12, wrap(0x0A, b"\x22\x02\xc0\x80")), 6, "UTF-8"),
        (wrap(0x12, wrap(0x0A, b"\x22\x01\xf0")), 6, "UTF-8"),
    ],
)
def test_error_names_the_byte_and_what_is_wrong(
    wire: ModuleType, exchange: Exchange, data: bytes, offset: int, reason: str
) -> None:
    exchange.begin_turn(1)
    with pytest.raises(WireError, match=reason) as caught:
        wire.decode_trade_commands(data, exchange, b"", 0)
    assert caught.value.offset == offset
    assert str(caught.value).startswith(f"byte {offset}: ")
    assert exchange.turn.end == 0


@pytest.mark.parametrize("depth", [96, 97, 98, 99, 100, 101])
def test_nesting_ends_where_it_ends_in_the_reference(
    wire: ModuleType, exchange: Exchange, depth: int
) -> None:
    groups = GROUP * depth + END * depth
    size = len(groups)
    inner = b"\x0a" + bytes([size & 127 | 128, size >> 7]) + groups
    size = len(inner)
    agrees(wire, exchange, groups)
    agrees(wire, exchange, b"\x12" + bytes([size & 127 | 128, size >> 7]) + inner)


def test_one_bad_command_at_the_end_undoes_nothing_because_nothing_was_done(
    wire: ModuleType, exchange: Exchange
) -> None:
    assert outcome(wire, exchange, batch()) == 7
    assert outcome(wire, exchange, batch() + b"\x12\x00") is None


def test_more_than_ten_thousand_commands_are_refused(wire: ModuleType, exchange: Exchange) -> None:
    command = wrap(0x12, wrap(0x22, b"\x10\x01"))
    exchange.begin_turn(1)
    with pytest.raises(WireError, match="10,000") as caught:
        wire.decode_trade_commands(command * 10_001, exchange, b"", 0)
    assert caught.value.offset == 10_000 * len(command)
    assert exchange.turn.end == 0


@pytest.mark.parametrize("name", ["create_order", "replace_order", "cancel_order", "cancel_orders"])
@given(data=st.binary(max_size=40))
@fixtures
def test_single_request_is_refused_where_the_reference_refuses_it(
    wire: ModuleType, exchange: Exchange, name: str, data: bytes
) -> None:
    kinds: dict[str, type[Message]] = {
        "create_order": pb.CreateOrderRequest,
        "replace_order": pb.ReplaceOrderRequest,
        "cancel_order": pb.CancelOrderRequest,
        "cancel_orders": pb.CancelOrdersRequest,
    }
    try:
        kinds[name]().ParseFromString(data)
        valid = True
    except DecodeError:
        valid = False
    exchange.begin_turn(1)
    try:
        getattr(wire, f"decode_{name}")(data, exchange, b"", 0)
        taken = True
    except WireError:
        taken = False
    assert taken == valid
    assert (exchange.turn.end > 0) == valid


@given(data=st.binary(max_size=30))
@fixtures
def test_looking_for_options_refuses_or_answers(wire: ModuleType, data: bytes) -> None:
    try:
        request = pb.TradeRequest.FromString(data)
    except DecodeError:
        return
    assert wire.has_options(data) or not request.HasField("options")
