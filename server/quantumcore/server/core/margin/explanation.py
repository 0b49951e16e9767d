"""Explain a requirement: what was paired with what, which rule gave which amount, and why."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from math import gcd

from quantumcore.server.core.margin import rows, sentences
from quantumcore.server.core.margin.portfolio_cy import Portfolio
from quantumcore.server.core.margin.shapes import Leg, cost, rule_of, take_apart, units_of
from quantumcore.server.core.margin.strategy_cy import StrategyModel


@dataclass(frozen=True, slots=True, kw_only=True)
class ComponentHolding:
    """Signed lots of one instrument within a component; `working` where orders alone bring it."""

    instrument_id: int
    lots: int
    mark_ticks: int
    working: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Component:
    """One recognised spread or holding: the contract's MarginComponent."""

    rule: int
    holdings: tuple[ComponentHolding, ...]
    units: int
    requirement_minor_units: int
    separate_minor_units: int
    explanation: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """A requirement with its components, the greatest first; they add up to it."""

    requirement_minor_units: int
    debit_minor_units: int
    pairing_is_optimal: bool
    components: tuple[Component, ...]


NOTHING = Report(
    requirement_minor_units=0, debit_minor_units=0, pairing_is_optimal=True, components=()
)


def explain(model: StrategyModel, portfolio: Portfolio) -> Report:
    """Compute what a portfolio requires and take it apart, changing nothing."""
    total = model.requirement(portfolio)
    optimal, debit = model.pairing_is_optimal, model.debit_minor_units
    components = sorted(_Parts(model, portfolio).components(), key=_order)
    assert sum(part.requirement_minor_units for part in components) == total
    return Report(
        requirement_minor_units=total,
        debit_minor_units=debit,
        pairing_is_optimal=optimal,
        components=tuple(components),
    )


def what_if(
    model: StrategyModel, positions: Portfolio, hypothetical: Portfolio
) -> tuple[Report, Report]:
    """Explain the positions alone, and with what an order or a package would bring.

    The margin after is that of the whole portfolio that results, not a sum over legs. Nothing is
    reserved. Raises as `Portfolio.add` does where both together exceed a bound.
    """
    after = Portfolio()
    after.combine(positions, hypothetical)
    return explain(model, positions), explain(model, after)


def _order(part: Component) -> tuple[int, int, list[tuple[int, int]]]:
    holdings = [(holding.instrument_id, holding.lots) for holding in part.holdings]
    return -part.requirement_minor_units, part.rule, holdings


