"""Decide whether a command on orders is let in, in the order of precedence of RejectReason."""

import cython

if cython.compiled:
    from cython.cimports.quantumcore.server.core import enums, kinds, tables
    from cython.cimports.quantumcore.server.core.accounts_cy import Accounts
    from cython.cimports.quantumcore.server.core.arena_cy import Arena
    from cython.cimports.quantumcore.server.core.book_cy import Book
    from cython.cimports.quantumcore.server.core.instruments_cy import Instruments
    from cython.cimports.quantumcore.server.core.ladder_cy import Ladder
    from cython.cimports.quantumcore.server.core.limits_cy import Limits
    from cython.cimports.quantumcore.server.core.numbers_cy import Numbers
    from cython.cimports.quantumcore.server.core.orders_cy import Orders
    from cython.cimports.quantumcore.server.core.placing_cy import Placing
    from cython.cimports.quantumcore.server.core.positions_cy import Positions
    from cython.cimports.quantumcore.server.core.pretrade_cy import PreTrade
    from cython.cimports.quantumcore.server.core.refusal_cy import Refusal
    from cython.cimports.quantumcore.server.core.terms_cy import Terms, is_immediate
    from cython.cimports.quantumcore.server.core.words_cy import Words
else:
    from quantumcore.server.core import enums, kinds, tables
    from quantumcore.server.core.accounts_cy import Accounts
    from quantumcore.server.core.arena_cy import Arena
    from quantumcore.server.core.book_cy import Book
    from quantumcore.server.core.instruments_cy import Instruments
    from quantumcore.server.core.ladder_cy import Ladder
    from quantumcore.server.core.limits_cy import Limits
    from quantumcore.server.core.numbers_cy import Numbers
    from quantumcore.server.core.orders_cy import Orders
    from quantumcore.server.core.placing_cy import Placing
    from quantumcore.server.core.positions_cy import Positions
    from quantumcore.server.core.pretrade_cy import PreTrade
    from quantumcore.server.core.refusal_cy import Refusal
    from quantumcore.server.core.terms_cy import Terms, is_immediate
    from quantumcore.server.core.words_cy import Words


