"""Ask the scenario model about a portfolio, as the strategy model is asked."""

import cython

from quantumcore.server.core.margin.columns import int64_columns
from quantumcore.server.core.margin.commodities import Commodity, CommoditySpread
from quantumcore.server.core.margin.errors import TermsRefused
from quantumcore.server.core.margin.risk_arrays import (
    linear_losses,
    option_delta_ppm,
    option_losses,
)

if cython.compiled:
    from cython.cimports.quantumcore.server.core.margin import rows
    from cython.cimports.quantumcore.server.core.margin.array_cache_cy import ArrayCache
    from cython.cimports.quantumcore.server.core.margin.portfolio_cy import Portfolio
    from cython.cimports.quantumcore.server.core.margin.scenario_cy import ScenarioModel
else:
    from quantumcore.server.core.margin import rows
    from quantumcore.server.core.margin.array_cache_cy import ArrayCache
    from quantumcore.server.core.margin.portfolio_cy import Portfolio
    from quantumcore.server.core.margin.scenario_cy import ScenarioModel

OUTSIDE = {
    rows.NO_COMMODITY: ("instrument_id", "of a configured commodity"),
    rows.AMOUNT_TOO_LARGE: (
        "instrument_id",
        "of so few lots that no loss exceeds 2**44",
    ),
}


