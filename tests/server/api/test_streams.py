"""Executions and trades: history, then live, without gap or duplicate."""

from pathlib import Path
from typing import Any

import grpc
import pytest

from quantumcore.server.settings import StreamSettings
from quantumcore.v1.execution_pb2 import Execution
from quantumcore.v1.matching_service_pb2 import StreamTradesRequest
from quantumcore.v1.order_service_pb2 import StreamExecutionsRequest
from quantumcore.v1.stream_pb2 import StreamEndReason
from tests.server.api.running import SELL, Client, batch, order, refusal, running, until


def executions_of(client: Client, *accounts: int, from_sequence: int = 0) -> Any:
    request = StreamExecutionsRequest(account_ids=accounts, from_sequence=from_sequence)
    return client.orders.StreamExecutions(request, metadata=client.metadata)


def trades_of(client: Client, *instruments: int, from_sequence: int = 0) -> Any:
    request = StreamTradesRequest(instrument_ids=instruments, from_sequence=from_sequence)
    return client.matching.StreamTrades(request, metadata=client.metadata)


async def gather(stream: Any, last_sequence: int) -> list[Execution]:
    """Read executions up to this sequence."""
    found: list[Execution] = []
    while not found or found[-1].sequence < last_sequence:
        found += (await stream.read()).executions
    return found


async def trade_often(client: Client, count: int, prefix: str = "") -> int:
    """Make so many trades, in batches; return the last sequence."""
    stream = client.trade()
    last = 0
    for start in range(0, count, 100):
        pairs = []
        for number in range(start, min(start + 100, count)):
            pairs.append(order(f"{prefix}m{number}"))
            pairs.append(order(f"{prefix}t{number}", side=SELL, account_id=2))
        await stream.write(batch(*pairs))
        answered = 0
        while answered < len(pairs):
            acknowledgements = (await stream.read()).acknowledgements
            answered += len(acknowledgements)
            last = acknowledgements[-1].sequence
    await stream.done_writing()
    return last


async def test_history_is_complete_for_the_account(client: Client) -> None:
    last = await trade_often(client, 50)
    found = await gather(executions_of(client, 2, from_sequence=1), last)
    assert len(found) == 100
    assert {one.account_id for one in found} == {2}
    assert [one.sequence for one in found] == sorted({one.sequence for one in found})


async def test_history_and_live_join_without_gap_or_duplicate(client: Client) -> None:
    await trade_often(client, 3000, "before-")
    stream = executions_of(client, 1, 2, from_sequence=1)
    last = await trade_often(client, 500, "during-")
    found = await gather(stream, last)
    sequences = [one.sequence for one in found]
    assert sequences == list(range(sequences[0], last + 1))
    assert len(found) == 4 * 3500


async def test_a_stream_resumes_at_the_sequence_named(client: Client) -> None:
    last = await trade_often(client, 20)
    everything = await gather(executions_of(client, 1, from_sequence=1), last - 1)
    middle = everything[17].sequence
    rest = await gather(executions_of(client, 1, from_sequence=middle), last - 1)
    assert rest == everything[17:]


async def test_a_live_stream_shows_nothing_of_the_past(client: Client) -> None:
    await trade_often(client, 5)
    stream = executions_of(client, 1)
    await until(stream, lambda message: message.HasField("heartbeat"))
    created = await client.create_order("new")
    found = await gather(stream, created.sequence)
    assert [one.client_order_id for one in found] == ["new"]


async def test_a_heartbeat_tells_how_far_the_stream_has_come(client: Client) -> None:
    created = await client.create_order("of-another", account_id=2)
    message = await until(executions_of(client, 1), lambda message: message.HasField("heartbeat"))
    assert message.heartbeat.sequence == created.sequence


async def test_a_slow_stream_is_ended_and_says_where_to_resume(tmp_path: Path) -> None:
    tight = StreamSettings(max_waiting_bytes=16 * 1024, heartbeat_interval_s=3600)
    async with running(tmp_path, streams=tight, order_capacity=1 << 18) as (venue, client):
        slow = Client(venue.port)
        stream = executions_of(slow, 1)
        await stream.wait_for_connection()
        number = 0
        while not any(outbox.end_reason for outbox in venue.streams):
            await trade_often(client, 200, f"{number}-")
            number += 1
            assert number < 300, "the slow stream was never ended"
        found: list[Execution] = []
        end = None
        while end is None:
            message = await stream.read()
            found += message.executions
            end = message.end if message.HasField("end") else None
        assert end.reason == StreamEndReason.STREAM_END_REASON_SLOW_CONSUMER
        assert end.resume_from_sequence > found[-1].sequence
        rest = executions_of(client, 1, from_sequence=end.resume_from_sequence)
        following = (await rest.read()).executions[0]
        everything = await gather(executions_of(client, 1, from_sequence=1), following.sequence)
        shown = [one.sequence for one in everything]
        assert shown[shown.index(found[-1].sequence) + 1] == following.sequence
        await slow.channel.close()


@pytest.mark.parametrize(
    ("accounts", "from_sequence", "field"),
    [((), 0, "account_ids"), ((1,), -1, "from_sequence"), ((1,), 10**15, "from_sequence")],
)
async def test_a_wrong_request_names_its_field(
    client: Client, accounts: tuple[int, ...], from_sequence: int, field: str
) -> None:
    stream = executions_of(client, *accounts, from_sequence=from_sequence)
    failed = await refusal(stream.read())
    assert failed.code is grpc.StatusCode.INVALID_ARGUMENT
    assert failed.violations.keys() == {field}


async def test_executions_of_a_foreign_account_are_refused(trader: Client) -> None:
    failed = await refusal(executions_of(trader, 1, 2).read())
    assert failed.code is grpc.StatusCode.PERMISSION_DENIED


async def test_the_tape_tells_each_trade_once_and_no_account(client: Client) -> None:
    stream = trades_of(client, from_sequence=1)
    last = await trade_often(client, 30)
    trades: list[Any] = []
    while not trades or trades[-1].sequence < last:
        trades += (await stream.read()).trades
    assert len({trade.trade_id for trade in trades}) == len(trades) == 30
    assert {trade.aggressor_side for trade in trades} == {SELL}
    assert not any("account" in field.name for field in trades[0].DESCRIPTOR.fields)


async def test_the_tape_of_an_unlisted_instrument_is_not_found(client: Client) -> None:
    failed = await refusal(trades_of(client, 9).read())
    assert failed.code is grpc.StatusCode.NOT_FOUND


async def test_no_more_streams_than_the_venue_holds(tmp_path: Path) -> None:
    few = StreamSettings(max_streams=1, heartbeat_interval_s=0.05)
    async with running(tmp_path, streams=few) as (_venue, client):
        first = executions_of(client, 1)
        await first.read()
        failed = await refusal(executions_of(client, 1).read())
        assert failed.code is grpc.StatusCode.RESOURCE_EXHAUSTED
        assert failed.metadata == {"limit": "1"}


async def test_draining_tells_where_to_resume(tmp_path: Path) -> None:
    async with running(tmp_path) as (venue, client):
        stream = executions_of(client, 1)
        await stream.read()
        created = await client.create_order("last")
        await venue.drain()
        message = await until(stream, lambda message: message.HasField("end"))
        assert message.end.reason == StreamEndReason.STREAM_END_REASON_DRAINING
        assert message.end.resume_from_sequence == created.sequence + 1
