"""Sessions: their ids, who is told of them, and mass cancels of what one has entered."""

from shutil import copytree
from typing import Any

import grpc
import pytest

from quantumcore.server.venue import Venue
from quantumcore.v1.admin_service_pb2 import ListSessionsRequest
from quantumcore.v1.execution_pb2 import Execution, ExecutionType
from quantumcore.v1.order_pb2 import OrderAcknowledgement
from quantumcore.v1.order_service_pb2 import (
    CancelMultiLegOrderRequest,
    CancelOrdersRequest,
    StreamExecutionsRequest,
    TradeRequest,
)
from quantumcore.v1.principal_pb2 import SessionProtocol
from quantumcore.v1.reject_pb2 import CancelReason, RejectReason
from tests.server.api.running import END, Client, batch, order, running, until


async def session_of(stream: Any, *orders: Any, **options: Any) -> int:
    """Send orders on a new stream, wait for their answers, and return the session's id."""
    await stream.write(batch(*orders, **options))
    session_id = answered = 0
    while answered < len(orders):
        message = await stream.read()
        session_id, answered = (
            session_id or message.session_id,
            answered + len(message.acknowledgements),
        )
    return session_id


async def cancel(client: Client, **terms: Any) -> OrderAcknowledgement:
    request = CancelOrdersRequest(**{"account_id": 1} | terms)
    answer = await client.call(client.orders.CancelOrders, request)
    acknowledgement: OrderAcknowledgement = answer.acknowledgement
    return acknowledgement


async def cancelled(client: Client, first: int) -> Execution:
    """Return the first execution from a sequence on that cancels an order."""
    request = StreamExecutionsRequest(account_ids=[1], from_sequence=first)
    stream = client.orders.StreamExecutions(request, metadata=client.metadata)
    kind = ExecutionType.EXECUTION_TYPE_CANCELLED
    message = await until(stream, lambda found: any(one.type == kind for one in found.executions))
    stream.cancel()
    found: Execution = next(one for one in message.executions if one.type == kind)
    return found


async def listed(client: Client, **filters: Any) -> list[Any]:
    request = ListSessionsRequest(**filters)
    return list((await client.call(client.admin.ListSessions, request)).sessions)


async def test_a_stream_is_told_its_session_once(client: Client) -> None:
    stream = client.trade()
    first = await session_of(stream, order("one"))
    await stream.write(batch(order("two")))
    again = await until(stream, lambda message: message.acknowledgements)
    assert (first, again.session_id) == (1, 0)
    other = client.trade()
    assert await session_of(other, order("three")) == 2


async def test_a_stream_that_sends_no_command_is_told_with_a_heartbeat(client: Client) -> None:
    stream = client.trade()
    await stream.write(TradeRequest())
    message = await until(stream, lambda message: message.session_id)
    assert message.HasField("heartbeat")


@pytest.mark.parametrize("cancel_on_disconnect", [False, True])
async def test_what_a_session_entered_is_cancelled_as_a_mass_cancel(
    client: Client, cancel_on_disconnect: bool
) -> None:
    await client.create_order("unary", cents=9_000)
    mine, other = client.trade(), client.trade()
    options = {"cancel_on_disconnect": cancel_on_disconnect}
    session_id = await session_of(mine, order("one"), order("two"), **options)
    await session_of(other, order("other", cents=9_500))
    answer = await cancel(client, session_id=session_id)
    assert (answer.affected_orders, answer.reject_reason) == (2, 0)
    assert await client.book() == ([(9_500, 1), (9_000, 1)], [])
    told = await cancelled(client, answer.sequence - 2)
    assert told.cancel_reason == CancelReason.CANCEL_REASON_MASS_CANCEL
    assert (await cancel(client, session_id=session_id)).affected_orders == 0


async def test_the_end_of_a_session_is_told_as_disconnect(client: Client) -> None:
    stream = client.trade()
    await session_of(stream, order("one"), cancel_on_disconnect=True)
    await stream.done_writing()
    assert await until_end(stream) is END
    told = await cancelled(client, 1)
    assert told.cancel_reason == CancelReason.CANCEL_REASON_DISCONNECT


async def until_end(stream: Any) -> object:
    while (message := await stream.read()) is not END:
        pass
    return message


async def test_orders_of_a_session_without_the_option_outlive_it_and_can_be_cancelled(
    client: Client,
) -> None:
    stream = client.trade()
    session_id = await session_of(stream, order("one"))
    await stream.done_writing()
    assert await until_end(stream) is END
    assert await client.book() == ([(10_000, 1)], [])
    assert (await cancel(client, session_id=session_id)).affected_orders == 1


