"""Explain a requirement of the scenario model: a component for each combined commodity."""

from array import array

from quantumcore.server.core.margin import rows
from quantumcore.server.core.margin.explanation import Component, ComponentHolding, Report
from quantumcore.server.core.margin.portfolio_cy import Portfolio
from quantumcore.server.core.margin.portfolio_scenarios_cy import PortfolioScenarios


def explain_scenarios(model: PortfolioScenarios, portfolio: Portfolio) -> Report:
    """Compute what a portfolio requires by scenarios and take it apart, changing nothing.

    The components, the greatest first, add up to the requirement, each under the rule SCENARIO.
    What holdings require alone is the same model's requirement of each of them. Nothing is paired
    here, so nothing could be paired better.
    """
    total = model.requirement(portfolio)
    debit, found = model.debit_minor_units, model.explained()
    components = [_component(model, portfolio, *one) for one in found]
    components.sort(key=_order)
    assert sum(part.requirement_minor_units for part in components) == total
    return Report(
        requirement_minor_units=total,
        debit_minor_units=debit,
        pairing_is_optimal=True,
        components=tuple(components),
    )


def what_if_scenarios(
    model: PortfolioScenarios, positions: Portfolio, hypothetical: Portfolio
) -> tuple[Report, Report]:
    """Explain the positions alone, and with what an order or a package would bring."""
    after = Portfolio()
    after.combine(positions, hypothetical)
    return explain_scenarios(model, positions), explain_scenarios(model, after)


def _order(part: Component) -> tuple[int, int]:
    return -part.requirement_minor_units, part.holdings[0].instrument_id


def _component(
    model: PortfolioScenarios, portfolio: Portfolio, commodity: int, total: int, text: str
) -> Component:
    held = [
        portfolio.row(at)
        for at in range(portfolio.count)
        if portfolio.row(at)[rows.LOTS] and model.commodity_of(portfolio, at) == commodity
    ]
    return Component(
        rule=rows.MARGIN_RULE_SCENARIO,
        holdings=tuple(
            ComponentHolding(
                instrument_id=row[rows.INSTRUMENT],
                lots=row[rows.LOTS],
                mark_ticks=row[rows.MARK_TICKS],
                working=row[rows.POSITION_LOTS] == 0,
            )
            for row in held
        ),
        units=1,
        requirement_minor_units=total,
        separate_minor_units=sum(_alone(model, row) for row in held),
        explanation=text,
    )


def _alone(model: PortfolioScenarios, row: list[int]) -> int:
    alone = Portfolio()
    alone.add(memoryview(array("q", row)), row[rows.LOTS])
    return model.requirement(alone)
