"""Apply commands one after the other: the only way to change the exchange's state."""

from hashlib import sha256

import cython

from quantumcore.server.core.errors import ReplayDiverged
from quantumcore.server.core.views import Level, OrderView

if cython.compiled:
    from cython.cimports.quantumcore.server.core import kinds
    from cython.cimports.quantumcore.server.core.admission_cy import Admission
    from cython.cimports.quantumcore.server.core.arena_cy import Arena
    from cython.cimports.quantumcore.server.core.book_cy import Book
    from cython.cimports.quantumcore.server.core.instruments_cy import Instruments
    from cython.cimports.quantumcore.server.core.ladder_cy import Ladder
    from cython.cimports.quantumcore.server.core.orders_cy import Orders
    from cython.cimports.quantumcore.server.core.reporter_cy import Reporter
    from cython.cimports.quantumcore.server.core.requests_cy import RequestWindow
    from cython.cimports.quantumcore.server.core.words_cy import Words, stored_bytes
else:
    from quantumcore.server.core import kinds
    from quantumcore.server.core.admission_cy import Admission
    from quantumcore.server.core.arena_cy import Arena
    from quantumcore.server.core.book_cy import Book
    from quantumcore.server.core.instruments_cy import Instruments
    from quantumcore.server.core.ladder_cy import Ladder
    from quantumcore.server.core.orders_cy import Orders
    from quantumcore.server.core.reporter_cy import Reporter
    from quantumcore.server.core.requests_cy import RequestWindow
    from quantumcore.server.core.words_cy import Words, stored_bytes


