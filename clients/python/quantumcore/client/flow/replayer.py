"""Send a flow and check the answers, without any input or output of its own.

The caller takes batches, puts them on the wire in that order, and hands back one
acknowledgement per action in the same order. Batches may be taken ahead of the answers.
"""

from collections import Counter, deque
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from quantumcore.client.flow.actions import Action, Cancel, New, Reduce, Reprice
from quantumcore.client.flow.pace import FullSpeed, Pace
from quantumcore.client.flow.shadow import ShadowBook

_KEPT_SURPRISES = 100


class Acknowledgement(NamedTuple):
    """A venue's answer to one action; `reject_reason` is empty where it was carried out."""

    order_id: int
    cumulative_nanos: int
    leaves_nanos: int
    reject_reason: str = ""


class Checkpoint(NamedTuple):
    """A point in a flow at which to wait for all answers and look at the venue's book."""

    position: int


class Expectation(NamedTuple):
    """What must come back for an action when nobody else trades the instrument."""

    action: Action
    cumulative_nanos: int
    leaves_nanos: int
    trades: int
    traded_nanos: int


class Surprise(NamedTuple):
    """An answer that differs from what price-time priority gives."""

    expected: Expectation
    answered: Acknowledgement


class Replayer:
    """Hand out a flow in batches and account for the answers.

    Each answer is checked against a shadow of the venue's book: what has traded and what
    works of its order. Nothing behind a checkpoint is handed out before `resume`.
    """

    def __init__(self, flow: Iterable[Action | Checkpoint], *, pace: Pace | None = None) -> None:
        self.sent: Counter[str] = Counter()
        self.rejected: Counter[str] = Counter()
        self.acknowledged = 0
        self.surprising = 0
        self.surprises: list[Surprise] = []
        self.trades = 0
        self.traded_nanos = 0
        self._items = _expectations(flow)
        self._next = next(self._items, None)
        self._pace = pace or FullSpeed()
        self._handed_out = 0
        self._expected: deque[Expectation] = deque()
        self._order_ids: dict[int, int] = {}

    def prepare(self) -> int:
        """Work the whole flow out ahead, so that it can be sent at full speed.

        Returns the number of actions. The flow must end; it is held in memory.
        """
        items = list(self._items)
        self._items = iter(items)
        ahead = (self._next, *items)
        return sum(isinstance(item, Expectation) for item in ahead)

    @property
    def finished(self) -> bool:
        """Tell whether every action was handed out and answered."""
        return self._next is None and not self._expected

    @property
    def exhausted(self) -> bool:
        """Tell whether every action was handed out."""
        return self._next is None

    @property
    def outstanding(self) -> int:
        """Return how many actions wait for their answer."""
        return len(self._expected)

    @property
    def checkpoint(self) -> Checkpoint | None:
        """Return the checkpoint that was reached with every answer in, None elsewhere."""
        if isinstance(self._next, Checkpoint) and not self._expected:
            return self._next
        return None

    def resume(self) -> None:
        """Go on behind the checkpoint."""
        assert self.checkpoint is not None, "resume away from a checkpoint"
        self._next = next(self._items, None)

    def order_id(self, local_id: int) -> int:
        """Return the venue's id of a working order, 0 while it is not known."""
        return self._order_ids.get(local_id, 0)

    def due_in_ns(self, elapsed_ns: int) -> int:
        """Return how long until the next action is due, 0 if now or if there is none."""
        if self._next is None or isinstance(self._next, Checkpoint):
            return 0
        due_ns = self._pace.due_ns(self._handed_out, self._next.action.time_ns)
        return max(0, due_ns - elapsed_ns)

    def next_batch(self, limit: int, elapsed_ns: int = 0) -> list[Action]:
        """Hand out up to `limit` actions that are due `elapsed_ns` after the start."""
        batch: list[Action] = []
        while len(batch) < limit and not self.due_in_ns(elapsed_ns):
            expected = self._next
            if expected is None or isinstance(expected, Checkpoint):
                break
            batch.append(expected.action)
            self._expected.append(expected)
            self._handed_out += 1
            self._next = next(self._items, None)
        self.sent.update(map(_kind, batch))
        return batch

    def acknowledge(self, answer: Acknowledgement) -> None:
        """Account for the answer to the oldest action that waits for one.

        Raises `ValueError` where none waits.
        """
        if not self._expected:
            raise ValueError("an answer without an action")
        expected = self._expected.popleft()
        self.acknowledged += 1
        self.trades += expected.trades
        self.traded_nanos += expected.traded_nanos
        if answer.reject_reason:
            self.rejected[answer.reject_reason] += 1
        if answer.reject_reason or (
            answer.cumulative_nanos != expected.cumulative_nanos
            or answer.leaves_nanos != expected.leaves_nanos
        ):
            self._note_surprise(Surprise(expected, answer))
        self._remember(expected.action.local_id, answer)

    def _note_surprise(self, surprise: Surprise) -> None:
        self.surprising += 1
        if len(self.surprises) < _KEPT_SURPRISES:
            self.surprises.append(surprise)

    def _remember(self, local_id: int, answer: Acknowledgement) -> None:
        if answer.leaves_nanos:
            self._order_ids[local_id] = answer.order_id
        else:
            self._order_ids.pop(local_id, None)


def _expectations(
    items: Iterable[Action | Checkpoint],
) -> Iterator[Expectation | Checkpoint]:
    """Work out what must come back for each action under price-time priority."""
    shadow = ShadowBook()
    for item in items:
        if isinstance(item, Checkpoint):
            yield item
        else:
            yield _expectation(shadow, item)


def _expectation(shadow: ShadowBook, action: Action) -> Expectation:
    before = shadow.order(action.local_id)
    traded_before_nanos = before.traded_nanos if before else 0
    fills = shadow.apply(action)
    traded_nanos = sum(fill.quantity_nanos for fill in fills)
    after = shadow.order(action.local_id)
    return Expectation(
        action,
        traded_before_nanos + traded_nanos,
        after.leaves_nanos if after else 0,
        len(fills),
        traded_nanos,
    )


def _kind(action: Action) -> str:
    match action:
        case New(immediate=True):
            return "immediate"
        case New():
            return "new"
        case Cancel():
            return "cancel"
        case Reduce():
            return "reduce"
        case Reprice():
            return "reprice"
