"""Decide whether a command on orders is let in, in the order of precedence of RejectReason."""

import cython

if cython.compiled:
    from cython.cimports.quantumcore.server.core import kinds
    from cython.cimports.quantumcore.server.core.arena_cy import Arena
    from cython.cimports.quantumcore.server.core.book_cy import Book
    from cython.cimports.quantumcore.server.core.instruments_cy import Instruments
    from cython.cimports.quantumcore.server.core.ladder_cy import Ladder
    from cython.cimports.quantumcore.server.core.orders_cy import Orders
    from cython.cimports.quantumcore.server.core.words_cy import Words
else:
    from quantumcore.server.core import kinds
    from quantumcore.server.core.arena_cy import Arena
    from quantumcore.server.core.book_cy import Book
    from quantumcore.server.core.instruments_cy import Instruments
    from quantumcore.server.core.ladder_cy import Ladder
    from quantumcore.server.core.orders_cy import Orders
    from quantumcore.server.core.words_cy import Words


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def is_immediate(order_type: cython.longlong, time_in_force: cython.longlong) -> cython.bint:
    """Whether an order of these terms never rests in the book."""
    return (
        order_type == kinds.ORDER_TYPE_MARKET
        or time_in_force == kinds.TIME_IN_FORCE_IOC
        or time_in_force == kinds.TIME_IN_FORCE_FOK
    )


