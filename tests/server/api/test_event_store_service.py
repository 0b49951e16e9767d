"""Events are read and followed through the real door, from a store that is fed beside the venue."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from time import time_ns
from typing import Any

import grpc
import pytest

from quantumcore.server import events as beside
from quantumcore.server.store.decoding.decoder import Decoder
from quantumcore.server.store.errors import StoreUnavailable
from quantumcore.server.store.port import Batch
from quantumcore.server.store.projections.orders import Orders
from quantumcore.server.store.projections.projector import Projector
from quantumcore.server.store.sql.engine import open_engine
from quantumcore.server.store.sql.store import SqlEventStore
from quantumcore.server.store.stored_event import event_of
from quantumcore.server.store.upcasting import Upcasting
from quantumcore.server.venue import Venue
from quantumcore.v1.admin_service_pb2 import GetStatusRequest
from quantumcore.v1.event_pb2 import AggregateType, Event, EventType
from quantumcore.v1.event_store_service_pb2 import (
    EventFilter,
    GetMigrationRequest,
    GetStateAtRequest,
    ReadDirection,
    ReadEventsRequest,
    SubscribeEventsRequest,
)
from quantumcore.v1.status_pb2 import ProjectionStatus
from quantumcore.v1.stream_pb2 import StreamEndReason
from tests.server.api.feeding import FeederThread
from tests.server.api.running import NANOS, SELL, Client, running
from tests.server.store.removing import removed_until

FORWARD = ReadDirection.READ_DIRECTION_FORWARD
BACKWARD = ReadDirection.READ_DIRECTION_BACKWARD


@pytest.fixture
async def served(
    tmp_path: Path, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[tuple[Venue, Client]]:
    """A venue with a store that a thread feeds, or a process for the tests that ask for it."""
    if "own_process" not in request.keywords:
        monkeypatch.setattr(beside, "FeederProcess", FeederThread)
    url = f"sqlite:///{tmp_path / 'events.db'}"
    async with running(tmp_path, event_store=url) as (venue, client):
        await read(client, min_sequence=venue.exchange.sequence)
        yield venue, client


async def trade(client: Client, count: int = 5) -> int:
    """Let accounts 1 and 2 trade; return the last sequence."""
    last = 0
    for number in range(count):
        await client.create_order(f"m{number}", account_id=2, side=SELL, units=2)
        last = (await client.create_order(f"t{number}", units=1)).sequence
    return last


async def read(client: Client, **asked: Any) -> list[Event]:
    """Read to the end."""
    request = ReadEventsRequest(**{"direction": FORWARD} | asked)
    events: list[Event] = []
    async for message in client.events.ReadEvents(request, metadata=client.metadata, timeout=30):
        events += message.events
    return events


def journaled(venue: Venue) -> list[Event]:
    """Decode the venue's journal in this process."""
    decoder, upcasting = Decoder(), Upcasting()
    blocks = venue.journal.blocks()
    return [event_of(one, upcasting) for block in blocks for one in decoder.decode(block)]


@pytest.mark.own_process
async def test_all_that_was_acknowledged_is_read(venue: Venue, client: Client) -> None:
    last = await trade(client)
    events = await read(client, min_sequence=last)
    assert events == journaled(venue)
    assert events[-1].sequence >= last
    assert events[0].event_type == EventType.EVENT_TYPE_VENUE_CONFIGURED


async def test_reading_backward_from_a_sequence_with_a_limit(venue: Venue, client: Client) -> None:
    last = await trade(client)
    expected = [one for one in journaled(venue) if one.sequence <= last - 3][::-1]
    asked: dict[str, Any] = {"direction": BACKWARD, "from_sequence": last - 3}
    assert await read(client, min_sequence=last, max_events=7, **asked) == expected[:7]
    assert await read(client, **asked) == expected


async def test_a_filter_gives_what_matches_all_of_it(venue: Venue, client: Client) -> None:
    last = await trade(client)
    everything = journaled(venue)
    kind = AggregateType.AGGREGATE_TYPE_POSITION
    positions = await read(client, min_sequence=last, filter=EventFilter(aggregate_type=kind))
    assert positions == [one for one in everything if one.aggregate_type == kind]
    asked = EventFilter(event_types=[EventType.EVENT_TYPE_CASH_MOVED], account_ids=[2])
    moved = await read(client, filter=asked)
    assert {one.aggregate_id for one in moved} == {2}
    assert len(moved) == 5


