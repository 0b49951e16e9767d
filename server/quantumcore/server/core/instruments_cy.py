"""Keep what orders are checked against, and the book, of every instrument."""

import cython

from quantumcore.server.core.memory import int64_column

if cython.compiled:
    from cython.cimports.quantumcore.server.core import kinds
    from cython.cimports.quantumcore.server.core.arena_cy import Arena
    from cython.cimports.quantumcore.server.core.book_cy import Book
    from cython.cimports.quantumcore.server.core.words_cy import Words
else:
    from quantumcore.server.core import kinds
    from quantumcore.server.core.arena_cy import Arena
    from quantumcore.server.core.book_cy import Book
    from quantumcore.server.core.words_cy import Words

BOOK_EVENTS = 4096


@cython.final
@cython.cclass
class Instruments:
    """Rows of INSTRUMENT_WORDS words and a book each; ids are 1, 2, 3 … in order of listing."""

    arena: Arena
    rows: Words
    book_events: cython.longlong[::1]
    books: list[Book]
    definitions: list[bytes]
    count: cython.int
    capacity: cython.int

    def __init__(self, arena: Arena, capacity: int) -> None:
        self.arena = arena
        self.capacity = capacity
        self.rows = Words(64 * kinds.INSTRUMENT_WORDS)
        self.rows.append(*[0] * kinds.INSTRUMENT_WORDS)
        self.book_events = int64_column(BOOK_EVENTS * kinds.BOOK_WORDS)
        self.books = [Book(arena, memoryview(self.book_events))]
        self.definitions = [b""]
        self.count = 0

    def add(self, row: list[int], definition: bytes) -> int:
        """List an instrument; return its id."""
        self.rows.append(*row)
        self.books.append(Book(self.arena, memoryview(self.book_events)))
        self.definitions.append(definition)
        self.count += 1
        return self.count

    @cython.cfunc
    def book(self, instrument: cython.int) -> Book:
        return self.books[instrument]

    @cython.cfunc
    @cython.exceptval(check=False)
    def get(self, instrument: cython.int, column: cython.int) -> cython.longlong:
        """Read a column (kinds.INSTRUMENT_*) of an instrument that is listed."""
        return self.rows.words[instrument * kinds.INSTRUMENT_WORDS + column]

    @cython.cfunc
    @cython.exceptval(check=False)
    def set(
        self, instrument: cython.int, column: cython.int, value: cython.longlong
    ) -> cython.void:
        """Write a column of an instrument that is listed."""
        self.rows.words[instrument * kinds.INSTRUMENT_WORDS + column] = value


def is_compiled() -> bool:
    """Whether this module runs as a C extension."""
    return cython.compiled
