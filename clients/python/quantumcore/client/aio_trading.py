"""The fast path for asyncio: one stream, batches of commands, answers matched in order."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from types import TracebackType
from typing import Any, Generic, Self, cast, overload

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
from quantumcore.client.trading import MAX_COMMANDS_IN_A_MESSAGE, AnswerT
from quantumcore.client.values import Acknowledgement, Execution
from quantumcore.v1 import order_service_pb2

Encode = Callable[[AnyCommand], Awaitable[order_service_pb2.TradeCommand]]
Options = Callable[[], Awaitable[order_service_pb2.TradeOptions]]


class AsyncBatch(Generic[AnswerT]):
    """Commands on their way, and the promise of their answers; see `trading.Batch`."""

    def __init__(self, pending: PendingBatch) -> None:
        self._pending = pending
        self._done: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    def __len__(self) -> int:
        return len(self._pending.messages)

    async def acknowledgements(self) -> list[AnswerT]:
        """Wait for the answers, one for each command in the order sent."""
        await asyncio.shield(self._done)
        return cast(list[AnswerT], self._pending.acknowledgements())

    async def messages(self) -> list[Any]:
        """Wait for the answers as contract messages."""
        await asyncio.shield(self._done)
        return self._pending.answers

    def complete(self, error: QuantumCoreError | None) -> None:
        """Let those who wait go on, with an error where answers are missing."""
        if error is None:
            self._done.set_result(None)
            return
        self._done.set_exception(error)
        self._done.exception()  # who never waits for it has seen it on the session


class AsyncTradeSession:
    """A `Trade` stream. Use it in `async with`; leaving waits for all answers.

    Commands are applied in the order of `submit`; nothing comes between two commands of one
    batch. `submit` waits only when more than `max_outstanding` commands are unanswered.
    `session_id` is what mass cancels name it by, from its first answer on; 0 before.
    """

    def __init__(
        self, start: Callable[[], Any], *, encode: Encode, options: Options, max_outstanding: int
    ) -> None:
        self._start = start
        self._encode = encode
        self._make_options = options
        self._max_outstanding = max_outstanding
        self._changed = asyncio.Condition()
        self._answers = AnswerQueue()
        self._batches: dict[int, AsyncBatch[Any]] = {}
        self._executions: asyncio.Queue[Execution | None] = asyncio.Queue()
        self._error: QuantumCoreError | None = None
        self._closing = False
        self._options: order_service_pb2.TradeOptions | None = None
        self.session_id = 0
        self._call: Any = None
        self._reader: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Self:
        self._options = await self._make_options()
        self._call = self._start()
        self._reader = asyncio.create_task(self._read())
        if self._options.execution_account_ids:
            await self._send([])
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if kind is None:
            await self.close()
        else:
            await self.abort()

    @overload
    async def submit(self, *commands: Command) -> AsyncBatch[Acknowledgement]: ...
    @overload
    async def submit(
        self, *commands: MultiLegCommand
    ) -> AsyncBatch[MultiLegOrderAcknowledgement]: ...
    @overload
    async def submit(self, *commands: AnyCommand) -> AsyncBatch[AnyAcknowledgement]: ...
    async def submit(self, *commands: AnyCommand) -> AsyncBatch[Any]:
        """Send commands as one batch. Raises what ended the stream where it has ended."""
        return await self.submit_messages([await self._encode(command) for command in commands])

    async def submit_messages(
        self, messages: Sequence[order_service_pb2.TradeCommand]
    ) -> AsyncBatch[Any]:
        """Send commands in the contract's form as one batch."""
        if not 0 < len(messages) <= MAX_COMMANDS_IN_A_MESSAGE:
            raise ValueError(f"a batch holds 1 to {MAX_COMMANDS_IN_A_MESSAGE} commands")
        pending = PendingBatch(messages)
        batch: AsyncBatch[Any] = AsyncBatch(pending)
        async with self._changed:
            await self._changed.wait_for(lambda: self._has_room(len(messages)))
            self._raise_error()
            self._answers.append(pending)
            self._batches[id(pending)] = batch
            await self._send(messages)
        return batch

    @property
    def outstanding(self) -> int:
        """Tell how many commands are unanswered."""
        return self._answers.outstanding

    async def drain(self) -> None:
        """Wait until all commands are answered; raise what ended the stream."""
        async with self._changed:
            await self._changed.wait_for(
                lambda: self._error is not None or not self._answers.outstanding
            )
            self._raise_error()

    async def executions(self) -> AsyncIterator[Execution]:
        """Go through the executions of the accounts asked for; end when the stream is closed."""
        while (item := await self._executions.get()) is not None:
            yield item
        self._raise_error()

    async def close(self) -> None:
        """Wait for all answers and end the stream. Closing twice does nothing."""
        try:
            if not self._closing and self._error is None:
                await self.drain()
                self._closing = True
                await self._call.done_writing()
        finally:
            await self.abort()

    async def abort(self) -> None:
        """End the stream at once; unanswered batches fail."""
        self._closing = True
        self._call.cancel()
        if self._reader is not None:
            await self._reader

    def _has_room(self, count: int) -> bool:
        waiting = self._answers.outstanding
        return self._error is not None or not waiting or waiting + count <= self._max_outstanding

    async def _send(self, messages: Sequence[order_service_pb2.TradeCommand]) -> None:
        request = order_service_pb2.TradeRequest(options=self._options, commands=messages)
        self._options = None
        try:
            await self._call.write(request)
        except asyncio.InvalidStateError:
            raise Unreachable("the stream has ended") from None
        except grpc.aio.AioRpcError as failure:
            raise call_failed(failure) from failure

    async def _read(self) -> None:
        error: QuantumCoreError = Unreachable("the stream is closed")
        try:
            async for response in self._call:
                await self._take(response)
                if response.HasField("end"):
                    error = stream_ended(response.end)
                    break
        except grpc.aio.AioRpcError as failure:
            error = call_failed(failure)
        except UnexpectedAcknowledgement as surplus:
            error = VenueFailed(str(surplus))
        except asyncio.CancelledError:
            if not self._closing:
                raise
        await self._end(error)

    async def _take(self, response: order_service_pb2.TradeResponse) -> None:
        self.session_id = self.session_id or response.session_id
        for pending in self._answers.take(
            response.acknowledgements, response.multi_leg_acknowledgements
        ):
            self._batches.pop(id(pending)).complete(None)
        for message in response.executions:
            self._executions.put_nowait(execution(message))
        async with self._changed:
            self._changed.notify_all()

    async def _end(self, error: QuantumCoreError) -> None:
        abandoned = self._answers.abandon()
        if abandoned or not self._closing:
            self._error = error
        for pending in abandoned:
            self._batches.pop(id(pending)).complete(error)
        self._executions.put_nowait(None)
        async with self._changed:
            self._changed.notify_all()

    def _raise_error(self) -> None:
        if self._error is not None:
            raise self._error
