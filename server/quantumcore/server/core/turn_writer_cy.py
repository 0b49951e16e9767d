"""Write a turn: answers, events that are no order's, and changed price levels."""

import cython

if cython.compiled:
    from cython.cimports.quantumcore.server.core import enums, kinds, tables
    from cython.cimports.quantumcore.server.core.instruments_cy import Instruments
    from cython.cimports.quantumcore.server.core.orders_cy import Orders
    from cython.cimports.quantumcore.server.core.refusal_cy import Refusal
    from cython.cimports.quantumcore.server.core.words_cy import Words, stored_bytes
else:
    from quantumcore.server.core import enums, kinds, tables
    from quantumcore.server.core.instruments_cy import Instruments
    from quantumcore.server.core.orders_cy import Orders
    from quantumcore.server.core.refusal_cy import Refusal
    from quantumcore.server.core.words_cy import Words, stored_bytes

LONGEST_ORDER_EVENT: int = 18 + 8 + 8 + 2 + 4


@cython.cclass
class TurnWriter:
    """Owns the turn's three buffers and the global sequence.

    `result` and `event` are the word positions of the answer and of the event being written,
    `row` is the order that the answer is about, or NO_SLOT; `command` tells commands apart.
    """

    orders: Orders
    instruments: Instruments
    turn: Words
    results: Words
    levels: Words
    sequence: cython.longlong
    time_ns: cython.longlong
    turn_time_ns: cython.longlong
    command: cython.longlong
    result: cython.Py_ssize_t
    event: cython.Py_ssize_t
    row: cython.int

    def __init__(self, orders: Orders, instruments: Instruments) -> None:
        self.orders, self.instruments = orders, instruments
        self.turn, self.results, self.levels = Words(1 << 17), Words(1 << 14), Words(1 << 14)
        self.sequence = self.time_ns = self.turn_time_ns = self.command = 0
        self.result = self.event = 0
        self.row = kinds.NO_SLOT

    @cython.cfunc
    @cython.exceptval(-1, check=False)
    def begin_result(self, record: cython.Py_ssize_t) -> cython.int:
        """Start the answer to the command at `record`."""
        self.time_ns = self.turn_time_ns
        self.command = self.sequence + 1
        self.row = kinds.NO_SLOT
        self.results._reserve(kinds.RESULT_WORDS)
        self.result = self.results.end
        i: cython.Py_ssize_t
        for i in range(kinds.RESULT_WORDS):
            self.results.words[self.result + i] = 0
        self.results.end += kinds.RESULT_WORDS
        self.results.words[self.result + kinds.RESULT_REQUEST_ID] = self.turn.words[
            record + kinds.COMMAND_REQUEST_ID
        ]
        self.results.words[self.result + kinds.RESULT_RECORD] = record
        self.results.words[self.result + kinds.RESULT_TIME_NS] = self.time_ns
        return 0

    @cython.cfunc
    @cython.exceptval(check=False)
    def refuse(self, refusal: Refusal) -> cython.void:
        """Put a refusal into the answer; the event that follows takes it from there."""
        at: cython.Py_ssize_t = self.result
        self.results.words[at + kinds.RESULT_STATE] |= (
            (refusal.reason << 16)
            | (refusal.field << kinds.REJECT_FIELD)
            | (refusal.leg << kinds.REJECT_LEG)
        )
        self.results.words[at + kinds.RESULT_LIMIT] = refusal.limit
        self.results.words[at + kinds.RESULT_VALUE] = refusal.value

    @cython.cfunc
    @cython.exceptval(-1, check=False)
    def _open(self, kind: cython.int, version: cython.longlong) -> cython.Py_ssize_t:
        self.turn._reserve(LONGEST_ORDER_EVENT)
        self.event = self.turn.end
        self.sequence += 1
        self.turn.words[self.event] = kind | (version << 32)
        self.turn.words[self.event + kinds.EVENT_SEQUENCE] = self.sequence
        i: cython.Py_ssize_t
        for i in range(kinds.EVENT_ORDER_ID, kinds.EVENT_TEXT):
            self.turn.words[self.event + i] = 0
        self.turn.end += kinds.EVENT_TEXT
        return self.event

    @cython.cfunc
    @cython.exceptval(check=False)
    def _close(self) -> cython.void:
        self.turn.words[self.event] |= (self.turn.end - self.event) << 16

    @cython.cfunc
    @cython.exceptval(check=False)
    def _close_again(self) -> cython.void:
        """Let the header tell the length of an event that has grown since it was closed."""
        header: cython.longlong = self.turn.words[self.event]
        self.turn.words[self.event] = (header & 0xFFFF) | ((header >> 32) << 32)
        self._close()

    @cython.cfunc
    @cython.exceptval(-1, check=False)
    def notice(
        self, kind: cython.int, subject: cython.longlong, value: cython.longlong
    ) -> cython.int:
        """Write an event that is not an order's."""
        at: cython.Py_ssize_t = self._open(kind, 0)
        self.turn.words[at + kinds.NOTICE_SUBJECT] = subject
        self.turn.words[at + kinds.NOTICE_VALUE] = value
        self.turn.end = at + kinds.NOTICE_WORDS
        self._close()
        return 0

    @cython.cfunc
    @cython.exceptval(-1, check=False)
    def auction_notice(
        self,
        instrument: cython.longlong,
        value: cython.longlong,
        price: cython.longlong,
        quantity: cython.longlong,
        imbalance: cython.longlong,
    ) -> cython.int:
        """Write how an auction ended."""
        at: cython.Py_ssize_t = self._open(kinds.AUCTION_ENDED, 0)
        self.turn.words[at + kinds.NOTICE_SUBJECT] = instrument
        self.turn.words[at + kinds.NOTICE_VALUE] = value
        self.turn.words[at + kinds.AUCTION_PRICE] = price
        self.turn.words[at + kinds.AUCTION_QUANTITY] = quantity
        self.turn.words[at + kinds.AUCTION_IMBALANCE] = imbalance
        self.turn.end = at + kinds.AUCTION_WORDS
        self._close()
        return 0

    @cython.cfunc
    @cython.exceptval(-1, check=False)
    def level(
        self, instrument: cython.int, book_event: cython.Py_ssize_t, sequence: cython.longlong
    ) -> cython.int:
        """Write the price level as a book event left it; `sequence` is that of the event told."""
        self.levels._reserve(kinds.LEVEL_WORDS)
        at: cython.Py_ssize_t = self.levels.end
        state: cython.longlong = self.instruments.book_events[book_event + tables.BOOK_STATE]
        tick: cython.longlong = self.instruments.get(instrument, tables.INSTRUMENT_TICK_SIZE)
        lot: cython.longlong = self.instruments.get(instrument, tables.INSTRUMENT_LOT_SIZE)
        kind: cython.longlong = state & 0xFF
        action: cython.longlong = kinds.LEVEL_ACTION_IN_PLACE
        if kind == tables.BOOK_ADDED or kind == tables.BOOK_REFRESHED:
            action = kinds.LEVEL_ACTION_TO_BACK
        row: cython.longlong = (
            self.instruments.book_events[book_event + tables.BOOK_TAG] & tables.TAG_NAME
        )
        self.levels.words[at + kinds.LEVEL_INSTRUMENT] = (
            instrument | (((state >> 8) & 0xFF) << 32) | (action << kinds.LEVEL_ACTION)
        )
        self.levels.words[at + kinds.LEVEL_ORDER_ID] = self.orders.order_id[row]
        self.levels.words[at + kinds.LEVEL_ORDER_QUANTITY] = (
            self.instruments.book_events[book_event + tables.BOOK_LEAVES] * lot
        )
        self.levels.words[at + kinds.LEVEL_PRICE] = (
            self.instruments.book_events[book_event + tables.BOOK_PRICE] * tick
        )
        self.levels.words[at + kinds.LEVEL_QUANTITY] = (
            self.instruments.book_events[book_event + tables.BOOK_LEVEL_LOTS] * lot
        )
        self.levels.words[at + kinds.LEVEL_ORDERS] = state >> 32
        self.levels.words[at + kinds.LEVEL_SEQUENCE] = sequence
        self.levels.end += kinds.LEVEL_WORDS
        return 0


def is_compiled() -> bool:
    """Whether this module runs as a C extension."""
    return cython.compiled
