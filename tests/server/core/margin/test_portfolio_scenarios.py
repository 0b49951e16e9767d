"""The scenario model asked about portfolios: SPAN's spreads, cached arrays, explanations."""

from array import array
from collections.abc import Sequence
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quantumcore.server.core.margin import rows
from quantumcore.server.core.margin.commodities import Commodity, CommoditySpread
from quantumcore.server.core.margin.errors import TermsRefused
from quantumcore.server.core.margin.portfolio_cy import Portfolio
from quantumcore.server.core.margin.portfolio_scenarios_cy import PortfolioScenarios
from quantumcore.server.core.margin.rates import future_product, instrument
from quantumcore.server.core.margin.risk_arrays import TEN_POINTS, Scan, option_losses
from quantumcore.server.core.margin.scenario_cy import ScenarioModel
from quantumcore.server.core.margin.scenario_explanation import (
    explain_scenarios,
    what_if_scenarios,
)
from tests.server.core.margin.portfolios import (
    STOCK,
    Holding,
    call,
    future,
    option,
    portfolio_of,
    put,
    stock,
)

FUTURES = Commodity(
    commodity_id=50,
    groups=(future_product(1),),
    scan=Scan(price_range_ticks=80),
    delta_weight=1_250,
    calendar_charge_minor_units=7_000,
)
OTHER = replace(FUTURES, commodity_id=51, groups=(future_product(2),))
SHARES = Commodity(
    commodity_id=7,
    groups=(instrument(STOCK),),
    scan=Scan(scenarios=TEN_POINTS, price_range_ticks=17_500 * 15 // 100),
    volatility_ppm=250_000,
    delta_weight=100,
    price_bucket_ticks=100,
    short_option_minimum_minor_units=3_750,
)


def losses_of(*values: int) -> memoryview:
    return memoryview(array("q", values))


def requirement(held: Sequence[Holding], *spreads: CommoditySpread) -> int:
    model = PortfolioScenarios((FUTURES, OTHER, SHARES), spreads)
    return model.requirement(portfolio_of(held))


def test_spread_between_commodities_is_credited_by_its_deltas() -> None:
    """CME SPAN, inter-commodity spread credit: weighted price risk times deltas times rate.

    5 long against 4 short at 2 to 1 form 2 spreads, which use 4 of 5 and 2 of 4 deltas. The scans
    are 500,000 and 400,000; so 60 % of 400,000 and of 200,000 is saved.
    """
    spread = CommoditySpread(
        commodity_a=50, commodity_b=51, deltas_a=2, deltas_b=1, credit_basis_points=6_000
    )
    held: list[Holding] = [(future(1, 3, 0), 5), (future(2, 3, 0), -4)]
    assert requirement(held) == 900_000
    assert requirement(held, spread) == 900_000 - 240_000 - 120_000
    assert requirement([held[0], (future(2, 3, 0), 4)], spread) == 900_000


def test_spreads_form_by_priority_and_consume_deltas() -> None:
    model = ScenarioModel(
        (
            CommoditySpread(commodity_a=1, commodity_b=2, credit_basis_points=5_000),
            CommoditySpread(commodity_a=1, commodity_b=3, credit_basis_points=10_000),
        )
    )
    for commodity, lots in ((1, 5), (2, -3), (3, -9)):
        losses = losses_of(-100, 100)
        model.add(losses, commodity_id=commodity, lots=lots, delta_ppm=1_000_000)
    # 3 of the first save half of 300 twice; 2 deltas are left for the second, which saves all
    assert model.requirement() == 500 + 300 + 900 - 150 - 150 - 200 - 200
    texts = [text for _, _, _, text in model.explained()]
    assert texts[0] == (
        "Scenario 2 loses most, 500; spreads against other commodities save 350; together 150."
    )


@given(
    st.lists(
        st.tuples(st.integers(1, 4), st.integers(-1_000, 1_000), st.integers(-(10**6), 10**6)),
        max_size=8,
    ),
    st.lists(
        st.tuples(
            st.integers(1, 4),
            st.integers(1, 4),
            st.integers(1, 5),
            st.integers(1, 5),
            st.integers(0, 10_000),
        ).filter(lambda words: words[0] != words[1]),
        max_size=5,
    ),
)
def test_credits_never_exceed_what_the_scan_requires(
    held: list[tuple[int, int, int]], stated: list[tuple[int, int, int, int, int]]
) -> None:
    spreads = tuple(
        CommoditySpread(
            commodity_a=a, commodity_b=b, deltas_a=one, deltas_b=other, credit_basis_points=rate
        )
        for a, b, one, other, rate in stated
    )
    plain, spread = ScenarioModel(), ScenarioModel(spreads)
    for commodity, lots, delta_ppm in held:
        for model in (plain, spread):
            losses = losses_of(-delta_ppm, delta_ppm)
            model.add(losses, commodity_id=commodity, lots=lots, delta_ppm=delta_ppm)
    assert 0 <= spread.requirement() <= plain.requirement()
    assert all(total >= 0 for _, _, total, _ in spread.explained())


def test_greatest_deltas_are_shared_without_wrapping() -> None:
    spread = CommoditySpread(commodity_a=1, commodity_b=2, credit_basis_points=10_000)
    model = ScenarioModel((spread,))
    for commodity, lots in ((1, 1), (2, -1)):
        for _ in range(128):
            losses = losses_of(-(1 << 44), 1 << 44)
            model.add(losses, commodity_id=commodity, lots=lots, delta_ppm=1 << 52)
    scan = 128 << 44
    assert 0 <= model.requirement() <= 2 * scan // 1_000


def test_calendar_is_charged_in_a_portfolio() -> None:
    """A price scan of 80 ticks of 12.50 dollars, two of five months free, three against three."""
    held: list[Holding] = [(future(1, 3, 0), 5), (future(1, 6, 0), -3)]
    assert requirement(held) == 2 * 100_000 + 3 * 7_000


def test_long_share_requires_fifteen_percent_of_what_was_paid() -> None:
    """Cboe rule 10.4, portfolio margin: 15 % of a share's price; its value was paid for."""
    model = PortfolioScenarios((SHARES,))
    held = portfolio_of([(replace(stock(), tick_value_minor_units=100), 1)])
    assert model.requirement(held) == 262_500
    assert model.debit_minor_units == 262_500


def test_short_option_requires_its_value_and_the_worst_loss() -> None:
    model = PortfolioScenarios((SHARES,), expiry_unit_s=86_400)
    model.advance(10)
    terms = call(180, 300, expiry=40)
    losses = option_losses(
        SHARES.scan,
        put=False,
        underlying_ticks=17_550,
        strike_ticks=18_000,
        seconds=30 * 86_400,
        volatility_ppm=250_000,
        underlying_tick_value_minor_units=100,
        short=True,
    )
    assert model.requirement(portfolio_of([(terms, -2)])) == 2 * (30_000 - min(losses))
    assert model.debit_minor_units == 0


def test_arrays_are_computed_once_and_anew_when_the_bucket_changes() -> None:
    model, held = PortfolioScenarios((SHARES,)), portfolio_of([(call(180), -1), (put(170), 2)])
    assert model.order_requirement(held) == rows.NO_ARRAY
    assert model.prepare(held) == 2
    first = model.order_requirement(held)
    assert first > 0
    assert model.prepare(held) == 0
    near = portfolio_of([(call(180, underlying=17_599), -1), (put(170, underlying=17_599), 2)])
    assert model.prepare(near) == 0
    assert model.order_requirement(near) == first
    far = portfolio_of([(call(180, underlying=17_600), -1)])
    assert model.prepare(far) == 1
    assert model.prepare(portfolio_of([(call(180), 1)])) == 1, "the other side rounds otherwise"


def test_full_cache_forgets_and_answers_the_same() -> None:
    small, large = PortfolioScenarios((FUTURES, SHARES), cached_arrays=512), []
    held = [(future(1, month, 0), 1) for month in range(1, 100)]
    for _ in range(4):
        large.append(small.requirement(portfolio_of(held)))
        others = [(replace(terms, instrument_id=terms.instrument_id + 999), 1) for terms, _ in held]
        small.requirement(portfolio_of(others))
        third = [
            (replace(terms, instrument_id=terms.instrument_id + 9_999), 1) for terms, _ in held
        ]
        small.requirement(portfolio_of(third))
    assert large == [99 * 100_000] * 4
    assert small.cache.count <= 256


def test_what_is_not_configured_or_too_large_is_refused() -> None:
    model = PortfolioScenarios((FUTURES,))
    with pytest.raises(TermsRefused, match="configured commodity"):
        model.requirement(portfolio_of([(future(9, 3, 0), 1)]))
    assert model.order_requirement(portfolio_of([(future(9, 3, 0), 1)])) == rows.NO_COMMODITY
    many = portfolio_of([(replace(future(1, 3, 0), mark_ticks=0), 1 << 30)])
    with pytest.raises(TermsRefused, match="no loss exceeds"):
        model.requirement(many)
    assert model.order_requirement(many) == rows.AMOUNT_TOO_LARGE
    with pytest.raises(TermsRefused, match="each in one commodity"):
        PortfolioScenarios((FUTURES, replace(FUTURES, commodity_id=1)))
    with pytest.raises(TermsRefused, match="time_bucket_s"):
        PortfolioScenarios((FUTURES,), time_bucket_s=0)
    with pytest.raises(TermsRefused, match="now"):
        model.advance(-1)
    with pytest.raises(TermsRefused, match="commodity_b"):
        CommoditySpread(commodity_a=1, commodity_b=1, credit_basis_points=1)
    wide = replace(FUTURES, scan=Scan(price_range_ticks=1 << 40))
    with pytest.raises(TermsRefused, match="price_range_ticks"):
        PortfolioScenarios((wide,)).requirement(portfolio_of([(future(1, 3, 0), 1)]))


def test_explanation_is_a_component_for_each_commodity() -> None:
    spread = CommoditySpread(commodity_a=50, commodity_b=51, credit_basis_points=5_000)
    model = PortfolioScenarios((FUTURES, OTHER, SHARES), (spread,))
    held: list[Holding] = [
        (future(1, 3, 0), 3),
        (future(2, 3, 0), -2),
        (future(2, 6, 0), 1),
        (call(180, 300), -1),
        (call(190, 100), 1),
    ]
    report = explain_scenarios(model, portfolio_of(held))
    assert [part.rule for part in report.components] == [rows.MARGIN_RULE_SCENARIO] * 3
    total = sum(part.requirement_minor_units for part in report.components)
    assert total == report.requirement_minor_units
    assert report.pairing_is_optimal
    found = {tuple(one.instrument_id for one in part.holdings): part for part in report.components}
    futures = found[future(1, 3, 0).instrument_id,]
    # 1 spread uses 1 of 3 deltas: half of a third of 300,000
    assert (futures.requirement_minor_units, futures.separate_minor_units) == (250_000, 300_000)
    other = found[future(2, 3, 0).instrument_id, future(2, 6, 0).instrument_id]
    assert (other.requirement_minor_units, other.separate_minor_units) == (57_000, 300_000)
    assert [one.lots for one in other.holdings] == [-2, 1]
    options = found[call(180).instrument_id, call(190).instrument_id]
    assert options.requirement_minor_units < options.separate_minor_units


def test_what_if_tells_before_and_after() -> None:
    """Thirds of a price scan are rounded against both sides: a minor unit for each lot."""
    model, order = PortfolioScenarios((FUTURES,)), Portfolio()
    order.add(future(1, 6, 0).words(), -5, working=True)
    before, after = what_if_scenarios(model, portfolio_of([(future(1, 3, 0), 5)]), order)
    assert (before.requirement_minor_units, after.requirement_minor_units) == (500_000, 35_005)
    assert [one.working for one in after.components[0].holdings] == [False, True]


@given(
    st.lists(
        st.tuples(
            st.sampled_from(["call", "put"]), st.sampled_from([160, 175, 190]), st.integers(-3, 3)
        ),
        max_size=4,
        unique_by=lambda one: one[:2],
    ),
    st.integers(-200, 200),
)
def test_whole_requires_no_more_risk_than_its_parts(
    legs: list[tuple[str, int, int]], shares: int
) -> None:
    """Risk beyond what was paid: a commodity's losses net, so the whole is no worse."""
    held: list[Holding] = [
        (option(right, strike, 300, expiry=30), lots) for right, strike, lots in legs
    ]
    held.append((stock(), shares))
    whole = MODEL.requirement(portfolio_of(held)) - MODEL.debit_minor_units
    apart = 0
    for part in held:
        apart += MODEL.requirement(portfolio_of([part])) - MODEL.debit_minor_units
    assert whole <= apart


MODEL = PortfolioScenarios((SHARES,))
