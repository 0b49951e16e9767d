"""Carry out the commands of administration: instruments, phases, accounts, trades, quotes."""

import cython

if cython.compiled:
    from cython.cimports.quantumcore.server.core import enums, kinds, risk_records, tables
    from cython.cimports.quantumcore.server.core.accounts_cy import Accounts
    from cython.cimports.quantumcore.server.core.admission_cy import Admission
    from cython.cimports.quantumcore.server.core.funding_cy import Funding
    from cython.cimports.quantumcore.server.core.instruments_cy import Instruments
    from cython.cimports.quantumcore.server.core.mending_cy import Mending
    from cython.cimports.quantumcore.server.core.package_mending_cy import PackageMending
    from cython.cimports.quantumcore.server.core.phases_cy import Phases
    from cython.cimports.quantumcore.server.core.refusal_cy import Refusal
    from cython.cimports.quantumcore.server.core.reporter_cy import Reporter
    from cython.cimports.quantumcore.server.core.risk_terms_cy import RiskTerms
    from cython.cimports.quantumcore.server.core.settling_cy import Settling
    from cython.cimports.quantumcore.server.core.words_cy import Words
else:
    from quantumcore.server.core import enums, kinds, risk_records, tables
    from quantumcore.server.core.accounts_cy import Accounts
    from quantumcore.server.core.admission_cy import Admission
    from quantumcore.server.core.funding_cy import Funding
    from quantumcore.server.core.instruments_cy import Instruments
    from quantumcore.server.core.mending_cy import Mending
    from quantumcore.server.core.package_mending_cy import PackageMending
    from quantumcore.server.core.phases_cy import Phases
    from quantumcore.server.core.refusal_cy import Refusal
    from quantumcore.server.core.reporter_cy import Reporter
    from quantumcore.server.core.risk_terms_cy import RiskTerms
    from quantumcore.server.core.settling_cy import Settling
    from quantumcore.server.core.words_cy import Words

# What an instrument is, and what is held of it with it: another kind is another instrument.
IDENTITY = (
    tables.INSTRUMENT_KIND,
    tables.INSTRUMENT_UNDERLYING,
    tables.INSTRUMENT_STRIKE,
    tables.INSTRUMENT_WEIGHT,
    tables.INSTRUMENT_PRODUCT,
    tables.INSTRUMENT_TRAITS,
)


