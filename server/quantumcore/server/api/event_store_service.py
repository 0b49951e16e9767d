"""EventStoreService: events read, followed, proven and kept."""

import asyncio
from collections.abc import Callable, Coroutine, Iterator
from functools import partial
from itertools import groupby
from typing import Any

from quantumcore.server.api.audit_process import AuditProcesses
from quantumcore.server.api.auth import Identity
from quantumcore.server.api.errors import InvalidField
from quantumcore.server.api.event_access import EventAccess
from quantumcore.server.api.event_filter import check_kept, query_of, viewer_of
from quantumcore.server.api.export_calls import ExportCalls
from quantumcore.server.api.migration_rpcs import MigrationRpcs
from quantumcore.server.api.outbox import Outbox
from quantumcore.server.api.publisher import Publisher
from quantumcore.server.api.rpc import Call
from quantumcore.server.api.state_at import state_at
from quantumcore.server.api.streams import Streams, pump
from quantumcore.server.api.writer import Writer
from quantumcore.server.core.exchange_cy import Exchange
from quantumcore.server.moves import Moves
from quantumcore.server.settings import Settings
from quantumcore.server.store.export.redaction import shown_to
from quantumcore.server.store.port import EventQuery
from quantumcore.server.store.retention.classes import classes_asked
from quantumcore.server.store.stored_event import StoredEvent, event_of
from quantumcore.server.store.upcasting import Upcasting
from quantumcore.v1.event_pb2 import Event
from quantumcore.v1.event_store_service_pb2 import (
    GetStateAtRequest,
    GetStateAtResponse,
    ReadDirection,
    ReadEventsRequest,
    ReadEventsResponse,
    SubscribeEventsRequest,
    SubscribeEventsResponse,
)
from quantumcore.v1.stream_pb2 import Heartbeat

WINDOW = 5_000  # sequences that are looked through at a time
PIECE_BYTES = 256 * 1024
WAITING_BYTES = 1024 * 1024  # of a subscription, before more is read


class EventStoreService(ExportCalls, MigrationRpcs):
    """Send stored events; what the store does not have yet is waited for."""

    def __init__(
        self,
        access: EventAccess,
        publisher: Publisher,
        streams: Streams,
        writer: Writer,
        exchange: Exchange,
        settings: Settings,
        clock: Callable[[], int],
        moves: Moves | None = None,
    ) -> None:
        self._settings, self._clock = settings, clock
        self._writer, self._exchange = writer, exchange
        self._journal = settings.journal_directory
        self._audits = AuditProcesses()
        self._acting = asyncio.Lock()
        self._applying = set()
        self._comparing = 0
        self._access = access
        self._publisher = publisher
        self._streams = streams
        self._timeout_s = settings.read_timeout_s
        self._moves = moves
        self._upcasting = Upcasting()

    async def read_events(self, request: ReadEventsRequest, call: Call) -> None:
        """Send the events that are there, then end."""
        query = query_of(request.filter, call.identity)
        backward = _is_backward(request)
        _check_not_negative("min_sequence", request.min_sequence)
        await self._access.reach(request.min_sequence, within_s=call.seconds_left(self._timeout_s))
        first, last = await self._bounds(request, query, backward=backward)
        await call.begin()
        left = request.max_events or None
        read = self._access.events if request.include_remnants else self._access.kept_events
        for start, end in _windows(first, last, backward=backward):
            events = await read(start, end, query, backward=backward, limit=left)
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
        query = query_of(request.filter, call.identity)
        now = self._publisher.sequence
        following = await self._first(request.from_sequence, now, query)
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
            events = await self._access.kept_events(
                following, last, query, backward=False, limit=None
            )
            for piece in self._pieces(events, identity):
                message = SubscribeEventsResponse(events=piece)
                outbox.put(message.SerializeToString(), piece[0].sequence)
            following = last + 1
            outbox.resume_from = partial(int, following)
            outbox.covered = partial(_at_most, last)
            await outbox.room(WAITING_BYTES)

    async def _first(self, from_sequence: int, now: int, query: EventQuery) -> int:
        _check_not_negative("from_sequence", from_sequence)
        if from_sequence > now + 1:
            problem = f"lies beyond {now + 1}, the next event"
            raise InvalidField("from_sequence", problem, limit=now + 1, value=from_sequence)
        if from_sequence:
            check_kept(from_sequence, await self._first_kept(query))
        return from_sequence or now + 1

    async def _bounds(
        self, request: ReadEventsRequest, query: EventQuery, *, backward: bool
    ) -> tuple[int, int]:
        """Return the first and last sequence to read."""
        start = request.from_sequence
        _check_not_negative("from_sequence", start)
        last, kept = await self._access.position(), 1
        if not request.include_remnants:
            kept = await self._first_kept(query)
            if start:
                check_kept(start, kept)
        if backward:
            return kept, min(last, start) if start else last
        return start or kept, last

    async def _first_kept(self, query: EventQuery) -> int:
        """Return from where on nothing that a query can match was removed."""
        return await self._access.first_sequence(classes_asked(query))

    def _pieces(self, events: list[StoredEvent], identity: Identity) -> Iterator[list[Event]]:
        """Cut events into messages at sequences, however many events a sequence has."""
        piece: list[Event] = []
        size, viewer = 0, viewer_of(identity)
        for _sequence, parts in groupby(events, key=lambda event: event.sequence):
            if size > PIECE_BYTES:
                yield piece
                piece, size = [], 0
            for stored in parts:
                piece.append(shown_to(viewer, event_of(stored, self._upcasting)))
                size += len(stored.payload) + 100
        if piece:
            yield piece


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
