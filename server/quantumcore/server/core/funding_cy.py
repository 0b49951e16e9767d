"""Move cash, set limits, and say which accounts are watched."""

import cython

from quantumcore.server.core import views

if cython.compiled:
    from cython.cimports.quantumcore.server.core import enums, kinds, tables
    from cython.cimports.quantumcore.server.core.accounts_cy import Accounts
    from cython.cimports.quantumcore.server.core.admission_cy import Admission
    from cython.cimports.quantumcore.server.core.balances_cy import Balances
    from cython.cimports.quantumcore.server.core.exposure_cy import Exposure
    from cython.cimports.quantumcore.server.core.foreseeing_cy import Foreseeing
    from cython.cimports.quantumcore.server.core.orders_cy import Orders
    from cython.cimports.quantumcore.server.core.positions_cy import Positions
    from cython.cimports.quantumcore.server.core.pretrade_cy import PreTrade
    from cython.cimports.quantumcore.server.core.refusal_cy import Refusal
    from cython.cimports.quantumcore.server.core.reporter_cy import Reporter
    from cython.cimports.quantumcore.server.core.words_cy import Words
else:
    from quantumcore.server.core import enums, kinds, tables
    from quantumcore.server.core.accounts_cy import Accounts
    from quantumcore.server.core.admission_cy import Admission
    from quantumcore.server.core.balances_cy import Balances
    from quantumcore.server.core.exposure_cy import Exposure
    from quantumcore.server.core.foreseeing_cy import Foreseeing
    from quantumcore.server.core.orders_cy import Orders
    from quantumcore.server.core.positions_cy import Positions
    from quantumcore.server.core.pretrade_cy import PreTrade
    from quantumcore.server.core.refusal_cy import Refusal
    from quantumcore.server.core.reporter_cy import Reporter
    from quantumcore.server.core.words_cy import Words


