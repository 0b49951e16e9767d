r"""The bytes of a snapshot: a header, parts of the state, an index of them, a hash; little-endian.

    header, 192 bytes
    0   8  magic "QCSNAP\r\n"           72  32 state hash
    8   2  format version               104 32 hash of the journal's block that it is behind
    10  2  flags, 0                     136 32 SHA-256 of the stored index
    12  4  header length                168 8  offset of the index
    16  8  sequence                     176 8  length of the index
    24  8  block number                 184 4  reserved, 0
    32  8  venue time, time_ns          188 4  CRC-32 of bytes 0..187
    40  8  created, time_ns
    48  8  sequence of the base, -1: none
    56  16 release: what the state is made of

Then the parts, each compressed; the index, compressed JSON (see Index); and 32 bytes, the SHA-256
of all before. A snapshot with a base holds only what has changed since that one, which is complete.
"""

import json
from collections.abc import Sequence
from hashlib import sha256
from struct import Struct
from typing import Any, NamedTuple
from zlib import compress, crc32, decompress, error

from quantumcore.server.core.state import PART_BYTES
from quantumcore.server.core.state_fields import FIELDS
from quantumcore.server.journal import layout as journal_layout
from quantumcore.server.snapshots.errors import SnapshotDamaged, SnapshotVersionUnknown

FORMAT_VERSION = 1
MAGIC = b"QCSNAP\r\n"
SUFFIX = ".qcs"
HEADER = Struct("<8sHHIqQqqq16s32s32s32sQQII")
CHECKSUM = Struct("<I")
HASH_BYTES = 32
NO_BASE = -1
COMPRESSION = 1
RELEASE = sha256(repr((FIELDS, PART_BYTES, journal_layout.FORMAT_VERSION)).encode()).digest()[:16]


class Header(NamedTuple):
    """The fields of a header, in the order of the bytes."""

    magic: bytes
    format_version: int
    flags: int
    header_bytes: int
    sequence: int
    block_number: int
    time_ns: int
    created_time_ns: int
    base_sequence: int
    release: bytes
    state_hash: bytes
    block_hash: bytes
    index_hash: bytes
    index_offset: int
    index_bytes: int
    reserved: int
    checksum: int


class StoredPart(NamedTuple):
    """Where a part of a stream lies in the file, and the SHA-256 of what it holds."""

    stream: int
    number: int
    offset: int
    stored_bytes: int
    digest: bytes


class Index(NamedTuple):
    """What a snapshot holds: streams with their lengths, parts, and parts of the base to leave out.

    `mark` is the journal's block that it is behind, `configuration` what its exchange was built
    with, `base_hash` the state hash of its base.
    """

    configuration: dict[str, int]
    mark: dict[str, Any]
    base_hash: bytes
    streams: list[tuple[str, int]]
    parts: list[StoredPart]
    dropped: list[tuple[int, int]]


def snapshot_name(sequence: int) -> str:
    """Return the file name of the snapshot behind this sequence."""
    return f"{sequence:020d}{SUFFIX}"


def is_snapshot_name(name: str) -> bool:
    """Tell whether a file name is that of a snapshot."""
    stem = name.removesuffix(SUFFIX)
    return name.endswith(SUFFIX) and len(stem) == 20 and stem.isascii() and stem.isdigit()


def snapshot_sequence(name: str) -> int:
    """Return the sequence of a snapshot, from its file name."""
    return int(name.removesuffix(SUFFIX))


def encode_header(header: Header) -> bytes:
    """Return the bytes of a header, with its check sum."""
    body = HEADER.pack(*header)[: -CHECKSUM.size]
    return body + CHECKSUM.pack(crc32(body))


def decode_header(data: bytes | memoryview, name: str) -> Header:
    """Return the header at the beginning of a snapshot; refuse what this release cannot read."""
    if len(data) < HEADER.size:
        raise SnapshotDamaged(name, f"has {len(data)} bytes, its header alone has {HEADER.size}")
    header = Header._make(HEADER.unpack(data[: HEADER.size]))
    if header.magic != MAGIC:
        raise SnapshotDamaged(name, "does not begin as a snapshot does")
    if header.checksum != crc32(data[: HEADER.size - CHECKSUM.size]):
        raise SnapshotDamaged(name, "has a header whose check sum does not match")
    if header.format_version != FORMAT_VERSION:
        version = f"has format version {header.format_version}"
        raise SnapshotVersionUnknown(name, f"{version}, this release reads {FORMAT_VERSION}")
    if header.release != RELEASE:
        raise SnapshotVersionUnknown(name, "holds the state of another release")
    if header.sequence != snapshot_sequence(name):
        raise SnapshotDamaged(name, f"is of sequence {header.sequence}")
    return header


def encode_index(index: Index) -> bytes:
    """Return the compressed index."""
    fields = index._asdict() | {
        "base_hash": index.base_hash.hex(),
        "parts": [[*part[:4], part.digest.hex()] for part in index.parts],
    }
    return compress(json.dumps(fields, separators=(",", ":")).encode(), COMPRESSION)


def decode_index(data: bytes | memoryview, name: str) -> Index:
    """Return the index from its compressed bytes, which are known to be as they were written."""
    fields = json.loads(unpacked(data, name))
    streams: Sequence[tuple[str, int]] = fields["streams"]
    parts = (
        StoredPart(stream, number, offset, stored_bytes, bytes.fromhex(digest))
        for stream, number, offset, stored_bytes, digest in fields["parts"]
    )
    return Index(
        configuration=fields["configuration"],
        mark=fields["mark"],
        base_hash=bytes.fromhex(fields["base_hash"]),
        streams=[(stream, length) for stream, length in streams],
        parts=list(parts),
        dropped=[(stream, number) for stream, number in fields["dropped"]],
    )


def unpacked(data: bytes | memoryview, name: str) -> bytes:
    """Return what was compressed."""
    try:
        return decompress(data)
    except error as problem:
        raise SnapshotDamaged(name, f"cannot be decompressed: {problem}") from problem
