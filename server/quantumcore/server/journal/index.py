r"""Where blocks of a segment begin, one for every few: a read need not go through all before it.

    NAME.qci beside NAME.qcj, entries of 64 bytes, little-endian
    0   8  first sequence of a block        24  4  epoch before it
    8   8  its block number                 28  32 hash of the block before it
    16  8  its offset in the segment        60  4  CRC-32 of bytes 0..59

An index is a hint and never believed: an entry is used where the block that it names is there,
whole, and continues the chain as the entry says. Without one a read goes through the segment.
"""

from pathlib import Path
from struct import Struct
from typing import NamedTuple
from zlib import crc32

from quantumcore.server.journal.errors import JournalCorrupt
from quantumcore.server.journal.files import Files
from quantumcore.server.journal.layout import CHECKSUM, SEGMENT_SUFFIX
from quantumcore.server.journal.scan import Chain, SegmentSource, read_block

INDEX_SUFFIX = ".qci"
ENTRY = Struct("<qQQI32s")
ENTRY_BYTES = ENTRY.size + CHECKSUM.size
STEP_BYTES = 256 * 1024
"""An entry is written when this much of a segment was written since the last."""


class Entry(NamedTuple):
    """A block, and the chain before it."""

    first_sequence: int
    number: int
    offset: int
    epoch: int
    previous_hash: bytes

    def chain(self) -> Chain:
        """Return what the block must continue."""
        return Chain(self.number, self.first_sequence, self.previous_hash, self.epoch)


def index_path(segment: Path) -> Path:
    """Return where the index of a segment is."""
    return segment.with_name(segment.name.removesuffix(SEGMENT_SUFFIX) + INDEX_SUFFIX)


def encode(chain: Chain, offset: int) -> bytes:
    """Return the entry of the block that is written next, at an offset."""
    body = ENTRY.pack(chain.next_sequence, chain.next_number, offset, chain.epoch, chain.head_hash)
    return body + CHECKSUM.pack(crc32(body))


def entries(files: Files, segment: Path) -> list[Entry]:
    """Return the entries of an index up to the first that is damaged; none without an index."""
    try:
        descriptor = files.open_read(index_path(segment))
    except FileNotFoundError:
        return []
    try:
        data = files.pread(descriptor, files.size(descriptor), 0)
    finally:
        files.close(descriptor)
    found: list[Entry] = []
    for at in range(0, len(data) - ENTRY_BYTES + 1, ENTRY_BYTES):
        body = data[at : at + ENTRY.size]
        if CHECKSUM.pack(crc32(body)) != data[at + ENTRY.size : at + ENTRY_BYTES]:
            break
        found.append(Entry._make(ENTRY.unpack(body)))
    return found


def begin_near(
    files: Files, segment: Path, source: SegmentSource, sequence: int
) -> tuple[int, Chain] | None:
    """Return from where to read to come to a sequence, and the chain there; None: the start."""
    for entry in reversed(entries(files, segment)):
        # A block without events may lie before the one that has the sequence itself.
        if entry.first_sequence < sequence and _holds(source, segment.name, entry):
            return entry.offset, entry.chain()
    return None


def _holds(source: SegmentSource, name: str, entry: Entry) -> bool:
    """Tell whether the block of an entry is there and is the one that it was written for."""
    try:
        return read_block(source, name, entry.offset, entry.chain()) is not None
    except JournalCorrupt:
        return False
