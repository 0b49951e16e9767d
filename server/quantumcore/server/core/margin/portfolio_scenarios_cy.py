"""Ask the scenario model about a portfolio, as the strategy model is asked."""

import cython

from quantumcore.server.core.margin.commodities import Commodity, CommoditySpread
from quantumcore.server.core.margin.errors import TermsRefused
from quantumcore.server.core.margin.risk_arrays import (
    SPAN_16,
    Scan,
    Scenario,
    linear_losses,
    option_delta_ppm,
    option_losses,
)

if cython.compiled:
    from cython.cimports.quantumcore.server.core.margin import rows
    from cython.cimports.quantumcore.server.core.margin.array_cache_cy import ArrayCache
    from cython.cimports.quantumcore.server.core.margin.commodity_table_cy import CommodityTable
    from cython.cimports.quantumcore.server.core.margin.portfolio_cy import Portfolio
    from cython.cimports.quantumcore.server.core.margin.scenario_cy import ScenarioModel
else:
    from quantumcore.server.core.margin import rows
    from quantumcore.server.core.margin.array_cache_cy import ArrayCache
    from quantumcore.server.core.margin.commodity_table_cy import CommodityTable
    from quantumcore.server.core.margin.portfolio_cy import Portfolio
    from quantumcore.server.core.margin.scenario_cy import ScenarioModel

OUTSIDE = {
    rows.NO_COMMODITY: ("instrument_id", "of a configured commodity"),
    rows.AMOUNT_TOO_LARGE: (
        "instrument_id",
        "of so few lots that no loss exceeds 2**44",
    ),
    rows.SCAN_TOO_WIDE: (
        "price_range_ticks",
        "so few that no loss exceeds 2**44, and prices up to 2**40 ticks",
    ),
}


