"""What waits to be sent on one stream: bounded, joined, and closed with a reason."""

import asyncio
from collections.abc import Callable
from functools import partial
from time import monotonic
from typing import Any

from quantumcore.v1.stream_pb2 import Heartbeat, StreamEnd, StreamEndReason

JOINED_BYTES = 512 * 1024


class Outbox:
    """Encoded responses that wait for one stream.

    Encodings of repeated fields can be concatenated, so all that waits is sent as one message.
    When something is added while more than `max_bytes` waits already, `overflow` decides: by
    default the stream is ended as a slow consumer and what waited is dropped. However much comes
    at once, a client that had read everything is not slow. `refill` may add more when nothing
    waits; `trailer` ends every message; `covered` says how much of a published sequence the stream
    has covered, where it lags behind the venue. `response_type` is the contract's response message;
    it has a field `end`, and `heartbeat` where the stream has heartbeats.
    """

    def __init__(self, response_type: type[Any], *, max_bytes: int) -> None:
        self._response_type = response_type
        self._has_heartbeat = "heartbeat" in response_type.DESCRIPTOR.fields_by_name
        self._max_bytes = max_bytes
        self._waiting: list[bytes] = []
        self._sequences: list[int] = []
        self._wake: asyncio.Future[None] | None = None
        self._room: asyncio.Future[None] | None = None
        self._room_below = 0
        self._end: bytes | None = None
        self._idle = True
        self._begun = False
        self._last_taken_s = monotonic()
        self.waiting_bytes = 0
        self.end_reason = StreamEndReason.STREAM_END_REASON_UNSPECIFIED
        self.resume_from: Callable[[], int] = _not_resumable
        self.overflow: Callable[[], None] = self._end_slow
        self.refill: Callable[[], None] = _nothing_to_add
        self.trailer: Callable[[], bytes] = _no_trailer
        self.covered: Callable[[int], int] = _all
        self.overrun = asyncio.Event()

    @property
    def ended(self) -> bool:
        """Tell whether the stream has been ended from this side."""
        return self._end is not None

    @property
    def waiting_count(self) -> int:
        """Tell how many pieces wait for the client to read."""
        return len(self._waiting)

    def put(self, data: bytes, first_sequence: int = 0) -> None:
        """Let encoded bytes of the response message wait; nothing after the end.

        `first_sequence` is where a stream that never got these bytes can be resumed.
        """
        if self._end is not None or not data:
            return
        self.put_all([data], first_sequence)

    def put_all(self, pieces: list[bytes], first_sequence: int = 0) -> None:
        """Let what happened at once wait in several pieces; each fits a message."""
        if self._end is not None:
            return
        backlog_bytes = self.waiting_bytes
        self._waiting.extend(pieces)
        self._sequences.extend([first_sequence] * len(pieces))
        self.waiting_bytes += sum(map(len, pieces))
        if backlog_bytes > self._max_bytes:
            self.overflow()
        self.wake()

    def drop(self) -> None:
        """Forget what waits."""
        self._waiting.clear()
        self._sequences.clear()
        self.waiting_bytes = 0

    def end(self, reason: StreamEndReason.ValueType, text: str) -> None:
        """Send what waits, then the typed reason, then nothing."""
        if self._end is not None:
            return
        self.end_reason = reason
        end = StreamEnd(reason=reason, text=text, resume_from_sequence=self.resume_from())
        self._end = self._response_type(end=end).SerializeToString()
        self.wake()
        self._make_room()

    def close(self) -> None:
        """Send what waits, then nothing: the client has ended the stream."""
        if self._end is None:
            self._end = b""
            self.wake()

    async def take(self) -> bytes:
        """Wait for something to send and return it joined; empty when all has been sent."""
        self._begun = True
        while not self._waiting:
            self.refill()
            if self._waiting:
                break
            if self._end is not None:
                end, self._end = self._end, b""
                return end
            self._wake = asyncio.get_running_loop().create_future()
            await self._wake
        data = self._joined()
        self._last_taken_s = monotonic()
        self._idle = False
        self._make_room()
        return data + self.trailer()

    async def room(self, below_bytes: int) -> None:
        """Wait until less than this waits, or the stream has ended."""
        while self.waiting_bytes >= below_bytes and self._end is None:
            self._room_below = below_bytes
            self._room = asyncio.get_running_loop().create_future()
            await self._room

    def tick(self, time_ns: int, sequence: int, *, stalled_after_s: float) -> None:
        """Keep an idle stream alive, and end one whose client takes nothing, once it is served."""
        if not self._begun:
            self._last_taken_s = monotonic()
            return
        if self._waiting:
            if monotonic() - self._last_taken_s > stalled_after_s:
                self._end_slow()
            return
        if self._idle and self._has_heartbeat:
            heartbeat = Heartbeat(time_ns=time_ns, sequence=self.covered(sequence))
            self.put(self._response_type(heartbeat=heartbeat).SerializeToString())
        self._last_taken_s = monotonic()
        self._idle = True

    def _joined(self) -> bytes:
        if len(self._waiting) == 1:
            data = self._waiting[0]
            self.drop()
            return data
        if self.waiting_bytes <= JOINED_BYTES:
            data = b"".join(self._waiting)
            self.drop()
            return data
        return self._joined_part()

    def _joined_part(self) -> bytes:
        size = count = 0
        for piece in self._waiting:
            if count and size + len(piece) > JOINED_BYTES:
                break
            size += len(piece)
            count += 1
        data = b"".join(self._waiting[:count])
        del self._waiting[:count], self._sequences[:count]
        self.waiting_bytes -= size
        return data

    def _end_slow(self) -> None:
        if any(self._sequences):
            self.resume_from = partial(min, [first for first in self._sequences if first])
        self.end(
            StreamEndReason.STREAM_END_REASON_SLOW_CONSUMER,
            f"more than {self._max_bytes} bytes wait, or nothing was read for too long",
        )
        self.drop()
        self.overrun.set()

    def wake(self) -> None:
        """Let the sender look for something to send."""
        if self._wake is not None and not self._wake.done():
            self._wake.set_result(None)

    def _make_room(self) -> None:
        if self._room is None or self._room.done():
            return
        if self.waiting_bytes < self._room_below or self._end is not None:
            self._room.set_result(None)


def _not_resumable() -> int:
    return 0


def _nothing_to_add() -> None:
    """Stand in where a stream is fed by `put` alone."""


def _all(sequence: int) -> int:
    return sequence


def _no_trailer() -> bytes:
    return b""
