"""Carry out replacements of orders, single and multi-leg."""

import cython

if cython.compiled:
    from cython.cimports.quantumcore.server.core import enums, kinds, tables
    from cython.cimports.quantumcore.server.core.amending_cy import Amending
    from cython.cimports.quantumcore.server.core.entry_cy import Entry
    from cython.cimports.quantumcore.server.core.naming_cy import Naming
    from cython.cimports.quantumcore.server.core.orders_cy import Orders
    from cython.cimports.quantumcore.server.core.placing_cy import Placing
    from cython.cimports.quantumcore.server.core.replacement_cy import Replacement
    from cython.cimports.quantumcore.server.core.reporter_cy import Reporter
    from cython.cimports.quantumcore.server.core.words_cy import Words, stored_bytes
else:
    from quantumcore.server.core import enums, kinds, tables
    from quantumcore.server.core.amending_cy import Amending
    from quantumcore.server.core.entry_cy import Entry
    from quantumcore.server.core.naming_cy import Naming
    from quantumcore.server.core.orders_cy import Orders
    from quantumcore.server.core.placing_cy import Placing
    from quantumcore.server.core.replacement_cy import Replacement
    from quantumcore.server.core.reporter_cy import Reporter
    from quantumcore.server.core.words_cy import Words, stored_bytes


@cython.final
@cython.cclass
class Replacing:
    """An order keeps its place if it but shrinks; with any other change it enters anew."""

    amending: Amending
    entry: Entry
    naming: Naming
    orders: Orders
    placing: Placing
    replacement: Replacement
    report: Reporter
    turn: Words

    def __init__(self, naming: Naming, entry: Entry, amending: Amending) -> None:
        self.naming, self.entry, self.amending = naming, entry, amending
        self.replacement = Replacement(naming.admission)
        self.orders, self.placing = entry.orders, entry.placing
        self.report, self.turn = entry.report, entry.turn

    @cython.cfunc
    @cython.exceptval(-1, check=False)
    def replace(self, start: cython.Py_ssize_t) -> cython.int:
        """Carry out REPLACE_ORDER."""
        lengths: cython.longlong = self.turn.words[start + kinds.REPLACE_TEXT_LENGTHS]
        reason: cython.longlong = self.naming.find(
            start,
            self.turn.words[start + kinds.REPLACE_ORDER_ID],
            start + kinds.REPLACE_TEXT,
            lengths & kinds.LOW_HALF,
            False,
        )
        row: cython.int = self.naming.row
        reason = self._limited(start, reason)
        if reason == 0:
            reason = self.replacement.check(start, row)
        if reason != 0:
            return self.naming.refuse(start, kinds.REPLACE_REJECTED, row)
        self.report.row = row
        return self._carry_out(start, row)

    @cython.cfunc
    @cython.exceptval(check=False)
    def _limited(self, start: cython.Py_ssize_t, reason: cython.longlong) -> cython.longlong:
        """Count a change that was let in against its account's rate, whatever it names."""
        limited: cython.longlong
        if self.turn.words[start] >> 32 != 0:
            return reason
        limited = self.naming.admission.pretrade.check_account(
            self.turn.words[start + kinds.COMMAND_PARTIES] & kinds.LOW_HALF,
            self.naming.admission.time_ns,
            enums.CANCEL_FIELD_ACCOUNT_ID,
        )
        return limited if limited != 0 else reason

    @cython.cfunc
    @cython.exceptval(-1, check=False)
    def _carry_out(self, start: cython.Py_ssize_t, row: cython.int) -> cython.int:
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
                row, enums.ORDER_STATUS_FILLED, enums.CANCEL_REASON_REPLACED_TO_FILLED
            )
            return self.report.replaced_event(row, original, request_id)
        if not enters:
            self._shrink(row, quantity)
            return self.report.replaced_event(row, original, request_id)
        self.placing.leave(row)
        self.placing.resize(row, quantity)
        self.placing.exposure.revalue(
            row,
            self.placing.exposure.lots(row),
            self.naming.admission.pretrade.risk.ticks,
            self.naming.admission.pretrade.funds.reserve,
            self.naming.admission.pretrade.funds.foreseen,
        )
        orders.price[row] = price
        if orders.status[row] == enums.ORDER_STATUS_PENDING_TRIGGER:
            orders.stop_price[row] = stop_price
        self.report.replaced_event(row, original, request_id)
        return self.entry.enter(row)

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
            // self.placing.instruments.get(
                self.orders.instrument[row], tables.INSTRUMENT_LOT_SIZE
            ),
        )

    @cython.cfunc
    @cython.exceptval(-1, check=False)
    def amend(self, start: cython.Py_ssize_t) -> cython.int:
        """Carry out REPLACE_PACKAGE."""
        lengths: cython.longlong = self.turn.words[start + kinds.AMEND_TEXT_LENGTHS]
        text: cython.Py_ssize_t = start + kinds.AMEND_TEXT
        reason: cython.longlong = self.naming.find(
            start,
            self.turn.words[start + kinds.AMEND_ORDER_ID],
            text,
            lengths & kinds.LOW_HALF,
            True,
        )
        row: cython.int = self.naming.row
        reason = self._limited(start, reason)
        if reason == 0:
            reason = self.amending.check(start, row)
        if reason != 0:
            return self.naming.refuse(start, kinds.REPLACE_REJECTED, row)
        self.report.row = row
        return self.amending.carry_out(start, row, self._rename(row, text, lengths))

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
