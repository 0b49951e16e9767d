"""Hold multi-leg orders of watched accounts to their limits and funds, as one portfolio."""

import cython

from quantumcore.server.core.memory import int64_column

if cython.compiled:
    from cython.cimports.quantumcore.server.core import enums, kinds, tables
    from cython.cimports.quantumcore.server.core.exposure_cy import Exposure
    from cython.cimports.quantumcore.server.core.funds_cy import Funds
    from cython.cimports.quantumcore.server.core.instruments_cy import Instruments
    from cython.cimports.quantumcore.server.core.orders_cy import Orders
    from cython.cimports.quantumcore.server.core.package_terms_cy import PackageTerms
    from cython.cimports.quantumcore.server.core.positions_cy import Positions
    from cython.cimports.quantumcore.server.core.pretrade_cy import PreTrade
    from cython.cimports.quantumcore.server.core.refusal_cy import Refusal
    from cython.cimports.quantumcore.server.core.risk_cy import Risk
else:
    from quantumcore.server.core import enums, kinds, tables
    from quantumcore.server.core.exposure_cy import Exposure
    from quantumcore.server.core.funds_cy import Funds
    from quantumcore.server.core.instruments_cy import Instruments
    from quantumcore.server.core.orders_cy import Orders
    from quantumcore.server.core.package_terms_cy import PackageTerms
    from quantumcore.server.core.positions_cy import Positions
    from quantumcore.server.core.pretrade_cy import PreTrade
    from quantumcore.server.core.refusal_cy import Refusal
    from quantumcore.server.core.risk_cy import Risk


