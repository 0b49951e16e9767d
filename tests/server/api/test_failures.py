"""The journal fails, the venue is killed, the venue comes back."""

import asyncio
import errno
import os
import threading
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import grpc
import pytest
from grpc_health.v1 import health_pb2

from quantumcore.server.core.exchange_cy import Exchange
from quantumcore.server.journal.files import Files
from quantumcore.v1.admin_service_pb2 import GetStatusRequest
from quantumcore.v1.order_service_pb2 import (
    CancelOrderRequest,
    CancelOrdersRequest,
    ListOrdersRequest,
    ReplaceOrderRequest,
    StreamExecutionsRequest,
)
from quantumcore.v1.status_pb2 import VenueState
from quantumcore.v1.stream_pb2 import StreamEndReason
from quantumcore.v1.types_pb2 import OrderStatus
from tests.server.api.running import (
    NANOS,
    Client,
    Refusal,
    batch,
    order,
    refusal,
    running,
    until,
)

NOT_SERVING = health_pb2.HealthCheckResponse.NOT_SERVING


class FailingFiles(Files):
    """A file system whose writes and syncs fail from a moment on."""

    def __init__(self, number: int = errno.ENOSPC) -> None:
        self.number = number
        self.write_fails = False
        self.sync_fails = False
        self.before_sync: Callable[[], None] | None = None

    def writev(self, descriptor: int, buffers: Sequence[bytes | bytearray | memoryview]) -> int:
        if self.write_fails:
            raise OSError(self.number, os.strerror(self.number))
        return super().writev(descriptor, buffers)

    def fdatasync(self, descriptor: int) -> None:
        if self.before_sync is not None:
            self.before_sync()
        if self.sync_fails:
            raise OSError(self.number, os.strerror(self.number))
        super().fdatasync(descriptor)


async def not_serving(client: Client) -> None:
    """Wait until health says so."""
    watch = client.health.Watch(health_pb2.HealthCheckRequest())
    await until(watch, lambda answer: answer.status == NOT_SERVING)


@pytest.mark.parametrize("durability", ["process", "disk"])
@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EIO])
async def test_what_cannot_be_written_is_never_acknowledged_and_stops_the_venue(
    tmp_path: Path, number: int, durability: str
) -> None:
    files = FailingFiles(number)
    async with running(tmp_path, files=files, durability=durability) as (_venue, client):
        await client.create_order("stored")
        files.write_fails = True
        failed = await refusal(client.create_order("lost"))
        assert failed.code is grpc.StatusCode.UNAVAILABLE
        assert failed.reason == "ERROR_REASON_JOURNAL_FAILED"
        await not_serving(client)
        files.write_fails = False
        assert (await refusal(client.create_order("later"))).code is grpc.StatusCode.UNAVAILABLE
        status = await client.call(client.admin.GetStatus, GetStatusRequest())
        assert status.status.state == VenueState.VENUE_STATE_JOURNAL_FAILED
    async with running(tmp_path) as (_venue, client):
        answer = await client.call(client.orders.ListOrders, ListOrdersRequest(account_id=1))
        assert [one.client_order_id for one in answer.orders] == ["stored"]


async def test_a_failed_journal_ends_streams_with_its_reason(tmp_path: Path) -> None:
    files = FailingFiles()
    async with running(tmp_path, files=files) as (_venue, client):
        request = StreamExecutionsRequest(account_ids=[1])
        executions = client.orders.StreamExecutions(request, metadata=client.metadata)
        await executions.read()
        trade = client.trade()
        files.write_fails = True
        await trade.write(batch(order("lost")))
        for stream in (trade, executions):
            message = await until(stream, lambda found: found.HasField("end"))
            assert message.end.reason == StreamEndReason.STREAM_END_REASON_JOURNAL_FAILED
            assert not getattr(message, "acknowledgements", ())
            assert not message.executions


async def test_a_command_that_breaks_half_way_stops_the_venue_under_its_own_name(
    tmp_path: Path,
) -> None:
    def broken(exchange: Exchange) -> int:
        exchange.is_torn = True
        raise MemoryError

    async with running(tmp_path) as (venue, client):
        await client.create_order("stored")
        request = StreamExecutionsRequest(account_ids=[1])
        executions = client.orders.StreamExecutions(request, metadata=client.metadata)
        await executions.read()
        with pytest.raises(MemoryError):
            venue.writer.administer(broken)
        message = await until(executions, lambda found: found.HasField("end"))
        assert message.end.reason == StreamEndReason.STREAM_END_REASON_VENUE_FAULTED
        failed = await refusal(client.create_order("lost"))
        assert failed.code is grpc.StatusCode.UNAVAILABLE
        assert failed.reason == "ERROR_REASON_VENUE_FAULTED"
        await not_serving(client)
        status = await client.call(client.admin.GetStatus, GetStatusRequest())
        assert status.status.state == VenueState.VENUE_STATE_FAULTED
    async with running(tmp_path) as (_venue, client):
        answer = await client.call(client.orders.ListOrders, ListOrdersRequest(account_id=1))
        assert [one.client_order_id for one in answer.orders] == ["stored"]


