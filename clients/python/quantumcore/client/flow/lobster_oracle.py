"""Hold a replayed touch against a LOBSTER order book file.

For each side a row of the file is of one of three kinds, known from the file alone:

- *from messages*: the touch was set by a new order that improved it, so every order at it
  has been seen since the price became the touch;
- *after adoption*: the touch fell back to this price earlier, its size at that moment was
  taken from the file, and every change since follows from messages;
- *adopted*: the touch fell back at this very row (or the recording begins here). A level-1
  extract does not determine what lies behind the touch, so there is nothing to compare.
"""

from collections import Counter
from collections.abc import Iterable
from enum import StrEnum
from typing import NamedTuple

from quantumcore.client.flow.actions import Side
from quantumcore.client.flow.lobster import Touch
from quantumcore.client.flow.lobster_flow import fell_back
from quantumcore.client.flow.shadow import Level


class Determination(StrEnum):
    """What determines the touch of one side at one row."""

    FROM_MESSAGES = "messages alone"
    AFTER_ADOPTION = "messages since an adopted level"
    ADOPTED = "undetermined: taken from the order book file"


class TouchMismatch(NamedTuple):
    """A determined touch that differs."""

    row: int
    side: Side
    recorded: Level | None
    replayed: Level | None


class TouchOracle:
    """Compare touches row by row, in any selection of rows, and count by determination."""

    def __init__(self, touches: Iterable[Touch]) -> None:
        self._touches = list(touches)
        self._kinds = {side: _determinations(self._touches, side) for side in Side}
        self._compared: Counter[Determination] = Counter()
        self._agreed: Counter[Determination] = Counter()
        self.mismatches: list[TouchMismatch] = []

    def compare(self, row: int, bid: Level | None, ask: Level | None) -> None:
        """Compare both sides of the book after the message of `row`, from 0."""
        self._compare_side(row, Side.BUY, bid)
        self._compare_side(row, Side.SELL, ask)

    def compared(self, kind: Determination) -> int:
        """Return how many sides of rows of this kind were compared."""
        return self._compared[kind]

    def agreed(self, kind: Determination) -> int:
        """Return how many of them agree in price and size."""
        return self._agreed[kind]

    @property
    def determined(self) -> int:
        """Return how many compared sides the extract determines."""
        return self._compared.total() - self._compared[Determination.ADOPTED]

    @property
    def determined_agreed(self) -> int:
        """Return how many of those agree."""
        return self._agreed.total() - self._agreed[Determination.ADOPTED]

    def _compare_side(self, row: int, side: Side, replayed: Level | None) -> None:
        recorded = self._touches[row].of(side)
        kind = self._kinds[side][row]
        self._compared[kind] += 1
        if recorded == replayed:
            self._agreed[kind] += 1
        else:
            self.mismatches.append(TouchMismatch(row, side, recorded, replayed))


def _determinations(touches: list[Touch], side: Side) -> list[Determination]:
    kinds = [Determination.ADOPTED] * len(touches)
    for row in range(1, len(touches)):
        before, after = touches[row - 1].of(side), touches[row].of(side)
        if fell_back(touches[row - 1], touches[row], side):
            continue
        improved = (before and before.price_nanos) != (after and after.price_nanos)
        if improved or kinds[row - 1] is Determination.FROM_MESSAGES:
            kinds[row] = Determination.FROM_MESSAGES
        else:
            kinds[row] = Determination.AFTER_ADOPTION
    return kinds
