"""Let multi-leg orders trade: plan all legs, then trade what is planned in one step."""

import cython

from quantumcore.server.core.money_cy import bounded_cost, least_money

if cython.compiled:
    from cython.cimports.quantumcore.server.core import enums, kinds, tables
    from cython.cimports.quantumcore.server.core.arena_cy import Arena
    from cython.cimports.quantumcore.server.core.instruments_cy import Instruments
    from cython.cimports.quantumcore.server.core.matching_cy import Matching
    from cython.cimports.quantumcore.server.core.orders_cy import Orders
    from cython.cimports.quantumcore.server.core.package_sweep_cy import PackageSweep
    from cython.cimports.quantumcore.server.core.packages_cy import Packages
    from cython.cimports.quantumcore.server.core.placing_cy import Placing
    from cython.cimports.quantumcore.server.core.plan_cy import Plan
    from cython.cimports.quantumcore.server.core.reporter_cy import Reporter
else:
    from quantumcore.server.core import enums, kinds, tables
    from quantumcore.server.core.arena_cy import Arena
    from quantumcore.server.core.instruments_cy import Instruments
    from quantumcore.server.core.matching_cy import Matching
    from quantumcore.server.core.orders_cy import Orders
    from quantumcore.server.core.package_sweep_cy import PackageSweep
    from quantumcore.server.core.packages_cy import Packages
    from quantumcore.server.core.placing_cy import Placing
    from quantumcore.server.core.plan_cy import Plan
    from quantumcore.server.core.reporter_cy import Reporter


