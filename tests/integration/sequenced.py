"""Replay a flow without waiting, and see the book as it was after any command.

Acknowledgements and book updates carry the venue's sequence. The flow is sent at full speed
while the book is recorded update by update; afterwards the updates are played back up to the
sequence of each checkpoint.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from quantumcore.client.client import Client
from quantumcore.client.enums import BookMode, Side
from quantumcore.client.flow.actions import Action
from quantumcore.client.flow.replayer import Checkpoint
from quantumcore.client.flow.shadow import Level
from quantumcore.client.flow.wire import Route
from quantumcore.client.follower import BookFollower
from quantumcore.client.requests import stream_book
from quantumcore.v1 import book_pb2, order_pb2, order_service_pb2

BATCH = 200
MAX_OUTSTANDING = 1_000

Compare = Callable[[Checkpoint, Sequence[Level], Sequence[Level]], None]


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of a replay."""

    commands: int
    rejected: int
    updates: int
    snapshots: int


class BookRecorder(threading.Thread):
    """Keeps every update of one book until the venue has told of `last_sequence`."""

    def __init__(self, client: Client, instrument_id: int, *, depth: int) -> None:
        super().__init__(name="book-recorder")
        self.updates: list[book_pb2.BookUpdate] = []
        self.started = threading.Event()
        self._last_sequence: int | None = None
        request = stream_book(
            [instrument_id], depth=depth, mode=BookMode.EVERY_UPDATE, max_rate_hz=0
        )
        self._call: Any = client._matching.StreamBook(request, metadata=client._metadata)

    def run(self) -> None:
        for response in self._call:
            self.updates += response.updates
            self.started.set()
            if self._last_sequence is not None and self._covers(response):
                self._call.cancel()
                return

    def finish(self, last_sequence: int) -> list[book_pb2.BookUpdate]:
        """Wait for all updates up to a sequence."""
        self._last_sequence = last_sequence
        self.join()
        return self.updates

    def _covers(self, response: Any) -> bool:
        assert self._last_sequence is not None
        return bool(response.heartbeat.sequence >= self._last_sequence)


def replay(
    client: Client,
    items: Iterable[Action | Checkpoint],
    route: Route,
    *,
    depth: int,
    compare: Compare,
) -> Outcome:
    """Send a flow, then hold the book at each checkpoint against what it should be."""
    commands: list[order_service_pb2.TradeCommand] = []
    checkpoints: list[tuple[int, Checkpoint]] = []
    for item in items:
        if isinstance(item, Checkpoint):
            checkpoints.append((len(commands), item))
        else:
            commands.append(route.command(item))
    recorder = BookRecorder(client, route.instrument_id, depth=depth)
    recorder.start()
    recorder.started.wait()
    answers = _send(client, commands)
    sequences = _sequences(answers)
    updates = recorder.finish(sequences[-1])
    _play_back(updates, [(sequences[n], point) for n, point in checkpoints], route, depth, compare)
    return Outcome(
        commands=len(commands),
        rejected=sum(1 for answer in answers if answer.reject_reason),
        updates=len(updates),
        snapshots=sum(1 for update in updates if update.snapshot),
    )


def _send(
    client: Client, commands: list[order_service_pb2.TradeCommand]
) -> list[order_pb2.OrderAcknowledgement]:
    with client.trade(max_outstanding=MAX_OUTSTANDING) as session:
        batches = [
            session.submit_messages(commands[part : part + BATCH])
            for part in range(0, len(commands), BATCH)
        ]
        return [answer for batch in batches for answer in batch.messages()]


def _sequences(answers: list[order_pb2.OrderAcknowledgement]) -> list[int]:
    """List the last sequence after so many commands: none, one, two …"""
    sequences = [0]
    for answer in answers:
        sequences.append(max(sequences[-1], answer.sequence))
    return sequences


def _play_back(
    updates: list[book_pb2.BookUpdate],
    checkpoints: list[tuple[int, Checkpoint]],
    route: Route,
    depth: int,
    compare: Compare,
) -> None:
    follower = BookFollower(route.instrument_id, depth=depth)
    waiting = iter(updates)
    update = next(waiting, None)
    for sequence, checkpoint in checkpoints:
        while update is not None and (update.sequence <= sequence or update.snapshot):
            follower.apply(update)
            update = next(waiting, None)
        compare(checkpoint, _levels(follower, Side.BUY), _levels(follower, Side.SELL))


def _levels(follower: BookFollower, side: Side) -> list[Level]:
    return [Level(price, quantity) for price, quantity, _ in follower.levels(side)]
