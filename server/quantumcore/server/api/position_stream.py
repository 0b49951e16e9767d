"""StreamPositions: what accounts hold, then every change."""

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any

from quantumcore.server.api.account_messages import position_message
from quantumcore.server.api.errors import InvalidField, NotFound
from quantumcore.server.api.outbox import Outbox
from quantumcore.server.api.reads import Reads
from quantumcore.server.api.rpc import Call
from quantumcore.server.api.streams import Streams, pump
from quantumcore.server.core.account_views import PositionView
from quantumcore.server.core.exchange_cy import Exchange
from quantumcore.v1.instrument_pb2 import Instrument
from quantumcore.v1.risk_service_pb2 import StreamPositionsRequest, StreamPositionsResponse

MAX_ACCOUNTS = 1000
MAX_RATE_HZ = 1000
PIECE = 1000  # positions in a message


class Follower:
    """One stream, and what it was last sent of each position.

    With a rate, positions are looked at so often and sent where anything differs, their marks too;
    without one, after each stored turn, and sent where the position itself has changed. Changes
    that come while the stream is slow are sent as one.
    """

    def __init__(
        self,
        request: StreamPositionsRequest,
        outbox: Outbox,
        exchange: Exchange,
        clock_ns: Callable[[], int],
    ) -> None:
        self._accounts = sorted(set(request.account_ids))
        self._interval_s = 1 / request.max_rate_hz if request.max_rate_hz else 0.0
        self._sent_sequence = request.from_sequence - 1
        self._outbox, self._exchange, self._clock_ns = outbox, exchange, clock_ns
        self._sent: dict[tuple[int, int], PositionView] = {}
        self.changed = asyncio.Event()
        self.changed.set()

    async def follow(self, reads: Reads) -> None:
        """Send what is held now, then what changes, until cancelled."""
        while True:
            await self.changed.wait()
            self.changed.clear()
            views = self._news()
            await reads.settled()
            self._send(views)
            if self._interval_s:
                await asyncio.sleep(self._interval_s)
                self.changed.set()

    def _news(self) -> list[PositionView]:
        now_ns = self._clock_ns()
        after = -1 if self._interval_s else self._sent_sequence
        views = [
            view
            for account_id in self._accounts
            for view in self._exchange.positions_of(account_id, now_ns, after)
            if view.sequence and self._is_news(view)
        ]
        return sorted(views, key=lambda view: (view.sequence, view.instrument_id))

    def _is_news(self, view: PositionView) -> bool:
        before = self._sent.get((view.account_id, view.instrument_id))
        if before is None:
            return view.sequence > self._sent_sequence or bool(self._interval_s)
        if self._interval_s:
            return view._replace(mark_time_ns=0) != before._replace(mark_time_ns=0)
        return view.sequence > before.sequence

    def _send(self, views: list[PositionView]) -> None:
        for first in range(0, len(views), PIECE):
            piece = views[first : first + PIECE]
            message = StreamPositionsResponse(
                positions=[position_message(view, self._definition(view)) for view in piece]
            )
            self._outbox.put(message.SerializeToString())
        for view in views:
            self._sent[view.account_id, view.instrument_id] = view
            self._sent_sequence = max(self._sent_sequence, view.sequence)

    def _definition(self, view: PositionView) -> Instrument:
        return Instrument.FromString(self._exchange.definition(view.instrument_id))


class PositionStreams:
    """Serve streams of positions; told of every stored turn."""

    def __init__(
        self, exchange: Exchange, reads: Reads, streams: Streams, clock_ns: Callable[[], int]
    ) -> None:
        self._exchange, self._reads, self._streams = exchange, reads, streams
        self._clock_ns = clock_ns
        self._followers: set[Follower] = set()

    def publish(self) -> None:
        """Let those who follow look again."""
        for follower in self._followers:
            follower.changed.set()

    async def serve(self, request: StreamPositionsRequest, call: Call) -> None:
        """Serve one stream until either side ends it."""
        self._check(request, call)
        with self._streams.opened(StreamPositionsResponse) as outbox:
            follower = Follower(request, outbox, self._exchange, self._clock_ns)
            self._followers.add(follower)
            try:
                await _first_of(pump(call, outbox), follower.follow(self._reads))
            finally:
                self._followers.discard(follower)

    def _check(self, request: StreamPositionsRequest, call: Call) -> None:
        count = len(request.account_ids)
        if not 1 <= count <= MAX_ACCOUNTS:
            problem = f"needs 1 to {MAX_ACCOUNTS} accounts"
            raise InvalidField("account_ids", problem, limit=MAX_ACCOUNTS, value=count)
        for account_id in request.account_ids:
            call.identity.require_account(account_id)
            if not 1 <= account_id <= self._exchange.account_count:
                raise NotFound(f"there is no account {account_id}", value=account_id)
        if request.max_rate_hz > MAX_RATE_HZ:
            problem = f"lies above {MAX_RATE_HZ}"
            value = request.max_rate_hz
            raise InvalidField("max_rate_hz", problem, limit=MAX_RATE_HZ, value=value)
        if request.from_sequence < 0:
            value = request.from_sequence
            raise InvalidField("from_sequence", "is negative", limit=0, value=value)


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
