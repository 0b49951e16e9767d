"""Find what an order would bind of its account's funds, and whether they suffice."""

import cython

if cython.compiled:
    from cython.cimports.quantumcore.server.core import enums, kinds, tables
    from cython.cimports.quantumcore.server.core.accounts_cy import Accounts
    from cython.cimports.quantumcore.server.core.balances_cy import Balances
    from cython.cimports.quantumcore.server.core.debts_cy import Debts
    from cython.cimports.quantumcore.server.core.instruments_cy import Instruments
    from cython.cimports.quantumcore.server.core.margin import rows
    from cython.cimports.quantumcore.server.core.margining_cy import Margining
    from cython.cimports.quantumcore.server.core.orders_cy import Orders
    from cython.cimports.quantumcore.server.core.positions_cy import Positions
    from cython.cimports.quantumcore.server.core.refusal_cy import Refusal
    from cython.cimports.quantumcore.server.core.risk_cy import Risk
else:
    from quantumcore.server.core import enums, kinds, tables
    from quantumcore.server.core.accounts_cy import Accounts
    from quantumcore.server.core.balances_cy import Balances
    from quantumcore.server.core.debts_cy import Debts
    from quantumcore.server.core.instruments_cy import Instruments
    from quantumcore.server.core.margin import rows
    from quantumcore.server.core.margining_cy import Margining
    from quantumcore.server.core.orders_cy import Orders
    from quantumcore.server.core.positions_cy import Positions
    from quantumcore.server.core.refusal_cy import Refusal
    from quantumcore.server.core.risk_cy import Risk


