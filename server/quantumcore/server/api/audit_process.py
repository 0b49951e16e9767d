"""Audit tasks run beside the venue: each in a process of its own, few at a time."""

import asyncio
import json
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncGenerator
from contextlib import aclosing
from typing import Any, NoReturn

from quantumcore.server.api.errors import (
    EventStoreUnavailable,
    HistoryGone,
    InvalidField,
    LogDamaged,
    NotSupported,
    RpcFailure,
    TooMany,
    WrongState,
)

WORKER = "quantumcore.server.store.audit.worker"
MAX_PROCESSES = 4
HEADER_BYTES = 5
MESSAGE = b"M"


class AuditProcesses:
    """Starts a process for each task, reads its messages as they are asked for, and ends it.

    It is killed where nobody reads any more. A message waits in the pipe until it is read: a task
    whose client is slow stands still.
    """

    def __init__(self) -> None:
        self._running = 0

    async def messages(self, task: dict[str, Any]) -> AsyncGenerator[bytes, None]:
        """Yield the encoded messages of a task; raise what it failed with, as an RpcFailure."""
        if self._running >= MAX_PROCESSES:
            text = f"{MAX_PROCESSES} audits run already"
            raise TooMany(text, limit=MAX_PROCESSES)
        self._running += 1
        try:
            process = await asyncio.create_subprocess_exec(
                sys.executable, "-m", WORKER, stdin=PIPE, stdout=PIPE
            )
            try:
                await _hand_over(process, task)
                while (frame := await _frame(process)) is not None:
                    yield frame
            finally:
                if process.returncode is None:
                    process.kill()
                await process.wait()
        finally:
            self._running -= 1

    async def message(self, task: dict[str, Any]) -> bytes:
        """Return the one message of a task."""
        async with aclosing(self.messages(task)) as messages:
            async for data in messages:
                return data
        raise RpcFailure("an audit ended without an answer")


async def _hand_over(process: Process, task: dict[str, Any]) -> None:
    assert process.stdin is not None
    process.stdin.write(json.dumps(task).encode())
    await process.stdin.drain()
    process.stdin.close()


async def _frame(process: Process) -> bytes | None:
    """Return the next message; None at the end."""
    assert process.stdout is not None
    try:
        header = await process.stdout.readexactly(HEADER_BYTES)
        data = await process.stdout.readexactly(int.from_bytes(header[1:], "big"))
    except asyncio.IncompleteReadError as cut_off:
        code = await process.wait()
        if code or cut_off.partial:
            raise RpcFailure(f"an audit broke off, status {code}") from None
        return None
    if header[:1] != MESSAGE:
        _fail(json.loads(data))
    return data


def _fail(told: dict[str, Any]) -> NoReturn:
    """Raise what the process says went wrong."""
    text, limit, value = told["text"], told["limit"] or None, told["value"] or None
    match told["kind"]:
        case "refused" if told["field"]:
            raise InvalidField(told["field"], text, limit=limit, value=value)
        case "refused" | "removal":
            raise WrongState(text, limit=limit, value=value)
        case "gone":
            raise HistoryGone(text, limit=limit)
        case "unsupported":
            raise NotSupported(text)
        case "unavailable":
            raise EventStoreUnavailable(text)
        case "damaged":
            raise LogDamaged(text, value=value)
    raise RpcFailure(text)