@cython.final
@cython.cclass
class Admission:
    """Checks that change nothing. Each returns a RejectReason, 0 when the command may go on.

    `field`, `limit` and `value` then say which request field broke which limit with what.
    """

    arena: Arena
    instruments: Instruments
    orders: Orders
    turn: Words
    account_count: cython.int
    time_ns: cython.longlong
    field: cython.longlong
    limit: cython.longlong
    value: cython.longlong

    def __init__(self, arena: Arena, instruments: Instruments, orders: Orders, turn: Words) -> None:
        self.arena, self.instruments, self.orders, self.turn = arena, instruments, orders, turn
        self.account_count = 0
        self.time_ns = self.field = self.limit = self.value = 0

    @cython.cfunc
    @cython.exceptval(check=False)
    def _fail(
        self,
        reason: cython.longlong,
        field: cython.longlong,
        limit: cython.longlong,
        value: cython.longlong,
    ) -> cython.longlong:
        self.field, self.limit, self.value = field, limit, value
        return reason

    @cython.cfunc
    @cython.exceptval(check=False)
    def check_create(self, record: cython.Py_ssize_t) -> cython.longlong:
        """Check a CREATE_ORDER command."""
        reason: cython.longlong = self._unsupported(record)
        if reason == 0:
            reason = self._parties(record)
        if reason == 0:
            reason = self._terms(record)
        if reason != 0:
            return reason
        instrument: cython.int = cython.cast(
            cython.int, self.turn.words[record + kinds.COMMAND_PARTIES] >> 32
        )
        reason = self.check_phase(instrument)
        if reason == 0:
            reason = self.check_quantity(
                instrument,
                self.turn.words[record + kinds.CREATE_QUANTITY],
                kinds.CREATE_FIELD_QUANTITY,
            )
        if (
            reason == 0
            and (self.turn.words[record + kinds.CREATE_TERMS] >> kinds.TERM_FLAGS)
            & kinds.FLAG_HAS_PRICE
        ):
            reason = self.check_price(
                instrument, self.turn.words[record + kinds.CREATE_PRICE], kinds.CREATE_FIELD_PRICE
            )
        if reason == 0:
            reason = self._level(record, instrument)
        if reason == 0:
            reason = self._post_only(record)
        return reason

    @cython.cfunc
    @cython.exceptval(check=False)
    def _level(self, record: cython.Py_ssize_t, instrument: cython.int) -> cython.longlong:
        terms: cython.longlong = self.turn.words[record + kinds.CREATE_TERMS]
        if is_immediate(
            (terms >> kinds.TERM_ORDER_TYPE) & 0xFF, (terms >> kinds.TERM_TIME_IN_FORCE) & 0xFF
        ):
            return 0
        return self.check_level(
            instrument,
            cython.cast(cython.int, terms & 0xFF),
            self.turn.words[record + kinds.CREATE_PRICE],
            self.turn.words[record + kinds.CREATE_QUANTITY],
            kinds.CREATE_FIELD_QUANTITY,
        )

    @cython.cfunc
    @cython.exceptval(check=False)
    def _unsupported(self, record: cython.Py_ssize_t) -> cython.longlong:
        """Refuse what the contract has and this release does not, and what does not fit."""
        terms: cython.longlong = self.turn.words[record + kinds.CREATE_TERMS]
        order_type: cython.longlong = (terms >> kinds.TERM_ORDER_TYPE) & 0xFF
        time_in_force: cython.longlong = (terms >> kinds.TERM_TIME_IN_FORCE) & 0xFF
        self_trade: cython.longlong = (terms >> kinds.TERM_SELF_TRADE_PREVENTION) & 0xFF
        unsupported: cython.longlong = kinds.REJECT_REASON_NOT_SUPPORTED
        if kinds.ORDER_TYPE_STOP <= order_type <= kinds.ORDER_TYPE_PEGGED:
            return self._fail(unsupported, kinds.CREATE_FIELD_ORDER_TYPE, 0, order_type)
        if time_in_force == kinds.TIME_IN_FORCE_GTD or (
            kinds.TIME_IN_FORCE_FOK < time_in_force <= kinds.TIME_IN_FORCE_AT_CLOSE
        ):
            return self._fail(unsupported, kinds.CREATE_FIELD_TIME_IN_FORCE, 0, time_in_force)
        if (terms >> kinds.TERM_FLAGS) & kinds.FLAG_REDUCE_ONLY:
            return self._fail(unsupported, kinds.CREATE_FIELD_REDUCE_ONLY, 0, 1)
        if self.turn.words[record + kinds.CREATE_MIN_QUANTITY] != 0:
            return self._fail(
                unsupported,
                kinds.CREATE_FIELD_MIN_QUANTITY,
                0,
                self.turn.words[record + kinds.CREATE_MIN_QUANTITY],
            )
        if self_trade > kinds.SELF_TRADE_PREVENTION_NONE:
            return self._fail(unsupported, kinds.CREATE_FIELD_SELF_TRADE_PREVENTION, 0, self_trade)
        if not self.orders.has_room():
            return self._fail(
                kinds.REJECT_REASON_CAPACITY_EXHAUSTED, 0, self.orders.capacity, self.orders.working
            )
        if not is_immediate(order_type, time_in_force):
            return self.check_arena()
        return 0

    @cython.cfunc
    @cython.exceptval(check=False)
    def _parties(self, record: cython.Py_ssize_t) -> cython.longlong:
        account: cython.longlong = self.turn.words[record + kinds.COMMAND_PARTIES] & kinds.LOW_HALF
        instrument: cython.longlong = (
            self.turn.words[record + kinds.COMMAND_PARTIES] >> 32
        ) & kinds.LOW_HALF
        if account == 0 or account > self.account_count:
            return self._fail(
                kinds.REJECT_REASON_UNKNOWN_ACCOUNT, kinds.CREATE_FIELD_ACCOUNT_ID, 0, account
            )
        if instrument == 0 or instrument > self.instruments.count:
            return self._fail(
                kinds.REJECT_REASON_UNKNOWN_INSTRUMENT,
                kinds.CREATE_FIELD_INSTRUMENT_ID,
                0,
                instrument,
            )
        return self.check_new_id(
            cython.cast(cython.int, account),
            record + kinds.CREATE_TEXT,
            self.turn.words[record + kinds.CREATE_TEXT_LENGTH],
            kinds.CREATE_FIELD_CLIENT_ORDER_ID,
        )

    @cython.cfunc
    @cython.exceptval(check=False)
    def check_new_id(
        self,
        account: cython.int,
        text: cython.Py_ssize_t,
        length: cython.longlong,
        field: cython.longlong,
    ) -> cython.longlong:
        """Check a client order id that an order is to have from now on."""
        if length < 1 or length > kinds.CLIENT_ORDER_ID_BYTES:
            return self._fail(
                kinds.REJECT_REASON_INVALID_CLIENT_ORDER_ID,
                field,
                kinds.CLIENT_ORDER_ID_BYTES,
                length,
            )
        entry: cython.int = self.orders.ids.find(
            account, self.turn, text, cython.cast(cython.int, length)
        )
        if entry != kinds.NO_SLOT:
            return self._fail(
                kinds.REJECT_REASON_DUPLICATE_CLIENT_ORDER_ID,
                field,
                0,
                self.orders.order_id[self.orders.ids.rows[entry]],
            )
        return 0

    @cython.cfunc
    @cython.exceptval(check=False)
    def _terms(self, record: cython.Py_ssize_t) -> cython.longlong:
        terms: cython.longlong = self.turn.words[record + kinds.CREATE_TERMS]
        side: cython.longlong = terms & 0xFF
        order_type: cython.longlong = (terms >> kinds.TERM_ORDER_TYPE) & 0xFF
        time_in_force: cython.longlong = (terms >> kinds.TERM_TIME_IN_FORCE) & 0xFF
        invalid: cython.longlong = kinds.REJECT_REASON_INVALID_ENUM
        if side != kinds.SIDE_BUY and side != kinds.SIDE_SELL:
            return self._fail(invalid, kinds.CREATE_FIELD_SIDE, 0, side)
        if order_type == 0 or order_type > kinds.ORDER_TYPE_PEGGED:
            return self._fail(invalid, kinds.CREATE_FIELD_ORDER_TYPE, 0, order_type)
        if time_in_force == 0 or time_in_force > kinds.TIME_IN_FORCE_AT_CLOSE:
            return self._fail(invalid, kinds.CREATE_FIELD_TIME_IN_FORCE, 0, time_in_force)
        return self._present(terms, record)

    @cython.cfunc
    @cython.exceptval(check=False)
    def _present(self, terms: cython.longlong, record: cython.Py_ssize_t) -> cython.longlong:
        """Check that the fields go with the type: LIMIT and MARKET orders get this far."""
        flags: cython.longlong = (terms >> kinds.TERM_FLAGS) & 0xFF
        order_type: cython.longlong = (terms >> kinds.TERM_ORDER_TYPE) & 0xFF
        time_in_force: cython.longlong = (terms >> kinds.TERM_TIME_IN_FORCE) & 0xFF
        immediate: cython.bint = is_immediate(order_type, time_in_force)
        display: cython.longlong = self.turn.words[record + kinds.CREATE_DISPLAY_QUANTITY]
        peg: cython.longlong = (terms >> kinds.TERM_PEG_REFERENCE) & 0xFF
        offset: cython.longlong = self.turn.words[record + kinds.CREATE_PEG_OFFSET]
        refused: cython.longlong = kinds.REJECT_REASON_FIELD_NOT_ALLOWED
        if order_type == kinds.ORDER_TYPE_MARKET and flags & kinds.FLAG_HAS_PRICE:
            return self._fail(
                refused, kinds.CREATE_FIELD_PRICE, 0, self.turn.words[record + kinds.CREATE_PRICE]
            )
        if flags & kinds.FLAG_HAS_STOP_PRICE:
            return self._fail(
                refused,
                kinds.CREATE_FIELD_STOP_PRICE,
                0,
                self.turn.words[record + kinds.CREATE_STOP_PRICE],
            )
        if (terms >> kinds.TERM_STOP_TRIGGER) & 0xFF:
            return self._fail(
                refused,
                kinds.CREATE_FIELD_STOP_TRIGGER,
                0,
                (terms >> kinds.TERM_STOP_TRIGGER) & 0xFF,
            )
        if display != 0:
            return self._fail(refused, kinds.CREATE_FIELD_DISPLAY_QUANTITY, 0, display)
        if peg != 0:
            return self._fail(refused, kinds.CREATE_FIELD_PEG_REFERENCE, 0, peg)
        if offset != 0:
            return self._fail(refused, kinds.CREATE_FIELD_PEG_OFFSET, 0, offset)
        if flags & kinds.FLAG_POST_ONLY and immediate:
            return self._fail(refused, kinds.CREATE_FIELD_POST_ONLY, 0, 1)
        if self.turn.words[record + kinds.CREATE_EXPIRE_TIME_NS] != 0:
            return self._fail(
                refused,
                kinds.CREATE_FIELD_EXPIRE_TIME_NS,
                0,
                self.turn.words[record + kinds.CREATE_EXPIRE_TIME_NS],
            )
        if order_type == kinds.ORDER_TYPE_LIMIT and not flags & kinds.FLAG_HAS_PRICE:
            return self._fail(kinds.REJECT_REASON_FIELD_REQUIRED, kinds.CREATE_FIELD_PRICE, 0, 0)
        return 0

    @cython.cfunc
    @cython.exceptval(check=False)
    def check_phase(self, instrument: cython.int) -> cython.longlong:
        """Check that the instrument takes new and changed orders now."""
        phase: cython.longlong = self.instruments.get(instrument, kinds.INSTRUMENT_PHASE)
        expiry: cython.longlong = self.instruments.get(instrument, kinds.INSTRUMENT_EXPIRY_TIME_NS)
        field: cython.longlong = kinds.CREATE_FIELD_INSTRUMENT_ID
        if phase != kinds.TRADING_PHASE_CONTINUOUS:
            return self._fail(kinds.REJECT_REASON_WRONG_PHASE, field, 0, phase)
        if expiry != 0 and self.time_ns >= expiry:
            return self._fail(kinds.REJECT_REASON_INSTRUMENT_EXPIRED, field, expiry, self.time_ns)
        return 0

    @cython.cfunc
    @cython.exceptval(check=False)
    def check_quantity(
        self, instrument: cython.int, quantity: cython.longlong, field: cython.longlong
    ) -> cython.longlong:
        """Check a quantity against lot size and maximum."""
        lot: cython.longlong = self.instruments.get(instrument, kinds.INSTRUMENT_LOT_SIZE)
        most: cython.longlong = self.instruments.get(instrument, kinds.INSTRUMENT_MAX_QUANTITY)
        if quantity <= 0:
            return self._fail(kinds.REJECT_REASON_QUANTITY_NOT_POSITIVE, field, 0, quantity)
        if quantity % lot != 0:
            return self._fail(kinds.REJECT_REASON_QUANTITY_OFF_LOT, field, lot, quantity)
        if quantity > most:
            return self._fail(kinds.REJECT_REASON_QUANTITY_TOO_LARGE, field, most, quantity)
        return 0

    @cython.cfunc
    @cython.exceptval(check=False)
    def check_price(
        self, instrument: cython.int, price: cython.longlong, field: cython.longlong
    ) -> cython.longlong:
        """Check a price against tick size and range."""
        tick: cython.longlong = self.instruments.get(instrument, kinds.INSTRUMENT_TICK_SIZE)
        lowest: cython.longlong = self.instruments.get(instrument, kinds.INSTRUMENT_MIN_PRICE)
        highest: cython.longlong = self.instruments.get(instrument, kinds.INSTRUMENT_MAX_PRICE)
        if price % tick != 0:
            return self._fail(kinds.REJECT_REASON_PRICE_OFF_TICK, field, tick, price)
        if price < lowest:
            return self._fail(kinds.REJECT_REASON_PRICE_OUT_OF_RANGE, field, lowest, price)
        if price > highest:
            return self._fail(kinds.REJECT_REASON_PRICE_OUT_OF_RANGE, field, highest, price)
        return 0

    @cython.cfunc
    @cython.exceptval(check=False)
    def _post_only(self, record: cython.Py_ssize_t) -> cython.longlong:
        terms: cython.longlong = self.turn.words[record + kinds.CREATE_TERMS]
        if not (terms >> kinds.TERM_FLAGS) & kinds.FLAG_POST_ONLY:
            return 0
        instrument: cython.int = cython.cast(
            cython.int, self.turn.words[record + kinds.COMMAND_PARTIES] >> 32
        )
        if self.would_trade(
            instrument,
            cython.cast(cython.int, terms & 0xFF),
            self.turn.words[record + kinds.CREATE_PRICE],
        ):
            return self._fail(
                kinds.REJECT_REASON_POST_ONLY_WOULD_TRADE,
                kinds.CREATE_FIELD_PRICE,
                self.limit,
                self.value,
            )
        return 0

    @cython.cfunc
    def would_trade(
        self, instrument: cython.int, side: cython.int, price: cython.longlong
    ) -> cython.bint:
        """Whether an order at this price meets the other side, whose best price is then `limit`."""
        book: Book = self.instruments.book(instrument)
        ladder: Ladder = book.asks if side == kinds.SIDE_BUY else book.bids
        level: cython.int = ladder.best()
        if level == kinds.NO_SLOT:
            return False
        tick: cython.longlong = self.instruments.get(instrument, kinds.INSTRUMENT_TICK_SIZE)
        self.limit = ladder.sign * self.arena.level_key[level] * tick
        self.value = price
        return price >= self.limit if side == kinds.SIDE_BUY else price <= self.limit

    @cython.cfunc
    @cython.exceptval(check=False)
    def check_level(
        self,
        instrument: cython.int,
        side: cython.int,
        price: cython.longlong,
        quantity: cython.longlong,
        field: cython.longlong,
    ) -> cython.longlong:
        """Check that the price level can hold so much more."""
        book: Book = self.instruments.book(instrument)
        ladder: Ladder = book.bids if side == kinds.SIDE_BUY else book.asks
        tick: cython.longlong = self.instruments.get(instrument, kinds.INSTRUMENT_TICK_SIZE)
        lot: cython.longlong = self.instruments.get(instrument, kinds.INSTRUMENT_LOT_SIZE)
        level: cython.int = ladder.find(ladder.sign * (price // tick))
        most: cython.longlong = kinds.LEVEL_QUANTITY_LIMIT
        if level == kinds.NO_SLOT:
            return 0
        if self.arena.level_lots[level] > most // lot - quantity // lot:
            return self._fail(kinds.REJECT_REASON_CAPACITY_EXHAUSTED, field, most, quantity)
        return 0

    @cython.cfunc
    @cython.exceptval(check=False)
    def check_arena(self) -> cython.longlong:
        """Check that one more order can rest."""
        if self.arena.has_room():
            return 0
        return self._fail(
            kinds.REJECT_REASON_CAPACITY_EXHAUSTED,
            0,
            self.arena.order_capacity,
            self.arena.live_orders,
        )


def is_compiled() -> bool:
    """Whether this module runs as a C extension."""
    return cython.compiled
