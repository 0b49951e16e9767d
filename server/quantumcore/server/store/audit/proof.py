"""Prove that one event is in a journal: its block's bytes, and the way from there to a head."""

from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from quantumcore.server.core import kinds
from quantumcore.server.journal.files import Files
from quantumcore.server.journal.layout import (
    BLOCK_HEADER_BYTES,
    SEGMENT_HEADER_BYTES,
    block_hash,
    checksum_holds,
    decode_block_header,
)
from quantumcore.server.journal.reader import JournalReader
from quantumcore.server.journal.scan import list_segments, open_source, read_segment_header
from quantumcore.server.store.audit.merkle import path
from quantumcore.server.store.errors import AuditRefused
from quantumcore.v1.log_pb2 import EventProof, LogHead, ProofStep

MAX_HEADERS = 16_384
MAX_PAYLOAD_BYTES = 32 * 1024 * 1024
WORD_BYTES = 8


class Header(NamedTuple):
    """Header of a block as it is stored, and what is read from it."""

    data: bytes
    hash: bytes
    number: int
    last_sequence: int
    time_ns: int


def prove(
    directory: Path, sequence: int, head_sequence: int, *, include_headers: bool = False
) -> EventProof:
    """Return the proof of an event up to the block that holds `head_sequence`.

    Raise AuditRefused where the journal has no such event or the proof would be too large, and
    JournalCorrupt where the event's block is damaged.
    """
    block = next(iter(JournalReader(directory).blocks(sequence)), None)
    if block is None or not block.first_sequence <= sequence <= block.last_sequence:
        text = f"the journal has no event {sequence}"
        raise AuditRefused(text, field="sequence", value=sequence)
    size, most = len(block.payload), MAX_PAYLOAD_BYTES
    if size > most:
        text = f"the event's block has {size} bytes, at most {most} are sent"
        raise AuditRefused(text, field="sequence", limit=most, value=size)
    headers = _up_to(directory, head_sequence)
    index = block.number - headers[0].number
    if not 0 <= index < len(headers):
        text = f"lies before the event's block, which ends with {block.last_sequence}"
        raise AuditRefused(text, field="head_sequence", limit=block.last_sequence)
    following = headers[index + 1 :]
    if include_headers and len(following) > MAX_HEADERS:
        text = f"{len(following)} blocks lie behind the event's, at most {MAX_HEADERS} are sent"
        raise AuditRefused(text, field="include_headers", limit=MAX_HEADERS, value=len(following))
    steps, root = path([header.hash for header in headers], index)
    payload = bytes(block.payload)
    offset, length = _record(payload, sequence)
    head = headers[-1]
    return EventProof(
        event_bytes=payload,
        log_path=[
            ProofStep(sibling_hash=one.sibling, sibling_on_left=one.on_left) for one in steps
        ],
        root_hash=root,
        head=LogHead(
            sequence=head.last_sequence,
            block_number=head.number,
            chain_hash=head.hash,
            time_ns=head.time_ns,
            root_hash=root,
        ),
        block_header=headers[index].data,
        record_offset=offset,
        record_length=length,
        following_headers=[one.data for one in following] if include_headers else [],
    )


def _up_to(directory: Path, head_sequence: int) -> list[Header]:
    """Return the headers of all blocks up to the one that holds the head's sequence."""
    found: list[Header] = []
    for header in _headers(directory):
        found.append(header)
        if header.last_sequence >= head_sequence:
            return found
    last = found[-1].last_sequence if found else 0
    text = f"the journal ends with sequence {last}"
    raise AuditRefused(text, field="head_sequence", limit=last, value=head_sequence)


def _headers(directory: Path) -> Iterator[Header]:
    """Yield the headers of a journal in order; payloads are skipped and not verified."""
    files = Files()
    for name in list_segments(files, directory):
        with open_source(files, directory / name) as source:
            read_segment_header(source, name)
            offset = SEGMENT_HEADER_BYTES
            while len(view := source.view(offset, BLOCK_HEADER_BYTES)) == BLOCK_HEADER_BYTES:
                if not checksum_holds(view):
                    break
                header = decode_block_header(view)
                data = bytes(view)
                yield Header(
                    data, block_hash(data), header.number, header.last_sequence, header.time_ns
                )
                offset += BLOCK_HEADER_BYTES + header.payload_bytes


def _record(payload: bytes, sequence: int) -> tuple[int, int]:
    """Return where the record of an event begins, and its length, bytes."""
    words = memoryview(payload).cast("q")
    at = 0
    while at < len(words):
        length = words[at] >> 16 & 0xFFFF
        is_event = words[at] & 0xFFFF >= kinds.FIRST_EVENT
        if is_event and words[at + kinds.EVENT_SEQUENCE] == sequence:
            return WORD_BYTES * at, WORD_BYTES * length
        at += max(1, length)
    raise AuditRefused(f"the block has no record of event {sequence}", field="sequence")
