"""What requests become: the records are those that protobuf's own parser gives."""

from types import ModuleType
from typing import Any

import pytest
from google.protobuf.message import Message
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from quantumcore.server.api.multi_leg import changes_of, terms_of
from quantumcore.server.core import enums, kinds
from quantumcore.server.core.exchange_cy import Exchange
from quantumcore.server.core.package_commands import (
    cancel_package,
    create_package,
    replace_package,
)
from quantumcore.v1 import order_service_pb2 as pb
from tests.server.api.wire.messages import (
    COMMANDS,
    PRINTABLE,
    UNARY,
    commands,
    messages,
    record,
    text,
    trade_request,
)

ACTOR = 7 | 3 << 32
EVERYONE = b""
SOME = bytes([1, 1, 0, 1])

fixtures = settings(suppress_health_check=[HealthCheck.function_scoped_fixture])


def records(exchange: Exchange) -> list[list[int]]:
    """Return the commands of the turn, one record for each."""
    words = list(memoryview(exchange.turn.words)[: exchange.turn.end])
    found, at = [], 0
    while at < len(words):
        size = words[at] >> 16 & 0xFFFF
        if words[at] & 0xFFFF < kinds.FIRST_EVENT:
            found.append(words[at : at + size])
        at += size
    return found


def decode(wire: ModuleType, exchange: Exchange, data: bytes, permitted: bytes) -> list[list[int]]:
    exchange.begin_turn(1)
    wire.decode_trade_commands(data, exchange, permitted, ACTOR)
    return records(exchange)


@pytest.mark.parametrize("permitted", [EVERYONE, SOME])
@given(drawn=st.lists(commands(), max_size=6))
@fixtures
def test_batch_becomes_the_records_that_the_reference_parser_gives(
    wire: ModuleType, exchange: Exchange, drawn: list[tuple[str, Message]], permitted: bytes
) -> None:
    expected = [record(name, message, ACTOR, permitted) for name, message in drawn]
    assert decode(wire, exchange, trade_request(drawn), permitted) == expected


@given(command=commands(UNARY))
@fixtures
def test_single_request_becomes_the_same_record_as_in_a_batch(
    wire: ModuleType, exchange: Exchange, command: tuple[str, Message]
) -> None:
    name, message = command
    exchange.begin_turn(1)
    getattr(wire, f"decode_{name}")(message.SerializeToString(), exchange, SOME, ACTOR)
    assert records(exchange) == [record(name, message, ACTOR, SOME)]


@given(first=commands(), second=commands(), third=commands())
@fixtures
def test_repeated_commands_merge_and_the_last_of_several_wins(
    wire: ModuleType,
    exchange: Exchange,
    first: tuple[str, Message],
    second: tuple[str, Message],
    third: tuple[str, Message],
) -> None:
    body = b""
    whole = pb.TradeCommand()
    for name, message in (first, second, third):
        piece = pb.TradeCommand()
        getattr(piece, name).CopyFrom(message)
        getattr(piece, name).SetInParent()
        whole.MergeFromString(piece.SerializeToString())
        body += piece.SerializeToString()
    data = b"\x12" + varint(len(body)) + body
    expected = record(third[0], getattr(whole, third[0]), ACTOR, EVERYONE)
    assert decode(wire, exchange, data, EVERYONE) == [expected]


@given(name=st.sampled_from(["create_multi_leg_order", "replace_multi_leg_order"]), data=st.data())
@fixtures
def test_pieces_of_one_multi_leg_command_merge_as_in_the_reference(
    wire: ModuleType, exchange: Exchange, name: str, data: st.DataObject
) -> None:
    pieces = [data.draw(messages(COMMANDS[name])) for _ in range(3)]
    whole = COMMANDS[name]()
    body = b""
    for piece in pieces:
        whole.MergeFrom(piece)
        command = pb.TradeCommand()
        getattr(command, name).CopyFrom(piece)
        getattr(command, name).SetInParent()
        body += command.SerializeToString()
    batch = b"\x12" + varint(len(body)) + body
    assert decode(wire, exchange, batch, EVERYONE) == [record(name, whole, ACTOR, EVERYONE)]


def test_bound_of_a_constraint_is_that_of_the_member_set_last(
    wire: ModuleType, exchange: Exchange
) -> None:
    band = pb.CreateMultiLegOrderRequest().price_constraints.add()
    band.ratio_band.leg_a, band.ratio_band.max_ratio = 1, 9
    spread, again = type(band)(), type(band)()
    spread.max_spread.leg_b, again.max_spread.max_spread = 2, 7
    parts = b"".join(one.SerializeToString() for one in (band, spread, again))
    create = b"\x42" + varint(len(parts)) + parts
    body = b"\x2a" + varint(len(create)) + create
    (found,) = decode(wire, exchange, b"\x12" + varint(len(body)) + body, EVERYONE)
    first = kinds.PACKAGE_CONSTRAINTS
    assert found[first : first + 3] == [kinds.CONSTRAINT_MAX_SPREAD | 2 << 16, 7, 0]


