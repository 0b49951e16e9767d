"""Read what happened before from the journal, in pieces, off the event loop's thread."""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator
from itertools import pairwise
from pathlib import Path
from typing import NamedTuple

from quantumcore.server.api.errors import HistoryGone
from quantumcore.server.feed.scan_cy import cut, first_event
from quantumcore.server.journal.files import Files
from quantumcore.server.journal.layout import Block
from quantumcore.server.journal.reader import JournalReader
from quantumcore.server.journal.retention import read_anchor

PIECE_BYTES = 256 * 1024
PIECE_BLOCKS = 512
PIECE_WORDS = 32 * 1024


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
        self._directory, self._reader = directory, JournalReader(directory)

    async def block(self, sequence: int) -> Span:
        """Return all records of the block that holds this event."""
        self._check_kept(sequence)
        block = await asyncio.to_thread(next, self._reader.blocks(sequence))
        return Span(memoryview(bytearray(block.payload)).cast("q"), 0, block.time_ns)

    async def pieces(
        self, first_sequence: int, last_sequence: int, encode: Encoder
    ) -> AsyncIterator[tuple[bytes, int]]:
        """Yield the encoded events of [first, last] and the sequence to resume from behind them.

        `last` must end a stored turn. Blocks are read and verified in a thread, and encoded on the
        event loop, piece by piece; a block that does not fit a message is cut, and resumed whole.
        """
        self._check_kept(first_sequence)
        blocks = self._reader.blocks(first_sequence)
        covered = first_sequence - 1
        while covered < last_sequence:
            piece = await asyncio.to_thread(_read, blocks, first_sequence, last_sequence)
            for part in _parts(piece.spans):
                yield encode(part), covered + 1
            covered = piece.last_sequence
            yield b"", covered + 1

    def _check_kept(self, sequence: int) -> None:
        """Refuse what was removed from the journal."""
        anchor = read_anchor(Files(), self._directory)
        if anchor is not None and sequence < anchor.next_sequence:
            first = anchor.next_sequence
            raise HistoryGone(f"events before {first} are gone", limit=first, value=sequence)


def _parts(spans: list[Span]) -> Iterator[Span]:
    """Cut spans at records, so that the encoding of each fits a message."""
    for span in spans:
        rest = span.words[span.start :]
        for start, end in pairwise(cut(rest, PIECE_WORDS)):
            yield Span(rest[start:end], 0, span.time_ns)


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
