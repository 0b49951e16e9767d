"""The segment that is being written."""

import errno
import time
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import Self

from quantumcore.server.journal import index
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

RESERVE_BYTES = 16 * 1024 * 1024
"""Space is set aside in such pieces, so that a disk that fills up is known before a block is."""


class SegmentWriter:
    """Append whole blocks to one file; `offset` is the end of the last whole block."""

    __slots__ = (
        "_files",
        "_index",
        "descriptor",
        "first_sequence",
        "next_indexed",
        "offset",
        "path",
        "reserved",
    )

    def __init__(
        self, files: Files, path: Path, descriptor: int, first_sequence: int, offset: int
    ) -> None:
        self._files = files
        self.path = path
        self.descriptor = descriptor
        self.first_sequence = first_sequence
        self.offset = offset
        self.next_indexed = SEGMENT_HEADER_BYTES + index.STEP_BYTES
        self._index = -1
        self.reserved = offset

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
        writer = cls(files, path, files.create(unfinished), chain.next_sequence, 0)
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
        path = directory / end.segment
        descriptor = files.open_append(path)
        try:
            files.fdatasync(descriptor)
        except OSError:
            files.close(descriptor)
            raise
        writer = cls(files, path, descriptor, segment_first_sequence(end.segment), end.offset)
        try:
            writer._reopen_index()
        except OSError:
            writer.close()
            raise
        return writer

    def append(self, buffers: Sequence[bytes | bytearray | memoryview], length: int) -> None:
        """Write the buffers with one system call; a short write is an OSError (ENOSPC)."""
        if self.offset + length > self.reserved:
            self._reserve(length)
        written = self._files.writev(self.descriptor, buffers)
        if written != length:
            raise OSError(errno.ENOSPC, f"short write: {written} of {length} bytes")
        self.offset += length

    def _reserve(self, length: int) -> None:
        """Set aside what this block needs, and more for those that follow."""
        reserved = self.offset + max(length, RESERVE_BYTES)
        self._files.reserve(self.descriptor, self.offset, reserved - self.offset)
        self.reserved = reserved

    def cut_partial(self) -> None:
        """Remove what a failed append left behind the last whole block."""
        self._files.truncate(self.descriptor, self.offset)

    def note_block(self, chain: Chain) -> None:
        """Write into the index where the next block begins, as `next_indexed` is reached."""
        if self._index < 0:
            path = index.index_path(self.path)
            if path.exists():  # of a segment that a loss of power took
                self._files.remove(path)
            self._index = self._files.create(path)
        self._files.writev(self._index, [index.encode(chain, self.offset)])
        self.next_indexed = self.offset + index.STEP_BYTES

    def _reopen_index(self) -> None:
        """Keep the entries of an index that lie before the end, in so far as they are whole."""
        path = index.index_path(self.path)
        kept = [one for one in index.entries(self._files, self.path) if one.offset < self.offset]
        if not path.exists():
            return
        self._index = self._files.open_append(path)
        self._files.truncate(self._index, len(kept) * index.ENTRY_BYTES)
        if kept:
            self.next_indexed = kept[-1].offset + index.STEP_BYTES

    def open_for_sync(self) -> int:
        """Open the file once more, for the thread that syncs it.

        The kernel tells a failed write-back once to each opening: of two threads that sync the same
        one, one would be told success of what the other learns is lost.
        """
        return self._files.open_append(self.path)

    def sync(self) -> None:
        """Make every block appended so far durable."""
        self._files.fdatasync(self.descriptor)

    def close(self) -> None:
        """Close the file without syncing it, and its index; give back what was set aside."""
        with suppress(OSError):  # then it stays set aside: nothing that is stored is concerned
            # A partial block is left to the next start, which keeps its bytes.
            if self.reserved > self.offset == self._files.size(self.descriptor):
                self._files.truncate(self.descriptor, self.offset)
        self._files.close(self.descriptor)
        if self._index >= 0:
            self._files.close(self._index)
            self._index = -1
