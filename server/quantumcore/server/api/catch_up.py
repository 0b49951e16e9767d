"""Lead a stream from the stored past into the present without a gap or a duplicate."""

from collections.abc import Callable
from functools import partial

from quantumcore.server.api.errors import InvalidField
from quantumcore.server.api.history import Encoder, History
from quantumcore.server.api.outbox import Outbox
from quantumcore.server.api.publisher import Publisher
from quantumcore.server.api.rpc import Call

NEAR_EVENTS = 4096


class CatchUp:
    """Send history straight to the caller; join live when it is near, and close the gap.

    From the moment of joining, live events wait in the outbox; the last stretch of history is
    sent before the outbox is emptied.
    """

    def __init__(self, history: History, publisher: Publisher) -> None:
        self._history = history
        self._publisher = publisher

    async def run(
        self,
        call: Call,
        from_sequence: int,
        *,
        encode: Encoder,
        join: Callable[[], None],
        outbox: Outbox,
    ) -> None:
        """Send what happened from `from_sequence` to now, and join; 0 joins at once."""
        following = self._first(from_sequence)
        while following + NEAR_EVENTS <= self._publisher.sequence and not outbox.ended:
            now = self._publisher.sequence
            await self._send(call, following, now, encode, outbox)
            following = now + 1
        if not outbox.ended:
            join()
            await self._send(call, following, self._publisher.sequence, encode, outbox)
            outbox.resume_from = self._next_sequence

    def _first(self, from_sequence: int) -> int:
        following = self._next_sequence()
        if not 0 <= from_sequence <= following:
            raise InvalidField(
                "from_sequence",
                f"lies outside 0 to {following}, the next event",
                limit=following,
                value=from_sequence,
            )
        return from_sequence or following

    def _next_sequence(self) -> int:
        return self._publisher.sequence + 1

    async def _send(
        self, call: Call, first: int, last: int, encode: Encoder, outbox: Outbox
    ) -> None:
        outbox.resume_from = partial(int, first)
        async for data, resume_from in self._history.pieces(first, last, encode):
            if data:
                await call.write(data)
            outbox.resume_from = partial(int, resume_from)
