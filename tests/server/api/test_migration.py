"""The store of a running venue is moved through the real door, by real processes."""

import asyncio
from pathlib import Path
from typing import Any

import grpc
import pytest

from quantumcore.server.kept_process import KeptProcess
from quantumcore.server.moves import Moves
from quantumcore.server.store.decoding.decoder import Decoder
from quantumcore.server.store.errors import MoveUnderWay
from quantumcore.server.store.migration.moving import StepRefused
from quantumcore.server.store.opening import open_store
from quantumcore.server.venue import Venue
from quantumcore.v1.event_pb2 import AggregateType, Event
from quantumcore.v1.event_store_service_pb2 import (
    AdvanceMigrationRequest,
    GetMigrationRequest,
    GetStateAtRequest,
    ListMigrationDifferencesRequest,
    ListMigrationFaultsRequest,
    ReadDirection,
    ReadEventsRequest,
)
from quantumcore.v1.migration_pb2 import Migration
from quantumcore.v1.order_pb2 import Order
from tests.server.api.running import SELL, TRADER_TOKEN, Client, Refusal, running

ORDER = AggregateType.AGGREGATE_TYPE_ORDER
IDLE, DUAL_WRITE, BACKFILL, VERIFY, READ_NEW, COMPLETED = range(1, 7)
SOON = {"TARGET_BEHIND", "BACKFILL_UNFINISHED", "NOT_VERIFIED", "FAULT_OPEN"}
WAITS = (grpc.StatusCode.UNAVAILABLE, grpc.StatusCode.INVALID_ARGUMENT)
PREFIX = "ERROR_REASON_MIGRATION_"


def stores(data: Path) -> dict[str, Any]:
    return {
        "event_store": f"legacy+sqlite:///{data / 'legacy.db'}",
        "migration_target": f"sqlite:///{data / 'events.db'}",
    }


async def trade(client: Client, name: str) -> int:
    """Let accounts 1 and 2 trade; return the last sequence."""
    await client.create_order(f"m{name}", account_id=2, side=SELL, units=2)
    return (await client.create_order(f"t{name}", units=1)).sequence


async def move(client: Client) -> Migration:
    answer = await client.call(client.events.GetMigration, GetMigrationRequest())
    migration: Migration = answer.migration
    return migration


async def step(client: Client, expected: int, wanted: int, **named: Any) -> Any:
    request = AdvanceMigrationRequest(
        expected_phase=expected,  # type: ignore[arg-type]
        target_phase=wanted,  # type: ignore[arg-type]
        **named,
    )
    return await client.call(client.events.AdvanceMigration, request)


async def refusal(client: Client, expected: int, wanted: int) -> str:
    with pytest.raises(grpc.aio.AioRpcError) as refused:
        await step(client, expected, wanted)
    assert refused.value.code() == grpc.StatusCode.FAILED_PRECONDITION
    return Refusal(refused.value).reason.removeprefix(PREFIX)


async def advance(client: Client, wanted: int) -> Any:
    """Take a step once the stores allow it."""
    while True:
        try:
            return await step(client, wanted - 1, wanted)
        except grpc.aio.AioRpcError as refused:
            reason = Refusal(refused).reason.removeprefix(PREFIX)
            if refused.code() != grpc.StatusCode.UNAVAILABLE and reason not in SOON:
                raise
        await asyncio.sleep(0.05)


async def state(client: Client, sequence: int, order_id: int) -> Order:
    """Read how an order stood once the store that is read has that sequence."""
    while True:
        try:
            request = GetStateAtRequest(
                aggregate_type=ORDER, aggregate_id=order_id, at_sequence=sequence
            )
            answer = await client.call(client.events.GetStateAt, request)
        except grpc.aio.AioRpcError as refused:
            if refused.code() not in WAITS:
                raise
            await asyncio.sleep(0.02)
            continue
        order: Order = answer.order
        return order


async def read(client: Client, min_sequence: int) -> list[Event]:
    request = ReadEventsRequest(
        direction=ReadDirection.READ_DIRECTION_FORWARD, min_sequence=min_sequence
    )
    events: list[Event] = []
    async for message in client.events.ReadEvents(request, metadata=client.metadata, timeout=30):
        events += message.events
    return events


def event_count(venue: Venue) -> int:
    decoder = Decoder()
    return sum(len(decoder.decode(block)) for block in venue.journal.blocks())


