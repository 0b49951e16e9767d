"""Play a flow into a venue over the `Trade` stream and compare its book on the way."""

import time
from collections import deque
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import NamedTuple, Protocol

from quantumcore.client.flow.comparison import Comparison
from quantumcore.client.flow.pace import Pace
from quantumcore.client.flow.replayer import Replayer
from quantumcore.client.flow.wire import Route, read_acknowledgement, read_levels
from quantumcore.client.market import Book
from quantumcore.v1.order_pb2 import OrderAcknowledgement
from quantumcore.v1.order_service_pb2 import TradeCommand

_NS_PER_S = 1_000_000_000


class BookNotEmpty(ValueError):
    """A replay needs an instrument whose book is empty."""


class Answers(Protocol):
    """The answers to one batch, in its order."""

    def messages(self) -> list[OrderAcknowledgement]: ...


class Session(Protocol):
    """An open `Trade` stream."""

    def submit_messages(self, messages: Sequence[TradeCommand]) -> Answers: ...


class Venue(Protocol):
    """What a replay needs of a client; `quantumcore.client.Client` is one."""

    def trade(self) -> AbstractContextManager[Session]: ...

    def book(self, instrument: int | str, *, depth: int = 0, min_sequence: int = 0) -> Book: ...


class Progress(NamedTuple):
    """How far a replay has come."""

    sent: int
    acknowledged: int
    rejected: int
    trades: int
    comparisons: int
    elapsed_ns: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ReplayOptions:
    """How to send: commands per message, and messages ahead of their answers.

    With `prepared`, the whole flow is worked out before the clock starts.
    """

    batch_size: int = 500
    max_batches_ahead: int = 8
    pace: Pace | None = None
    prepared: bool = False

    def __post_init__(self) -> None:
        if not 1 <= self.batch_size <= 10_000 or self.max_batches_ahead < 1:
            raise ValueError("batch_size must be 1 to 10,000 and max_batches_ahead positive")


class Replay:
    """One replay of a comparison's flow through one route.

    `replayer` holds counts and surprises, `comparison` what its oracle found. The time spent
    on comparisons is kept apart, so that `actions_per_s` speaks of trading alone.
    """

    def __init__(
        self,
        venue: Venue,
        comparison: Comparison,
        route: Route,
        *,
        options: ReplayOptions | None = None,
        clock_ns: Callable[[], int] = time.monotonic_ns,
        sleep_s: Callable[[float], None] = time.sleep,
    ) -> None:
        self._options = options or ReplayOptions()
        self.comparison = comparison
        self.replayer = Replayer(comparison.items(), pace=self._options.pace)
        self.comparisons = 0
        self.comparing_ns = 0
        self.elapsed_ns = 0
        self._venue = venue
        self._route = route
        self._clock_ns = clock_ns
        self._sleep_s = sleep_s
        self._ahead: deque[Answers] = deque()
        self._last_sequence = 0

    @property
    def actions_per_s(self) -> int:
        """Return the rate of acknowledged actions, comparisons not counted."""
        trading_ns = max(1, self.elapsed_ns - self.comparing_ns)
        return self.replayer.acknowledged * _NS_PER_S // trading_ns

    def run(self, on_progress: Callable[[Progress], None] | None = None) -> None:
        """Play to the end of the flow; `on_progress` is called after each step.

        Raises BookNotEmpty where orders rest in the book already, and what ended the stream
        where it ended before the flow.
        """
        self._require_empty_book()
        if self._options.prepared:
            self.replayer.prepare()
        start_ns = self._clock_ns()
        with self._venue.trade() as session:
            while not self.replayer.finished:
                self._step(session, start_ns)
                self.elapsed_ns = self._clock_ns() - start_ns
                if on_progress is not None:
                    on_progress(self._progress())

    def _require_empty_book(self) -> None:
        instrument_id = self._route.instrument_id
        book = self._venue.book(instrument_id, depth=1)
        if book.bids or book.asks:
            raise BookNotEmpty(
                f"the book of instrument {instrument_id} is not empty: cancel its orders or "
                "replay into another instrument"
            )

    def _step(self, session: Session, start_ns: int) -> None:
        replayer = self.replayer
        if replayer.checkpoint is not None:
            self._compare()
        elapsed_ns = self._clock_ns() - start_ns
        batch = replayer.next_batch(self._options.batch_size, elapsed_ns)
        if batch:
            commands = [
                self._route.command(action, replayer.order_id(action.local_id)) for action in batch
            ]
            self._ahead.append(session.submit_messages(commands))
        if self._ahead and (not batch or len(self._ahead) >= self._options.max_batches_ahead):
            self._take_answers()
        elif not batch and replayer.due_in_ns(elapsed_ns):
            self._sleep_s(replayer.due_in_ns(elapsed_ns) / _NS_PER_S)

    def _take_answers(self) -> None:
        for message in self._ahead.popleft().messages():
            self._last_sequence = max(self._last_sequence, message.sequence)
            self.replayer.acknowledge(read_acknowledgement(message))

    def _compare(self) -> None:
        checkpoint = self.replayer.checkpoint
        assert checkpoint is not None
        start_ns = self._clock_ns()
        book = self._venue.book(
            self._route.instrument_id,
            depth=self.comparison.depth,
            min_sequence=self._last_sequence,
        )
        self.comparison.compare(checkpoint, read_levels(book.bids), read_levels(book.asks))
        self.comparisons += 1
        self.replayer.resume()
        self.comparing_ns += self._clock_ns() - start_ns

    def _progress(self) -> Progress:
        replayer = self.replayer
        return Progress(
            replayer.sent.total(),
            replayer.acknowledged,
            replayer.rejected.total(),
            replayer.trades,
            self.comparisons,
            self.elapsed_ns,
        )