@cython.final
@cython.cclass
class PortfolioScenarios:
    """Rows of a portfolio by combined commodity, with risk arrays that are computed once.

    An array is a matter of a millisecond for an option, so it is kept for all that it follows from:
    instrument and side, the price of the underlying as its bucket counts it, the bucket of the time
    to expiry, and what the commodity is scanned by. `prepare` computes what is missing; a
    requirement then takes no more than adding up. What was paid for in full loses no more than it
    is worth. `debit_minor_units` tells how much of the last requirement is value that was paid for.
    """

    model: ScenarioModel
    cache: ArrayCache
    table: CommodityTable
    sets: list[tuple[Scenario, ...]]
    now: cython.longlong
    expiry_unit_s: cython.longlong
    expiries_per_unit: cython.longlong
    time_bucket_s: cython.longlong
    commodity: cython.int
    refused: cython.int

    def __init__(
        self,
        commodities: tuple[Commodity, ...] = (),
        spreads: tuple[CommoditySpread, ...] = (),
        *,
        expiry_unit_s: int = 86_400,
        expiries_per_unit: int = 1,
        time_bucket_s: int = 86_400,
        cached_arrays: int = 4_096,
    ) -> None:
        """Take commodities and their spreads, in order of priority.

        Time is stated in parts of a unit that lasts `expiry_unit_s`, `expiries_per_unit` of them.
        Time to expiry counts in whole buckets, rounded up. `cached_arrays`, a power of two from
        512, is the room of the cache, 220 bytes each.
        """
        for field, value in (("expiry_unit_s", expiry_unit_s), ("time_bucket_s", time_bucket_s)):
            if not 1 <= value <= rows.DAY_S:
                raise TermsRefused(field, value, f"1 to {rows.DAY_S:,}")
        self.model, self.cache = ScenarioModel(spreads), ArrayCache(cached_arrays)
        self.table, self.sets = CommodityTable(), [SPAN_16]
        groups = [group for one in commodities for group in one.groups]
        if len(groups) > rows.MAX_HOLDINGS or len(set(groups)) < len(groups):
            raise TermsRefused("groups", len(groups), "256 at most, each in one commodity")
        for one in commodities:
            self._configure(one)
        self.now = self.commodity = self.refused = 0
        self.expiry_unit_s, self.time_bucket_s = expiry_unit_s, time_bucket_s
        self.expiries_per_unit = expiries_per_unit

    def _configure(self, one: Commodity) -> None:
        """Write a commodity into the table."""
        table, scan, at = self.table, one.scan, 0
        if scan.scenarios not in self.sets:
            self.sets.append(scan.scenarios)
        for group in one.groups:
            at = table.open(group, one.commodity_id)
        table.range[at], table.delta_weight[at] = scan.price_range_ticks, one.delta_weight
        table.volatility[at] = one.volatility_ppm
        table.volatility[at] |= scan.volatility_range_ppm << rows.KEY_VOLATILITY_RANGE
        table.volatility[at] |= self.sets.index(scan.scenarios) << rows.KEY_SCENARIO_SET
        table.bucket[at] = one.price_bucket_ticks
        table.minimum[at] = one.short_option_minimum_minor_units
        table.charge[at] = one.calendar_charge_minor_units

    def advance(self, now: int) -> None:
        """Let it be this time, in the unit of expiries, from 0."""
        if now < 0:
            raise TermsRefused("now", now, "0 or more")
        self.now = now

    def requirement(self, portfolio: Portfolio) -> int:
        """Return what a portfolio requires, minor units, computing arrays where they are missing.

        Raises TermsRefused where a holding is of no configured commodity or too large.
        """
        self.prepare(portfolio)
        total = self._requirement(portfolio)
        if total < 0:
            raise self._refusal(total, portfolio.get(self.refused, rows.INSTRUMENT))
        return total

    def _refusal(self, code: int, instrument_id: int) -> TermsRefused:
        field, bounds = OUTSIDE[code]
        return TermsRefused(field, instrument_id, bounds)

    def order_requirement(self, portfolio: Portfolio) -> int:
        """Return what `requirement` does, or one of NO_ARRAY .. SCAN_TOO_WIDE."""
        return self._requirement(portfolio)

    @property
    def debit_minor_units(self) -> int:
        """What of the last requirement is value that was paid for."""
        return self._debit()

    @cython.cfunc
    @cython.nogil
    @cython.exceptval(check=False)
    def _debit(self) -> cython.longlong:
        return self.model.debit_minor_units

    @cython.cfunc
    @cython.nogil
    @cython.exceptval(check=False)
    def _requirement(self, portfolio: Portfolio) -> cython.longlong:
        """Return what a portfolio requires, for callers that hold no Python object.

        Less than 0 are NO_ARRAY, after which `prepare` helps, and NO_COMMODITY, AMOUNT_TOO_LARGE
        and SCAN_TOO_WIDE, of the row `refused`.
        """
        row: cython.int
        code: cython.longlong
        self.model._clear()
        for row in range(portfolio.count):
            if portfolio.get(row, rows.LOTS) != 0:
                code = self._put(portfolio, row)
                if code < 0:
                    self.refused = row
                    return code
        return self.model._requirement()

    @cython.cfunc
    @cython.nogil
    @cython.exceptval(check=False)
    def _put(self, portfolio: Portfolio, row: cython.int) -> cython.longlong:
        """Add a row to the scenarios of its commodity; return 0 or what it lacks."""
        lots: cython.longlong = portfolio.get(row, rows.LOTS)
        first: cython.longlong
        at: cython.int
        scenario: cython.int
        most: cython.longlong
        if not self._name(portfolio, row):
            return rows.NO_COMMODITY
        if not self._is_narrow():
            return rows.SCAN_TOO_WIDE
        first = self.cache.find()
        if first < 0:
            return rows.NO_ARRAY
        if not self._is_bounded(first, lots):
            return rows.AMOUNT_TOO_LARGE
        at = self.model._open(self.table.identity[self.commodity])
        most = self._most_loss(portfolio, row)
        for scenario in range(rows.SCENARIOS):
            self.model.sums[at * rows.SCENARIOS + scenario] += lots * min(
                self.cache.words[first + rows.ARRAY_LOSSES + scenario], most
            )
        self._count(portfolio, row, at)
        self._weigh(portfolio, row, at, lots * self.cache.words[first + rows.ARRAY_DELTA])
        return 0

    @cython.cfunc
    @cython.nogil
    @cython.exceptval(check=False)
    def _most_loss(self, portfolio: Portfolio, row: cython.int) -> cython.longlong:
        """Return what a lot can lose at most: all that it is worth, where it was paid for."""
        if portfolio.get(row, rows.LOTS) < 0 or portfolio.get(row, rows.KIND) == rows.KIND_FUTURE:
            return rows.UNBOUNDED
        return portfolio.get(row, rows.MARK_VALUE)

    @cython.cfunc
    @cython.nogil
    @cython.exceptval(check=False)
    def _is_narrow(self) -> cython.bint:
        """Whether prices and the scan of the row that was named are within what can be valued."""
        widest: cython.longlong = rows.MAX_VALUE // (3 * self.cache.key[rows.KEY_WEIGHT])
        most: cython.longlong = rows.MAX_TICKS  # as an enum it would become an int of 32 bits
        if self.cache.key[rows.KEY_RANGE] > min(widest, most):
            return False
        return max(self.cache.key[rows.KEY_STRIKE], self.cache.key[rows.KEY_PRICE]) <= most

    @cython.cfunc
    @cython.nogil
    @cython.exceptval(check=False)
    def _is_bounded(self, first: cython.longlong, lots: cython.longlong) -> cython.bint:
        delta: cython.longlong = abs(self.cache.words[first + rows.ARRAY_DELTA])
        greatest: cython.longlong = self.cache.words[first + rows.ARRAY_GREATEST]
        at: cython.int = self.commodity
        charge: cython.longlong = max(self.table.charge[at], self.table.minimum[at])
        if max(greatest, charge) > rows.MAX_VALUE // abs(lots):
            return False
        return delta <= rows.MAX_DELTA // abs(lots)

    @cython.cfunc
    @cython.nogil
    @cython.exceptval(check=False)
    def _count(self, portfolio: Portfolio, row: cython.int, at: cython.int) -> cython.void:
        kind: cython.longlong = portfolio.get(row, rows.KIND)
        lots: cython.longlong = portfolio.get(row, rows.LOTS)
        minimum: cython.longlong = 0
        charge: cython.longlong = 0
        if kind == rows.KIND_FUTURE:
            charge = self.table.charge[self.commodity]
        elif kind >= rows.KIND_CALL and lots < 0:
            minimum = self.table.minimum[self.commodity]
        self.model._count(at, lots, minimum, charge)

    @cython.cfunc
    @cython.nogil
    @cython.exceptval(check=False)
    def _weigh(
        self, portfolio: Portfolio, row: cython.int, at: cython.int, delta: cython.longlong
    ) -> cython.void:
        """Add delta and value; a future has no value, as its gains and losses are paid daily."""
        value: cython.longlong = 0
        if portfolio.get(row, rows.KIND) != rows.KIND_FUTURE:
            value = portfolio.get(row, rows.LOTS) * portfolio.get(row, rows.MARK_VALUE)
        self.model._weigh(at, delta, value)

    @cython.cfunc
    @cython.nogil
    @cython.exceptval(check=False)
    def _name(self, portfolio: Portfolio, row: cython.int) -> cython.bint:
        """Write the key of a row's array, and its commodity; false where it has none."""
        key: cython.longlong[::1] = self.cache.key
        at: cython.int = self.table.find(portfolio.get(row, rows.GROUP))
        if at < 0:
            return False
        self.commodity = at
        key[rows.KEY_INSTRUMENT] = portfolio.get(row, rows.INSTRUMENT)
        key[rows.KEY_SIDE] = 1 if portfolio.get(row, rows.LOTS) < 0 else 0
        key[rows.KEY_STRIKE] = portfolio.get(row, rows.STRIKE_TICKS)
        key[rows.KEY_WEIGHT] = portfolio.get(row, rows.WEIGHT)
        key[rows.KEY_PRICE] = key[rows.KEY_TIME] = 0
        key[rows.KEY_RANGE] = self.table.range[at]
        key[rows.KEY_VOLATILITY] = self.table.volatility[at]
        key[rows.KEY_DELTA_WEIGHT] = self.table.delta_weight[at]
        if self._is_option(portfolio, row):
            key[rows.KEY_PRICE] = self.table.counted(at, portfolio.get(row, rows.UNDERLYING_TICKS))
            key[rows.KEY_TIME] = self._time_left(portfolio.get(row, rows.EXPIRY))
        return True

    @cython.cfunc
    @cython.nogil
    @cython.exceptval(check=False)
    def _time_left(self, expiry: cython.longlong) -> cython.longlong:
        """Return the buckets of time to an expiry, rounded up."""
        left: cython.longlong = max(expiry - self.now, 0)
        left = left // self.expiries_per_unit + (left % self.expiries_per_unit != 0)
        left = min(left, rows.FARTHEST_S // self.expiry_unit_s) * self.expiry_unit_s
        return (left + self.time_bucket_s - 1) // self.time_bucket_s

    @cython.cfunc
    @cython.nogil
    @cython.exceptval(check=False)
    def _is_option(self, portfolio: Portfolio, row: cython.int) -> cython.bint:
        kind: cython.longlong = portfolio.get(row, rows.KIND)
        return kind == rows.KIND_CALL or kind == rows.KIND_PUT

    def prepare(self, portfolio: Portfolio) -> int:
        """Compute the arrays that a requirement of the portfolio lacks; return how many."""
        made = 0
        self.cache.make_room(portfolio.count)
        for row in range(portfolio.count):
            if portfolio.get(row, rows.LOTS) != 0 and self._name(portfolio, row):
                if self._is_narrow() and self.cache.find() < 0:
                    self._compute(portfolio, row)
                    made += 1
        return made

    def _compute(self, portfolio: Portfolio, row: cython.int) -> None:
        key = memoryview(self.cache.key).tolist()
        weight, short = key[rows.KEY_WEIGHT], key[rows.KEY_SIDE] == 1
        mask = (1 << rows.KEY_VOLATILITY_RANGE) - 1
        volatility = key[rows.KEY_VOLATILITY]
        scan = Scan(
            scenarios=self.sets[volatility >> rows.KEY_SCENARIO_SET],
            price_range_ticks=key[rows.KEY_RANGE],
            volatility_range_ppm=volatility >> rows.KEY_VOLATILITY_RANGE & mask,
        )
        if not self._is_option(portfolio, row):
            delta = rows.DELTA * weight // key[rows.KEY_DELTA_WEIGHT]
            self.cache.insert(delta, linear_losses(scan, weight, short=short))
            return
        put = portfolio.get(row, rows.KIND) == rows.KIND_PUT
        terms = {
            "underlying_ticks": key[rows.KEY_PRICE],
            "strike_ticks": key[rows.KEY_STRIKE],
            "seconds": key[rows.KEY_TIME] * self.time_bucket_s,
            "volatility_ppm": volatility & mask,
        }
        delta = option_delta_ppm(put=put, **terms) * weight // key[rows.KEY_DELTA_WEIGHT]
        losses = option_losses(
            scan, put=put, **terms, underlying_tick_value_minor_units=weight, short=short
        )
        self.cache.insert(delta, losses)

    def commodity_of(self, portfolio: Portfolio, row: int) -> int:
        """Return the commodity_id of a row that `requirement` was asked for."""
        self._name(portfolio, row)
        return self.table.identity[self.commodity]

    def explained(self) -> list[tuple[int, int, str]]:
        """Return commodity_id, requirement and a sentence for each, right after `requirement`."""
        return [(number, total, text) for number, _, total, text in self.model.explained()]


def is_compiled() -> bool:
    """Whether this module runs as a C extension."""
    return cython.compiled
