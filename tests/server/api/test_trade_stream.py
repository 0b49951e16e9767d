"""The Trade stream."""

from shutil import copytree
from typing import Any

import grpc

from quantumcore.server.venue import Venue
from quantumcore.v1.execution_pb2 import Execution, ExecutionType
from quantumcore.v1.order_pb2 import OrderAcknowledgement
from quantumcore.v1.order_service_pb2 import (
    CancelOrderRequest,
    CreateOrderRequest,
    TradeCommand,
    TradeOptions,
    TradeRequest,
)
from quantumcore.v1.reject_pb2 import RejectReason
from quantumcore.v1.stream_pb2 import StreamEndReason
from quantumcore.v1.types_pb2 import OrderStatus
from tests.server.api.running import END, SELL, TRADER_TOKEN, Client, batch, order, refusal, running

MAX_COMMANDS = 10_000


async def acknowledgements(stream: Any, count: int) -> list[OrderAcknowledgement]:
    """Read until so many acknowledgements have come."""
    found: list[OrderAcknowledgement] = []
    while len(found) < count:
        found += (await stream.read()).acknowledgements
    return found


async def test_commands_are_acknowledged_once_each_in_their_order(client: Client) -> None:
    stream = client.trade()
    await stream.write(batch(*(order(f"a-{number}") for number in range(100))))
    await stream.write(batch(*(order(f"b-{number}") for number in range(50))))
    await stream.done_writing()
    answers = await acknowledgements(stream, 150)
    names = [*(f"a-{number}" for number in range(100)), *(f"b-{number}" for number in range(50))]
    assert [one.client_order_id for one in answers] == names
    assert await stream.read() is END
    assert await client.book() == ([(10_000, 150)], [])


async def test_a_batch_may_create_and_cancel_an_order(client: Client) -> None:
    cancel = CancelOrderRequest(account_id=1, client_order_id="first")
    request = batch(order("first"))
    request.commands.append(TradeCommand(cancel_order=cancel))
    stream = client.trade()
    await stream.write(request)
    created, cancelled = await acknowledgements(stream, 2)
    assert created.status == OrderStatus.ORDER_STATUS_NEW
    assert cancelled.status == OrderStatus.ORDER_STATUS_CANCELLED
    assert created.order_id == cancelled.order_id
    await stream.done_writing()


async def test_an_empty_batch_is_answered_by_nothing_and_breaks_nothing(client: Client) -> None:
    stream = client.trade()
    await stream.write(TradeRequest())
    await stream.write(batch(order("first")))
    assert len(await acknowledgements(stream, 1)) == 1
    await stream.done_writing()
    assert await stream.read() is END


async def test_executions_of_the_accounts_asked_for_come_on_the_same_stream(
    client: Client,
) -> None:
    await client.create_order("maker", side=SELL, account_id=2)
    stream = client.trade()
    await stream.write(batch(order("taker"), execution_account_ids=[1]))
    executions: list[Execution] = []
    while len(executions) < 2:
        executions += (await stream.read()).executions
    assert [one.type for one in executions] == [
        ExecutionType.EXECUTION_TYPE_NEW,
        ExecutionType.EXECUTION_TYPE_TRADE,
    ]
    assert {one.account_id for one in executions} == {1}
    await stream.done_writing()


async def test_answers_carry_the_journals_watermarks(client: Client) -> None:
    stream = client.trade()
    await stream.write(batch(order("first")))
    answer = await stream.read()
    assert answer.watermarks.accepted_sequence >= answer.acknowledgements[-1].sequence
    await stream.done_writing()


async def test_an_account_that_is_not_permitted_is_rejected_within_the_batch(
    client: Client, trader: Client
) -> None:
    stream = trader.trade()
    await stream.write(batch(order("mine"), order("not-mine", account_id=2)))
    mine, other = await acknowledgements(stream, 2)
    assert mine.status == OrderStatus.ORDER_STATUS_NEW
    assert other.status == OrderStatus.ORDER_STATUS_REJECTED
    assert other.reject_reason == RejectReason.REJECT_REASON_NOT_PERMITTED
    await stream.done_writing()
    assert await client.book() == ([(10_000, 1)], [])


async def test_a_batch_above_the_limit_applies_nothing(client: Client) -> None:
    stream = client.trade()
    await stream.write(batch(*(order(f"o-{n}") for n in range(MAX_COMMANDS + 1))))
    failed = await refusal(stream.read())
    assert failed.code is grpc.StatusCode.INVALID_ARGUMENT
    assert "10,000" in " ".join(failed.violations.values())
    assert await client.book() == ([], [])


async def test_malformed_bytes_end_the_stream_and_apply_nothing(client: Client) -> None:
    whole = batch(order("first"), order("second")).SerializeToString()
    raw = client.channel.stream_stream("/quantumcore.v1.OrderService/Trade")
    stream = raw(metadata=client.metadata)
    await stream.write(whole[:-3])
    failed = await refusal(stream.read())
    assert failed.code is grpc.StatusCode.INVALID_ARGUMENT
    assert failed.reason == "ERROR_REASON_MALFORMED_MESSAGE"
    assert await client.book() == ([], [])


