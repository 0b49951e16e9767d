"""Find the order that a change names, or tell why the change is refused."""

import cython

if cython.compiled:
    from cython.cimports.quantumcore.server.core import enums, kinds
    from cython.cimports.quantumcore.server.core.admission_cy import Admission
    from cython.cimports.quantumcore.server.core.orders_cy import Orders
    from cython.cimports.quantumcore.server.core.reporter_cy import Reporter
    from cython.cimports.quantumcore.server.core.words_cy import Words
else:
    from quantumcore.server.core import enums, kinds
    from quantumcore.server.core.admission_cy import Admission
    from quantumcore.server.core.orders_cy import Orders
    from quantumcore.server.core.reporter_cy import Reporter
    from quantumcore.server.core.words_cy import Words


@cython.final
@cython.cclass
class Naming:
    """What cancelling and replacing have in common: who may change which order at all.

    `row` is the order that the last command named, NO_SLOT where there is none.
    """

    admission: Admission
    orders: Orders
    report: Reporter
    turn: Words
    row: cython.int

    def __init__(self, admission: Admission, report: Reporter) -> None:
        self.admission, self.orders = admission, admission.orders
        self.report, self.turn = report, admission.turn
        self.row = kinds.NO_SLOT

    @cython.cfunc
    @cython.exceptval(-1, check=False)
    def find(
        self,
        start: cython.Py_ssize_t,
        order_id: cython.longlong,
        text: cython.Py_ssize_t,
        length: cython.longlong,
        package: cython.bint,
    ) -> cython.longlong:
        """Find the working order, or package, that a command names; return why not, or 0."""
        account: cython.int = cython.cast(
            cython.int, self.turn.words[start + kinds.COMMAND_PARTIES] & kinds.LOW_HALF
        )
        reason: cython.longlong = self.door(start)
        self.row = kinds.NO_SLOT
        if reason != 0:
            return reason
        self.row = self._of_kind(self._named_order(account, order_id, text, length), package)
        return self._changeable(self.row, order_id)

    @cython.cfunc
    @cython.exceptval(check=False)
    def door(self, start: cython.Py_ssize_t) -> cython.longlong:
        """Return why a change of orders is refused before any order is looked up, or 0."""
        reason: cython.longlong = self.admission.check_door(start)
        account: cython.longlong = self.turn.words[start + kinds.COMMAND_PARTIES] & kinds.LOW_HALF
        if reason != 0:
            return reason
        if account == 0 or account > self.admission.accounts.count:
            return self.admission.refusal.fail(
                enums.REJECT_REASON_UNKNOWN_ACCOUNT, enums.CANCEL_FIELD_ACCOUNT_ID, 0, account
            )
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
    @cython.exceptval(check=False)
    def _of_kind(self, row: cython.int, package: cython.bint) -> cython.int:
        """Return the row if it is a package, or if it is a single order; legs are neither."""
        if row == kinds.NO_SLOT or self.orders.is_leg(row):
            return kinds.NO_SLOT
        return row if self.orders.is_package(row) == package else kinds.NO_SLOT

    @cython.cfunc
    @cython.exceptval(check=False)
    def _changeable(self, row: cython.int, order_id: cython.longlong) -> cython.longlong:
        if row == kinds.NO_SLOT:
            field: cython.int = (
                enums.CANCEL_FIELD_ORDER_ID
                if order_id != 0
                else enums.REPLACE_FIELD_CLIENT_ORDER_ID
            )
            return self.admission.refusal.fail(
                enums.REJECT_REASON_UNKNOWN_ORDER, field, 0, order_id
            )
        if not self.orders.is_working(row):
            return self.admission.refusal.fail(
                enums.REJECT_REASON_TOO_LATE_TO_CANCEL,
                enums.CANCEL_FIELD_ORDER_ID,
                0,
                self.orders.order_id[row],
            )
        return 0

    @cython.cfunc
    @cython.exceptval(-1, check=False)
    def refuse(self, start: cython.Py_ssize_t, kind: cython.int, row: cython.int) -> cython.int:
        """Report that a cancel or replacement is refused; the order, if there is one, stands."""
        execution_type: cython.int = enums.EXECUTION_TYPE_CANCEL_REJECTED
        text: cython.Py_ssize_t = start + kinds.CANCEL_TEXT
        length: cython.longlong = 0
        if kind == kinds.REPLACE_REJECTED:
            execution_type = enums.EXECUTION_TYPE_REPLACE_REJECTED
            text = start + kinds.REPLACE_TEXT
            length = self.turn.words[start + kinds.REPLACE_TEXT_LENGTHS] & kinds.LOW_HALF
            if self.turn.words[start] & 0xFFFF == kinds.REPLACE_PACKAGE:
                text = start + kinds.AMEND_TEXT
                length = self.turn.words[start + kinds.AMEND_TEXT_LENGTHS] & kinds.LOW_HALF
        elif self.turn.words[start] & 0xFFFF != kinds.CANCEL_ORDERS:
            length = self.turn.words[start + kinds.CANCEL_TEXT_LENGTH]
        self.report.refuse(self.admission.refusal)
        if row == kinds.NO_SLOT:
            self.report.refused_command_event(kind, execution_type, 0, text, length)
        else:
            self.report.row = row
            self.report.refused_order_event(kind, execution_type, row)
        return 0


def is_compiled() -> bool:
    """Whether this module runs as a C extension."""
    return cython.compiled