@cython.final
@cython.cclass
class Funding:
    """What operators do to the money and the limits of accounts."""

    accounts: Accounts
    admission: Admission
    balances: Balances
    exposure: Exposure
    foreseeing: Foreseeing
    orders: Orders
    positions: Positions
    pretrade: PreTrade
    refusal: Refusal
    report: Reporter
    turn: Words

    def __init__(self, admission: Admission) -> None:
        self.admission, self.accounts = admission, admission.accounts
        self.pretrade, self.refusal = admission.pretrade, admission.refusal
        self.orders, self.positions = admission.orders, admission.positions
        self.balances, self.exposure = self.positions.balances, admission.placing.exposure
        self.report, self.turn = admission.placing.report, admission.turn
        self.foreseeing = Foreseeing(admission.pretrade)

    def execute(self, kind: int, start: int) -> None:
        """Carry out MOVE_CASH or SET_LIMITS."""
        account: int = self.turn.words[start + kinds.COMMAND_PARTIES] & kinds.LOW_HALF
        if not 1 <= account <= self.accounts.count:
            reason = enums.REJECT_REASON_UNKNOWN_ACCOUNT
            self.refusal.fail(reason, enums.CREATE_FIELD_ACCOUNT_ID, 0, account)
        elif not (
            self._is_open(account) or (kind == kinds.MOVE_CASH and self._clears(account, start))
        ):
            status = self.accounts.status[account]
            reason = enums.REJECT_REASON_ACCOUNT_SUSPENDED
            self.refusal.fail(reason, enums.CREATE_FIELD_ACCOUNT_ID, 0, status)
        elif kind == kinds.MOVE_CASH:
            self.move_cash(account, start)
        else:
            self.set_limits(account, start)

    def _is_open(self, account: int) -> bool:
        return self.accounts.status[account] != enums.ACCOUNT_STATUS_CLOSED

    def _clears(self, account: int, start: int) -> bool:
        """Whether a payment takes from a closed account what a bust has left it, or brings it."""
        balance = self.balances.find(account, self.turn.words[start + kinds.CASH_CURRENCY])
        amount = int(self.turn.words[start + kinds.CASH_AMOUNT])
        cash = 0 if balance == kinds.NO_SLOT else self.balances.cash.read(balance)
        return amount < 0 < cash or 0 < amount <= -cash

    def move_cash(self, account: int, start: int) -> None:
        """Pay in or out; no more goes out than new orders could use."""
        currency = self.turn.words[start + kinds.CASH_CURRENCY]
        amount = self.turn.words[start + kinds.CASH_AMOUNT]
        if amount < 0 and not self._covers(account, currency, amount):
            return
        balance = self.balances.find_or_add(account, currency)
        if balance == kinds.NO_SLOT:
            reason = enums.REJECT_REASON_CAPACITY_EXHAUSTED
            self.refusal.fail(reason, 0, self.balances.capacity, self.balances.count)
            return
        self.balances.cash.add(balance, amount)
        self.report.notice(
            kinds.CASH_MOVED, account | currency << 32, self.balances.cash.clipped(balance)
        )

    def _covers(self, account: int, currency: int, amount: int) -> bool:
        """Whether an account has what is to be paid out; a currency never used has nothing."""
        balance = self.balances.find(account, currency)
        # What the number that has no opposite asks for is more than anybody has.
        least: cython.longlong = -views.GREATEST
        asked: cython.longlong = -max(amount, least)
        free = 0 if balance == kinds.NO_SLOT else self.withdrawable(balance)
        free = max(least, min(free, views.GREATEST))
        if asked > free:
            reason = enums.REJECT_REASON_INSUFFICIENT_BALANCE
            self.refusal.fail(reason, enums.CASH_FIELD_AMOUNT, free, asked)
        return asked <= free

    def tell_margins(self) -> None:
        """Tell the margin of all whose positions have changed with the command, where it is new."""
        balances: Balances = self.balances
        at: cython.int
        for at in range(balances.queue_count):
            balance: cython.int = balances.queue[at]
            account: cython.int = balances.account[balance]
            balances.queued[balance] = 0
            self.pretrade.risk.look_at_account(account, self.report.time_ns)
            self.pretrade.funds.begin()
            margin: cython.longlong = 0
            if balances.margined[balance]:
                margin = self.pretrade.funds.margining.margin(balance, tables.FILLED_NONE, False)
            if margin != balances.margin[balance]:
                balances.margin[balance] = margin
                subject: cython.longlong = balances.currency[balance]
                self.report.notice(kinds.MARGIN_CHANGED, account | subject << 32, margin)
            self.foreseeing.follow(account)
        balances.queue_count = 0

    def withdrawable(self, balance: int) -> int:
        """Return what can be paid out: what is free, less what open futures have but gained."""
        account = self.balances.account[balance]
        self.pretrade.risk.look_at_account(account, self.report.time_ns)
        self.pretrade.funds.margining.variation = 0
        free: int = self.pretrade.funds.free(balance, self.accounts.margin_model[account])
        return free - max(0, self.pretrade.funds.margining.variation)

    def set_limits(self, account: int, start: int) -> None:
        """Replace the limits of an account, or of an account for one instrument."""
        instrument: int = (self.turn.words[start + kinds.COMMAND_PARTIES] >> 32) & kinds.LOW_HALF
        first = start + kinds.LIMITS_VALUES
        values = memoryview(self.turn.words)[first : first + tables.LIMIT_WORDS].tolist()
        if instrument > self.admission.instruments.count:
            reason = enums.REJECT_REASON_UNKNOWN_INSTRUMENT
            self.refusal.fail(reason, enums.LIMITS_FIELD_INSTRUMENT_ID, 0, instrument)
            return
        if not instrument:
            row = self.accounts.limits[account]
            self.accounts.limits[account] = self.pretrade.limits.put(row, values)
        else:
            entry = self.admission.pretrade.find_position(account, instrument)
            if entry == kinds.NO_SLOT:
                reason = enums.REJECT_REASON_CAPACITY_EXHAUSTED
                self.refusal.fail(reason, 0, self.positions.capacity, self.positions.count)
                return
            row = self.positions.limits[entry]
            self.positions.limits[entry] = self.pretrade.limits.put(row, values)
        self.watch(account)
        self.report.notice(kinds.LIMITS_SET, account, instrument)

    def may_change(self, account: int, margin_model: int, status: int) -> bool:
        """Whether an account may have this margin model and status; else the refusal says why.

        The model changes while nothing is reserved, and an account is closed when it is empty, for
        ever: but where a bust has brought it something again, it may be opened again.
        """
        working, left = self._working(account), self._left(account)
        closed = enums.ACCOUNT_STATUS_CLOSED
        reason = enums.REJECT_REASON_ACCOUNT_NOT_FLAT
        if self.accounts.status[account] == closed and (status == closed or not left):
            reason = enums.REJECT_REASON_ACCOUNT_SUSPENDED
            self.refusal.fail(reason, enums.CREATE_FIELD_ACCOUNT_ID, 0, closed)
            return False
        if margin_model != self.accounts.margin_model[account] and working:
            self.refusal.fail(reason, enums.ACCOUNT_FIELD_MARGIN_MODEL, 0, working)
            return False
        if status == closed and working + left:
            self.refusal.fail(reason, enums.ACCOUNT_FIELD_STATUS, 0, working + left)
            return False
        return True

    def _left(self, account: int) -> int:
        """Count what an account has: currencies, and positions."""
        return sum(
            (self.balances.cash.read(balance) != 0)
            + sum(self.positions.lots[e] != 0 for e in self.positions.of_balance(balance))
            for balance in self.balances.of_account(account)
        )

    def set_account(self, account: int, margin_model: int, status: int) -> None:
        """Let an account have a margin model and status from now on."""
        self.accounts.set_risk(account, margin_model, status)
        self.watch(account)

    def _working(self, account: int) -> int:
        """Count the working orders of an account; a package is one."""
        return sum(not self.orders.is_leg(row) for row in self._rows(account))

    def _rows(self, account: int) -> list[int]:
        found = list[int]()
        row: cython.int = self.orders.first_working(account)
        while row != kinds.NO_SLOT:
            found.append(row)
            row = self.orders.next_working[row]
        return found

    def watch(self, account: int) -> None:
        """Count the working orders of an account from now on, where it is to be watched."""
        entries = [
            entry
            for balance in self.balances.of_account(account)
            for entry in self.positions.of_balance(balance)
        ]
        watched = (
            self.accounts.limits[account] != 0
            or self.accounts.margin_model[account] != 0
            or any(self.positions.limits[entry] for entry in entries)
            or self.accounts.groups.has_limits(self.accounts.group[account])
        )
        if watched and not self.accounts.watched[account]:
            self.accounts.watched[account] = 1
            for row in self._rows(account):
                self._count(row)

    def _count(self, row: int) -> None:
        """Count an order that came to work before its account was watched."""
        lots: int = self.exposure.lots(row)
        if self.orders.is_reduce_only(row):
            self.positions.reduce_only[self.orders.position[row]] -= lots
        ticks: int = 0 if self.orders.is_package(row) else self._ticks(row)
        self.exposure.open(row, lots, ticks, 0, 0)

    def _ticks(self, row: int) -> int:
        """Return the price that an order is valued at."""
        orders: Orders = self.orders
        instrument = orders.instrument[row]
        tick = self.admission.instruments.get(instrument, tables.INSTRUMENT_TICK_SIZE)
        if (orders.valued_terms(row) >> kinds.STATE_FLAGS) & kinds.FLAG_HAS_PRICE:
            pegged = orders.order_type(row) == enums.ORDER_TYPE_PEGGED
            return (orders.stop_price[row] if pegged else orders.price[row]) // tick
        kind = enums.ORDER_TYPE_MARKET if orders.is_leg(row) else orders.order_type(row)
        ticks: int = self.pretrade.risk.marks.worst(
            instrument,
            orders.side(row),
            kind,
            orders.stop_price[row],
            orders.time_in_force(row) >= enums.TIME_IN_FORCE_AT_OPEN,
        )
        return ticks


def is_compiled() -> bool:
    """Whether this module runs as a C extension."""
    return cython.compiled
