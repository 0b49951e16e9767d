"""Decide whether a multi-leg order may be changed, in the order of precedence of RejectReason."""

import cython

if cython.compiled:
    from cython.cimports.quantumcore.server.core import enums, kinds, tables
    from cython.cimports.quantumcore.server.core.admission_cy import Admission
    from cython.cimports.quantumcore.server.core.instruments_cy import Instruments
    from cython.cimports.quantumcore.server.core.money_cy import notional_of
    from cython.cimports.quantumcore.server.core.orders_cy import Orders
    from cython.cimports.quantumcore.server.core.package_pretrade_cy import PackagePreTrade
    from cython.cimports.quantumcore.server.core.packages_cy import Packages
    from cython.cimports.quantumcore.server.core.packaging_cy import Packaging
    from cython.cimports.quantumcore.server.core.placing_cy import Placing
    from cython.cimports.quantumcore.server.core.refusal_cy import Refusal
    from cython.cimports.quantumcore.server.core.reporter_cy import Reporter
    from cython.cimports.quantumcore.server.core.sequential_admission_cy import may_meet
    from cython.cimports.quantumcore.server.core.words_cy import Words, stored_bytes
else:
    from quantumcore.server.core import enums, kinds, tables
    from quantumcore.server.core.admission_cy import Admission
    from quantumcore.server.core.instruments_cy import Instruments
    from quantumcore.server.core.money_cy import notional_of
    from quantumcore.server.core.orders_cy import Orders
    from quantumcore.server.core.package_pretrade_cy import PackagePreTrade
    from quantumcore.server.core.packages_cy import Packages
    from quantumcore.server.core.packaging_cy import Packaging
    from quantumcore.server.core.placing_cy import Placing
    from quantumcore.server.core.refusal_cy import Refusal
    from quantumcore.server.core.reporter_cy import Reporter
    from quantumcore.server.core.sequential_admission_cy import may_meet
    from quantumcore.server.core.words_cy import Words, stored_bytes

MOST_UNITS: int = 1_000_000_000


