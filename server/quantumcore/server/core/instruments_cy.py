"""Keep what orders are checked against, and the book, of every instrument."""

import cython

from quantumcore.server.core.memory import int32_column, int64_column

if cython.compiled:
    from cython.cimports.quantumcore.server.core import enums, tables
    from cython.cimports.quantumcore.server.core.arena_cy import Arena
    from cython.cimports.quantumcore.server.core.book_cy import Book
    from cython.cimports.quantumcore.server.core.index_cy import fetch
    from cython.cimports.quantumcore.server.core.margin_terms_cy import MarginTerms
    from cython.cimports.quantumcore.server.core.words_cy import Words
else:
    from quantumcore.server.core import enums, tables
    from quantumcore.server.core.arena_cy import Arena
    from quantumcore.server.core.book_cy import Book
    from quantumcore.server.core.margin_terms_cy import MarginTerms
    from quantumcore.server.core.words_cy import Words

BOOK_EVENTS = 4096
BOUNDS = (
    (tables.INSTRUMENT_MIN_PRICE, tables.INSTRUMENT_LOWEST_PRICE),
    (tables.INSTRUMENT_MAX_PRICE, tables.INSTRUMENT_HIGHEST_PRICE),
)


@cython.final
@cython.cclass
class Instruments:
    """Rows of INSTRUMENT_WORDS words and a book each; ids are 1, 2, 3 … in order of listing.

    `margin_terms` is what they are to one another where margin is computed.
    """

    arena: Arena
    rows: Words
    book_events: cython.longlong[::1]
    books: list[Book]
    others: list[Book | None]
    definitions: list[bytes]
    margin_terms: MarginTerms
    count: cython.int
    capacity: cython.int
    touched: cython.int[::1]
    is_touched: cython.int[::1]
    first_touched: cython.Py_ssize_t
    touched_count: cython.Py_ssize_t

    def __init__(self, arena: Arena, capacity: int) -> None:
        self.arena = arena
        self.capacity = capacity
        self.rows = Words(64 * tables.INSTRUMENT_WORDS)
        self.rows.append(*[0] * tables.INSTRUMENT_WORDS)
        self.book_events = int64_column(BOOK_EVENTS * tables.BOOK_WORDS)
        self.books = [Book(arena, memoryview(self.book_events))]
        self.others = [None] * tables.BOOKS_ELSEWHERE
        self.definitions, self.margin_terms = [b""], MarginTerms()
        self.count = 0
        self.touched, self.is_touched = int32_column(capacity), int32_column(capacity + 1)
        self.first_touched = self.touched_count = 0

    def add(self, row: list[int], definition: bytes) -> int:
        """List an instrument; return its id."""
        self.rows.append(*row, *[0] * (tables.INSTRUMENT_WORDS - len(row)))
        self.books.append(Book(self.arena, memoryview(self.book_events)))
        self.others += [None] * tables.BOOKS_ELSEWHERE
        self.definitions.append(definition)
        self.count += 1
        for bound, furthest in BOUNDS:
            self.set(self.count, furthest, self.get(self.count, bound))
        return self.count

    def widen(self, instrument: int) -> None:
        """Note how far its bounds ever allowed prices: orders may rest outside later ones."""
        get = self.read
        lowest = min(get(instrument, column) for column in BOUNDS[0])
        highest = max(get(instrument, column) for column in BOUNDS[1])
        self.set(instrument, tables.INSTRUMENT_LOWEST_PRICE, lowest)
        self.set(instrument, tables.INSTRUMENT_HIGHEST_PRICE, highest)

    @cython.cfunc
    def expect(self, instrument: cython.longlong) -> cython.void:
        """Have the processor fetch the row of an instrument, and where its best prices are."""
        if cython.compiled:
            if 0 < instrument <= self.count:
                at: cython.Py_ssize_t = instrument * tables.INSTRUMENT_WORDS
                fetch(cython.address(self.rows.words[at]))
                fetch(cython.address(self.rows.words[at + 8]))
                fetch(cython.address(self.rows.words[at + 16]))
                book: Book = self.books[instrument]
                fetch(cython.cast(cython.p_void, book.bids))
                fetch(cython.cast(cython.p_void, book.asks))

    @cython.cfunc
    def book(self, instrument: cython.int) -> Book:
        return self.books[instrument]

    @cython.cfunc
    def other(self, instrument: cython.int, which: cython.int) -> Book:
        """Return the book of orders that wait elsewhere (tables.BOOK_OF_*), made at first use."""
        at: cython.int = instrument * tables.BOOKS_ELSEWHERE + which
        book = self.others[at]
        if book is None:
            book = self.others[at] = Book(self.arena, memoryview(self.book_events))
        return book

    @cython.cfunc
    @cython.exceptval(check=False)
    def get(self, instrument: cython.int, column: cython.int) -> cython.longlong:
        """Read a column (tables.INSTRUMENT_*) of an instrument that is listed."""
        return self.rows.words[instrument * tables.INSTRUMENT_WORDS + column]

    def read(self, instrument: int, column: int) -> int:
        """Read a column as a whole number without bounds."""
        return self.get(instrument, column)

    @cython.cfunc
    @cython.exceptval(check=False)
    def set(
        self, instrument: cython.int, column: cython.int, value: cython.longlong
    ) -> cython.void:
        """Write a column of an instrument that is listed."""
        self.rows.words[instrument * tables.INSTRUMENT_WORDS + column] = value

    @cython.cfunc
    @cython.exceptval(check=False)
    def increase(
        self, instrument: cython.int, column: cython.int, by: cython.longlong
    ) -> cython.void:
        """Add to a column of an instrument that is listed."""
        self.set(instrument, column, self.get(instrument, column) + by)

    def day_tick_lots(self, instrument: int) -> int:
        """Return the sum of ticks times lots over the day's trades, of any size."""
        high = self.read(instrument, tables.INSTRUMENT_DAY_TICK_LOTS_HIGH)
        return (high << 62) + self.read(instrument, tables.INSTRUMENT_DAY_TICK_LOTS)

    @cython.cfunc
    @cython.exceptval(check=False)
    def touch(self, instrument: cython.int) -> cython.void:
        """Note that stops, pegs and packages, if it has any, are to be looked at again."""
        at: cython.Py_ssize_t = instrument * tables.INSTRUMENT_WORDS
        if self.rows.words[at + tables.INSTRUMENT_STOPS] == 0:
            if self.rows.words[at + tables.INSTRUMENT_PEGS] == 0:
                if self.rows.words[at + tables.INSTRUMENT_PACKAGES] == 0:
                    return
        if self.is_touched[instrument] == 0:
            self.is_touched[instrument] = 1
            self.touched[(self.first_touched + self.touched_count) % self.capacity] = instrument
            self.touched_count += 1

    @cython.cfunc
    @cython.exceptval(check=False)
    def first(self) -> cython.int:
        """Return the instrument that was touched first."""
        return self.touched[self.first_touched]

    @cython.cfunc
    @cython.exceptval(check=False)
    def settle_first(self) -> cython.void:
        """Note that the instrument that was touched first is looked at."""
        self.is_touched[self.first()] = 0
        self.first_touched = (self.first_touched + 1) % self.capacity
        self.touched_count -= 1

    @cython.cfunc
    @cython.exceptval(check=False)
    def is_continuous(self, instrument: cython.int) -> cython.bint:
        """Whether orders match as they come."""
        return self.get(instrument, tables.INSTRUMENT_PHASE) == enums.TRADING_PHASE_CONTINUOUS

    @cython.cfunc
    @cython.exceptval(check=False)
    def has(self, instrument: cython.int, bit: cython.longlong) -> cython.bint:
        """Whether one of the HAS_* bits is set."""
        return self.get(instrument, tables.INSTRUMENT_HAS) & bit != 0

    @cython.cfunc
    @cython.exceptval(check=False)
    def mark(self, instrument: cython.int, bit: cython.longlong, on: cython.bint) -> cython.void:
        """Set or clear one of the HAS_* bits."""
        bits: cython.longlong = self.get(instrument, tables.INSTRUMENT_HAS)
        self.set(instrument, tables.INSTRUMENT_HAS, bits | bit if on else bits & ~bit)


def is_compiled() -> bool:
    """Whether this module runs as a C extension."""
    return cython.compiled
