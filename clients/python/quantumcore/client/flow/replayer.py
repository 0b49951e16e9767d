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


class Surprise(NamedTuple):
    """An answer that differs from what price-time priority gives."""

    expected: Expectation
    answered: Acknowledgement


class Replayer:
    """Hand out a flow in batches and account for the answers.

    Each action is checked against a shadow of the venue's book: what has traded and what
    works of its order. `shadow` is that book after all actions handed out so far. Nothing
    behind a checkpoint is handed out before `resume`.
    """

    def __init__(self, actions: Iterable[Action | Checkpoint], *, pace: Pace | None = None) -> None:
        self.shadow = ShadowBook()
        self.sent: Counter[str] = Counter()
        self.rejected: Counter[str] = Counter()
        self.acknowledged = 0
        self.surprising = 0
        self.surprises: list[Surprise] = []
        self.trades = 0
        self.traded_nanos = 0
        self._actions: Iterator[Action | Checkpoint] = iter(actions)
        self._next: Action | Checkpoint | None = next(self._actions, None)
        self._pace = pace or FullSpeed()
        self._handed_out = 0
        self._expected: deque[Expectation] = deque()
        self._order_ids: dict[int, int] = {}

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
        self._next = next(self._actions, None)

    def order_id(self, local_id: int) -> int:
        """Return the venue's id of a working order, 0 while it is not known."""
        return self._order_ids.get(local_id, 0)

    def due_in_ns(self, elapsed_ns: int) -> int:
        """Return how long until the next action is due, 0 if now or if there is none."""
        if self._next is None or isinstance(self._next, Checkpoint):
            return 0
        due_ns = self._pace.due_ns(self._handed_out, self._next.time_ns)
        return max(0, due_ns - elapsed_ns)

    def next_batch(self, limit: int, elapsed_ns: int = 0) -> list[Action]:
        """Hand out up to `limit` actions that are due `elapsed_ns` after the start."""
        batch: list[Action] = []
        while len(batch) < limit and not self.due_in_ns(elapsed_ns):
            action = self._next
            if action is None or isinstance(action, Checkpoint):
                break
            batch.append(action)
            self._expect(action)
            self._handed_out += 1
            self._next = next(self._actions, None)
        return batch

    def acknowledge(self, answer: Acknowledgement) -> None:
        """Account for the answer to the oldest action that waits for one.

        Raises `ValueError` where none waits.
        """
        if not self._expected:
            raise ValueError("an answer without an action")
        expected = self._expected.popleft()
        self.acknowledged += 1
        if answer.reject_reason:
            self.rejected[answer.reject_reason] += 1
        if (answer.cumulative_nanos, answer.leaves_nanos) != expected[1:] or answer.reject_reason:
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

    def _expect(self, action: Action) -> None:
        self.sent[_kind(action)] += 1
        before = self.shadow.order(action.local_id)
        traded_nanos = before.traded_nanos if before else 0
        fills = self.shadow.apply(action)
        filled_nanos = sum(fill.quantity_nanos for fill in fills)
        self.trades += len(fills)
        self.traded_nanos += filled_nanos
        after = self.shadow.order(action.local_id)
        leaves_nanos = after.leaves_nanos if after else 0
        self._expected.append(Expectation(action, traded_nanos + filled_nanos, leaves_nanos))


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
