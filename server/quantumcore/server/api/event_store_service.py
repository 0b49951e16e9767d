"""EventStoreService: events read and followed."""

import asyncio
from collections.abc import Coroutine, Iterator
from functools import partial
from itertools import groupby
from typing import Any

from quantumcore.server.api.auth import Identity
from quantumcore.server.api.errors import HistoryGone, InvalidField, NotPermitted
from quantumcore.server.api.event_access import EventAccess
from quantumcore.server.api.migration_rpcs import MigrationRpcs
from quantumcore.server.api.outbox import Outbox
from quantumcore.server.api.publisher import Publisher
from quantumcore.server.api.rpc import Call
from quantumcore.server.api.state_at import state_at
from quantumcore.server.api.streams import Streams, pump
from quantumcore.server.moves import Moves
from quantumcore.server.store.port import EventQuery
from quantumcore.server.store.stored_event import StoredEvent, event_of
from quantumcore.server.store.upcasting import Upcasting
from quantumcore.v1.event_pb2 import AggregateType, Event
from quantumcore.v1.event_store_service_pb2 import (
    EventFilter,
    GetStateAtRequest,
    GetStateAtResponse,
    ReadDirection,
    ReadEventsRequest,
    ReadEventsResponse,
    SubscribeEventsRequest,
    SubscribeEventsResponse,
)
from quantumcore.v1.stream_pb2 import Heartbeat

MAX_LISTED = 1000
WINDOW = 5_000  # sequences that are looked through at a time
PIECE_BYTES = 256 * 1024
WAITING_BYTES = 1024 * 1024  # of a subscription, before more is read
SIGNED = 1 << 63


class EventStoreService(MigrationRpcs):
    """Send stored events; what the store does not have yet is waited for."""

    def __init__(
        self,
        access: EventAccess,
        publisher: Publisher,
        streams: Streams,
        *,
        timeout_s: float,
        moves: Moves | None = None,
    ) -> None:
        self._access = access
        self._publisher = publisher
        self._streams = streams
        self._timeout_s = timeout_s
        self._moves = moves
        self._upcasting = Upcasting()

    async def read_events(self, request: ReadEventsRequest, call: Call) -> None:
        """Send the events that are there, then end."""
        query = _query(request.filter, call.identity)
        backward = _is_backward(request)
        _check_not_negative("min_sequence", request.min_sequence)
        await self._access.reach(request.min_sequence, within_s=call.seconds_left(self._timeout_s))
        first, last = await self._bounds(request, backward=backward)
        await call.begin()
        left = request.max_events or None
        for start, end in _windows(first, last, backward=backward):
            events = await self._access.events(start, end, query, backward=backward, limit=left)
            for piece in self._pieces(events, call.identity):
                await call.write(ReadEventsResponse(events=piece).SerializeToString())
            if not events:
                await call.write(_progress(self._publisher, start if backward else end))
            if left is not None:
                left -= len(events)
                if left == 0:
                    return

    async def subscribe_events(self, request: SubscribeEventsRequest, call: Call) -> None:
        """Send what happened from a sequence on, then what happens, until either side ends."""
        query = _query(request.filter, call.identity)
        now = self._publisher.sequence
        following = await self._first(request.from_sequence, now)
        with self._streams.opened(SubscribeEventsResponse) as outbox:
            outbox.resume_from = partial(int, following)
            outbox.put(SubscribeEventsResponse(live_after_sequence=now).SerializeToString())
            follow = self._follow(outbox, query, call.identity, following)
            await _first_of(pump(call, outbox), follow)

    async def get_state_at(self, request: GetStateAtRequest, call: Call) -> GetStateAtResponse:
        """Tell how a thing stood as of a sequence or a time."""
        answer = await state_at(request, self._access, call.identity)
        if self._moves is not None and self._moves.shadow is not None:
            self._moves.shadow.compare(request, call.identity, answer)
        return answer

    async def _follow(
        self, outbox: Outbox, query: EventQuery, identity: Identity, following: int
    ) -> None:
        """Put events into the outbox as the store gets them, and as the client takes them."""
        outbox.covered = partial(_at_most, following - 1)
        while not outbox.ended:
            await self._access.reached(following)
            last = min(self._access.sequence, following + WINDOW - 1)
            events = await self._access.events(following, last, query, backward=False, limit=None)
            for piece in self._pieces(events, identity):
                message = SubscribeEventsResponse(events=piece)
                outbox.put(message.SerializeToString(), piece[0].sequence)
            following = last + 1
            outbox.resume_from = partial(int, following)
            outbox.covered = partial(_at_most, last)
            await outbox.room(WAITING_BYTES)

    async def _first(self, from_sequence: int, now: int) -> int:
        _check_not_negative("from_sequence", from_sequence)
        if from_sequence > now + 1:
            problem = f"lies beyond {now + 1}, the next event"
            raise InvalidField("from_sequence", problem, limit=now + 1, value=from_sequence)
        if from_sequence:
            await self._check_kept(from_sequence)
        return from_sequence or now + 1

    async def _bounds(self, request: ReadEventsRequest, *, backward: bool) -> tuple[int, int]:
        """Return the first and last sequence to read."""
        start = request.from_sequence
        _check_not_negative("from_sequence", start)
        last, kept = await self._access.position(), await self._access.first_sequence()
        if start:
            await self._check_kept(start)
        if backward:
            return kept, min(last, start) if start else last
        return start or kept, last

    async def _check_kept(self, sequence: int) -> None:
        first = await self._access.first_sequence()
        if sequence < first:
            raise HistoryGone(f"events before {first} are gone", limit=first, value=sequence)

    def _pieces(self, events: list[StoredEvent], identity: Identity) -> Iterator[list[Event]]:
        """Cut events into messages at sequences, however many events a sequence has."""
        piece: list[Event] = []
        size = 0
        for _sequence, parts in groupby(events, key=lambda event: event.sequence):
            if size > PIECE_BYTES:
                yield piece
                piece, size = [], 0
            for stored in parts:
                piece.append(_shown(event_of(stored, self._upcasting), identity))
                size += len(stored.payload) + 100
        if piece:
            yield piece


