"""The fast path: one stream, batches of commands, answers matched in order."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future
from queue import SimpleQueue
from types import TracebackType
from typing import Any, Generic, Self, TypeVar, cast, overload

import grpc

from quantumcore.client.batches import (
    AnswerQueue,
    AnyAcknowledgement,
    PendingBatch,
    UnexpectedAcknowledgement,
)
from quantumcore.client.commands import Command
from quantumcore.client.errors import QuantumCoreError, Unreachable, VenueFailed
from quantumcore.client.failures import call_failed, stream_ended
from quantumcore.client.multi_leg import MultiLegOrderAcknowledgement
from quantumcore.client.multi_leg_commands import MultiLegCommand
from quantumcore.client.requests import execution
from quantumcore.client.trade_commands import AnyCommand
from quantumcore.client.values import Acknowledgement, Execution
from quantumcore.v1 import order_service_pb2

MAX_COMMANDS_IN_A_MESSAGE = 10_000

Encode = Callable[[AnyCommand], order_service_pb2.TradeCommand]
AnswerT = TypeVar("AnswerT", bound=AnyAcknowledgement)


class Batch(Generic[AnswerT]):
    """Commands on their way, and the promise of their answers.

    After a lost stream the outcome of unanswered commands is open: submit the same commands
    on a new stream, and those that were done are answered as they were the first time.
    """

    def __init__(self, pending: PendingBatch) -> None:
        self._pending = pending
        self._done: Future[None] = Future()

    def __len__(self) -> int:
        return len(self._pending.messages)

    @property
    def done(self) -> bool:
        """Tell whether all answers have come, or none will come any more."""
        return self._done.done()

    def acknowledgements(self, timeout_s: float | None = None) -> list[AnswerT]:
        """Wait for the answers, one for each command in the order sent.

        A command on a multi-leg order is answered by a MultiLegOrderAcknowledgement.
        Raises TimeoutError, and what ended the stream where it ended first.
        """
        self._done.result(timeout_s)
        return cast(list[AnswerT], self._pending.acknowledgements())

    def messages(self, timeout_s: float | None = None) -> list[Any]:
        """Wait for the answers as contract messages: for programs that count microseconds."""
        self._done.result(timeout_s)
        return self._pending.answers

    def received(self) -> list[Any]:
        """List the answers that have come so far, without waiting, also of a lost stream."""
        return list(self._pending.answers)

    def complete(self, error: QuantumCoreError | None) -> None:
        """Let those who wait go on, with an error where answers are missing."""
        if error is None:
            self._done.set_result(None)
        else:
            self._done.set_exception(error)


class TradeSession:
    """A `Trade` stream. Use it in a `with` statement; leaving waits for all answers.

    Commands are applied in the order of `submit`; nothing comes between two commands of one
    batch. `submit` returns at once and waits only when more than `max_outstanding` commands
    are unanswered. One thread may submit at a time. `session_id` is what mass cancels name it by,
    from its first answer on; 0 before.
    """

    def __init__(
        self,
        start: Callable[[Iterator[order_service_pb2.TradeRequest]], Any],
        *,
        encode: Encode,
        options: order_service_pb2.TradeOptions,
        max_outstanding: int,
    ) -> None:
        self._encode = encode
        self._options: order_service_pb2.TradeOptions | None = options
        self._max_outstanding = max_outstanding
        self._outgoing: SimpleQueue[order_service_pb2.TradeRequest | None] = SimpleQueue()
        self._executions: SimpleQueue[Execution | None] = SimpleQueue()
        self._wants_executions = bool(options.execution_account_ids)
        self._changed = threading.Condition()
        self._answers = AnswerQueue()
        self._batches: dict[int, Batch[Any]] = {}
        self._error: QuantumCoreError | None = None
        self._closing = False
        self.session_id = 0
        self.durable_sequence = 0
        self.accepted_sequence = 0
        self._call = start(iter(self._outgoing.get, None))
        self._reader = threading.Thread(target=self._read, name="trade-reader", daemon=True)
        self._reader.start()
        if self._wants_executions:
            self._send([])

    @overload
    def submit(self, *commands: Command) -> Batch[Acknowledgement]: ...
    @overload
    def submit(self, *commands: MultiLegCommand) -> Batch[MultiLegOrderAcknowledgement]: ...
    @overload
    def submit(self, *commands: AnyCommand) -> Batch[AnyAcknowledgement]: ...
    def submit(self, *commands: AnyCommand) -> Batch[Any]:
        """Send commands as one batch. Raises what ended the stream where it has ended."""
        return self.submit_messages([self._encode(command) for command in commands])

    def submit_messages(self, messages: Sequence[order_service_pb2.TradeCommand]) -> Batch[Any]:
        """Send commands in the contract's form as one batch."""
        if not 0 < len(messages) <= MAX_COMMANDS_IN_A_MESSAGE:
            raise ValueError(f"a batch holds 1 to {MAX_COMMANDS_IN_A_MESSAGE} commands")
        pending = PendingBatch(messages)
        batch: Batch[Any] = Batch(pending)
        with self._changed:
            self._changed.wait_for(lambda: self._has_room(len(messages)))
            self._raise_error()
            self._answers.append(pending)
            self._batches[id(pending)] = batch
            self._send(messages)
        return batch

    @property
    def outstanding(self) -> int:
        """Tell how many commands are unanswered."""
        return self._answers.outstanding

    def drain(self, timeout_s: float | None = None) -> None:
        """Wait until all commands are answered; raise TimeoutError or what ended the stream."""
        with self._changed:
            finished = self._changed.wait_for(
                lambda: self._error is not None or not self._answers.outstanding, timeout_s
            )
            if not finished:
                raise TimeoutError(f"{self._answers.outstanding} commands are unanswered")
            self._raise_error()

    def wait_for_end(self, timeout_s: float | None = None) -> None:
        """Wait until the venue ends the stream and raise why; else raise TimeoutError."""
        with self._changed:
            if not self._changed.wait_for(lambda: self._error is not None, timeout_s):
                raise TimeoutError("the stream goes on")
            self._raise_error()

    def wait_for_sequence(
        self, sequence: int, *, durable: bool = False, timeout_s: float | None = None
    ) -> None:
        """Wait until the venue's journal has come so far, on disk where `durable`.

        Raises TimeoutError or what ended the stream.
        """

        def reached() -> bool:
            return (self.durable_sequence if durable else self.accepted_sequence) >= sequence

        with self._changed:
            if not self._changed.wait_for(lambda: self._error is not None or reached(), timeout_s):
                raise TimeoutError(f"the venue is not at sequence {sequence}")
            if not reached():
                self._raise_error()

    def executions(self) -> Iterator[Execution]:
        """Go through the executions of the accounts asked for; end when the stream is closed."""
        yield from iter(self._executions.get, None)
        self._raise_error()

    def close(self, timeout_s: float | None = 10.0) -> None:
        """Wait for all answers and end the stream. Closing twice does nothing."""
        try:
            if not self._closing and self._error is None:
                self.drain(timeout_s)
        finally:
            self._closing = True
            self._outgoing.put(None)
            self._reader.join(timeout_s)
            self._call.cancel()

    def abort(self) -> None:
        """End the stream at once; unanswered batches fail."""
        self._closing = True
        self._outgoing.put(None)
        self._call.cancel()
        self._reader.join()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if kind is None:
            self.close()
        else:
            self.abort()

    def _has_room(self, count: int) -> bool:
        waiting = self._answers.outstanding
        return self._error is not None or not waiting or waiting + count <= self._max_outstanding

    def _send(self, messages: Sequence[order_service_pb2.TradeCommand]) -> None:
        self._outgoing.put(order_service_pb2.TradeRequest(options=self._options, commands=messages))
        self._options = None

    def _read(self) -> None:
        error: QuantumCoreError = Unreachable("the stream is closed")
        try:
            for response in self._call:
                self._take(response)
                if response.HasField("end"):
                    error = stream_ended(response.end)
                    break
        except grpc.RpcError as failure:
            error = call_failed(failure)
        except UnexpectedAcknowledgement as surplus:
            error = VenueFailed(str(surplus))
        self._end(error)

    def _take(self, response: order_service_pb2.TradeResponse) -> None:
        with self._changed:
            for pending in self._answers.take(
                response.acknowledgements, response.multi_leg_acknowledgements
            ):
                self._batches.pop(id(pending)).complete(None)
            self.session_id = self.session_id or response.session_id
            if response.HasField("watermarks"):
                self.accepted_sequence = response.watermarks.accepted_sequence
                self.durable_sequence = response.watermarks.durable_sequence
            self._changed.notify_all()
        if self._wants_executions:
            for message in response.executions:
                self._executions.put(execution(message))

    def _end(self, error: QuantumCoreError) -> None:
        with self._changed:
            abandoned = self._answers.abandon()
            if abandoned or not self._closing:
                self._error = error
            for pending in abandoned:
                self._batches.pop(id(pending)).complete(error)
            self._changed.notify_all()
        self._outgoing.put(None)
        self._executions.put(None)

    def _raise_error(self) -> None:
        if self._error is not None:
            raise self._error
