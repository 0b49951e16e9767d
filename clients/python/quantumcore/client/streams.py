"""Follow streams of the venue through lost connections, without gap or duplicate."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterable, Iterator
from typing import Any

import grpc

from quantumcore.client.errors import BookOutOfStep, QuantumCoreError, StreamEnded, Unreachable
from quantumcore.client.failures import call_failed, is_unavailable, may_resume, stream_ended
from quantumcore.client.follower import BookFollower, BookT, Follower, OutOfStep
from quantumcore.client.market import Book
from quantumcore.client.retry import Clock

Delays = Callable[[], Iterator[float]]
Follow = Callable[[int], Follower[BookT]]
MAX_SNAPSHOTS_IN_A_ROW = 3


def follow_sequence(
    start: Callable[[int], Any],
    field: str,
    from_sequence: int,
    *,
    clock: Clock,
    delays: Delays,
) -> Iterator[Any]:
    """Yield what the responses hold in `field`, from `from_sequence` on.

    `start` opens a stream at a sequence. Where the connection is lost, or the venue ends the
    stream for a reason that allows it, another one goes on after the last sequence seen.
    """
    position = from_sequence
    pauses = delays()
    while True:
        call = start(position)
        try:
            for response in call:
                pauses = delays()
                for item in getattr(response, field):
                    position = max(position, item.sequence + 1)
                    yield item
                position = max(position, covered(response) + 1)
                raise_end(response)
            error: QuantumCoreError = Unreachable("the stream ended without a reason")
        except grpc.RpcError as failure:
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
        _pause(pauses, clock, error)


def follow_books(
    start: Callable[[], Any], follow: Follow[BookT], *, clock: Clock, delays: Delays
) -> Generator[BookT, None, None]:
    """Yield each book after each of its updates; begin anew with snapshots where one is missing.

    `follow` makes the follower of an instrument.
    """
    pauses = delays()
    failures_in_a_row = 0
    while True:
        call = start()
        followers: dict[int, Follower[BookT]] = {}
        try:
            for response in call:
                pauses = delays()
                for book in steps(followers, response.updates, follow):
                    yield book
                    failures_in_a_row = 0
                raise_end(response)
            error: QuantumCoreError = Unreachable("the stream ended without a reason")
        except grpc.RpcError as failure:
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
        _pause(pauses, clock, error)


def steps(
    followers: dict[int, Follower[BookT]], updates: Iterable[Any], follow: Follow[BookT]
) -> Iterator[BookT]:
    """Take updates of the books followed; yield each book that is whole after one of its own.

    Raises OutOfStep.
    """
    for update in updates:
        follower = followers.get(update.instrument_id)
        if follower is None:
            follower = followers[update.instrument_id] = follow(update.instrument_id)
        follower.apply(update)
        if follower.whole:
            yield follower.book()


def by_level(depth: int) -> Follow[Book]:
    """Follow books by level, of a stream with this depth."""
    return lambda instrument_id: BookFollower(instrument_id, depth=depth)


def covered(response: Any) -> int:
    """Tell up to which sequence a heartbeat says that nothing is missing, -1 without one."""
    return int(response.heartbeat.sequence) if response.HasField("heartbeat") else -1


def raise_end(response: Any) -> None:
    """Raise StreamEnded where a response says that it is the last one."""
    if response.HasField("end"):
        raise stream_ended(response.end)


def _pause(pauses: Iterator[float], clock: Clock, error: QuantumCoreError) -> None:
    delay_s = next(pauses, None)
    if delay_s is None:
        raise error
    clock.sleep_for(delay_s)