@cython.final
@cython.cclass
class Admission:
    """Checks that change nothing, but for an empty position entry that an order will need.

    Each returns a RejectReason, 0 when the command may go on; `refusal` has what goes with it.
    """

    accounts: Accounts
    arena: Arena
    instruments: Instruments
    numbers: Numbers
    orders: Orders
    placing: Placing
    positions: Positions
    pretrade: PreTrade
    refusal: Refusal
    terms: Terms
    turn: Words
    time_ns: cython.longlong
    position: cython.int

    def __init__(self, placing: Placing, limits: Limits, turn: Words) -> None:
        self.placing, self.turn = placing, turn
        self.accounts, self.arena = placing.accounts, placing.arena
        self.instruments, self.orders = placing.instruments, placing.orders
        self.positions = placing.positions
        self.refusal = Refusal()
        self.pretrade = PreTrade(placing.exposure, limits, self.refusal)
        self.terms = Terms(self.refusal, turn)
        self.numbers = Numbers(self.instruments, self.terms)
        self.time_ns = 0
        self.position = kinds.NO_SLOT

    @cython.cfunc
    @cython.exceptval(check=False)
    def check_door(self, record: cython.Py_ssize_t) -> cython.longlong:
        """Check that a command was not refused before it came here; its record says why."""
        reason: cython.longlong = self.turn.words[record] >> 32
        field: cython.longlong = 0
        value: cython.longlong = 0
        if reason == enums.REJECT_REASON_NOT_PERMITTED:
            field = enums.CREATE_FIELD_ACCOUNT_ID
            value = self.turn.words[record + kinds.COMMAND_PARTIES] & kinds.LOW_HALF
        elif reason == enums.REJECT_REASON_REQUEST_ID_REUSED:
            field = enums.CREATE_FIELD_REQUEST_ID
            value = self.turn.words[record + kinds.COMMAND_REQUEST_ID]
        return self.refusal.fail(reason, field, 0, value)

    @cython.cfunc
    @cython.exceptval(-1, check=False)
    def check_create(self, record: cython.Py_ssize_t) -> cython.longlong:
        """Check a CREATE_ORDER command; `position` is then where it will be counted."""
        terms: Terms = self.terms
        terms.read(record)
        parties: cython.longlong = self.turn.words[record + kinds.COMMAND_PARTIES]
        account: cython.longlong = parties & kinds.LOW_HALF
        instrument: cython.longlong = (parties >> 32) & kinds.LOW_HALF
        listed: cython.int = cython.cast(cython.int, instrument)
        field: cython.longlong = enums.CREATE_FIELD_ACCOUNT_ID
        reason: cython.longlong = self.pretrade.check_account(account, self.time_ns, field)
        if reason == 0:
            reason = self._capacity(instrument)
        if reason == 0:
            reason = self._parties(account, instrument)
        if reason == 0:
            reason = self.terms.check_enums()
        if reason == 0:
            reason = self.terms.check_fields()
        if reason == 0:
            reason = self._state(listed)
        if reason == 0:
            reason = self.numbers.check(listed, self.time_ns)
        if reason == 0:
            reason = self._risk(cython.cast(cython.int, account), listed)
        if reason == 0:
            reason = self._book(listed)
        return reason

    @cython.cfunc
    @cython.exceptval(check=False)
    def _capacity(self, instrument: cython.longlong) -> cython.longlong:
        """Check that the venue can hold one more order of this kind."""
        exhausted: cython.longlong = enums.REJECT_REASON_CAPACITY_EXHAUSTED
        order_type: cython.longlong = self.terms.part(kinds.TERM_ORDER_TYPE)
        known: cython.bint = 0 < instrument <= self.instruments.count
        if not self.orders.has_room():
            return self.refusal.fail(exhausted, 0, self.orders.capacity, self.orders.working)
        listed: cython.int = cython.cast(cython.int, instrument)
        most: cython.longlong = kinds.PEGS_PER_INSTRUMENT
        if known and order_type == enums.ORDER_TYPE_PEGGED:
            if self.instruments.get(listed, tables.INSTRUMENT_PEGS) >= most:
                return self.refusal.fail(exhausted, enums.CREATE_FIELD_ORDER_TYPE, most, most)
        if is_immediate(order_type, self.terms.part(kinds.TERM_TIME_IN_FORCE)) and (
            not known or self.instruments.is_continuous(listed)
        ):
            return 0
        return self.check_arena()

    @cython.cfunc
    @cython.exceptval(check=False)
    def _parties(self, account: cython.longlong, instrument: cython.longlong) -> cython.longlong:
        if account == 0 or account > self.accounts.count:
            return self.refusal.fail(
                enums.REJECT_REASON_UNKNOWN_ACCOUNT, enums.CREATE_FIELD_ACCOUNT_ID, 0, account
            )
        if self.pretrade.check_active(account, enums.CREATE_FIELD_ACCOUNT_ID) != 0:
            return self.refusal.reason
        if instrument == 0 or instrument > self.instruments.count:
            return self.refusal.fail(
                enums.REJECT_REASON_UNKNOWN_INSTRUMENT,
                enums.CREATE_FIELD_INSTRUMENT_ID,
                0,
                instrument,
            )
        return self.check_new_id(
            cython.cast(cython.int, account),
            self.terms.record + kinds.CREATE_TEXT,
            self.terms.word(kinds.CREATE_TEXT_LENGTH),
            enums.CREATE_FIELD_CLIENT_ORDER_ID,
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
        """Check a client order id that an order is to have from now on; a dry one has none."""
        if self.pretrade.risk.is_dry:
            return 0
        if length < 1 or length > kinds.CLIENT_ORDER_ID_BYTES:
            return self.refusal.fail(
                enums.REJECT_REASON_INVALID_CLIENT_ORDER_ID,
                field,
                kinds.CLIENT_ORDER_ID_BYTES,
                length,
            )
        entry: cython.int = self.orders.ids.find(
            account, self.turn, text, cython.cast(cython.int, length)
        )
        if entry != kinds.NO_SLOT:
            return self.refusal.fail(
                enums.REJECT_REASON_DUPLICATE_CLIENT_ORDER_ID,
                field,
                0,
                self.orders.order_id[self.orders.ids.rows[entry]],
            )
        return 0

    @cython.cfunc
    @cython.exceptval(check=False)
    def _state(self, instrument: cython.int) -> cython.longlong:
        """Check that the instrument's phase takes an order of these terms."""
        reason: cython.longlong = self.check_phase(instrument)
        if reason == enums.REJECT_REASON_WRONG_PHASE:
            return reason
        phase: cython.longlong = self.instruments.get(instrument, tables.INSTRUMENT_PHASE)
        time_in_force: cython.longlong = self.terms.part(kinds.TERM_TIME_IN_FORCE)
        opening: cython.bint = phase <= enums.TRADING_PHASE_OPENING_AUCTION
        at_once: cython.bint = (
            time_in_force == enums.TIME_IN_FORCE_IOC
            or time_in_force == enums.TIME_IN_FORCE_FOK
            or self.terms.word(kinds.CREATE_MIN_QUANTITY) != 0
        )
        if (at_once and phase != enums.TRADING_PHASE_CONTINUOUS) or (
            time_in_force == enums.TIME_IN_FORCE_AT_OPEN and not opening
        ):
            return self.refusal.fail(
                enums.REJECT_REASON_WRONG_PHASE, enums.CREATE_FIELD_INSTRUMENT_ID, 0, phase
            )
        return reason

    @cython.cfunc
    @cython.exceptval(check=False)
    def check_phase(self, instrument: cython.int) -> cython.longlong:
        """Check that the instrument, which is CLOSED where it has expired, takes orders now."""
        phase: cython.longlong = self.instruments.get(instrument, tables.INSTRUMENT_PHASE)
        field: cython.longlong = enums.CREATE_FIELD_INSTRUMENT_ID
        if phase == enums.TRADING_PHASE_HALTED or phase == enums.TRADING_PHASE_CLOSED:
            return self.refusal.fail(enums.REJECT_REASON_WRONG_PHASE, field, 0, phase)
        return 0

    @cython.cfunc
    @cython.exceptval(-1, check=False)
    def _risk(self, account: cython.int, instrument: cython.int) -> cython.longlong:
        """Check what depends on the account: kill switch, limits, funds, position."""
        reason: cython.longlong = 0
        if self.accounts.is_killed(account):
            return self.check_killed(account, enums.CREATE_FIELD_ACCOUNT_ID)
        self.position = self.pretrade.find_position(account, instrument)
        if self.position == kinds.NO_SLOT:
            return self.refusal.fail(
                enums.REJECT_REASON_CAPACITY_EXHAUSTED,
                enums.CREATE_FIELD_ACCOUNT_ID,
                self.positions.capacity,
                self.positions.count,
            )
        if self.accounts.watched[account] != 0:
            reason = self._watched(account)
        if reason != 0 or not self.terms.flag(kinds.FLAG_REDUCE_ONLY):
            return reason
        return self.check_reduces(
            instrument,
            cython.cast(cython.int, self.terms.part(kinds.TERM_SIDE)),
            self.terms.word(kinds.CREATE_QUANTITY),
            0,
            enums.CREATE_FIELD_REDUCE_ONLY,
        )

    @cython.cfunc
    @cython.exceptval(-1, check=False)
    def _watched(self, account: cython.int) -> cython.longlong:
        """Check an order against the limits and funds of its account."""
        terms: Terms = self.terms
        state: cython.longlong = (terms.terms & 0xFFFFFF) << kinds.STATE_SIDE
        fields: cython.longlong = enums.CREATE_FIELD_PRICE
        fields = (fields << 32) | enums.CREATE_FIELD_QUANTITY
        state |= ((terms.terms >> kinds.TERM_FLAGS) & kinds.FLAG_HAS_PRICE) << kinds.STATE_FLAGS
        return self.pretrade.check(
            account,
            self.position,
            state,
            terms.word(kinds.CREATE_PRICE),
            terms.word(kinds.CREATE_STOP_PRICE),
            terms.word(kinds.CREATE_QUANTITY),
            kinds.NO_SLOT,
            fields,
        )

    @cython.cfunc
    @cython.exceptval(check=False)
    def check_killed(self, account: cython.int, field: cython.longlong) -> cython.longlong:
        """Check that no kill switch stops the account; the value tells whose.

        0 is the venue's, the account its own, and less than 0 that of its group.
        """
        value: cython.longlong = 0
        if not self.accounts.venue_killed:
            value = account
            if self.accounts.killed[account] == 0:
                value = -self.accounts.groups.number[self.accounts.group[account]]
        if self.accounts.is_killed(account):
            return self.refusal.fail(enums.REJECT_REASON_KILL_SWITCH, field, 0, value)
        return 0

    @cython.cfunc
    @cython.exceptval(check=False)
    def check_reduces(
        self,
        instrument: cython.int,
        side: cython.int,
        quantity: cython.longlong,
        own_lots: cython.longlong,
        field: cython.longlong,
    ) -> cython.longlong:
        """Check that a reduce-only order can but reduce `position`; `own_lots` are its own."""
        lots: cython.longlong = self.positions.lots[self.position]
        lot: cython.longlong = self.instruments.get(instrument, tables.INSTRUMENT_LOT_SIZE)
        if side == enums.SIDE_BUY:
            lots = -lots
        lots = max(0, lots - self.positions.reduce_only[self.position] + own_lots)
        if quantity > lots * lot:
            return self.refusal.fail(
                enums.REJECT_REASON_REDUCE_ONLY,
                field,
                lots * lot,
                quantity,
            )
        return 0

    @cython.cfunc
    @cython.exceptval(check=False)
    def _book(self, instrument: cython.int) -> cython.longlong:
        """Check that the book can hold the order, and post-only."""
        terms: Terms = self.terms
        side: cython.int = cython.cast(cython.int, terms.part(kinds.TERM_SIDE))
        reason: cython.longlong = 0
        if not terms.flag(kinds.FLAG_HAS_PRICE):
            return 0
        if not is_immediate(
            terms.part(kinds.TERM_ORDER_TYPE), terms.part(kinds.TERM_TIME_IN_FORCE)
        ):
            reason = self.check_level(
                instrument,
                side,
                terms.word(kinds.CREATE_PRICE),
                terms.word(kinds.CREATE_QUANTITY),
                enums.CREATE_FIELD_QUANTITY,
            )
        if reason != 0 or not terms.flag(kinds.FLAG_POST_ONLY):
            return reason
        return self.check_passive(
            instrument, side, terms.word(kinds.CREATE_PRICE), enums.CREATE_FIELD_PRICE
        )

    @cython.cfunc
    @cython.exceptval(check=False)
    def check_passive(
        self,
        instrument: cython.int,
        side: cython.int,
        price: cython.longlong,
        field: cython.longlong,
    ) -> cython.longlong:
        """Check that an order at this price would not trade at once."""
        book: Book = self.instruments.book(instrument)
        ladder: Ladder = book.asks if side == enums.SIDE_BUY else book.bids
        level: cython.int = ladder.best()
        if level == kinds.NO_SLOT or not self.instruments.is_continuous(instrument):
            return 0
        tick: cython.longlong = self.instruments.get(instrument, tables.INSTRUMENT_TICK_SIZE)
        best: cython.longlong = ladder.sign * self.arena.level_key[level] * tick
        if price >= best if side == enums.SIDE_BUY else price <= best:
            return self.refusal.fail(enums.REJECT_REASON_POST_ONLY_WOULD_TRADE, field, best, price)
        return 0

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
        ladder: Ladder = book.bids if side == enums.SIDE_BUY else book.asks
        tick: cython.longlong = self.instruments.get(instrument, tables.INSTRUMENT_TICK_SIZE)
        lot: cython.longlong = self.instruments.get(instrument, tables.INSTRUMENT_LOT_SIZE)
        level: cython.int = ladder.find(ladder.sign * (price // tick))
        most: cython.longlong = kinds.LEVEL_QUANTITY_LIMIT
        if level == kinds.NO_SLOT:
            return 0
        if self.placing.level_total(level) > most // lot - quantity // lot:
            return self.refusal.fail(enums.REJECT_REASON_CAPACITY_EXHAUSTED, field, most, quantity)
        return 0

    @cython.cfunc
    @cython.exceptval(check=False)
    def check_arena(self) -> cython.longlong:
        """Check that one more order can rest; limit and value are of orders, or of levels."""
        exhausted: cython.longlong = enums.REJECT_REASON_CAPACITY_EXHAUSTED
        arena: Arena = self.arena
        if arena.has_room():
            return 0
        if arena.live_orders >= arena.order_capacity:
            return self.refusal.fail(exhausted, 0, arena.order_capacity, arena.live_orders)
        if arena.live_levels >= arena.level_capacity:
            return self.refusal.fail(exhausted, 0, arena.level_capacity, arena.live_levels)
        return self.refusal.fail(exhausted, 0, arena.chunk_capacity, arena.live_chunks)


def is_compiled() -> bool:
    """Whether this module runs as a C extension."""
    return cython.compiled
