"""Read the segments of a directory in order and verify every byte on the way."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from quantumcore.server.journal.errors import JournalCorrupt, JournalVersionUnknown
from quantumcore.server.journal.files import Files
from quantumcore.server.journal.layout import (
    BLOCK_HEADER_BYTES,
    BLOCK_MAGIC,
    FORMAT_VERSION,
    NO_BLOCK_HASH,
    SEGMENT_HEADER_BYTES,
    SEGMENT_MAGIC,
    Block,
    BlockHeader,
    Position,
    SegmentHeader,
    block_hash,
    checksum_holds,
    decode_block_header,
    decode_segment_header,
    is_segment_name,
    segment_first_sequence,
)

CHUNK_BYTES = 1024 * 1024


@dataclass(slots=True)
class Chain:
    """What the next block must continue: its number, first sequence, previous hash and epoch."""

    next_number: int = 1
    next_sequence: int = 1
    head_hash: bytes = NO_BLOCK_HASH
    epoch: int = 0

    def advance(self, block: Block) -> None:
        """Continue after this block."""
        self.next_number = block.number + 1
        self.next_sequence = block.last_sequence + 1
        self.head_hash = block.hash
        self.epoch = block.epoch


class SegmentSource:
    """Read one segment forward through a buffer that is replaced, never overwritten."""

    def __init__(self, files: Files, descriptor: int) -> None:
        self._files = files
        self._descriptor = descriptor
        self._buffer = memoryview(b"")
        self._start = 0

    def view(self, offset: int, length: int) -> memoryview:
        """Return up to `length` bytes; fewer only at the end of the file."""
        at = offset - self._start
        if at < 0 or at + length > len(self._buffer):
            self._load(offset, length)
            at = 0
        return self._buffer[at : at + length]

    def forget(self) -> None:
        """Drop the buffer: the next view reads the file again."""
        self._buffer = memoryview(b"")

    def size(self) -> int:
        """Return the length of the segment in bytes, as it is now."""
        return self._files.size(self._descriptor)

    def _load(self, offset: int, length: int) -> None:
        missing = min(max(CHUNK_BYTES, length), max(0, self.size() - offset))
        parts: list[bytes] = []
        position = offset
        while missing and (part := self._files.pread(self._descriptor, missing, position)):
            parts.append(part)
            position += len(part)
            missing -= len(part)
        self._buffer = memoryview(parts[0] if len(parts) == 1 else b"".join(parts))
        self._start = offset


def list_segments(files: Files, directory: Path) -> list[str]:
    """Return the segment names in a directory, oldest first."""
    return [name for name in files.list_names(directory) if is_segment_name(name)]


def read_segment_header(source: SegmentSource, name: str) -> SegmentHeader:
    """Return the header; segments appear under their name whole, so damage is corruption."""
    data = source.view(0, SEGMENT_HEADER_BYTES)
    sequence = segment_first_sequence(name)
    if len(data) < SEGMENT_HEADER_BYTES:
        raise JournalCorrupt(name, 0, sequence, "segment header is incomplete")
    header = decode_segment_header(data)
    if header.magic != SEGMENT_MAGIC:
        raise JournalCorrupt(name, 0, sequence, "segment magic does not match")
    if not checksum_holds(data):
        raise JournalCorrupt(name, 0, sequence, "segment header checksum does not match")
    if header.format_version != FORMAT_VERSION:
        raise JournalVersionUnknown(name, 0, sequence, _unknown_version(header.format_version))
    if header.first_sequence != sequence:
        raise JournalCorrupt(
            name, 0, sequence, f"segment header names first sequence {header.first_sequence}"
        )
    return header


def check_continues(header: SegmentHeader, name: str, chain: Chain) -> None:
    """Refuse a segment that does not begin where the chain ended."""
    reason = None
    if header.first_sequence != chain.next_sequence:
        reason = f"segment should begin with sequence {chain.next_sequence}: one is missing"
    elif header.first_block_number != chain.next_number:
        reason = f"segment should begin with block {chain.next_number}"
    elif header.previous_hash != chain.head_hash:
        reason = "segment does not continue the hash chain"
    if reason is not None:
        raise JournalCorrupt(name, 0, chain.next_sequence, reason)


def read_block(source: SegmentSource, name: str, offset: int, chain: Chain) -> Block | None:
    """Return the verified block at an offset and advance the chain; None at the end of file."""
    data = source.view(offset, BLOCK_HEADER_BYTES)
    if not data:
        return None
    header = _verified_header(data, name, offset, chain)
    header_hash = block_hash(data)
    payload = source.view(offset + BLOCK_HEADER_BYTES, header.payload_bytes)
    _verify_payload(payload, header, name, offset)
    block = Block(
        header.number,
        header.first_sequence,
        header.last_sequence,
        header.command_count,
        header.time_ns,
        header.epoch,
        header.previous_hash,
        header.payload_hash,
        header_hash,
        payload,
        Position(name, offset),
    )
    chain.advance(block)
    return block


def find_intact_header(source: SegmentSource, start: int, chain: Chain) -> int | None:
    """Return the offset of the first block header at or after `start` that could follow."""
    end = source.size()
    while start < end:
        chunk = source.view(start, CHUNK_BYTES).tobytes()
        at = chunk.find(BLOCK_MAGIC)
        while at >= 0:
            if _could_follow(source.view(start + at, BLOCK_HEADER_BYTES), chain):
                return start + at
            at = chunk.find(BLOCK_MAGIC, at + 1)
        start += max(1, len(chunk) - len(BLOCK_MAGIC) + 1)
    return None


def _could_follow(data: memoryview, chain: Chain) -> bool:
    if len(data) < BLOCK_HEADER_BYTES or not checksum_holds(data):
        return False
    header = decode_block_header(data)
    return header.number > chain.next_number and header.first_sequence >= chain.next_sequence


def _verified_header(data: memoryview, name: str, offset: int, chain: Chain) -> BlockHeader:
    reason = None
    if len(data) < BLOCK_HEADER_BYTES:
        reason = "block header is incomplete"
    elif data[:8] != BLOCK_MAGIC:
        reason = "block magic does not match"
    elif not checksum_holds(data):
        reason = "block header checksum does not match"
    if reason is not None:
        raise JournalCorrupt(name, offset, chain.next_sequence, reason, search_from=offset + 1)
    header = decode_block_header(data)
    if header.format_version != FORMAT_VERSION:
        reason = _unknown_version(header.format_version)
        raise JournalVersionUnknown(name, offset, chain.next_sequence, reason)
    if (broken := _broken_link(header, chain)) is not None:
        raise JournalCorrupt(name, offset, chain.next_sequence, broken)
    return header


def _broken_link(header: BlockHeader, chain: Chain) -> str | None:
    if header.number != chain.next_number:
        return f"block number is {header.number}, expected {chain.next_number}"
    if header.first_sequence != chain.next_sequence:
        return f"first sequence is {header.first_sequence}, expected {chain.next_sequence}"
    if header.last_sequence < header.first_sequence - 1:
        return f"last sequence {header.last_sequence} lies before the first"
    if header.previous_hash != chain.head_hash:
        return "block does not continue the hash chain"
    if header.epoch < chain.epoch:
        return f"epoch {header.epoch} lies before epoch {chain.epoch}"
    return None


def _verify_payload(payload: memoryview, header: BlockHeader, name: str, offset: int) -> None:
    reason = None
    if len(payload) < header.payload_bytes:
        reason = f"block payload is incomplete: {len(payload)} of {header.payload_bytes} bytes"
    elif sha256(payload).digest() != header.payload_hash:
        reason = "block payload hash does not match"
    if reason is not None:
        end = offset + BLOCK_HEADER_BYTES + header.payload_bytes
        raise JournalCorrupt(name, offset, header.first_sequence, reason, search_from=end)


def _unknown_version(version: int) -> str:
    return f"format version {version} is unknown, this release reads {FORMAT_VERSION}"


@contextmanager
def open_source(files: Files, path: Path) -> Iterator[SegmentSource]:
    """Open a segment for reading and close it again."""
    descriptor = files.open_read(path)
    try:
        yield SegmentSource(files, descriptor)
    finally:
        files.close(descriptor)
