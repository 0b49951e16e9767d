"""Compute what a portfolio requires by its strategies, in whole minor units."""

import cython

from quantumcore.server.core.margin.rates import Rates, Spread, spread_words
from quantumcore.server.core.memory import int64_column

if cython.compiled:
    from cython.cimports.quantumcore.server.core.margin import rows
    from cython.cimports.quantumcore.server.core.margin.hedges_cy import Hedges
    from cython.cimports.quantumcore.server.core.margin.own_cy import price_rows
    from cython.cimports.quantumcore.server.core.margin.pairing_cy import Pairing
    from cython.cimports.quantumcore.server.core.margin.portfolio_cy import Portfolio
else:
    from quantumcore.server.core.margin import rows
    from quantumcore.server.core.margin.hedges_cy import Hedges
    from quantumcore.server.core.margin.own_cy import price_rows
    from quantumcore.server.core.margin.pairing_cy import Pairing
    from quantumcore.server.core.margin.portfolio_cy import Portfolio


@cython.final
@cython.cclass
class StrategyModel:
    """The strategy model: options paired for the least total, spreads credited by priority.

    One model serves one thread; it keeps no portfolio. `pairing_is_optimal` and `debit_minor_units`
    tell about the last requirement: whether it is proven that no pairing requires less, and how
    much of it is premium and value that was paid in full, rather than risk beyond it.
    """

    pairing: Pairing
    hedges: Hedges
    rates: cython.longlong[::1]
    spreads: cython.longlong[::1]
    spread_count: cython.int
    is_done: cython.longlong[::1]
    pairing_is_optimal: cython.bint
    debit_minor_units: cython.longlong
    work: cython.longlong
    options: cython.longlong

    def __init__(self, rates: Rates | None = None, spreads: tuple[Spread, ...] = ()) -> None:
        self.pairing, self.hedges = Pairing(), Hedges()
        self.rates = (rates or Rates()).words()
        self.spreads, self.spread_count = spread_words(spreads), len(spreads)
        self.is_done = int64_column(rows.MAX_HOLDINGS)
        self.pairing_is_optimal = True
        self.debit_minor_units = 0
        self.work = self.options = 0

    def requirement(self, portfolio: Portfolio) -> int:
        """Return what a portfolio requires, minor units: the answer to a query.

        Every rounding is against the account: shares of value up, credits down. The search may
        take up to `rows.QUERY_WORK`, a fraction of a second where the portfolio is hard.
        """
        return self._within(portfolio, rows.QUERY_WORK)

    def order_requirement(self, portfolio: Portfolio) -> int:
        """Return what an order is held to, minor units: `requirement` within bounded work.

        It is what a real pairing requires, so never less than `requirement`; where the work was
        not enough for a proof `pairing_is_optimal` is false and it may be more.
        """
        return self._requirement(portfolio)

    @cython.cfunc
    @cython.nogil
    @cython.exceptval(check=False)
    def _requirement(self, portfolio: Portfolio) -> cython.longlong:
        """Return what `order_requirement` does, for callers that hold no Python object."""
        return self._within(portfolio, rows.ORDER_WORK)

    @cython.cfunc
    @cython.nogil
    @cython.exceptval(check=False)
    def _debit(self) -> cython.longlong:
        """Return what of the last requirement is value and premium paid in full, minor units."""
        return self.debit_minor_units

    @cython.cfunc
    @cython.nogil
    @cython.exceptval(check=False)
    def _within(self, portfolio: Portfolio, work: cython.longlong) -> cython.longlong:
        row: cython.int
        total: cython.longlong = 0
        self.options = 0
        self.pairing_is_optimal = True
        self.debit_minor_units = 0
        price_rows(portfolio, self.rates)
        self.hedges.open(portfolio)
        for row in range(portfolio.count):
            self.is_done[row] = 0
            if self._is_option(portfolio, row):
                self.options += 1
        if self.options > rows.EXACT_LEGS:
            self.work = min(work, work // rows.FULL_WORK_OPTIONS * self.options)
        else:
            self.work = max(work, rows.FEW_LEGS_WORK)
        for row in range(portfolio.count):
            if portfolio.get(row, rows.LOTS) == 0 or self.is_done[row]:
                continue
            if self._is_option(portfolio, row):
                total += self._underlying(portfolio, row)
            else:
                total += self._outright(portfolio, row)
        return total - self.hedges.credit(portfolio, self.spreads, self.spread_count)

    @cython.cfunc
    @cython.nogil
    @cython.exceptval(check=False)
    def _is_option(self, portfolio: Portfolio, row: cython.int) -> cython.bint:
        kind: cython.longlong = portfolio.get(row, rows.KIND)
        return kind == rows.KIND_CALL or kind == rows.KIND_PUT

    @cython.cfunc
    @cython.nogil
    @cython.exceptval(check=False)
    def _outright(self, portfolio: Portfolio, row: cython.int) -> cython.longlong:
        """Return what shares or futures require alone."""
        lots: cython.longlong = portfolio.get(row, rows.LOTS)
        if portfolio.get(row, rows.KIND) != rows.KIND_FUTURE and lots > 0:
            self.debit_minor_units += lots * portfolio.get(row, rows.MARK_VALUE)
        return abs(lots) * portfolio.get(row, rows.OWN)

    @cython.cfunc
    @cython.nogil
    @cython.exceptval(check=False)
    def _underlying(self, portfolio: Portfolio, first: cython.int) -> cython.longlong:
        """Return what all options on the underlying of a row require, paired for the least.

        They may take their share of the work that is left, by their number; what they do not take
        is left for the underlyings behind.
        """
        group: cython.longlong = portfolio.get(first, rows.GROUP)
        row: cython.int
        count: cython.longlong = 0
        share: cython.longlong
        total: cython.longlong
        for row in range(first, portfolio.count):
            if portfolio.get(row, rows.GROUP) == group and self._is_option(portfolio, row):
                self.is_done[row] = 1
                count += 1
        share = self.work // self.options * count
        total = self._solve(portfolio, group, share)
        self.work = max(self.work - self.pairing.taken, 0)
        self.options -= count
        if not self.pairing.is_optimal:
            self.pairing_is_optimal = False
        self.debit_minor_units += self.pairing.debit()
        self.hedges.reserve(portfolio, group, self.pairing.covered_weight(1), 1)
        self.hedges.reserve(portfolio, group, self.pairing.covered_weight(0), -1)
        return total

    @cython.cfunc
    @cython.nogil
    @cython.exceptval(check=False)
    def _solve(
        self, portfolio: Portfolio, group: cython.longlong, work: cython.longlong
    ) -> cython.longlong:
        """Return what the options on an underlying require, to a query no more than to an order.

        A search that may take more work looks elsewhere, and can end at a worse pairing.
        """
        few: cython.longlong
        least: cython.longlong
        found: cython.longlong
        if work <= rows.FEW_LEGS_WORK:
            return self.pairing.solve(portfolio, group, work)
        few = self._order_work(self.pairing.options.load(portfolio, group))
        least = self.pairing.solve(portfolio, group, few)
        if self.pairing.is_optimal:
            return least
        found = self.pairing.solve(portfolio, group, work)
        if found <= least or self.pairing.is_optimal:
            return found
        return self.pairing.solve(portfolio, group, few)

    @cython.cfunc
    @cython.nogil
    @cython.exceptval(check=False)
    def _order_work(self, options: cython.longlong) -> cython.longlong:
        """Return what an order may take where so many options on one underlying are all."""
        if options <= rows.EXACT_LEGS:
            return rows.FEW_LEGS_WORK // max(options, 1) * options
        return min(rows.ORDER_WORK, rows.ORDER_WORK // rows.FULL_WORK_OPTIONS * options)

    def groups(self, portfolio: Portfolio) -> list[int]:
        """Return the underlyings that options of the portfolio are on, in order of row."""
        found: list[int] = []
        for row in range(portfolio.count):
            if portfolio.get(row, rows.LOTS) != 0 and self._is_option(portfolio, row):
                group = portfolio.get(row, rows.GROUP)
                if group not in found:
                    found.append(group)
        return found

    def placing(self, portfolio: Portfolio, group: int) -> dict[tuple[int, int], int]:
        """Pair the options on an underlying; return lots by row and place, as rows.* names it.

        Read `straddles` right after it. The portfolio is the one that `requirement` was last
        asked for.
        """
        self._solve(portfolio, group, rows.QUERY_WORK)
        self.pairing.settle_best()
        options = self.pairing.options
        return {
            (options.row[at], place): lots * options.unit
            for at in range(options.count)
            for place in range(options.places)
            if (lots := self.pairing.placed[at * options.places + place])
        }

    def straddles(self) -> list[tuple[int, int, int]]:
        """Return the short straddles of the last `placing`: row of call, row of put, lots."""
        row, unit = self.pairing.options.row, self.pairing.options.unit
        found = self.pairing.valuation.straddles.found()
        return [(row[call], row[put], lots * unit) for call, put, lots in found]

    def credit_basis_points(self, spread: int) -> int:
        """Return the credit of a spread, by its number in order of priority."""
        return self.spreads[spread * rows.SPREAD_WORDS + rows.SPREAD_CREDIT]

    def spread_uses(self) -> list[list[int]]:
        """Return what spreads used in the last requirement, as the words USE_* of each use."""
        return self.hedges.found()


def is_compiled() -> bool:
    """Whether this module runs as a C extension."""
    return cython.compiled