@pytest.mark.parametrize("count", [4, 5, 254, 255, 256, 300])
def test_more_legs_than_a_record_holds_are_counted(
    wire: ModuleType, exchange: Exchange, count: int
) -> None:
    request = pb.TradeRequest()
    create = request.commands.add().create_multi_leg_order
    for number in range(count):
        create.legs.add(instrument_id=number + 1)
        create.price_constraints.add().max_spread.max_spread = number
    (found,) = decode(wire, exchange, request.SerializeToString(), EVERYONE)
    assert found == record("create_multi_leg_order", create, ACTOR, EVERYONE)
    assert found[kinds.PACKAGE_TERMS] >> kinds.PACKAGE_TERM_LEGS & 255 == min(count, 255)


@given(
    command=commands(
        ["create_multi_leg_order", "replace_multi_leg_order", "cancel_multi_leg_order"]
    ),
    name=PRINTABLE,
)
@fixtures
def test_multi_leg_command_of_the_unary_rpc_is_the_same_record(
    wire: ModuleType, exchange: Exchange, command: tuple[str, Any], name: str
) -> None:
    kind, message = command
    message.client_order_id = name
    if kind == "replace_multi_leg_order":
        message.new_client_order_id = name[:30]
    exchange.begin_turn(1)
    unary = {
        "create_multi_leg_order": lambda: create_package(
            exchange, actor=ACTOR, **terms_of(message)
        ),
        "replace_multi_leg_order": lambda: replace_package(
            exchange, actor=ACTOR, **changes_of(message)
        ),
        "cancel_multi_leg_order": lambda: cancel_package(
            exchange,
            account_id=message.account_id,
            order_id=message.multi_leg_order_id,
            client_order_id=name,
            request_id=message.request_id,
            actor=ACTOR,
        ),
    }
    unary[kind]()
    expected = records(exchange)
    assert decode(wire, exchange, trade_request([command]), EVERYONE) == expected


@given(command=commands(UNARY), junk=st.binary(max_size=12))
@fixtures
def test_unknown_fields_are_passed_over(
    wire: ModuleType, exchange: Exchange, command: tuple[str, Message], junk: bytes
) -> None:
    name, message = command
    unknown = b"\xfa\x3e" + varint(len(junk)) + junk + b"\xfb\x3e\x08\x01\xfc\x3e"
    exchange.begin_turn(1)
    data = unknown + message.SerializeToString() + unknown
    getattr(wire, f"decode_{name}")(data, exchange, EVERYONE, ACTOR)
    assert records(exchange) == [record(name, message, ACTOR, EVERYONE)]


@pytest.mark.parametrize("size", [0, 1, 7, 8, 9, 63, 64, 65, 200, 65_534, 65_535, 65_536])
def test_client_order_id_of_any_length_has_its_true_length_and_at_most_64_bytes(
    wire: ModuleType, exchange: Exchange, size: int
) -> None:
    message = pb.CreateOrderRequest(account_id=1, client_order_id="x" * size)
    exchange.begin_turn(1)
    wire.decode_create_order(message.SerializeToString(), exchange, EVERYONE, ACTOR)
    (found,) = records(exchange)
    assert found == record("create_order", message, ACTOR, EVERYONE)
    assert found[kinds.CREATE_TEXT_LENGTH] == size


@pytest.mark.parametrize("position", [0, 3, 7, 8, 12])
@pytest.mark.parametrize("character", ["\0", "\x1f", "\x7f", "\x80", "é", "\U0001f600"])
def test_client_order_id_that_is_not_printable_has_no_words(
    wire: ModuleType, exchange: Exchange, position: int, character: str
) -> None:
    value = "abcdefghijklm"[:position] + character
    message = pb.CancelOrderRequest(account_id=1, client_order_id=value)
    exchange.begin_turn(1)
    wire.decode_cancel_order(message.SerializeToString(), exchange, EVERYONE, ACTOR)
    (found,) = records(exchange)
    assert text(value) == (65535, [])
    assert found[kinds.CANCEL_TEXT_LENGTH :] == [65535]


@pytest.mark.parametrize("account", [0, 2, 4, 2**32 - 1])
def test_account_that_is_not_permitted_is_marked_as_refused(
    wire: ModuleType, exchange: Exchange, account: int
) -> None:
    message = pb.CancelOrdersRequest(account_id=account)
    exchange.begin_turn(1)
    wire.decode_cancel_orders(message.SerializeToString(), exchange, SOME, ACTOR)
    (found,) = records(exchange)
    assert found[kinds.HEADER] >> 32 == enums.REJECT_REASON_NOT_PERMITTED


def test_ten_thousand_commands_are_taken_at_once(wire: ModuleType, exchange: Exchange) -> None:
    data = trade_request([("cancel_orders", COMMANDS["cancel_orders"](account_id=1))] * 10_000)
    exchange.begin_turn(1)
    assert wire.decode_trade_commands(data, exchange, EVERYONE, ACTOR) == 10_000
    assert exchange.results.end == 10_000 * kinds.RESULT_WORDS


def test_options_are_seen_and_passed_over(wire: ModuleType, exchange: Exchange) -> None:
    request = pb.TradeRequest(options=pb.TradeOptions(execution_account_ids=[1, 2]))
    request.commands.add().cancel_orders.account_id = 1
    assert wire.has_options(request.SerializeToString())
    assert len(decode(wire, exchange, request.SerializeToString(), EVERYONE)) == 1
    request.ClearField("options")
    assert not wire.has_options(request.SerializeToString())


def varint(value: int) -> bytes:
    """Encode a varint."""
    out = bytearray()
    while value > 127:
        out.append(value & 127 | 128)
        value >>= 7
    return bytes([*out, value])
