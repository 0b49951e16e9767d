"""Decide what only sequential orders must meet to be let in."""

import cython

if cython.compiled:
    from cython.cimports.quantumcore.server.core import enums, kinds, tables
    from cython.cimports.quantumcore.server.core.package_terms_cy import PackageTerms
    from cython.cimports.quantumcore.server.core.refusal_cy import Refusal
else:
    from quantumcore.server.core import enums, kinds, tables
    from quantumcore.server.core.package_terms_cy import PackageTerms
    from quantumcore.server.core.refusal_cy import Refusal


@cython.final
@cython.cclass
class SequentialAdmission:
    """Checks of the record that PackageTerms looks at; they change nothing."""

    refusal: Refusal
    terms: PackageTerms

    def __init__(self, refusal: Refusal, terms: PackageTerms) -> None:
        self.refusal, self.terms = refusal, terms

    @cython.cfunc
    @cython.exceptval(check=False)
    def check_allowed(self) -> cython.longlong:
        """Check that nothing is asked for that is not known when the first leg trades."""
        refused: cython.longlong = enums.REJECT_REASON_FIELD_NOT_ALLOWED
        time_in_force: cython.longlong = self.terms.part(kinds.PACKAGE_TERM_TIME_IN_FORCE)
        least: cython.longlong = self.terms.word(kinds.PACKAGE_MIN_UNITS)
        if time_in_force == enums.TIME_IN_FORCE_FOK:
            return self.refusal.fail(refused, enums.PACKAGE_FIELD_TIME_IN_FORCE, 0, time_in_force)
        if least != 0:
            return self.refusal.fail(refused, enums.PACKAGE_FIELD_MIN_UNITS, 0, least)
        return 0

    @cython.cfunc
    @cython.exceptval(check=False)
    def check_terms(self) -> cython.longlong:
        """Check that the sequential terms are there, and in range."""
        required: cython.longlong = enums.REJECT_REASON_FIELD_REQUIRED
        outside: cython.longlong = enums.REJECT_REASON_VALUE_OUT_OF_RANGE
        field: cython.longlong = enums.PACKAGE_FIELD_SEQUENTIAL_TERMS
        words: cython.longlong = self.terms.word(kinds.PACKAGE_SEQUENTIAL)
        deadline_ms: cython.longlong = words & kinds.LOW_HALF
        slippage: cython.longlong = words >> 32
        if not self.terms.part(kinds.PACKAGE_TERM_FLAGS) & kinds.FLAG_SEQUENTIAL:
            return self.refusal.fail(required, field, 0, 0)
        if self.terms.part(kinds.PACKAGE_TERM_UNWIND_POLICY) == 0 or deadline_ms == 0:
            return self.refusal.fail(required, field, 0, 0)
        if deadline_ms > kinds.MAX_LEG_DEADLINE_MS:
            return self.refusal.fail(outside, field, kinds.MAX_LEG_DEADLINE_MS, deadline_ms)
        if slippage > kinds.MAX_SLIPPAGE_BASIS_POINTS:
            return self.refusal.fail(outside, field, kinds.MAX_SLIPPAGE_BASIS_POINTS, slippage)
        return 0

    @cython.cfunc
    @cython.exceptval(check=False)
    def note_meeting_legs(self) -> cython.void:
        """Note two legs of one instrument that could trade with one another."""
        one: cython.int
        other: cython.int
        field: cython.longlong
        for other in range(self.terms.leg_count):
            for one in range(other):
                if self.terms.instrument(one) == self.terms.instrument(other) and may_meet(
                    self.terms.side(one),
                    self._limit(one),
                    self._limit(other),
                ):
                    field = enums.PACKAGE_FIELD_LEGS
                    field |= cython.cast(cython.longlong, other + 1) << 16
                    self.refusal.note(enums.REJECT_REASON_DUPLICATE_LEG, field, 0, one + 1)

    @cython.cfunc
    @cython.exceptval(check=False)
    def _limit(self, number: cython.int) -> cython.longlong:
        if self.terms.has_price(number):
            return self.terms.leg(number, kinds.LEG_PRICE)
        return tables.NO_LIMIT


@cython.cfunc
@cython.exceptval(check=False)
def may_meet(side: cython.int, limit: cython.longlong, opposite: cython.longlong) -> cython.bint:
    """Whether a leg and one of the other side of its book could trade with one another.

    Limits may be NO_LIMIT.
    """
    if limit == tables.NO_LIMIT or opposite == tables.NO_LIMIT:
        return True
    return limit >= opposite if side == enums.SIDE_BUY else limit <= opposite


def is_compiled() -> bool:
    """Whether this module runs as a C extension."""
    return cython.compiled