@pytest.mark.parametrize("session_id", [2, 77, 2**63 - 1, 2**64 - 1])
async def test_a_session_that_never_was_is_refused(client: Client, session_id: int) -> None:
    await session_of(client.trade(), order("one"))
    answer = await cancel(client, session_id=session_id)
    assert answer.reject_reason == RejectReason.REJECT_REASON_UNKNOWN_RESOURCE
    field = CancelOrdersRequest.DESCRIPTOR.fields_by_number[answer.reject_field].name
    assert (field, answer.reject_value % 2**64) == ("session_id", session_id)
    assert await client.book() == ([(10_000, 1)], [])


async def test_a_restart_knows_sessions_and_cancels_those_alone_that_say_so(tmp_path: Any) -> None:
    async with running(tmp_path / "venue") as (venue, client):
        stays = await session_of(client.trade(), order("stays", cents=9_000))
        await session_of(client.trade(), order("ends"), cancel_on_disconnect=True)
        crashed = copytree(venue.settings.data, tmp_path / "crashed")
    async with running(crashed) as (_, client):
        assert await client.book() == ([(9_000, 1)], [])
        assert await session_of(client.trade(), order("new")) == 3
        assert (await cancel(client, session_id=stays)).affected_orders == 1


async def test_open_sessions_are_listed_to_their_owners_and_to_operators(
    client: Client, trader: Client
) -> None:
    assert await listed(client) == []
    own, foreign = client.trade(), trader.trade()
    first = await session_of(own, order("a"), order("b"), cancel_on_disconnect=True)
    second = await session_of(foreign, order("c"))
    found = await listed(client)
    assert [one.session_id for one in found] == [first, second]
    assert [one.principal_id for one in found] == [1, 2]
    assert [one.command_count for one in found] == [2, 1]
    assert [one.cancel_on_disconnect for one in found] == [True, False]
    assert {one.protocol for one in found} == {SessionProtocol.SESSION_PROTOCOL_GRPC}
    assert all("127.0.0.1" in one.peer_address for one in found)
    assert all(0 < one.started_time_ns <= one.last_received_time_ns for one in found)
    assert [one.session_id for one in await listed(trader)] == [second]
    assert [one.session_id for one in await listed(client, principal_id=1)] == [first]
    assert await listed(trader, principal_id=1) == []
    await own.done_writing()
    assert await until_end(own) is END
    assert [one.session_id for one in await listed(client)] == [second]


async def test_sessions_are_listed_page_by_page(client: Client) -> None:
    streams = [client.trade() for _ in range(3)]
    ids = [await session_of(stream, order(str(n))) for n, stream in enumerate(streams)]
    request = ListSessionsRequest(page_size=2)
    first = await client.call(client.admin.ListSessions, request)
    request.page_token = first.next_page_token
    second = await client.call(client.admin.ListSessions, request)
    assert [one.session_id for one in [*first.sessions, *second.sessions]] == ids
    assert second.next_page_token == ""


async def test_malformed_first_message_opens_no_session(venue: Venue, client: Client) -> None:
    raw = client.channel.stream_stream("/quantumcore.v1.OrderService/Trade")
    stream = raw(metadata=client.metadata)
    await stream.write(b"\xff")
    with pytest.raises(grpc.aio.AioRpcError):
        await stream.read()
    assert await session_of(client.trade(), order("one")) == 1
    assert venue.exchange.working_orders == 1


async def test_a_refused_cancel_of_a_multi_leg_order_carries_its_id(client: Client) -> None:
    before = await client.create_order("one", cents=9_000)
    request = CancelMultiLegOrderRequest(account_id=1, multi_leg_order_id=77)
    answer = await client.call(client.orders.CancelMultiLegOrder, request)
    assert answer.acknowledgement.reject_reason == RejectReason.REJECT_REASON_UNKNOWN_ORDER
    follow = StreamExecutionsRequest(account_ids=[1], from_sequence=before.sequence)
    stream = client.orders.StreamExecutions(follow, metadata=client.metadata)
    kind = ExecutionType.EXECUTION_TYPE_CANCEL_REJECTED
    message = await until(stream, lambda found: any(one.type == kind for one in found.executions))
    stream.cancel()
    told = next(one for one in message.executions if one.type == kind)
    assert (told.order_id, told.multi_leg_order_id, told.trade_id) == (0, 77, 0)
