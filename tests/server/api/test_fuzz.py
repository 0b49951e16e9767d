"""Random messages of every type at a live venue: it answers, and goes on undisturbed."""

import asyncio
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import grpc
import pytest
from google.protobuf.descriptor import FieldDescriptor
from google.protobuf.message import Message
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from quantumcore.server.api.rpc import Rpc, contract_rpcs
from quantumcore.v1.types_pb2 import OrderStatus
from tests.server.api.running import NANOS, Client, running

RPCS = list(contract_rpcs())
ANSWER_WITHIN_S = 0.25
DEFECTS = {grpc.StatusCode.INTERNAL, grpc.StatusCode.UNKNOWN}
SMALL = st.integers(0, 12)
INTEGERS = {
    FieldDescriptor.CPPTYPE_INT32: (-(2**31), 2**31 - 1),
    FieldDescriptor.CPPTYPE_UINT32: (0, 2**32 - 1),
    FieldDescriptor.CPPTYPE_INT64: (-(2**63), 2**63 - 1),
    FieldDescriptor.CPPTYPE_UINT64: (0, 2**64 - 1),
}
OTHERS: dict[int, st.SearchStrategy[Any]] = {
    FieldDescriptor.CPPTYPE_BOOL: st.booleans(),
    FieldDescriptor.CPPTYPE_DOUBLE: st.floats(),
    FieldDescriptor.CPPTYPE_FLOAT: st.floats(width=32),
}
TEXTS = st.one_of(st.sampled_from(["AAA", "one", "a", "BTC", "USD", ""]), st.text(max_size=80))


def values(field: FieldDescriptor, depth: int) -> st.SearchStrategy[Any]:
    """Values of a field: often small or round numbers, that the venue may take."""
    if field.message_type is not None:
        return messages(field.message_type, depth - 1)
    if field.enum_type is not None:
        known = [value.number for value in field.enum_type.values]
        return st.one_of(st.sampled_from(known), st.integers(-5, 300))
    if field.cpp_type in INTEGERS:
        lowest, highest = INTEGERS[field.cpp_type]
        round_numbers = SMALL.map(lambda number: min(number * NANOS, highest))
        return st.one_of(SMALL, round_numbers, st.integers(lowest, highest))
    if field.type == FieldDescriptor.TYPE_BYTES:
        return st.binary(max_size=40)
    return OTHERS.get(field.cpp_type, TEXTS)


@st.composite
def messages(draw: st.DrawFn, descriptor: Any, depth: int = 3) -> Message:
    """A message with most of its fields set."""
    from google.protobuf.message_factory import GetMessageClass

    message: Any = GetMessageClass(descriptor)()
    for field in descriptor.fields:
        if (field.message_type is not None and depth <= 0) or not draw(st.integers(0, 4)):
            continue
        strategy = values(field, depth)
        if field.is_repeated:
            if field.message_type is not None and field.message_type.GetOptions().map_entry:
                continue
            getattr(message, field.name).extend(draw(st.lists(strategy, max_size=3)))
        elif field.message_type is not None:
            getattr(message, field.name).CopyFrom(draw(strategy))
        else:
            setattr(message, field.name, draw(strategy))
    built: Message = message
    return built


@st.composite
def calls(draw: st.DrawFn) -> tuple[Rpc, bytes]:
    """An rpc and the bytes to send: a message, sometimes damaged."""
    rpc = draw(st.sampled_from(RPCS))
    data = bytearray(draw(messages(rpc.request_type.DESCRIPTOR)).SerializeToString())
    if data and not draw(st.integers(0, 5)):
        at = draw(st.integers(0, len(data) - 1))
        data[at] = draw(st.integers(0, 255))
    return rpc, bytes(data)


async def throw(client: Client, rpc: Rpc, data: bytes) -> None:
    """Send it; only a typed failure, an answer, or a stream that waits is acceptable."""
    ins, outs = rpc.descriptor.client_streaming, rpc.descriptor.server_streaming
    kind = f"{'stream' if ins else 'unary'}_{'stream' if outs else 'unary'}"
    method = getattr(client.channel, kind)(rpc.path)
    arguments = () if ins else (data,)
    call = method(*arguments, metadata=client.metadata, timeout=ANSWER_WITHIN_S)
    try:
        if ins:
            await call.write(data)
            await call.done_writing()
        await (call.read() if outs else call)
    except (grpc.aio.AioRpcError, asyncio.InvalidStateError):
        code, text = await call.code(), await call.details()
        if code in DEFECTS:
            raise AssertionError(f"{rpc.path}: {text}: {data!r}") from None
    finally:
        call.cancel()


@pytest.fixture
def runner() -> Iterator[asyncio.Runner]:
    with asyncio.Runner() as runner:
        yield runner


@pytest.mark.fuzz
def test_random_messages_of_every_rpc_disturb_nothing(
    tmp_path: Path, runner: asyncio.Runner
) -> None:
    context = running(tmp_path, order_capacity=1 << 16)
    venue, client = runner.run(context.__aenter__())

    @settings(
        max_examples=300, deadline=None, suppress_health_check=list(HealthCheck), database=None
    )
    @given(calls())
    def throw_all(call: tuple[Rpc, bytes]) -> None:
        runner.run(throw(client, *call))
        assert not venue.writer.failed

    try:
        throw_all()
        assert runner.run(client.health_status()) == 1
        runner.run(still_trades(client))
        before = runner.run(client.state_hash())
    finally:
        runner.run(context.__aexit__(None, None, None))
    runner.run(comes_back(tmp_path, before))


async def still_trades(client: Client) -> None:
    """List a fresh instrument and account, and trade there."""
    from quantumcore.v1.admin_service_pb2 import CreateAccountRequest
    from quantumcore.v1.instrument_service_pb2 import SetTradingPhaseRequest
    from quantumcore.v1.risk_service_pb2 import SetKillSwitchRequest
    from quantumcore.v1.types_pb2 import TradingPhase
    from tests.server.api.running import instrument

    off = SetKillSwitchRequest(venue=True, enabled=False)
    await client.call(client.risk.SetKillSwitch, off)
    listed = await client.call(client.instruments.CreateInstrument, instrument("CONTROL"))
    number = listed.instrument.instrument_id
    phase = SetTradingPhaseRequest(
        instrument_id=number, phase=TradingPhase.TRADING_PHASE_CONTINUOUS
    )
    await client.call(client.instruments.SetTradingPhase, phase)
    account = await client.call(client.admin.CreateAccount, CreateAccountRequest(name="control"))
    created = await client.create_order(
        "control", instrument_id=number, account_id=account.account.account_id
    )
    assert created.status == OrderStatus.ORDER_STATUS_NEW


async def comes_back(data: Path, state_hash: bytes) -> None:
    """Replay all that happened; the state is the same to the last bit."""
    async with running(data, order_capacity=1 << 16) as (_venue, client):
        assert await client.state_hash() == state_hash
