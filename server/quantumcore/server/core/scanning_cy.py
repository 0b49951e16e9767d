"""Say what an instrument is scanned by, and hold portfolios to their worst scenario."""

import cython

from quantumcore.server.core.margin.risk_arrays import TEN_POINTS

if cython.compiled:
    from cython.cimports.quantumcore.server.core import enums, tables
    from cython.cimports.quantumcore.server.core.instruments_cy import Instruments
    from cython.cimports.quantumcore.server.core.margin import rows
    from cython.cimports.quantumcore.server.core.margin.commodity_table_cy import CommodityTable
    from cython.cimports.quantumcore.server.core.margin.portfolio_cy import Portfolio
    from cython.cimports.quantumcore.server.core.margin.portfolio_scenarios_cy import (
        PortfolioScenarios,
    )
    from cython.cimports.quantumcore.server.core.margin_terms_cy import MarginTerms
else:
    from quantumcore.server.core import enums, tables
    from quantumcore.server.core.instruments_cy import Instruments
    from quantumcore.server.core.margin import rows
    from quantumcore.server.core.margin.commodity_table_cy import CommodityTable
    from quantumcore.server.core.margin.portfolio_cy import Portfolio
    from quantumcore.server.core.margin.portfolio_scenarios_cy import PortfolioScenarios
    from quantumcore.server.core.margin_terms_cy import MarginTerms


