"""The segment that is being written."""

import errno
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Self

from quantumcore.server.journal.files import Files
from quantumcore.server.journal.layout import (
    SEGMENT_HEADER_BYTES,
    Position,
    encode_segment_header,
    segment_first_sequence,
    segment_name,
)
from quantumcore.server.journal.recovery import UNFINISHED_SUFFIX
from quantumcore.server.journal.scan import Chain


class SegmentWriter:
    """Append whole blocks to one file; `offset` is the end of the last whole block."""

    __slots__ = ("_files", "descriptor", "first_sequence", "offset")

    def __init__(self, files: Files, descriptor: int, first_sequence: int, offset: int) -> None:
        self._files = files
        self.descriptor = descriptor
        self.first_sequence = first_sequence
        self.offset = offset

    @classmethod
    def create(cls, files: Files, directory: Path, chain: Chain) -> Self:
        """Begin a segment; it appears under its name with its header whole and durable."""
        path = directory / segment_name(chain.next_sequence)
        unfinished = path.with_name(path.name + UNFINISHED_SUFFIX)
        header = encode_segment_header(
            created_time_ns=time.time_ns(),
            first_sequence=chain.next_sequence,
            first_block_number=chain.next_number,
            previous_hash=chain.head_hash,
        )
        writer = cls(files, files.create(unfinished), chain.next_sequence, 0)
        try:
            writer.append([header], SEGMENT_HEADER_BYTES)
            files.fsync(writer.descriptor)
            files.rename(unfinished, path)
            files.sync_directory(directory)
        except OSError:
            writer.close()
            raise
        return writer

    @classmethod
    def reopen(cls, files: Files, directory: Path, end: Position) -> Self:
        """Continue a recovered segment; sync it first, so that what was read is durable."""
        descriptor = files.open_append(directory / end.segment)
        try:
            files.fdatasync(descriptor)
        except OSError:
            files.close(descriptor)
            raise
        return cls(files, descriptor, segment_first_sequence(end.segment), end.offset)

    def append(self, buffers: Sequence[bytes | bytearray | memoryview], length: int) -> None:
        """Write the buffers with one system call; a short write is an OSError (ENOSPC)."""
        written = self._files.writev(self.descriptor, buffers)
        if written != length:
            raise OSError(errno.ENOSPC, f"short write: {written} of {length} bytes")
        self.offset += length

    def cut_partial(self) -> None:
        """Remove what a failed append left behind the last whole block."""
        self._files.truncate(self.descriptor, self.offset)

    def sync(self) -> None:
        """Make every block appended so far durable."""
        self._files.fdatasync(self.descriptor)

    def close(self) -> None:
        """Close the file without syncing it."""
        self._files.close(self.descriptor)
