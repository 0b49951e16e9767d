"""What auditors call: verify the log, prove an event. Each is done by a process of its own."""

import asyncio
from base64 import b64encode
from collections.abc import AsyncGenerator
from contextlib import aclosing
from pathlib import Path
from typing import Any

from google.protobuf.message import Message

from quantumcore.server.api.audit_process import AuditProcesses
from quantumcore.server.api.errors import InvalidField, NotFound, WrongState
from quantumcore.server.api.event_access import EventAccess
from quantumcore.server.api.outbox import Outbox
from quantumcore.server.api.publisher import Publisher
from quantumcore.server.api.rpc import Call
from quantumcore.server.api.streams import Streams, pump
from quantumcore.v1.event_store_service_pb2 import (
    GetEventProofRequest,
    GetEventProofResponse,
    VerifyLogRequest,
    VerifyLogResponse,
)

HASH_BYTES = 32
WAITING_BYTES = 1024 * 1024  # of a stream, before more is read from its process


class AuditCalls:
    """VerifyLog and GetEventProof; operators only, since a block holds everybody's commands."""

    _access: EventAccess
    _publisher: Publisher
    _streams: Streams
    _timeout_s: float
    _journal: Path
    _audits: AuditProcesses
    _acting: asyncio.Lock
    _comparing: int

    async def verify_log(self, request: VerifyLogRequest, call: Call) -> None:
        """Send how far a verification is, until it has come to its end or found a deviation."""
        call.identity.require_admin()
        last = self._publisher.sequence
        self._check_range(request.from_sequence, request.until_sequence)
        if request.HasField("anchor"):
            _check_anchor(request)
        if request.compare_store:
            within_s = call.seconds_left(self._timeout_s)
            await self._access.reach(request.until_sequence or last, within_s=within_s)
            if self._acting.locked():
                raise WrongState("retention is applied now: compare the event store later")
        self._comparing += request.compare_store
        try:
            await self._relay(call, VerifyLogResponse, self._task("verify", request))
        finally:
            self._comparing -= request.compare_store

    async def get_event_proof(
        self, request: GetEventProofRequest, call: Call
    ) -> GetEventProofResponse:
        """Prove that an event is in the log."""
        call.identity.require_admin()
        within_s = call.seconds_left(self._timeout_s)
        await self._access.reach(request.min_sequence, within_s=within_s)
        last = self._publisher.sequence
        for field, most in (("sequence", last), ("head_sequence", last)):
            value = getattr(request, field)
            if value < (field == "sequence"):
                raise InvalidField(field, "is required", value=value)
            if value > most:
                raise NotFound(f"the log ends with sequence {most}", limit=most, value=value)
        if 0 < request.head_sequence < request.sequence:
            problem = "lies before the event"
            value, limit = request.head_sequence, request.sequence
            raise InvalidField("head_sequence", problem, limit=limit, value=value)
        data = await self._audits.message(self._task("proof", request))
        return GetEventProofResponse.FromString(data)

    def _check_range(self, first: int, until: int) -> None:
        """Raise InvalidField unless both lie within the log and follow one another."""
        last = self._publisher.sequence
        for field, value in (("from_sequence", first), ("until_sequence", until)):
            if not 0 <= value <= last:
                problem = f"lies outside 0 to {last}, the last event"
                raise InvalidField(field, problem, limit=last, value=value)
        if until and until < first:
            problem = "lies before from_sequence"
            raise InvalidField("until_sequence", problem, limit=first, value=until)

    def _task(self, what: str, request: Message, **more: Any) -> dict[str, Any]:
        return {
            "what": what,
            "journal": str(self._journal),
            "store": self._access.url,
            "request": b64encode(request.SerializeToString()).decode(),
            "last_sequence": self._publisher.sequence,
            **more,
        }

    async def _relay(self, call: Call, response: type[Message], task: dict[str, Any]) -> None:
        """Send the messages of a task as its client takes them, with heartbeats between them."""
        with self._streams.opened(response) as outbox:
            messages = self._audits.messages(task)
            putting = asyncio.ensure_future(_put_all(outbox, messages))
            try:
                await pump(call, outbox)
            finally:
                putting.cancel()
                (failure,) = await asyncio.gather(putting, return_exceptions=True)
            if isinstance(failure, Exception):
                raise failure


async def _put_all(outbox: Outbox, messages: AsyncGenerator[bytes, None]) -> None:
    try:
        async with aclosing(messages):
            async for data in messages:
                outbox.put(data)
                await outbox.room(WAITING_BYTES)
                if outbox.ended:
                    return
    finally:
        outbox.close()


def _check_anchor(request: VerifyLogRequest) -> None:
    anchor = request.anchor
    for field in ("block_number", "sequence"):
        if getattr(anchor, field) < 1:
            value = getattr(anchor, field)
            raise InvalidField(f"anchor.{field}", "is required", limit=1, value=value)
    for field, needed in (("chain_hash", True), ("root_hash", False)):
        size = len(getattr(anchor, field))
        if size != HASH_BYTES and (needed or size):
            problem = f"has {size} bytes, a SHA-256 has {HASH_BYTES}"
            raise InvalidField(f"anchor.{field}", problem, limit=HASH_BYTES, value=size)