@cython.final
@cython.cclass
class PortfolioScenarios:
    """Rows of a portfolio by combined commodity, with risk arrays that are computed once.

    An array is a matter of a millisecond for an option, so it is kept for its instrument and side,
    the bucket of the underlying's price and that of the time to expiry. `prepare` computes what is
    missing; a requirement then takes no more than adding up. `debit_minor_units` tells how much of
    the last requirement is value that was paid for.
    """

    model: ScenarioModel
    cache: ArrayCache
    commodities: tuple[Commodity, ...]
    identity: cython.longlong[::1]
    group: cython.longlong[::1]
    place: cython.longlong[::1]
    bucket: cython.longlong[::1]
    minimum: cython.longlong[::1]
    charge: cython.longlong[::1]
    group_count: cython.int
    now: cython.longlong
    expiry_unit_s: cython.longlong
    time_bucket_s: cython.longlong
    commodity: cython.int
    refused: cython.int

    def __init__(
        self,
        commodities: tuple[Commodity, ...],
        spreads: tuple[CommoditySpread, ...] = (),
        *,
        expiry_unit_s: int = 86_400,
        time_bucket_s: int = 86_400,
        cached_arrays: int = 4_096,
    ) -> None:
        """Take commodities and their spreads, in order of priority.

        `expiry_unit_s` is what one unit of a holding's expiry lasts. Time to expiry counts in
        whole buckets, rounded up. `cached_arrays`, a power of two from 512, is the room of the
        cache, 180 bytes each.
        """
        for field, value in (("expiry_unit_s", expiry_unit_s), ("time_bucket_s", time_bucket_s)):
            if not 1 <= value <= rows.DAY_S:
                raise TermsRefused(field, value, f"1 to {rows.DAY_S:,}")
        self.model, self.cache = ScenarioModel(spreads), ArrayCache(cached_arrays)
        self.commodities = commodities
        columns = iter(int64_columns(6, rows.MAX_HOLDINGS))
        self.group, self.place, self.bucket = (next(columns) for _ in range(3))
        self.minimum, self.charge, self.identity = (next(columns) for _ in range(3))
        groups = [(group, at) for at, one in enumerate(commodities) for group in one.groups]
        if len(groups) > rows.MAX_HOLDINGS or len({group for group, _ in groups}) < len(groups):
            raise TermsRefused("groups", len(groups), "256 at most, each in one commodity")
        for number, (group, at) in enumerate(groups):
            self.group[number], self.place[number] = group, at
        self.group_count = len(groups)
        for at, one in enumerate(commodities):
            self.identity[at], self.bucket[at] = one.commodity_id, one.price_bucket_ticks
            self.minimum[at] = one.short_option_minimum_minor_units
            self.charge[at] = one.calendar_charge_minor_units
        self.now = self.commodity = self.refused = 0
        self.expiry_unit_s, self.time_bucket_s = expiry_unit_s, time_bucket_s

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
        """Return what `requirement` does, or NO_ARRAY, NO_COMMODITY, AMOUNT_TOO_LARGE."""
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

        Less than 0 are NO_ARRAY, after which `prepare` helps, NO_COMMODITY and AMOUNT_TOO_LARGE.
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
        if not self._name(portfolio, row):
            return rows.NO_COMMODITY
        first = self.cache.find()
        if first < 0:
            return rows.NO_ARRAY
        if not self._is_bounded(first, lots):
            return rows.AMOUNT_TOO_LARGE
        at = self.model._open(self.identity[self.commodity])
        first += rows.ARRAY_LOSSES
        for scenario in range(rows.SCENARIOS):
            self.model.sums[at * rows.SCENARIOS + scenario] += (
                lots * self.cache.words[first + scenario]
            )
        self._count(portfolio, row, at)
        first += rows.ARRAY_DELTA - rows.ARRAY_LOSSES
        self._weigh(portfolio, row, at, lots * self.cache.words[first])
        return 0

    @cython.cfunc
    @cython.nogil
    @cython.exceptval(check=False)
    def _is_bounded(self, first: cython.longlong, lots: cython.longlong) -> cython.bint:
        delta: cython.longlong = abs(self.cache.words[first + rows.ARRAY_DELTA])
        greatest: cython.longlong = self.cache.words[first + rows.ARRAY_GREATEST]
        charge: cython.longlong = max(self.charge[self.commodity], self.minimum[self.commodity])
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
            charge = self.charge[self.commodity]
        elif kind >= rows.KIND_CALL and lots < 0:
            minimum = self.minimum[self.commodity]
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
        group: cython.longlong = portfolio.get(row, rows.GROUP)
        number: cython.int = 0
        left: cython.longlong
        while number < self.group_count and self.group[number] != group:
            number += 1
        if number == self.group_count:
            return False
        self.commodity = cython.cast(cython.int, self.place[number])
        self.cache.key[0] = portfolio.get(row, rows.INSTRUMENT)
        self.cache.key[1] = 1 if portfolio.get(row, rows.LOTS) < 0 else 0
        self.cache.key[2] = portfolio.get(row, rows.STRIKE_TICKS)
        self.cache.key[3] = portfolio.get(row, rows.WEIGHT)
        self.cache.key[4] = self.cache.key[5] = 0
        if self._is_option(portfolio, row):
            left = max(portfolio.get(row, rows.EXPIRY) - self.now, 0)
            left = min(left, rows.FARTHEST_S // self.expiry_unit_s) * self.expiry_unit_s
            left += self.time_bucket_s - 1
            self.cache.key[4] = (
                portfolio.get(row, rows.UNDERLYING_TICKS) // self.bucket[self.commodity]
            )
            self.cache.key[5] = left // self.time_bucket_s
        return True

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
                if self.cache.find() < 0:
                    self._compute(portfolio, row)
                    made += 1
        return made

    def _compute(self, portfolio: Portfolio, row: cython.int) -> None:
        most: cython.longlong = rows.MAX_VALUE  # as an enum it would become a Python int of 32 bits
        one = self.commodities[self.commodity]
        weight, short = portfolio.get(row, rows.WEIGHT), portfolio.get(row, rows.LOTS) < 0
        if 3 * one.scan.price_range_ticks * weight > most:
            raise TermsRefused(
                "price_range_ticks", one.scan.price_range_ticks, "so few that no loss exceeds 2**44"
            )
        if not self._is_option(portfolio, row):
            losses = linear_losses(one.scan, weight, short=short)
            self.cache.insert(rows.DELTA * weight // one.delta_weight, losses)
            return
        put, strike = portfolio.get(row, rows.KIND) == rows.KIND_PUT, self.cache.key[2]
        price = self.cache.key[4] * one.price_bucket_ticks + one.price_bucket_ticks // 2
        seconds = self.cache.key[5] * self.time_bucket_s
        delta_ppm = option_delta_ppm(
            put=put,
            underlying_ticks=price,
            strike_ticks=strike,
            seconds=seconds,
            volatility_ppm=one.volatility_ppm,
        )
        losses = option_losses(
            one.scan,
            put=put,
            underlying_ticks=price,
            strike_ticks=strike,
            seconds=seconds,
            volatility_ppm=one.volatility_ppm,
            underlying_tick_value_minor_units=weight,
            short=short,
        )
        self.cache.insert(delta_ppm * weight // one.delta_weight, losses)

    def commodity_of(self, portfolio: Portfolio, row: int) -> int:
        """Return the commodity_id of a row that `requirement` was asked for."""
        self._name(portfolio, row)
        return self.commodities[self.commodity].commodity_id

    def explained(self) -> list[tuple[int, int, str]]:
        """Return commodity_id, requirement and a sentence for each, right after `requirement`."""
        return [(number, total, text) for number, _, total, text in self.model.explained()]


def is_compiled() -> bool:
    """Whether this module runs as a C extension."""
    return cython.compiled
