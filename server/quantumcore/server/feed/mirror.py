"""A book as it was last published, and the channels that send every step of it."""

from dataclasses import dataclass, field
from typing import NamedTuple

from quantumcore.server.core.enums import SIDE_BUY, SIDE_SELL
from quantumcore.server.core.exchange_cy import Exchange
from quantumcore.server.feed.channel import Channel
from quantumcore.server.feed.ladder import Applied, Ladder, Level


class LevelChange(NamedTuple):
    """A level of one side as it stands after an event, and the order that changed it."""

    side: int
    level: Level
    sequence: int
    action: int
    order_id: int
    order_quantity: int


@dataclass(slots=True)
class Step:
    """What one command changed in a book: levels in order, and the phase where that is news."""

    changes: list[LevelChange] = field(default_factory=list)
    phase: int | None = None


class Mirror:
    """Follow one book by its level changes; the exchange itself may be ahead."""

    def __init__(self, exchange: Exchange, instrument_id: int) -> None:
        bids, asks = depth_of(exchange, instrument_id)
        self._sides = {SIDE_BUY: Ladder(SIDE_BUY, bids), SIDE_SELL: Ladder(SIDE_SELL, asks)}
        self.phase = exchange.phase(instrument_id)
        self.built_sequence = exchange.sequence
        self.channels: list[Channel] = []

    def best(self, depth: int) -> tuple[list[Level], list[Level]]:
        """Return the best bids and asks."""
        return self._sides[SIDE_BUY].best(depth), self._sides[SIDE_SELL].best(depth)

    def advance(self, step: Step, sequence: int, time_ns: int) -> None:
        """Apply what one command changed and send it as one update of each channel.

        What the mirror was built with already is not applied again.
        """
        if sequence <= self.built_sequence:
            return
        seen: list[dict[tuple[int, int], Level]] = [{} for _ in self.channels]
        for change in step.changes:
            ladder = self._sides[change.side]
            self._see(ladder, change.side, ladder.apply(change.level), seen)
        if step.phase is not None:
            self.phase = step.phase
        for channel, levels in zip(self.channels, seen, strict=True):
            if levels or step.phase is not None:
                changes = [(side, level) for (side, _price), level in levels.items()]
                channel.send(changes, sequence, time_ns)

    def _see(
        self,
        ladder: Ladder,
        side: int,
        applied: Applied,
        seen: list[dict[tuple[int, int], Level]],
    ) -> None:
        for channel, levels in zip(self.channels, seen, strict=True):
            for level in ladder.seen(applied, channel.key.depth):
                levels[side, level[0]] = level


def depth_of(
    exchange: Exchange, instrument_id: int, depth: int = 0
) -> tuple[list[Level], list[Level]]:
    """Read a book from the exchange as plain tuples; depth 0: all levels."""
    bids, asks = exchange.depth(instrument_id, depth)
    return [_plain(*level) for level in bids], [_plain(*level) for level in asks]


def _plain(price: int, quantity: int, orders: int) -> Level:
    return price, quantity, orders
