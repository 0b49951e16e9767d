"""A block that was read before, so that reading can go on behind it."""

from typing import NamedTuple, Self

from quantumcore.server.journal.errors import JournalCorrupt, MarkMissing
from quantumcore.server.journal.layout import BLOCK_HEADER_BYTES, Block, Position
from quantumcore.server.journal.scan import (
    Chain,
    SegmentSource,
    read_block,
    read_segment_header,
)


class Mark(NamedTuple):
    """What a block is, and where it lies; `end` is the offset behind it."""

    number: int
    first_sequence: int
    last_sequence: int
    previous_hash: bytes
    hash: bytes
    position: Position
    end: int

    @classmethod
    def of(cls, block: Block) -> Self:
        """Mark a block."""
        return cls(
            block.number,
            block.first_sequence,
            block.last_sequence,
            block.previous_hash,
            block.hash,
            block.position,
            block.position.offset + BLOCK_HEADER_BYTES + len(block.payload),
        )

    def enter(self, source: SegmentSource) -> Chain:
        """Return the chain behind the block, in its segment; MarkMissing where it is another."""
        chain = Chain(self.number, self.first_sequence, self.previous_hash)
        name, offset = self.position
        try:
            read_segment_header(source, name)
            block = read_block(source, name, offset, chain)
        except JournalCorrupt as damage:
            raise MarkMissing(self.number, name, offset) from damage
        if block is None or block.hash != self.hash:
            raise MarkMissing(self.number, name, offset)
        return chain