@cython.cclass
class Amendment:
    """Read and check REPLACE_PACKAGE commands on packages that work; change nothing."""

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
        account: cython.int = self.orders.account[row]
        field: cython.longlong = enums.PACKAGE_FIELD_ACCOUNT_ID
        reason: cython.longlong = self.admission.pretrade.check_active(account, field)
        if reason == 0:
            reason = self._name(record, row)
        if reason == 0:
            reason = self._phases(row)
        if reason == 0 and self.orders.is_sequential(row):
            reason = self._stage(row)
        if reason == 0:
            reason = self._numbers(record, row)
        if reason == 0:
            reason = self.admission.check_killed(
                self.orders.account[row], enums.PACKAGE_FIELD_ACCOUNT_ID
            )
        if reason == 0 and self.admission.accounts.watched[self.orders.account[row]] != 0:
            reason = self._watched(record, row)
        return reason

    @cython.cfunc
    @cython.exceptval(-1, check=False)
    def _watched(self, record: cython.Py_ssize_t, row: cython.int) -> cython.longlong:
        """Check what the package is to be against the limits and funds of its account."""
        pretrade: PackagePreTrade = self.packaging.admission.pretrade
        at: cython.Py_ssize_t = self.packages.at(self.orders.package(row))
        units: cython.longlong = self.orders.quantity[row] // kinds.UNIT
        most_cost: cython.longlong = self.packages.words[at + tables.PACKAGE_ROW_MOST_COST]
        number: cython.int
        if self._flag(record, kinds.FLAG_HAS_QUANTITY):
            units = self.turn.words[record + kinds.AMEND_UNITS]
        if self._flag(record, kinds.FLAG_HAS_PRICE):
            most_cost = self.packaging.trading.most_cost(
                row, self.turn.words[record + kinds.AMEND_NET_PRICE]
            )
        for number in range(self._leg_count(row)):
            pretrade.limits[number] = self._limit(record, row, number)
        if self.orders.is_sequential(row):
            units = max(units, self.packages.begun(self.orders.package(row)))
        units -= self.orders.cumulative[row] // kinds.UNIT
        return pretrade.check_amended(row, units, most_cost) if units > 0 else 0

    @cython.cfunc
    @cython.exceptval(check=False)
    def _limit(
        self, record: cython.Py_ssize_t, row: cython.int, number: cython.int
    ) -> cython.longlong:
        """Return the limit that a leg, counted from 0, is to have, ticks; NO_LIMIT: none."""
        at: cython.Py_ssize_t = self.packages.at(self.orders.package(row))
        leg: cython.int = self.orders.leg_row(row, number)
        if not self._amends(record, number):
            return self.packages.words[at + tables.PACKAGE_ROW_LIMITS + number]
        if not self._gets_price(record, number):
            return tables.NO_LIMIT
        return self.turn.words[record + kinds.AMEND_LEG_PRICES + number] // self.instruments.get(
            self.orders.instrument[leg], tables.INSTRUMENT_TICK_SIZE
        )

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
                self.refusal.field, self.refusal.leg = 0, number + 1
                return reason
        return 0

    @cython.cfunc
    @cython.exceptval(check=False)
    def _stage(self, row: cython.int) -> cython.longlong:
        """Check that no unwind policy but HOLD is at work on a sequential order."""
        at: cython.Py_ssize_t = self.packages.at(self.orders.package(row))
        words: cython.longlong[::1] = self.packages.words
        if (
            words[at + tables.PACKAGE_ROW_STAGE] == tables.STAGE_POLICY
            and words[at + tables.PACKAGE_ROW_POLICY] != enums.UNWIND_POLICY_HOLD
        ):
            return self.refusal.fail(enums.REJECT_REASON_TOO_LATE_TO_CANCEL, 0, 0, 0)
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
                self.refusal.about = number + 1
                self.admission.numbers.check_price(
                    self.orders.instrument[self.orders.leg_row(row, number)],
                    self.turn.words[record + kinds.AMEND_LEG_PRICES + number],
                    enums.AMEND_FIELD_LEG_PRICES,
                )
        self.refusal.about = 0
        if self.orders.is_sequential(row):
            self._note_meeting_legs(record, row)
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
                self._other_leg(record, row),
            )
        for number in range(kinds.MAX_LEGS):
            if (flags >> (kinds.AMEND_LEG_TWICE + number)) & 1:
                self.refusal.note(
                    enums.REJECT_REASON_DUPLICATE_LEG, enums.AMEND_FIELD_LEG_PRICES, 0, number + 1
                )

    @cython.cfunc
    @cython.exceptval(check=False)
    def _other_leg(self, record: cython.Py_ssize_t, row: cython.int) -> cython.longlong:
        """Return the number of a leg that is named and that the package does not have."""
        number: cython.int = self._leg_count(row)
        while number < kinds.MAX_LEGS and not self._amends(record, number):
            number += 1
        if number < kinds.MAX_LEGS:
            return number + 1
        return (self.turn.words[record + kinds.AMEND_FLAGS] >> 32) & kinds.LOW_HALF

    @cython.cfunc
    @cython.exceptval(check=False)
    def _note_meeting_legs(self, record: cython.Py_ssize_t, row: cython.int) -> cython.void:
        """Note two legs of one instrument that could trade with one another from now on."""
        one: cython.int
        other: cython.int
        leg: cython.int
        for other in range(self._leg_count(row)):
            leg = self.orders.leg_row(row, other)
            for one in range(other):
                if self.orders.instrument[leg] == self.orders.instrument[
                    self.orders.leg_row(row, one)
                ] and may_meet(
                    self.orders.side(self.orders.leg_row(row, one)),
                    self._limit_price(record, row, one),
                    self._limit_price(record, row, other),
                ):
                    self.refusal.note(
                        enums.REJECT_REASON_DUPLICATE_LEG, enums.AMEND_FIELD_LEG_PRICES, 0, one + 1
                    )

    @cython.cfunc
    @cython.exceptval(check=False)
    def _limit_price(
        self, record: cython.Py_ssize_t, row: cython.int, number: cython.int
    ) -> cython.longlong:
        """Return the limit that a leg is to have, or NO_LIMIT."""
        at: cython.Py_ssize_t = self.packages.at(self.orders.package(row))
        if self._amends(record, number):
            if self._gets_price(record, number):
                return self.turn.words[record + kinds.AMEND_LEG_PRICES + number]
            return tables.NO_LIMIT
        if self.packages.words[at + tables.PACKAGE_ROW_LIMITS + number] == tables.NO_LIMIT:
            return tables.NO_LIMIT
        return self.orders.price[self.orders.leg_row(row, number)]

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


def is_compiled() -> bool:
    """Whether this module runs as a C extension."""
    return cython.compiled
