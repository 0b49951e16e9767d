"""Send a book at the rate asked for: what happens in between is merged."""

import asyncio
from typing import Protocol

from quantumcore.server.core.enums import SIDE_BUY, SIDE_SELL
from quantumcore.server.core.exchange_cy import Exchange
from quantumcore.server.feed.channel import Channel, ChannelKey
from quantumcore.server.feed.ladder import Level
from quantumcore.server.feed.mirror import depth_of
from quantumcore.server.feed.updates import difference


class Position(Protocol):
    """How far the venue is, to those who read the exchange itself."""

    def flush(self) -> None:
        """End the open turn, so that the exchange stands between two commands."""

    async def published(self, sequence: int) -> None:
        """Wait until this sequence is published."""


class Conflation:
    """Read a book when it has changed, not oftener than the rate, and send the difference."""

    def __init__(
        self, exchange: Exchange, position: Position, key: ChannelKey, *, epoch: int
    ) -> None:
        self._exchange = exchange
        self._position = position
        self._bids, self._asks = depth_of(exchange, key.instrument_id, key.depth)
        self._changed = asyncio.Event()
        self._pause_s = 1 / key.max_rate_hz if key.max_rate_hz else 0.0
        self.phase = exchange.phase(key.instrument_id)
        self.channel = Channel(
            key, self, epoch=epoch, sequence=exchange.sequence, time_ns=exchange.time_ns
        )
        self._task = asyncio.ensure_future(self._run())

    def best(self, depth: int) -> tuple[list[Level], list[Level]]:
        """Return the best bids and asks as they were last sent."""
        return self._bids[:depth], self._asks[:depth]

    def wake(self) -> None:
        """Learn that the book has changed."""
        self._changed.set()

    def stop(self) -> None:
        """Send nothing more."""
        self._task.cancel()

    async def _run(self) -> None:
        await self._position.published(self.channel.sequence)
        while True:
            await self._changed.wait()
            self._changed.clear()
            await self._send()
            await asyncio.sleep(self._pause_s)

    async def _send(self) -> None:
        key = self.channel.key
        self._position.flush()
        sequence, time_ns = self._exchange.sequence, self._exchange.time_ns
        phase = self._exchange.phase(key.instrument_id)
        bids, asks = depth_of(self._exchange, key.instrument_id, key.depth)
        await self._position.published(sequence)
        steps = [
            *difference(SIDE_BUY, self._bids, bids),
            *difference(SIDE_SELL, self._asks, asks),
        ]
        if steps or phase != self.phase:
            self._bids, self._asks, self.phase = bids, asks, phase
            self.channel.send(steps, sequence, time_ns)
