"""Acts of administration that change nothing in the core are written down and told as they are."""

from quantumcore.server.core import admin_commands, enums, kinds
from quantumcore.server.core.events import Command, Notice, decode
from quantumcore.server.core.exchange_cy import Exchange

PAYLOAD = b"what was done"


def act(exchange: Exchange, payload: bytes = PAYLOAD, request_id: int = 0) -> list[object]:
    """Record an act in a turn of its own; return its records."""
    exchange.begin_turn(5)
    admin_commands.record_act(
        exchange, event_type=145, payload=payload, request_id=request_id, actor=3
    )
    return list(decode(exchange.turn.view()))


def small() -> Exchange:
    return Exchange(order_capacity=64, live_order_capacity=64, request_capacity=64)


def test_an_act_is_one_event_that_names_its_type_and_a_command_that_has_its_payload() -> None:
    exchange = small()
    command, notice = act(exchange)
    assert notice == Notice(kinds.ACT_RECORDED, 1, 145, 0)
    assert isinstance(command, Command)
    assert (command.kind, command.identity) == (kinds.RECORD_ACT, 3)
    assert command.words[:2] == (145, len(PAYLOAD))
    words = b"".join(word.to_bytes(8, "little", signed=True) for word in command.words[2:])
    assert words[: len(PAYLOAD)] == PAYLOAD


def test_an_act_is_replayed_bit_for_bit() -> None:
    exchange = small()
    act(exchange)
    other = small()
    other.replay(memoryview(bytearray(exchange.turn.view())), 5)
    assert other.sequence == exchange.sequence == 1


def test_the_same_request_is_told_as_repeated_and_another_with_its_id_is_refused() -> None:
    exchange = small()
    act(exchange, request_id=9)
    _command, repeated = act(exchange, request_id=9)
    assert isinstance(repeated, Notice)
    assert repeated.kind == kinds.REQUEST_REPEATED
    (command,) = act(exchange, b"something else", request_id=9)
    assert isinstance(command, Command)
    assert command.door_reason == enums.REJECT_REASON_REQUEST_ID_REUSED
