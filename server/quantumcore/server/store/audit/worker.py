"""Carry out one audit task in a process of its own, and end.

    python -m quantumcore.server.store.audit.worker

The task comes as JSON on standard input; what is found goes to standard output in frames, each a
letter, a length of four bytes and the bytes: M a message of the contract, E what went wrong, as
JSON. The venue reads them as fast as its client does. The process is of lower priority: it takes
neither the venue's interpreter nor its processor from orders.
"""

import json
import os
import sys
from base64 import b64decode
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, BinaryIO

from google.protobuf.message import Message

from quantumcore.server.journal.errors import JournalCorrupt
from quantumcore.server.store.audit.proof import prove
from quantumcore.server.store.audit.verify import Asked, Verification
from quantumcore.server.store.errors import (
    AuditRefused,
    RemovalRefused,
    StoreDamaged,
    StoreError,
    StoreSchemaUnknown,
    StoreUnavailable,
)
from quantumcore.v1.event_store_service_pb2 import (
    GetEventProofRequest,
    GetEventProofResponse,
    VerifyLogRequest,
    VerifyLogResponse,
)

MESSAGE, FAILURE = b"M", b"E"
LENGTH_BYTES = 4
NICENESS = 10
Task = dict[str, Any]

REASONS: tuple[tuple[type[Exception], str], ...] = (
    (AuditRefused, "refused"),
    (RemovalRefused, "removal"),
    (StoreUnavailable, "unavailable"),
    (StoreSchemaUnknown, "unavailable"),
    (StoreDamaged, "damaged"),
    (JournalCorrupt, "damaged"),
)
"""What a failure is called in its frame."""


def verify(task: Task) -> Iterator[Message]:
    """Verify as VerifyLogRequest says."""
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


def proof(task: Task) -> Iterator[Message]:
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


TASKS: dict[str, Callable[[Task], Iterator[Message]]] = {"verify": verify, "proof": proof}


def main() -> int:
    """Carry out the task on standard input; 0: what it says is in the frames."""
    os.nice(NICENESS)
    out = sys.stdout.buffer
    task: Task = json.load(sys.stdin)
    try:
        for message in TASKS[task["what"]](task):
            put(out, MESSAGE, message.SerializeToString())
    except (StoreError, JournalCorrupt) as failure:
        put(out, FAILURE, json.dumps(told(failure)).encode())
    return 0


def told(failure: Exception) -> dict[str, Any]:
    """Return a failure as its frame has it."""
    kind = next((name for known, name in REASONS if isinstance(failure, known)), "failed")
    return {
        "kind": kind,
        "text": str(failure),
        "field": getattr(failure, "field", ""),
        "limit": getattr(failure, "limit", 0),
        "value": getattr(failure, "value", 0) or getattr(failure, "sequence", 0),
    }


def put(out: BinaryIO, kind: bytes, data: bytes) -> None:
    """Write one frame."""
    out.write(kind + len(data).to_bytes(LENGTH_BYTES, "big") + data)
    out.flush()


if __name__ == "__main__":
    sys.exit(main())
