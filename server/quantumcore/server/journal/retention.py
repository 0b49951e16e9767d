"""Remove the oldest segments of a journal, and keep what proves the rest.

What is removed leaves an anchor: number and hash of its last block. The first segment that is kept
has to continue exactly that, so a log that was shortened on purpose still proves its chain, and a
segment that is missing for any other reason is still found out.
"""

import json
from hashlib import sha256
from pathlib import Path
from typing import NamedTuple

from quantumcore.server.journal.errors import JournalCorrupt
from quantumcore.server.journal.files import Files
from quantumcore.server.journal.layout import SegmentHeader
from quantumcore.server.journal.scan import (
    Chain,
    list_segments,
    open_source,
    read_segment_header,
)

ANCHOR_NAME = "journal.anchor"


class Anchor(NamedTuple):
    """What the first segment that is kept continues."""

    next_number: int
    next_sequence: int
    head_hash: bytes

    def chain(self, first: SegmentHeader) -> Chain:
        """Return the chain that the first segment has to continue.

        A segment from before the anchor is one whose removal was interrupted.
        """
        if first.first_sequence < self.next_sequence:
            return Chain(first.first_block_number, first.first_sequence, first.previous_hash)
        return Chain(self.next_number, self.next_sequence, self.head_hash)


def read_anchor(files: Files, directory: Path) -> Anchor | None:
    """Return the anchor of a shortened journal; raise JournalCorrupt where it is damaged."""
    try:
        descriptor = files.open_read(directory / ANCHOR_NAME)
    except FileNotFoundError:
        return None
    try:
        data = files.pread(descriptor, files.size(descriptor), 0)
    finally:
        files.close(descriptor)
    body, _newline, digest = data.rstrip(b"\n").rpartition(b"\n")
    if sha256(body).hexdigest().encode() != digest:
        raise JournalCorrupt(ANCHOR_NAME, 0, 1, "its hash does not match")
    said = json.loads(body)
    return Anchor(said["next_number"], said["next_sequence"], bytes.fromhex(said["head_hash"]))


def removable(files: Files, directory: Path, first_needed: int) -> list[str]:
    """Return the segments that end before a sequence; never the last one."""
    names = list_segments(files, directory)
    kept = [at for at, name in enumerate(names) if int(name.split(".")[0]) <= first_needed]
    return names[: kept[-1]] if kept else []


def remove_segments(directory: Path, first_needed: int, *, files: Files | None = None) -> list[str]:
    """Remove segments that end before a sequence; return their names.

    The anchor is durable before the first is removed, and the oldest go first: whenever this is
    interrupted, what is left can be read.
    """
    files = files or Files()
    names = removable(files, directory, first_needed)
    if names:
        following = list_segments(files, directory)[len(names)]
        with open_source(files, directory / following) as source:
            header = read_segment_header(source, following)
        anchor = Anchor(header.first_block_number, header.first_sequence, header.previous_hash)
        _write_anchor(files, directory, anchor)
        for name in names:
            files.remove(directory / name)
        files.sync_directory(directory)
    return names


def _write_anchor(files: Files, directory: Path, anchor: Anchor) -> None:
    body = json.dumps(anchor._asdict() | {"head_hash": anchor.head_hash.hex()}).encode()
    data = body + b"\n" + sha256(body).hexdigest().encode() + b"\n"
    unfinished = directory / (ANCHOR_NAME + ".new")
    if unfinished.exists():
        files.remove(unfinished)
    descriptor = files.create(unfinished)
    try:
        files.writev(descriptor, [data])
        files.fsync(descriptor)
    finally:
        files.close(descriptor)
    files.rename(unfinished, directory / ANCHOR_NAME)
    files.sync_directory(directory)
