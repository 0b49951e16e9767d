"""Follow a journal that another process writes, without reading anything twice."""

from collections.abc import Iterator
from pathlib import Path

from quantumcore.server.journal.errors import JournalCorrupt, JournalShortened, MarkMissing
from quantumcore.server.journal.files import Files
from quantumcore.server.journal.index import begin_near
from quantumcore.server.journal.layout import (
    BLOCK_HEADER_BYTES,
    SEGMENT_HEADER_BYTES,
    Block,
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
    read_block,
    read_segment_header,
)


class Tail:
    """Yields every block once, verified, in order; what comes later is yielded when asked again.

    A block that is being written is waited for; damage with an intact block or another segment
    behind it raises JournalCorrupt. Holds one file open until `close`.
    """

    def __init__(
        self,
        directory: Path,
        *,
        from_sequence: int = 1,
        after: Mark | None = None,
        files: Files | None = None,
    ) -> None:
        """Begin in the segment that holds `from_sequence`, at or before it; or behind a block."""
        self._directory = directory
        self._files = files or Files()
        self._from_sequence = from_sequence
        self._after = after
        self._chain = Chain()
        self._name = ""
        self._descriptor = -1
        self._source: SegmentSource | None = None
        self._offset = 0

    def blocks(self) -> Iterator[Block]:
        """Yield the blocks that are there now and were not yielded before."""
        while True:
            source = self._source or self._open_next()
            if source is None:
                return
            block = self._next(source)
            if block is not None:
                yield block
            elif not self._move_on(source):
                return

    def close(self) -> None:
        """Close the segment; the tail cannot be used any more."""
        if self._descriptor >= 0:
            self._files.close(self._descriptor)
        self._descriptor, self._source = -1, None

    def _next(self, source: SegmentSource) -> Block | None:
        try:
            block = read_block(source, self._name, self._offset, self._chain)
        except JournalCorrupt as damage:
            if damage.search_from is None:
                raise
            return self._look_again(source, damage.search_from)
        if block is not None:
            self._offset += BLOCK_HEADER_BYTES + len(block.payload)
        return block

    def _look_again(self, source: SegmentSource, search_from: int) -> Block | None:
        """Wait for a block that is not whole, unless something stands behind it already.

        The writer may have completed it between the two looks, and gone on.
        """
        source.forget()
        behind = find_intact_header(source, search_from, self._chain) is not None
        if not behind and self._following() is None:
            source.forget()
            return None
        source.forget()
        block = read_block(source, self._name, self._offset, self._chain)
        if block is not None:
            self._offset += BLOCK_HEADER_BYTES + len(block.payload)
        return block

    def _move_on(self, source: SegmentSource) -> bool:
        """Go to the next segment once this one is read; return whether there is more to read."""
        following = self._following()
        if following is None:
            return False
        source.forget()
        if source.view(self._offset, 1):
            return True  # completed between the two looks
        self.close()
        self._open(following)
        return True

    def _following(self) -> str | None:
        names = list_segments(self._files, self._directory)
        return next((name for name in names if name > self._name), None)

    def _open_next(self) -> SegmentSource | None:
        if not self._directory.exists():
            return None
        names = list_segments(self._files, self._directory)
        if self._after is not None:
            return self._open_behind(self._after, names)
        reached = [name for name in names if segment_first_sequence(name) <= self._from_sequence]
        first = reached[-1] if reached else next(iter(names), None)
        return None if first is None else self._open(first)

    def _open_behind(self, mark: Mark, names: list[str]) -> SegmentSource:
        name = mark.position.segment
        if name not in names:
            raise MarkMissing(mark.number, *mark.position)
        self._descriptor = self._files.open_read(self._directory / name)
        source = self._source = SegmentSource(self._files, self._descriptor)
        self._chain, self._name, self._offset = mark.enter(source), name, mark.end
        return source

    def _open(self, name: str) -> SegmentSource:
        begins = self._name == ""
        self._descriptor = self._files.open_read(self._directory / name)
        source = self._source = SegmentSource(self._files, self._descriptor)
        header = read_segment_header(source, name)
        if begins and 1 < header.first_sequence <= self._from_sequence:
            self._chain = Chain(
                header.first_block_number, header.first_sequence, header.previous_hash
            )
        elif begins and header.first_sequence > 1:
            self._chain = self._shortened(header)
        check_continues(header, name, self._chain)
        near = None
        if begins and header.first_sequence < self._from_sequence:
            near = begin_near(self._files, self._directory / name, source, self._from_sequence)
        self._name = name
        self._offset, self._chain = near or (SEGMENT_HEADER_BYTES, self._chain)
        return source

    def _shortened(self, first: SegmentHeader) -> Chain:
        """Return the chain behind what was removed; the beginning where nothing was."""
        anchor = read_anchor(self._files, self._directory)
        if anchor is None:
            return Chain()
        if 1 < self._from_sequence < anchor.next_sequence:
            raise JournalShortened(self._from_sequence, anchor.next_sequence)
        return anchor.chain(first)
