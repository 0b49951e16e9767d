"""Decide whether an order may be replaced, in the order of precedence of RejectReason."""

import cython

if cython.compiled:
    from cython.cimports.quantumcore.server.core import kinds
    from cython.cimports.quantumcore.server.core.admission_cy import Admission
    from cython.cimports.quantumcore.server.core.orders_cy import Orders
    from cython.cimports.quantumcore.server.core.words_cy import Words, stored_bytes
else:
    from quantumcore.server.core import kinds
    from quantumcore.server.core.admission_cy import Admission
    from quantumcore.server.core.orders_cy import Orders
    from quantumcore.server.core.words_cy import Words, stored_bytes


@cython.final
@cython.cclass
class Replacement:
    """Read and check REPLACE_ORDER commands on orders that work; change nothing."""

    admission: Admission
    orders: Orders
    turn: Words

    def __init__(self, admission: Admission) -> None:
        self.admission, self.orders, self.turn = admission, admission.orders, admission.turn

    @cython.cfunc
    @cython.exceptval(check=False)
    def price(self, record: cython.Py_ssize_t, row: cython.int) -> cython.longlong:
        """Return the price that the order is to have."""
        if self.turn.words[record + kinds.REPLACE_FLAGS] & kinds.FLAG_HAS_PRICE:
            return self.turn.words[record + kinds.REPLACE_PRICE]
        return self.orders.price[row]

    @cython.cfunc
    @cython.exceptval(check=False)
    def quantity(self, record: cython.Py_ssize_t, row: cython.int) -> cython.longlong:
        """Return the whole quantity that the order is to have."""
        if self.turn.words[record + kinds.REPLACE_FLAGS] & kinds.FLAG_HAS_QUANTITY:
            return self.turn.words[record + kinds.REPLACE_QUANTITY]
        return self.orders.quantity[row]

    @cython.cfunc
    @cython.exceptval(check=False)
    def check(self, record: cython.Py_ssize_t, row: cython.int) -> cython.longlong:
        """Return why the command is refused: a RejectReason, or 0."""
        reason: cython.longlong = 0
        enters: cython.bint = (
            self.price(record, row) != self.orders.price[row]
            or self.quantity(record, row) > self.orders.quantity[row]
        )
        if enters:
            reason = self.admission.check_arena()
        if reason == 0:
            reason = self._name(record, row)
        if reason == 0:
            reason = self.admission.check_phase(self.orders.instrument[row])
        if reason == 0:
            reason = self._values(record, row)
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
            self.orders.account[row], text, lengths >> 32, kinds.REPLACE_FIELD_NEW_CLIENT_ORDER_ID
        )

    @cython.cfunc
    @cython.exceptval(check=False)
    def _values(self, record: cython.Py_ssize_t, row: cython.int) -> cython.longlong:
        flags: cython.longlong = self.turn.words[record + kinds.REPLACE_FLAGS]
        lengths: cython.longlong = self.turn.words[record + kinds.REPLACE_TEXT_LENGTHS]
        instrument: cython.int = self.orders.instrument[row]
        quantity: cython.longlong = self.quantity(record, row)
        price: cython.longlong = self.price(record, row)
        reason: cython.longlong = 0
        if flags & kinds.FLAG_HAS_QUANTITY:
            reason = self.admission.check_quantity(
                instrument, quantity, kinds.REPLACE_FIELD_QUANTITY
            )
        if reason == 0 and flags & kinds.FLAG_HAS_PRICE:
            reason = self.admission.check_price(instrument, price, kinds.REPLACE_FIELD_PRICE)
        if reason != 0 or lengths >> 32 != 0:
            return reason
        if quantity == self.orders.quantity[row] and price == self.orders.price[row]:
            return self.admission._fail(kinds.REJECT_REASON_NOTHING_TO_REPLACE, 0, 0, 0)
        return 0

    @cython.cfunc
    @cython.exceptval(check=False)
    def _entry(self, record: cython.Py_ssize_t, row: cython.int) -> cython.longlong:
        """Check an order that enters the book anew: level, then post-only."""
        instrument: cython.int = self.orders.instrument[row]
        side: cython.int = self.orders.side(row)
        price: cython.longlong = self.price(record, row)
        leaves: cython.longlong = self.quantity(record, row) - self.orders.cumulative[row]
        admission: Admission = self.admission
        if leaves <= 0:
            return 0
        reason: cython.longlong = admission.check_level(
            instrument, side, price, leaves, kinds.REPLACE_FIELD_QUANTITY
        )
        if reason != 0 or not self.orders.post_only[row]:
            return reason
        if admission.would_trade(instrument, side, price):
            return admission._fail(
                kinds.REJECT_REASON_POST_ONLY_WOULD_TRADE,
                kinds.REPLACE_FIELD_PRICE,
                admission.limit,
                admission.value,
            )
        return 0


def is_compiled() -> bool:
    """Whether this module runs as a C extension."""
    return cython.compiled
