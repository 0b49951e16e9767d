"""Reads reflect whole commands, and are answered when what they show is stored."""

from quantumcore.server.api.errors import InvalidField
from quantumcore.server.api.rpc import Call
from quantumcore.server.api.writer import Writer
from quantumcore.server.core.exchange_cy import Exchange


class Reads:
    """Wait for a sequence before a read, and for its storage after it."""

    def __init__(self, exchange: Exchange, writer: Writer, *, timeout_s: float) -> None:
        self._exchange = exchange
        self._writer = writer
        self._timeout_s = timeout_s

    async def wait_for(self, min_sequence: int, call: Call) -> None:
        """Wait until reads reflect this sequence; raise SequenceNotReached."""
        if min_sequence < 0:
            raise InvalidField("min_sequence", "is negative", limit=0, value=min_sequence)
        await self._writer.reach(min_sequence, within_s=call.seconds_left(self._timeout_s))

    async def settled(self) -> None:
        """Wait until all that was read just now is stored; nothing unstored is shown."""
        self._writer.flush()
        await self._writer.published(self._exchange.sequence)
