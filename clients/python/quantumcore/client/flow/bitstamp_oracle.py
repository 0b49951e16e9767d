"""Hold a replayed book against the snapshots that Bitstamp published itself.

Snapshots come over another channel than the order events, so one may be a few events ahead
of or behind them. A level that differs is explained, in this order, as

- *misplayed*: our level is not what price-time priority makes of the flow sent so far;
- *in flight*: our level had exactly that size within the window before or after;
- *disputed*: the engine traded more at this price than the feed reports (see
  `BitstampReason.CANCEL_OF_FILLED`);
- *silent*: the venue shows a constant surplus whenever it shows this price: orders from
  before the capture that no event mentions;
- *unexplained*: none of these.
"""

from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Collection, Sequence
from enum import StrEnum
from typing import NamedTuple

from quantumcore.client.flow.actions import Side
from quantumcore.client.flow.bitstamp import VenueSnapshot
from quantumcore.client.flow.shadow import Level, ShadowBook

_DEFAULT_WINDOW_NS = 1_000_000_000
_BEFORE_ALL_NS = -1

Book = tuple[Sequence[Level], Sequence[Level]]
LevelKey = tuple[Side, int]


class Explanation(StrEnum):
    """Why a level differs from a snapshot."""

    MISPLAYED = "our level is not what price-time priority makes of the flow"
    IN_FLIGHT = "the level had exactly that size within the window before or after"
    DISPUTED = "the engine traded more here than the feed reports"
    SILENT = "orders from before the capture that no event mentions"
    UNEXPLAINED = "unexplained"


class LevelMismatch(NamedTuple):
    """A level at which the recorded venue and the replay differ; size 0 stands for no level.

    `expected_nanos` is what price-time priority makes of the flow.
    """

    time_ns: int
    side: Side
    price_nanos: int
    recorded_nanos: int
    replayed_nanos: int
    expected_nanos: int
    at_touch: bool


class SnapshotReport(NamedTuple):
    """The outcome of all comparisons."""

    snapshots: int
    touches_compared: int
    touches_agreed: int
    levels_compared: int
    levels_agreed: int
    explanations: dict[Explanation, int]
    touch_explanations: dict[Explanation, int]
    unexplained: list[LevelMismatch]


class SnapshotOracle:
    """Follow a flow's shadow for the history of each level, and compare a book with snapshots."""

    def __init__(self, *, window_ns: int = _DEFAULT_WINDOW_NS) -> None:
        self._window_ns = window_ns
        self._history: dict[LevelKey, list[tuple[int, int]]] = {}
        self._surplus: dict[LevelKey, int] = {}
        self._mismatches: list[LevelMismatch] = []
        self._counts: Counter[str] = Counter()

    def follow(self, time_ns: int, shadow: ShadowBook) -> None:
        """Note the levels that changed since the last call; call it after every step."""
        for side in Side:
            half = shadow.half(side)
            for price_nanos in half.take_touched():
                changes = self._history.setdefault((side, price_nanos), [(_BEFORE_ALL_NS, 0)])
                changes.append((time_ns, half.size_at(price_nanos)))

    def compare(self, snapshot: VenueSnapshot, replayed: Book, expected: Book) -> None:
        """Compare a book, best levels first and at least as deep as the snapshot.

        `expected` is what price-time priority makes of the flow up to the snapshot, to the
        same depth.
        """
        self._counts["snapshots"] += 1
        self._compare_side(snapshot.time_ns, Side.BUY, snapshot.bids, replayed[0], expected[0])
        self._compare_side(snapshot.time_ns, Side.SELL, snapshot.asks, replayed[1], expected[1])

    def report(self, disputed: Collection[LevelKey] = ()) -> SnapshotReport:
        """Explain every mismatch so far and return the figures."""
        explanations: Counter[Explanation] = Counter()
        touch_explanations: Counter[Explanation] = Counter()
        unexplained = []
        for mismatch in self._mismatches:
            explanation = self._explain(mismatch, disputed)
            explanations[explanation] += 1
            touch_explanations[explanation] += mismatch.at_touch
            if explanation in (Explanation.MISPLAYED, Explanation.UNEXPLAINED):
                unexplained.append(mismatch)
        return SnapshotReport(
            snapshots=self._counts["snapshots"],
            touches_compared=self._counts["touches"],
            touches_agreed=self._counts["touches_agreed"],
            levels_compared=self._counts["levels"],
            levels_agreed=self._counts["levels_agreed"],
            explanations=dict(explanations),
            touch_explanations=dict(+touch_explanations),
            unexplained=unexplained,
        )

    def _compare_side(
        self,
        time_ns: int,
        side: Side,
        recorded: Sequence[Level],
        replayed: Sequence[Level],
        expected: Sequence[Level],
    ) -> None:
        if not recorded:
            return
        self._counts["touches"] += 1
        self._counts["touches_agreed"] += bool(replayed) and replayed[0] == recorded[0]
        best = max if side is Side.BUY else min
        touch_nanos = best(level.price_nanos for level in (recorded[0], *replayed[:1]))
        ours = dict(_within(side, recorded[-1].price_nanos, replayed))
        theirs, played = dict(recorded), dict(expected)
        for price_nanos in theirs.keys() | ours.keys():
            self._note(
                LevelMismatch(
                    time_ns,
                    side,
                    price_nanos,
                    theirs.get(price_nanos, 0),
                    ours.get(price_nanos, 0),
                    played.get(price_nanos, 0),
                    price_nanos == touch_nanos,
                )
            )

    def _note(self, level: LevelMismatch) -> None:
        key = (level.side, level.price_nanos)
        surplus = level.recorded_nanos - level.replayed_nanos
        self._surplus[key] = min(surplus, self._surplus.get(key, surplus))
        self._counts["levels"] += 1
        if surplus == 0:
            self._counts["levels_agreed"] += 1
        else:
            self._mismatches.append(level)

    def _explain(self, level: LevelMismatch, disputed: Collection[LevelKey]) -> Explanation:
        key = (level.side, level.price_nanos)
        silent_nanos = max(self._surplus[key], 0)
        if level.replayed_nanos != level.expected_nanos:
            return Explanation.MISPLAYED
        if self._had_size(key, level.time_ns, level.recorded_nanos):
            return Explanation.IN_FLIGHT
        if key in disputed:
            return Explanation.DISPUTED
        if silent_nanos and level.recorded_nanos - level.replayed_nanos == silent_nanos:
            return Explanation.SILENT
        if silent_nanos and self._had_size(key, level.time_ns, level.recorded_nanos - silent_nanos):
            return Explanation.IN_FLIGHT
        return Explanation.UNEXPLAINED

    def _had_size(self, key: LevelKey, time_ns: int, size_nanos: int) -> bool:
        """Tell whether our level had that size at some moment of the window."""
        changes = self._history.get(key, [(_BEFORE_ALL_NS, 0)])
        first = bisect_left(changes, (time_ns - self._window_ns,)) - 1
        last = bisect_right(changes, (time_ns + self._window_ns + 1,))
        return any(size == size_nanos for _, size in changes[max(first, 0) : last])


def _within(side: Side, worst_nanos: int, levels: Sequence[Level]) -> list[Level]:
    """Return the levels that are not behind `worst_nanos`."""
    if side is Side.BUY:
        return [level for level in levels if level.price_nanos >= worst_nanos]
    return [level for level in levels if level.price_nanos <= worst_nanos]
