"""The tasks of an audit process that read the journal."""

from base64 import b64decode
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from google.protobuf.message import Message

from quantumcore.server.store.audit.proof import prove
from quantumcore.v1.event_store_service_pb2 import (
    GetEventProofRequest,
    GetEventProofResponse,
    VerifyLogRequest,
    VerifyLogResponse,
)


def verify(task: dict[str, Any]) -> Iterator[Message]:
    """Verify as VerifyLogRequest says."""
    from quantumcore.server.store.audit.verify import Asked, Verification

    request = VerifyLogRequest.FromString(b64decode(task["request"]))
    asked = Asked(
        directory=Path(task["journal"]),
        from_sequence=request.from_sequence,
        until_sequence=request.until_sequence or task["last_sequence"],
        replay=request.replay,
        store_url=task["store"] if request.compare_store else "",
        anchor=request.anchor,
    )
    for update in Verification(asked).updates():
        yield VerifyLogResponse(updates=[update])


def proof(task: dict[str, Any]) -> Iterator[Message]:
    """Prove an event as GetEventProofRequest says."""
    request = GetEventProofRequest.FromString(b64decode(task["request"]))
    last: int = task["last_sequence"]
    made = prove(
        Path(task["journal"]),
        request.sequence,
        request.head_sequence or last,
        include_headers=request.include_headers,
    )
    yield GetEventProofResponse(proof=made, sequence=last)
