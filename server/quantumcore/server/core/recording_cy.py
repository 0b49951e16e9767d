"""Record what books report of a sweep: fills, and what icebergs show next."""

import cython

if cython.compiled:
    from cython.cimports.quantumcore.server.core import enums, tables
    from cython.cimports.quantumcore.server.core.book_cy import Book
    from cython.cimports.quantumcore.server.core.fills_cy import Fills
    from cython.cimports.quantumcore.server.core.instruments_cy import Instruments
    from cython.cimports.quantumcore.server.core.orders_cy import Orders
    from cython.cimports.quantumcore.server.core.reporter_cy import Reporter
else:
    from quantumcore.server.core import enums, tables
    from quantumcore.server.core.book_cy import Book
    from quantumcore.server.core.fills_cy import Fills
    from quantumcore.server.core.instruments_cy import Instruments
    from quantumcore.server.core.orders_cy import Orders
    from quantumcore.server.core.reporter_cy import Reporter


@cython.final
@cython.cclass
class Recording:
    """Turns the rows of a book into fills and events, in their order."""

    fills: Fills
    instruments: Instruments
    orders: Orders
    report: Reporter

    def __init__(self, fills: Fills) -> None:
        self.fills, self.report = fills, fills.report
        self.instruments, self.orders = fills.instruments, fills.orders

    @cython.cfunc
    @cython.exceptval(-1, check=False)
    def record(self, taker: cython.int, book: Book) -> cython.int:
        """Record what the book reported of a sweep."""
        if book.event_count == 0:
            return 0
        instrument: cython.int = self.orders.instrument[taker]
        # A range with a step that is no literal would be an object.
        i: cython.Py_ssize_t
        for i in range(book.event_count):
            self._record_one(taker, instrument, i * tables.BOOK_WORDS)
        book.event_count = 0
        self.instruments.touch(instrument)
        return 0

    @cython.cfunc
    @cython.exceptval(-1, check=False)
    def _record_one(
        self, taker: cython.int, instrument: cython.int, at: cython.Py_ssize_t
    ) -> cython.int:
        maker: cython.int = cython.cast(
            cython.int, self.instruments.book_events[at + tables.BOOK_TAG] & tables.TAG_NAME
        )
        if self.instruments.book_events[at + tables.BOOK_STATE] & 0xFF == tables.BOOK_REFRESHED:
            self._tell_refresh(maker, at)
        else:
            self.fills.record(
                maker,
                taker,
                self.instruments.book_events[at + tables.BOOK_PRICE],
                self.instruments.book_events[at + tables.BOOK_LOTS],
                False,
            )
        return self.report.level(instrument, at, self.report.sequence)

    @cython.cfunc
    @cython.exceptval(-1, check=False)
    def _tell_refresh(self, row: cython.int, at: cython.Py_ssize_t) -> cython.int:
        """Tell that an iceberg shows its next part, as the book reported at `at`."""
        return self.report.restated_event(
            row,
            enums.RESTATEMENT_DISPLAY_REFRESHED,
            self.instruments.book_events[at + tables.BOOK_LOTS]
            * self.instruments.get(self.orders.instrument[row], tables.INSTRUMENT_LOT_SIZE),
        )


def is_compiled() -> bool:
    """Whether this module runs as a C extension."""
    return cython.compiled
