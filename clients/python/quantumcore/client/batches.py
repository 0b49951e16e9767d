"""Match acknowledgements with the batches of commands that they answer.

The venue answers each command once, in the order sent, but not batch by batch: one message
may end one batch and begin the next.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence

from quantumcore.client.commands import request_of
from quantumcore.client.requests import acknowledgement
from quantumcore.client.values import Acknowledgement
from quantumcore.v1 import order_pb2, order_service_pb2


class UnexpectedAcknowledgement(Exception):
    """The venue answered a command that was never sent."""


class PendingBatch:
    """Commands that were sent together, and the answers that have come so far."""

    __slots__ = ("answers", "messages")

    def __init__(self, messages: Sequence[order_service_pb2.TradeCommand]) -> None:
        self.messages = messages
        self.answers: list[order_pb2.OrderAcknowledgement] = []

    @property
    def missing(self) -> int:
        """Tell how many answers have not come yet."""
        return len(self.messages) - len(self.answers)

    def acknowledgements(self) -> list[Acknowledgement]:
        """Read the answers, one for each command, in the order of the commands."""
        return [
            acknowledgement(answer, request_of(message).DESCRIPTOR)
            for message, answer in zip(self.messages, self.answers, strict=True)
        ]


class AnswerQueue:
    """Batches in the order sent; answers fill them from the front."""

    def __init__(self) -> None:
        self._batches: deque[PendingBatch] = deque()
        self.outstanding = 0

    def append(self, batch: PendingBatch) -> None:
        """Expect the answers to a batch after all others."""
        self._batches.append(batch)
        self.outstanding += len(batch.messages)

    def take(self, answers: Sequence[order_pb2.OrderAcknowledgement]) -> list[PendingBatch]:
        """Hand out answers in order; return the batches that they complete."""
        completed: list[PendingBatch] = []
        taken = 0
        while taken < len(answers):
            if not self._batches:
                raise UnexpectedAcknowledgement("the venue answered more than was asked")
            batch = self._batches[0]
            part = answers[taken : taken + batch.missing]
            batch.answers.extend(part)
            taken += len(part)
            if not batch.missing:
                completed.append(self._batches.popleft())
        self.outstanding -= taken
        return completed

    def abandon(self) -> list[PendingBatch]:
        """Give up all batches that wait; return them."""
        abandoned = list(self._batches)
        self._batches.clear()
        self.outstanding = 0
        return abandoned