@cython.final
@cython.cclass
class Scanning:
    """The scenario model of the venue's instruments.

    A combined commodity is an instrument with the options on it, or a product of futures with the
    options on those. It is scanned by what an operator said of it, and otherwise a future by its
    outright margin, anything else by a share of its price.
    """

    instruments: Instruments
    terms: MarginTerms
    table: CommodityTable
    scenarios: PortfolioScenarios
    debit_minor_units: cython.longlong

    def __init__(self, instruments: Instruments) -> None:
        self.instruments, self.terms = instruments, instruments.margin_terms
        self.scenarios = PortfolioScenarios(expiry_unit_s=1, expiries_per_unit=1_000_000_000)
        self.scenarios.sets.append(TEN_POINTS)
        self.scenarios.model.spreads = self.terms.credits
        self.table = self.scenarios.table
        self.debit_minor_units = 0

    @cython.cfunc
    @cython.exceptval(check=False)
    def begin(self, now_ns: cython.longlong) -> cython.void:
        """Begin with another portfolio, at a time."""
        self.scenarios.now = max(now_ns, 0)
        self.scenarios.model.spread_count = self.terms.credit_count
        self.table.forget()

    @cython.cfunc
    @cython.exceptval(check=False)
    def group_of(self, instrument: cython.int) -> cython.longlong:
        """Return what an instrument offsets others as: itself, or of a future its product."""
        get: Instruments = self.instruments
        if get.get(instrument, tables.INSTRUMENT_KIND) == enums.INSTRUMENT_KIND_FUTURE:
            return -get.get(instrument, tables.INSTRUMENT_PRODUCT)
        return instrument

    @cython.cfunc
    @cython.exceptval(check=False)
    def needs_price(self, instrument: cython.int) -> cython.bint:
        """Whether what is held of an instrument is scanned by a share of its own price."""
        kind: cython.longlong = self.instruments.get(instrument, tables.INSTRUMENT_KIND)
        said: cython.int
        if kind == enums.INSTRUMENT_KIND_OPTION:
            return False
        if kind != enums.INSTRUMENT_KIND_FUTURE:
            return True
        said = self.terms.find_scan(self.group_of(instrument))
        return said >= 0 and self.terms.scans[said + tables.SCAN_PRICE_RANGE] != 0

    @cython.cfunc
    @cython.exceptval(check=False)
    def state(self, instrument: cython.int, words: cython.longlong[::1]) -> cython.void:
        """Let the terms of a holding say what its commodity is scanned by."""
        table: CommodityTable = self.table
        root: cython.int = instrument
        ticks: cython.longlong = words[rows.MARK_TICKS]
        kind: cython.longlong = words[rows.KIND]
        commodity: cython.longlong
        at: cython.int
        if kind == rows.KIND_CALL or kind == rows.KIND_PUT:
            root = cython.cast(cython.int, words[rows.GROUP])
            ticks = words[rows.UNDERLYING_TICKS]
        commodity = self.group_of(root)
        at = table.open(words[rows.GROUP], commodity)
        table.delta_weight[at] = max(
            table.delta_weight[at], self.instruments.get(root, tables.INSTRUMENT_TICK_VALUE)
        )
        self._scan(at, commodity, root, abs(ticks))

    @cython.cfunc
    @cython.exceptval(check=False)
    def _scan(
        self,
        at: cython.int,
        commodity: cython.longlong,
        root: cython.int,
        ticks: cython.longlong,
    ) -> cython.void:
        """Write the scan of a commodity; the widest of its instruments' ranges counts for all."""
        said: cython.int = self.terms.find_scan(commodity)
        table: CommodityTable = self.table
        words: cython.longlong[::1] = self.terms.scans
        share: cython.longlong = 0
        volatility: cython.longlong = tables.DEFAULT_VOLATILITY
        spread: cython.longlong = tables.DEFAULT_VOLATILITY_RANGE
        table.volatility[at] = volatility | spread << rows.KEY_VOLATILITY_RANGE
        if said >= 0:
            share = words[said + tables.SCAN_PRICE_RANGE]
            spread = words[said + tables.SCAN_VOLATILITY_RANGE]
            volatility = words[said + tables.SCAN_VOLATILITY]
            volatility |= spread << rows.KEY_VOLATILITY_RANGE
            volatility |= words[said + tables.SCAN_SET] << rows.KEY_SCENARIO_SET
            table.volatility[at] = volatility
            table.minimum[at] = words[said + tables.SCAN_MINIMUM]
            table.charge[at] = words[said + tables.SCAN_CHARGE]
        table.range[at] = max(table.range[at], self._range(at, root, ticks, share))

    @cython.cfunc
    @cython.exceptval(check=False)
    def _range(
        self,
        at: cython.int,
        root: cython.int,
        ticks: cython.longlong,
        share: cython.longlong,
    ) -> cython.longlong:
        """Return how many ticks a price is scanned either way, rounded up."""
        get: Instruments = self.instruments
        whole: cython.longlong = tables.BASIS_POINTS
        money: cython.longlong
        if share == 0:
            if get.get(root, tables.INSTRUMENT_KIND) == enums.INSTRUMENT_KIND_FUTURE:
                money = get.get(root, tables.INSTRUMENT_TICK_VALUE)
                return (get.get(root, tables.INSTRUMENT_OUTRIGHT) + money - 1) // money
            share = tables.DEFAULT_PRICE_RANGE
        ticks = self.table.counted(at, ticks)
        return ticks // whole * share + (ticks % whole * share + whole - 1) // whole

    @cython.cfunc
    @cython.exceptval(-1, check=False)
    def requirement(self, portfolio: Portfolio) -> cython.longlong:
        """Return what a portfolio requires, minor units, or rows.NO_COMMODITY .. where it cannot.

        Arrays that are missing are computed: what they say follows from their terms alone, so it
        does not matter to any answer when that is.
        """
        total: cython.longlong = self.scenarios._requirement(portfolio)
        if total == rows.NO_ARRAY:
            self.scenarios.prepare(portfolio)
            total = self.scenarios._requirement(portfolio)
        self.debit_minor_units = self.scenarios._debit()
        # -1 would tell of an error.
        return max(total, 0) if total > rows.NO_ARRAY else min(total, rows.NO_COMMODITY)


def is_compiled() -> bool:
    """Whether this module runs as a C extension."""
    return cython.compiled
