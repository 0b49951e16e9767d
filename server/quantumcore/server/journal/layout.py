r"""The bytes of a segment: one segment header, then blocks, all little-endian.

    segment header, 80 bytes            block header, 128 bytes
    0   8  magic "QCJSEG\r\n"           0   8  magic "QCJBLK\r\n"
    8   2  format version               8   2  format version
    10  2  flags, 0                     10  2  flags, 0
    12  4  header length                12  4  header length
    16  8  created, time_ns             16  4  payload length
    24  8  first sequence               20  4  command count
    32  8  first block number           24  8  block number, from 1, gap-free
    40  32 hash of the block before     32  8  first sequence
    72  4  reserved, 0                  40  8  last sequence (first - 1: no event)
    76  4  CRC-32 of bytes 0..75        48  8  time_ns
                                        56  32 hash of the block before
                                        88  32 SHA-256 of the payload
                                        120 4  epoch
                                        124 4  CRC-32 of bytes 0..123

The hash of a block is the SHA-256 of its header. The header holds the hash of the payload and of
the block before, so the newest hash vouches for everything written since the beginning.
"""

from hashlib import sha256
from struct import Struct
from typing import NamedTuple
from zlib import crc32

FORMAT_VERSION = 5  # 4 had other margins, 3 icebergs part by part, 2 no money, 1 few orders
SEGMENT_MAGIC = b"QCJSEG\r\n"
BLOCK_MAGIC = b"QCJBLK\r\n"
NO_BLOCK_HASH = bytes(32)
SEGMENT_SUFFIX = ".qcj"

SEGMENT_HEADER = Struct("<8sHHIqqQ32sII")
BLOCK_HEADER = Struct("<8sHHIIIQqqq32s32sII")
CHECKSUM = Struct("<I")
SEGMENT_HEADER_BYTES = SEGMENT_HEADER.size
BLOCK_HEADER_BYTES = BLOCK_HEADER.size
MAX_PAYLOAD_BYTES = 1 << 30


class SegmentHeader(NamedTuple):
    """The fields of a segment header, in the order of the bytes."""

    magic: bytes
    format_version: int
    flags: int
    header_bytes: int
    created_time_ns: int
    first_sequence: int
    first_block_number: int
    previous_hash: bytes
    reserved: int
    checksum: int


class BlockHeader(NamedTuple):
    """The fields of a block header, in the order of the bytes."""

    magic: bytes
    format_version: int
    flags: int
    header_bytes: int
    payload_bytes: int
    command_count: int
    number: int
    first_sequence: int
    last_sequence: int
    time_ns: int
    previous_hash: bytes
    payload_hash: bytes
    epoch: int
    checksum: int


class Position(NamedTuple):
    """Where a block begins: the segment's file name and the offset in it, in bytes."""

    segment: str
    offset: int


class Block(NamedTuple):
    """One turn as it was stored.

    `payload` is read-only and belongs to the buffer it was read into: keeping it keeps that
    buffer (about 1 MiB) alive. `hash` is what the next block names as its previous hash.
    """

    number: int
    first_sequence: int
    last_sequence: int
    command_count: int
    time_ns: int
    epoch: int
    previous_hash: bytes
    payload_hash: bytes
    hash: bytes
    payload: memoryview
    position: Position

    @property
    def event_count(self) -> int:
        """Return how many events the block holds."""
        return self.last_sequence - self.first_sequence + 1


def segment_name(first_sequence: int) -> str:
    """Return the file name of the segment that begins with this sequence."""
    return f"{first_sequence:020d}{SEGMENT_SUFFIX}"


def is_segment_name(name: str) -> bool:
    """Tell whether a file name is that of a segment."""
    stem = name.removesuffix(SEGMENT_SUFFIX)
    return name.endswith(SEGMENT_SUFFIX) and len(stem) == 20 and stem.isascii() and stem.isdigit()


def segment_first_sequence(name: str) -> int:
    """Return the first sequence of a segment, from its file name."""
    return int(name.removesuffix(SEGMENT_SUFFIX))


def encode_segment_header(
    *, created_time_ns: int, first_sequence: int, first_block_number: int, previous_hash: bytes
) -> bytes:
    """Return the 80 bytes that open a segment."""
    fields = (
        SEGMENT_MAGIC,
        FORMAT_VERSION,
        0,
        SEGMENT_HEADER_BYTES,
        created_time_ns,
        first_sequence,
        first_block_number,
        previous_hash,
        0,
        0,
    )
    body = SEGMENT_HEADER.pack(*fields)[:-4]
    return body + CHECKSUM.pack(crc32(body))


def decode_segment_header(data: memoryview) -> SegmentHeader:
    """Split 80 bytes into fields; nothing is checked."""
    return SegmentHeader._make(SEGMENT_HEADER.unpack(data))


def decode_block_header(data: memoryview) -> BlockHeader:
    """Split 128 bytes into fields; nothing is checked."""
    return BlockHeader._make(BLOCK_HEADER.unpack(data))


def checksum_holds(header: memoryview) -> bool:
    """Tell whether the last four bytes are the CRC-32 of those before."""
    (stored,) = CHECKSUM.unpack(header[-4:])
    return bool(stored == crc32(header[:-4]))


def block_hash(header: memoryview | bytes | bytearray) -> bytes:
    """Return the hash that chains the next block to this one."""
    return sha256(header).digest()