@cython.final
@cython.cclass
class Listing:
    """Lists instruments and opens accounts, changes both, and does what operators ask for.

    What is refused here is an answer with its reason, and no event.
    """

    accounts: Accounts
    admission: Admission
    funding: Funding
    instruments: Instruments
    mending: Mending
    package_mending: PackageMending
    phases: Phases
    refusal: Refusal
    report: Reporter
    risk_terms: RiskTerms
    turn: Words
    results: Words
    configuration: list[int]

    def __init__(
        self,
        admission: Admission,
        settling: Settling,
        mending: PackageMending,
        configuration: list[int],
    ) -> None:
        self.admission, self.accounts = admission, admission.accounts
        self.instruments, self.refusal = admission.instruments, admission.refusal
        self.phases, self.mending, self.package_mending = settling.phases, mending.mending, mending
        self.funding = Funding(admission)
        self.risk_terms = RiskTerms(self.funding, self.phases)
        self.report = mending.report
        self.turn, self.results = self.report.turn, self.report.results
        self.configuration = configuration

    def execute(self, kind: int, start: int) -> None:
        """Carry out one administrative command; one refused before has the reason in its record."""
        self.refusal.clear()
        if self.admission.check_door(start) == 0:
            self.carry_out(kind, start)
        if self.refusal.reason:
            self.report.refuse(self.refusal)

    def carry_out(self, kind: int, start: int) -> None:
        if kind == kinds.SET_TRADING_PHASE:
            self.set_phase(start)
        elif kind == kinds.SET_REFERENCE:
            self.set_reference(start)
        elif kind in (kinds.BUST_TRADE, kinds.CORRECT_TRADE):
            self.mend_trade(kind, start)
        elif kind == kinds.SET_KILL_SWITCH:
            self.set_kill_switch(start)
        elif kind in (kinds.MOVE_CASH, kinds.SET_LIMITS):
            self.funding.execute(kind, start)
        elif kind in (kinds.SET_SPREAD_CREDIT, kinds.SET_SCAN_RANGE, kinds.SET_GROUP_LIMITS):
            self.risk_terms.execute(kind, start)
        elif kind in (kinds.CREATE_INSTRUMENT, kinds.UPDATE_INSTRUMENT):
            self.list_instrument(kind, start)
        elif kind in (kinds.CREATE_ACCOUNT, kinds.UPDATE_ACCOUNT):
            self.open_account(kind, start)
        elif kind == kinds.OPEN_SESSION:
            self.open_session()
        elif kind == kinds.CONFIGURE:
            self.configure(start)
        elif kind == kinds.RECORD_ACT:
            subject: int = self.turn.words[start + kinds.ACT_EVENT_TYPE]
            self.report.notice(kinds.ACT_RECORDED, subject, 0)
        else:
            assert kind == kinds.ADVANCE_TIME, f"no such command: {kind}"

    def configure(self, start: int) -> None:
        """Note what the exchange is built with; the first command of a journal."""
        first, end = start + kinds.CONFIGURE_ORDERS, start + kinds.CONFIGURE_WORDS
        stated = memoryview(self.turn.words)[first:end].tolist()
        assert stated == self.configuration, "built otherwise than the journal says"
        assert self.report.sequence == 0, "configured once, before all else"
        self.report.notice(kinds.CONFIGURED, stated[0], 0)

    def _instrument(self, start: int) -> int:
        """Return the instrument that a command names, or 0 with the refusal."""
        instrument: int = (self.turn.words[start + kinds.COMMAND_PARTIES] >> 32) & kinds.LOW_HALF
        if 1 <= instrument <= self.instruments.count:
            return instrument
        field = enums.PHASE_FIELD_INSTRUMENT_ID
        self.refusal.fail(enums.REJECT_REASON_UNKNOWN_INSTRUMENT, field, 0, instrument)
        return 0

    def set_phase(self, start: int) -> None:
        instrument = self._instrument(start)
        phase = self.turn.words[start + kinds.PHASE_PHASE]
        if instrument == 0:
            return
        before = self.instruments.get(instrument, tables.INSTRUMENT_PHASE)
        expiry = self.instruments.get(instrument, tables.INSTRUMENT_EXPIRY_TIME_NS)
        if not enums.TRADING_PHASE_PRE_OPEN <= phase <= enums.TRADING_PHASE_CLOSED:
            reason = enums.REJECT_REASON_INVALID_ENUM
            self.refusal.fail(reason, enums.PHASE_FIELD_PHASE, 0, phase)
        elif expiry and self.report.time_ns >= expiry and phase != enums.TRADING_PHASE_CLOSED:
            reason, field = enums.REJECT_REASON_INSTRUMENT_EXPIRED, enums.PHASE_FIELD_INSTRUMENT_ID
            self.refusal.fail(reason, field, expiry, self.report.time_ns)
        elif phase == before:
            self.report.notice(kinds.PHASE_CHANGED, instrument, phase | before << 8)
        elif not self.phases.may_follow(instrument, phase):
            reason = enums.REJECT_REASON_PHASE_TRANSITION
            self.refusal.fail(reason, enums.PHASE_FIELD_PHASE, 0, before)
        else:
            self.phases.move(instrument, phase, False)

    def set_reference(self, start: int) -> None:
        """Note a quote from outside: its last price, or the middle of bid and ask."""
        instrument = self._instrument(start)
        if instrument == 0:
            return
        has = self.turn.words[start + kinds.REFERENCE_HAS]
        bid = self.turn.words[start + kinds.REFERENCE_BID]
        ask = self.turn.words[start + kinds.REFERENCE_ASK]
        price = self.turn.words[start + kinds.REFERENCE_LAST]
        if not has & 4:
            price = (bid & ask) + ((bid ^ ask) >> 1)
        self.instruments.mark(instrument, tables.HAS_REFERENCE, bool(has & 4 or has & 3 == 3))
        self.instruments.set(instrument, tables.INSTRUMENT_REFERENCE_PRICE, price)
        self.instruments.set(instrument, tables.INSTRUMENT_REFERENCE_TIME_NS, self.report.time_ns)
        self.instruments.touch(instrument)

    def mend_trade(self, kind: int, start: int) -> None:
        trade_id = self.turn.words[start + kinds.TRADE_TRADE_ID]
        at = self.mending.find(trade_id)
        if at == kinds.NO_SLOT:
            reason = enums.REJECT_REASON_UNKNOWN_TRADE
            self.refusal.fail(reason, enums.TRADE_FIELD_TRADE_ID, 0, trade_id)
        elif not self.package_mending.is_of_package(trade_id):
            if kind == kinds.BUST_TRADE:
                self.mending.bust([trade_id])
            else:
                self._correct_trade(start, trade_id, at)
        elif self.package_mending.is_sequential(trade_id):
            reason = enums.REJECT_REASON_NOT_SUPPORTED
            self.refusal.fail(reason, enums.TRADE_FIELD_TRADE_ID, 0, trade_id)
        elif not self.package_mending.is_known(trade_id):
            reason = enums.REJECT_REASON_UNKNOWN_TRADE
            self.refusal.fail(reason, enums.TRADE_FIELD_TRADE_ID, 0, trade_id)
        elif kind == kinds.BUST_TRADE:
            affected = self.package_mending.bust(trade_id)
            self.results.words[self.report.result + kinds.RESULT_AFFECTED] = affected
        else:
            self._correct_trade(start, trade_id, at)

    def _correct_trade(self, start: int, trade_id: int, at: int) -> None:
        rows = self.mending.trades.rows
        instrument = rows[at + tables.TRADE_INSTRUMENT]
        tick = self.instruments.get(instrument, tables.INSTRUMENT_TICK_SIZE)
        lot = self.instruments.get(instrument, tables.INSTRUMENT_LOT_SIZE)
        flags = self.turn.words[start + kinds.TRADE_FLAGS]
        ticks, lots = rows[at + tables.TRADE_TICKS], rows[at + tables.TRADE_LOTS]
        price, quantity = ticks * tick, lots * lot
        if flags & kinds.FLAG_HAS_QUANTITY:
            quantity = self.turn.words[start + kinds.TRADE_QUANTITY]
            self.admission.numbers.check_quantity(instrument, quantity, enums.TRADE_FIELD_QUANTITY)
            if quantity > lots * lot:
                reason = enums.REJECT_REASON_QUANTITY_TOO_LARGE
                self.refusal.note(reason, enums.TRADE_FIELD_QUANTITY, lots * lot, quantity)
            if quantity < lots * lot and self.package_mending.is_of_package(trade_id):
                reason = enums.REJECT_REASON_FIELD_NOT_ALLOWED
                self.refusal.note(reason, enums.TRADE_FIELD_QUANTITY, lots * lot, quantity)
        if flags & kinds.FLAG_HAS_PRICE:
            price = self.turn.words[start + kinds.TRADE_PRICE]
            self.admission.numbers.check_price(instrument, price, enums.TRADE_FIELD_PRICE)
        if not self._fits(trade_id, instrument, int(price) // tick, int(quantity) // lot):
            reason = enums.REJECT_REASON_NOTIONAL_OVERFLOW
            self.refusal.note(reason, enums.TRADE_FIELD_PRICE, 0, price)
        if price == ticks * tick and quantity == lots * lot:
            self.refusal.note(enums.REJECT_REASON_NOTHING_TO_REPLACE, 0, 0, 0)
        if not self.refusal.reason:
            self._correct(trade_id, price // tick, quantity // lot)

    def _fits(self, trade_id: int, instrument: int, ticks: int, lots: int) -> bool:
        """Whether a corrected trade, and its package then, are worth no more than they may."""
        most: cython.longlong = tables.NOTIONAL_LIMIT
        money = self.instruments.get(instrument, tables.INSTRUMENT_TICK_VALUE)
        if abs(int(ticks)) * int(lots) * int(money) >= most:
            return False
        if not self.package_mending.is_of_package(trade_id):
            return True
        return abs(self.package_mending.cost_at(trade_id, ticks)) < most

    def _correct(self, trade_id: int, ticks: int, lots: int) -> None:
        if self.package_mending.is_of_package(trade_id):
            self.package_mending.correct(trade_id, ticks)
        else:
            self.mending.correct(trade_id, ticks, lots)

    def set_kill_switch(self, start: int) -> None:
        account: int = self.turn.words[start + kinds.COMMAND_PARTIES] & kinds.LOW_HALF
        word = self.turn.words[start + kinds.KILL_ENABLED]
        enabled, group = word & 1 != 0, word >> risk_records.KILL_GROUP
        killed: list[int] = [account] if account else list(range(1, self.accounts.count + 1))
        if account > self.accounts.count:
            reason = enums.REJECT_REASON_UNKNOWN_ACCOUNT
            self.refusal.fail(reason, enums.CREATE_FIELD_ACCOUNT_ID, 0, account)
            return
        if group:
            cancelled = self.risk_terms.kill_group(group, enabled)
            self.results.words[self.report.result + kinds.RESULT_AFFECTED] = cancelled
            return
        if account:
            self.accounts.killed[account] = enabled
        else:
            self.accounts.venue_killed = enabled
        cancelled = sum(map(self.phases.cancel_account, killed)) if enabled else 0
        self.report.notice(kinds.KILL_SWITCH_SET, account, int(enabled))
        self.results.words[self.report.result + kinds.RESULT_AFFECTED] = cancelled

    def list_instrument(self, kind: int, start: int) -> None:
        first = start + kinds.LIST_TICK_SIZE
        row = memoryview(self.turn.words)[first : first + tables.INSTRUMENT_LISTED_WORDS].tolist()
        first = start + kinds.LIST_KIND
        terms = memoryview(self.turn.words)[first : first + tables.INSTRUMENT_TERM_WORDS].tolist()
        definition = self._definition(start + kinds.LIST_TEXT_LENGTH)
        instrument = 0
        if kind == kinds.UPDATE_INSTRUMENT:
            instrument = self._instrument(start)
            if instrument:
                self._change_instrument(instrument, row, terms, definition)
        elif self.instruments.count >= self.instruments.capacity:
            capacity = self.instruments.capacity
            reason = enums.REJECT_REASON_CAPACITY_EXHAUSTED
            self.refusal.fail(reason, 0, capacity, self.instruments.count)
        else:
            instrument = self.instruments.add(row, definition)
            self._set_terms(instrument, terms)
            phase = self.instruments.get(instrument, tables.INSTRUMENT_PHASE)
            self.phases.watch_expiry(instrument)
            self.report.notice(kinds.INSTRUMENT_LISTED, instrument, phase)
        self.results.words[self.report.result + kinds.RESULT_AFFECTED] = instrument

    def _set_terms(self, instrument: int, terms: list[int]) -> None:
        """Note the terms that margins and fees need."""
        for word, value in enumerate(terms):
            self.instruments.set(instrument, tables.INSTRUMENT_KIND + word, value)
        read = self.instruments.read
        fees = (tables.INSTRUMENT_MAKER_FEE, tables.INSTRUMENT_TAKER_FEE)
        future = read(instrument, tables.INSTRUMENT_KIND) == enums.INSTRUMENT_KIND_FUTURE
        self.instruments.mark(instrument, tables.HAS_FUTURE_STYLE, future)
        self.instruments.mark(
            instrument, tables.HAS_FEES, any(read(instrument, column) for column in fees)
        )

    def _change_instrument(
        self, instrument: int, row: list[int], terms: list[int], definition: bytes
    ) -> None:
        kept = (
            tables.INSTRUMENT_TICK_SIZE,
            tables.INSTRUMENT_LOT_SIZE,
            tables.INSTRUMENT_TICK_VALUE,
            tables.INSTRUMENT_PHASE,
            tables.INSTRUMENT_CURRENCY,
        )
        for column, value in enumerate(row):
            if column not in kept:
                self.instruments.set(instrument, column, value)
        for column in IDENTITY:
            terms[column - tables.INSTRUMENT_KIND] = self.instruments.read(instrument, column)
        self._set_terms(instrument, terms)
        self.instruments.definitions[instrument] = definition
        self.instruments.widen(instrument)
        self.instruments.mark(instrument, tables.HAS_PEGS_STOOD, True)
        self.instruments.touch(instrument)
        self.phases.watch_expiry(instrument)
        self.report.notice(kinds.INSTRUMENT_UPDATED, instrument, 0)

    def open_session(self) -> None:
        """Number one more session through which orders come, unlike any other ever; no event."""
        accounts: Accounts = self.accounts
        if accounts.session_count == kinds.SESSION_NUMBER:
            reason, most = enums.REJECT_REASON_CAPACITY_EXHAUSTED, kinds.SESSION_NUMBER
            self.refusal.fail(reason, 0, most, accounts.session_count)
            return
        accounts.session_count += 1
        self.results.words[self.report.result + kinds.RESULT_AFFECTED] = accounts.session_count

    def open_account(self, kind: int, start: int) -> None:
        account: int = self.turn.words[start + kinds.COMMAND_PARTIES] & kinds.LOW_HALF
        group = self.turn.words[start + kinds.ACCOUNT_SELF_TRADE_GROUP]
        prevention = self.turn.words[start + kinds.ACCOUNT_SELF_TRADE_PREVENTION]
        model = self.turn.words[start + kinds.ACCOUNT_MARGIN_MODEL]
        status = self.turn.words[start + kinds.ACCOUNT_STATUS]
        definition = self._definition(start + kinds.ACCOUNT_TEXT_LENGTH)
        if kind == kinds.UPDATE_ACCOUNT:
            if not 1 <= account <= self.accounts.count:
                reason = enums.REJECT_REASON_UNKNOWN_ACCOUNT
                self.refusal.fail(reason, enums.CREATE_FIELD_ACCOUNT_ID, 0, account)
                return
            if not self.funding.may_change(account, model, status):
                return
            self.accounts.set_self_trade(account, group, prevention)
            self.funding.set_account(account, model, status)
            self.accounts.definitions[account] = definition
            self.phases.placing.name_owner(account)
            self.report.notice(kinds.ACCOUNT_UPDATED, account, 0)
        elif self.accounts.count >= self.accounts.capacity:
            reason = enums.REJECT_REASON_CAPACITY_EXHAUSTED
            self.refusal.fail(reason, 0, self.accounts.capacity, self.accounts.count)
            return
        else:
            account = self.accounts.add(definition)
            self.accounts.set_self_trade(account, group, prevention)
            self.funding.set_account(account, model, status)
            self.report.notice(kinds.ACCOUNT_OPENED, account, 0)
        self.results.words[self.report.result + kinds.RESULT_AFFECTED] = account

    def _definition(self, at: int) -> bytes:
        length = self.turn.words[at]
        return bytes(self.turn.view(at + 1, at + 1 + (length + 7) // 8)[:length])


def is_compiled() -> bool:
    """Whether this module runs as a C extension."""
    return cython.compiled