@pytest.mark.own_process
async def test_a_subscription_leads_from_the_past_into_the_present(
    venue: Venue, client: Client
) -> None:
    await trade(client, 3)
    now = venue.exchange.sequence
    stream = client.events.SubscribeEvents(
        SubscribeEventsRequest(from_sequence=2), metadata=client.metadata
    )
    first = await stream.read()
    assert first.live_after_sequence == now
    last = (await client.create_order("later")).sequence
    events = list(first.events)
    while not events or events[-1].sequence < last:
        events += (await stream.read()).events
    assert events == [one for one in journaled(venue) if 2 <= one.sequence <= last]
    stream.cancel()


async def test_a_live_subscription_has_nothing_of_before(venue: Venue, client: Client) -> None:
    await trade(client, 1)
    now = venue.exchange.sequence
    stream = client.events.SubscribeEvents(SubscribeEventsRequest(), metadata=client.metadata)
    assert (await stream.read()).live_after_sequence == now
    await client.create_order("later")
    message = await stream.read()
    while not message.events:
        assert message.heartbeat.sequence <= venue.exchange.sequence
        message = await stream.read()
    assert message.events[0].sequence == now + 1
    stream.cancel()


async def test_a_subscription_ends_with_where_to_go_on(venue: Venue, client: Client) -> None:
    await read(client, min_sequence=await trade(client, 1))
    stream = client.events.SubscribeEvents(
        SubscribeEventsRequest(from_sequence=1), metadata=client.metadata
    )
    message = await stream.read()
    while not message.events or message.events[-1].sequence < venue.exchange.sequence:
        message = await stream.read()
    venue.streams.end_all(StreamEndReason.STREAM_END_REASON_DRAINING, "closing")
    while not message.HasField("end"):
        message = await stream.read()
    assert message.end.resume_from_sequence == venue.exchange.sequence + 1


async def test_a_trader_reads_its_own_and_learns_nothing_of_others(
    venue: Venue, client: Client, trader: Client
) -> None:
    last = await trade(client)
    seen = await read(trader, min_sequence=last, filter=EventFilter(account_ids=[1]))
    assert seen
    for event in seen:
        payload = getattr(event, str(event.WhichOneof("payload")))
        assert (event.principal_id, event.session_id, event.correlation_id) == (0, 0, 0)
        if hasattr(payload, "fill"):
            assert payload.fill.counter_order_id == 0
    own = await trader.create_order("own", request_id=77, cents=1)
    asked = EventFilter(account_ids=[1], correlation_id=77)
    (accepted,) = await read(trader, min_sequence=own.sequence, filter=asked)
    assert (accepted.principal_id, accepted.correlation_id) == (2, 77)


@pytest.mark.parametrize(
    "asked",
    [
        {},
        {"filter": EventFilter(account_ids=[1, 2])},
        {"filter": EventFilter(account_ids=[1], principal_id=1)},
    ],
)
async def test_a_trader_may_not_read_what_is_not_its_own(
    trader: Client, asked: dict[str, Any]
) -> None:
    with pytest.raises(grpc.aio.AioRpcError) as refused:
        await read(trader, **asked)
    assert refused.value.code() == grpc.StatusCode.PERMISSION_DENIED


@pytest.mark.parametrize(
    "asked",
    [
        {"direction": ReadDirection.READ_DIRECTION_UNSPECIFIED},
        {"from_sequence": -1},
        {"min_sequence": -1},
        {"filter": EventFilter(aggregate_id=5)},
        {"filter": EventFilter(account_ids=range(1, 1002))},
    ],
)
async def test_requests_that_make_no_sense_are_refused(
    client: Client, asked: dict[str, Any]
) -> None:
    with pytest.raises(grpc.aio.AioRpcError) as refused:
        await read(client, **asked)
    assert refused.value.code() == grpc.StatusCode.INVALID_ARGUMENT