async def test_reads_show_nothing_that_was_not_stored(tmp_path: Path) -> None:
    files = FailingFiles()
    async with running(tmp_path, files=files) as (_venue, client):
        files.write_fails = True
        await refusal(client.create_order("lost"))
        assert (await refusal(client.book())).code is grpc.StatusCode.UNAVAILABLE


async def test_with_disk_durability_the_sync_comes_before_the_acknowledgement(
    tmp_path: Path,
) -> None:
    files = FailingFiles()
    async with running(tmp_path, files=files, durability="disk") as (venue, client):
        created = await client.create_order("first")
        assert venue.journal.durable_sequence >= created.sequence


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EIO])
async def test_with_disk_durability_a_failed_sync_is_never_acknowledged(
    tmp_path: Path, number: int
) -> None:
    files = FailingFiles(number)
    async with running(tmp_path, files=files, durability="disk") as (_venue, client):
        files.sync_fails = True
        trade = client.trade()
        await trade.write(batch(order("in-a-batch"), execution_account_ids=[1]))
        failed = await refusal(client.create_order("lost"))
        assert failed.code is grpc.StatusCode.UNAVAILABLE
        message = await until(trade, lambda found: found.HasField("end"))
        assert message.end.reason == StreamEndReason.STREAM_END_REASON_JOURNAL_FAILED
        assert not message.acknowledgements
        assert not message.executions
        await not_serving(client)


class SlowDisk(Files):
    """A disk that syncs nothing until it is told to go on."""

    def __init__(self) -> None:
        self.goes_on = threading.Event()
        self.goes_on.set()

    def fdatasync(self, descriptor: int) -> None:
        self.goes_on.wait()
        super().fdatasync(descriptor)


@pytest.mark.parametrize("durability", ["process", "disk"])
async def test_commands_are_refused_while_the_disk_is_behind(
    tmp_path: Path, durability: str
) -> None:
    disk, limit = SlowDisk(), 32 * 1024
    terms: dict[str, Any] = {"files": disk, "max_unsynced_bytes": limit, "durability": durability}
    async with running(tmp_path, **terms) as (venue, client):
        disk.goes_on.clear()
        pending = [
            asyncio.ensure_future(client.create_order(f"o{number}", request_id=number + 1))
            for number in range(300)
        ]
        refused = [await first_failure(pending)]
        reached = venue.journal.unsynced_bytes
        assert limit < reached < limit + 2 * venue.settings.max_turn_bytes
        refused.append(await refusal(client.create_order("more")))
        refused.append(await refusal(client.create_order("and more")))
        assert venue.journal.unsynced_bytes == reached
        for failed in refused:
            assert failed.code is grpc.StatusCode.UNAVAILABLE
            assert failed.reason == "ERROR_REASON_JOURNAL_BEHIND"
            assert failed.metadata == {"limit": str(limit), "value": str(reached)}
        assert await client.health_status() != NOT_SERVING
        acknowledged = {task for task in pending if task.done() and not task.exception()}
        assert not acknowledged or durability == "process"
        disk.goes_on.set()
        results = await asyncio.gather(*pending, return_exceptions=True)
        taken = [one for one in results if not isinstance(one, BaseException)]
        assert 0 < len(taken) < 300
        await reached_by_turns(lambda: venue.journal.unsynced_bytes <= limit)
        assert (await client.create_order("afterwards")).order_id
        bids = (await client.book())[0]
        assert bids == [(10_000, len(taken) + 1)]


async def reached_by_turns(condition: Callable[[], bool]) -> None:
    """Let the event loop turn until something holds that nobody is told of."""
    while not condition():  # noqa: ASYNC110
        await asyncio.sleep(0)


async def first_failure(pending: list[asyncio.Task[Any]]) -> Refusal:
    """Return the failure of the first task that has one."""
    done: set[asyncio.Task[Any]] = set()
    rest = set(pending)
    while not any(task.exception() for task in done):
        done, rest = await asyncio.wait(rest, return_when=asyncio.FIRST_COMPLETED)
    return await refusal(next(task for task in done if task.exception()))


