"""Snapshots through the real door: taken by the process beside the venue, which begins with one."""

import asyncio
import threading
from pathlib import Path
from typing import Any

import grpc
import pytest
from structlog.testing import capture_logs

from quantumcore.server.core.state import Image
from quantumcore.server.journal.files import Files
from quantumcore.server.journal.retention import read_anchor, remove_segments
from quantumcore.server.snapshots.directory import SnapshotDirectory
from quantumcore.v1.event_store_service_pb2 import (
    CreateSnapshotRequest,
    CreateSnapshotResponse,
    ListSnapshotsRequest,
)
from quantumcore.v1.order_service_pb2 import StreamExecutionsRequest
from tests.server.api.running import TRADER_TOKEN, Client, running


def first_of(directory: SnapshotDirectory) -> str:
    """Wait for the first snapshot."""
    look_again = threading.Event()
    while not directory.names():
        look_again.wait(0.02)
    return directory.names()[0]


async def create(client: Client, **asked: int) -> CreateSnapshotResponse:
    method, request = client.events.CreateSnapshot, CreateSnapshotRequest(**asked)
    answer: CreateSnapshotResponse = await method(request, metadata=client.metadata, timeout=60)
    return answer


async def test_a_snapshot_is_created_listed_and_begun_with(tmp_path: Path) -> None:
    async with running(tmp_path, read_timeout_s=60) as (venue, client):
        await client.create_order("a")
        created = await create(client, request_id=7)
        assert created.snapshot.sequence >= venue.exchange.sequence
        assert created.snapshot.verified
        again = await create(client, request_id=7)
        assert again.repeated_request
        assert again.snapshot == created.snapshot
        await client.create_order("b")
        newer = await create(client, min_sequence=venue.exchange.sequence)
        first = await client.call(client.events.ListSnapshots, ListSnapshotsRequest(page_size=1))
        assert list(first.snapshots) == [newer.snapshot]
        request = ListSnapshotsRequest(page_size=1, page_token=first.next_page_token)
        second = await client.call(client.events.ListSnapshots, request)
        assert list(second.snapshots) == [created.snapshot]
        book, state = await client.book(), Image(venue.exchange).digest()
    assert SnapshotDirectory(tmp_path).headers()[0][1].state_hash == state
    with capture_logs() as lines:
        async with running(tmp_path) as (venue, client):
            assert await client.book() == book
            assert venue.writer.command_count > 0
    (recovered,) = [line for line in lines if line["event"] == "recovered"]
    assert recovered["snapshot_sequence"] == newer.snapshot.sequence
    assert recovered["replayed"] == 0


async def test_snapshots_are_taken_as_events_come(tmp_path: Path) -> None:
    async with running(tmp_path, snapshot_interval_events=20) as (venue, client):
        for number in range(25):
            await client.create_order(f"o{number}")
        directory = SnapshotDirectory(tmp_path)
        await asyncio.wait_for(asyncio.to_thread(first_of, directory), 60)
        assert directory.headers()[0][1].sequence <= venue.exchange.sequence


async def test_a_venue_without_snapshots_and_a_caller_without_the_right_are_told(
    tmp_path: Path,
) -> None:
    async with running(tmp_path, snapshots=False) as (_venue, client):
        with pytest.raises(grpc.aio.AioRpcError) as refused:
            await create(client)
        assert refused.value.code() == grpc.StatusCode.FAILED_PRECONDITION
        trader = Client(client.port, TRADER_TOKEN)
        for method, request in (
            (trader.events.ListSnapshots, ListSnapshotsRequest()),
            (trader.events.CreateSnapshot, CreateSnapshotRequest()),
        ):
            with pytest.raises(grpc.aio.AioRpcError) as refused:
                await trader.call(method, request)
            assert refused.value.code() == grpc.StatusCode.PERMISSION_DENIED
        await trader.channel.close()


async def test_what_was_removed_from_the_journal_is_refused_and_the_rest_is_sent(
    tmp_path: Path,
) -> None:
    options: dict[str, Any] = {"segment_bytes": 4096, "read_timeout_s": 60}
    async with running(tmp_path, **options) as (venue, client):
        for number in range(50):
            await client.create_order(f"o{number}")
        needed = (await create(client)).snapshot.sequence + 1
        assert remove_segments(tmp_path / "journal", needed)
        await client.create_order("another")
        anchor = read_anchor(Files(), tmp_path / "journal")
        assert anchor is not None
        first = anchor.next_sequence
        assert 1 < first <= needed
        for wanted in (1, first - 1):
            with pytest.raises(grpc.aio.AioRpcError) as refused:
                await executions(client, wanted, venue.exchange.sequence)
            assert refused.value.code() == grpc.StatusCode.OUT_OF_RANGE
        told = await executions(client, first, venue.exchange.sequence)
        assert told == list(range(first, venue.exchange.sequence + 1))
        state = Image(venue.exchange).digest()
    async with running(tmp_path, **options) as (venue, client):
        assert Image(venue.exchange).digest() == state


async def executions(client: Client, first: int, last: int) -> list[int]:
    """Return the sequences of executions from one to another."""
    request = StreamExecutionsRequest(account_ids=[1], from_sequence=first)
    stream = client.orders.StreamExecutions(request, metadata=client.metadata, timeout=30)
    told = list[int]()
    async for message in stream:
        told += [execution.sequence for execution in message.executions]
        if told and told[-1] >= last:
            break
    return told
