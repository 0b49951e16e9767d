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
from collections.abc import Callable, Iterator
from importlib import import_module
from typing import Any, BinaryIO

from google.protobuf.message import Message

from quantumcore.server.journal.errors import JournalCorrupt, JournalError, JournalShortened
from quantumcore.server.store.errors import (
    AuditRefused,
    ExtraMissing,
    HistoryRemoved,
    RemovalRefused,
    StoreDamaged,
    StoreError,
    StoreSchemaUnknown,
    StoreUnavailable,
)

MESSAGE, FAILURE = b"M", b"E"
LENGTH_BYTES = 4
NICENESS = 10
Task = dict[str, Any]

TASKS = {
    "verify": "quantumcore.server.store.audit.tasks",
    "proof": "quantumcore.server.store.audit.tasks",
    "export": "quantumcore.server.store.export.tasks",
    "plan": "quantumcore.server.store.retention.tasks",
    "apply": "quantumcore.server.store.retention.tasks",
}
"""In which module the function is that carries out a task; only that one is loaded."""
REASONS: tuple[tuple[type[Exception], str], ...] = (
    (AuditRefused, "refused"),
    (RemovalRefused, "removal"),
    (ExtraMissing, "unsupported"),
    (StoreUnavailable, "unavailable"),
    (StoreSchemaUnknown, "unavailable"),
    (StoreDamaged, "damaged"),
    (JournalCorrupt, "damaged"),
    (JournalShortened, "gone"),
    (HistoryRemoved, "gone"),
)
"""What a failure is called in its frame."""


def main() -> int:
    """Carry out the task on standard input; 0: what it says is in the frames."""
    os.nice(NICENESS)
    out = sys.stdout.buffer
    task: Task = json.load(sys.stdin)
    try:
        carry_out: Callable[[Task], Iterator[Message]]
        carry_out = getattr(import_module(TASKS[task["what"]]), task["what"])
        for message in carry_out(task):
            put(out, MESSAGE, message.SerializeToString())
    except (StoreError, JournalError) as failure:
        put(out, FAILURE, json.dumps(told(failure)).encode())
    return 0


def told(failure: Exception) -> dict[str, Any]:
    """Return a failure as its frame has it."""
    kind = next((name for known, name in REASONS if isinstance(failure, known)), "failed")
    return {
        "kind": kind,
        "text": str(failure),
        "field": getattr(failure, "field", ""),
        "limit": getattr(failure, "limit", 0) or getattr(failure, "first_sequence", 0),
        "value": getattr(failure, "value", 0) or getattr(failure, "sequence", 0),
    }


def put(out: BinaryIO, kind: bytes, data: bytes) -> None:
    """Write one frame."""
    out.write(kind + len(data).to_bytes(LENGTH_BYTES, "big") + data)
    out.flush()


if __name__ == "__main__":
    sys.exit(main())
