"""Walk the blocks of a journal, without its lock, also while another process writes it."""

from collections.abc import Generator, Iterator
from pathlib import Path

from quantumcore.server.journal.errors import JournalCorrupt, JournalShortened, MarkMissing
from quantumcore.server.journal.files import Files
from quantumcore.server.journal.index import begin_near
from quantumcore.server.journal.layout import (
    BLOCK_HEADER_BYTES,
    SEGMENT_HEADER_BYTES,
    Block,
    Position,
    SegmentHeader,
    segment_first_sequence,
)
from quantumcore.server.journal.mark import Mark
from quantumcore.server.journal.retention import read_anchor
from quantumcore.server.journal.scan import (
    Chain,
    SegmentSource,
    check_continues,
    find_intact_header,
    list_segments,
    open_source,
    read_block,
    read_segment_header,
)


class Walk:
    """Visit every block once, in order, verifying hashes, chain and contiguity.

    After the last block `chain` is what a writer continues, `end` where it writes, and `torn`
    the damage found at the very tail (None when the log ends with a whole block). Damage with
    an intact block or a segment behind it raises JournalCorrupt.
    """

    def __init__(
        self, files: Files, directory: Path, *, from_sequence: int = 1, after: Mark | None = None
    ) -> None:
        """Begin with the segment that holds `from_sequence`, or right behind a block."""
        self.chain = Chain()
        self.end: Position | None = None
        self.torn: JournalCorrupt | None = None
        self.segment_count = 0
        self._files = files
        self._directory = directory
        self._from_sequence = from_sequence
        self._after = after

    def __iter__(self) -> Iterator[Block]:
        name = self._starting_segment()
        while name is not None:
            with open_source(self._files, self._directory / name) as source:
                offset = self._enter(source, name)
                following = yield from self._segment(source, name, offset)
            name = following

    def _starting_segment(self) -> str | None:
        names = list_segments(self._files, self._directory)
        if self._after is not None:
            name = self._after.position.segment
            if name not in names:
                raise MarkMissing(self._after.number, *self._after.position)
            return name
        reached = [name for name in names if segment_first_sequence(name) <= self._from_sequence]
        if reached:
            return reached[-1]
        return names[0] if names else None

    def _enter(self, source: SegmentSource, name: str) -> int:
        """Begin a segment; return the offset of the block to read first."""
        if self.segment_count == 0 and self._after is not None:
            self.chain = self._after.enter(source)
            self.segment_count = 1
            self.end = Position(name, self._after.end)
            return self._after.end
        header = read_segment_header(source, name)
        if self.segment_count == 0 and 1 < header.first_sequence <= self._from_sequence:
            self.chain = Chain(
                header.first_block_number, header.first_sequence, header.previous_hash
            )
        elif self.segment_count == 0 and header.first_sequence > 1:
            self.chain = self._shortened(header)
        check_continues(header, name, self.chain)
        near = None
        if self.segment_count == 0 and header.first_sequence < self._from_sequence:
            segment = self._directory / name
            near = begin_near(self._files, segment, source, self._from_sequence)
        begin, self.chain = near or (SEGMENT_HEADER_BYTES, self.chain)
        self.segment_count += 1
        self.end = Position(name, begin)
        return begin

    def _shortened(self, first: SegmentHeader) -> Chain:
        """Return the chain behind what was removed; the beginning where nothing was."""
        anchor = read_anchor(self._files, self._directory)
        if anchor is None:
            return Chain()
        if 1 < self._from_sequence < anchor.next_sequence:
            raise JournalShortened(self._from_sequence, anchor.next_sequence)
        return anchor.chain(first)

    def _segment(
        self, source: SegmentSource, name: str, offset: int
    ) -> Generator[Block, None, str | None]:
        """Yield the segment's blocks; return the name of the segment that follows.

        What looks like the end or like damage is read a second time once something was seen
        behind it: a live writer may have completed the block between the two looks.
        """
        following: str | None = None
        looked_again = False
        while True:
            found = self._attempt(source, name, offset)
            if isinstance(found, Block):
                offset += BLOCK_HEADER_BYTES + len(found.payload)
                self.end = Position(name, offset)
                looked_again = False
                yield found
                continue
            if looked_again:
                if found is not None:
                    raise found
                return following
            following = self._following(name)
            if following is None and not self._intact_behind(source, found):
                self.torn = found
                return None
            source.forget()
            looked_again = True

    def _attempt(
        self, source: SegmentSource, name: str, offset: int
    ) -> Block | JournalCorrupt | None:
        try:
            return read_block(source, name, offset, self.chain)
        except JournalCorrupt as damage:
            if damage.search_from is None:
                raise
            return damage

    def _following(self, name: str) -> str | None:
        names = list_segments(self._files, self._directory)
        later = [other for other in names if other > name]
        return later[0] if later else None

    def _intact_behind(self, source: SegmentSource, damage: JournalCorrupt | None) -> bool:
        if damage is None or damage.search_from is None:
            return False
        source.forget()
        return find_intact_header(source, damage.search_from, self.chain) is not None


class JournalReader:
    """Read a journal without locking it, from any process.

    On a live journal an iteration ends with the last complete block; iterate again from the next
    sequence to follow it.
    """

    def __init__(self, directory: Path, *, files: Files | None = None) -> None:
        self._directory = directory
        self._files = files or Files()

    def blocks(self, from_sequence: int = 1) -> Iterator[Block]:
        """Yield verified blocks in order, from the one that holds `from_sequence`.

        A block without events counts as lying at its first sequence. Raise JournalCorrupt at the
        first byte that is not what was written, FileNotFoundError without a directory.
        """
        for block in Walk(self._files, self._directory, from_sequence=from_sequence):
            if max(block.first_sequence, block.last_sequence) >= from_sequence:
                yield block
