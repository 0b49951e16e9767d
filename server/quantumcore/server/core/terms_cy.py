"""Check that the fields of a new order go with one another."""

import cython

if cython.compiled:
    from cython.cimports.quantumcore.server.core import enums, kinds
    from cython.cimports.quantumcore.server.core.refusal_cy import Refusal
    from cython.cimports.quantumcore.server.core.words_cy import Words, stored_bytes
else:
    from quantumcore.server.core import enums, kinds
    from quantumcore.server.core.refusal_cy import Refusal
    from quantumcore.server.core.words_cy import Words, stored_bytes


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def is_immediate(order_type: cython.longlong, time_in_force: cython.longlong) -> cython.bint:
    """Whether an order of these terms never rests in the book while trading is continuous."""
    return (
        (order_type == enums.ORDER_TYPE_MARKET and time_in_force != enums.TIME_IN_FORCE_AT_CLOSE)
        or time_in_force == enums.TIME_IN_FORCE_IOC
        or time_in_force == enums.TIME_IN_FORCE_FOK
    )


@cython.final
@cython.cclass
class Terms:
    """What a CREATE_ORDER record says, field by field; a check notes the first that is wrong."""

    refusal: Refusal
    turn: Words
    record: cython.Py_ssize_t
    terms: cython.longlong

    def __init__(self, refusal: Refusal, turn: Words) -> None:
        self.refusal, self.turn = refusal, turn
        self.record = 0
        self.terms = 0

    @cython.cfunc
    @cython.exceptval(check=False)
    def read(self, record: cython.Py_ssize_t) -> cython.void:
        """Look at the record of this command from now on."""
        self.record = record
        self.terms = self.turn.words[record + kinds.CREATE_TERMS]

    @cython.cfunc
    @cython.exceptval(check=False)
    def part(self, shift: cython.int) -> cython.longlong:
        """Return a byte of the terms (kinds.TERM_*)."""
        return (self.terms >> shift) & 0xFF

    @cython.cfunc
    @cython.exceptval(check=False)
    def word(self, column: cython.int) -> cython.longlong:
        """Return a word of the record (kinds.CREATE_*)."""
        return self.turn.words[self.record + column]

    @cython.cfunc
    @cython.exceptval(check=False)
    def flag(self, bit: cython.longlong) -> cython.bint:
        """Whether a flag is set (kinds.FLAG_*)."""
        return (self.terms >> kinds.TERM_FLAGS) & bit != 0

    @cython.cfunc
    @cython.exceptval(check=False)
    def check_enums(self) -> cython.longlong:
        """Check that side, type, time in force and the other choices are values that exist."""
        side: cython.longlong = self.part(kinds.TERM_SIDE)
        order_type: cython.longlong = self.part(kinds.TERM_ORDER_TYPE)
        time_in_force: cython.longlong = self.part(kinds.TERM_TIME_IN_FORCE)
        trigger: cython.longlong = self.part(kinds.TERM_STOP_TRIGGER)
        peg: cython.longlong = self.part(kinds.TERM_PEG_REFERENCE)
        prevention: cython.longlong = self.part(kinds.TERM_SELF_TRADE_PREVENTION)
        if side != enums.SIDE_BUY and side != enums.SIDE_SELL:
            return self._invalid(enums.CREATE_FIELD_SIDE, side)
        if order_type == 0 or order_type > enums.ORDER_TYPE_PEGGED:
            return self._invalid(enums.CREATE_FIELD_ORDER_TYPE, order_type)
        if time_in_force == 0 or time_in_force > enums.TIME_IN_FORCE_AT_CLOSE:
            return self._invalid(enums.CREATE_FIELD_TIME_IN_FORCE, time_in_force)
        if trigger > enums.STOP_TRIGGER_REFERENCE:
            return self._invalid(enums.CREATE_FIELD_STOP_TRIGGER, trigger)
        if peg > enums.PEG_REFERENCE_MIDPOINT:
            return self._invalid(enums.CREATE_FIELD_PEG_REFERENCE, peg)
        if prevention > enums.SELF_TRADE_PREVENTION_DECREMENT_AND_CANCEL:
            return self._invalid(enums.CREATE_FIELD_SELF_TRADE_PREVENTION, prevention)
        return 0

    @cython.cfunc
    @cython.exceptval(check=False)
    def _invalid(self, field: cython.longlong, value: cython.longlong) -> cython.longlong:
        """Refuse a choice that does not exist, with what was sent."""
        text: cython.Py_ssize_t = self.record + kinds.CREATE_TEXT
        if value == 0xFF:
            text += (stored_bytes(self.word(kinds.CREATE_TEXT_LENGTH)) + 7) >> 3
            value = self.turn.sent(self.record, text)
        return self.refusal.fail(enums.REJECT_REASON_INVALID_ENUM, field, 0, value)

    @cython.cfunc
    @cython.exceptval(check=False)
    def check_fields(self) -> cython.longlong:
        """Check that no field is set, and none missing, that does not go with the others."""
        reason: cython.longlong = self._prices_allowed()
        if reason == 0:
            reason = self._conditions_allowed()
        if reason == 0:
            reason = self._required()
        return reason

    @cython.cfunc
    @cython.exceptval(check=False)
    def _refuse(self, field: cython.longlong, value: cython.longlong) -> cython.longlong:
        return self.refusal.fail(enums.REJECT_REASON_FIELD_NOT_ALLOWED, field, 0, value)

    @cython.cfunc
    @cython.exceptval(check=False)
    def is_stop(self) -> cython.bint:
        """Whether it waits for a trigger."""
        order_type: cython.longlong = self.part(kinds.TERM_ORDER_TYPE)
        return order_type == enums.ORDER_TYPE_STOP or order_type == enums.ORDER_TYPE_STOP_LIMIT

    @cython.cfunc
    @cython.exceptval(check=False)
    def _prices_allowed(self) -> cython.longlong:
        """Check time in force, prices, trigger and display against the order type."""
        order_type: cython.longlong = self.part(kinds.TERM_ORDER_TYPE)
        time_in_force: cython.longlong = self.part(kinds.TERM_TIME_IN_FORCE)
        if order_type > enums.ORDER_TYPE_MARKET and (time_in_force > enums.TIME_IN_FORCE_GTD):
            return self._refuse(enums.CREATE_FIELD_TIME_IN_FORCE, time_in_force)
        if self.flag(kinds.FLAG_HAS_PRICE) and (
            order_type == enums.ORDER_TYPE_MARKET or order_type == enums.ORDER_TYPE_STOP
        ):
            return self._refuse(enums.CREATE_FIELD_PRICE, self.word(kinds.CREATE_PRICE))
        if self.flag(kinds.FLAG_HAS_STOP_PRICE) and not self.is_stop():
            return self._refuse(enums.CREATE_FIELD_STOP_PRICE, self.word(kinds.CREATE_STOP_PRICE))
        if self.part(kinds.TERM_STOP_TRIGGER) != 0 and not self.is_stop():
            return self._refuse(enums.CREATE_FIELD_STOP_TRIGGER, self.part(kinds.TERM_STOP_TRIGGER))
        if order_type != enums.ORDER_TYPE_ICEBERG and self.word(kinds.CREATE_DISPLAY_QUANTITY):
            return self._refuse(
                enums.CREATE_FIELD_DISPLAY_QUANTITY, self.word(kinds.CREATE_DISPLAY_QUANTITY)
            )
        if order_type != enums.ORDER_TYPE_PEGGED and self.part(kinds.TERM_PEG_REFERENCE):
            return self._refuse(
                enums.CREATE_FIELD_PEG_REFERENCE, self.part(kinds.TERM_PEG_REFERENCE)
            )
        if order_type != enums.ORDER_TYPE_PEGGED and self.word(kinds.CREATE_PEG_OFFSET):
            return self._refuse(enums.CREATE_FIELD_PEG_OFFSET, self.word(kinds.CREATE_PEG_OFFSET))
        return 0

    @cython.cfunc
    @cython.exceptval(check=False)
    def _conditions_allowed(self) -> cython.longlong:
        """Check post-only, minimum quantity and expiry against type and time in force."""
        order_type: cython.longlong = self.part(kinds.TERM_ORDER_TYPE)
        time_in_force: cython.longlong = self.part(kinds.TERM_TIME_IN_FORCE)
        minimum: cython.longlong = self.word(kinds.CREATE_MIN_QUANTITY)
        expires: cython.longlong = self.word(kinds.CREATE_EXPIRE_TIME_NS)
        plain: cython.bint = (
            order_type == enums.ORDER_TYPE_LIMIT
            or order_type == enums.ORDER_TYPE_ICEBERG
            or order_type == enums.ORDER_TYPE_MARKET
        )
        if self.flag(kinds.FLAG_POST_ONLY) and (
            not plain
            or order_type == enums.ORDER_TYPE_MARKET
            or time_in_force > enums.TIME_IN_FORCE_GTD
        ):
            return self._refuse(enums.CREATE_FIELD_POST_ONLY, 1)
        if self.flag(kinds.FLAG_REDUCE_ONLY) and order_type == enums.ORDER_TYPE_ICEBERG:
            return self._refuse(enums.CREATE_FIELD_REDUCE_ONLY, 1)
        if minimum != 0 and (
            not plain or time_in_force >= enums.TIME_IN_FORCE_FOK or self.flag(kinds.FLAG_POST_ONLY)
        ):
            return self._refuse(enums.CREATE_FIELD_MIN_QUANTITY, minimum)
        if expires != 0 and time_in_force != enums.TIME_IN_FORCE_GTD:
            return self._refuse(enums.CREATE_FIELD_EXPIRE_TIME_NS, expires)
        return 0

    @cython.cfunc
    @cython.exceptval(check=False)
    def _required(self) -> cython.longlong:
        """Check that all is there that type and time in force need."""
        required: cython.longlong = enums.REJECT_REASON_FIELD_REQUIRED
        order_type: cython.longlong = self.part(kinds.TERM_ORDER_TYPE)
        if not self.flag(kinds.FLAG_HAS_PRICE) and (
            order_type == enums.ORDER_TYPE_LIMIT
            or order_type == enums.ORDER_TYPE_STOP_LIMIT
            or order_type == enums.ORDER_TYPE_ICEBERG
        ):
            return self.refusal.fail(required, enums.CREATE_FIELD_PRICE, 0, 0)
        if self.is_stop() and not self.flag(kinds.FLAG_HAS_STOP_PRICE):
            return self.refusal.fail(required, enums.CREATE_FIELD_STOP_PRICE, 0, 0)
        if order_type == enums.ORDER_TYPE_ICEBERG and self.word(kinds.CREATE_DISPLAY_QUANTITY) == 0:
            return self.refusal.fail(required, enums.CREATE_FIELD_DISPLAY_QUANTITY, 0, 0)
        if order_type == enums.ORDER_TYPE_PEGGED and self.part(kinds.TERM_PEG_REFERENCE) == 0:
            return self.refusal.fail(required, enums.CREATE_FIELD_PEG_REFERENCE, 0, 0)
        if (
            self.part(kinds.TERM_TIME_IN_FORCE) == enums.TIME_IN_FORCE_GTD
            and self.word(kinds.CREATE_EXPIRE_TIME_NS) == 0
        ):
            return self.refusal.fail(required, enums.CREATE_FIELD_EXPIRE_TIME_NS, 0, 0)
        return 0


def is_compiled() -> bool:
    """Whether this module runs as a C extension."""
    return cython.compiled
