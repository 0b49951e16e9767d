"""What a replay plays and what it holds the venue's book against, format by format."""

from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from typing import NamedTuple, Protocol

from quantumcore.client.flow.actions import NANOS, Action, Side
from quantumcore.client.flow.bitstamp import Record, VenueSnapshot
from quantumcore.client.flow.bitstamp_flow import BitstampFlow
from quantumcore.client.flow.bitstamp_oracle import Book, SnapshotOracle
from quantumcore.client.flow.deviations import Deviations
from quantumcore.client.flow.lobster import Message, Touch
from quantumcore.client.flow.lobster_flow import LobsterFlow
from quantumcore.client.flow.lobster_oracle import Determination, TouchOracle
from quantumcore.client.flow.replayer import Checkpoint
from quantumcore.client.flow.shadow import Level, ShadowBook
from quantumcore.client.flow.synthetic import SyntheticFlow, SyntheticProfile

_SNAPSHOT_DEPTH = 40
_SYNTHETIC_DEPTH = 100

Figures = dict[str, int]


class Terms(NamedTuple):
    """What an instrument must be like to carry a flow.

    `multiplier` makes a tick of a lot a whole number of cents, as a venue that settles in
    dollars demands; matching does not depend on it.
    """

    tick_nanos: int
    lot_nanos: int
    max_price_nanos: int
    max_quantity_nanos: int
    multiplier: int = 1