@cython.final
@cython.cclass
class Exchange:
    """Order books of all instruments, their orders, and the accounts that own them.

    Deterministic: the same commands at the same turn times give the same events, bit for
    bit. A command is a record at the end of `turn`; `apply` executes it whole, appends its
    events behind it, one row to `results` and the changed price levels to `levels`. What a
    user did wrong is an event and a result, never an exception.
    """

    arena: Arena
    admission: Admission
    instruments: Instruments
    orders: Orders
    report: Reporter
    requests: RequestWindow
    turn: Words
    results: Words
    levels: Words
    journaled: Words
    trade_id: cython.longlong
    account_definitions: list[bytes]
    account_capacity: cython.int

    def __init__(
        self,
        *,
        order_capacity: int = 1 << 20,
        live_order_capacity: int = 1 << 19,
        level_capacity: int = 1 << 18,
        request_capacity: int = 1 << 20,
        account_capacity: int = 1 << 16,
        instrument_capacity: int = 1 << 14,
    ) -> None:
        """Reserve memory for orders kept (ended ones too), orders working, levels and request ids."""
        self.arena = Arena(
            orders=live_order_capacity, levels=level_capacity, books=instrument_capacity
        )
        self.instruments = Instruments(self.arena, instrument_capacity)
        self.orders = Orders(order_capacity, account_capacity)
        self.report = Reporter(self.orders, self.instruments)
        self.turn, self.results, self.levels = (
            self.report.turn,
            self.report.results,
            self.report.levels,
        )
        self.admission = Admission(self.arena, self.instruments, self.orders, self.turn)
        self.requests = RequestWindow(request_capacity)
        self.journaled = Words()
        self.trade_id = 0
        self.account_definitions = [b""]
        self.account_capacity = account_capacity

    @property
    def sequence(self) -> int:
        """Sequence of the last event; 0: none yet."""
        return self.report.sequence

    @property
    def time_ns(self) -> int:
        """Time of the turn: ns since the Unix epoch, UTC."""
        return self.report.time_ns

    @property
    def instrument_count(self) -> int:
        """Highest instrument id; they run from 1."""
        return self.instruments.count

    @property
    def account_count(self) -> int:
        """Highest account id; they run from 1."""
        return self.admission.account_count

    @property
    def working_orders(self) -> int:
        """How many orders work."""
        return self.orders.working

    def begin_turn(self, time_ns: int) -> None:
        """Start a turn with empty buffers; time that runs backwards stands still instead."""
        self.report.time_ns = max(time_ns, self.report.time_ns)
        self.admission.time_ns = self.report.time_ns
        self.turn.clear()
        self.results.clear()
        self.levels.clear()

    def apply(self, start: int) -> None:
        """Execute the command whose record is turn.words[start:turn.end]."""
        self._apply(start)

    def replay(self, payload: memoryview, time_ns: int) -> None:
        """Execute the commands of a journaled turn again.

        Raises ReplayDiverged when they do not give the journaled events, bit for bit.
        """
        self.begin_turn(time_ns)
        first = self.report.sequence + 1
        self.journaled.clear()
        self.journaled.load(payload)
        if not self._replay_commands():
            raise ReplayDiverged(first, "a record's length is not within the turn")
        if not self._same_turn():
            raise ReplayDiverged(first, "the commands gave other events than the journal holds")

    @cython.cfunc
    @cython.exceptval(-1, check=False)
    def _replay_commands(self) -> cython.int:
        journaled: Words = self.journaled
        at: cython.Py_ssize_t = 0
        length: cython.Py_ssize_t
        start: cython.Py_ssize_t
        i: cython.Py_ssize_t
        while at < journaled.end:
            length = (journaled.words[at] >> 16) & 0xFFFF
            if length == 0 or at + length > journaled.end:
                return 0
            if journaled.words[at] & 0xFFFF < kinds.FIRST_EVENT:
                self.turn._reserve(length)
                start = self.turn.end
                for i in range(length):
                    self.turn.words[start + i] = journaled.words[at + i]
                self.turn.end += length
                self._apply(start)
            at += length
        return 1

    @cython.cfunc
    @cython.exceptval(check=False)
    def _same_turn(self) -> cython.bint:
        i: cython.Py_ssize_t
        if self.turn.end != self.journaled.end:
            return False
        for i in range(self.turn.end):
            if self.turn.words[i] != self.journaled.words[i]:
                return False
        return True

    @cython.cfunc
    @cython.exceptval(-1, check=False)
    def _apply(self, start: cython.Py_ssize_t) -> cython.int:
        self.report.begin_result(start)
        header: cython.longlong = self.turn.words[start]
        kind: cython.int = cython.cast(cython.int, header & 0xFFFF)
        request_id: cython.longlong = self.turn.words[start + kinds.COMMAND_REQUEST_ID]
        account: cython.int = cython.cast(
            cython.int, self.turn.words[start + kinds.COMMAND_PARTIES] & 0x7FFFFFFF
        )
        if request_id == 0 or header >> 32 != 0:
            return self._execute(kind, start)
        entry: cython.int = self.requests.find(account, request_id)
        if entry == kinds.NO_SLOT:
            self._execute(kind, start)
            self.requests.add(account, request_id, self.results, self.report.result)
            return 0
        self.requests.recall(entry, self.results, self.report.result)
        self.report.notice(
            kinds.REQUEST_REPEATED,
            self.results.words[self.report.result + kinds.RESULT_ORDER_ID],
            request_id,
        )
        return 0

    @cython.cfunc
    @cython.exceptval(-1, check=False)
    def _execute(self, kind: cython.int, start: cython.Py_ssize_t) -> cython.int:
        if kind == kinds.CREATE_ORDER:
            self._create(start)
        elif kind == kinds.CANCEL_ORDER:
            self._cancel(start)
        elif kind == kinds.REPLACE_ORDER:
            self._replace(start)
        elif kind == kinds.CANCEL_ORDERS:
            self._cancel_many(start)
        elif kind == kinds.SET_TRADING_PHASE:
            self._set_phase(start)
        elif kind == kinds.CREATE_INSTRUMENT:
            self._create_instrument(start)
        elif kind == kinds.CREATE_ACCOUNT:
            self._create_account(start)
        else:
            raise AssertionError(f"no such command: {kind}")
        return 0

    @cython.cfunc
    @cython.exceptval(-1, check=False)
    def _create(self, start: cython.Py_ssize_t) -> cython.int:
        reason: cython.longlong = self.turn.words[start] >> 32
        if reason == 0:
            reason = self.admission.check_create(start)
        else:
            self.admission._fail(reason, 0, 0, 0)
        if reason != 0:
            return self._refuse_create(start, reason)
        row: cython.int = self._open_order(start)
        self.report.order_event(
            kinds.ORDER_ACCEPTED,
            kinds.EXECUTION_TYPE_NEW,
            row,
            self.turn.words[start + kinds.COMMAND_REQUEST_ID],
        )
        self._work(row)
        self.report.conclude(row)
        return 0

    @cython.cfunc
    @cython.exceptval(-1, check=False)
    def _refuse_create(self, start: cython.Py_ssize_t, reason: cython.longlong) -> cython.int:
        admission: Admission = self.admission
        terms: cython.longlong = self.turn.words[start + kinds.CREATE_TERMS]
        state: cython.longlong = (terms & 0xFFFFFF) << kinds.STATE_SIDE
        state |= ((terms >> kinds.TERM_FLAGS) & kinds.FLAG_HAS_PRICE) << kinds.STATE_FLAGS
        state |= kinds.ORDER_STATUS_REJECTED << kinds.STATE_STATUS
        self.report.refuse(reason, admission.field, admission.limit, admission.value)
        self.report.refused_command_event(
            kinds.ORDER_REJECTED,
            kinds.EXECUTION_TYPE_REJECTED,
            state,
            start + kinds.CREATE_TEXT,
            self.turn.words[start + kinds.CREATE_TEXT_LENGTH],
        )
        self.results.words[self.report.result + kinds.RESULT_STATE] |= kinds.ORDER_STATUS_REJECTED
        self.report.conclude(kinds.NO_SLOT)
        return 0

    @cython.cfunc
    @cython.exceptval(-1, check=False)
    def _open_order(self, start: cython.Py_ssize_t) -> cython.int:
        orders: Orders = self.orders
        words: cython.longlong[::1] = self.turn.words
        terms: cython.longlong = words[start + kinds.CREATE_TERMS]
        flags: cython.longlong = terms >> kinds.TERM_FLAGS
        account: cython.int = cython.cast(
            cython.int, words[start + kinds.COMMAND_PARTIES] & 0xFFFFFFFF
        )
        row: cython.int = orders.take(account)
        orders.terms[row] = (terms & 0xFFFFFF) << kinds.STATE_SIDE
        orders.terms[row] |= (flags & kinds.FLAG_HAS_PRICE) << kinds.STATE_FLAGS
        orders.post_only[row] = flags & kinds.FLAG_POST_ONLY != 0
        orders.instrument[row] = cython.cast(cython.int, words[start + kinds.COMMAND_PARTIES] >> 32)
        orders.session[row] = cython.cast(cython.int, words[start + kinds.COMMAND_ACTOR] >> 32)
        orders.price[row] = words[start + kinds.CREATE_PRICE]
        orders.quantity[row] = words[start + kinds.CREATE_QUANTITY]
        orders.created_ns[row] = self.report.time_ns
        orders.entry[row] = orders.ids.add(
            account,
            self.turn,
            start + kinds.CREATE_TEXT,
            cython.cast(cython.int, words[start + kinds.CREATE_TEXT_LENGTH]),
            row,
            kinds.NO_SLOT,
        )
        return row

    @cython.cfunc
    @cython.exceptval(-1, check=False)
    def _work(self, row: cython.int) -> cython.int:
        """Match an order that is not in the book; rest or cancel what is left."""
        orders: Orders = self.orders
        instrument: cython.int = orders.instrument[row]
        book: Book = self.instruments.book(instrument)
        side: cython.int = orders.side(row)
        price: cython.longlong = self._limit(row, book, side)
        lots: cython.longlong = orders.leaves(row) // self.instruments.get(
            instrument, kinds.INSTRUMENT_LOT_SIZE
        )
        reason: cython.int = self._reason_to_kill(row, book, side, price, lots)
        if reason == 0:
            lots = self._sweep(row, price, lots)
            if lots == 0:
                return 0
            reason = self._reason_not_to_rest(row)
        if reason != 0:
            return self._end(row, kinds.ORDER_CANCELLED, kinds.ORDER_STATUS_CANCELLED, reason, 0)
        orders.slot[row] = book._add(side, price, lots, row)
        self.report.level(instrument, 0)
        book.event_count = 0
        return 0

    @cython.cfunc
    @cython.exceptval(check=False)
    def _limit(self, row: cython.int, book: Book, side: cython.int) -> cython.longlong:
        """Return the worst price, in ticks, that an incoming order may trade at."""
        instrument: cython.int = self.orders.instrument[row]
        tick: cython.longlong = self.instruments.get(instrument, kinds.INSTRUMENT_TICK_SIZE)
        if not self._is_market(row):
            return self.orders.price[row] // tick
        band: cython.longlong = (
            self.instruments.get(instrument, kinds.INSTRUMENT_PROTECTION_BAND) // tick
        )
        opposite: Ladder = book.asks if side == kinds.SIDE_BUY else book.bids
        best: cython.int = opposite.best()
        if best == kinds.NO_SLOT:
            return 0
        return opposite.sign * (self.arena.level_key[best] - band)

    @cython.cfunc
    @cython.exceptval(check=False)
    def _is_market(self, row: cython.int) -> cython.bint:
        return (self.orders.terms[row] >> kinds.STATE_ORDER_TYPE) & 0xFF == kinds.ORDER_TYPE_MARKET

    @cython.cfunc
    @cython.exceptval(check=False)
    def _reason_to_kill(
        self,
        row: cython.int,
        book: Book,
        side: cython.int,
        price: cython.longlong,
        lots: cython.longlong,
    ) -> cython.int:
        """Return why an incoming order must not trade at all: a CancelReason, or 0."""
        time_in_force: cython.longlong = (
            self.orders.terms[row] >> kinds.STATE_TIME_IN_FORCE
        ) & 0xFF
        opposite: Ladder = book.asks if side == kinds.SIDE_BUY else book.bids
        if self._is_market(row) and opposite.level_count == 0:
            return kinds.CANCEL_REASON_MARKET_PROTECTION
        if time_in_force == kinds.TIME_IN_FORCE_FOK and book._available(side, price, lots) < lots:
            return kinds.CANCEL_REASON_FILL_OR_KILL
        return 0

    @cython.cfunc
    @cython.exceptval(check=False)
    def _reason_not_to_rest(self, row: cython.int) -> cython.int:
        time_in_force: cython.longlong = (
            self.orders.terms[row] >> kinds.STATE_TIME_IN_FORCE
        ) & 0xFF
        if self._is_market(row):
            return kinds.CANCEL_REASON_MARKET_PROTECTION
        if time_in_force == kinds.TIME_IN_FORCE_IOC:
            return kinds.CANCEL_REASON_IMMEDIATE_OR_CANCEL
        return 0

    @cython.cfunc
    @cython.exceptval(-1, check=True)
    def _sweep(
        self, row: cython.int, price: cython.longlong, lots: cython.longlong
    ) -> cython.longlong:
        """Trade an incoming order with the book, a full event buffer at a time; return the lots left."""
        instrument: cython.int = self.orders.instrument[row]
        book: Book = self.instruments.book(instrument)
        side: cython.int = self.orders.side(row)
        full: cython.bint = True
        at: cython.Py_ssize_t
        while full and lots > 0:
            lots = book._match(side, price, lots)
            full = book.event_count == book.event_capacity
            for at in range(book.event_count):
                self._fill(row, at * kinds.BOOK_WORDS)
                self.report.level(instrument, at * kinds.BOOK_WORDS)
            book.event_count = 0
        return lots

    @cython.cfunc
    @cython.exceptval(-1, check=False)
    def _fill(self, taker: cython.int, at: cython.Py_ssize_t) -> cython.int:
        """Record both sides of a trade that the book reported at `at`."""
        events: cython.longlong[::1] = self.instruments.book_events
        instrument: cython.int = self.orders.instrument[taker]
        maker: cython.int = cython.cast(cython.int, events[at + kinds.BOOK_TAG])
        lots: cython.longlong = events[at + kinds.BOOK_LOTS]
        price_ticks: cython.longlong = events[at + kinds.BOOK_PRICE]
        price: cython.longlong = price_ticks * self.instruments.get(
            instrument, kinds.INSTRUMENT_TICK_SIZE
        )
        quantity: cython.longlong = lots * self.instruments.get(
            instrument, kinds.INSTRUMENT_LOT_SIZE
        )
        self.trade_id += 1
        self._fill_side(maker, quantity, price_ticks * lots)
        self._fill_side(taker, quantity, price_ticks * lots)
        self.report.fill_event(maker, kinds.LIQUIDITY_MAKER, price, quantity, self.trade_id)
        self.report.fill_event(taker, kinds.LIQUIDITY_TAKER, price, quantity, self.trade_id)
        return 0

    @cython.cfunc
    @cython.exceptval(-1, check=False)
    def _fill_side(
        self, row: cython.int, quantity: cython.longlong, tick_lots: cython.longlong
    ) -> cython.int:
        orders: Orders = self.orders
        orders.cumulative[row] += quantity
        orders.tick_lots[row] += tick_lots
        if orders.cumulative[row] == orders.quantity[row]:
            orders.end(row, kinds.ORDER_STATUS_FILLED, 0)
        else:
            orders.status[row] = kinds.ORDER_STATUS_PARTIALLY_FILLED
        return 0

    @cython.cfunc
    @cython.exceptval(-1, check=False)
    def _end(
        self,
        row: cython.int,
        kind: cython.int,
        status: cython.int,
        cancel_reason: cython.int,
        request_id: cython.longlong,
    ) -> cython.int:
        """End an order that is not in the book (any more), and report it."""
        execution_type: cython.int = (
            kinds.EXECUTION_TYPE_EXPIRED
            if kind == kinds.ORDER_EXPIRED
            else kinds.EXECUTION_TYPE_CANCELLED
        )
        self.orders.end(row, status, cancel_reason)
        return self.report.order_event(kind, execution_type, row, request_id)

    @cython.cfunc
    @cython.exceptval(-1, check=False)
    def _leave_book(self, row: cython.int) -> cython.int:
        instrument: cython.int = self.orders.instrument[row]
        book: Book = self.instruments.book(instrument)
        book._cancel(self.orders.side(row), self.orders.slot[row])
        self.orders.slot[row] = kinds.NO_SLOT
        self.report.level(instrument, 0)
        book.event_count = 0
        return 0

    @cython.cfunc
    @cython.exceptval(-2, check=False)
    def _named_order(
        self,
        account: cython.int,
        order_id: cython.longlong,
        text: cython.Py_ssize_t,
        length: cython.longlong,
    ) -> cython.int:
        """Return the row of an account's order by venue id, else by client order id, or NO_SLOT."""
        row: cython.int = kinds.NO_SLOT
        entry: cython.int
        if order_id != 0:
            row = self.orders.row_of(order_id)
        elif 1 <= length <= kinds.CLIENT_ORDER_ID_BYTES:
            entry = self.orders.ids.find(account, self.turn, text, cython.cast(cython.int, length))
            if entry != kinds.NO_SLOT:
                row = self.orders.ids.rows[entry]
        if row != kinds.NO_SLOT and self.orders.account[row] != account:
            return kinds.NO_SLOT
        return row

    @cython.cfunc
    @cython.exceptval(-1, check=False)
    def _cancel(self, start: cython.Py_ssize_t) -> cython.int:
        words: cython.longlong[::1] = self.turn.words
        account: cython.int = cython.cast(
            cython.int, words[start + kinds.COMMAND_PARTIES] & 0xFFFFFFFF
        )
        order_id: cython.longlong = words[start + kinds.CANCEL_ORDER_ID]
        reason: cython.longlong = self._door(start)
        row: cython.int = kinds.NO_SLOT
        if reason == 0:
            row = self._named_order(
                account,
                order_id,
                start + kinds.CANCEL_TEXT,
                words[start + kinds.CANCEL_TEXT_LENGTH],
            )
            reason = self._changeable(row, order_id)
        if reason != 0:
            return self._refuse_change(start, kinds.CANCEL_REJECTED, row, reason)
        self._leave_book(row)
        self._end(
            row,
            kinds.ORDER_CANCELLED,
            kinds.ORDER_STATUS_CANCELLED,
            kinds.CANCEL_REASON_REQUESTED,
            words[start + kinds.COMMAND_REQUEST_ID],
        )
        self.report.conclude(row)
        return 0

    @cython.cfunc
    @cython.exceptval(check=False)
    def _door(self, start: cython.Py_ssize_t) -> cython.longlong:
        """Return why a change of orders is refused before any order is looked up, or 0."""
        reason: cython.longlong = self.turn.words[start] >> 32
        account: cython.longlong = self.turn.words[start + kinds.COMMAND_PARTIES] & 0xFFFFFFFF
        self.admission._fail(0, 0, 0, 0)
        if reason != 0:
            return reason
        if account == 0 or account > self.admission.account_count:
            return self.admission._fail(
                kinds.REJECT_REASON_UNKNOWN_ACCOUNT, kinds.CANCEL_FIELD_ACCOUNT_ID, 0, account
            )
        return 0

    @cython.cfunc
    @cython.exceptval(check=False)
    def _changeable(self, row: cython.int, order_id: cython.longlong) -> cython.longlong:
        if row == kinds.NO_SLOT:
            field: cython.int = (
                kinds.CANCEL_FIELD_ORDER_ID
                if order_id != 0
                else kinds.REPLACE_FIELD_CLIENT_ORDER_ID
            )
            return self.admission._fail(kinds.REJECT_REASON_UNKNOWN_ORDER, field, 0, order_id)
        if not self.orders.is_working(row):
            return self.admission._fail(
                kinds.REJECT_REASON_TOO_LATE_TO_CANCEL,
                kinds.CANCEL_FIELD_ORDER_ID,
                0,
                self.orders.order_id[row],
            )
        return 0

    @cython.cfunc
    @cython.exceptval(-1, check=False)
    def _refuse_change(
        self, start: cython.Py_ssize_t, kind: cython.int, row: cython.int, reason: cython.longlong
    ) -> cython.int:
        """Report that a cancel or replacement is refused; the order, if there is one, stands."""
        admission: Admission = self.admission
        words: cython.longlong[::1] = self.turn.words
        execution_type: cython.int = kinds.EXECUTION_TYPE_CANCEL_REJECTED
        text: cython.Py_ssize_t = start + kinds.CANCEL_TEXT
        length: cython.longlong = 0
        if kind == kinds.REPLACE_REJECTED:
            execution_type = kinds.EXECUTION_TYPE_REPLACE_REJECTED
            text = start + kinds.REPLACE_TEXT
            length = words[start + kinds.REPLACE_TEXT_LENGTHS] & 0xFFFFFFFF
        elif words[start] & 0xFFFF == kinds.CANCEL_ORDER:
            length = words[start + kinds.CANCEL_TEXT_LENGTH]
        self.report.refuse(reason, admission.field, admission.limit, admission.value)
        if row == kinds.NO_SLOT:
            self.report.refused_command_event(kind, execution_type, 0, text, length)
        else:
            self.report.refused_order_event(kind, execution_type, row)
        self.report.conclude(row)
        return 0

    @cython.cfunc
    @cython.exceptval(-1, check=False)
    def _cancel_many(self, start: cython.Py_ssize_t) -> cython.int:
        words: cython.longlong[::1] = self.turn.words
        parties: cython.longlong = words[start + kinds.COMMAND_PARTIES]
        account: cython.int = cython.cast(cython.int, parties & 0xFFFFFFFF)
        instrument: cython.longlong = (parties >> 32) & 0xFFFFFFFF
        side: cython.longlong = words[start + kinds.MASS_SIDE]
        session: cython.longlong = words[start + kinds.MASS_SESSION]
        reason: cython.longlong = self._door(start)
        if reason == 0 and instrument > self.instruments.count:
            reason = self.admission._fail(
                kinds.REJECT_REASON_UNKNOWN_INSTRUMENT,
                kinds.CANCEL_FIELD_INSTRUMENT_ID,
                0,
                instrument,
            )
        if reason == 0 and (side < 0 or side > kinds.SIDE_SELL):
            reason = self.admission._fail(
                kinds.REJECT_REASON_INVALID_ENUM, kinds.CANCEL_FIELD_SIDE, 0, side
            )
        if reason != 0:
            return self._refuse_change(start, kinds.CANCEL_REJECTED, kinds.NO_SLOT, reason)
        cancelled: cython.longlong = 0
        row: cython.int = self.orders.first_working(account)
        behind: cython.int
        while row != kinds.NO_SLOT:
            behind = self.orders.next_working[row]
            if (
                (instrument == 0 or self.orders.instrument[row] == instrument)
                and (side == 0 or self.orders.side(row) == side)
                and (session == 0 or self.orders.session[row] == session)
            ):
                self._leave_book(row)
                self._end(
                    row,
                    kinds.ORDER_CANCELLED,
                    kinds.ORDER_STATUS_CANCELLED,
                    kinds.CANCEL_REASON_DISCONNECT if session else kinds.CANCEL_REASON_MASS_CANCEL,
                    0,
                )
                cancelled += 1
            row = behind
        self.report.notice(kinds.ORDERS_CANCELLED, account, cancelled)
        self.results.words[self.report.result + kinds.RESULT_AFFECTED] = cancelled
        self.report.conclude(kinds.NO_SLOT)
        return 0

    @cython.cfunc
    @cython.exceptval(-1, check=False)
    def _replace(self, start: cython.Py_ssize_t) -> cython.int:
        words: cython.longlong[::1] = self.turn.words
        account: cython.int = cython.cast(
            cython.int, words[start + kinds.COMMAND_PARTIES] & 0xFFFFFFFF
        )
        order_id: cython.longlong = words[start + kinds.REPLACE_ORDER_ID]
        lengths: cython.longlong = words[start + kinds.REPLACE_TEXT_LENGTHS]
        row: cython.int = kinds.NO_SLOT
        reason: cython.longlong = self._door(start)
        if reason == 0:
            row = self._named_order(
                account, order_id, start + kinds.REPLACE_TEXT, lengths & 0xFFFFFFFF
            )
            reason = self._changeable(row, order_id)
        if reason == 0:
            reason = self.admission.check_replace(start, row)
        if reason != 0:
            return self._refuse_change(start, kinds.REPLACE_REJECTED, row, reason)
        self._carry_out_replace(start, row)
        self.report.conclude(row)
        return 0

    @cython.cfunc
    @cython.exceptval(-1, check=False)
    def _carry_out_replace(self, start: cython.Py_ssize_t, row: cython.int) -> cython.int:
        words: cython.longlong[::1] = self.turn.words
        orders: Orders = self.orders
        flags: cython.longlong = words[start + kinds.REPLACE_FLAGS]
        request_id: cython.longlong = words[start + kinds.COMMAND_REQUEST_ID]
        price: cython.longlong = orders.price[row]
        quantity: cython.longlong = orders.quantity[row]
        if flags & kinds.FLAG_HAS_PRICE:
            price = words[start + kinds.REPLACE_PRICE]
        if flags & kinds.FLAG_HAS_QUANTITY:
            quantity = words[start + kinds.REPLACE_QUANTITY]
        original: cython.int = self._rename(start, row)
        if quantity <= orders.cumulative[row]:
            self._leave_book(row)
            orders.quantity[row] = orders.cumulative[row]
            orders.end(row, kinds.ORDER_STATUS_FILLED, kinds.CANCEL_REASON_REPLACED_TO_FILLED)
            return self.report.replaced_event(row, original, request_id)
        if price == orders.price[row] and quantity <= orders.quantity[row]:
            self._shrink(row, quantity)
            return self.report.replaced_event(row, original, request_id)
        self._leave_book(row)
        orders.price[row], orders.quantity[row] = price, quantity
        self.report.replaced_event(row, original, request_id)
        return self._work(row)

    @cython.cfunc
    @cython.exceptval(-1, check=False)
    def _rename(self, start: cython.Py_ssize_t, row: cython.int) -> cython.int:
        """Give the order its new client order id, if it gets one; return the entry of the old one."""
        lengths: cython.longlong = self.turn.words[start + kinds.REPLACE_TEXT_LENGTHS]
        text: cython.Py_ssize_t = (
            start + kinds.REPLACE_TEXT + ((stored_bytes(lengths & 0xFFFFFFFF) + 7) >> 3)
        )
        original: cython.int = self.orders.entry[row]
        if lengths >> 32:
            self.orders.entry[row] = self.orders.ids.add(
                self.orders.account[row],
                self.turn,
                text,
                cython.cast(cython.int, lengths >> 32),
                row,
                original,
            )
        return original

    @cython.cfunc
    @cython.exceptval(-1, check=False)
    def _shrink(self, row: cython.int, quantity: cython.longlong) -> cython.int:
        """Reduce an order in its place; it keeps its priority."""
        orders: Orders = self.orders
        instrument: cython.int = orders.instrument[row]
        less: cython.longlong = orders.quantity[row] - quantity
        if less == 0:
            return 0
        book: Book = self.instruments.book(instrument)
        lot: cython.longlong = self.instruments.get(instrument, kinds.INSTRUMENT_LOT_SIZE)
        book._reduce(orders.side(row), orders.slot[row], less // lot)
        orders.quantity[row] = quantity
        self.report.level(instrument, 0)
        book.event_count = 0
        return 0

    @cython.cfunc
    @cython.exceptval(-1, check=False)
    def _set_phase(self, start: cython.Py_ssize_t) -> cython.int:
        instrument: cython.longlong = (
            self.turn.words[start + kinds.COMMAND_PARTIES] >> 32
        ) & 0xFFFFFFFF
        phase: cython.longlong = self.turn.words[start + kinds.PHASE_PHASE]
        if instrument == 0 or instrument > self.instruments.count:
            self.report.refuse(kinds.REJECT_REASON_UNKNOWN_INSTRUMENT, 0, 0, instrument)
        elif phase not in (
            kinds.TRADING_PHASE_CONTINUOUS,
            kinds.TRADING_PHASE_HALTED,
            kinds.TRADING_PHASE_CLOSED,
        ):
            self.report.refuse(kinds.REJECT_REASON_NOT_SUPPORTED, 0, 0, phase)
        else:
            self.instruments.set(cython.cast(cython.int, instrument), kinds.INSTRUMENT_PHASE, phase)
            self.report.notice(kinds.PHASE_CHANGED, instrument, phase)
            if phase == kinds.TRADING_PHASE_CLOSED:
                self._expire_day_orders(instrument)
        self.report.conclude(kinds.NO_SLOT)
        return 0

    def _expire_day_orders(self, instrument: int) -> None:
        """End the day orders of an instrument: bids, then asks, each in order of priority."""
        book: Book = self.instruments.book(instrument)
        for tag, _, _ in book.queue(kinds.SIDE_BUY) + book.queue(kinds.SIDE_SELL):
            row: cython.int = tag
            if (
                self.orders.terms[row] >> kinds.STATE_TIME_IN_FORCE
            ) & 0xFF == kinds.TIME_IN_FORCE_DAY:
                self._leave_book(row)
                self._end(
                    row,
                    kinds.ORDER_EXPIRED,
                    kinds.ORDER_STATUS_EXPIRED,
                    kinds.CANCEL_REASON_END_OF_DAY,
                    0,
                )

    def _create_instrument(self, start: int) -> None:
        row = memoryview(self.turn.words)[
            start + kinds.LIST_TICK_SIZE : start + kinds.LIST_PHASE + 1
        ].tolist()
        if self.instruments.count >= self.instruments.capacity:
            self.report.refuse(
                kinds.REJECT_REASON_CAPACITY_EXHAUSTED,
                0,
                self.instruments.capacity,
                self.instruments.count,
            )
        else:
            definition = self._definition(start + kinds.LIST_TEXT_LENGTH)
            self.report.notice(
                kinds.INSTRUMENT_LISTED, self.instruments.add(row, definition), row[len(row) - 1]
            )
        self.report.conclude(kinds.NO_SLOT)
        self.results.words[self.report.result + kinds.RESULT_AFFECTED] = self.instruments.count

    def _create_account(self, start: int) -> None:
        if self.admission.account_count >= self.account_capacity:
            self.report.refuse(
                kinds.REJECT_REASON_CAPACITY_EXHAUSTED,
                0,
                self.account_capacity,
                self.admission.account_count,
            )
        else:
            self.account_definitions.append(self._definition(start + kinds.ACCOUNT_TEXT_LENGTH))
            self.admission.account_count += 1
            self.report.notice(kinds.ACCOUNT_OPENED, self.admission.account_count, 0)
        self.report.conclude(kinds.NO_SLOT)
        self.results.words[self.report.result + kinds.RESULT_AFFECTED] = (
            self.admission.account_count
        )

    def _definition(self, at: int) -> bytes:
        length = self.turn.words[at]
        return bytes(self.turn.view(at + 1, at + 1 + (length + 7) // 8)[:length])

    # --- Reading -----------------------------------------------------------------

    def order(self, order_id: int) -> OrderView | None:
        """Return an order, or None where its id is not known (any more)."""
        row: cython.int = self.orders.row_of(order_id)
        return None if row == kinds.NO_SLOT else self._view(row)

    def _view(self, row: cython.int) -> OrderView:
        orders: Orders = self.orders
        terms = orders.terms[row]
        return OrderView(
            order_id=orders.order_id[row],
            client_order_id=orders.ids.text(orders.entry[row]),
            account_id=orders.account[row],
            instrument_id=orders.instrument[row],
            side=orders.side(row),
            order_type=terms >> kinds.STATE_ORDER_TYPE & 0xFF,
            time_in_force=terms >> kinds.STATE_TIME_IN_FORCE & 0xFF,
            status=orders.status[row],
            has_price=bool(terms >> kinds.STATE_FLAGS & kinds.FLAG_HAS_PRICE),
            price=orders.price[row],
            quantity=orders.quantity[row],
            cumulative_quantity=orders.cumulative[row],
            leaves_quantity=orders.leaves(row),
            cumulative_tick_lots=orders.tick_lots[row],
            post_only=bool(orders.post_only[row]),
            created_time_ns=orders.created_ns[row],
            updated_time_ns=orders.updated_ns[row],
            sequence=orders.sequence[row],
            version=orders.version[row],
            cancel_reason=orders.cancel_reason[row],
        )

    def find_order(self, account_id: int, client_order_id: str) -> int:
        """Return the venue id of an account's order by any client order id it has had, or 0."""
        text = client_order_id.encode("ascii", "replace")
        if not 1 <= len(text) <= kinds.CLIENT_ORDER_ID_BYTES:
            return 0
        words = Words(8)
        words.put_text(text)
        entry: cython.int = self.orders.ids.find(account_id, words, 0, len(text))
        return 0 if entry == kinds.NO_SLOT else self.orders.order_id[self.orders.ids.rows[entry]]

    def orders_of(
        self,
        account_id: int,
        *,
        instrument_id: int = 0,
        side: int = 0,
        working_only: bool = False,
        after_order_id: int = 0,
        limit: int = 100,
    ) -> list[OrderView]:
        """Return orders of an account in order of creation, from behind `after_order_id`.

        Raises KeyError where that order is not known any more.
        """
        if not 1 <= account_id <= self.admission.account_count:
            return []
        orders: Orders = self.orders
        row: cython.int = self._first(account_id, working_only, after_order_id)
        found: list[OrderView] = []
        while row != kinds.NO_SLOT and len(found) < limit:
            if (
                (instrument_id == 0 or orders.instrument[row] == instrument_id)
                and (side == 0 or orders.side(row) == side)
                and (not working_only or orders.is_working(row))
            ):
                found.append(self._view(row))
            row = orders.next_working[row] if working_only else orders.next_of_account[row]
        return found

    def _first(self, account_id: int, working_only: bool, after_order_id: int) -> int:
        orders: Orders = self.orders
        if after_order_id == 0:
            return orders.account_ends[account_id * 4 + (2 if working_only else 0)]
        row: cython.int = orders.row_of(after_order_id)
        if row == kinds.NO_SLOT or orders.account[row] != account_id:
            raise KeyError(after_order_id)
        row = orders.next_of_account[row]
        while working_only and row != kinds.NO_SLOT and not orders.is_working(row):
            row = orders.next_of_account[row]
        return row

    def depth(self, instrument_id: int, levels: int = 0) -> tuple[list[Level], list[Level]]:
        """Return bids and asks of a listed instrument, best first; `levels` 0: all."""
        book: Book = self.instruments.book(instrument_id)
        tick = self.instruments.get(instrument_id, kinds.INSTRUMENT_TICK_SIZE)
        lot = self.instruments.get(instrument_id, kinds.INSTRUMENT_LOT_SIZE)
        bids = [
            Level(at.price * tick, at.lots * lot, at.orders)
            for at in book.depth(kinds.SIDE_BUY, levels)
        ]
        asks = [
            Level(at.price * tick, at.lots * lot, at.orders)
            for at in book.depth(kinds.SIDE_SELL, levels)
        ]
        return bids, asks

    def touch(self, instrument_id: int) -> tuple[int, int, int, int]:
        """Return best bid price and quantity, best ask price and quantity; quantity 0: none."""
        bids, asks = self.depth(instrument_id, 1)
        bid = bids[0] if bids else Level(0, 0, 0)
        ask = asks[0] if asks else Level(0, 0, 0)
        return bid.price, bid.quantity, ask.price, ask.quantity

    def phase(self, instrument_id: int) -> int:
        """Return the trading phase of a listed instrument."""
        return self.instruments.get(instrument_id, kinds.INSTRUMENT_PHASE)

    def definition(self, instrument_id: int) -> bytes:
        """Return the contract message that listed an instrument."""
        return self.instruments.definitions[instrument_id]

    def account_definition(self, account_id: int) -> bytes:
        """Return the contract message that opened an account."""
        return self.account_definitions[account_id]

    def state_hash(self) -> bytes:
        """Return SHA-256 over all state that later commands can see."""
        digest = sha256()
        numbers = (
            self.report.sequence,
            self.report.time_ns,
            self.trade_id,
            self.admission.account_count,
        )
        digest.update(
            repr((numbers, self.instruments.definitions, self.account_definitions)).encode()
        )
        for part in (
            self.arena,
            self.instruments.rows,
            self.orders,
            self.orders.ids,
            self.requests,
        ):
            digest.update(repr(part.counters()).encode())
            for column in part.columns():
                digest.update(column)
        return digest.digest()


def is_compiled() -> bool:
    """Whether this module runs as a C extension."""
    return cython.compiled