class _Parts:
    """What is left to explain of a portfolio; its requirement has just been computed."""

    def __init__(self, model: StrategyModel, portfolio: Portfolio) -> None:
        self.model = model
        self.rows = [portfolio.row(at) for at in range(portfolio.count)]
        self.left = [row[rows.LOTS] for row in self.rows]
        self.portfolio = portfolio

    def components(self) -> Iterator[Component]:
        uses = self.model.spread_uses()
        for group in self.model.groups(self.portfolio):
            yield from self._options(group)
        yield from self._spreads(uses)
        for at, lots in enumerate(self.left):
            if lots:
                yield self._single(at, lots)

    def _options(self, group: int) -> Iterator[Component]:
        placing = self.model.placing(self.portfolio, group)
        places: dict[int, dict[int, int]] = defaultdict(dict)
        for (at, place), lots in placing.items():
            signed = lots if self.rows[at][rows.LOTS] > 0 else -lots
            places[place][at] = signed
            self.left[at] -= signed
        alone = places.pop(rows.ALONE, {})
        for call, put, lots in self.model.straddles():
            alone[call] += lots
            alone[put] += lots
            yield self._straddle(call, put, lots)
        yield from (self._single(at, lots) for at, lots in alone.items() if lots)
        yield from self._covered(group, places.pop(rows.COVERED, {}))
        for placed in places.values():
            for legs in take_apart([self._leg(at, lots) for at, lots in placed.items()]):
                yield self._spread(legs)

    def _leg(self, at: int, lots: int) -> Leg:
        row = self.rows[at]
        is_call = row[rows.KIND] == rows.KIND_CALL
        strike, expiry, weight = row[rows.STRIKE_TICKS], row[rows.EXPIRY], row[rows.WEIGHT]
        return Leg(at, lots, is_call, strike, expiry, weight, row[rows.MARK_VALUE])

    def _spread(self, legs: Sequence[Leg]) -> Component:
        rule, units, total = rule_of(legs), units_of(legs), cost(legs)
        text = sentences.spread(rule, units, legs)
        return self._component(rule, {leg.row: leg.lots for leg in legs}, units, total, text)

    def _straddle(self, call: int, put: int, lots: int) -> Component:
        own = {at: self.rows[at][rows.OWN] for at in (call, put)}
        greater = call if own[call] >= own[put] else put
        other = put if greater == call else call
        value = self.rows[other][rows.MARK_VALUE]
        text = sentences.straddle(lots, greater == call, own[greater], value)
        total = lots * (own[greater] + value)
        rule = rows.MARGIN_RULE_SHORT_STRADDLE
        return self._component(rule, {call: -lots, put: -lots}, lots, total, text)

    def _covered(self, group: int, placed: dict[int, int]) -> Iterator[Component]:
        """Put the options that shares cover with the shares that do, whole lots of them."""
        for kind, sign in ((rows.KIND_CALL, 1), (rows.KIND_PUT, -1)):
            options = {at: n for at, n in placed.items() if self.rows[at][rows.KIND] == kind}
            weight = -sum(lots * self.rows[at][rows.WEIGHT] for at, lots in options.items())
            shares = self._take_shares(group, weight, sign)
            total = sum(abs(lots) * self.rows[at][rows.OWN] for at, lots in shares.items())
            if options:
                units = gcd(*options.values())
                text = sentences.covered(sum(options.values()), sum(shares.values()), total)
                rule = rows.MARGIN_RULE_COVERED
                yield self._component(rule, options | shares, units, total, text)

    def _take_shares(self, group: int, weight: int, sign: int) -> dict[int, int]:
        shares: dict[int, int] = {}
        for at, row in enumerate(self.rows):
            is_share = row[rows.KIND] in {rows.KIND_EQUITY, rows.KIND_SPOT}
            if is_share and row[rows.GROUP] == group and self.left[at] * sign > 0 and weight > 0:
                lots = min(-(-weight // row[rows.WEIGHT]), self.left[at] * sign)
                shares[at] = lots * sign
                self.left[at] -= lots * sign
                weight -= lots * row[rows.WEIGHT]
        return shares

    def _spreads(self, uses: Sequence[Sequence[int]]) -> Iterator[Component]:
        """Explain spreads of futures and of shares, each time that one was formed."""
        formed: dict[tuple[int, int, int], dict[int, int]] = defaultdict(dict)
        for spread, number, units, at, lots in uses:
            formed[spread, number, units][at] = lots
            self.left[at] -= lots
        for (spread, _, units), used in formed.items():
            outright = sum(abs(lots) * self.rows[at][rows.OWN] for at, lots in used.items())
            rate = self.model.credit_basis_points(spread)
            total = outright - outright * rate // rows.BASIS_POINTS
            futures = all(self.rows[at][rows.KIND] == rows.KIND_FUTURE for at in used)
            rule = rows.MARGIN_RULE_FUTURE_SPREAD if futures else rows.MARGIN_RULE_HEDGE_CREDIT
            text = sentences.credit(units, outright, rate, outright - total)
            yield self._component(rule, used, units, total, text)

    def _single(self, at: int, lots: int) -> Component:
        row = self.rows[at]
        rule, text = sentences.single(row, lots)
        return self._component(rule, {at: lots}, abs(lots), abs(lots) * row[rows.OWN], text)

    def _component(
        self, rule: int, lots: dict[int, int], units: int, total: int, text: str
    ) -> Component:
        return Component(
            rule=rule,
            holdings=tuple(
                ComponentHolding(
                    instrument_id=self.rows[at][rows.INSTRUMENT],
                    lots=count,
                    mark_ticks=self.rows[at][rows.MARK_TICKS],
                    working=self.rows[at][rows.POSITION_LOTS] == 0,
                )
                for at, count in sorted(lots.items())
            ),
            units=units,
            requirement_minor_units=total,
            separate_minor_units=sum(
                abs(count) * self.rows[at][rows.OWN] for at, count in lots.items()
            ),
            explanation=text,
        )
