"""Carry out what operators say of margin, and of groups of accounts."""

import cython

if cython.compiled:
    from cython.cimports.quantumcore.server.core import enums, kinds, risk_records, tables
    from cython.cimports.quantumcore.server.core.accounts_cy import Accounts
    from cython.cimports.quantumcore.server.core.funding_cy import Funding
    from cython.cimports.quantumcore.server.core.instruments_cy import Instruments
    from cython.cimports.quantumcore.server.core.phases_cy import Phases
    from cython.cimports.quantumcore.server.core.refusal_cy import Refusal
    from cython.cimports.quantumcore.server.core.reporter_cy import Reporter
    from cython.cimports.quantumcore.server.core.words_cy import Words
else:
    from quantumcore.server.core import enums, kinds, risk_records, tables
    from quantumcore.server.core.accounts_cy import Accounts
    from quantumcore.server.core.funding_cy import Funding
    from quantumcore.server.core.instruments_cy import Instruments
    from quantumcore.server.core.phases_cy import Phases
    from quantumcore.server.core.refusal_cy import Refusal
    from quantumcore.server.core.reporter_cy import Reporter
    from quantumcore.server.core.words_cy import Words


@cython.final
@cython.cclass
class RiskTerms:
    """Spread credits, ranges of scans, limits and kill switches of groups.

    Ranges of single numbers are the door's to check; what depends on what is listed is checked
    here. Nothing that works is looked at again.
    """

    accounts: Accounts
    funding: Funding
    instruments: Instruments
    phases: Phases
    refusal: Refusal
    report: Reporter
    turn: Words

    def __init__(self, funding: Funding, phases: Phases) -> None:
        self.funding, self.phases = funding, phases
        self.accounts, self.instruments = funding.accounts, funding.admission.instruments
        self.refusal, self.report, self.turn = funding.refusal, funding.report, funding.turn

    def execute(self, kind: int, start: int) -> None:
        """Carry out SET_SPREAD_CREDIT, SET_SCAN_RANGE or SET_GROUP_LIMITS."""
        if kind == kinds.SET_SPREAD_CREDIT:
            self._set_credit(start)
        elif kind == kinds.SET_SCAN_RANGE:
            self._set_scan(start)
        else:
            self._set_group_limits(start)

    def _set_credit(self, start: int) -> None:
        first, end = start + risk_records.CREDIT_PRIORITY, start + risk_records.CREDIT_WORDS
        priority, a, b, lots_a, lots_b, share = memoryview(self.turn.words)[first:end].tolist()
        group_a = self._group(a, risk_records.CREDIT_FIELD_INSTRUMENT_A)
        group_b = self._group(b, risk_records.CREDIT_FIELD_INSTRUMENT_B) if group_a else 0
        if group_b == 0:
            return
        field = risk_records.CREDIT_FIELD_INSTRUMENT_B
        currency = self.instruments.read(a, tables.INSTRUMENT_CURRENCY)
        if self.instruments.read(b, tables.INSTRUMENT_CURRENCY) != currency:
            self.refusal.fail(enums.REJECT_REASON_LEG_CURRENCY, field, a, b)
        elif group_a == group_b and group_a > 0:
            self.refusal.fail(enums.REJECT_REASON_INVALID_TERMS, field, a, b)
        else:
            words = [group_a, group_b, lots_a, lots_b, share]
            self.instruments.margin_terms.set_credit(priority, words, self.report.sequence + 1)
            self.report.notice(kinds.SPREAD_CREDIT_SET, priority, share)

    def _set_scan(self, start: int) -> None:
        instrument = (self.turn.words[start + kinds.COMMAND_PARTIES] >> 32) & kinds.LOW_HALF
        first, end = (
            start + risk_records.SCAN_RANGE_VALUES,
            start + risk_records.SCAN_RANGE_WORDS,
        )
        values = memoryview(self.turn.words)[first:end].tolist()
        group = self._group(instrument, risk_records.SCAN_FIELD_INSTRUMENT)
        if group == 0:
            return
        if self.instruments.margin_terms.set_scan([group, *values], self.report.sequence + 1):
            self.report.notice(kinds.SCAN_RANGE_SET, instrument, 0)
        else:
            reason, most = enums.REJECT_REASON_CAPACITY_EXHAUSTED, tables.MAX_SCANS
            self.refusal.fail(reason, risk_records.SCAN_FIELD_INSTRUMENT, most, most + 1)

    def _group(self, instrument: int, field: int) -> int:
        """Return what an instrument offsets others as, or 0 with the refusal: see rates.Spread."""
        if not 1 <= instrument <= self.instruments.count:
            self.refusal.fail(enums.REJECT_REASON_UNKNOWN_INSTRUMENT, field, 0, instrument)
            return 0
        kind = self.instruments.read(instrument, tables.INSTRUMENT_KIND)
        if kind == enums.INSTRUMENT_KIND_OPTION:
            self.refusal.fail(enums.REJECT_REASON_INVALID_TERMS, field, 0, instrument)
            return 0
        if kind == enums.INSTRUMENT_KIND_FUTURE:
            return -self.instruments.read(instrument, tables.INSTRUMENT_PRODUCT)
        return instrument

    def _place(self, group: int) -> int:
        """Return the place of a group, or 0 with the refusal."""
        place = self.accounts.place_of(group)
        if not place:
            reason, most = enums.REJECT_REASON_CAPACITY_EXHAUSTED, self.accounts.groups.count
            self.refusal.fail(reason, risk_records.GROUP_FIELD_GROUP, most, most + 1)
        return place

    def _set_group_limits(self, start: int) -> None:
        group = self.turn.words[start + risk_records.GROUP_NUMBER]
        first, end = start + risk_records.GROUP_VALUES, start + risk_records.GROUP_WORDS
        place = self._place(group)
        if place:
            values = memoryview(self.turn.words)[first:end].tolist()
            self.accounts.groups.set_limits(place, values)
            for account in self.accounts.groups.members[place]:
                self.funding.watch(account)
            self.report.notice(kinds.GROUP_LIMITS_SET, group, 0)

    def kill_group(self, group: int, enabled: bool) -> int:
        """Turn the kill switch of a group; return how many orders were cancelled."""
        place = self._place(group)
        if not place:
            return 0
        self.accounts.groups.killed[place] = enabled
        cancelled = 0
        if enabled:
            members = list(self.accounts.groups.members[place])
            cancelled = sum(map(self.phases.cancel_account, members))
        self.report.notice(kinds.GROUP_KILL_SWITCH_SET, group, int(enabled))
        return cancelled


def is_compiled() -> bool:
    """Whether this module runs as a C extension."""
    return cython.compiled
