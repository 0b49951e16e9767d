"""Explanations name every lot once, add up, and tell what hedging saved."""

from collections import Counter

from hypothesis import given

from quantumcore.server.core.margin import rows
from quantumcore.server.core.margin.explanation import Report, explain, what_if
from quantumcore.server.core.margin.portfolio_cy import Portfolio
from quantumcore.server.core.margin.strategy_cy import StrategyModel
from tests.server.core.margin.portfolios import (
    Holding,
    call,
    option_books,
    portfolio_of,
    put,
    stock,
)

IRON_CONDOR = ((put(160), 1), (put(170, 300), -1), (call(180, 300), -1), (call(190), 1))


def lots(report: Report) -> Counter[int]:
    found: Counter[int] = Counter()
    for part in report.components:
        for holding in part.holdings:
            found[holding.instrument_id] += holding.lots
    return found


@given(option_books())
def test_every_lot_is_in_one_component_and_all_add_up(held: list[Holding]) -> None:
    report = explain(StrategyModel(), portfolio_of(held))
    assert lots(report) == Counter({terms.instrument_id: count for terms, count in held})
    total = sum(part.requirement_minor_units for part in report.components)
    assert total == report.requirement_minor_units
    amounts = [part.requirement_minor_units for part in report.components]
    assert amounts == sorted(amounts, reverse=True)


@given(option_books())
def test_no_component_requires_more_than_its_holdings_alone(held: list[Holding]) -> None:
    for part in explain(StrategyModel(), portfolio_of(held)).components:
        assert part.requirement_minor_units <= part.separate_minor_units
        assert part.units > 0


def test_iron_condor_tells_what_its_hedges_save() -> None:
    (part,) = explain(StrategyModel(), portfolio_of(IRON_CONDOR)).components
    put_alone, call_alone = 30_000 + 300_000, 30_000 + 300_000
    assert part.separate_minor_units == put_alone + call_alone + 2 * 10_000
    assert part.explanation == (
        "Iron condor or iron butterfly of equal widths, 1 times: worst loss at expiry 100,000 at "
        "an underlying of 0 ticks; net premium paid 0; together 100,000."
    )
    assert [holding.mark_ticks for holding in part.holdings] == [100, 300, 300, 100]


def test_two_spreads_whose_losses_add_up_are_named_apart() -> None:
    near, far = {"expiry": 1}, {"expiry": 2}
    held = [
        (call(180, 300, **near), -1),
        (call(190, 100, **near), 1),
        (put(170, 300, **far), -2),
        (put(150, 100, **far), 2),
    ]
    report = explain(StrategyModel(), portfolio_of(held))
    assert [(c.rule, c.units, c.requirement_minor_units) for c in report.components] == [
        (rows.MARGIN_RULE_VERTICAL, 2, 400_000),
        (rows.MARGIN_RULE_VERTICAL, 1, 100_000),
    ]


def test_sentences_carry_the_numbers_of_their_rule() -> None:
    held: list[Holding] = [(call(180, 300), -1), (put(160, 200), -1), (stock(), 1)]
    texts = [c.explanation for c in explain(StrategyModel(), portfolio_of(held)).components]
    assert texts == [
        (
            "Short straddle or strangle, 1 times: the call requires more, 330,000 a lot; "
            "of the put its value, 20,000 a lot; together 350,000."
        ),
        "Long, at the rate of its value 17,500: 1 lots of 17,500 make 17,500.",
    ]


def test_what_if_tells_before_and_after_and_changes_nothing() -> None:
    model = StrategyModel()
    positions = portfolio_of([(put(170, 300), -1), (call(180, 300), -1)])
    package = Portfolio()
    package.add(put(160).words(), 1, working=True)
    package.add(call(190).words(), 1, working=True)
    before, after = what_if(model, positions, package)
    assert before.requirement_minor_units == 330_000 + 30_000
    assert after.requirement_minor_units == 100_000
    assert [holding.working for holding in after.components[0].holdings] == [
        False,
        False,
        True,
        True,
    ]
    assert model.requirement(positions) == before.requirement_minor_units
    assert positions.count == 2


def test_what_if_counts_a_closing_order_as_closing() -> None:
    positions, order = portfolio_of([(call(180, 300), -5)]), Portfolio()
    order.add(call(180, 300).words(), 5, working=True)
    assert what_if(StrategyModel(), positions, order)[1].components == ()
