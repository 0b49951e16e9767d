"""Turns and books larger than a message, and ends that come at the wrong moment."""

from pathlib import Path
from typing import Any

from quantumcore.server.settings import StreamSettings
from quantumcore.v1.book_pb2 import BookMode
from quantumcore.v1.matching_service_pb2 import StreamBookRequest
from quantumcore.v1.order_service_pb2 import CancelOrdersRequest, StreamExecutionsRequest
from tests.server.api.running import NANOS, Client, batch, order, running

ORDERS = 80_000
BATCH = 4_000


async def fill(client: Client, count: int, **terms: Any) -> None:
    """Enter resting orders through the Trade stream."""
    stream = client.trade()
    for start in range(0, count, BATCH):
        numbers = range(start, min(start + BATCH, count))
        await stream.write(batch(*(order(f"n{number}", **terms) for number in numbers)))
        answered = 0
        while answered < len(numbers):
            answered += len((await stream.read()).acknowledgements)
    await stream.done_writing()


async def collect(stream: Any, count: int) -> list[int]:
    """Read so many executions and return their sequences; a message over 4 MiB would fail."""
    sequences: list[int] = []
    while len(sequences) < count:
        answer = await stream.read()
        assert not answer.HasField("end"), answer.end
        sequences += [execution.sequence for execution in answer.executions]
    return sequences


async def test_one_huge_turn_reaches_live_and_resumed_readers(tmp_path: Path) -> None:
    async with running(tmp_path, order_capacity=2 * ORDERS) as (venue, client):
        await fill(client, ORDERS)
        begun = venue.exchange.sequence
        following = StreamExecutionsRequest(account_ids=[1])
        live = client.orders.StreamExecutions(following, metadata=client.metadata)
        await live.wait_for_connection()
        await client.call(client.orders.CancelOrders, CancelOrdersRequest(account_id=1))
        expected = list(range(begun + 1, begun + ORDERS + 1))
        assert await collect(live, ORDERS) == expected
        again = StreamExecutionsRequest(account_ids=[1], from_sequence=begun + 1)
        resumed = client.orders.StreamExecutions(again, metadata=client.metadata)
        assert await collect(resumed, ORDERS) == expected


async def test_a_book_larger_than_what_may_wait_is_sent_all_the_same(tmp_path: Path) -> None:
    tight = StreamSettings(max_waiting_bytes=4096, pause_reading_bytes=1024)
    async with running(tmp_path, streams=tight) as (_, client):
        stream = client.trade()
        await stream.write(batch(*(order(f"n{n}", cents=5_000 + n) for n in range(300))))
        await stream.read()
        request = StreamBookRequest(
            instrument_ids=[1], mode=BookMode.BOOK_MODE_EVERY_UPDATE, depth=1000
        )
        book = client.matching.StreamBook(request, metadata=client.metadata)
        (snapshot,) = (await book.read()).updates
        assert len(snapshot.changes) == 300
        assert snapshot.changes[0].quantity == NANOS
        book.cancel()


async def test_a_client_that_leaves_just_before_a_drain_is_still_cancelled(tmp_path: Path) -> None:
    async with running(tmp_path) as (venue, client):
        stream = client.trade()
        await stream.write(batch(order("one"), cancel_on_disconnect=True))
        await stream.read()
        stream.cancel()
        await venue.drain()
        assert venue.exchange.working_orders == 0
        assert not venue.writer.failed