@cython.final
@cython.cclass
class Funds:
    """What is bought is paid in full; what is sold is held, or margin stands for it.

    `reserve` is what a lot (of a package, a unit) of the order that was checked last binds, rounded
    up. `cost` is what it all takes of the funds that are free, in the worst of the states that are
    looked at, `least_cost` as the account stands; negative: it brings so much. `growth` and
    `least_growth` are what of it is margin, and `foreseen` is what that is for a part beyond what
    it binds. Money is looked at in one currency, that of `balance`.
    """

    accounts: Accounts
    balances: Balances
    debts: Debts
    instruments: Instruments
    margining: Margining
    orders: Orders
    positions: Positions
    refusal: Refusal
    risk: Risk
    model: cython.int
    is_plain: cython.bint
    balance: cython.int
    reserve: cython.longlong
    foreseen: cython.longlong
    needed: cython.longlong
    available: cython.longlong
    of_package: cython.bint
    age_ns: cython.longlong
    haircut: cython.longlong
    cost: cython.longlong
    least_cost: cython.longlong
    growth: cython.longlong
    least_growth: cython.longlong

    def __init__(self, risk: Risk) -> None:
        self.risk, self.refusal = risk, risk.refusal
        self.accounts, self.balances = risk.accounts, risk.balances
        self.instruments, self.positions = risk.instruments, risk.positions
        self.margining, self.orders = risk.margining, risk.orders
        self.debts = Debts(risk.positions, risk.instruments, risk.marks)
        self.reserve = self.needed = self.available = 0
        self.cost = self.least_cost = 0
        self.foreseen = self.growth = self.least_growth = 0
        self.model, self.is_plain, self.balance = 0, True, kinds.NO_SLOT
        self.of_package, self.age_ns, self.haircut = False, 0, 0

    @cython.cfunc
    @cython.exceptval(-1, check=False)
    def check(self, row: cython.int, field: cython.longlong) -> cython.longlong:
        """Check the lots that `risk` looks at; `row` is the order that they replace, or NO_SLOT."""
        risk: Risk = self.risk
        reason: cython.longlong
        self.reserve = self.needed = self.foreseen = 0
        self.of_package = False
        if self.accounts.margin_model[risk.account] == enums.MARGIN_MODEL_UNSPECIFIED:
            return 0
        self.begin_sum(risk.account)
        reason = self.add(field)
        if reason != 0:
            return reason
        return self.check_sum(self.paid(), self.fees(), risk.lots, row, field)

    @cython.cfunc
    @cython.exceptval(check=False)
    def begin_sum(self, account: cython.int) -> cython.void:
        """Begin to add up what an order, or the legs of a package, would bind."""
        self.model = self.accounts.margin_model[account]
        self.is_plain = True
        self.reserve = self.needed = self.foreseen = 0
        self.margining.forget()
        self.begin()

    @cython.cfunc
    @cython.exceptval(check=False)
    def begin_none(self) -> cython.void:
        """Begin with an order whose funds may never be looked at."""
        self.model, self.balance = enums.MARGIN_MODEL_UNSPECIFIED, kinds.NO_SLOT
        self.reserve = self.needed = self.available = self.foreseen = 0
        self.margining.forget()

    @cython.cfunc
    @cython.exceptval(check=False)
    def add(self, field: cython.longlong) -> cython.longlong:
        """Add the lots that `risk` looks at; an account without margin may be refused at once."""
        risk: Risk = self.risk
        balance: cython.int = self.positions.balance[risk.entry]
        if self.model == enums.MARGIN_MODEL_NONE:
            return self._holds(field)
        self.is_plain = self.is_plain and self._is_plain(balance)
        if risk.side == enums.SIDE_BUY:
            self.margining.add(risk.entry, risk.lots, risk.own_lots, risk.reversing, risk.begun)
        else:
            self.margining.add(risk.entry, -risk.lots, risk.reversing, risk.own_lots, -risk.begun)
        return 0

    @cython.cfunc
    @cython.exceptval(-1, check=False)
    def check_sum(
        self,
        paid: cython.longlong,
        fees: cython.longlong,
        parts: cython.longlong,
        row: cython.int,
        field: cython.longlong,
    ) -> cython.longlong:
        """Check what was added up against the funds; `reserve` is then what one part binds."""
        if self.weigh(paid, fees, parts, row, field) != 0:
            return self.refusal.reason
        self.release(self.released(), row)
        return self.cover(self.needed, field)

    def release(self, released: int, row: int) -> None:
        """Let money that is owed be there for what buys it back, as far as it is there at all."""
        if self.model != enums.MARGIN_MODEL_NONE or self.balances.margined[self.balance] == 0:
            return
        money = int(self.balances.cash.clipped(self.balance))
        money -= int(self.balances.reserved[self.balance])
        if row != kinds.NO_SLOT:
            money += int(self.risk.exposure.reserved(row))
        self.available = money - self._owed(self.balance, row)
        if released > 0:
            self.available = min(money, released + max(0, self.available))

    def _owed(self, balance: int, without: int) -> int:
        """Return what of a debt no working order binds, but for one that is to be replaced."""
        owed = int(self.debts.total(balance, self.risk.now_ns))
        if owed > 0:
            owed -= self.debts.covered(balance, self.risk.exposure, without, self.risk.now_ns)
        return max(0, owed)

    @cython.cfunc
    @cython.exceptval(check=False)
    def cover(self, needed: cython.longlong, field: cython.longlong) -> cython.longlong:
        """Check that what is there for new orders covers what is needed."""
        reason: cython.longlong = enums.REJECT_REASON_INSUFFICIENT_MARGIN
        if self.model == enums.MARGIN_MODEL_NONE:
            reason = enums.REJECT_REASON_INSUFFICIENT_BALANCE
        if needed > 0 and needed > self.available:
            return self.refusal.fail(reason, field, self.available, needed)
        return 0

    @cython.cfunc
    @cython.exceptval(-1, check=False)
    def weigh(
        self,
        paid: cython.longlong,
        fees: cython.longlong,
        parts: cython.longlong,
        row: cython.int,
        field: cython.longlong,
    ) -> cython.longlong:
        """Find what was added up needs and what there is for it; refuse what cannot be valued."""
        balance: cython.int = self.positions.balance[self.risk.entry]
        own: cython.longlong = 0
        self.balance = balance
        self.needed = max(0, paid)
        self.cost = self.least_cost = paid
        self.growth = self.least_growth = 0
        if self.model != enums.MARGIN_MODEL_NONE and not self.is_plain:
            self._need_margin(balance, paid)
            if self._staleness(field) != 0:
                return self.refusal.reason
        self.needed += fees
        self.cost += fees
        self.least_cost += fees
        if row != kinds.NO_SLOT:
            own = self.risk.exposure.reserved(row)
        self.available = self.free(balance, self.model) + own
        self.reserve = (self.needed + parts - 1) // parts
        self.foreseen = 0
        if self.growth > 0:
            self.foreseen = max(0, (self.growth + parts - 1) // parts - self.reserve)
        return 0

    @cython.cfunc
    @cython.exceptval(check=False)
    def _closing(self) -> cython.longlong:
        """Return how many of the lots would only close what is held and not yet being closed."""
        risk: Risk = self.risk
        held: cython.longlong = self.positions.lots[risk.entry]
        if risk.side == enums.SIDE_BUY:
            held = -held - self.positions.buying[risk.entry]
        else:
            held -= self.positions.selling[risk.entry]
        return max(0, min(risk.lots, held + risk.own_lots))

    @cython.cfunc
    @cython.exceptval(check=False)
    def paid(self) -> cython.longlong:
        """Return what the lots cost at the price they are valued at; negative: they bring it."""
        risk: Risk = self.risk
        paid: cython.longlong = risk.value(risk.lots, risk.ticks)
        if self.instruments.has(risk.instrument, tables.HAS_FUTURE_STYLE):
            return 0
        if (risk.ticks < 0) != (risk.side == enums.SIDE_SELL):
            paid = -paid
        return paid

    @cython.cfunc
    @cython.exceptval(-1, check=False)
    def released(self) -> cython.longlong:
        """Return what the lots would give back of a debt, were they bought: see Debts."""
        entry: cython.int = self.risk.entry
        if self.model != enums.MARGIN_MODEL_NONE or self.risk.side != enums.SIDE_BUY:
            return 0
        if self.balances.margined[self.positions.balance[entry]] == 0:
            return 0
        return self.debts.part(entry, self._closing(), self.risk.now_ns)

    @cython.cfunc
    @cython.exceptval(check=False)
    def _holds(self, field: cython.longlong) -> cython.longlong:
        """Check that an account without margin sells what it holds, and opens no futures."""
        risk: Risk = self.risk
        closing: cython.longlong = self._closing()
        future: cython.bint = self.instruments.has(risk.instrument, tables.HAS_FUTURE_STYLE)
        reason: cython.longlong = enums.REJECT_REASON_INSUFFICIENT_BALANCE
        if closing == risk.lots or (risk.side == enums.SIDE_BUY and not future):
            return 0
        if future:
            reason = enums.REJECT_REASON_INSUFFICIENT_MARGIN
        return self.refusal.fail(
            reason, field, risk.value(closing, risk.ticks), risk.value(risk.lots, risk.ticks)
        )

    @cython.cfunc
    @cython.exceptval(-1, check=False)
    def _need_margin(self, balance: cython.int, paid: cython.longlong) -> cython.int:
        """Find what is paid and what the margin of all that is held grows by.

        The greatest growth counts of three states: as it is, with all working orders to buy
        filled, and with all to sell: so two orders do not lean on the same hedge.
        """
        state: cython.int
        growth: cython.longlong
        self.needed = 0
        self.margining.sets_aside = True
        for state in range(tables.FILLED_SELLS + 1):
            growth = self.margining.margin(balance, state, True)
            growth -= self.margining.margin(balance, state, False)
            if state == tables.FILLED_NONE:
                self.cost = self.least_cost = paid + growth
                self.growth = self.least_growth = growth
            self.growth = max(self.growth, growth)
            self.cost = max(self.cost, paid + growth)
            self.needed = max(self.needed, paid + growth)
        self.margining.sets_aside = False
        return 0

    @cython.cfunc
    @cython.exceptval(check=False)
    def begin(self) -> cython.void:
        """Begin to value what the account holds now."""
        model: cython.longlong = self.accounts.margin_model[self.risk.account]
        if self.of_package:
            self.margining.begin(self.risk.now_ns, self.age_ns, self.haircut, model)
        else:
            self.margining.begin(self.risk.now_ns, self.risk.age_ns(), self.risk.haircut(), model)

    @cython.cfunc
    @cython.exceptval(check=False)
    def begin_package(self) -> cython.void:
        """Begin with a package, of whose legs the strictest ages and policies hold."""
        none: cython.longlong = tables.NO_LIMIT
        self.of_package, self.age_ns, self.haircut = False, none, 0

    @cython.cfunc
    @cython.exceptval(check=False)
    def note_leg(self) -> cython.void:
        """Hold the package to what the account says of marks for the leg that is looked at."""
        haircut: cython.longlong = self.risk.haircut()
        if not self.of_package:
            self.haircut = haircut
        elif self.haircut == 0 or haircut == 0:
            self.haircut = 0
        else:
            self.haircut = max(self.haircut, haircut)
        self.age_ns = min(self.age_ns, self.risk.age_ns())
        self.of_package = True

    @cython.cfunc
    @cython.exceptval(check=False)
    def _is_plain(self, balance: cython.int) -> cython.bint:
        """Whether the lots are bought in full, or held, and no other position leans on them."""
        risk: Risk = self.risk
        if self.instruments.has(risk.instrument, tables.HAS_FUTURE_STYLE):
            return False
        if risk.side == enums.SIDE_BUY:
            return self.balances.margined[balance] == 0
        if self.instruments.margin_terms.credit_count and self.balances.margined[balance]:
            return False  # what is short may be hedged by what is sold
        return self.balances.derivatives[balance] == 0 and self._closing() == risk.lots

    @cython.cfunc
    @cython.exceptval(check=False)
    def _staleness(self, field: cython.longlong) -> cython.longlong:
        """Check what valuing has met: marks that are too old, or what does not fit the engine."""
        margining: Margining = self.margining
        if margining.refused == rows.FULL:
            return self.refusal.fail(
                enums.REJECT_REASON_CAPACITY_EXHAUSTED, field, rows.MAX_HOLDINGS, rows.MAX_HOLDINGS
            )
        if margining.refused != 0:
            return self.refusal.fail(
                enums.REJECT_REASON_NOTIONAL_OVERFLOW, field, rows.MAX_VALUE, self.risk.lots
            )
        if self.needed > 0 and margining.oldest_ns > margining.most_age_ns:
            if margining.haircut == 0 or margining.oldest_ns == tables.NO_LIMIT:
                return self.refusal.fail(
                    enums.REJECT_REASON_REFERENCE_PRICE_STALE,
                    field,
                    margining.most_age_ns,
                    margining.oldest_ns,
                )
        return 0

    @cython.cfunc
    @cython.exceptval(check=False)
    def fees(self) -> cython.longlong:
        """Return the greatest fee that the lots could cost, each lot's rounded up."""
        risk: Risk = self.risk
        rate: cython.longlong
        each: cython.longlong
        if not self.instruments.has(risk.instrument, tables.HAS_FEES):
            return 0
        rate = max(
            self.instruments.get(risk.instrument, tables.INSTRUMENT_MAKER_FEE),
            self.instruments.get(risk.instrument, tables.INSTRUMENT_TAKER_FEE),
        )
        if rate <= 0:
            return 0
        each = risk.value(1, risk.ticks)
        return risk.lots * (
            each // tables.MILLION * rate
            + (each % tables.MILLION * rate + tables.MILLION - 1) // tables.MILLION
        )

    @cython.cfunc
    @cython.exceptval(-1, check=True)
    def free(self, balance: cython.int, model: cython.int) -> cython.longlong:
        """Return what is there for new orders: cash less what is reserved, margin, or a debt."""
        free: cython.longlong = (
            self.balances.cash.clipped(balance) - self.balances.reserved[balance]
        )
        if model == enums.MARGIN_MODEL_UNSPECIFIED or self.balances.margined[balance] == 0:
            return free
        if model == enums.MARGIN_MODEL_NONE:
            free -= self._owed(balance, kinds.NO_SLOT)
        else:
            self.begin()
            free -= self.margining.margin(balance, 0, False)
            free += self.margining.variation
        return free


def is_compiled() -> bool:
    """Whether this module runs as a C extension."""
    return cython.compiled
