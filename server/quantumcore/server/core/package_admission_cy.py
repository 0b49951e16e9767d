"""Decide whether a multi-leg order is let in, in the order of precedence of RejectReason."""

import cython

if cython.compiled:
    from cython.cimports.quantumcore.server.core import enums, kinds, tables
    from cython.cimports.quantumcore.server.core.admission_cy import Admission
    from cython.cimports.quantumcore.server.core.instruments_cy import Instruments
    from cython.cimports.quantumcore.server.core.money_cy import notional_of
    from cython.cimports.quantumcore.server.core.package_pretrade_cy import PackagePreTrade
    from cython.cimports.quantumcore.server.core.package_terms_cy import PackageTerms
    from cython.cimports.quantumcore.server.core.packages_cy import Packages
    from cython.cimports.quantumcore.server.core.refusal_cy import Refusal
    from cython.cimports.quantumcore.server.core.sequential_admission_cy import SequentialAdmission
else:
    from quantumcore.server.core import enums, kinds, tables
    from quantumcore.server.core.admission_cy import Admission
    from quantumcore.server.core.instruments_cy import Instruments
    from quantumcore.server.core.money_cy import notional_of
    from quantumcore.server.core.package_pretrade_cy import PackagePreTrade
    from quantumcore.server.core.package_terms_cy import PackageTerms
    from quantumcore.server.core.packages_cy import Packages
    from quantumcore.server.core.refusal_cy import Refusal
    from quantumcore.server.core.sequential_admission_cy import SequentialAdmission

MOST_UNITS: int = 1_000_000_000


