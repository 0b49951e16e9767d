"""Archives of events: files that prove themselves, written whole or not at all.

A line is a JSON object: `event` is the contract's Event as protobuf's JSON has it, `row` is base64
of the bytes that the event's digest is over. A manifest beside the file has its SHA-256, what it
holds, and the head of the log that it was made from.
"""

import json
import os
from base64 import b64decode, b64encode
from collections.abc import Iterable, Iterator
from hashlib import sha256
from pathlib import Path
from typing import Any

from quantumcore.server.store.errors import StoreDamaged
from quantumcore.server.store.export.formats import event_object
from quantumcore.server.store.row_digest import event_of_row, row_bytes
from quantumcore.server.store.stored_event import StoredEvent, event_of
from quantumcore.server.store.upcasting import Upcasting

UNFINISHED = ".part"
MANIFEST = ".manifest.json"
FORMAT = "quantumcore-event-archive/1"


def write_archive(
    directory: Path, name: str, events: Iterable[StoredEvent], about: dict[str, Any]
) -> Path:
    """Write events and their manifest; both are on the disk when this returns."""
    directory.mkdir(mode=0o700, parents=True, exist_ok=True)
    hashed, count, upcasting = sha256(), 0, Upcasting()
    target = directory / name
    with _unfinished(target).open("wb") as file:
        for stored in events:
            line = _line(stored, upcasting)
            hashed.update(line)
            count += 1
            file.write(line)
        file.flush()
        os.fsync(file.fileno())
    manifest = {
        "format": FORMAT,
        "file": name,
        "sha256": hashed.hexdigest(),
        "event_count": count,
        **about,
    }
    with _unfinished(manifest_of(target)).open("w") as file:
        json.dump(manifest, file, indent=2)
        file.flush()
        os.fsync(file.fileno())
    for path in (target, manifest_of(target)):
        _unfinished(path).replace(path)
    _sync_directory(directory)
    return target


def read_archive(path: Path) -> Iterator[StoredEvent]:
    """Yield the events of an archive; raise StoreDamaged where it is not what its manifest says.

    Each line is checked by itself as it comes, the whole at the end.
    """
    manifest = json.loads(manifest_of(path).read_text())
    hashed, count, upcasting = sha256(), 0, Upcasting()
    with path.open("rb") as file:
        for line in file:
            hashed.update(line)
            count += 1
            yield _event(path, count, line, upcasting)
    if (hashed.hexdigest(), count) != (manifest["sha256"], manifest["event_count"]):
        raise StoreDamaged(f"the archive {path} is not what its manifest says")


def manifest_of(path: Path) -> Path:
    """Return where the manifest of an archive lies."""
    return path.with_name(path.name + MANIFEST)


def _event(path: Path, number: int, line: bytes, upcasting: Upcasting) -> StoredEvent:
    try:
        told = json.loads(line)
        stored = event_of_row(b64decode(told["row"], validate=True))
    except (ValueError, KeyError, TypeError) as problem:
        raise StoreDamaged(f"line {number} of the archive {path} is none: {problem}") from problem
    if told["event"] != event_object(event_of(stored, upcasting)):
        raise StoreDamaged(f"line {number} of the archive {path} tells another event than its row")
    return stored


def _line(stored: StoredEvent, upcasting: Upcasting) -> bytes:
    told = {
        "event": event_object(event_of(stored, upcasting)),
        "row": b64encode(row_bytes(stored)).decode(),
    }
    return json.dumps(told, separators=(",", ":")).encode() + b"\n"


def _unfinished(path: Path) -> Path:
    return path.with_name(path.name + UNFINISHED)


def _sync_directory(directory: Path) -> None:
    descriptor = os.open(directory, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
