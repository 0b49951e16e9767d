"""Carry out cancels: of one order, and of all that match."""

import cython

if cython.compiled:
    from cython.cimports.quantumcore.server.core import enums, kinds
    from cython.cimports.quantumcore.server.core.admission_cy import Admission
    from cython.cimports.quantumcore.server.core.naming_cy import Naming
    from cython.cimports.quantumcore.server.core.orders_cy import Orders
    from cython.cimports.quantumcore.server.core.placing_cy import Placing
    from cython.cimports.quantumcore.server.core.reporter_cy import Reporter
    from cython.cimports.quantumcore.server.core.words_cy import Words
else:
    from quantumcore.server.core import enums, kinds
    from quantumcore.server.core.admission_cy import Admission
    from quantumcore.server.core.naming_cy import Naming
    from quantumcore.server.core.orders_cy import Orders
    from quantumcore.server.core.placing_cy import Placing
    from quantumcore.server.core.reporter_cy import Reporter
    from quantumcore.server.core.words_cy import Words


@cython.final
@cython.cclass
class Cancelling:
    """Each cancel ends in one answer, and in an event for each order that it ends."""

    admission: Admission
    naming: Naming
    orders: Orders
    placing: Placing
    report: Reporter
    turn: Words
    results: Words

    def __init__(self, naming: Naming, placing: Placing) -> None:
        self.naming, self.admission = naming, naming.admission
        self.placing, self.orders = placing, placing.orders
        self.report = placing.report
        self.turn, self.results = self.report.turn, self.report.results

    @cython.cfunc
    @cython.exceptval(-1, check=False)
    def cancel(self, start: cython.Py_ssize_t) -> cython.int:
        """Carry out CANCEL_ORDER and CANCEL_PACKAGE."""
        reason: cython.longlong = self.naming.find(
            start,
            self.turn.words[start + kinds.CANCEL_ORDER_ID],
            start + kinds.CANCEL_TEXT,
            self.turn.words[start + kinds.CANCEL_TEXT_LENGTH],
            self.turn.words[start] & 0xFFFF == kinds.CANCEL_PACKAGE,
        )
        row: cython.int = self.naming.row
        if reason != 0:
            return self.naming.refuse(start, kinds.CANCEL_REJECTED, row)
        self.report.row = row
        if self.orders.is_sequential(row):
            return self.placing.withdraw(
                row,
                kinds.ORDER_CANCELLED,
                enums.CANCEL_REASON_REQUESTED,
                self.turn.words[start + kinds.COMMAND_REQUEST_ID],
            )
        self.placing.leave(row)
        return self.placing.end(
            row,
            kinds.ORDER_CANCELLED,
            enums.CANCEL_REASON_REQUESTED,
            self.turn.words[start + kinds.COMMAND_REQUEST_ID],
        )

    @cython.cfunc
    @cython.exceptval(-1, check=False)
    def cancel_many(self, start: cython.Py_ssize_t) -> cython.int:
        """Carry out CANCEL_ORDERS."""
        parties: cython.longlong = self.turn.words[start + kinds.COMMAND_PARTIES]
        account: cython.int = cython.cast(cython.int, parties & kinds.LOW_HALF)
        instrument: cython.longlong = (parties >> 32) & kinds.LOW_HALF
        side: cython.longlong = self.turn.words[start + kinds.MASS_SIDE]
        session: cython.longlong = self.turn.words[start + kinds.MASS_SESSION]
        ended: cython.bint = self.turn.words[start + kinds.MASS_ENDED] != 0
        why: cython.int = (
            enums.CANCEL_REASON_DISCONNECT if ended else enums.CANCEL_REASON_MASS_CANCEL
        )
        if self._check_many(start) != 0:
            return self.naming.refuse(start, kinds.CANCEL_REJECTED, kinds.NO_SLOT)
        cancelled: cython.longlong = 0
        row: cython.int = self.orders.first_working(account)
        behind: cython.int
        while row != kinds.NO_SLOT:
            behind = self.orders.next_working[row]
            # A leg stands for its package, and has ended with it where that went before.
            if (
                self.orders.is_working(row)
                and (instrument == 0 or self.orders.instrument[row] == instrument)
                and (side == 0 or self.orders.side(row) == side)
                and self._entered_by(row, session, ended)
                and not self.placing.is_ending(row)
            ):
                self.placing.remove(self._whole(row), kinds.ORDER_CANCELLED, why)
                cancelled += 1
            row = behind
        self.report.notice(kinds.ORDERS_CANCELLED, account, cancelled)
        self.results.words[self.report.result + kinds.RESULT_AFFECTED] = cancelled
        return 0

    @cython.cfunc
    @cython.exceptval(check=False)
    def _check_many(self, start: cython.Py_ssize_t) -> cython.longlong:
        """Return why a mass cancel is refused: a RejectReason, or 0."""
        parties: cython.longlong = self.turn.words[start + kinds.COMMAND_PARTIES]
        instrument: cython.longlong = (parties >> 32) & kinds.LOW_HALF
        side: cython.longlong = self.turn.words[start + kinds.MASS_SIDE]
        session: cython.longlong = self.turn.words[start + kinds.MASS_SESSION]
        reason: cython.longlong = self.naming.door(start)
        if reason == 0 and instrument > self.admission.instruments.count:
            reason = self.admission.refusal.fail(
                enums.REJECT_REASON_UNKNOWN_INSTRUMENT,
                enums.CANCEL_FIELD_INSTRUMENT_ID,
                0,
                instrument,
            )
        if reason == 0 and (side < 0 or side > enums.SIDE_SELL):
            reason = self.admission.refusal.fail(
                enums.REJECT_REASON_INVALID_ENUM, enums.CANCEL_FIELD_SIDE, 0, side
            )
        if reason == 0 and (session < 0 or session > self.admission.accounts.session_count):
            reason = self.admission.refusal.fail(
                enums.REJECT_REASON_UNKNOWN_RESOURCE, enums.CANCEL_FIELD_SESSION_ID, 0, session
            )
        return reason

    @cython.cfunc
    @cython.exceptval(check=False)
    def _whole(self, row: cython.int) -> cython.int:
        """Return the package of a leg, any other order as it is."""
        if self.orders.is_leg(row):
            return self.orders.row_of(self.orders.package_id(row))
        return row

    @cython.cfunc
    @cython.exceptval(check=False)
    def _entered_by(
        self, row: cython.int, session: cython.longlong, ended: cython.bint
    ) -> cython.bint:
        """Whether a session, 0: any or none, entered an order; of ended ones, for as long as it."""
        entered: cython.longlong = self.orders.session[row]
        if ended and entered & kinds.SESSION_CANCELS == 0:
            return False
        return session == 0 or entered & kinds.SESSION_NUMBER == session


def is_compiled() -> bool:
    """Whether this module runs as a C extension."""
    return cython.compiled
