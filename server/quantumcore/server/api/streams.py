"""The open streams of the process: heartbeats, stalls, ends, and the loop that sends."""

import asyncio
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from quantumcore.server.api.errors import SlowConsumer, TooMany
from quantumcore.server.api.outbox import Outbox
from quantumcore.server.api.rpc import Call
from quantumcore.server.settings import StreamSettings
from quantumcore.v1.stream_pb2 import StreamEndReason

LAST_WORDS_S = 1.0


class Streams:
    """Know every open stream, so that all can be kept alive and ended with a reason.

    `position` gives venue time in ns and the last published sequence, for heartbeats.
    """

    def __init__(self, settings: StreamSettings, position: Callable[[], tuple[int, int]]) -> None:
        self._settings = settings
        self._position = position
        self._open: set[Outbox] = set()
        self._end: tuple[StreamEndReason.ValueType, str] | None = None
        self._timer: asyncio.TimerHandle | None = None

    def __len__(self) -> int:
        return len(self._open)

    def __iter__(self) -> Iterator[Outbox]:
        return iter(tuple(self._open))

    @contextmanager
    def opened(self, response_type: type[Any]) -> Iterator[Outbox]:
        """Register a stream for as long as the block runs; raise TooMany."""
        if len(self._open) >= self._settings.max_streams:
            limit = self._settings.max_streams
            raise TooMany(f"the venue holds {limit} streams and takes no more", limit=limit)
        outbox = Outbox(response_type, max_bytes=self._settings.max_waiting_bytes)
        self._open.add(outbox)
        if self._end is not None:
            outbox.end(*self._end)
        try:
            yield outbox
        finally:
            self._open.discard(outbox)

    def end_all(self, reason: StreamEndReason.ValueType, text: str) -> None:
        """End every stream, and those opened from now on."""
        self._end = (reason, text)
        for outbox in tuple(self._open):
            outbox.end(reason, text)

    def start(self) -> None:
        """Begin to send heartbeats, until `stop`."""
        loop = asyncio.get_running_loop()
        self._timer = loop.call_later(self._settings.heartbeat_interval_s, self._tick)

    def stop(self) -> None:
        """Send no more heartbeats."""
        if self._timer is not None:
            self._timer.cancel()

    def _tick(self) -> None:
        time_ns, sequence = self._position()
        for outbox in tuple(self._open):
            outbox.tick(time_ns, sequence, stalled_after_s=self._settings.stalled_after_s)
        self.start()


async def pump(call: Call, outbox: Outbox) -> None:
    """Send what the outbox holds until it has ended; raise SlowConsumer where nobody reads.

    A slow stream is given a moment to take the reason of its end.
    """
    await call.begin()
    sending = asyncio.ensure_future(_send(call, outbox))
    overrun = asyncio.ensure_future(outbox.overrun.wait())
    try:
        await asyncio.wait({sending, overrun}, return_when=asyncio.FIRST_COMPLETED)
        if not sending.done():
            await asyncio.wait({sending}, timeout=LAST_WORDS_S)
        if outbox.overrun.is_set():
            raise SlowConsumer("the client reads too slowly")
        await sending
    finally:
        overrun.cancel()
        await _abandon(sending)


async def _send(call: Call, outbox: Outbox) -> None:
    while data := await outbox.take():
        await call.write(data)


async def _abandon(sending: "asyncio.Future[None]") -> None:
    """Stop sending; a write that is cut off fails in its own way, which no longer matters."""
    if not sending.done():
        sending.cancel()
    await asyncio.gather(sending, return_exceptions=True)
