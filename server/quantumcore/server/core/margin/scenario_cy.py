"""Compute what a portfolio requires by scenarios: the worst loss of each combined commodity."""

import cython

from quantumcore.server.core.margin.errors import PortfolioTooLarge, TermsRefused
from quantumcore.server.core.memory import int64_column

if cython.compiled:
    from cython.cimports.quantumcore.server.core.margin import rows
else:
    from quantumcore.server.core.margin import rows


@cython.final
@cython.cclass
class ScenarioModel:
    """Holdings by combined commodity, each with the losses of one lot in up to 16 scenarios.

    A combined commodity requires its worst loss over the scenarios and a charge for each calendar
    spread that the scan, which moves all months alike, does not see; at least the minimum of its
    lots. Requirements of different commodities add up.
    """

    commodity: cython.longlong[::1]
    instrument: cython.longlong[::1]
    lots: cython.longlong[::1]
    minimum: cython.longlong[::1]
    charge: cython.longlong[::1]
    losses: cython.longlong[::1]
    sums: cython.longlong[::1]
    count: cython.int
    worst: cython.int

    def __init__(self) -> None:
        room = rows.MAX_HOLDINGS
        self.commodity, self.instrument = int64_column(room), int64_column(room)
        self.lots = int64_column(room)
        self.minimum, self.charge = int64_column(room), int64_column(room)
        self.losses, self.sums = int64_column(room * rows.SCENARIOS), int64_column(rows.SCENARIOS)
        self.count = self.worst = 0

    def add(
        self,
        losses: memoryview,
        *,
        commodity_id: int,
        instrument_id: int,
        lots: int,
        minimum_minor_units: int = 0,
        calendar_charge_minor_units: int = 0,
    ) -> None:
        """Add signed lots with what one long lot loses in each scenario, minor units.

        `minimum_minor_units` is what each lot requires at least, such as SPAN's short option
        minimum (0 for what has none); `calendar_charge_minor_units`, of futures, what each lot
        costs that is held against a lot of another expiry. Raises TermsRefused where a product of
        lots and an amount exceeds 2**44, PortfolioTooLarge beyond 256 holdings.
        """
        if self.count == rows.MAX_HOLDINGS:
            raise PortfolioTooLarge(rows.MAX_HOLDINGS)
        if not 1 <= len(losses) <= rows.SCENARIOS:
            raise TermsRefused("losses", len(losses), "1 to 16 of them")
        if minimum_minor_units < 0 or calendar_charge_minor_units < 0:
            raise TermsRefused("minimum_minor_units", minimum_minor_units, "0 or more")
        for amount in (*losses, minimum_minor_units, calendar_charge_minor_units):
            if abs(amount) * abs(lots) > 1 << 44 or abs(lots) > rows.MAX_LOTS:
                raise TermsRefused("lots", lots, "so few that no amount exceeds 2**44")
        at = self.count
        self.commodity[at], self.instrument[at] = commodity_id, instrument_id
        self.lots[at] = lots
        self.minimum[at], self.charge[at] = minimum_minor_units, calendar_charge_minor_units
        for scenario in range(rows.SCENARIOS):
            loss = losses[scenario] if scenario < len(losses) else 0
            self.losses[at * rows.SCENARIOS + scenario] = loss
        self.count += 1

    def clear(self) -> None:
        """Hold nothing; the memory stays."""
        self.count = 0

    def requirement(self) -> int:
        """Return what all holdings require, minor units."""
        return self._requirement()

    @cython.cfunc
    @cython.nogil
    @cython.exceptval(check=False)
    def _requirement(self) -> cython.longlong:
        at: cython.int
        total: cython.longlong = 0
        for at in range(self.count):
            if self._is_first(at):
                total += self._commodity(self.commodity[at])
        return total

    @cython.cfunc
    @cython.nogil
    @cython.exceptval(check=False)
    def _is_first(self, at: cython.int) -> cython.bint:
        before: cython.int
        for before in range(at):
            if self.commodity[before] == self.commodity[at]:
                return False
        return True

    @cython.cfunc
    @cython.nogil
    @cython.exceptval(check=False)
    def _commodity(self, commodity: cython.longlong) -> cython.longlong:
        """Return what one combined commodity requires, minor units."""
        total: cython.longlong = self._scan(commodity) + self._calendar(commodity)
        return max(total, self._least(commodity))

    @cython.cfunc
    @cython.nogil
    @cython.exceptval(check=False)
    def _scan(self, commodity: cython.longlong) -> cython.longlong:
        """Return the worst loss, 0 where no scenario loses; `worst` names the scenario."""
        at: cython.int
        scenario: cython.int
        for scenario in range(rows.SCENARIOS):
            self.sums[scenario] = 0
        for at in range(self.count):
            if self.commodity[at] == commodity:
                for scenario in range(rows.SCENARIOS):
                    self.sums[scenario] += (
                        self.lots[at] * self.losses[at * rows.SCENARIOS + scenario]
                    )
        self.worst = 0
        for scenario in range(rows.SCENARIOS):
            if self.sums[scenario] > self.sums[self.worst]:
                self.worst = scenario
        return max(self.sums[self.worst], 0)

    @cython.cfunc
    @cython.nogil
    @cython.exceptval(check=False)
    def _calendar(self, commodity: cython.longlong) -> cython.longlong:
        """Return the charge for lots held against other expiries, at the highest rate of them."""
        at: cython.int
        long: cython.longlong = 0
        short: cython.longlong = 0
        charge: cython.longlong = 0
        for at in range(self.count):
            if self.commodity[at] == commodity and self.charge[at] > 0:
                charge = max(charge, self.charge[at])
                if self.lots[at] > 0:
                    long += self.lots[at]
                else:
                    short -= self.lots[at]
        return min(long, short) * charge

    @cython.cfunc
    @cython.nogil
    @cython.exceptval(check=False)
    def _least(self, commodity: cython.longlong) -> cython.longlong:
        """Return the minimum of all lots."""
        at: cython.int
        total: cython.longlong = 0
        for at in range(self.count):
            if self.commodity[at] == commodity:
                total += abs(self.lots[at]) * self.minimum[at]
        return total

    def explained(self) -> list[tuple[int, int, int, str]]:
        """Return commodity, worst scenario from 1, requirement and a sentence for each."""
        found = []
        for at in range(self.count):
            if self._is_first(at):
                commodity = self.commodity[at]
                scan, charge = self._scan(commodity), self._calendar(commodity)
                least, worst = self._least(commodity), self.worst + 1
                text = (
                    f"Scenario {worst} loses most, {scan:,}; calendar spreads add {charge:,}; "
                    f"at least {least:,}."
                )
                found.append((commodity, worst, max(scan + charge, least), text))
        return found


def is_compiled() -> bool:
    """Whether this module runs as a C extension."""
    return cython.compiled