async def test_a_venue_moves_from_rows_to_events_while_it_trades(tmp_path: Path) -> None:
    """Through a restart; refused back at the end."""
    settings = stores(tmp_path)
    async with running(tmp_path, **settings) as (venue, client):
        order_id = (await client.create_order("mine", units=1)).order_id
        for phase in (IDLE, DUAL_WRITE, BACKFILL):
            await check_phase(venue, client, phase, order_id)
    async with running(tmp_path, furnished=False, **settings) as (venue, client):
        for phase in (VERIFY, READ_NEW):
            await check_phase(venue, client, phase, order_id)
        await check_reads(venue, client, COMPLETED, order_id)
        assert await refusal(client, COMPLETED, READ_NEW) == "COMPLETED"
        assert (await move(client)).mismatch_count == 0
        request = ListMigrationDifferencesRequest(include_resolved=True)
        listed = await client.call(client.events.ListMigrationDifferences, request)
        assert list(listed.differences) == []
    with pytest.raises(MoveUnderWay, match="was moved to"):
        async with running(tmp_path, furnished=False, event_store=settings["event_store"]):
            pass


async def check_phase(venue: Venue, client: Client, phase: int, order_id: int) -> None:
    """See that the right store answers, go on, and trade."""
    await check_reads(venue, client, phase, order_id)
    answer = await advance(client, phase + 1)
    assert answer.migration.phase == phase + 1
    await trade(client, f"+{phase}")


async def check_reads(venue: Venue, client: Client, phase: int, order_id: int) -> None:
    """Trade, and see that the store of the phase answers."""
    last = await trade(client, f"-{phase}")
    assert (await state(client, last, order_id)).client_order_id == "mine"
    if phase >= READ_NEW:
        assert len(await read(client, last)) == event_count(venue)
        return
    with pytest.raises(grpc.aio.AioRpcError) as refused:
        await read(client, 0)
    assert refused.value.code() == grpc.StatusCode.FAILED_PRECONDITION


async def test_only_operators_move_and_only_from_where_the_move_is(tmp_path: Path) -> None:
    async with running(tmp_path, **stores(tmp_path)) as (venue, client):
        trader = Client(venue.port, TRADER_TOKEN)
        for call in (
            trader.call(trader.events.GetMigration, GetMigrationRequest()),
            step(trader, IDLE, DUAL_WRITE),
            trader.call(trader.events.ListMigrationFaults, ListMigrationFaultsRequest()),
        ):
            with pytest.raises(grpc.aio.AioRpcError) as refused:
                await call
            assert refused.value.code() == grpc.StatusCode.PERMISSION_DENIED
        assert await refusal(client, VERIFY, READ_NEW) == "PHASE"
        assert await refusal(client, IDLE, BACKFILL) == "PHASE"
        for expected, wanted in ((0, IDLE), (IDLE, 0), (IDLE, 99)):
            with pytest.raises(grpc.aio.AioRpcError) as refused:
                await step(client, expected, wanted)
            assert refused.value.code() == grpc.StatusCode.INVALID_ARGUMENT
        assert (await move(client)).phase == IDLE
        await trader.channel.close()


async def test_a_step_is_taken_once_for_a_request_and_taken_back(tmp_path: Path) -> None:
    async with running(tmp_path, **stores(tmp_path)) as (_venue, client):
        while True:
            try:
                first = await step(client, IDLE, DUAL_WRITE, request_id=2**64 - 5)
                break
            except grpc.aio.AioRpcError as refused:
                if refused.code() != grpc.StatusCode.UNAVAILABLE:
                    raise
                await asyncio.sleep(0.05)
        again = await step(client, IDLE, DUAL_WRITE, request_id=2**64 - 5)
        assert again.repeated_request
        assert again.migration == first.migration
        with pytest.raises(grpc.aio.AioRpcError) as refused_again:
            await step(client, DUAL_WRITE, BACKFILL, request_id=2**64 - 5)
        assert Refusal(refused_again.value).reason == "REJECT_REASON_REQUEST_ID_REUSED"
        await step(client, DUAL_WRITE, IDLE)
        assert (await move(client)).phase == IDLE


async def test_a_step_is_taken_whole_though_its_caller_goes_away(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    started: list[KeptProcess] = []

    def start(process: KeptProcess) -> None:
        started.append(process)

    monkeypatch.setattr(KeptProcess, "start", start)
    named = stores(tmp_path)
    open_store(named["event_store"], make_tables=True).close()
    moves = Moves(tmp_path, named["event_store"], named["migration_target"])
    moves.start()
    step = asyncio.ensure_future(
        moves.advance(IDLE, DUAL_WRITE, sequence=lambda: 0, principal_id=1, request_id=0)
    )
    await asyncio.sleep(0)
    step.cancel()
    await asyncio.gather(step, return_exceptions=True)
    assert step.cancelled()
    with pytest.raises(StepRefused, match="not IDLE"):
        await moves.advance(IDLE, DUAL_WRITE, sequence=lambda: 0, principal_id=1, request_id=0)
    assert moves.moving.phase == DUAL_WRITE
    assert len(started) >= 3
    await moves.stop()


async def test_a_venue_whose_settings_name_no_target_has_no_move(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'events.db'}"
    async with running(tmp_path, event_store=url) as (_venue, client):
        assert (await move(client)).phase == IDLE
        assert await refusal(client, IDLE, DUAL_WRITE) == "NO_TARGET"
