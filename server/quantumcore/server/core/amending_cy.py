"""Change multi-leg orders that wait: units, net price, prices of legs, name."""

import cython

if cython.compiled:
    from cython.cimports.quantumcore.server.core import enums, kinds, tables
    from cython.cimports.quantumcore.server.core.admission_cy import Admission
    from cython.cimports.quantumcore.server.core.instruments_cy import Instruments
    from cython.cimports.quantumcore.server.core.money_cy import notional_of
    from cython.cimports.quantumcore.server.core.orders_cy import Orders
    from cython.cimports.quantumcore.server.core.packages_cy import Packages
    from cython.cimports.quantumcore.server.core.packaging_cy import Packaging
    from cython.cimports.quantumcore.server.core.placing_cy import Placing
    from cython.cimports.quantumcore.server.core.refusal_cy import Refusal
    from cython.cimports.quantumcore.server.core.reporter_cy import Reporter
    from cython.cimports.quantumcore.server.core.words_cy import Words, stored_bytes
else:
    from quantumcore.server.core import enums, kinds, tables
    from quantumcore.server.core.admission_cy import Admission
    from quantumcore.server.core.instruments_cy import Instruments
    from quantumcore.server.core.money_cy import notional_of
    from quantumcore.server.core.orders_cy import Orders
    from quantumcore.server.core.packages_cy import Packages
    from quantumcore.server.core.packaging_cy import Packaging
    from quantumcore.server.core.placing_cy import Placing
    from quantumcore.server.core.refusal_cy import Refusal
    from quantumcore.server.core.reporter_cy import Reporter
    from quantumcore.server.core.words_cy import Words, stored_bytes

MOST_UNITS: int = 1_000_000_000


