"""Match acknowledgements with the batches of commands that they answer.

The venue answers each command once, in the order sent, but not batch by batch: one message
may end one batch and begin the next. Answers to commands on multi-leg orders come apart from
the others; within a message the commands tell in which order they belong.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence

from quantumcore.client.convert import read
from quantumcore.client.multi_leg import MultiLegOrderAcknowledgement
from quantumcore.client.requests import acknowledgement
from quantumcore.client.trade_commands import is_multi_leg, request_of
from quantumcore.client.values import Acknowledgement
from quantumcore.v1 import multi_leg_order_pb2, order_pb2, order_service_pb2

AnyAcknowledgement = Acknowledgement | MultiLegOrderAcknowledgement
AnswerMessage = order_pb2.OrderAcknowledgement | multi_leg_order_pb2.MultiLegOrderAcknowledgement


class UnexpectedAcknowledgement(Exception):
    """The venue answered a command that was never sent."""


class PendingBatch:
    """Commands that were sent together, and the answers that have come so far."""

    __slots__ = ("answers", "messages")

    def __init__(self, messages: Sequence[order_service_pb2.TradeCommand]) -> None:
        self.messages = messages
        self.answers: list[AnswerMessage] = []

    @property
    def missing(self) -> int:
        """Tell how many answers have not come yet."""
        return len(self.messages) - len(self.answers)

    def acknowledgements(self) -> list[AnyAcknowledgement]:
        """Read the answers, one for each command, in the order of the commands."""
        return [
            _read(answer, message)
            for message, answer in zip(self.messages, self.answers, strict=True)
        ]


def _read(answer: AnswerMessage, message: order_service_pb2.TradeCommand) -> AnyAcknowledgement:
    request = request_of(message).DESCRIPTOR
    if isinstance(answer, order_pb2.OrderAcknowledgement):
        return acknowledgement(answer, request)
    return read(MultiLegOrderAcknowledgement, answer, request)


class AnswerQueue:
    """Batches in the order sent; answers fill them from the front."""

    def __init__(self) -> None:
        self._batches: deque[PendingBatch] = deque()
        self.outstanding = 0

    def append(self, batch: PendingBatch) -> None:
        """Expect the answers to a batch after all others."""
        self._batches.append(batch)
        self.outstanding += len(batch.messages)

    def take(
        self,
        answers: Sequence[order_pb2.OrderAcknowledgement],
        multi_leg_answers: Sequence[multi_leg_order_pb2.MultiLegOrderAcknowledgement] = (),
    ) -> list[PendingBatch]:
        """Hand out the answers of one message in order; return the batches that they complete."""
        if multi_leg_answers:
            return self._take_in_order(self._in_order(answers, multi_leg_answers))
        return self._take_in_order(answers)

    def _take_in_order(self, answers: Sequence[AnswerMessage]) -> list[PendingBatch]:
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

    def _in_order(
        self,
        answers: Sequence[order_pb2.OrderAcknowledgement],
        multi_leg_answers: Sequence[multi_leg_order_pb2.MultiLegOrderAcknowledgement],
    ) -> list[AnswerMessage]:
        """Put the answers of both sorts into the order of the commands that wait."""
        singles, packages = deque(answers), deque(multi_leg_answers)
        found: list[AnswerMessage] = []
        for batch in self._batches:
            for command in batch.messages[len(batch.answers) :]:
                if not singles and not packages:
                    return found
                source = packages if is_multi_leg(command) else singles
                if not source:
                    raise UnexpectedAcknowledgement("the venue answered another sort of command")
                found.append(source.popleft())
        if singles or packages:
            raise UnexpectedAcknowledgement("the venue answered more than was asked")
        return found

    def abandon(self) -> list[PendingBatch]:
        """Give up all batches that wait; return them."""
        abandoned = list(self._batches)
        self._batches.clear()
        self.outstanding = 0
        return abandoned