async def test_a_subscription_from_the_future_is_refused(client: Client) -> None:
    request = SubscribeEventsRequest(from_sequence=10**6)
    stream = client.events.SubscribeEvents(request, metadata=client.metadata)
    with pytest.raises(grpc.aio.AioRpcError) as refused:
        await stream.read()
    assert refused.value.code() == grpc.StatusCode.INVALID_ARGUMENT


async def test_history_that_is_gone_is_named(venue: Venue, client: Client) -> None:
    last = await trade(client)
    await read(client, min_sequence=last)
    removed_until(venue.settings.event_store, 4)
    with pytest.raises(grpc.aio.AioRpcError) as refused:
        await read(client, from_sequence=4)
    assert refused.value.code() == grpc.StatusCode.OUT_OF_RANGE
    assert (await read(client))[0].sequence == 5


async def test_a_store_that_is_gone_is_unavailable_and_orders_go_on(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    await read(client, min_sequence=await trade(client, 1))

    def gone(_store: SqlEventStore) -> None:
        raise StoreUnavailable("gone")

    monkeypatch.setattr(SqlEventStore, "position", gone)
    with pytest.raises(grpc.aio.AioRpcError) as refused:
        await read(client)
    assert refused.value.code() == grpc.StatusCode.UNAVAILABLE
    assert (await client.create_order("still")).order_id


async def standing(client: Client, name: str) -> ProjectionStatus | None:
    answer = await client.call(client.admin.GetStatus, GetStatusRequest())
    return next((one for one in answer.status.projections if one.name == name), None)


async def test_status_tells_how_far_store_and_projections_are(
    venue: Venue, client: Client, tmp_path: Path
) -> None:
    last = await trade(client)
    engine = open_engine(f"sqlite:///{tmp_path / 'events.db'}")
    store = SqlEventStore(engine)
    await read(client, min_sequence=last)
    await asyncio.to_thread(Projector(engine, store, [Orders()]).catch_up)
    lag = venue._events._lag
    assert lag is not None
    await lag.look()
    for name in ("event_store", "orders"):
        told = await standing(client, name)
        assert told == ProjectionStatus(name=name, sequence=venue.exchange.sequence)
    assert await standing(client, "positions") is None
    last = await trade_more(client)
    await read(client, min_sequence=last)
    await lag.look()
    told = await standing(client, "orders")
    assert told is not None
    assert told.lag_events == venue.exchange.sequence - told.sequence > 0
    event = next(store.read(told.sequence + 1, limit=1))
    assert 0 < told.lag_ns <= time_ns() - event.time_ns
    store.close()


async def trade_more(client: Client) -> int:
    return (await client.create_order("more", cents=1)).sequence


async def test_a_store_that_is_behind_for_too_long_is_named_and_orders_go_on(
    client: Client, venue: Venue, monkeypatch: pytest.MonkeyPatch
) -> None:
    await read(client, min_sequence=await trade(client, 1))
    lag, now = venue._events._lag, time_ns()
    assert lag is not None
    await lag.look()

    def gone(_store: SqlEventStore, _batch: Batch) -> None:
        raise StoreUnavailable("gone")

    monkeypatch.setattr(SqlEventStore, "append", gone)
    assert (await client.create_order("unheld", cents=1)).order_id
    monkeypatch.setattr(lag, "_clock", lambda: now + 59 * NANOS)
    await lag.look()
    told = await standing(client, "event_store")
    assert told is not None
    assert (told.lag_events, told.error) == (1, "")
    monkeypatch.setattr(lag, "_clock", lambda: now + 100 * NANOS)
    told = await standing(client, "event_store")
    assert told is not None
    assert told.lag_ns > 60 * NANOS
    assert told.error == "behind by more than 60 s"
    assert (await client.create_order("taken", cents=1)).order_id


@pytest.mark.own_process
async def test_a_feeder_that_dies_is_started_again(venue: Venue, client: Client) -> None:
    await read(client, min_sequence=await trade(client, 1))
    feeder = venue._events._feeder
    assert feeder is not None
    assert feeder._process is not None
    feeder._process.kill()
    last = (await client.create_order("after")).sequence
    assert (await read(client, min_sequence=last))[-1].sequence == last


async def state(client: Client, kind: int, number: int, **moment: int) -> Any:
    request = GetStateAtRequest(aggregate_type=kind, aggregate_id=number, **moment)  # type: ignore[arg-type]
    return await client.call(client.events.GetStateAt, request)


async def test_a_state_is_told_as_of_every_sequence_and_time(venue: Venue, client: Client) -> None:
    order_id = (await client.create_order("m", account_id=2, side=SELL, units=5)).order_id
    steps = [await client.create_order(f"t{number}", units=1) for number in range(3)]
    await read(client, min_sequence=steps[-1].sequence)
    kind = AggregateType.AGGREGATE_TYPE_ORDER
    for number, step in enumerate(steps, 1):
        by_sequence = await state(client, kind, order_id, at_sequence=step.sequence)
        assert by_sequence.order.cumulative_quantity == number * NANOS
        assert by_sequence.sequence == step.sequence
        by_time = await state(client, kind, order_id, at_time_ns=step.time_ns)
        assert by_time.order == by_sequence.order
        assert by_time.aggregate_version == 1 + number
    view = venue.exchange.order(order_id)
    assert view is not None
    assert by_time.order.leaves_quantity == view.leaves_quantity


async def test_states_of_other_kinds(venue: Venue, client: Client) -> None:
    last = await trade(client)
    await read(client, min_sequence=last)
    moment = {"at_sequence": last}
    position = await state(client, AggregateType.AGGREGATE_TYPE_POSITION, 1 << 32 | 1, **moment)
    assert position.position.net_quantity == 5 * NANOS
    account = await state(client, AggregateType.AGGREGATE_TYPE_ACCOUNT, 2, **moment)
    assert account.account == venue.catalogue.accounts[2]
    instrument = await state(client, AggregateType.AGGREGATE_TYPE_INSTRUMENT, 1, **moment)
    assert instrument.instrument == venue.catalogue.instruments[1]


@pytest.mark.parametrize(
    ("kind", "number", "moment", "code"),
    [
        (AggregateType.AGGREGATE_TYPE_VENUE, 1, {"at_sequence": 1}, "INVALID_ARGUMENT"),
        (AggregateType.AGGREGATE_TYPE_ACCOUNT, 0, {"at_sequence": 1}, "INVALID_ARGUMENT"),
        (AggregateType.AGGREGATE_TYPE_ACCOUNT, 1, {}, "INVALID_ARGUMENT"),
        (AggregateType.AGGREGATE_TYPE_ACCOUNT, 1, {"at_sequence": 10**9}, "INVALID_ARGUMENT"),
        (AggregateType.AGGREGATE_TYPE_ACCOUNT, 1, {"at_sequence": 1}, "NOT_FOUND"),
        (AggregateType.AGGREGATE_TYPE_ACCOUNT, 1, {"at_time_ns": 1}, "NOT_FOUND"),
    ],
)
async def test_states_that_are_not_there(
    client: Client, kind: int, number: int, moment: dict[str, int], code: str
) -> None:
    with pytest.raises(grpc.aio.AioRpcError) as refused:
        await state(client, kind, number, **moment)
    assert refused.value.code().name == code


async def test_states_of_other_accounts_are_not_there(client: Client, trader: Client) -> None:
    last = await trade(client)
    await read(client, min_sequence=last)
    kind = AggregateType.AGGREGATE_TYPE_ACCOUNT
    assert (await state(trader, kind, 1, at_sequence=last)).account.account_id == 1
    with pytest.raises(grpc.aio.AioRpcError) as refused:
        await state(trader, kind, 2, at_sequence=last)
    assert refused.value.code() == grpc.StatusCode.NOT_FOUND


async def test_a_venue_without_a_store_says_so(tmp_path: Path) -> None:
    async with running(tmp_path / "other") as (_venue, other):
        with pytest.raises(grpc.aio.AioRpcError) as refused:
            await read(other)
        assert refused.value.code() == grpc.StatusCode.UNIMPLEMENTED
        with pytest.raises(grpc.aio.AioRpcError) as refused:
            await other.call(other.events.GetMigration, GetMigrationRequest())
        assert refused.value.code() == grpc.StatusCode.UNIMPLEMENTED
