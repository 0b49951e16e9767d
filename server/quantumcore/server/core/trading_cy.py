"""Carry out the commands on single orders: create, replace, cancel, cancel many."""

import cython

if cython.compiled:
    from cython.cimports.quantumcore.server.core import kinds
    from cython.cimports.quantumcore.server.core.admission_cy import Admission
    from cython.cimports.quantumcore.server.core.amending_cy import Amending
    from cython.cimports.quantumcore.server.core.matching_cy import Matching
    from cython.cimports.quantumcore.server.core.orders_cy import Orders
    from cython.cimports.quantumcore.server.core.pegs_cy import Pegs
    from cython.cimports.quantumcore.server.core.placing_cy import Placing
    from cython.cimports.quantumcore.server.core.refusal_cy import Refusal
    from cython.cimports.quantumcore.server.core.replacement_cy import Replacement
    from cython.cimports.quantumcore.server.core.reporter_cy import Reporter
    from cython.cimports.quantumcore.server.core.settling_cy import Settling
    from cython.cimports.quantumcore.server.core.stops_cy import Stops
    from cython.cimports.quantumcore.server.core.words_cy import Words, stored_bytes
else:
    from quantumcore.server.core import kinds
    from quantumcore.server.core.admission_cy import Admission
    from quantumcore.server.core.amending_cy import Amending
    from quantumcore.server.core.matching_cy import Matching
    from quantumcore.server.core.orders_cy import Orders
    from quantumcore.server.core.pegs_cy import Pegs
    from quantumcore.server.core.placing_cy import Placing
    from quantumcore.server.core.refusal_cy import Refusal
    from quantumcore.server.core.replacement_cy import Replacement
    from quantumcore.server.core.reporter_cy import Reporter
    from quantumcore.server.core.settling_cy import Settling
    from quantumcore.server.core.stops_cy import Stops
    from quantumcore.server.core.words_cy import Words, stored_bytes