async def test_a_batch_that_comes_while_the_disk_is_behind_ends_its_stream(tmp_path: Path) -> None:
    disk = SlowDisk()
    terms: dict[str, Any] = {"files": disk, "max_unsynced_bytes": 8192, "durability": "disk"}
    async with running(tmp_path, **terms) as (venue, client):
        disk.goes_on.clear()
        trade = client.trade()
        await trade.write(batch(*(order(f"first{number}") for number in range(200))))
        await reached_by_turns(lambda: venue.journal.unsynced_bytes > 8192)
        await trade.write(batch(order("refused")))
        other = client.trade()
        await other.write(batch(order("refused as well")))
        assert await other.code() is grpc.StatusCode.UNAVAILABLE
        (session,) = venue._trades._sessions.values()
        await reached_by_turns(lambda: session._failure is not None)
        disk.goes_on.set()
        await until(trade, lambda found: len(found.acknowledgements) == 200)
        for stream in (trade, other):
            assert await stream.code() is grpc.StatusCode.UNAVAILABLE
            assert "wait for the disk" in await stream.details()
        assert await client.book() == ([(10_000, 200)], [])


async def test_every_acknowledgement_tells_how_far_the_journal_is(tmp_path: Path) -> None:
    async with running(tmp_path, durability="disk") as (_venue, client):
        request = order("one", request_id=1)
        created = await client.call(client.orders.CreateOrder, request)
        replaced = await client.call(
            client.orders.ReplaceOrder,
            ReplaceOrderRequest(account_id=1, client_order_id="one", quantity=2 * NANOS),
        )
        cancelled = await client.call(
            client.orders.CancelOrder, CancelOrderRequest(account_id=1, client_order_id="one")
        )
        every = await client.call(client.orders.CancelOrders, CancelOrdersRequest(account_id=1))
        for answer in (created, replaced, cancelled, every):
            marks = answer.watermarks
            assert marks.accepted_sequence >= marks.durable_sequence
            assert marks.durable_sequence >= answer.acknowledgement.sequence > 0


async def test_a_restart_brings_back_the_same_state(tmp_path: Path) -> None:
    async with running(tmp_path) as (_venue, client):
        for number in range(20):
            await client.create_order(f"o-{number}", cents=10_000 - number % 5)
        await client.create_order("taker", side=2, cents=9_999, units=5, account_id=2)
        before = await client.book(), await client.state_hash()
    async with running(tmp_path) as (venue, client):
        assert (await client.book(), await client.state_hash()) == before
        assert venue.journal.epoch == 2
        again = await client.create_order("o-1")
        assert again.status == OrderStatus.ORDER_STATUS_REJECTED
        assert (await client.create_order("new")).status == OrderStatus.ORDER_STATUS_NEW


async def test_request_ids_are_remembered_over_a_restart(tmp_path: Path) -> None:
    async with running(tmp_path) as (_venue, client):
        first = await client.create_order("first", request_id=9)
    async with running(tmp_path) as (_venue, client):
        again = await client.create_order("first", request_id=9)
        assert again.repeated_request
        assert (again.order_id, again.time_ns) == (first.order_id, first.time_ns)


async def test_a_draining_venue_refuses_commands_and_keeps_what_it_took(tmp_path: Path) -> None:
    async with running(tmp_path) as (venue, client):
        await client.create_order("first")
        before = await client.state_hash()
        venue.writer.stop_accepting()
        failed = await refusal(client.create_order("late"))
        assert failed.reason == "ERROR_REASON_DRAINING"
        assert await client.state_hash() == before
    async with running(tmp_path) as (_venue, client):
        assert await client.book() == ([(10_000, 1)], [])


async def test_commands_of_one_turn_share_one_block(tmp_path: Path) -> None:
    async with running(tmp_path) as (venue, client):
        before = venue.journal.block_count
        trade = client.trade()
        await trade.write(batch(*(order(f"o-{number}") for number in range(200))))
        await until(trade, lambda found: len(found.acknowledgements) == 200)
        assert venue.journal.block_count - before == 1
        trade.cancel()
        assert await client.book() == ([(10_000, 200)], [])


async def test_a_command_that_breaks_half_way_is_never_stored_and_stops_the_venue(
    tmp_path: Path,
) -> None:
    def broken(exchange: Exchange) -> int:
        start = exchange.turn.end
        exchange.turn.append((32 << 16) | 0xFF, *[0] * 31)  # a kind of command that there is not
        exchange.apply(start)
        return start

    async with running(tmp_path) as (venue, client):
        await client.create_order("stored")
        with pytest.raises(AssertionError, match="no such command"):
            venue.writer.administer(broken)
        await not_serving(client)
        failed = await refusal(client.create_order("later"))
        assert failed.code is grpc.StatusCode.UNAVAILABLE
    async with running(tmp_path) as (_venue, client):
        answer = await client.call(client.orders.ListOrders, ListOrdersRequest(account_id=1))
        assert [one.client_order_id for one in answer.orders] == ["stored"]
