"""Write events, answers and level changes of a turn as records."""

import cython

if cython.compiled:
    from cython.cimports.quantumcore.server.core import enums, kinds, tables
    from cython.cimports.quantumcore.server.core.accounts_cy import Accounts
    from cython.cimports.quantumcore.server.core.instruments_cy import Instruments
    from cython.cimports.quantumcore.server.core.orders_cy import Orders
    from cython.cimports.quantumcore.server.core.positions_cy import Positions
    from cython.cimports.quantumcore.server.core.words_cy import Words, stored_bytes
else:
    from quantumcore.server.core import enums, kinds, tables
    from quantumcore.server.core.accounts_cy import Accounts
    from quantumcore.server.core.instruments_cy import Instruments
    from quantumcore.server.core.orders_cy import Orders
    from quantumcore.server.core.positions_cy import Positions
    from quantumcore.server.core.words_cy import Words, stored_bytes

LONGEST_ORDER_EVENT: int = 18 + 8 + 8 + 2 + 4


@cython.final
@cython.cclass
class Reporter:
    """Owns the turn's three buffers and the global sequence.

    `result` and `event` are the word positions of the answer and of the event being written,
    `row` is the order that the answer is about, or NO_SLOT; `command` tells commands apart.
    """

    accounts: Accounts
    orders: Orders
    instruments: Instruments
    positions: Positions
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

    def __init__(
        self, orders: Orders, instruments: Instruments, accounts: Accounts, positions: Positions
    ) -> None:
        self.orders, self.instruments = orders, instruments
        self.accounts, self.positions = accounts, positions
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
    def conclude(self) -> cython.void:
        """Complete the answer with the order's state, and the sequence reached."""
        row: cython.int = self.row
        at: cython.Py_ssize_t = self.result
        self.results.words[at + kinds.RESULT_SEQUENCE] = self.sequence
        if row == kinds.NO_SLOT:
            return
        orders: Orders = self.orders
        self.results.words[at + kinds.RESULT_ORDER_ID] = orders.order_id[row]
        self.results.words[at + kinds.RESULT_STATE] |= orders.status[row]
        self.results.words[at + kinds.RESULT_CUMULATIVE_QUANTITY] = orders.cumulative[row]
        self.results.words[at + kinds.RESULT_LEAVES_QUANTITY] = orders.leaves(row)
        self.results.words[at + kinds.RESULT_CUMULATIVE_TICK_LOTS] = orders.tick_lots[row]

    @cython.cfunc
    @cython.exceptval(check=False)
    def refuse(
        self,
        reason: cython.longlong,
        field: cython.longlong,
        limit: cython.longlong,
        value: cython.longlong,
    ) -> cython.void:
        """Put a refusal into the answer; the event that follows takes it from there."""
        at: cython.Py_ssize_t = self.result
        self.results.words[at + kinds.RESULT_STATE] |= (reason << 16) | (field << 32)
        self.results.words[at + kinds.RESULT_LIMIT] = limit
        self.results.words[at + kinds.RESULT_VALUE] = value

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
    def _mark_reject(self) -> cython.void:
        state: cython.longlong = self.results.words[self.result + kinds.RESULT_STATE]
        reason: cython.longlong = (state >> 16) & 0xFFFF
        self.turn.words[self.event + kinds.EVENT_REJECT] = reason | ((state >> 32) << 32)
        self.turn.words[self.event + kinds.EVENT_REJECT_LIMIT] = self.results.words[
            self.result + kinds.RESULT_LIMIT
        ]
        self.turn.words[self.event + kinds.EVENT_REJECT_VALUE] = self.results.words[
            self.result + kinds.RESULT_VALUE
        ]

    @cython.cfunc
    @cython.exceptval(-1, check=False)
    def order_event(
        self,
        kind: cython.int,
        execution_type: cython.int,
        row: cython.int,
        request_id: cython.longlong,
    ) -> cython.int:
        """Write what happened to an order, whose row has its state after it."""
        orders: Orders = self.orders
        orders.version[row] += 1
        at: cython.Py_ssize_t = self._open(kind, orders.version[row])
        orders.sequence[row] = self.sequence
        orders.updated_ns[row] = self.time_ns
        state: cython.longlong = orders.terms[row] | execution_type
        state |= cython.cast(cython.longlong, orders.status[row]) << 8
        state |= cython.cast(cython.longlong, orders.cancel_reason[row]) << 48
        instrument: cython.longlong = orders.instrument[row]
        entry: cython.int = orders.entry[row]
        self.turn.words[at + kinds.EVENT_ORDER_ID] = orders.order_id[row]
        self.turn.words[at + kinds.EVENT_PARTIES] = orders.account[row] | (instrument << 32)
        self.turn.words[at + kinds.EVENT_STATE] = state
        self.turn.words[at + kinds.EVENT_REQUEST_ID] = request_id
        self.turn.words[at + kinds.EVENT_PRICE] = orders.price[row]
        self.turn.words[at + kinds.EVENT_QUANTITY] = orders.quantity[row]
        self.turn.words[at + kinds.EVENT_CUMULATIVE_QUANTITY] = orders.cumulative[row]
        self.turn.words[at + kinds.EVENT_LEAVES_QUANTITY] = orders.leaves(row)
        self.turn.words[at + kinds.EVENT_CUMULATIVE_TICK_LOTS] = orders.tick_lots[row]
        self.turn.words[at + kinds.EVENT_TEXT_LENGTHS] = orders.ids.lengths[entry]
        if orders.terms[row] >> kinds.STATE_LEG != 0:
            self.turn.words[at + kinds.EVENT_PACKAGE] = orders.package_id(row)
        orders.ids.write(entry, self.turn)
        if kind != kinds.ORDER_REPLACED:
            self._tell_reserved(row)
        self._close()
        return 0

    @cython.cfunc
    @cython.exceptval(check=False)
    def _tell_reserved(self, row: cython.int) -> cython.void:
        """Write what is reserved, where the account's funds are checked; a leg has its package."""
        orders: Orders = self.orders
        one: cython.longlong = 1
        lots: cython.longlong = orders.leaves(row)
        at: cython.Py_ssize_t = self.turn.end
        if self.accounts.margin_model[orders.account[row]] == 0 or orders.is_leg(row):
            return
        if orders.is_package(row):
            lots = lots // kinds.UNIT
        else:
            lots = lots // self.instruments.get(orders.instrument[row], tables.INSTRUMENT_LOT_SIZE)
        self.turn.words[self.event + kinds.EVENT_STATE] |= one << kinds.STATE_RESERVES
        self.turn.words[at + kinds.RESERVED_ORDER] = lots * orders.reserve[row]
        self.turn.words[at + kinds.RESERVED_ACCOUNT] = self.positions.balances.reserved[
            self.positions.balance[orders.position[row]]
        ]
        self.turn.end += kinds.RESERVED_WORDS

    @cython.cfunc
    @cython.exceptval(check=False)
    def _tell_position(self, row: cython.int, realised: cython.longlong) -> cython.void:
        """Write what became of position and cash with a fill."""
        at: cython.Py_ssize_t = self.turn.end
        entry: cython.int = self.orders.position[row]
        most: cython.longlong = kinds.MONEY_LIMIT
        self.turn.words[at + kinds.FILL_POSITION_LOTS] = self.positions.lots[entry]
        self.turn.words[at + kinds.FILL_OPEN_TICK_LOTS] = self.positions.open.clipped(entry)
        self.turn.words[at + kinds.FILL_REALISED_TICK_LOTS] = max(-most, min(most, realised))
        self.turn.words[at + kinds.FILL_CASH] = self.positions.balances.cash.clipped(
            self.positions.balance[entry]
        )
        self.turn.end += kinds.FILL_WORDS
        self._close_again()

    @cython.cfunc
    @cython.exceptval(check=False)
    def _close_again(self) -> cython.void:
        """Let the header tell the length of an event that has grown since it was closed."""
        header: cython.longlong = self.turn.words[self.event]
        self.turn.words[self.event] = (header & 0xFFFF) | ((header >> 32) << 32)
        self._close()

    @cython.cfunc
    @cython.exceptval(-1, check=False)
    def fill_event(
        self,
        row: cython.int,
        liquidity: cython.int,
        price: cython.longlong,
        quantity: cython.longlong,
        trade_id: cython.longlong,
        realised: cython.longlong,
    ) -> cython.int:
        """Write one side of a trade; `realised` is profit and loss, ticks x lots."""
        self.order_event(kinds.ORDER_FILLED, enums.EXECUTION_TYPE_TRADE, row, 0)
        self.turn.words[self.event + kinds.EVENT_STATE] |= (
            cython.cast(cython.longlong, liquidity) << 40
        )
        self.turn.words[self.event + kinds.EVENT_LAST_PRICE] = price
        self.turn.words[self.event + kinds.EVENT_LAST_QUANTITY] = quantity
        self.turn.words[self.event + kinds.EVENT_TRADE_ID] = trade_id
        if self.orders.terms[row] >> kinds.STATE_LEG != 0:
            self.turn.words[self.event + kinds.EVENT_PACKAGE_EXECUTION] = (
                self.orders.packages.last_execution
            )
        if not self.orders.is_package(row):
            self._tell_position(row, realised)
        return 0

    @cython.cfunc
    @cython.exceptval(-1, check=False)
    def restated_event(
        self, row: cython.int, restatement: cython.longlong, shown: cython.longlong
    ) -> cython.int:
        """Write that the venue changed an order unasked; `shown` is what the book shows of it."""
        self.order_event(kinds.ORDER_RESTATED, enums.EXECUTION_TYPE_RESTATED, row, 0)
        self.turn.words[self.event + kinds.EVENT_RESTATEMENT] = restatement
        self.turn.words[self.event + kinds.EVENT_SHOWN_QUANTITY] = shown
        return 0

    @cython.cfunc
    @cython.exceptval(-1, check=False)
    def mended_event(
        self,
        kind: cython.int,
        execution_type: cython.int,
        row: cython.int,
        liquidity: cython.int,
        price: cython.longlong,
        quantity: cython.longlong,
        trade_id: cython.longlong,
        reference_sequence: cython.longlong,
        realised: cython.longlong,
    ) -> cython.int:
        """Write that a fill of an order is undone, or that it is another from now on."""
        self.order_event(kind, execution_type, row, 0)
        self.turn.words[self.event + kinds.EVENT_STATE] |= (
            cython.cast(cython.longlong, liquidity) << 40
        )
        self.turn.words[self.event + kinds.EVENT_LAST_PRICE] = price
        self.turn.words[self.event + kinds.EVENT_LAST_QUANTITY] = quantity
        self.turn.words[self.event + kinds.EVENT_TRADE_ID] = trade_id
        self.turn.words[self.event + kinds.EVENT_REFERENCE_SEQUENCE] = reference_sequence
        self._tell_position(row, realised)
        return 0

    @cython.cfunc
    @cython.exceptval(-1, check=False)
    def replaced_event(
        self, row: cython.int, original: cython.int, request_id: cython.longlong
    ) -> cython.int:
        """Write that an order has new terms, and the client order id it had before."""
        self.order_event(kinds.ORDER_REPLACED, enums.EXECUTION_TYPE_REPLACED, row, request_id)
        length: cython.longlong = self.orders.ids.lengths[original]
        self.turn.words[self.event + kinds.EVENT_TEXT_LENGTHS] |= length << 32
        self.orders.ids.write(original, self.turn)
        self._tell_reserved(row)
        self._close_again()
        return 0

    @cython.cfunc
    @cython.exceptval(-1, check=False)
    def refused_order_event(
        self, kind: cython.int, execution_type: cython.int, row: cython.int
    ) -> cython.int:
        """Write that a command on an order was refused; the order stands as it did."""
        request_id: cython.longlong = self.results.words[self.result + kinds.RESULT_REQUEST_ID]
        self.order_event(kind, execution_type, row, request_id)
        self._mark_reject()
        return 0

    @cython.cfunc
    @cython.exceptval(-1, check=False)
    def refused_command_event(
        self,
        kind: cython.int,
        execution_type: cython.int,
        state: cython.longlong,
        text: cython.Py_ssize_t,
        length: cython.longlong,
    ) -> cython.int:
        """Write that a command was refused that concerns no order of the venue."""
        record: cython.Py_ssize_t = self.results.words[self.result + kinds.RESULT_RECORD]
        at: cython.Py_ssize_t = self._open(kind, 0)
        parties: cython.longlong = self.turn.words[record + kinds.COMMAND_PARTIES]
        if self.turn.words[record] >> 32:
            parties = (parties >> 32) << 32  # refused at the door: no account's business
        self.turn.words[at + kinds.EVENT_PARTIES] = parties
        self.turn.words[at + kinds.EVENT_STATE] = state | execution_type
        self.turn.words[at + kinds.EVENT_REQUEST_ID] = self.turn.words[
            record + kinds.COMMAND_REQUEST_ID
        ]
        if kind == kinds.ORDER_REJECTED:
            self._tell_terms(at, record)
        stored: cython.longlong = stored_bytes(length)
        self.turn.words[at + kinds.EVENT_TEXT_LENGTHS] = stored
        i: cython.Py_ssize_t
        for i in range((stored + 7) >> 3):
            self.turn.words[self.turn.end] = self.turn.words[text + i]
            self.turn.end += 1
        self._mark_reject()
        self._close()
        return 0

    @cython.cfunc
    @cython.exceptval(check=False)
    def _tell_terms(self, at: cython.Py_ssize_t, record: cython.Py_ssize_t) -> cython.void:
        """Write price and quantity of an order that is refused, as it asked for them."""
        words: cython.longlong[::1] = self.turn.words
        if words[record] & 0xFFFF == kinds.CREATE_PACKAGE:
            words[at + kinds.EVENT_PRICE] = words[record + kinds.PACKAGE_NET_PRICE]
            words[at + kinds.EVENT_QUANTITY] = (
                max(0, min(words[record + kinds.PACKAGE_UNITS], kinds.UNIT)) * kinds.UNIT
            )
        else:
            words[at + kinds.EVENT_PRICE] = words[record + kinds.CREATE_PRICE]
            words[at + kinds.EVENT_QUANTITY] = words[record + kinds.CREATE_QUANTITY]

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
