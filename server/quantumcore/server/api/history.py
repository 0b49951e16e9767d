"""Read what happened before from the journal, in pieces, off the event loop's thread."""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path
from typing import NamedTuple

from quantumcore.server.feed.scan_cy import first_event
from quantumcore.server.journal.layout import Block
from quantumcore.server.journal.reader import JournalReader

PIECE_BYTES = 256 * 1024
PIECE_BLOCKS = 512


class Span(NamedTuple):
    """Events of one block as int64 words, from word `start` on."""

    words: memoryview
    start: int
    time_ns: int


class Piece(NamedTuple):
    """Some spans in order, and the last sequence that they cover."""

    spans: list[Span]
    last_sequence: int


Encoder = Callable[[Span], bytes]


class History:
    """The stored past of a journal that is being written."""

    def __init__(self, directory: Path) -> None:
        self._reader = JournalReader(directory)

    async def pieces(
        self, first_sequence: int, last_sequence: int, encode: Encoder
    ) -> AsyncIterator[bytes]:
        """Yield the encoded events of [first, last]; `last` must end a stored turn.

        Blocks are read and verified in a thread, and encoded on the event loop, piece by piece.
        """
        blocks = self._reader.blocks(first_sequence)
        covered = first_sequence - 1
        while covered < last_sequence:
            piece = await asyncio.to_thread(_read, blocks, first_sequence, last_sequence)
            covered = piece.last_sequence
            yield b"".join(encode(span) for span in piece.spans)


def _read(blocks: Iterator[Block], first_sequence: int, last_sequence: int) -> Piece:
    spans: list[Span] = []
    size = 0
    for block in blocks:
        words = memoryview(bytearray(block.payload)).cast("q")
        start = first_event(words, first_sequence) if block.first_sequence < first_sequence else 0
        spans.append(Span(words, start, block.time_ns))
        size += len(block.payload)
        if block.last_sequence >= last_sequence:
            break
        if size >= PIECE_BYTES or len(spans) >= PIECE_BLOCKS:
            return Piece(spans, block.last_sequence)
    return Piece(spans, last_sequence)
