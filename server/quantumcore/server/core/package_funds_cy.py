"""Find what a multi-leg order binds of its account's funds, leg by leg and as a whole."""

import cython

from quantumcore.server.core.memory import int64_column

if cython.compiled:
    from cython.cimports.quantumcore.server.core import enums, kinds, tables
    from cython.cimports.quantumcore.server.core.funds_cy import Funds
    from cython.cimports.quantumcore.server.core.orders_cy import Orders
    from cython.cimports.quantumcore.server.core.positions_cy import Positions
    from cython.cimports.quantumcore.server.core.pretrade_cy import PreTrade
    from cython.cimports.quantumcore.server.core.refusal_cy import Refusal
    from cython.cimports.quantumcore.server.core.risk_cy import Risk
else:
    from quantumcore.server.core import enums, kinds, tables
    from quantumcore.server.core.funds_cy import Funds
    from quantumcore.server.core.orders_cy import Orders
    from quantumcore.server.core.positions_cy import Positions
    from quantumcore.server.core.pretrade_cy import PreTrade
    from quantumcore.server.core.refusal_cy import Refusal
    from quantumcore.server.core.risk_cy import Risk


@cython.cclass
class PackageFunds:
    """The legs of one package, and what its units bind: `reserve` and `foreseen` of each untouched.

    `needs` and `ahead` are the same of a unit of a sequential package whose legs up to one have
    traded. `half_done` packages are sequential ones of which units have begun. What only `weighs`
    is not held to the funds.
    """

    funds: Funds
    orders: Orders
    positions: Positions
    refusal: Refusal
    risk: Risk
    account: cython.int
    leg_count: cython.int
    is_sequential: cython.bint
    half_done: cython.bint
    weighs: cython.bint
    units: cython.longlong
    most_cost: cython.longlong
    row: cython.int
    reserve: cython.longlong
    foreseen: cython.longlong
    entry: cython.longlong[::1]
    side: cython.longlong[::1]
    ratio: cython.longlong[::1]
    ticks: cython.longlong[::1]
    priced: cython.longlong[::1]
    costs: cython.longlong[::1]
    least_costs: cython.longlong[::1]
    growths: cython.longlong[::1]
    least_growths: cython.longlong[::1]
    needs: cython.longlong[::1]
    ahead: cython.longlong[::1]

    def __init__(self, pretrade: PreTrade) -> None:
        self.refusal, self.risk, self.funds = pretrade.refusal, pretrade.risk, pretrade.funds
        self.orders, self.positions = pretrade.risk.orders, pretrade.risk.positions
        self.account = self.leg_count = self.row = 0
        self.is_sequential = self.half_done = self.weighs = False
        self.units = self.most_cost = self.reserve = self.foreseen = 0
        self.entry, self.side = int64_column(kinds.MAX_LEGS), int64_column(kinds.MAX_LEGS)
        self.ratio, self.ticks = int64_column(kinds.MAX_LEGS), int64_column(kinds.MAX_LEGS)
        self.priced, self.needs = int64_column(kinds.MAX_LEGS), int64_column(kinds.MAX_LEGS)
        self.costs, self.least_costs = int64_column(kinds.MAX_LEGS), int64_column(kinds.MAX_LEGS)
        self.growths, self.ahead = int64_column(kinds.MAX_LEGS), int64_column(kinds.MAX_LEGS)
        self.least_growths = int64_column(kinds.MAX_LEGS)

    @cython.final
    @cython.cfunc
    @cython.exceptval(check=False)
    def look_at(self, number: cython.int) -> cython.void:
        """Look at a leg: at all lots that it would still trade."""
        entry: cython.int = cython.cast(cython.int, self.entry[number])
        row: cython.int = self.row
        units: cython.longlong = self.units
        begun: cython.longlong = self.begun(number)
        if row != kinds.NO_SLOT:
            row = self.orders.leg_row(row, number)
        self.risk.look_at(
            self.account,
            self.positions.instrument[entry],
            entry,
            cython.cast(cython.int, self.side[number]),
            self.ratio[number] * self.units - begun,
            self.ticks[number],
            row,
        )
        if row != kinds.NO_SLOT:
            units += self.orders.cumulative[self.row] // kinds.UNIT
            self.risk.whole = self.ratio[number] * units
        if begun != 0:
            self.risk.begun, self.risk.reversing = begun, self._reversing(number)

    @cython.final
    @cython.cfunc
    @cython.exceptval(check=False)
    def begun(self, number: cython.int) -> cython.longlong:
        """Return the lots of a leg that have traded of units that are not whole."""
        if not self.half_done:
            return 0
        at: cython.Py_ssize_t = self.orders.packages.at(self.orders.package(self.row))
        words: cython.longlong[::1] = self.orders.packages.words
        return (
            words[at + tables.PACKAGE_ROW_TRADED + number]
            - self.ratio[number] * words[at + tables.PACKAGE_ROW_FILLED]
        )

    @cython.final
    @cython.cfunc
    @cython.exceptval(check=False)
    def _reversing(self, number: cython.int) -> cython.longlong:
        at: cython.Py_ssize_t = self.orders.packages.at(self.orders.package(self.row))
        return self.orders.packages.words[at + tables.PACKAGE_ROW_REVERSIBLE + number]

    @cython.final
    @cython.cfunc
    @cython.exceptval(-1, check=False)
    def check_funds(self, field: cython.longlong) -> cython.longlong:
        """Check what all legs together cost, and what the margin of the portfolio grows by.

        A sequential order can come to stand with any number of its first legs traded whole and none
        behind them: each of these states is checked, and the worst of them is reserved.
        """
        funds: Funds = self.funds
        number: cython.int
        reason: cython.longlong
        if self.risk.accounts.margin_model[self.account] == enums.MARGIN_MODEL_UNSPECIFIED:
            return 0
        funds.begin_package()
        for number in range(self.leg_count):
            self.look_at(number)
            funds.note_leg()
        funds.begin_sum(self.account)
        for number in range(self.leg_count):
            self.look_at(number)
            self.refusal.about = number + 1
            reason = funds.add(field)
            if reason != 0:
                return reason
        self.refusal.about = 0
        reason = self._weigh_legs(field)
        if reason == 0 and self.half_done and not self.weighs:
            reason = self._check_begun(field)
        return reason

    @cython.final
    @cython.cfunc
    @cython.exceptval(-1, check=False)
    def _weigh_legs(self, field: cython.longlong) -> cython.longlong:
        """Weigh the states that whole units pass through, the last of them with all legs traded."""
        funds: Funds = self.funds
        number: cython.int
        none: cython.longlong = tables.NO_LIMIT
        paid: cython.longlong = 0
        fees: cython.longlong = 0
        reason: cython.longlong
        priced: cython.bint = True
        for number in range(self.leg_count):
            self.look_at(number)
            self.risk.lots += self.risk.begun
            priced = priced and self.priced[number] != 0
            paid += funds.paid()
            fees += funds.fees()
            if self.is_sequential and number < self.leg_count - 1:
                reason = self._weigh(number, paid, fees, field)
                if reason != 0:
                    return reason
        if self.most_cost < none and not self.is_sequential:
            # Legs without prices of their own may come to cost what the net price allows.
            if paid > self.most_cost * self.units or not priced:
                paid = self.most_cost * self.units
        reason = self._weigh(self.leg_count - 1, paid, fees, field)
        self._find_needs()
        self.foresee()
        return reason

    @cython.final
    @cython.cfunc
    @cython.exceptval(-1, check=False)
    def _weigh(
        self,
        number: cython.int,
        paid: cython.longlong,
        fees: cython.longlong,
        field: cython.longlong,
    ) -> cython.longlong:
        """Weigh the state in which all legs up to one, counted from 0, have traded whole."""
        funds: Funds = self.funds
        reason: cython.longlong
        funds.margining.whole = number + 1
        reason = funds.weigh(paid, fees, self.units, self.row, field)
        if reason == 0:
            funds.release(self._released(number), self.row)
        if reason == 0 and not (self.half_done or self.weighs):
            reason = funds.cover(funds.needed, field)
        self.costs[number], self.least_costs[number] = funds.cost, funds.least_cost
        self.growths[number], self.least_growths[number] = funds.growth, funds.least_growth
        self.reserve = max(self.reserve, funds.reserve)
        return reason

    def _released(self, last: int) -> int:
        """Return what of a debt the legs up to one, counted from 0, buy back."""
        released = 0
        for number in range(last + 1):
            self.look_at(number)
            released += int(self.funds.released())
        return released

    @cython.final
    @cython.cfunc
    @cython.exceptval(check=False)
    def _find_needs(self) -> cython.void:
        """Find what a unit binds as its legs trade.

        It is what the states to come take more of the funds than the one that it has come to.
        """
        number: cython.int
        later: cython.int
        most: cython.longlong
        for number in range(self.leg_count):
            most = 0
            for later in range(number + 1, self.leg_count):
                most = max(most, self.costs[later] - self.least_costs[number])
            self.needs[number] = (most + self.units - 1) // self.units

    @cython.final
    @cython.cfunc
    @cython.exceptval(check=False)
    def foresee(self) -> cython.void:
        """Find what the margin of a unit may grow by, beyond what it binds, as its legs trade.

        Each state that it can come to has its margin, and binds `needs` besides.
        """
        number: cython.int
        later: cython.int
        first: cython.int = 0 if self.is_sequential else self.leg_count - 1
        self.foreseen = 0
        for number in range(first, self.leg_count):
            self.foreseen = max(self.foreseen, self._beyond(number, 0, self.reserve))
            self.ahead[number] = 0
            for later in range(number + 1, self.leg_count):
                self.ahead[number] = max(
                    self.ahead[number],
                    self._beyond(later, self.least_growths[number], self.needs[number]),
                )

    @cython.final
    @cython.cfunc
    @cython.exceptval(check=False)
    def _beyond(
        self, number: cython.int, growth: cython.longlong, bound: cython.longlong
    ) -> cython.longlong:
        """Return what a unit counts for in a state beyond margin and what is bound in another."""
        more: cython.longlong = self.growths[number] - growth
        # Up: compiled division cuts towards zero, Python's rounds down.
        if more < 0:
            more = -(-more // self.units)
        else:
            more = (more + self.units - 1) // self.units
        return more + self.needs[number] - bound

    @cython.final
    @cython.cfunc
    @cython.exceptval(check=False)
    def _check_begun(self, field: cython.longlong) -> cython.longlong:
        """Check what a sequential package that is changed half-way is to bind as it stands."""
        needed: cython.longlong = self.reserve * self.units
        needed += self.risk.exposure.bound(self.row, self.reserve, self.needs, 0)
        return self.funds.cover(needed, field)

    @cython.final
    @cython.cfunc
    @cython.exceptval(check=False)
    def counted(self) -> cython.longlong:
        """Return the most that the package may come to bind of margin, as it stands."""
        counted: cython.longlong = (self.reserve + self.foreseen) * self.units
        if self.half_done:
            counted += self.risk.exposure.bound(self.row, self.reserve, self.needs, 0)
            counted += self.risk.exposure.bound(self.row, self.foreseen, self.ahead, 0)
        return counted


def is_compiled() -> bool:
    """Whether this module runs as a C extension."""
    return cython.compiled