@cython.final
@cython.cclass
class PackageTrading:
    """A package trades whole units: each leg with orders that are sure to be there, or nothing."""

    arena: Arena
    instruments: Instruments
    matching: Matching
    orders: Orders
    packages: Packages
    placing: Placing
    plan: Plan
    report: Reporter
    sweep: PackageSweep

    def __init__(self, matching: Matching) -> None:
        self.matching, self.placing = matching, matching.placing
        self.arena, self.instruments = matching.arena, matching.instruments
        self.orders, self.report = matching.orders, matching.report
        self.packages = matching.orders.packages
        self.plan = Plan(matching, self.packages)
        self.sweep = PackageSweep(matching, self.plan)

    @cython.cfunc
    @cython.exceptval(check=False)
    def begin_plan(self, package: cython.int, account: cython.int) -> cython.void:
        """Begin to plan a row of the table of packages for an account; its legs come next."""
        at: cython.Py_ssize_t = self.packages.at(package)
        prevention: cython.longlong = self.packages.words[at + tables.PACKAGE_ROW_PREVENTION]
        if prevention == 0:
            prevention = self.placing.accounts.self_trade_prevention[account]
        self.plan.begin(package, self.placing.accounts.owner[account], prevention)

    @cython.cfunc
    @cython.exceptval(-1, check=False)
    def planned(self, package: cython.int, leaves: cython.longlong) -> cython.longlong:
        """Plan up to so many units; return them, or 0 where that is too few at once."""
        at: cython.Py_ssize_t = self.packages.at(package)
        least: cython.longlong = self.packages.words[at + tables.PACKAGE_ROW_MIN_UNITS]
        units: cython.longlong = self.plan.find(leaves)
        return units if units >= min(least, leaves) else 0

    @cython.cfunc
    @cython.exceptval(-1, check=False)
    def execute(self, row: cython.int, units: cython.longlong) -> cython.int:
        """Trade what is planned: every leg, then the package as a whole."""
        at: cython.Py_ssize_t = self.packages.at(self.orders.package(row))
        number: cython.int
        self.packages.last_execution += 1
        self.packages.words[at + tables.PACKAGE_ROW_EXECUTION] = self.packages.last_execution
        for number in range(self.packages.words[at + tables.PACKAGE_ROW_LEG_COUNT]):
            self.sweep.trade(
                self.orders.leg_row(row, number),
                units * self.packages.words[at + tables.PACKAGE_ROW_RATIOS + number],
            )
        return self.fill(row, units, self.plan.cost, enums.LIQUIDITY_TAKER)

    @cython.cfunc
    @cython.exceptval(-1, check=False)
    def fill(
        self,
        row: cython.int,
        units: cython.longlong,
        cost: cython.longlong,
        liquidity: cython.int,
    ) -> cython.int:
        """Record that units of a package have traded on all legs, at this cost in minor units."""
        orders: Orders = self.orders
        self.placing.exposure.change(row, -units)
        orders.cumulative[row] += units * kinds.UNIT
        orders.tick_lots[row] += cost
        if orders.cumulative[row] == orders.quantity[row]:
            self.placing.close(row, enums.ORDER_STATUS_FILLED, 0)
        elif orders.status[row] != enums.ORDER_STATUS_UNWINDING:
            orders.status[row] = enums.ORDER_STATUS_PARTIALLY_FILLED
        price: cython.longlong = self._plain_price(row, units, cost)
        if price == tables.NO_LIMIT:
            price = self._net_price(row, units, cost)
        return self.report.fill_event(row, liquidity, price, units * kinds.UNIT, 0, 0)

    @cython.cfunc
    @cython.exceptval(check=False)
    def _plain_price(
        self, row: cython.int, units: cython.longlong, cost: cython.longlong
    ) -> cython.longlong:
        """Return the net price where all legs are alike and 64 bits do; else NO_LIMIT."""
        at: cython.Py_ssize_t = self.packages.at(self.orders.package(row))
        first: cython.int = self.orders.instrument[self.orders.leg_row(row, 0)]
        number: cython.int
        for number in range(1, self.packages.words[at + tables.PACKAGE_ROW_LEG_COUNT]):
            if not self._are_alike(first, self.orders.instrument[self.orders.leg_row(row, number)]):
                return tables.NO_LIMIT
        tick: cython.longlong = self.instruments.get(first, tables.INSTRUMENT_TICK_SIZE)
        lot: cython.longlong = self.instruments.get(first, tables.INSTRUMENT_LOT_SIZE)
        money: cython.longlong = self.instruments.get(first, tables.INSTRUMENT_TICK_VALUE)
        most: cython.longlong = tables.NO_LIMIT
        if tick >> 31 or lot >> 31 or money >> 31 or money * units >> 31:
            return tables.NO_LIMIT
        money = money * units * kinds.UNIT
        if cost > most // (tick * lot) or -cost > most // (tick * lot):
            return tables.NO_LIMIT
        return self._rounded(cost * (tick * lot), money)

    @cython.cfunc
    @cython.exceptval(check=False)
    def _are_alike(self, one: cython.int, other: cython.int) -> cython.bint:
        """Whether ticks and lots of two instruments mean the same."""
        column: cython.int
        for column in (
            tables.INSTRUMENT_TICK_SIZE,
            tables.INSTRUMENT_LOT_SIZE,
            tables.INSTRUMENT_TICK_VALUE,
        ):
            if self.instruments.get(one, column) != self.instruments.get(other, column):
                return False
        return True

    @cython.cfunc
    @cython.exceptval(check=False)
    def _rounded(self, amount: cython.longlong, by: cython.longlong) -> cython.longlong:
        """Divide, rounding half to even; the divisor is positive and below 2**62."""
        rest: cython.longlong = (amount % by + by) % by
        whole: cython.longlong = (amount - rest) // by
        if 2 * rest > by or (2 * rest == by and whole % 2 != 0):
            whole += 1
        return whole

    def _net_price(self, row: int, units: int, cost: int) -> int:
        """Return the net price of units that cost so much, 1e-9, rounded half to even."""
        money, per = self._least_money(row)
        whole, rest = divmod(int(cost) * per, money * int(units))
        half = 2 * rest - money * int(units)
        return whole + (half > 0 or (half == 0 and whole % 2 == 1))

    def _least_money(self, row: int) -> tuple[int, int]:
        """Return what 1e-9 of net price means for a unit, in minor units, as a fraction."""
        at = self.packages.at(self.orders.package(row))
        count = int(self.packages.words[at + tables.PACKAGE_ROW_LEG_COUNT])
        instruments = [
            int(self.orders.instrument[self.orders.leg_row(row, number)]) for number in range(count)
        ]
        return least_money(self.instruments, instruments)

    def most_cost(self, row: int, net_price: int) -> int:
        """Return the most that a unit of a package may cost at a net price, minor units."""
        money, per = self._least_money(row)
        return bounded_cost(net_price * money // per)


def is_compiled() -> bool:
    """Whether this module runs as a C extension."""
    return cython.compiled
