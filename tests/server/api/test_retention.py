"""Years pass: what has come of age goes, what is held stays, and the log is provable as before."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import closing
from pathlib import Path
from time import time_ns
from typing import Any

import grpc
import pytest

from quantumcore.server.api import event_store_service
from quantumcore.server.api.event_access import EventAccess
from quantumcore.server.settings import RetentionSettings
from quantumcore.server.store.errors import HistoryRemoved
from quantumcore.server.store.export.archive import read_archive
from quantumcore.server.store.export.formats import JsonLines
from quantumcore.server.store.export.selection import Selection, exported
from quantumcore.server.store.opening import open_store, same_database
from quantumcore.server.store.retention.classes import CLASSES
from quantumcore.server.store.sql.store import SqlEventStore
from quantumcore.server.venue import Venue
from quantumcore.v1.admin_service_pb2 import CreateAccountRequest
from quantumcore.v1.event_pb2 import AggregateType, EventType
from quantumcore.v1.event_store_service_pb2 import (
    ApplyRetentionRequest,
    EventFilter,
    GetRetentionRequest,
    GetStateAtRequest,
    ListLegalHoldsRequest,
    ReadDirection,
    ReadEventsRequest,
    SetLegalHoldRequest,
    SubscribeEventsRequest,
)
from quantumcore.v1.log_pb2 import LogDefect
from quantumcore.v1.retention_pb2 import EventClass, LegalHold
from tests.server.api.running import BUY, SELL, Client, refusal, running
from tests.server.api.test_audits import verified
from tests.server.api.test_event_store_service import journaled, read, trade
from tests.server.api.test_migration import COMPLETED, DUAL_WRITE, advance

ORDER = AggregateType.AGGREGATE_TYPE_ORDER
POSITION = AggregateType.AGGREGATE_TYPE_POSITION
DAY_NS = 86_400 * 10**9
SEVEN_YEARS_NS = 2_562 * DAY_NS


class Years:
    """A clock that can be set forward."""

    def __init__(self) -> None:
        self.passed_ns = 0

    def __call__(self) -> int:
        return time_ns() + self.passed_ns


@pytest.fixture
def years() -> Years:
    return Years()


@pytest.fixture
async def served(tmp_path: Path, years: Years) -> AsyncIterator[tuple[Venue, Client]]:
    url = f"sqlite:///{tmp_path / 'events.db'}"
    async with running(tmp_path, event_store=url, clock=years) as (venue, client):
        await read(client, min_sequence=venue.exchange.sequence)
        yield venue, client


async def hold(client: Client, **asked: Any) -> Any:
    request = SetLegalHoldRequest(**{"text": "ordered by a court"} | asked)
    return await client.call(client.events.SetLegalHold, request)


async def retention(client: Client) -> Any:
    request = GetRetentionRequest(include_outcomes=True)
    return await client.call(client.events.GetRetention, request)


async def apply(client: Client, **asked: Any) -> Any:
    return await client.call(client.events.ApplyRetention, ApplyRetentionRequest(**asked))


async def test_what_is_of_age_is_archived_and_removed_and_the_log_stays_provable(
    venue: Venue, client: Client, years: Years
) -> None:
    last = await trade(client)
    everything = journaled(venue)
    young = await client.call(client.events.GetRetention, GetRetentionRequest())
    assert [policy.keep_days for policy in young.policies] == [2_562] * 4
    assert (young.first_sequence, list(young.outcomes)) == (1, [])
    held = await hold(client, name="case 4711", account_ids=[2], request_id=5)
    assert held.legal_hold.legal_hold_id == 1
    again = await hold(client, name="case 4711", account_ids=[2], request_id=5)
    assert (again.repeated_request, again.sequence) == (True, held.sequence)

    years.passed_ns = SEVEN_YEARS_NS + DAY_NS
    fresh = (await client.create_order("after seven years", account_id=1, cents=1)).sequence
    planned = await retention(client)
    applied = await apply(client, request_id=9)
    assert list(applied.outcomes) == list(planned.outcomes)
    assert sum(one.removed_count for one in applied.outcomes) > 0
    assert sum(one.held_count for one in applied.outcomes) > 0
    repeated = await apply(client, request_id=9)
    assert (repeated.repeated_request, repeated.sequence) == (True, applied.sequence)
    assert list(repeated.outcomes) == list(applied.outcomes)

    sequences = {one.sequence for one in everything if one.aggregate_id == 2 and
                 one.aggregate_type == AggregateType.AGGREGATE_TYPE_ACCOUNT}  # fmt: skip
    archived = sorted(venue.settings.archive_directory.glob("*.jsonl"))
    removed = sorted(event for path in archived for event in read_archive(path))
    assert len(removed) == sum(one.removed_count for one in applied.outcomes)
    assert {one.sequence for one in removed}.isdisjoint(sequences)
    left = await read(client, include_remnants=True)
    kept = [one for one in everything if one.sequence in sequences]
    assert set(map(str, kept)) <= set(map(str, left))
    assert len(left) < len(everything)
    with pytest.raises(grpc.aio.AioRpcError) as gone:
        await read(client, from_sequence=2)
    assert gone.value.code() == grpc.StatusCode.OUT_OF_RANGE
    assert (await read(client))[0].sequence > max(
        one.until_sequence for one in applied.outcomes
    ) - 3
    assert (await read(client))[-1].sequence >= fresh

    await lift_and_apply_again(client, last, list(applied.outcomes))


async def lift_and_apply_again(client: Client, last: int, before: list[Any]) -> None:
    """Lift the hold: what it kept goes, and the log tells all four acts."""
    await hold(client, legal_hold_id=1, lift=True)
    second = await apply(client, event_class=EventClass.EVENT_CLASS_LEDGER)
    (outcome,) = second.outcomes
    assert (outcome.held_count, outcome.event_class) == (0, EventClass.EVENT_CLASS_LEDGER)
    assert outcome.removed_count > 0
    found = await verified(client, replay=True, compare_store=True)
    assert found.defect == LogDefect.LOG_DEFECT_UNSPECIFIED, found.text
    assert found.removed_count == outcome.removed_count + sum(one.removed_count for one in before)
    acts = await read(
        client,
        from_sequence=last,
        include_remnants=True,
        filter=EventFilter(
            event_types=[
                EventType.EVENT_TYPE_LEGAL_HOLD_CHANGED,
                EventType.EVENT_TYPE_RETENTION_APPLIED,
            ]
        ),
    )
    assert [one.principal_id for one in acts] == [1, 1, 1, 1]
    assert [one.legal_hold_changed.legal_hold.lifted for one in acts] == [False, False, True, False]
    assert list(acts[1].retention_applied.outcomes) == before


async def test_holds_are_listed_changed_and_lifted_by_operators(
    client: Client, trader: Client
) -> None:
    await check_operators_only(trader)
    for name in ("a", "b", "c"):
        await hold(client, name=name)
    await hold(client, legal_hold_id=2, account_ids=[1], text="only account 1")
    await hold(client, legal_hold_id=3, lift=True, text="the case is closed")
    listed = await client.call(client.events.ListLegalHolds, ListLegalHoldsRequest(page_size=1))
    assert [one.name for one in listed.legal_holds] == ["a"]
    following = ListLegalHoldsRequest(page_size=1, page_token=listed.next_page_token)
    listed = await client.call(client.events.ListLegalHolds, following)
    assert list(listed.legal_holds) == [
        LegalHold(legal_hold_id=2, name="b", account_ids=[1], text="only account 1")
    ]
    assert listed.next_page_token == ""
    everything = ListLegalHoldsRequest(include_lifted=True)
    listed = await client.call(client.events.ListLegalHolds, everything)
    assert [(one.name, one.lifted) for one in listed.legal_holds] == [
        ("a", False), ("b", False), ("c", True),
    ]  # fmt: skip
    for asked, code in (
        ({"name": "a"}, "ALREADY_EXISTS"),
        ({"name": ""}, "INVALID_ARGUMENT"),
        ({"name": "ä"}, "INVALID_ARGUMENT"),
        ({"name": "x" * 65}, "INVALID_ARGUMENT"),
        ({"name": "d", "text": ""}, "INVALID_ARGUMENT"),
        ({"name": "d", "text": "x" * 129}, "INVALID_ARGUMENT"),
        ({"name": "d", "account_ids": [99]}, "NOT_FOUND"),
        ({"name": "d", "from_time_ns": -1}, "INVALID_ARGUMENT"),
        ({"name": "d", "from_time_ns": 5, "until_time_ns": 5}, "INVALID_ARGUMENT"),
        ({"legal_hold_id": 9}, "NOT_FOUND"),
        ({"legal_hold_id": 3}, "FAILED_PRECONDITION"),
        ({"lift": True}, "INVALID_ARGUMENT"),
    ):
        assert (await refusal(hold(client, **asked))).code.name == code, asked


async def check_operators_only(trader: Client) -> None:
    """Ask as somebody who runs nothing."""
    events = trader.events
    for rpc, request in (
        (events.GetRetention, GetRetentionRequest()),
        (events.ApplyRetention, ApplyRetentionRequest()),
        (events.SetLegalHold, SetLegalHoldRequest()),
        (events.ListLegalHolds, ListLegalHoldsRequest()),
    ):
        told = await refusal(trader.call(rpc, request))
        assert told.code == grpc.StatusCode.PERMISSION_DENIED


async def test_a_state_is_not_told_where_some_of_its_events_are_gone(
    venue: Venue, client: Client, years: Years
) -> None:
    begun = time_ns()
    order_id = (await client.create_order("o1", account_id=1, side=BUY, units=5)).order_id
    await client.create_order("s1", account_id=2, side=SELL, units=5)
    held_until = time_ns() + 1
    await asyncio.sleep(0.01)
    await client.create_order("o2", account_id=1, side=BUY, units=7)
    filled = (await client.create_order("s2", account_id=2, side=SELL, units=7)).sequence
    await read(client, min_sequence=filled)
    of_positions = [one for one in journaled(venue) if one.aggregate_type == POSITION]
    position = next(one.aggregate_id for one in of_positions if one.aggregate_id >> 32 == 1)
    sequences = [one.sequence for one in of_positions if one.aggregate_id == position]
    assert len(sequences) >= 2
    await hold(client, name="a time", from_time_ns=begun, until_time_ns=held_until)
    before = await state(client, POSITION, position, at_sequence=sequences[0])
    years.passed_ns = SEVEN_YEARS_NS + DAY_NS
    fresh = await client.create_order("after seven years", account_id=1, side=BUY, units=3)
    await read(client, min_sequence=fresh.sequence)
    last_of_old = years()
    await apply(client)

    assert await state(client, POSITION, position, at_sequence=sequences[0]) == before
    assert (await state(client, ORDER, fresh.order_id, at_sequence=fresh.sequence)).order.version
    asked: list[tuple[AggregateType.ValueType, int, dict[str, int]]] = [
        (POSITION, position, {"at_sequence": filled}),
        (ORDER, order_id, {"at_sequence": filled}),
        (POSITION, position, {"at_time_ns": last_of_old}),
    ]
    again = (await client.create_order("traded", account_id=2, side=SELL, units=3)).sequence
    await read(client, min_sequence=again)
    asked.append((POSITION, position, {"at_sequence": again}))
    for kind, number, moment in asked:
        told = await refusal(state(client, kind, number, **moment))
        assert told.code == grpc.StatusCode.OUT_OF_RANGE, (kind, moment)


async def test_a_request_id_stands_for_one_content(client: Client) -> None:
    first = await hold(client, name="a", account_ids=[2, 1], from_time_ns=5, request_id=5)
    same = await hold(client, name="a", account_ids=[1, 2], from_time_ns=5, request_id=5)
    assert (same.repeated_request, same.sequence) == (True, first.sequence)
    changed = await hold(client, legal_hold_id=1, text="all accounts", request_id=6)
    again = await hold(client, legal_hold_id=1, text="all accounts", request_id=6)
    assert (again.repeated_request, again.sequence) == (True, changed.sequence)
    lifted = await hold(client, legal_hold_id=1, lift=True, request_id=7)
    again = await hold(client, legal_hold_id=1, lift=True, request_id=7)
    assert (again.repeated_request, again.sequence) == (True, lifted.sequence)
    orders, ledger = EventClass.EVENT_CLASS_ORDERS, EventClass.EVENT_CLASS_LEDGER
    await apply(client, event_class=orders, request_id=9)
    assert (await apply(client, event_class=orders, request_id=9)).repeated_request
    for asked in (
        hold(client, name="b", account_ids=[1, 2], from_time_ns=5, request_id=5),
        hold(client, name="a", account_ids=[2], from_time_ns=5, request_id=5),
        hold(client, name="a", account_ids=[1, 2], from_time_ns=5, text="else", request_id=5),
        hold(client, legal_hold_id=1, text="all accounts", request_id=5),
        hold(client, legal_hold_id=1, lift=True, request_id=6),
        hold(client, name="c", request_id=7),
        hold(client, name="c", request_id=9),
        apply(client, event_class=ledger, request_id=9),
        apply(client, request_id=9),
        apply(client, request_id=5),
    ):
        told = await refusal(asked)
        assert told.code == grpc.StatusCode.FAILED_PRECONDITION
        assert told.reason == "REJECT_REASON_REQUEST_ID_REUSED"


async def test_what_is_removed_is_told_whatever_its_request_id_stood_for(
    client: Client, years: Years
) -> None:
    await read(client, min_sequence=await trade(client))
    created = CreateAccountRequest(request_id=4, name="another")
    await client.call(client.admin.CreateAccount, created)
    years.passed_ns = SEVEN_YEARS_NS + DAY_NS
    last = (await client.create_order("after seven years", account_id=1, cents=1)).sequence
    told = await refusal(apply(client, request_id=4))
    assert told.reason == "REJECT_REASON_REQUEST_ID_REUSED"
    applied = (await read(client, from_sequence=last + 1, min_sequence=last + 1))[-1]
    assert sum(one.removed_count for one in applied.retention_applied.outcomes) > 0


async def test_retention_waits_for_the_end_of_a_move(tmp_path: Path) -> None:
    old, new = (f"sqlite:///{tmp_path / name}" for name in ("old.db", "new.db"))
    async with running(tmp_path, event_store=old, migration_target=new) as (_venue, client):
        assert (await apply(client, request_id=1)).sequence
        for wanted in range(DUAL_WRITE, COMPLETED):
            await client.create_order(f"o{wanted}", account_id=1, cents=1)
            await advance(client, wanted)
            told = await refusal(apply(client, request_id=2))
            assert told.code == grpc.StatusCode.FAILED_PRECONDITION
            assert "moved" in told.text
            assert (await apply(client, request_id=1)).repeated_request
        await advance(client, COMPLETED)
        assert (await apply(client, request_id=2)).sequence


async def test_what_is_removed_from_is_what_is_read(tmp_path: Path) -> None:
    read_one, other = (f"sqlite:///{tmp_path / name}" for name in ("read.db", "other.db"))
    async with running(
        tmp_path, event_store=read_one, retention=RetentionSettings(store=other)
    ) as (_venue, client):
        told = await refusal(apply(client))
        assert told.code == grpc.StatusCode.FAILED_PRECONDITION
        assert "retention.store" in told.text


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("postgresql://feeder:x@db/v", "postgresql+psycopg://keeper:y@DB:5432/v", True),
        ("postgresql://db/v", "postgresql://db/w", False),
        ("postgresql://db/v", "postgresql://db:5433/v", False),
        ("postgresql://db/v", "postgresql:///v?host=db&port=5432", True),
        ("sqlite:////a/b.db", "sqlite:////a/./b.db", True),
        ("sqlite:////a/b.db", "sqlite:////a/c.db", False),
    ],
)
def test_a_database_is_the_same_whoever_opens_it(one: str, other: str, same: bool) -> None:
    assert same_database(one, other) is same


async def test_what_is_removed_is_told_though_its_caller_goes_away(
    client: Client, venue: Venue, years: Years
) -> None:
    await read(client, min_sequence=await trade(client))
    years.passed_ns = SEVEN_YEARS_NS + DAY_NS
    await client.create_order("after seven years", account_id=1, cents=1)
    asked = asyncio.ensure_future(apply(client, request_id=3))
    for _ in range(10_000):
        if list(venue.settings.archive_directory.glob("*")):
            break
        await asyncio.sleep(0.001)
    asked.cancel()
    again = await apply(client, request_id=3)
    assert again.repeated_request
    assert sum(one.removed_count for one in again.outcomes) > 0


async def test_who_reads_while_events_go_is_told_so(
    client: Client, venue: Venue, years: Years, monkeypatch: pytest.MonkeyPatch
) -> None:
    await read(client, min_sequence=await trade(client))
    years.passed_ns = SEVEN_YEARS_NS + DAY_NS
    last = (await client.create_order("after seven years", account_id=1, cents=1)).sequence
    applied, kept_events = asyncio.Event(), EventAccess.kept_events

    async def slow(access: EventAccess, first: int, *more: Any, **asked: Any) -> list[Any]:
        if first > 1:
            await applied.wait()
        return await kept_events(access, first, *more, **asked)

    monkeypatch.setattr(event_store_service, "WINDOW", 5)
    monkeypatch.setattr(EventAccess, "kept_events", slow)
    forward = ReadEventsRequest(direction=ReadDirection.READ_DIRECTION_FORWARD, min_sequence=last)
    following = SubscribeEventsRequest(from_sequence=1)
    streams = (
        client.events.ReadEvents(forward, metadata=client.metadata),
        client.events.SubscribeEvents(following, metadata=client.metadata),
    )
    reads = [asyncio.ensure_future(sequences_of(one)) for one in streams]
    await asyncio.sleep(0.1)
    await apply(client)
    applied.set()
    for found, code in await asyncio.wait_for(asyncio.gather(*reads), 20):
        assert code == grpc.StatusCode.OUT_OF_RANGE
        assert set(found) == {1, 2, 3, 4, 5}

    with closing(open_store(venue.settings.event_store)) as store:
        assert isinstance(store, SqlEventStore)
        for whole in (CLASSES, (EventClass.EVENT_CLASS_LEDGER,)):
            selection = Selection(last=last, whole=whole)
            with pytest.raises(HistoryRemoved):
                list(exported(store, selection, JsonLines()))
        assert list(exported(store, Selection(last=last), JsonLines()))


async def sequences_of(stream: Any) -> tuple[list[int], grpc.StatusCode]:
    """Return what a stream sends, and how it ends."""
    found: list[int] = []
    try:
        async for message in stream:
            found += [one.sequence for one in message.events]
    except grpc.aio.AioRpcError as ended:
        return found, ended.code()
    return found, grpc.StatusCode.OK


async def state(client: Client, kind: AggregateType.ValueType, number: int, **moment: int) -> Any:
    request = GetStateAtRequest(aggregate_type=kind, aggregate_id=number, **moment)
    return await client.call(client.events.GetStateAt, request)
