"""Follow streams through lost connections, for asyncio; see `streams`."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Callable, Iterator
from typing import Any

import grpc

from quantumcore.client.errors import BookOutOfStep, QuantumCoreError, StreamEnded, Unreachable
from quantumcore.client.failures import call_failed, is_unavailable, may_resume
from quantumcore.client.follower import BookT, Follower, OutOfStep
from quantumcore.client.streams import (
    MAX_SNAPSHOTS_IN_A_ROW,
    Delays,
    Follow,
    covered,
    raise_end,
    steps,
)


async def follow_sequence(
    start: Callable[[int], Any], field: str, from_sequence: int, *, delays: Delays
) -> AsyncGenerator[Any, None]:
    """Yield what the responses hold in `field`, from `from_sequence` on; resume when lost."""
    position = from_sequence
    pauses = delays()
    while True:
        call = start(position)
        try:
            async for response in call:
                pauses = delays()
                for item in getattr(response, field):
                    position = max(position, item.sequence + 1)
                    yield item
                position = max(position, covered(response) + 1)
                raise_end(response)
            error: QuantumCoreError = Unreachable("the stream ended without a reason")
        except grpc.aio.AioRpcError as failure:
            if not is_unavailable(failure):
                raise call_failed(failure) from failure
            error = call_failed(failure)
        except StreamEnded as ended:
            if not may_resume(ended):
                raise
            position = ended.resume_from_sequence or position
            error = ended
        finally:
            call.cancel()
        await _pause(pauses, error)


async def follow_books(
    start: Callable[[], Any], follow: Follow[BookT], *, delays: Delays
) -> AsyncGenerator[BookT, None]:
    """Yield each book after each of its updates; begin anew where one is missing."""
    pauses = delays()
    failures_in_a_row = 0
    while True:
        call = start()
        followers: dict[int, Follower[BookT]] = {}
        try:
            async for response in call:
                pauses = delays()
                for book in steps(followers, response.updates, follow):
                    yield book
                    failures_in_a_row = 0
                raise_end(response)
            error: QuantumCoreError = Unreachable("the stream ended without a reason")
        except grpc.aio.AioRpcError as failure:
            if not is_unavailable(failure):
                raise call_failed(failure) from failure
            error = call_failed(failure)
        except StreamEnded as ended:
            if not may_resume(ended):
                raise
            error = ended
        except OutOfStep as gap:
            failures_in_a_row += 1
            if failures_in_a_row >= MAX_SNAPSHOTS_IN_A_ROW:
                raise BookOutOfStep(str(gap)) from gap
            continue
        finally:
            call.cancel()
        await _pause(pauses, error)


async def _pause(pauses: Iterator[float], error: QuantumCoreError) -> None:
    delay_s = next(pauses, None)
    if delay_s is None:
        raise error
    await asyncio.sleep(delay_s)