@cython.final
@cython.cclass
class PackagePreTrade:
    """Each leg is held to the limits, all of them together to the funds.

    `begin` comes first, then `leg` for each leg with the lots of one unit and its limit
    (tables.NO_LIMIT: none), then `check`. What each leg and unit counts for stands in `ticks` and
    `reserve` after it.
    """

    funds: Funds
    instruments: Instruments
    orders: Orders
    positions: Positions
    pretrade: PreTrade
    refusal: Refusal
    risk: Risk
    account: cython.int
    leg_count: cython.int
    is_sequential: cython.bint
    waits: cython.bint
    units: cython.longlong
    most_cost: cython.longlong
    row: cython.int
    reserve: cython.longlong
    entry: cython.longlong[::1]
    side: cython.longlong[::1]
    ratio: cython.longlong[::1]
    ticks: cython.longlong[::1]
    priced: cython.longlong[::1]
    limits: cython.longlong[::1]
    costs: cython.longlong[::1]
    least_costs: cython.longlong[::1]
    needs: cython.longlong[::1]

    def __init__(self, pretrade: PreTrade) -> None:
        self.pretrade, self.refusal = pretrade, pretrade.refusal
        self.risk, self.funds = pretrade.risk, pretrade.funds
        self.instruments, self.orders = pretrade.instruments, pretrade.risk.orders
        self.positions = pretrade.risk.positions
        self.account = self.leg_count = self.row = 0
        self.is_sequential = self.waits = False
        self.units = self.most_cost = self.reserve = 0
        self.entry, self.side = int64_column(kinds.MAX_LEGS), int64_column(kinds.MAX_LEGS)
        self.ratio, self.ticks = int64_column(kinds.MAX_LEGS), int64_column(kinds.MAX_LEGS)
        self.priced, self.limits = int64_column(kinds.MAX_LEGS), int64_column(kinds.MAX_LEGS)
        self.costs, self.least_costs = int64_column(kinds.MAX_LEGS), int64_column(kinds.MAX_LEGS)
        self.needs = int64_column(kinds.MAX_LEGS)

    @cython.cfunc
    @cython.exceptval(-1, check=False)
    def check_new(self, terms: PackageTerms, account: cython.int) -> cython.longlong:
        """Check the CREATE_PACKAGE that `terms` looks at; its legs have positions."""
        number: cython.int
        instrument: cython.int
        limit: cython.longlong
        self.begin(account, terms.word(kinds.PACKAGE_UNITS), terms._most_cost(), kinds.NO_SLOT)
        self.is_sequential, self.waits = terms.is_sequential(), not terms.is_immediate()
        for number in range(terms.leg_count):
            instrument = cython.cast(cython.int, terms.instrument(number))
            limit = tables.NO_LIMIT
            if terms.has_price(number):
                limit = terms.leg(number, kinds.LEG_PRICE) // self.instruments.get(
                    instrument, tables.INSTRUMENT_TICK_SIZE
                )
            self.leg(
                self.positions.lend(account, instrument, 0),
                terms.side(number),
                terms.leg(number, kinds.LEG_RATIO)
                // self.instruments.get(instrument, tables.INSTRUMENT_LOT_SIZE),
                limit,
            )
        return self.check(enums.PACKAGE_FIELD_UNITS, enums.PACKAGE_FIELD_LEGS)

    @cython.cfunc
    @cython.exceptval(-1, check=False)
    def check_amended(
        self, row: cython.int, units: cython.longlong, most_cost: cython.longlong
    ) -> cython.longlong:
        """Check a working package that is to have so many units, at most at such a cost."""
        at: cython.Py_ssize_t = self.orders.packages.at(self.orders.package(row))
        number: cython.int
        leg: cython.int
        self.begin(self.orders.account[row], units, most_cost, row)
        self.is_sequential, self.waits = self.orders.is_sequential(row), True
        for number in range(self.orders.packages.words[at + tables.PACKAGE_ROW_LEG_COUNT]):
            leg = self.orders.leg_row(row, number)
            self.leg(
                self.orders.position[leg],
                self.orders.side(leg),
                self.orders.packages.words[at + tables.PACKAGE_ROW_RATIOS + number],
                self.limits[number],
            )
        return self.check(enums.AMEND_FIELD_UNITS, enums.AMEND_FIELD_LEG_PRICES)

    @cython.cfunc
    @cython.exceptval(check=False)
    def count(self, row: cython.int, sign: cython.longlong) -> cython.void:
        """Count what works of a package and its legs (-1: no more), as they stand now."""
        number: cython.int
        leg: cython.int
        at: cython.Py_ssize_t = self.orders.packages.at(self.orders.package(row))
        exposure: Exposure = self.risk.exposure
        exposure.change(row, sign * exposure.lots(row))
        for number in range(self.orders.packages.words[at + tables.PACKAGE_ROW_LEG_COUNT]):
            leg = self.orders.leg_row(row, number)
            exposure.change(leg, sign * exposure.lots(leg))
        exposure.follow(row)

    @cython.cfunc
    @cython.exceptval(check=False)
    def note_needs(self, row: cython.int) -> cython.void:
        """Note with a sequential package what its units bind as their legs trade."""
        at: cython.Py_ssize_t = self.orders.packages.at(self.orders.package(row))
        number: cython.int
        if not self.is_sequential or self.risk.accounts.watched[self.orders.account[row]] == 0:
            return
        for number in range(self.leg_count):
            self.orders.packages.words[at + tables.PACKAGE_ROW_NEEDS + number] = self.needs[number]

    @cython.cfunc
    @cython.exceptval(check=False)
    def _need(self, number: cython.int) -> cython.longlong:
        """Return what a unit binds of which all legs up to one, counted from 0, have traded.

        It is what the states to come take more of the funds than the one that it has come to.
        """
        most: cython.longlong = 0
        later: cython.int
        for later in range(number + 1, self.leg_count):
            most = max(most, self.costs[later] - self.least_costs[number])
        return (most + self.units - 1) // self.units

    @cython.cfunc
    @cython.exceptval(check=False)
    def _note_cost(self, number: cython.int) -> cython.void:
        self.costs[number], self.least_costs[number] = self.funds.cost, self.funds.least_cost
        self.reserve = max(self.reserve, self.funds.reserve)

    @cython.cfunc
    @cython.exceptval(check=False)
    def revalue(self, row: cython.int) -> cython.void:
        """Let a package of a watched account count for what `check_amended` has found."""
        number: cython.int
        leg: cython.int
        if self.risk.accounts.watched[self.orders.account[row]] == 0 or self.row != row:
            return
        self.orders.reserve[row] = self.reserve
        self.note_needs(row)
        for number in range(self.leg_count):
            leg = self.orders.leg_row(row, number)
            self.orders.risk_ticks[leg] = self.ticks[number]

    @cython.cfunc
    @cython.exceptval(check=False)
    def begin(
        self,
        account: cython.int,
        units: cython.longlong,
        most_cost: cython.longlong,
        row: cython.int,
    ) -> cython.void:
        """Look at units of a package; `row` is the one that they replace, or NO_SLOT."""
        number: cython.int
        self.account, self.units, self.most_cost, self.row = account, units, most_cost, row
        self.leg_count = 0
        self.reserve = 0
        for number in range(kinds.MAX_LEGS):
            self.needs[number] = 0

    @cython.cfunc
    @cython.exceptval(check=False)
    def leg(
        self,
        entry: cython.int,
        side: cython.int,
        ratio: cython.longlong,
        limit: cython.longlong,
    ) -> cython.void:
        """Add the next leg; one without a limit is valued like a market order.

        Where no net price bounds it either, one of a package that may wait is valued as what waits
        for an auction is: any price may come.
        """
        none: cython.longlong = tables.NO_LIMIT
        unbounded: cython.bint = self.waits and self.most_cost == none
        self.entry[self.leg_count], self.side[self.leg_count] = entry, side
        self.ratio[self.leg_count], self.ticks[self.leg_count] = ratio, limit
        self.priced[self.leg_count] = limit != none
        if limit == none:
            self.ticks[self.leg_count] = self.risk.marks.worst(
                self.positions.instrument[entry], side, enums.ORDER_TYPE_MARKET, 0, unbounded
            )
        self.leg_count += 1

    @cython.cfunc
    @cython.exceptval(check=False)
    def bound(self, package: cython.int, account: cython.int) -> cython.void:
        """Let legs of a package that does not wait trade no further than `check_new` valued them.

        That is the protection band of a market order; it holds where the account pays, and no price
        bounds the leg or the package.
        """
        at: cython.Py_ssize_t = self.orders.packages.at(package)
        words: cython.longlong[::1] = self.orders.packages.words
        number: cython.int
        none: cython.longlong = tables.NO_LIMIT
        if self.risk.accounts.margin_model[account] == enums.MARGIN_MODEL_UNSPECIFIED:
            return
        if self.waits or self.is_sequential or self.most_cost != none:
            return
        for number in range(self.leg_count):
            if self.priced[number] == 0:
                words[at + tables.PACKAGE_ROW_LIMITS + number] = self.ticks[number]

    @cython.cfunc
    @cython.exceptval(-1, check=False)
    def check(self, field_units: cython.longlong, field_legs: cython.longlong) -> cython.longlong:
        """Return why the package is refused: a RejectReason, or 0."""
        number: cython.int
        self.refusal.clear()
        self.risk.beside = 0
        for number in range(self.leg_count):
            self._look_at(number)
            self.refusal.about = number + 1
            if self.row == kinds.NO_SLOT:
                if number == 0:
                    self.risk.check_working(0)
                self.risk.check_working_here(0)
            self.risk.check_limits(self.priced[number] != 0, field_legs, field_legs)
            if self.refusal.reason == 0:
                self.risk.beside += self.risk.value(self.risk.lots, self.risk.ticks)
        self.refusal.about = 0
        if self.refusal.reason != 0:
            return self.refusal.reason
        reason: cython.longlong = self._check_funds(field_units)
        self.funds.of_package = False
        if reason != 0 or not self.pretrade.group.begin(self.account):
            return reason
        return self._check_group(field_units, field_legs)

    @cython.cfunc
    @cython.exceptval(-1, check=False)
    def _check_group(
        self, field_units: cython.longlong, field_legs: cython.longlong
    ) -> cython.longlong:
        """Check the limits of the account's group: each leg's position, then all together."""
        number: cython.int
        for number in range(self.leg_count):
            self._look_at(number)
            self.refusal.about = number + 1
            if self.pretrade.group.add(field_legs) != 0:
                return self.refusal.reason
        self.refusal.about = 0
        needed = int(self.reserve) * int(self.units)
        return self.pretrade.group.check(self.row, needed, field_units)

    @cython.cfunc
    @cython.exceptval(check=False)
    def _look_at(self, number: cython.int) -> cython.void:
        entry: cython.int = cython.cast(cython.int, self.entry[number])
        row: cython.int = self.row
        units: cython.longlong = self.units
        if row != kinds.NO_SLOT:
            row = self.orders.leg_row(row, number)
        self.risk.look_at(
            self.account,
            self.positions.instrument[entry],
            entry,
            cython.cast(cython.int, self.side[number]),
            self.ratio[number] * self.units,
            self.ticks[number],
            row,
        )
        if row != kinds.NO_SLOT:
            units += self.orders.cumulative[self.row] // kinds.UNIT
            self.risk.whole = self.ratio[number] * units

    @cython.cfunc
    @cython.exceptval(-1, check=False)
    def _check_funds(self, field: cython.longlong) -> cython.longlong:
        """Check what all legs together cost, and what the margin of the portfolio grows by.

        A sequential order can come to stand with any number of its first legs traded whole and none
        behind them: each of these states is checked, and the worst of them is reserved.
        """
        funds: Funds = self.funds
        number: cython.int
        none: cython.longlong = tables.NO_LIMIT
        paid: cython.longlong = 0
        fees: cython.longlong = 0
        reason: cython.longlong
        model: cython.int = self.risk.accounts.margin_model[self.account]
        if model == enums.MARGIN_MODEL_UNSPECIFIED:
            return 0
        funds.begin_package()
        for number in range(self.leg_count):
            self._look_at(number)
            funds.note_leg()
        funds.begin_sum(self.account)
        priced: cython.bint = True
        for number in range(self.leg_count):
            self._look_at(number)
            priced = priced and self.priced[number] != 0
            paid += funds.paid()
            fees += funds.fees()
            self.refusal.about = number + 1
            reason = funds.add(field)
            if reason != 0:
                return reason
            self.refusal.about = 0
            if self.is_sequential and number < self.leg_count - 1:
                reason = funds.check_sum(paid, fees, self.units, self.row, field)
                self._note_cost(number)
                if reason != 0:
                    return reason
        if self.most_cost < none and not self.is_sequential:
            # Legs without prices of their own may come to cost what the net price allows.
            if paid > self.most_cost * self.units or not priced:
                paid = self.most_cost * self.units
        reason = funds.check_sum(paid, fees, self.units, self.row, field)
        self._note_cost(self.leg_count - 1)
        for number in range(self.leg_count):
            self.needs[number] = self._need(number)
        if reason != 0 or self.row == kinds.NO_SLOT or not self.is_sequential:
            return reason
        if self.orders.packages.is_level(self.orders.package(self.row)):
            return 0
        return self._check_begun(field)

    @cython.cfunc
    @cython.exceptval(check=False)
    def _check_begun(self, field: cython.longlong) -> cython.longlong:
        """Check what a sequential package that is changed half-way is to bind as it stands."""
        funds: Funds = self.funds
        needed: cython.longlong = self.reserve * self.units
        reason: cython.longlong = enums.REJECT_REASON_INSUFFICIENT_MARGIN
        if funds.model == enums.MARGIN_MODEL_NONE:
            reason = enums.REJECT_REASON_INSUFFICIENT_BALANCE
        needed += self.risk.exposure.bound(self.row, self.reserve, self.needs, 0)
        if needed > max(0, funds.available):
            return self.refusal.fail(reason, field, funds.available, needed)
        return 0


def is_compiled() -> bool:
    """Whether this module runs as a C extension."""
    return cython.compiled
