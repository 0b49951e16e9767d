"""Read what accounts hold, owe and may do, at the marks of now."""

import cython

from quantumcore.server.core.account_views import (
    BalanceView,
    GroupView,
    LegProfitView,
    MarginView,
    PositionView,
    StrategyView,
)
from quantumcore.server.core.margin.explanation import NOTHING

if cython.compiled:
    from cython.cimports.quantumcore.server.core import enums, kinds, tables
    from cython.cimports.quantumcore.server.core.attribution_cy import Attribution
    from cython.cimports.quantumcore.server.core.balances_cy import Balances
    from cython.cimports.quantumcore.server.core.groups_cy import Groups
    from cython.cimports.quantumcore.server.core.limits_cy import Limits
    from cython.cimports.quantumcore.server.core.margin_terms_cy import MarginTerms
    from cython.cimports.quantumcore.server.core.margining_cy import Margining
    from cython.cimports.quantumcore.server.core.order_reading_cy import OrderReading
    from cython.cimports.quantumcore.server.core.positions_cy import Positions
    from cython.cimports.quantumcore.server.core.pretrade_cy import PreTrade
    from cython.cimports.quantumcore.server.core.reporter_cy import Reporter
    from cython.cimports.quantumcore.server.core.risk_cy import Risk
    from cython.cimports.quantumcore.server.core.strategies_cy import Strategies
else:
    from quantumcore.server.core import enums, kinds, tables
    from quantumcore.server.core.attribution_cy import Attribution
    from quantumcore.server.core.balances_cy import Balances
    from quantumcore.server.core.groups_cy import Groups
    from quantumcore.server.core.limits_cy import Limits
    from quantumcore.server.core.margin_terms_cy import MarginTerms
    from quantumcore.server.core.margining_cy import Margining
    from quantumcore.server.core.order_reading_cy import OrderReading
    from quantumcore.server.core.positions_cy import Positions
    from quantumcore.server.core.pretrade_cy import PreTrade
    from quantumcore.server.core.reporter_cy import Reporter
    from quantumcore.server.core.risk_cy import Risk
    from quantumcore.server.core.strategies_cy import Strategies