@cython.final
@cython.cclass
class Trading:
    """Each command ends in one answer, and in events: its own and those it brings about."""

    admission: Admission
    amending: Amending
    replacement: Replacement
    matching: Matching
    orders: Orders
    pegs: Pegs
    placing: Placing
    report: Reporter
    settling: Settling
    stops: Stops
    turn: Words
    results: Words

    def __init__(self, admission: Admission, settling: Settling) -> None:
        self.admission, self.settling = admission, settling
        self.matching, self.placing = settling.matching, settling.placing
        self.stops, self.pegs = settling.stops, settling.pegs
        self.orders, self.report = settling.orders, settling.placing.report
        self.turn, self.results = self.report.turn, self.report.results
        self.replacement = Replacement(admission)
        self.amending = Amending(settling.packaging)

    @cython.cfunc
    @cython.exceptval(-1, check=False)
    def create(self, start: cython.Py_ssize_t) -> cython.int:
        reason: cython.longlong = self.turn.words[start] >> 32
        if reason == 0:
            reason = self.admission.check_create(start)
        else:
            self.admission.refusal.fail(reason, 0, 0, 0)
        if reason != 0:
            return self._refuse_create(start, reason)
        row: cython.int = self._open_order(start)
        self.report.row = row
        self.report.order_event(
            kinds.ORDER_ACCEPTED,
            kinds.EXECUTION_TYPE_NEW,
            row,
            self.turn.words[start + kinds.COMMAND_REQUEST_ID],
        )
        self.orders.entered[row] = self.report.sequence
        return self._enter(row)

    @cython.cfunc
    @cython.exceptval(-1, check=False)
    def _enter(self, row: cython.int) -> cython.int:
        """Bring an order that is nowhere to where it works, or waits."""
        if self.orders.status[row] == kinds.ORDER_STATUS_PENDING_TRIGGER:
            if not self.stops.is_reached_on_entry(row):
                return self.placing.hold_stop(row)
            self.stops.set_off(row)
        elif self.orders.order_type(row) != kinds.ORDER_TYPE_PEGGED or self._has_price(row):
            self.matching.work(row)
        return self.settling.phases.interrupt()

    @cython.cfunc
    @cython.exceptval(check=False)
    def _has_price(self, row: cython.int) -> cython.bint:
        return (self.orders.terms[row] >> kinds.STATE_FLAGS) & kinds.FLAG_HAS_PRICE != 0

    @cython.cfunc
    @cython.exceptval(-1, check=False)
    def _refuse_create(self, start: cython.Py_ssize_t, reason: cython.longlong) -> cython.int:
        refusal: Refusal = self.admission.refusal
        terms: cython.longlong = self.turn.words[start + kinds.CREATE_TERMS]
        state: cython.longlong = (terms & 0xFFFFFF) << kinds.STATE_SIDE
        state |= ((terms >> kinds.TERM_FLAGS) & kinds.FLAG_HAS_PRICE) << kinds.STATE_FLAGS
        state |= kinds.ORDER_STATUS_REJECTED << kinds.STATE_STATUS
        self.report.refuse(reason, refusal.field, refusal.limit, refusal.value)
        self.report.refused_command_event(
            kinds.ORDER_REJECTED,
            kinds.EXECUTION_TYPE_REJECTED,
            state,
            start + kinds.CREATE_TEXT,
            self.turn.words[start + kinds.CREATE_TEXT_LENGTH],
        )
        self.results.words[self.report.result + kinds.RESULT_STATE] |= kinds.ORDER_STATUS_REJECTED
        return 0

    @cython.cfunc
    @cython.exceptval(-1, check=False)
    def _open_order(self, start: cython.Py_ssize_t) -> cython.int:
        orders: Orders = self.orders
        terms: cython.longlong = self.turn.words[start + kinds.CREATE_TERMS]
        flags: cython.longlong = terms >> kinds.TERM_FLAGS
        account: cython.int = cython.cast(
            cython.int, self.turn.words[start + kinds.COMMAND_PARTIES] & kinds.LOW_HALF
        )
        row: cython.int = orders.take(account)
        orders.terms[row] = (terms & 0xFFFFFF) << kinds.STATE_SIDE
        orders.terms[row] |= (flags & kinds.FLAG_HAS_PRICE) << kinds.STATE_FLAGS
        orders.traits[row] = cython.cast(
            cython.int,
            (flags & (kinds.FLAG_POST_ONLY | kinds.FLAG_REDUCE_ONLY))
            | (((terms >> kinds.TERM_SELF_TRADE_PREVENTION) & 0xFF) << 8),
        )
        orders.position[row] = self.admission.position
        orders.instrument[row] = cython.cast(
            cython.int, self.turn.words[start + kinds.COMMAND_PARTIES] >> 32
        )
        orders.session[row] = cython.cast(
            cython.int, self.turn.words[start + kinds.COMMAND_ACTOR] >> 32
        )
        orders.price[row] = self.turn.words[start + kinds.CREATE_PRICE]
        orders.quantity[row] = self.turn.words[start + kinds.CREATE_QUANTITY]
        orders.created_ns[row] = self.report.time_ns
        self._note_conditions(start, row)
        orders.make_room_for_id()
        orders.entry[row] = orders.ids.add(
            account,
            self.turn,
            start + kinds.CREATE_TEXT,
            cython.cast(cython.int, self.turn.words[start + kinds.CREATE_TEXT_LENGTH]),
            row,
            kinds.NO_SLOT,
        )
        return row

    @cython.cfunc
    @cython.exceptval(check=False)
    def _note_conditions(self, start: cython.Py_ssize_t, row: cython.int) -> cython.void:
        """Write down what only some orders have."""
        orders: Orders = self.orders
        kind: cython.int = orders.order_type(row)
        if self.turn.words[start + kinds.CREATE_MIN_QUANTITY] != 0:
            orders.traits[row] |= kinds.TRAIT_MIN_QUANTITY
            orders.min_quantity[row] = self.turn.words[start + kinds.CREATE_MIN_QUANTITY]
        if orders.time_in_force(row) == kinds.TIME_IN_FORCE_GTD:
            orders.expire_ns[row] = self.turn.words[start + kinds.CREATE_EXPIRE_TIME_NS]
            orders.deadlines.set(row, orders.expire_ns[row], orders.order_id[row])
        if orders.is_reduce_only(row):
            self.placing.positions.reduce_only[orders.position[row]] += self.placing.lots(row)
        if kind == kinds.ORDER_TYPE_ICEBERG:
            orders.display[row] = self.turn.words[start + kinds.CREATE_DISPLAY_QUANTITY]
        elif kind == kinds.ORDER_TYPE_PEGGED:
            self._note_peg(start, row)
        elif orders.is_stop(row):
            self._note_stop(start, row)

    @cython.cfunc
    @cython.exceptval(check=False)
    def _note_stop(self, start: cython.Py_ssize_t, row: cython.int) -> cython.void:
        terms: cython.longlong = self.turn.words[start + kinds.CREATE_TERMS]
        trigger: cython.longlong = (terms >> kinds.TERM_STOP_TRIGGER) & 0xFF
        if trigger == 0:
            trigger = kinds.STOP_TRIGGER_LAST_TRADE
        self.orders.traits[row] |= kinds.FLAG_HAS_STOP_PRICE | cython.cast(
            cython.int, trigger << 16
        )
        self.orders.stop_price[row] = self.turn.words[start + kinds.CREATE_STOP_PRICE]
        self.orders.status[row] = kinds.ORDER_STATUS_PENDING_TRIGGER

    @cython.cfunc
    @cython.exceptval(check=False)
    def _note_peg(self, start: cython.Py_ssize_t, row: cython.int) -> cython.void:
        """Write down what a pegged order follows, and give it its price, if it has one now."""
        orders: Orders = self.orders
        instrument: cython.int = orders.instrument[row]
        terms: cython.longlong = self.turn.words[start + kinds.CREATE_TERMS]
        orders.traits[row] |= cython.cast(
            cython.int, ((terms >> kinds.TERM_PEG_REFERENCE) & 0xFF) << 24
        )
        orders.peg_offset[row] = self.turn.words[start + kinds.CREATE_PEG_OFFSET]
        if (terms >> kinds.TERM_FLAGS) & kinds.FLAG_HAS_PRICE:
            orders.traits[row] |= kinds.TRAIT_PEG_LIMIT
            orders.stop_price[row] = orders.price[row]
        first: cython.bint = self.placing.instruments.get(instrument, kinds.INSTRUMENT_PEGS) == 0
        self.placing.open_peg(row)
        if first:
            self.pegs.has_moved(instrument)
        self.pegs.show_price(row, self.admission.is_continuous(instrument) and self.pegs.price(row))

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
    def cancel(self, start: cython.Py_ssize_t) -> cython.int:
        account: cython.int = cython.cast(
            cython.int, self.turn.words[start + kinds.COMMAND_PARTIES] & kinds.LOW_HALF
        )
        order_id: cython.longlong = self.turn.words[start + kinds.CANCEL_ORDER_ID]
        reason: cython.longlong = self._door(start)
        row: cython.int = kinds.NO_SLOT
        if reason == 0:
            row = self._named_order(
                account,
                order_id,
                start + kinds.CANCEL_TEXT,
                self.turn.words[start + kinds.CANCEL_TEXT_LENGTH],
            )
            row = self._of_kind(row, self.turn.words[start] & 0xFFFF == kinds.CANCEL_PACKAGE)
            reason = self._changeable(row, order_id)
        if reason != 0:
            return self._refuse_change(start, kinds.CANCEL_REJECTED, row, reason)
        self.report.row = row
        self.placing.leave(row)
        return self.placing.end(
            row,
            kinds.ORDER_CANCELLED,
            kinds.CANCEL_REASON_REQUESTED,
            self.turn.words[start + kinds.COMMAND_REQUEST_ID],
        )

    @cython.cfunc
    @cython.exceptval(check=False)
    def _of_kind(self, row: cython.int, package: cython.bint) -> cython.int:
        """Return the row if it is a package, or if it is a single order; legs are neither."""
        if row == kinds.NO_SLOT or self.orders.is_leg(row):
            return kinds.NO_SLOT
        return row if self.orders.is_package(row) == package else kinds.NO_SLOT

    @cython.cfunc
    @cython.exceptval(check=False)
    def _door(self, start: cython.Py_ssize_t) -> cython.longlong:
        """Return why a change of orders is refused before any order is looked up, or 0."""
        reason: cython.longlong = self.turn.words[start] >> 32
        account: cython.longlong = self.turn.words[start + kinds.COMMAND_PARTIES] & kinds.LOW_HALF
        self.admission.refusal.fail(0, 0, 0, 0)
        if reason != 0:
            return reason
        if account == 0 or account > self.admission.accounts.count:
            return self.admission.refusal.fail(
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
            return self.admission.refusal.fail(
                kinds.REJECT_REASON_UNKNOWN_ORDER, field, 0, order_id
            )
        if not self.orders.is_working(row):
            return self.admission.refusal.fail(
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
        refusal: Refusal = self.admission.refusal
        execution_type: cython.int = kinds.EXECUTION_TYPE_CANCEL_REJECTED
        text: cython.Py_ssize_t = start + kinds.CANCEL_TEXT
        length: cython.longlong = 0
        if kind == kinds.REPLACE_REJECTED:
            execution_type = kinds.EXECUTION_TYPE_REPLACE_REJECTED
            text = start + kinds.REPLACE_TEXT
            length = self.turn.words[start + kinds.REPLACE_TEXT_LENGTHS] & kinds.LOW_HALF
            if self.turn.words[start] & 0xFFFF == kinds.REPLACE_PACKAGE:
                text = start + kinds.AMEND_TEXT
                length = self.turn.words[start + kinds.AMEND_TEXT_LENGTHS] & kinds.LOW_HALF
        elif self.turn.words[start] & 0xFFFF != kinds.CANCEL_ORDERS:
            length = self.turn.words[start + kinds.CANCEL_TEXT_LENGTH]
        self.report.refuse(reason, refusal.field, refusal.limit, refusal.value)
        if row == kinds.NO_SLOT:
            self.report.refused_command_event(kind, execution_type, 0, text, length)
        else:
            self.report.row = row
            self.report.refused_order_event(kind, execution_type, row)
        return 0

    @cython.cfunc
    @cython.exceptval(-1, check=False)
    def cancel_many(self, start: cython.Py_ssize_t) -> cython.int:
        parties: cython.longlong = self.turn.words[start + kinds.COMMAND_PARTIES]
        account: cython.int = cython.cast(cython.int, parties & kinds.LOW_HALF)
        instrument: cython.longlong = (parties >> 32) & kinds.LOW_HALF
        side: cython.longlong = self.turn.words[start + kinds.MASS_SIDE]
        session: cython.longlong = self.turn.words[start + kinds.MASS_SESSION]
        reason: cython.longlong = self._door(start)
        if reason == 0 and instrument > self.admission.instruments.count:
            reason = self.admission.refusal.fail(
                kinds.REJECT_REASON_UNKNOWN_INSTRUMENT,
                kinds.CANCEL_FIELD_INSTRUMENT_ID,
                0,
                instrument,
            )
        if reason == 0 and (side < 0 or side > kinds.SIDE_SELL):
            reason = self.admission.refusal.fail(
                kinds.REJECT_REASON_INVALID_ENUM, kinds.CANCEL_FIELD_SIDE, 0, side
            )
        if reason != 0:
            return self._refuse_change(start, kinds.CANCEL_REJECTED, kinds.NO_SLOT, reason)
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
                and self._entered_by(row, session)
            ):
                self.placing.remove(
                    self._whole(row),
                    kinds.ORDER_CANCELLED,
                    kinds.CANCEL_REASON_DISCONNECT if session else kinds.CANCEL_REASON_MASS_CANCEL,
                )
                cancelled += 1
            row = behind
        self.report.notice(kinds.ORDERS_CANCELLED, account, cancelled)
        self.results.words[self.report.result + kinds.RESULT_AFFECTED] = cancelled
        return 0

    @cython.cfunc
    @cython.exceptval(check=False)
    def _whole(self, row: cython.int) -> cython.int:
        """Return the package of a leg, any other order as it is."""
        if self.orders.is_leg(row):
            return self.orders.row_of(self.orders.package_id(row))
        return row

    @cython.cfunc
    @cython.exceptval(check=False)
    def _entered_by(self, row: cython.int, session: cython.longlong) -> cython.bint:
        if session == kinds.ANY_SESSION:
            return self.orders.session[row] != 0
        return session == 0 or self.orders.session[row] == session

    @cython.cfunc
    @cython.exceptval(-1, check=False)
    def replace(self, start: cython.Py_ssize_t) -> cython.int:
        account: cython.int = cython.cast(
            cython.int, self.turn.words[start + kinds.COMMAND_PARTIES] & kinds.LOW_HALF
        )
        order_id: cython.longlong = self.turn.words[start + kinds.REPLACE_ORDER_ID]
        lengths: cython.longlong = self.turn.words[start + kinds.REPLACE_TEXT_LENGTHS]
        row: cython.int = kinds.NO_SLOT
        reason: cython.longlong = self._door(start)
        if reason == 0:
            row = self._named_order(
                account, order_id, start + kinds.REPLACE_TEXT, lengths & kinds.LOW_HALF
            )
            row = self._of_kind(row, False)
            reason = self._changeable(row, order_id)
        if reason == 0:
            reason = self.replacement.check(start, row)
        if reason != 0:
            return self._refuse_change(start, kinds.REPLACE_REJECTED, row, reason)
        self.report.row = row
        return self._carry_out_replace(start, row)

    @cython.cfunc
    @cython.exceptval(-1, check=False)
    def amend(self, start: cython.Py_ssize_t) -> cython.int:
        """Carry out REPLACE_PACKAGE."""
        account: cython.int = cython.cast(
            cython.int, self.turn.words[start + kinds.COMMAND_PARTIES] & kinds.LOW_HALF
        )
        order_id: cython.longlong = self.turn.words[start + kinds.AMEND_ORDER_ID]
        lengths: cython.longlong = self.turn.words[start + kinds.AMEND_TEXT_LENGTHS]
        text: cython.Py_ssize_t = start + kinds.AMEND_TEXT
        row: cython.int = kinds.NO_SLOT
        reason: cython.longlong = self._door(start)
        if reason == 0:
            row = self._named_order(account, order_id, text, lengths & kinds.LOW_HALF)
            row = self._of_kind(row, True)
            reason = self._changeable(row, order_id)
        if reason == 0:
            reason = self.amending.check(start, row)
        if reason != 0:
            return self._refuse_change(start, kinds.REPLACE_REJECTED, row, reason)
        self.report.row = row
        return self.amending.carry_out(start, row, self._rename(row, text, lengths))

    @cython.cfunc
    @cython.exceptval(-1, check=False)
    def _carry_out_replace(self, start: cython.Py_ssize_t, row: cython.int) -> cython.int:
        orders: Orders = self.orders
        request_id: cython.longlong = self.turn.words[start + kinds.COMMAND_REQUEST_ID]
        price: cython.longlong = self.replacement.price(start, row)
        quantity: cython.longlong = self.replacement.quantity(start, row)
        stop_price: cython.longlong = self.replacement.stop_price(start, row)
        enters: cython.bint = self.replacement.enters_anew(start, row)
        original: cython.int = self._rename(
            row, start + kinds.REPLACE_TEXT, self.turn.words[start + kinds.REPLACE_TEXT_LENGTHS]
        )
        if quantity <= orders.cumulative[row]:
            self.placing.leave(row)
            self.placing.resize(row, orders.cumulative[row])
            self.placing.close(
                row, kinds.ORDER_STATUS_FILLED, kinds.CANCEL_REASON_REPLACED_TO_FILLED
            )
            return self.report.replaced_event(row, original, request_id)
        if not enters:
            self._shrink(row, quantity)
            return self.report.replaced_event(row, original, request_id)
        self.placing.leave(row)
        self.placing.resize(row, quantity)
        orders.price[row] = price
        if orders.status[row] == kinds.ORDER_STATUS_PENDING_TRIGGER:
            orders.stop_price[row] = stop_price
        self.report.replaced_event(row, original, request_id)
        return self._enter(row)

    @cython.cfunc
    @cython.exceptval(-1, check=False)
    def _shrink(self, row: cython.int, quantity: cython.longlong) -> cython.int:
        """Reduce an order in its place; it keeps its priority."""
        less: cython.longlong = self.orders.quantity[row] - quantity
        if less == 0:
            return 0
        return self.placing.lose(
            row,
            less
            // self.placing.instruments.get(self.orders.instrument[row], kinds.INSTRUMENT_LOT_SIZE),
        )

    @cython.cfunc
    @cython.exceptval(-1, check=False)
    def _rename(
        self, row: cython.int, text: cython.Py_ssize_t, lengths: cython.longlong
    ) -> cython.int:
        """Give the order its new client order id, if there is one; return the old entry."""
        original: cython.int = self.orders.entry[row]
        text += (stored_bytes(lengths & kinds.LOW_HALF) + 7) >> 3
        if lengths >> 32:
            self.orders.make_room_for_id()
            self.orders.entry[row] = self.orders.ids.add(
                self.orders.account[row],
                self.turn,
                text,
                cython.cast(cython.int, lengths >> 32),
                row,
                original,
            )
            self.orders.ids.keep_newest(self.orders.entry[row], kinds.IDS_OF_AN_ORDER)
        return original


def is_compiled() -> bool:
    """Whether this module runs as a C extension."""
    return cython.compiled
