"""Shadow reads: what the new store of a move answered is asked of the old one too.

The caller does not wait for it. An answer that differs is a difference of the move, which the mover
then looks at closely: it finds the first event that diverges, and mends a row.
"""

import asyncio
from collections.abc import Callable
from time import time_ns

import structlog

from quantumcore.server.api.auth import Identity
from quantumcore.server.api.errors import RpcFailure
from quantumcore.server.api.event_access import EventAccess
from quantumcore.server.api.state_at import FOLDINGS, state_at
from quantumcore.server.store.errors import StoreError
from quantumcore.server.store.migration.comparing import Thing, difference
from quantumcore.server.store.migration.ledger import Ledger
from quantumcore.v1.event_store_service_pb2 import GetStateAtRequest, GetStateAtResponse

MOST_AT_ONCE = 64

log = structlog.get_logger("quantumcore.migration")


class ShadowReads:
    """Compares answers of GetStateAt; beyond a bound at once they are let go uncompared."""

    def __init__(self, url: str, ledger: Ledger, *, clock: Callable[[], int] = time_ns) -> None:
        self._access = EventAccess(url)
        self._ledger, self._clock = ledger, clock
        self._running: set[asyncio.Task[None]] = set()
        self.compared = 0

    def compare(
        self, request: GetStateAtRequest, identity: Identity, answer: GetStateAtResponse
    ) -> None:
        """Ask the old store as of the same sequence, in the background."""
        if len(self._running) >= MOST_AT_ONCE or not request.HasField("at_sequence"):
            return
        task = asyncio.ensure_future(self._compare(request, identity, answer))
        self._running.add(task)
        task.add_done_callback(self._running.discard)

    async def settled(self) -> None:
        """Wait until all that was begun is compared."""
        await asyncio.gather(*self._running)

    async def close(self) -> None:
        """Let go of what is not compared yet, and give back all connections."""
        for task in self._running:
            task.cancel()
        await asyncio.gather(*self._running, return_exceptions=True)
        await self._access.close()

    async def _compare(
        self, request: GetStateAtRequest, identity: Identity, answer: GetStateAtResponse
    ) -> None:
        try:
            other = await state_at(request, self._access, identity)
        except RpcFailure as refused:
            log.debug("a read was not compared", reason=refused.text)
            return
        self.compared += 1
        field = FOLDINGS[request.aggregate_type].field
        state = getattr(answer, field)
        if getattr(other, field) == state:
            return
        thing = Thing(request.aggregate_type, request.aggregate_id)
        text = f"a read as of sequence {answer.sequence} was answered differently"
        told = difference(thing, state.sequence, text)._replace(found_time_ns=self._clock())
        try:
            await asyncio.to_thread(self._ledger.note_differences, [told])
        except StoreError as failure:
            log.warning("the ledger of the move cannot be written", error=str(failure))