@cython.final
@cython.cclass
class PackageAdmission:
    """Checks that change nothing, but for empty position entries that the legs will need."""

    admission: Admission
    instruments: Instruments
    packages: Packages
    pretrade: PackagePreTrade
    refusal: Refusal
    sequential: SequentialAdmission
    terms: PackageTerms

    def __init__(self, admission: Admission, packages: Packages) -> None:
        self.admission, self.packages = admission, packages
        self.instruments, self.refusal = admission.instruments, admission.refusal
        self.pretrade = PackagePreTrade(admission.pretrade)
        self.terms = PackageTerms(admission.turn, admission.instruments, packages)
        self.sequential = SequentialAdmission(admission.refusal, self.terms)

    @cython.cfunc
    @cython.exceptval(-1, check=False)
    def check(self, record: cython.Py_ssize_t) -> cython.longlong:
        """Return why a CREATE_PACKAGE is refused: a RejectReason, or 0."""
        self.terms.read(record)
        self.refusal.clear()
        reason: cython.longlong = self._parties()
        if reason == 0:
            reason = self._enums()
        if reason == 0:
            reason = self._fields()
        if reason == 0:
            reason = self._phases()
        if reason == 0:
            reason = self._numbers()
        if reason == 0:
            reason = self._risk()
        return reason

    @cython.cfunc
    @cython.exceptval(check=False)
    def _fail(
        self,
        reason: cython.longlong,
        field: cython.longlong,
        leg: cython.longlong,
        limit: cython.longlong,
        value: cython.longlong,
    ) -> cython.longlong:
        self.refusal.fail(reason, field, limit, value)
        self.refusal.leg = leg
        return reason

    @cython.cfunc
    @cython.exceptval(check=False)
    def _parties(self) -> cython.longlong:
        """Check that there is room, and account, instruments and client order id."""
        account: cython.longlong = self.terms.word(kinds.COMMAND_PARTIES) & kinds.LOW_HALF
        exhausted: cython.longlong = enums.REJECT_REASON_CAPACITY_EXHAUSTED
        number: cython.int
        admission: Admission = self.admission
        if admission.pretrade.check_account(
            account, admission.time_ns, enums.PACKAGE_FIELD_ACCOUNT_ID
        ):
            return self.refusal.reason
        if admission.orders.capacity - admission.orders.working <= self.terms.leg_count:
            return self._fail(exhausted, 0, 0, admission.orders.capacity, admission.orders.working)
        if not self.packages.has_room():
            return self._fail(exhausted, 0, 0, self.packages.capacity, self.packages.capacity)
        if account == 0 or account > admission.accounts.count:
            return self._fail(
                enums.REJECT_REASON_UNKNOWN_ACCOUNT, enums.PACKAGE_FIELD_ACCOUNT_ID, 0, 0, account
            )
        if admission.pretrade.check_active(account, enums.PACKAGE_FIELD_ACCOUNT_ID):
            return self.refusal.reason
        for number in range(self.terms.leg_count):
            if (
                self.terms.instrument(number) == 0
                or self.terms.instrument(number) > self.instruments.count
            ):
                return self._fail(
                    enums.REJECT_REASON_UNKNOWN_INSTRUMENT,
                    enums.PACKAGE_FIELD_LEGS,
                    number + 1,
                    0,
                    self.terms.instrument(number),
                )
        return admission.check_new_id(
            cython.cast(cython.int, account),
            self.terms.record + kinds.PACKAGE_TEXT,
            self.terms.word(kinds.PACKAGE_TEXT_LENGTH),
            enums.PACKAGE_FIELD_CLIENT_ORDER_ID,
        )

    @cython.cfunc
    @cython.exceptval(check=False)
    def _enums(self) -> cython.longlong:
        """Check that the choices are values that exist."""
        mode: cython.longlong = self.terms.part(kinds.PACKAGE_TERM_MODE)
        time_in_force: cython.longlong = self.terms.part(kinds.PACKAGE_TERM_TIME_IN_FORCE)
        prevention: cython.longlong = self.terms.part(kinds.PACKAGE_TERM_SELF_TRADE_PREVENTION)
        policy: cython.longlong = self.terms.part(kinds.PACKAGE_TERM_UNWIND_POLICY)
        number: cython.int
        for number in range(self.terms.leg_count):
            if (
                self.terms.side(number) != enums.SIDE_BUY
                and self.terms.side(number) != enums.SIDE_SELL
            ):
                return self._invalid(enums.PACKAGE_FIELD_LEGS, number + 1, self.terms.side(number))
        if mode == 0 or mode > enums.EXECUTION_MODE_SEQUENTIAL:
            return self._invalid(enums.PACKAGE_FIELD_EXECUTION_MODE, 0, mode)
        if time_in_force == 0 or time_in_force > enums.TIME_IN_FORCE_AT_CLOSE:
            return self._invalid(enums.PACKAGE_FIELD_TIME_IN_FORCE, 0, time_in_force)
        if prevention > enums.SELF_TRADE_PREVENTION_DECREMENT_AND_CANCEL:
            return self._invalid(enums.PACKAGE_FIELD_SELF_TRADE_PREVENTION, 0, prevention)
        if policy > enums.UNWIND_POLICY_COMPLETE_AT_MARKET:
            return self._invalid(enums.PACKAGE_FIELD_SEQUENTIAL_TERMS, 0, policy)
        return self._constraint_enums()

    @cython.cfunc
    @cython.exceptval(check=False)
    def _invalid(
        self, field: cython.longlong, leg: cython.longlong, value: cython.longlong
    ) -> cython.longlong:
        """Refuse a choice that does not exist, with what was sent."""
        if value == 0xFF:
            value = self.terms.sent()
        return self._fail(enums.REJECT_REASON_INVALID_ENUM, field, leg, 0, value)

    @cython.cfunc
    @cython.exceptval(check=False)
    def _constraint_enums(self) -> cython.longlong:
        """Check that each constraint says what it is."""
        number: cython.int
        kind: cython.longlong
        for number in range(self.terms.constraint_count()):
            kind = self.terms.constraint(number, kinds.CONSTRAINT_TERMS) & 0xFF
            if kind == 0 or kind > kinds.CONSTRAINT_MAX_SPREAD:
                return self._fail(
                    enums.REJECT_REASON_FIELD_REQUIRED,
                    enums.PACKAGE_FIELD_PRICE_CONSTRAINTS,
                    0,
                    0,
                    number + 1,
                )
        return 0

    @cython.cfunc
    @cython.exceptval(check=False)
    def _fields(self) -> cython.longlong:
        """Check what goes with mode and time in force, and ranges of plain numbers."""
        refused: cython.longlong = enums.REJECT_REASON_FIELD_NOT_ALLOWED
        time_in_force: cython.longlong = self.terms.part(kinds.PACKAGE_TERM_TIME_IN_FORCE)
        expires: cython.longlong = self.terms.word(kinds.PACKAGE_EXPIRE_TIME_NS)
        dated: cython.bint = time_in_force == enums.TIME_IN_FORCE_GTD
        if self.terms.is_sequential() and self.sequential.check_allowed() != 0:
            return self.refusal.reason
        if time_in_force > enums.TIME_IN_FORCE_FOK:
            return self._fail(refused, enums.PACKAGE_FIELD_TIME_IN_FORCE, 0, 0, time_in_force)
        if self.terms.part(kinds.PACKAGE_TERM_FLAGS) & kinds.FLAG_SEQUENTIAL and (
            not self.terms.is_sequential()
        ):
            return self._fail(refused, enums.PACKAGE_FIELD_SEQUENTIAL_TERMS, 0, 0, 1)
        if expires != 0 and not dated:
            return self._fail(refused, enums.PACKAGE_FIELD_EXPIRE_TIME_NS, 0, 0, expires)
        if dated and expires == 0:
            return self._fail(
                enums.REJECT_REASON_FIELD_REQUIRED, enums.PACKAGE_FIELD_EXPIRE_TIME_NS, 0, 0, 0
            )
        if self.terms.is_sequential() and self.sequential.check_terms() != 0:
            return self.refusal.reason
        return self._ranges()

    @cython.cfunc
    @cython.exceptval(check=False)
    def _ranges(self) -> cython.longlong:
        outside: cython.longlong = enums.REJECT_REASON_VALUE_OUT_OF_RANGE
        units: cython.longlong = self.terms.word(kinds.PACKAGE_UNITS)
        least: cython.longlong = self.terms.word(kinds.PACKAGE_MIN_UNITS)
        given: cython.longlong = self.terms.part(kinds.PACKAGE_TERM_CONSTRAINTS)
        number: cython.int
        if units > MOST_UNITS:
            return self._fail(outside, enums.PACKAGE_FIELD_UNITS, 0, MOST_UNITS, units)
        if least < 0 or least > max(units, 0):
            return self._fail(outside, enums.PACKAGE_FIELD_MIN_UNITS, 0, units, least)
        if given > kinds.MAX_CONSTRAINTS:
            return self._fail(
                outside, enums.PACKAGE_FIELD_PRICE_CONSTRAINTS, 0, kinds.MAX_CONSTRAINTS, given
            )
        for number in range(self.terms.constraint_count()):
            if not self._names_two_legs(self.terms.constraint(number, kinds.CONSTRAINT_TERMS)):
                return self._fail(
                    outside,
                    enums.PACKAGE_FIELD_PRICE_CONSTRAINTS,
                    0,
                    self.terms.leg_count,
                    number + 1,
                )
        return 0

    @cython.cfunc
    @cython.exceptval(check=False)
    def _names_two_legs(self, terms: cython.longlong) -> cython.bint:
        a: cython.longlong = (terms >> 8) & 0xFF
        b: cython.longlong = (terms >> 16) & 0xFF
        return 0 < a <= self.terms.leg_count and 0 < b <= self.terms.leg_count and a != b

    @cython.cfunc
    @cython.exceptval(check=False)
    def _phases(self) -> cython.longlong:
        """Check that every leg's instrument takes orders, and trades if it must at once."""
        number: cython.int
        instrument: cython.int
        reason: cython.longlong
        for number in range(self.terms.leg_count):
            instrument = cython.cast(cython.int, self.terms.instrument(number))
            reason = self.admission.check_phase(instrument)
            if (
                reason == 0
                and self.terms.is_immediate()
                and not self.instruments.is_continuous(instrument)
            ):
                reason = enums.REJECT_REASON_WRONG_PHASE
                self.refusal.value = self.instruments.get(instrument, tables.INSTRUMENT_PHASE)
                self.refusal.limit = 0
            if reason != 0:
                return self._fail(
                    reason,
                    enums.PACKAGE_FIELD_LEGS,
                    number + 1,
                    self.refusal.limit,
                    self.refusal.value,
                )
        return 0

    @cython.cfunc
    @cython.exceptval(-1, check=False)
    def _numbers(self) -> cython.longlong:
        """Check quantities, prices, times, and the legs together; the lowest reason counts."""
        units: cython.longlong = self.terms.word(kinds.PACKAGE_UNITS)
        expires: cython.longlong = self.terms.word(kinds.PACKAGE_EXPIRE_TIME_NS)
        count: cython.longlong = self.terms.part(kinds.PACKAGE_TERM_LEGS)
        number: cython.int
        self.refusal.clear()
        if units <= 0:
            self.refusal.note(
                enums.REJECT_REASON_QUANTITY_NOT_POSITIVE, enums.PACKAGE_FIELD_UNITS, 0, units
            )
        if expires != 0 and expires <= self.admission.time_ns:
            self.refusal.note(
                enums.REJECT_REASON_EXPIRE_TIME_PASSED,
                enums.PACKAGE_FIELD_EXPIRE_TIME_NS,
                self.admission.time_ns,
                expires,
            )
        if count < 2 or count > kinds.MAX_LEGS:
            self.refusal.note(
                enums.REJECT_REASON_LEG_COUNT, enums.PACKAGE_FIELD_LEGS, kinds.MAX_LEGS, count
            )
        for number in range(self.terms.leg_count):
            self._leg_numbers(number, units)
        if self.terms.is_sequential():
            self.sequential.note_meeting_legs()
        if self.refusal.reason == 0:
            self._together(units)
        return self.refusal.reason

    @cython.cfunc
    @cython.exceptval(check=False)
    def _leg_numbers(self, number: cython.int, units: cython.longlong) -> cython.void:
        """Note what is wrong with one leg, alone or beside those before it."""
        instrument: cython.int = cython.cast(cython.int, self.terms.instrument(number))
        field: cython.longlong = enums.PACKAGE_FIELD_LEGS
        ratio: cython.longlong = self.terms.leg(number, kinds.LEG_RATIO)
        lot: cython.longlong = self.instruments.get(instrument, tables.INSTRUMENT_LOT_SIZE)
        most: cython.longlong = self.instruments.get(instrument, tables.INSTRUMENT_MAX_QUANTITY)
        earlier: cython.int
        self.refusal.about = number + 1
        if ratio <= 0:
            self.refusal.note(enums.REJECT_REASON_LEG_RATIO, field, 0, ratio)
        elif ratio % lot != 0:
            self.refusal.note(enums.REJECT_REASON_QUANTITY_OFF_LOT, field, lot, ratio)
        elif units > 0 and ratio > most // units:
            self.refusal.note(enums.REJECT_REASON_QUANTITY_TOO_LARGE, field, most // units, ratio)
        if self.terms.has_price(number):
            self.admission.numbers.check_price(
                instrument, self.terms.leg(number, kinds.LEG_PRICE), field
            )
        for earlier in range(number):
            if self.terms.instrument(earlier) == instrument and self.terms.side(
                earlier
            ) == self.terms.side(number):
                self.refusal.note(enums.REJECT_REASON_DUPLICATE_LEG, field, 0, earlier + 1)
            if self.instruments.get(
                cython.cast(cython.int, self.terms.instrument(earlier)), tables.INSTRUMENT_CURRENCY
            ) != self.instruments.get(instrument, tables.INSTRUMENT_CURRENCY):
                self.refusal.note(enums.REJECT_REASON_LEG_CURRENCY, field, 0, earlier + 1)
        self.refusal.about = 0

    @cython.cfunc
    @cython.exceptval(-1, check=False)
    def _together(self, units: cython.longlong) -> cython.int:
        """Note contradictory constraints and sums that would not fit the core's arithmetic."""
        most: cython.longlong = tables.NOTIONAL_LIMIT
        left: cython.longlong = most
        number: cython.int
        if self.terms.constraint_count() > 0 and not self.terms.constraints_can_hold():
            self.refusal.note(
                enums.REJECT_REASON_CONTRADICTORY_CONSTRAINTS,
                enums.PACKAGE_FIELD_PRICE_CONSTRAINTS,
                0,
                0,
            )
        for number in range(self.terms.leg_count):
            left -= notional_of(
                self.instruments,
                cython.cast(cython.int, self.terms.instrument(number)),
                self.terms.leg(number, kinds.LEG_RATIO) * units,
            )
            if left <= 0:
                self.refusal.note(
                    enums.REJECT_REASON_NOTIONAL_OVERFLOW,
                    enums.PACKAGE_FIELD_UNITS,
                    most - 1,
                    units,
                )
                return 0
        return 0

    @cython.cfunc
    @cython.exceptval(-1, check=False)
    def _risk(self) -> cython.longlong:
        """Check kill switches, that every leg's position can be counted, limits and funds."""
        account: cython.int = cython.cast(
            cython.int, self.terms.word(kinds.COMMAND_PARTIES) & kinds.LOW_HALF
        )
        number: cython.int
        if self.admission.check_killed(account, enums.PACKAGE_FIELD_ACCOUNT_ID) != 0:
            return enums.REJECT_REASON_KILL_SWITCH
        for number in range(self.terms.leg_count):
            if (
                self.admission.pretrade.find_position(
                    account, cython.cast(cython.int, self.terms.instrument(number))
                )
                == kinds.NO_SLOT
            ):
                return self._fail(
                    enums.REJECT_REASON_CAPACITY_EXHAUSTED,
                    enums.PACKAGE_FIELD_LEGS,
                    number + 1,
                    self.admission.positions.capacity,
                    self.admission.positions.count,
                )
        if self.admission.accounts.watched[account] == 0:
            return 0
        return self.pretrade.check_new(self.terms, account)


def is_compiled() -> bool:
    """Whether this module runs as a C extension."""
    return cython.compiled
