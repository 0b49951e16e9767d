"""Compute what a portfolio requires by scenarios: the worst loss of each combined commodity."""

import cython

from quantumcore.server.core.margin import sentences
from quantumcore.server.core.margin.columns import int64_columns
from quantumcore.server.core.margin.commodities import CommoditySpread, commodity_spread_words
from quantumcore.server.core.margin.errors import PortfolioTooLarge, TermsRefused
from quantumcore.server.core.memory import int64_column

if cython.compiled:
    from cython.cimports.quantumcore.server.core.margin import rows
    from cython.cimports.quantumcore.server.core.margin.own_cy import share_down
else:
    from quantumcore.server.core.margin import rows
    from quantumcore.server.core.margin.own_cy import share_down


@cython.final
@cython.cclass
class ScenarioModel:
    """Holdings by combined commodity, each with the losses of one lot in up to 16 scenarios.

    A combined commodity requires its worst loss over the scenarios and a charge for each calendar
    spread that the scan, which moves all months alike, does not see; less the credit for spreads
    against other commodities; at least the minimum of its lots. Holdings may state their value:
    what is sold and has value is owed besides, what is held and has value was paid for, which
    `debit_minor_units` tells. Requirements of different commodities add up.
    """

    name: cython.longlong[::1]
    minimum: cython.longlong[::1]
    longs: cython.longlong[::1]
    shorts: cython.longlong[::1]
    charge: cython.longlong[::1]
    delta: cython.longlong[::1]
    free: cython.longlong[::1]
    value: cython.longlong[::1]
    scan: cython.longlong[::1]
    worst: cython.longlong[::1]
    credit: cython.longlong[::1]
    sums: cython.longlong[::1]
    spreads: cython.longlong[::1]
    spread_count: cython.int
    holdings: cython.int
    count: cython.int
    debit_minor_units: cython.longlong

    def __init__(self, spreads: tuple[CommoditySpread, ...] = ()) -> None:
        columns = iter(int64_columns(11, rows.MAX_HOLDINGS))
        self.name, self.minimum, self.longs, self.shorts = (next(columns) for _ in range(4))
        self.charge, self.delta, self.free, self.value = (next(columns) for _ in range(4))
        self.scan, self.worst, self.credit = (next(columns) for _ in range(3))
        self.sums = int64_column(rows.MAX_HOLDINGS * rows.SCENARIOS)
        self.spreads, self.spread_count = commodity_spread_words(spreads), len(spreads)
        self.holdings = self.count = 0
        self.debit_minor_units = 0

    def add(
        self,
        losses: memoryview,
        *,
        commodity_id: int,
        lots: int,
        minimum_minor_units: int = 0,
        calendar_charge_minor_units: int = 0,
        delta_ppm: int = 0,
        value_minor_units: int = 0,
    ) -> None:
        """Add signed lots with what one long lot loses in each scenario, minor units.

        `minimum_minor_units` is what each lot requires at least, such as SPAN's short option
        minimum (0 for what has none); `calendar_charge_minor_units`, of futures, what each lot
        costs that is held against a lot of another expiry; `delta_ppm` the millionths of a delta
        that one long lot is; `value_minor_units` what one lot is worth. Raises TermsRefused where
        a product of lots and an amount exceeds 2**44 (2**52 for deltas), PortfolioTooLarge beyond
        256 holdings.
        """
        if self.holdings == rows.MAX_HOLDINGS:
            raise PortfolioTooLarge(rows.MAX_HOLDINGS)
        if not 1 <= len(losses) <= rows.SCENARIOS:
            raise TermsRefused("losses", len(losses), "1 to 16 of them")
        if minimum_minor_units < 0 or calendar_charge_minor_units < 0:
            raise TermsRefused("minimum_minor_units", minimum_minor_units, "0 or more")
        amounts = (minimum_minor_units, calendar_charge_minor_units, value_minor_units)
        for amount in (*losses, *amounts):
            if abs(amount) * abs(lots) > 1 << 44 or abs(lots) > rows.MAX_LOTS:
                raise TermsRefused("lots", lots, "so few that no amount exceeds 2**44")
        if abs(delta_ppm) * abs(lots) > 1 << 52:
            raise TermsRefused("lots", lots, "so few that no delta exceeds 2**52 millionths")
        at = self._open(commodity_id)
        for scenario in range(len(losses)):
            self.sums[at * rows.SCENARIOS + scenario] += lots * losses[scenario]
        self._count(at, lots, minimum_minor_units, calendar_charge_minor_units)
        self._weigh(at, lots * delta_ppm, lots * value_minor_units)

    @cython.cfunc
    @cython.nogil
    @cython.exceptval(check=False)
    def _open(self, commodity: cython.longlong) -> cython.int:
        """Return the column of a commodity, a new one where it has none."""
        at: cython.int = 0
        scenario: cython.int
        while at < self.count and self.name[at] != commodity:
            at += 1
        if at == self.count:
            self.name[at] = commodity
            self.minimum[at] = self.longs[at] = self.shorts[at] = self.charge[at] = 0
            self.delta[at] = self.value[at] = 0
            for scenario in range(rows.SCENARIOS):
                self.sums[at * rows.SCENARIOS + scenario] = 0
            self.count += 1
        return at

    @cython.cfunc
    @cython.nogil
    @cython.exceptval(check=False)
    def _count(
        self,
        at: cython.int,
        lots: cython.longlong,
        minimum: cython.longlong,
        charge: cython.longlong,
    ) -> cython.void:
        self.holdings += 1
        self.minimum[at] += abs(lots) * minimum
        if charge > 0:
            self.charge[at] = max(self.charge[at], charge)
            self.longs[at] += max(lots, 0)
            self.shorts[at] += max(-lots, 0)

    @cython.cfunc
    @cython.nogil
    @cython.exceptval(check=False)
    def _weigh(self, at: cython.int, delta: cython.longlong, value: cython.longlong) -> cython.void:
        self.delta[at] += delta
        self.value[at] += value

    def clear(self) -> None:
        """Hold nothing; the memory stays."""
        self._clear()

    @cython.cfunc
    @cython.nogil
    @cython.exceptval(check=False)
    def _clear(self) -> cython.void:
        self.holdings = self.count = 0
        self.debit_minor_units = 0

    def requirement(self) -> int:
        """Return what all holdings require, minor units."""
        return self._requirement()

    @cython.cfunc
    @cython.nogil
    @cython.exceptval(check=False)
    def _requirement(self) -> cython.longlong:
        at: cython.int
        total: cython.longlong = 0
        self.debit_minor_units = 0
        for at in range(self.count):
            self._find_worst(at)
            self.free[at], self.credit[at] = self.delta[at], 0
        for at in range(self.spread_count):
            self._form(at * rows.SPREAD_WORDS)
        for at in range(self.count):
            total += self._required(at)
            self.debit_minor_units += min(max(self.value[at], 0), self._required(at))
        return total

    @cython.cfunc
    @cython.nogil
    @cython.exceptval(check=False)
    def _required(self, at: cython.int) -> cython.longlong:
        """Return what one combined commodity requires, and owes where its value is negative."""
        risk: cython.longlong = self.scan[at] + self._calendar(at) - self.credit[at]
        return max(risk, self.minimum[at]) + max(-self.value[at], 0)

    @cython.cfunc
    @cython.nogil
    @cython.exceptval(check=False)
    def _find_worst(self, at: cython.int) -> cython.void:
        """Find the worst loss, 0 where no scenario loses, and the scenario."""
        scenario: cython.int
        first: cython.int = at * rows.SCENARIOS
        worst: cython.int = 0
        for scenario in range(rows.SCENARIOS):
            if self.sums[first + scenario] > self.sums[first + worst]:
                worst = scenario
        self.worst[at] = worst
        self.scan[at] = max(self.sums[first + worst], 0)

    @cython.cfunc
    @cython.nogil
    @cython.exceptval(check=False)
    def _calendar(self, at: cython.int) -> cython.longlong:
        """Return the charge for lots held against other expiries, at the highest rate of them."""
        return min(self.longs[at], self.shorts[at]) * self.charge[at]

    @cython.cfunc
    @cython.nogil
    @cython.exceptval(check=False)
    def _form(self, spread: cython.int) -> cython.void:
        """Form whole spreads of deltas of one sign against the other; credit both commodities."""
        a: cython.int = self._find(self.spreads[spread + rows.SPREAD_GROUP_A])
        b: cython.int = self._find(self.spreads[spread + rows.SPREAD_GROUP_B])
        one_a: cython.longlong = self.spreads[spread + rows.SPREAD_RATIO_A] * rows.DELTA
        one_b: cython.longlong = self.spreads[spread + rows.SPREAD_RATIO_B] * rows.DELTA
        count: cython.longlong
        if a == self.count or b == self.count or self.free[a] == 0 or self.free[b] == 0:
            return
        if (self.free[a] > 0) == (self.free[b] > 0):
            return
        count = min(abs(self.free[a]) // one_a, abs(self.free[b]) // one_b)
        self._use(a, count * one_a, self.spreads[spread + rows.SPREAD_CREDIT])
        self._use(b, count * one_b, self.spreads[spread + rows.SPREAD_CREDIT])

    @cython.cfunc
    @cython.nogil
    @cython.exceptval(check=False)
    def _find(self, commodity: cython.longlong) -> cython.int:
        at: cython.int = 0
        while at < self.count and self.name[at] != commodity:
            at += 1
        return at

    @cython.cfunc
    @cython.nogil
    @cython.exceptval(check=False)
    def _use(
        self, at: cython.int, used: cython.longlong, basis_points: cython.longlong
    ) -> cython.void:
        """Use deltas of a commodity; the credit is a share of its scan by what all deltas are."""
        share: cython.longlong = used_part(self.scan[at], used, abs(self.delta[at]))
        self.credit[at] += share_down(share, basis_points)
        self.free[at] -= used if self.free[at] > 0 else -used

    def explained(self) -> list[tuple[int, int, int, str]]:
        """Return commodity, worst scenario from 1, requirement and a sentence for each.

        Read it right after `requirement`.
        """
        found = []
        for at in range(self.count):
            total = self._required(at)
            text = sentences.scenario(
                self.worst[at] + 1,
                self.scan[at],
                self._calendar(at),
                self.credit[at],
                self.minimum[at],
                max(-self.value[at], 0),
            )
            found.append((self.name[at], self.worst[at] + 1, total, text))
        return found


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def used_part(
    whole: cython.longlong, used: cython.longlong, total: cython.longlong
) -> cython.longlong:
    """Return the part `used` of `total` of a whole, rounded down, in 64 bits; 0 of nothing."""
    while total > rows.MAX_LOTS:
        total = (total + 1) // 2
        used //= 2
    if total == 0:
        return 0
    return whole // total * used + whole % total * used // total


def is_compiled() -> bool:
    """Whether this module runs as a C extension."""
    return cython.compiled
