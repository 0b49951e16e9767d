"""Order flow under which a venue is killed, and everything that it said until then."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from itertools import count, islice
from typing import Any

from quantumcore.client.client import Client
from quantumcore.client.errors import CallFailed
from quantumcore.client.flow.synthetic import SyntheticFlow
from quantumcore.client.flow.wire import Route
from quantumcore.client.trading import Batch, TradeSession
from quantumcore.client.values import Execution
from quantumcore.v1 import order_pb2, order_service_pb2

BATCH = 40
FAR_AHEAD = 1_000
"""Commands that may be unanswered: the journal is far ahead of what we have seen."""


class Load(threading.Thread):
    """Sends commands until the stream is lost; every command has a request id of its own."""

    def __init__(self, client: Client, route: Route, *, seed: int, max_outstanding: int) -> None:
        super().__init__(name=f"load-{seed}")
        self.lost: CallFailed | None = None
        self.executions: list[Execution] = []
        self._client = client
        self._route = route
        self._max_outstanding = max_outstanding
        self._commands = self._numbered(seed)
        self._batches: list[Batch[Any]] = []
        self._sent: list[list[order_service_pb2.TradeCommand]] = []
        self._submitted = threading.Condition()

    @property
    def commands(self) -> list[order_service_pb2.TradeCommand]:
        return [command for part in self._sent for command in part]

    def answers(self) -> list[order_pb2.OrderAcknowledgement]:
        """All answers that came, in the order of the commands: no gap but at the end."""
        return [answer for batch in self._batches for answer in batch.received()]

    def wait_for_answers(self, wanted: int) -> None:
        """Wait until at least so many commands are answered."""
        number = wanted // BATCH
        with self._submitted:
            self._submitted.wait_for(lambda: len(self._batches) > number or not self.is_alive())
        assert self.is_alive(), f"the load ended early: {self.lost}"
        self._batches[number].messages()

    def run(self) -> None:
        try:
            with self._client.trade(
                executions_of=[self._route.account_id], max_outstanding=self._max_outstanding
            ) as session:
                reader = threading.Thread(target=self._collect, args=(session,))
                reader.start()
                try:
                    self._send_for_ever(session)
                finally:
                    session.abort()
                    reader.join()
        except CallFailed as lost:
            self.lost = lost
        with self._submitted:
            self._submitted.notify_all()

    def _send_for_ever(self, session: TradeSession) -> None:
        while True:
            part = list(islice(self._commands, BATCH))
            self._sent.append(part)
            batch = session.submit_messages(part)
            with self._submitted:
                self._batches.append(batch)
                self._submitted.notify_all()

    def _collect(self, session: TradeSession) -> None:
        try:
            self.executions.extend(session.executions())
        except CallFailed as lost:
            self.lost = lost

    def _numbered(self, seed: int) -> Iterator[order_service_pb2.TradeCommand]:
        numbers = count(seed << 32 | 1)
        for action, number in zip(SyntheticFlow(seed), numbers, strict=False):
            command = self._route.command(action)
            request = getattr(command, str(command.WhichOneof("command")))
            request.request_id = number
            yield command