_LOBSTER_TERMS = Terms(NANOS // 100, NANOS, 100_000 * NANOS, 1_000_000 * NANOS)
_BITSTAMP_TERMS = Terms(NANOS // 100, 10, 100_000 * NANOS, 1_000 * NANOS, 100_000_000)


class Comparison(Protocol):
    """A flow with checkpoints, and the comparison to make at each of them.

    `depth` is how many levels of each side `compare` wants; `deviations` what the flow had
    to infer or could not reproduce; `terms` what its prices and quantities are multiples of.
    """

    depth: int
    terms: Terms
    deviations: Deviations

    def items(self) -> Iterator[Action | Checkpoint]:
        """Iterate over the flow once."""

    def compare(self, checkpoint: Checkpoint, bids: Sequence[Level], asks: Sequence[Level]) -> None:
        """Compare the venue's book, best levels first, at a checkpoint."""

    def figures(self) -> Figures:
        """Return named counts for a summary; `compared` and `agreed` among them."""

    def failures(self) -> list[str]:
        """Describe what differs without an explanation."""


class LobsterComparison:
    """The touch after every `every`-th message against the order book file."""

    depth = 1
    terms = _LOBSTER_TERMS

    def __init__(
        self, messages: Iterable[Message], touches: Iterable[Touch], *, every: int = 1
    ) -> None:
        if every < 1:
            raise ValueError("every must be positive")
        recorded = list(touches)
        self._flow = LobsterFlow(messages, recorded)
        self._oracle = TouchOracle(recorded)
        self._every = every
        self.deviations = self._flow.deviations

    def items(self) -> Iterator[Action | Checkpoint]:
        for row, step in enumerate(self._flow):
            yield from step.actions
            if not row % self._every:
                yield Checkpoint(row)

    def compare(self, checkpoint: Checkpoint, bids: Sequence[Level], asks: Sequence[Level]) -> None:
        self._oracle.compare(checkpoint.position, _best(bids), _best(asks))

    def figures(self) -> Figures:
        oracle = self._oracle
        return {
            "compared": oracle.determined,
            "agreed": oracle.determined_agreed,
            "compared_from_messages": oracle.compared(Determination.FROM_MESSAGES),
            "agreed_from_messages": oracle.agreed(Determination.FROM_MESSAGES),
            "compared_after_adoption": oracle.compared(Determination.AFTER_ADOPTION),
            "agreed_after_adoption": oracle.agreed(Determination.AFTER_ADOPTION),
            "undetermined": oracle.compared(Determination.ADOPTED),
        }

    def failures(self) -> list[str]:
        return [
            f"message {row + 1}: {side.name} touch is {replayed}, recorded {recorded}"
            for row, side, recorded, replayed in self._oracle.mismatches
        ]


class BitstampComparison:
    """The best levels at each of the venue's own snapshots."""

    depth = _SNAPSHOT_DEPTH
    terms = _BITSTAMP_TERMS

    def __init__(self, records: Iterable[Record]) -> None:
        self._flow = BitstampFlow(records)
        self._oracle = SnapshotOracle()
        self._due: list[tuple[VenueSnapshot, Book]] = []
        self.deviations = self._flow.deviations

    def items(self) -> Iterator[Action | Checkpoint]:
        for step in self._flow:
            yield from step.actions
            time_ns = step.record.time_ns if step.record else 0
            self._oracle.follow(time_ns, self._flow.shadow)
            if isinstance(step.record, VenueSnapshot):
                self._due.append((step.record, _book(self._flow.shadow, self.depth)))
                yield Checkpoint(len(self._due) - 1)

    def compare(self, checkpoint: Checkpoint, bids: Sequence[Level], asks: Sequence[Level]) -> None:
        snapshot, expected = self._due[checkpoint.position]
        self._oracle.compare(snapshot, (bids, asks), expected)

    def figures(self) -> Figures:
        report = self._oracle.report(self._flow.disputed)
        return {
            "compared": report.levels_compared,
            "agreed": report.levels_agreed,
            "snapshots": report.snapshots,
            "touches_compared": report.touches_compared,
            "touches_agreed": report.touches_agreed,
            **{why.name.lower(): count for why, count in report.explanations.items()},
            **{
                f"touch_{why.name.lower()}": count
                for why, count in report.touch_explanations.items()
            },
        }

    def failures(self) -> list[str]:
        return [
            f"at {level.time_ns}: {level.side.name} {level.price_nanos} holds "
            f"{level.replayed_nanos}, recorded {level.recorded_nanos}"
            for level in self._oracle.report(self._flow.disputed).unexplained
        ]


class SyntheticComparison:
    """The book every `every` actions against price-time priority, over `length` actions."""

    depth = _SYNTHETIC_DEPTH

    def __init__(self, flow: SyntheticFlow, *, length: int, every: int = 10_000) -> None:
        if length < 1 or every < 1:
            raise ValueError("length and every must be positive")
        self.deviations = Deviations()
        self.terms = _synthetic_terms(flow.profile)
        self._flow = flow
        self._length = length
        self._every = every
        self._due: list[Book] = []
        self._compared = 0
        self._failures: list[str] = []

    def items(self) -> Iterator[Action | Checkpoint]:
        run = iter(self._flow)
        for count, action in enumerate(islice(run, self._length), 1):
            yield action
            if not count % self._every or count == self._length:
                self._due.append(_book(run.shadow, self.depth))
                yield Checkpoint(len(self._due) - 1)

    def compare(self, checkpoint: Checkpoint, bids: Sequence[Level], asks: Sequence[Level]) -> None:
        expected = self._due[checkpoint.position]
        for side, levels, wanted in zip(Side, (bids, asks), expected, strict=True):
            self._compared += 1
            if list(levels) != wanted:
                self._failures.append(f"comparison {checkpoint.position + 1}: {side.name} differs")

    def figures(self) -> Figures:
        return {"compared": self._compared, "agreed": self._compared - len(self._failures)}

    def failures(self) -> list[str]:
        return self._failures


def _synthetic_terms(profile: SyntheticProfile) -> Terms:
    highest_nanos = profile.max_price_nanos
    largest_nanos = profile.max_order_lots * profile.lot_nanos
    return Terms(profile.tick_nanos, profile.lot_nanos, highest_nanos, largest_nanos)


def _book(shadow: ShadowBook, depth: int) -> Book:
    return shadow.half(Side.BUY).levels(depth), shadow.half(Side.SELL).levels(depth)


def _best(levels: Sequence[Level]) -> Level | None:
    return levels[0] if levels else None
