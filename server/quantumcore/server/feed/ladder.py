"""A book side as the feed follows it: levels by price, and what a change means at a depth."""

from bisect import bisect_left, insort
from collections.abc import Iterator
from typing import NamedTuple

from quantumcore.server.core.enums import SIDE_BUY

Level = tuple[int, int, int]  # price, quantity, orders; prices and quantities in 1e-9


class Applied(NamedTuple):
    """A level as it stands from now on, where it ranks, and by how many the levels have grown."""

    level: Level
    rank: int
    grown: int


class Ladder:
    """The levels of one side, best first.

    Keys are prices, negated on the buy side, so that the best is the smallest.
    """

    def __init__(self, side: int, levels: list[Level]) -> None:
        self._sign = -1 if side == SIDE_BUY else 1
        self._keys = sorted(self._sign * level[0] for level in levels)
        self._levels = {self._sign * level[0]: level for level in levels}

    def apply(self, level: Level) -> Applied:
        """Put, change or (quantity 0) remove a level."""
        key = self._sign * level[0]
        rank = bisect_left(self._keys, key)
        known = key in self._levels
        if level[1] == 0:
            if known:
                del self._keys[rank], self._levels[key]
            return Applied(level, rank, -int(known))
        self._levels[key] = level
        if not known:
            insort(self._keys, key)
        return Applied(level, rank, int(not known))

    def at(self, rank: int) -> Level | None:
        """Return the level of this rank, 0 being the best; None beyond the last."""
        return self._levels[self._keys[rank]] if rank < len(self._keys) else None

    def best(self, count: int) -> list[Level]:
        """Return the best levels."""
        return [self._levels[key] for key in self._keys[:count]]

    def seen(self, applied: Applied, depth: int) -> Iterator[Level]:
        """Yield what a follower of the best `depth` levels must apply after this change."""
        if applied.rank >= depth:
            return
        if applied.grown == 1:
            yield applied.level
            if (pushed := self.at(depth)) is not None:
                yield (pushed[0], 0, 0)
        elif applied.grown == -1:
            yield (applied.level[0], 0, 0)
            if (entered := self.at(depth - 1)) is not None:
                yield entered
        elif applied.level[1]:
            yield applied.level