def _query(asked: EventFilter, identity: Identity) -> EventQuery:
    """Return what a filter asks for, as far as the caller may ask it."""
    if len(asked.account_ids) > MAX_LISTED:
        problem = f"names more than {MAX_LISTED} accounts"
        raise InvalidField(
            "filter.account_ids", problem, limit=MAX_LISTED, value=len(asked.account_ids)
        )
    if asked.aggregate_type not in AggregateType.values():
        raise InvalidField("filter.aggregate_type", "is not known", value=asked.aggregate_type)
    if asked.aggregate_id and not asked.aggregate_type:
        raise InvalidField("filter.aggregate_id", "needs aggregate_type")
    principal_id = asked.principal_id
    if not identity.admin:
        principal_id = _checked(asked, identity)
    correlation_id = asked.correlation_id
    return EventQuery(
        aggregate_type=asked.aggregate_type,
        aggregate_id=min(asked.aggregate_id, SIGNED - 1),
        event_types=tuple(asked.event_types),
        account_ids=tuple(asked.account_ids),
        instrument_ids=tuple(asked.instrument_ids),
        principal_id=principal_id,
        correlation_id=correlation_id - 2 * SIGNED if correlation_id >= SIGNED else correlation_id,
    )


def _checked(asked: EventFilter, identity: Identity) -> int:
    """Return the principal to filter by for one who is no operator; raise NotPermitted."""
    if not asked.account_ids:
        raise NotPermitted("name accounts in the filter: only operators read all events")
    for account_id in asked.account_ids:
        identity.require_account(account_id)
    if asked.principal_id not in {0, identity.number}:
        raise NotPermitted("only operators filter by other principals")
    return identity.number if asked.correlation_id else asked.principal_id


def _shown(event: Event, identity: Identity) -> Event:
    """Return an event without what only operators see."""
    if identity.admin:
        return event
    if event.principal_id != identity.number:
        event.principal_id = event.session_id = event.correlation_id = 0
    payload = getattr(event, str(event.WhichOneof("payload")))
    if "fill" in payload.DESCRIPTOR.fields_by_name:
        payload.fill.counter_order_id = 0
    return event


def _is_backward(request: ReadEventsRequest) -> bool:
    match request.direction:
        case ReadDirection.READ_DIRECTION_FORWARD:
            return False
        case ReadDirection.READ_DIRECTION_BACKWARD:
            return True
    raise InvalidField("direction", "is required", value=request.direction)


def _check_not_negative(field: str, value: int) -> None:
    if value < 0:
        raise InvalidField(field, "is negative", limit=0, value=value)


def _windows(first: int, last: int, *, backward: bool) -> Iterator[tuple[int, int]]:
    """Cut [first, last] into stretches, in the direction of reading."""
    starts = range(first, last + 1, WINDOW)
    if backward:
        for end in range(last, first - 1, -WINDOW):
            yield max(first, end - WINDOW + 1), end
        return
    for start in starts:
        yield start, min(last, start + WINDOW - 1)


def _progress(publisher: Publisher, sequence: int) -> bytes:
    heartbeat = Heartbeat(time_ns=publisher.time_ns, sequence=sequence)
    return ReadEventsResponse(heartbeat=heartbeat).SerializeToString()


def _at_most(covered: int, sequence: int) -> int:
    return min(covered, sequence)


async def _first_of(
    sending: Coroutine[Any, Any, None], following: Coroutine[Any, Any, None]
) -> None:
    """Run both until one ends, then end the other; raise what ended it."""
    tasks = [asyncio.ensure_future(sending), asyncio.ensure_future(following)]
    try:
        done, _pending = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        for task in done:
            task.result()
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
