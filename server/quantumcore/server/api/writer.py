"""The single writer: commands of one turn of the event loop become one block of the journal.

The first command of a turn opens it; each is applied at once; at the end of the turn everything is
stored with one write, then acknowledged, then published. Nothing is acknowledged or published
before it is stored at the durability that the venue runs with.
"""

import asyncio
import heapq
from collections import deque
from collections.abc import Callable, Iterable
from typing import NamedTuple, Protocol

import structlog

from quantumcore.server.api.auth import Identity
from quantumcore.server.api.errors import (
    Draining,
    JournalBehind,
    JournalUnavailable,
    RpcFailure,
    SequenceNotReached,
    VenueFaulted,
)
from quantumcore.server.api.turn import ResultRow, Turn
from quantumcore.server.api.wire.order_wire_cy import encode_acknowledgements
from quantumcore.server.core.exchange_cy import Exchange
from quantumcore.server.core.kinds import RESULT_WORDS
from quantumcore.server.journal.errors import JournalClosed, JournalFailed
from quantumcore.server.journal.journal import Journal

Decoder = Callable[[bytes, Exchange, bytes, int], object]
Command = Callable[[Exchange], int]

OUTCOME_UNKNOWN = "the venue stopped: the outcome is not known; ask again with the same request_id"

log = structlog.get_logger("quantumcore.writer")


class Receiver(Protocol):
    """Who is answered when commands are stored."""

    def acknowledged(self, data: bytes) -> None:
        """Take the encoded acknowledgements of the commands submitted."""

    def refused(self, failure: RpcFailure) -> None:
        """Learn that the commands are not acknowledged, and why."""


class Waiting(NamedTuple):
    """Commands of the open turn whose acknowledgement waits for the turn's end."""

    first: int
    last: int
    receiver: Receiver


class Held(NamedTuple):
    """A turn that is stored by the operating system and waits for the disk."""

    turn: Turn
    answers: list[tuple[Receiver, bytes]]


class Answer:
    """A receiver that one caller awaits."""

    __slots__ = ("_future",)

    def __init__(self) -> None:
        self._future: asyncio.Future[bytes] = asyncio.get_running_loop().create_future()

    def acknowledged(self, data: bytes) -> None:
        """Wake the caller with the answer."""
        if not self._future.done():
            self._future.set_result(data)

    def refused(self, failure: RpcFailure) -> None:
        """Wake the caller with the failure."""
        if not self._future.done():
            self._future.set_exception(failure)

    async def wait(self) -> bytes:
        """Return the encoded acknowledgements; raise the failure."""
        return await self._future


class Administered(NamedTuple):
    """An administrative command that is applied: what became of it, and who waits for storage."""

    result: ResultRow
    answer: Answer

    async def stored(self) -> ResultRow:
        """Wait until it is stored and published."""
        await self.answer.wait()
        return self.result