@cython.final
@cython.cclass
class Amending:
    """Check a REPLACE_PACKAGE command and carry it out: all legs in one step, or none."""

    admission: Admission
    instruments: Instruments
    orders: Orders
    packages: Packages
    packaging: Packaging
    placing: Placing
    refusal: Refusal
    report: Reporter
    turn: Words

    def __init__(self, packaging: Packaging) -> None:
        self.packaging, self.admission = packaging, packaging.admission.admission
        self.instruments, self.orders = packaging.instruments, packaging.orders
        self.packages, self.placing = packaging.packages, packaging.placing
        self.refusal, self.report = self.admission.refusal, packaging.report
        self.turn = packaging.turn

    @cython.cfunc
    @cython.exceptval(-1, check=False)
    def check(self, record: cython.Py_ssize_t, row: cython.int) -> cython.longlong:
        """Return why a change of a working package is refused: a RejectReason, or 0."""
        reason: cython.longlong = self._name(record, row)
        if reason == 0:
            reason = self._phases(row)
        if reason == 0:
            reason = self._numbers(record, row)
        if reason == 0:
            reason = self.admission.check_killed(
                self.orders.account[row], enums.PACKAGE_FIELD_ACCOUNT_ID
            )
        return reason

    @cython.cfunc
    @cython.exceptval(check=False)
    def _name(self, record: cython.Py_ssize_t, row: cython.int) -> cython.longlong:
        lengths: cython.longlong = self.turn.words[record + kinds.AMEND_TEXT_LENGTHS]
        text: cython.Py_ssize_t = record + kinds.AMEND_TEXT
        if lengths >> 32 == 0:
            return 0
        text += (stored_bytes(lengths & kinds.LOW_HALF) + 7) >> 3
        return self.admission.check_new_id(
            self.orders.account[row], text, lengths >> 32, enums.AMEND_FIELD_NEW_CLIENT_ORDER_ID
        )

    @cython.cfunc
    @cython.exceptval(check=False)
    def _phases(self, row: cython.int) -> cython.longlong:
        number: cython.int
        reason: cython.longlong
        for number in range(self._leg_count(row)):
            reason = self.admission.check_phase(
                self.orders.instrument[self.orders.leg_row(row, number)]
            )
            if reason != 0:
                self.refusal.field = 0
                return reason
        return 0

    @cython.cfunc
    @cython.exceptval(check=False)
    def _leg_count(self, row: cython.int) -> cython.int:
        at: cython.Py_ssize_t = self.packages.at(self.orders.package(row))
        return cython.cast(cython.int, self.packages.words[at + tables.PACKAGE_ROW_LEG_COUNT])

    @cython.cfunc
    @cython.exceptval(check=False)
    def _flag(self, record: cython.Py_ssize_t, bit: cython.longlong) -> cython.bint:
        return self.turn.words[record + kinds.AMEND_FLAGS] & bit != 0

    @cython.cfunc
    @cython.exceptval(check=False)
    def _amends(self, record: cython.Py_ssize_t, number: cython.int) -> cython.bint:
        """Whether a leg, counted from 0, is named."""
        return (self.turn.words[record + kinds.AMEND_FLAGS] >> (kinds.AMEND_LEG + number)) & 1 != 0

    @cython.cfunc
    @cython.exceptval(check=False)
    def _gets_price(self, record: cython.Py_ssize_t, number: cython.int) -> cython.bint:
        """Whether a leg that is named has a limit from now on."""
        flags: cython.longlong = self.turn.words[record + kinds.AMEND_FLAGS]
        return (flags >> (kinds.AMEND_LEG_PRICE + number)) & 1 != 0

    @cython.cfunc
    @cython.exceptval(check=False)
    def _numbers(self, record: cython.Py_ssize_t, row: cython.int) -> cython.longlong:
        units: cython.longlong = self.turn.words[record + kinds.AMEND_UNITS]
        number: cython.int
        self.refusal.clear()
        self._legs(record, row)
        if self._flag(record, kinds.FLAG_HAS_QUANTITY):
            self._units(row, units)
        for number in range(self._leg_count(row)):
            if self._amends(record, number) and self._gets_price(record, number):
                self.admission.numbers.check_price(
                    self.orders.instrument[self.orders.leg_row(row, number)],
                    self.turn.words[record + kinds.AMEND_LEG_PRICES + number],
                    enums.AMEND_FIELD_LEG_PRICES,
                )
        if not self._changes(record):
            self.refusal.note(enums.REJECT_REASON_NOTHING_TO_REPLACE, 0, 0, 0)
        return self.refusal.reason

    @cython.cfunc
    @cython.exceptval(check=False)
    def _legs(self, record: cython.Py_ssize_t, row: cython.int) -> cython.void:
        """Note a leg that is named but is none of the package's, or that is named twice."""
        flags: cython.longlong = self.turn.words[record + kinds.AMEND_FLAGS]
        number: cython.int
        if (
            flags & kinds.AMEND_OTHER_LEG
            or ((flags >> kinds.AMEND_LEG) & 15) >> self._leg_count(row) != 0
        ):
            self.refusal.note(
                enums.REJECT_REASON_VALUE_OUT_OF_RANGE,
                enums.AMEND_FIELD_LEG_PRICES,
                self._leg_count(row),
                0,
            )
        for number in range(kinds.MAX_LEGS):
            if (flags >> (kinds.AMEND_LEG_TWICE + number)) & 1:
                self.refusal.note(
                    enums.REJECT_REASON_DUPLICATE_LEG, enums.AMEND_FIELD_LEG_PRICES, 0, number + 1
                )

    @cython.cfunc
    @cython.exceptval(check=False)
    def _units(self, row: cython.int, units: cython.longlong) -> cython.void:
        """Note what is wrong with a new number of units."""
        number: cython.int
        leg: cython.int
        ratio: cython.longlong
        most: cython.longlong = MOST_UNITS
        before: cython.longlong = self.orders.quantity[row] // kinds.UNIT
        if units <= 0:
            self.refusal.note(
                enums.REJECT_REASON_QUANTITY_NOT_POSITIVE, enums.AMEND_FIELD_UNITS, 0, units
            )
            return
        for number in range(self._leg_count(row)):
            leg = self.orders.leg_row(row, number)
            ratio = self.orders.quantity[leg] // before
            most = min(
                most,
                self.instruments.get(self.orders.instrument[leg], tables.INSTRUMENT_MAX_QUANTITY)
                // ratio,
            )
        if units > most:
            self.refusal.note(
                enums.REJECT_REASON_QUANTITY_TOO_LARGE, enums.AMEND_FIELD_UNITS, most, units
            )
        elif units > before and not self._fits(row, units, before):
            self.refusal.note(
                enums.REJECT_REASON_NOTIONAL_OVERFLOW, enums.AMEND_FIELD_UNITS, before, units
            )

    @cython.cfunc
    @cython.exceptval(check=False)
    def _fits(
        self, row: cython.int, units: cython.longlong, before: cython.longlong
    ) -> cython.bint:
        """Whether the greatest value of so many units fits the core's arithmetic."""
        left: cython.longlong = tables.NOTIONAL_LIMIT
        number: cython.int
        leg: cython.int
        for number in range(self._leg_count(row)):
            leg = self.orders.leg_row(row, number)
            left -= notional_of(
                self.instruments,
                self.orders.instrument[leg],
                self.orders.quantity[leg] // before * units,
            )
            if left <= 0:
                return False
        return True

    @cython.cfunc
    @cython.exceptval(check=False)
    def _changes(self, record: cython.Py_ssize_t) -> cython.bint:
        flags: cython.longlong = self.turn.words[record + kinds.AMEND_FLAGS]
        return flags != 0 or self.turn.words[record + kinds.AMEND_TEXT_LENGTHS] >> 32 != 0

    @cython.cfunc
    @cython.exceptval(-1, check=False)
    def carry_out(
        self, record: cython.Py_ssize_t, row: cython.int, original: cython.int
    ) -> cython.int:
        """Give a package its new terms and let it try; `original` is its id's entry before."""
        orders: Orders = self.orders
        number: cython.int
        request_id: cython.longlong = self.turn.words[record + kinds.COMMAND_REQUEST_ID]
        self.placing.leave(row)
        self._set_units(record, row)
        self._set_prices(record, row)
        for number in range(self._leg_count(row)):
            orders.entry[self.orders.leg_row(row, number)] = orders.entry[row]
        if orders.cumulative[row] >= orders.quantity[row]:
            for number in range(self._leg_count(row)):
                self.placing.close(
                    self.orders.leg_row(row, number),
                    enums.ORDER_STATUS_FILLED,
                    enums.CANCEL_REASON_REPLACED_TO_FILLED,
                )
            self.placing.close(
                row, enums.ORDER_STATUS_FILLED, enums.CANCEL_REASON_REPLACED_TO_FILLED
            )
        self._tell(row, original, request_id)
        if not orders.is_working(row):
            return 0
        self.packaging.try_again(row)
        return self.placing.waiting_packages.hold(row) if orders.is_working(row) else 0

    @cython.cfunc
    @cython.exceptval(-1, check=False)
    def _tell(
        self, row: cython.int, original: cython.int, request_id: cython.longlong
    ) -> cython.int:
        """Tell of the package's new terms, then of each leg's."""
        number: cython.int
        self.report.replaced_event(row, original, request_id)
        for number in range(self._leg_count(row)):
            self.report.replaced_event(self.orders.leg_row(row, number), original, 0)
        return 0

    @cython.cfunc
    @cython.exceptval(check=False)
    def _set_units(self, record: cython.Py_ssize_t, row: cython.int) -> cython.void:
        """Give a package another number of units, at least what has traded."""
        orders: Orders = self.orders
        at: cython.Py_ssize_t = self.packages.at(orders.package(row))
        before: cython.longlong = orders.quantity[row] // kinds.UNIT
        units: cython.longlong = self.turn.words[record + kinds.AMEND_UNITS]
        number: cython.int
        leg: cython.int
        if not self._flag(record, kinds.FLAG_HAS_QUANTITY):
            return
        units = max(units, orders.cumulative[row] // kinds.UNIT)
        for number in range(self._leg_count(row)):
            leg = self.orders.leg_row(row, number)
            orders.quantity[leg] = orders.quantity[leg] // before * units
        orders.quantity[row] = units * kinds.UNIT
        if self.packages.words[at + tables.PACKAGE_ROW_MIN_UNITS] == before:
            self.packages.words[at + tables.PACKAGE_ROW_MIN_UNITS] = units

    def _set_prices(self, record: int, row: int) -> None:
        """Give a package its new net price, and legs their new limits."""
        at = self.packages.at(self.orders.package(row))
        words, orders = self.packages.words, self.orders
        for number in range(self._leg_count(row)):
            if self._amends(record, number):
                leg = self.orders.leg_row(row, number)
                price = self.turn.words[record + kinds.AMEND_LEG_PRICES + number]
                has_price = bool(self._gets_price(record, number))
                tick = self.instruments.read(orders.instrument[leg], tables.INSTRUMENT_TICK_SIZE)
                limit: cython.longlong = tables.NO_LIMIT
                words[at + tables.PACKAGE_ROW_LIMITS + number] = (
                    price // tick if has_price else limit
                )
                self._show_limit(leg, has_price, price if has_price else 0)
        if self._flag(record, kinds.FLAG_HAS_PRICE):
            net_price = self.turn.words[record + kinds.AMEND_NET_PRICE]
            self._show_net_price(row, net_price)
            words[at + tables.PACKAGE_ROW_MOST_COST] = self.packaging.trading.most_cost(
                row, net_price
            )

    def _show_net_price(self, row: int, net_price: int) -> None:
        """Let a package have this net price."""
        has_price: cython.longlong = kinds.FLAG_HAS_PRICE
        self.orders.terms[row] |= has_price << kinds.STATE_FLAGS
        self.orders.price[row] = net_price

    def _show_limit(self, row: int, has_price: bool, price: int) -> None:
        """Let a leg have this limit, or none."""
        flag: cython.longlong = kinds.FLAG_HAS_PRICE
        kind: cython.longlong = enums.ORDER_TYPE_LIMIT if has_price else enums.ORDER_TYPE_MARKET
        byte: cython.longlong = 0xFF
        terms: cython.longlong = self.orders.terms[row]
        terms = terms & ~(byte << kinds.STATE_ORDER_TYPE) | kind << kinds.STATE_ORDER_TYPE
        terms = terms & ~(flag << kinds.STATE_FLAGS)
        self.orders.terms[row] = terms | (flag << kinds.STATE_FLAGS if has_price else 0)
        self.orders.price[row] = price


def is_compiled() -> bool:
    """Whether this module runs as a C extension."""
    return cython.compiled
