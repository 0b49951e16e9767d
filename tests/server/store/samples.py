"""Stored samples of every event type and version that was ever written.

`make event-samples` adds those that are missing. What is there is never rewritten: it stands for
bytes in somebody's store, which nobody can rewrite either.
"""

import json
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any, NamedTuple

from google.protobuf.json_format import MessageToDict

from quantumcore.server.store.event_types import FIELD_NAMES, NOT_BUILT_YET, newest_version
from quantumcore.server.store.stored_event import StoredEvent, event_of
from quantumcore.server.store.upcasting import Upcasting
from quantumcore.v1.event_pb2 import Event, EventType
from tests.server.store.histories import all_histories

CORPUS = Path(__file__).with_name("corpus")


class Sample(NamedTuple):
    """An event as it was stored, and what a reader was told when the sample was made."""

    stored: StoredEvent
    told: dict[str, Any]


def path_of(event_type: int, version: int) -> Path:
    """Return where the sample of a type and version is kept."""
    return CORPUS / f"{FIELD_NAMES[event_type]}.v{version}.json"


def wanted() -> set[tuple[int, int]]:
    """Return every type and version that has to have a sample."""
    built = set(EventType.values()) - {0} - set(NOT_BUILT_YET)
    return {(one, version) for one in built for version in range(1, newest_version(one) + 1)}


def read(path: Path) -> Sample:
    """Read one sample."""
    kept = json.loads(path.read_text())
    columns = kept["stored"]
    payload = bytes.fromhex(columns.pop("payload"))
    return Sample(StoredEvent(**columns, payload=payload), kept["told"])


def told(event: Event) -> dict[str, Any]:
    """Return what an event says, as it is kept in a sample."""
    return MessageToDict(event, preserving_proto_field_name=True)


def write(stored: StoredEvent) -> Path:
    """Keep a sample; refuse, with FileExistsError, where there is one."""
    columns = stored._asdict() | {"payload": stored.payload.hex()}
    kept = {"stored": columns, "told": told(event_of(stored, Upcasting()))}
    path = path_of(stored.event_type, stored.schema_version)
    path.parent.mkdir(exist_ok=True)
    with path.open("x") as file:
        file.write(json.dumps(kept, indent=1, sort_keys=True) + "\n")
    return path


def richest(events: Iterable[StoredEvent]) -> dict[tuple[int, int], StoredEvent]:
    """Return of each type and version the event that says most."""
    found: dict[tuple[int, int], StoredEvent] = {}
    for event in events:
        key = event.event_type, event.schema_version
        if key not in found or len(event.payload) > len(found[key].payload):
            found[key] = event
    return found


def main() -> int:
    """Add what is missing; return 1 where the flows do not give it."""
    found = richest(event for history in all_histories() for event in history.events())
    missing = {key for key in wanted() if not path_of(*key).exists()}
    for key in sorted(missing & set(found)):
        sys.stdout.write(f"added {write(found[key]).name}\n")
    for event_type, version in sorted(missing - set(found)):
        sys.stdout.write(f"no flow gives {FIELD_NAMES[event_type]} version {version}\n")
    return 1 if missing - set(found) else 0


if __name__ == "__main__":
    sys.exit(main())