class Writer:
    """Apply, store, acknowledge, publish: in this order, one turn after the other.

    `publish` is called with every stored turn, in order; `after_turn` when a turn has been handed
    to the journal. `on_failure` is called once, when the journal can no longer be written or a
    command broke half way; from then on everything is refused.
    """

    def __init__(
        self,
        exchange: Exchange,
        journal: Journal,
        *,
        clock: Callable[[], int],
        waits_for_disk: bool,
        max_turn_bytes: int,
        max_unsynced_bytes: int,
        publish: Callable[[Turn], None],
        on_failure: Callable[[], None],
    ) -> None:
        self._exchange = exchange
        self._journal = journal
        self._clock = clock
        self._waits_for_disk = waits_for_disk
        self._max_turn_words = max_turn_bytes // 8
        self._max_unsynced_bytes = max_unsynced_bytes
        self._is_behind = False
        self._publish = publish
        self._on_failure = on_failure
        self._loop = asyncio.get_running_loop()
        self._open = False
        self._waiting: list[Waiting] = []
        self._held: deque[Held] = deque()
        self._readers: list[tuple[int, int, asyncio.Future[None]]] = []
        self._reader_number = 0
        self._stored_sequence = exchange.sequence
        self._failure: type[JournalUnavailable | VenueFaulted] | None = None
        self._draining = False
        self.after_turn: Callable[[], None] = _nothing
        self.released_sequence = exchange.sequence
        self.command_count = 0

    @property
    def failed(self) -> bool:
        """Tell whether the venue has stopped for good."""
        return self._failure is not None

    @property
    def faulted(self) -> bool:
        """Tell whether it has because a command broke half way, not because of the journal."""
        return self._failure is VenueFaulted

    @property
    def draining(self) -> bool:
        """Tell whether the venue is shutting down."""
        return self._draining

    def submit(
        self, decode: Decoder, data: bytes, identity: Identity, receiver: Receiver, session: int = 0
    ) -> tuple[int, int]:
        """Decode and apply commands; return their result rows [first, last) of this turn.

        The receiver hears of them when they are stored. Raise a failure, with nothing applied,
        where the bytes are malformed or the venue takes no commands.
        """
        self._begin()
        exchange = self._exchange
        first = exchange.results.end // RESULT_WORDS
        try:
            decode(data, exchange, identity.permitted, identity.actor(session))
        except Exception as defect:
            self._fail_if_torn(defect)
            raise
        last = exchange.results.end // RESULT_WORDS
        self._waiting.append(Waiting(first, last, receiver))
        return first, last

    def end_of_submission(self) -> None:
        """Store the turn now if it has grown large; result rows are not valid after this."""
        if self._exchange.turn.end > self._max_turn_words:
            self.flush()

    def administer(self, command: Command) -> "Administered":
        """Apply one command made by `command`; it is not stored yet."""
        self._begin()
        row = self._carry_out(command)
        administered = Administered(ResultRow.read(self._exchange, row), Answer())
        self._waiting.append(Waiting(row, row, administered.answer))
        return administered

    def command(self, command: Command) -> ResultRow:
        """Apply a command of the venue's own, also while it shuts down; nobody is answered."""
        self._begin(while_draining=True)
        return ResultRow.read(self._exchange, self._carry_out(command))

    def row(self, index: int) -> ResultRow:
        """Read a result row of the open turn."""
        return ResultRow.read(self._exchange, index)

    def flush(self) -> None:
        """Store, acknowledge and publish the open turn; nothing happens without one.

        A turn without commands has changed nothing, and nothing is stored of it.
        """
        if not self._open:
            return
        self._open = False
        waiting, self._waiting = self._waiting, []
        if self._store():
            self._release_or_hold(waiting)
            self.after_turn()
        else:
            self._refuse(receiver for _first, _last, receiver in waiting)

    async def published(self, sequence: int) -> None:
        """Wait until this sequence, which has been applied, is stored and published."""
        if sequence > self.released_sequence:
            await self._reached(sequence)

    async def reach(self, sequence: int, *, within_s: float) -> None:
        """Wait until this sequence is stored and published; raise SequenceNotReached."""
        self.flush()
        self._check_journal()
        if sequence <= self.released_sequence:
            return
        try:
            await asyncio.wait_for(self._reached(sequence), within_s)
        except TimeoutError:
            at = self.released_sequence
            raise SequenceNotReached(
                f"the venue is at sequence {at}, not yet at {sequence}", limit=at, value=sequence
            ) from None

    def _reached(self, sequence: int) -> "asyncio.Future[None]":
        self._check_journal()
        reached: asyncio.Future[None] = self._loop.create_future()
        self._reader_number += 1
        heapq.heappush(self._readers, (sequence, self._reader_number, reached))
        return reached

    def durable(self, _sequence: int) -> None:
        """Learn, on the event loop, that the disk has more."""
        self._release_held()

    def fail(self, cause: BaseException, *, faulted: bool = False) -> None:
        """Stop for good: refuse what waits and all that comes."""
        if self._failure is not None:
            return
        self._failure = VenueFaulted if faulted else JournalUnavailable
        log.error("the venue can store no more", error=repr(cause), faulted=faulted)
        waiting, self._waiting = self._waiting, []
        held, self._held = self._held, deque()
        self._refuse(receiver for _turn, answers in held for receiver, _data in answers)
        self._refuse(receiver for _first, _last, receiver in waiting)
        self._open = False
        for _sequence, _number, reached in self._readers:
            if not reached.done():
                reached.set_exception(self._failure())
        self._readers.clear()
        self._on_failure()

    def stop_accepting(self) -> None:
        """Refuse new commands from now on: the venue is shutting down."""
        self.flush()
        self._draining = True

    def check_accepting(self) -> None:
        """Raise where the venue takes no commands."""
        self._check_journal()
        if self._draining:
            raise Draining
        self._check_disk()

    def _begin(self, *, while_draining: bool = False) -> None:
        if while_draining:
            self._check_journal()
        else:
            self.check_accepting()
        if not self._open:
            self._exchange.begin_turn(self._clock())
            self._open = True
            self._loop.call_soon(self.flush)

    def _check_disk(self) -> None:
        """Refuse commands while too much waits for the disk: turns that wait are kept in memory."""
        waiting, limit = self._journal.unsynced_bytes, self._max_unsynced_bytes
        is_behind = waiting > limit
        if is_behind != self._is_behind:
            self._is_behind = is_behind
            say = log.warning if is_behind else log.info
            say("the disk falls behind" if is_behind else "the disk has caught up", bytes=waiting)
        if is_behind:
            raise JournalBehind(limit, waiting)

    def _carry_out(self, command: Command) -> int:
        try:
            return command(self._exchange)
        except Exception as defect:
            self._fail_if_torn(defect)
            raise

    def _fail_if_torn(self, defect: Exception) -> None:
        """Stop for good where a command broke half way: its turn must not be stored."""
        if self._exchange.is_torn:
            self.fail(defect, faulted=True)

    def _check_journal(self) -> None:
        if self._failure is not None:
            raise self._failure

    def _store(self) -> bool:
        exchange = self._exchange
        commands = exchange.results.end // RESULT_WORDS
        if commands == 0:
            return True
        try:
            self._journal.append(
                exchange.turn.view(),
                first_sequence=self._stored_sequence + 1,
                last_sequence=exchange.sequence,
                command_count=commands,
                time_ns=exchange.time_ns,
            )
        except (JournalFailed, JournalClosed) as failure:
            self.fail(failure)
            return False
        self.command_count += commands
        return True

    def _release_or_hold(self, waiting: list[Waiting]) -> None:
        exchange = self._exchange
        turn = Turn.of(exchange, self._stored_sequence + 1)
        self._stored_sequence = exchange.sequence
        answers = [
            (receiver, encode_acknowledgements(exchange, first, last) if last > first else b"")
            for first, last, receiver in waiting
        ]
        if self._waits_for_disk:
            self._held.append(Held(turn.kept(), answers))
            self._release_held()
        else:
            self._release(turn, answers)

    def _release_held(self) -> None:
        durable = self._journal.durable_sequence
        while self._held and self._held[0].turn.last_sequence <= durable:
            self._release(*self._held.popleft())

    def _release(self, turn: Turn, answers: list[tuple[Receiver, bytes]]) -> None:
        self.released_sequence = turn.last_sequence
        for receiver, data in answers:
            receiver.acknowledged(data)
        self._publish(turn)
        while self._readers and self._readers[0][0] <= self.released_sequence:
            reached = heapq.heappop(self._readers)[2]
            if not reached.done():
                reached.set_result(None)

    def _refuse(self, receivers: Iterable[Receiver]) -> None:
        for receiver in receivers:
            receiver.refused((self._failure or JournalUnavailable)(OUTCOME_UNKNOWN))


def _nothing() -> None:
    """Stand in where nobody looks after a turn."""
