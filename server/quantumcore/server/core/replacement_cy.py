"""Decide whether an order may be replaced, in the order of precedence of RejectReason."""

import cython

if cython.compiled:
    from cython.cimports.quantumcore.server.core import enums, kinds
    from cython.cimports.quantumcore.server.core.admission_cy import Admission
    from cython.cimports.quantumcore.server.core.instruments_cy import Instruments
    from cython.cimports.quantumcore.server.core.orders_cy import Orders
    from cython.cimports.quantumcore.server.core.refusal_cy import Refusal
    from cython.cimports.quantumcore.server.core.words_cy import Words, stored_bytes
else:
    from quantumcore.server.core import enums, kinds
    from quantumcore.server.core.admission_cy import Admission
    from quantumcore.server.core.instruments_cy import Instruments
    from quantumcore.server.core.orders_cy import Orders
    from quantumcore.server.core.refusal_cy import Refusal
    from quantumcore.server.core.words_cy import Words, stored_bytes


@cython.final
@cython.cclass
class Replacement:
    """Read and check REPLACE_ORDER commands on orders that work; change nothing."""

    admission: Admission
    instruments: Instruments
    orders: Orders
    refusal: Refusal
    turn: Words

    def __init__(self, admission: Admission) -> None:
        self.admission, self.refusal = admission, admission.refusal
        self.instruments, self.orders = admission.instruments, admission.orders
        self.turn = admission.turn

    @cython.cfunc
    @cython.exceptval(check=False)
    def _flag(self, record: cython.Py_ssize_t, bit: cython.longlong) -> cython.bint:
        return self.turn.words[record + kinds.REPLACE_FLAGS] & bit != 0

    @cython.cfunc
    @cython.exceptval(check=False)
    def price(self, record: cython.Py_ssize_t, row: cython.int) -> cython.longlong:
        """Return the price that the order is to have."""
        if self._flag(record, kinds.FLAG_HAS_PRICE):
            return self.turn.words[record + kinds.REPLACE_PRICE]
        return self.orders.price[row]

    @cython.cfunc
    @cython.exceptval(check=False)
    def quantity(self, record: cython.Py_ssize_t, row: cython.int) -> cython.longlong:
        """Return the whole quantity that the order is to have."""
        if self._flag(record, kinds.FLAG_HAS_QUANTITY):
            return self.turn.words[record + kinds.REPLACE_QUANTITY]
        return self.orders.quantity[row]

    @cython.cfunc
    @cython.exceptval(check=False)
    def stop_price(self, record: cython.Py_ssize_t, row: cython.int) -> cython.longlong:
        """Return the trigger price that the order is to have."""
        if self._flag(record, kinds.FLAG_HAS_STOP_PRICE):
            return self.turn.words[record + kinds.REPLACE_STOP_PRICE]
        return self.orders.stop_price[row]

    @cython.cfunc
    @cython.exceptval(check=False)
    def enters_anew(self, record: cython.Py_ssize_t, row: cython.int) -> cython.bint:
        """Whether the order loses its place: any change but a smaller quantity."""
        return (
            self.price(record, row) != self.orders.price[row]
            or self.quantity(record, row) > self.orders.quantity[row]
            or (
                self._flag(record, kinds.FLAG_HAS_STOP_PRICE)
                and self.stop_price(record, row) != self.orders.stop_price[row]
            )
        )

    @cython.cfunc
    @cython.exceptval(-1, check=False)
    def check(self, record: cython.Py_ssize_t, row: cython.int) -> cython.longlong:
        """Return why the command is refused: a RejectReason, or 0."""
        enters: cython.bint = self.enters_anew(record, row)
        account: cython.int = self.orders.account[row]
        reason: cython.longlong = 0
        if enters:
            reason = self.admission.check_arena()
        if reason == 0:
            reason = self.admission.pretrade.check_active(account, enums.CREATE_FIELD_ACCOUNT_ID)
        if reason == 0:
            reason = self._name(record, row)
        if reason == 0:
            reason = self._fields(record, row)
        if reason == 0:
            reason = self.admission.check_phase(self.orders.instrument[row])
        if reason == 0:
            reason = self._values(record, row)
        if reason == 0:
            reason = self.admission.check_killed(account, enums.CREATE_FIELD_ACCOUNT_ID)
        if reason == 0 and enters and self.admission.accounts.watched[account] != 0:
            reason = self._watched(record, row)
        if reason == 0 and enters:
            reason = self._entry(record, row)
        return reason

    @cython.cfunc
    @cython.exceptval(check=False)
    def _name(self, record: cython.Py_ssize_t, row: cython.int) -> cython.longlong:
        lengths: cython.longlong = self.turn.words[record + kinds.REPLACE_TEXT_LENGTHS]
        text: cython.Py_ssize_t = record + kinds.REPLACE_TEXT
        if lengths >> 32 == 0:
            return 0
        text += (stored_bytes(lengths & kinds.LOW_HALF) + 7) >> 3
        return self.admission.check_new_id(
            self.orders.account[row], text, lengths >> 32, enums.REPLACE_FIELD_NEW_CLIENT_ORDER_ID
        )

    @cython.cfunc
    @cython.exceptval(check=False)
    def _fields(self, record: cython.Py_ssize_t, row: cython.int) -> cython.longlong:
        """Check that the order has the prices that are to change."""
        refused: cython.longlong = enums.REJECT_REASON_FIELD_NOT_ALLOWED
        if self._flag(record, kinds.FLAG_HAS_PRICE) and (
            self.orders.is_market(row) or self.orders.order_type(row) == enums.ORDER_TYPE_PEGGED
        ):
            return self.refusal.fail(refused, enums.REPLACE_FIELD_PRICE, 0, self.price(record, row))
        if (
            self._flag(record, kinds.FLAG_HAS_STOP_PRICE)
            and self.orders.status[row] != enums.ORDER_STATUS_PENDING_TRIGGER
        ):
            return self.refusal.fail(
                refused, enums.REPLACE_FIELD_STOP_PRICE, 0, self.stop_price(record, row)
            )
        return 0

    @cython.cfunc
    @cython.exceptval(check=False)
    def _values(self, record: cython.Py_ssize_t, row: cython.int) -> cython.longlong:
        instrument: cython.int = self.orders.instrument[row]
        quantity: cython.longlong = self.quantity(record, row)
        self.refusal.clear()
        if self._flag(record, kinds.FLAG_HAS_QUANTITY):
            self.admission.numbers.check_quantity(
                instrument, quantity, enums.REPLACE_FIELD_QUANTITY
            )
        if self._flag(record, kinds.FLAG_HAS_PRICE):
            self.admission.numbers.check_price(
                instrument, self.price(record, row), enums.REPLACE_FIELD_PRICE
            )
        if self._flag(record, kinds.FLAG_HAS_STOP_PRICE):
            self.admission.numbers.check_price(
                instrument, self.stop_price(record, row), enums.REPLACE_FIELD_STOP_PRICE
            )
        if (
            self.turn.words[record + kinds.REPLACE_TEXT_LENGTHS] >> 32 == 0
            and quantity == self.orders.quantity[row]
            and not self.enters_anew(record, row)
        ):
            self.refusal.note(enums.REJECT_REASON_NOTHING_TO_REPLACE, 0, 0, 0)
        return self.refusal.reason

    @cython.cfunc
    @cython.exceptval(-1, check=False)
    def _watched(self, record: cython.Py_ssize_t, row: cython.int) -> cython.longlong:
        """Check what an order is to be against the limits and funds of its account."""
        orders: Orders = self.orders
        leaves: cython.longlong = self.quantity(record, row) - orders.cumulative[row]
        fields: cython.longlong = enums.REPLACE_FIELD_PRICE
        price: cython.longlong = self.price(record, row)
        if leaves <= 0:
            return 0
        if orders.order_type(row) == enums.ORDER_TYPE_PEGGED:
            price = orders.stop_price[row]  # its limit; what it shows now may be better
        return self.admission.pretrade.check(
            orders.account[row],
            orders.position[row],
            orders.valued_terms(row),
            price,
            self.stop_price(record, row),
            leaves,
            row,
            (fields << 32) | enums.REPLACE_FIELD_QUANTITY,
        )

    @cython.cfunc
    @cython.exceptval(check=False)
    def _entry(self, record: cython.Py_ssize_t, row: cython.int) -> cython.longlong:
        """Check an order that enters its book anew: reduce-only, level, post-only."""
        orders: Orders = self.orders
        instrument: cython.int = orders.instrument[row]
        side: cython.int = orders.side(row)
        price: cython.longlong = self.price(record, row)
        leaves: cython.longlong = self.quantity(record, row) - orders.cumulative[row]
        admission: Admission = self.admission
        reason: cython.longlong = 0
        if leaves <= 0:
            return 0
        if orders.is_reduce_only(row) and self.quantity(record, row) > orders.quantity[row]:
            admission.position = orders.position[row]
            reason = admission.check_reduces(
                instrument, side, leaves, admission.placing.lots(row), enums.REPLACE_FIELD_QUANTITY
            )
        if reason != 0 or orders.is_market(row):
            return reason
        reason = admission.check_level(
            instrument, side, price, leaves, enums.REPLACE_FIELD_QUANTITY
        )
        if reason != 0 or not orders.traits[row] & kinds.FLAG_POST_ONLY:
            return reason
        return admission.check_passive(instrument, side, price, enums.REPLACE_FIELD_PRICE)


def is_compiled() -> bool:
    """Whether this module runs as a C extension."""
    return cython.compiled