async def test_what_came_before_the_malformed_message_is_answered(client: Client) -> None:
    raw = client.channel.stream_stream("/quantumcore.v1.OrderService/Trade")
    stream = raw(metadata=client.metadata)
    await stream.write(batch(order("first")).SerializeToString())
    await stream.write(b"\xff")
    assert b"first" in await stream.read()
    failed = await refusal(stream.read())
    assert failed.code is grpc.StatusCode.INVALID_ARGUMENT


async def test_options_are_allowed_on_the_first_message_only(client: Client) -> None:
    stream = client.trade()
    await stream.write(batch(order("first")))
    await acknowledgements(stream, 1)
    await stream.write(batch(order("second"), cancel_on_disconnect=True))
    failed = await refusal(stream.read())
    assert failed.violations.keys() == {"options"}
    assert await client.book() == ([(10_000, 1)], [])


async def test_executions_of_a_foreign_account_are_refused(trader: Client) -> None:
    stream = trader.trade()
    await stream.write(TradeRequest(options=TradeOptions(execution_account_ids=[2])))
    failed = await refusal(stream.read())
    assert failed.code is grpc.StatusCode.PERMISSION_DENIED


async def test_the_end_of_a_stream_cancels_its_orders_alone(client: Client) -> None:
    await client.create_order("stays", cents=9_000)
    stream = client.trade()
    await stream.write(batch(order("one"), order("two", account_id=2), cancel_on_disconnect=True))
    await acknowledgements(stream, 2)
    await stream.done_writing()
    assert await stream.read() is END
    assert await client.book() == ([(9_000, 1)], [])


async def test_a_lost_connection_cancels_the_streams_orders(venue: Venue, client: Client) -> None:
    lost = Client(venue.port)
    stream = lost.trade()
    await stream.write(batch(order("one"), cancel_on_disconnect=True))
    (created,) = await acknowledgements(stream, 1)
    stream.cancel()
    await lost.channel.close()
    from quantumcore.v1.order_service_pb2 import GetOrderRequest

    request = GetOrderRequest(order_id=created.order_id, min_sequence=created.sequence + 1)
    answer = await client.call(client.orders.GetOrder, request)
    assert answer.order.status == OrderStatus.ORDER_STATUS_CANCELLED


async def test_orders_of_a_stream_that_a_crash_ended_are_cancelled_at_the_next_start(
    tmp_path: Any,
) -> None:
    async with running(tmp_path / "venue") as (venue, client):
        await client.create_order("stays", cents=9_000)
        stream = client.trade()
        await stream.write(batch(order("one"), cancel_on_disconnect=True))
        await acknowledgements(stream, 1)
        crashed = copytree(venue.settings.data, tmp_path / "crashed")
    async with running(crashed) as (_, client):
        assert await client.book() == ([(9_000, 1)], [])


async def test_two_silent_streams_do_not_share_a_session(client: Client) -> None:
    first, second = client.trade(), client.trade()
    for stream in (first, second):
        await stream.write(batch(cancel_on_disconnect=True))
    await first.write(batch(order("one")))
    await acknowledgements(first, 1)
    await second.write(batch(order("two", cents=9_000)))
    await acknowledgements(second, 1)
    await first.done_writing()
    assert await first.read() is END
    assert await client.book() == ([(9_000, 1)], [])


async def test_draining_ends_the_stream_with_its_reason(tmp_path: Any) -> None:
    async with running(tmp_path) as (venue, client):
        stream = client.trade()
        await stream.write(batch(order("first")))
        await acknowledgements(stream, 1)
        await venue.drain()
        answer = await stream.read()
        assert answer.end.reason == StreamEndReason.STREAM_END_REASON_DRAINING
        assert await stream.read() is END


async def test_a_client_that_reads_nothing_is_ended_before_memory_grows(tmp_path: Any) -> None:
    from quantumcore.server.settings import StreamSettings

    tight = StreamSettings(
        max_waiting_bytes=64 * 1024, pause_reading_bytes=16 * 1024, stalled_after_s=3600
    )
    async with running(tmp_path, streams=tight) as (venue, client):
        slow = Client(venue.port)
        stream = slow.trade()
        await stream.write(TradeRequest(options=TradeOptions(execution_account_ids=[1])))
        busy = client.trade()
        created = 0
        while not any(outbox.end_reason for outbox in venue.streams):
            orders: list[CreateOrderRequest] = [
                order(f"o-{created + number}") for number in range(1000)
            ]
            created += len(orders)
            assert created < 1_000_000, "the slow stream was never ended"
            await busy.write(batch(*orders))
            await acknowledgements(busy, len(orders))
        await busy.done_writing()
        assert len(await client.book()) == 2
        await slow.channel.close()


async def test_a_trader_sees_its_own_token_only(venue: Venue) -> None:
    stranger = Client(venue.port, TRADER_TOKEN + "x")
    stream = stranger.trade()
    failed = await refusal(stream.read())
    assert failed.code is grpc.StatusCode.UNAUTHENTICATED
    await stranger.channel.close()