@cython.cclass
class AccountReading(OrderReading):
    """What can be asked about accounts. Nothing is reserved, nothing changes.

    Marks are looked up at `now_ns`: a read may come later than the last command. `queries` is apart
    from what orders are checked with, so that no read can tell on a command.
    """

    attribution: Attribution
    limits: Limits
    positions: Positions
    queries: PreTrade
    report: Reporter

    def limits_of(self, account_id: int, instrument_id: int = 0) -> list[int]:
        """Return limits as tables.LIMIT_*; of an account for an instrument, or over all."""
        if not instrument_id:
            return self.limits.read(self.accounts.limits[account_id])
        entry: cython.int = self.positions.find(account_id, instrument_id)
        return self.limits.read(0 if entry == kinds.NO_SLOT else self.positions.limits[entry])

    def lot_size(self, instrument_id: int) -> int:
        """Return the lot size of a listed instrument, 1e-9."""
        return self.instruments.read(instrument_id, tables.INSTRUMENT_LOT_SIZE)

    def tick_size(self, instrument_id: int) -> int:
        """Return the tick size of a listed instrument, 1e-9."""
        return self.instruments.read(instrument_id, tables.INSTRUMENT_TICK_SIZE)

    def margin_model(self, account_id: int) -> int:
        """Return how an account's funds are checked, a MarginModel."""
        return self.accounts.margin_model[account_id]

    def account_status(self, account_id: int) -> int:
        """Return whether an account may trade, an AccountStatus."""
        return self.accounts.status[account_id]

    def currencies_of(self, account_id: int) -> list[int]:
        """Return the numbers of the currencies that an account has used, ascending."""
        balances: Balances = self.positions.balances
        return [balances.currency[entry] for entry in balances.of_account(account_id)]

    def balance(self, account_id: int, currency: int, now_ns: int) -> BalanceView | None:
        """Return an account's money in one currency; None: it never used it."""
        balances: Balances = self.positions.balances
        entry: cython.int = balances.find(account_id, currency)
        if entry == kinds.NO_SLOT:
            return None
        views = [self._position(at, now_ns) for at in self.positions.of_balance(entry)]
        margin, available = self._margin_now(account_id, entry, now_ns)
        return BalanceView(
            currency=currency,
            cash=balances.cash.read(entry),
            reserved=balances.reserved[entry],
            margin=margin,
            available=available,
            realised=sum(view.realised_tick_lots * self._money(view) for view in views),
            unrealised=sum(unrealised(view) * self._money(view) for view in views),
            fees=balances.fees.read(entry),
            open_order_value=balances.open_value.read(entry),
        )

    def _margin_now(self, account_id: int, entry: int, now_ns: int) -> tuple[int, int]:
        """Return the margin of an account's positions, and what new orders could use."""
        risk: Risk = self.queries.risk
        margining: Margining = self.queries.funds.margining
        model = self.accounts.margin_model[account_id]
        risk.look_at_account(account_id, now_ns)
        available: int = self.queries.funds.free(entry, model)
        if model <= enums.MARGIN_MODEL_NONE:
            return 0, available
        self.queries.funds.begin()
        return margining.margin(entry, tables.FILLED_NONE, False), available

    def _money(self, view: PositionView) -> int:
        return self.instruments.read(view.instrument_id, tables.INSTRUMENT_TICK_VALUE)

    def group(self, number: int) -> GroupView:
        """Return a group of accounts, with what its members have together in each currency."""
        groups: Groups = self.accounts.groups
        place, members = groups.find(number), self.accounts.members(number)
        currencies = {one for member in members for one in self.currencies_of(member)}
        working = sum(self.accounts.working[member] for member in members)
        usage = []
        for currency in sorted(currencies):
            opened, margin, _ = self.queries.group.usage(members, currency)
            usage.append((currency, opened, margin))
        killed = bool(groups.killed[place])
        return GroupView(number, place != 0, members, killed, groups.read(place), usage, working)

    def group_of(self, instrument_id: int) -> int:
        """Return what an instrument offsets others as: itself, or of a future its product."""
        kind = self.instruments.read(instrument_id, tables.INSTRUMENT_KIND)
        if kind == enums.INSTRUMENT_KIND_FUTURE:
            return -self.instruments.read(instrument_id, tables.INSTRUMENT_PRODUCT)
        return instrument_id

    def credits(self) -> list[tuple[int, list[int], int]]:
        """Return the spread credits: priority, words SPREAD_*, and sequence of the change."""
        terms: MarginTerms = self.instruments.margin_terms
        return [
            (priority, terms.credit(priority), terms.credit_sequences[priority])
            for priority in range(1, terms.credit_count + 1)
            if terms.credit(priority)
        ]

    def scans(self) -> list[tuple[list[int], int]]:
        """Return what was said of scans: words tables.SCAN_*, and sequence of the change."""
        terms: MarginTerms = self.instruments.margin_terms
        return [
            (terms.scan(number), terms.scan_sequences[number]) for number in range(terms.scan_count)
        ]

    def position_view(
        self, account_id: int, instrument_id: int, now_ns: int
    ) -> PositionView | None:
        """Return what an account holds of an instrument; None: it never ordered any."""
        entry: cython.int = self.positions.find(account_id, instrument_id)
        return None if entry == kinds.NO_SLOT else self._position(entry, now_ns)

    def positions_of(
        self, account_id: int, now_ns: int, after_sequence: int = -1
    ) -> list[PositionView]:
        """Return all that an account ever ordered, ascending by instrument.

        With `after_sequence` only what has changed behind it.
        """
        found = [
            self._position(entry, now_ns)
            for balance in self.positions.balances.of_account(account_id)
            for entry in self.positions.of_balance(balance)
            if self.positions.sequence[entry] > after_sequence
        ]
        return sorted(found, key=lambda view: view.instrument_id)

    def _position(self, entry: int, now_ns: int) -> PositionView:
        positions: Positions = self.positions
        risk: Risk = self.queries.risk
        buying, selling = positions.buying[entry], positions.selling[entry]
        if not self.accounts.watched[positions.account[entry]]:
            buying, selling = self._working(entry)
        risk.marks.find(positions.instrument[entry], now_ns, 0)
        has_mark = risk.marks.age_ns != tables.NO_LIMIT
        return PositionView(
            account_id=positions.account[entry],
            instrument_id=positions.instrument[entry],
            lots=positions.lots[entry],
            bought_lots=positions.bought[entry],
            buying_lots=buying,
            selling_lots=selling,
            open_tick_lots=positions.open.read(entry),
            realised_tick_lots=positions.realised.read(entry),
            fees=positions.fees.read(entry),
            mark_ticks=risk.marks.ticks if has_mark else None,
            mark_time_ns=risk.marks.time_ns if has_mark else 0,
            updated_time_ns=positions.updated_ns[entry],
            sequence=positions.sequence[entry],
        )

    def _working(self, entry: int) -> tuple[int, int]:
        """Count the lots of working orders of an account that is not watched."""
        buying = selling = 0
        row: cython.int = self.orders.first_working(self.positions.account[entry])
        while row != kinds.NO_SLOT:
            if self.orders.position[row] == entry and not self.orders.is_package(row):
                if self.orders.side(row) == enums.SIDE_BUY:
                    buying += self.placing.lots(row)
                else:
                    selling += self.placing.lots(row)
            row = self.orders.next_working[row]
        return buying, selling

    def strategy_profit(self, order_id: int, now_ns: int) -> StrategyView | None:
        """Return profit and loss of a multi-leg order, or None where it is not known (any more)."""
        strategies: Strategies = self.attribution.strategies
        row = strategies.find(order_id)
        if row == kinds.NO_SLOT:
            return self._untraded(order_id)
        at = strategies.at(row)
        legs = [
            self._leg_profit(row * kinds.MAX_LEGS + number, now_ns)
            for number in range(int(strategies.words[at + tables.STRATEGY_LEG_COUNT]))
        ]
        return StrategyView(order_id, int(strategies.words[at + tables.STRATEGY_ACCOUNT]), legs)

    @property
    def forgotten_packages(self) -> int:
        """How many multi-leg orders had lots open when newer ones took their place."""
        return int(self.attribution.strategies.forgotten)

    def _untraded(self, order_id: int) -> StrategyView | None:
        """Return what an order has brought of which no leg has traded: nothing."""
        package = self.package(order_id)
        if package is None or package.order.cumulative_quantity:
            return None
        legs = [
            LegProfitView(number, int(self.orders.instrument[self.orders.row_of(leg.order_id)]))
            for number, leg in enumerate(package.legs, start=1)
        ]
        return StrategyView(order_id, package.order.account_id, legs)

    def _leg_profit(self, owner: int, now_ns: int) -> LegProfitView:
        """Return what a leg has brought, and is worth at the mark; without one, at cost."""
        strategies: Strategies = self.attribution.strategies
        at = strategies.leg_at(owner)
        instrument = int(strategies.words[at + tables.OWNED_INSTRUMENT])
        money = self.instruments.read(instrument, tables.INSTRUMENT_TICK_VALUE)
        lots = int(strategies.words[at + tables.OWNED_LOTS])
        untold = int(strategies.words[at + tables.OWNED_UNTOLD])
        risk: Risk = self.queries.risk
        risk.marks.find(instrument, now_ns, 0)
        gained = 0
        if risk.marks.age_ns != tables.NO_LIMIT:
            cost = int(strategies.words[at + tables.OWNED_TICK_LOTS])
            gained = (int(risk.marks.ticks) * lots - cost) * money
        return LegProfitView(
            leg_number=owner % kinds.MAX_LEGS + 1,
            instrument_id=instrument,
            net_quantity=lots * self.lot_size(instrument),
            realised=strategies.realised.read(owner) * money,
            unrealised=gained,
            fees=strategies.fees.read(owner),
            paid=strategies.paid.read(owner) * money,
            untold_quantity=untold * self.lot_size(instrument),
        )

    def margin(self, account_id: int, currency: int, now_ns: int, model: int) -> MarginView | None:
        """Explain the margin of an account in one currency by a model; None: it never used that."""
        entry: cython.int = self.positions.balances.find(account_id, currency)
        margining: Margining = self.queries.funds.margining
        if entry == kinds.NO_SLOT:
            return None
        _own, available = self._margin_now(account_id, entry, now_ns)
        margin, orders = 0, self.positions.balances.reserved[entry]
        self.queries.funds.begin()
        margining.by_scenarios = model == enums.MARGIN_MODEL_SCENARIO
        report = NOTHING
        if model > enums.MARGIN_MODEL_NONE:
            margin = margining.margin(entry, tables.FILLED_NONE, False)
            report = margining.explained(entry, False)
        return MarginView(
            currency=currency,
            position_margin=margin,
            order_margin=orders,
            available=available,
            components=report.components,
            pairing_is_optimal=report.pairing_is_optimal,
            oldest_mark_age_ns=margining.oldest_ns,
            refused=margining.refused,
        )


def unrealised(view: PositionView) -> int:
    """Return what closing a position at its mark would bring, ticks x lots; 0 without a mark."""
    if view.mark_ticks is None:
        return 0
    return view.mark_ticks * view.lots - view.open_tick_lots


def is_compiled() -> bool:
    """Whether this module runs as a C extension."""
    return cython.compiled
