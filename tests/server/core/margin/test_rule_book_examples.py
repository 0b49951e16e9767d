"""Worked examples that rule books and brokers publish, one for each rule; amounts in cents.

Where a source counts the premium received against the requirement, its requirement before that is
compared.
"""

from collections.abc import Sequence
from dataclasses import replace

import pytest

from quantumcore.server.core.margin import rows
from quantumcore.server.core.margin.commodities import Commodity, CommoditySpread
from quantumcore.server.core.margin.explanation import explain
from quantumcore.server.core.margin.portfolio_scenarios_cy import PortfolioScenarios
from quantumcore.server.core.margin.rates import Rates, Spread, future_product, instrument
from quantumcore.server.core.margin.risk_arrays import TEN_POINTS, Scan
from quantumcore.server.core.margin.strategy_cy import StrategyModel
from tests.server.core.margin.portfolios import (
    STOCK,
    Holding,
    call,
    future,
    portfolio_of,
    put,
    stock,
)


def found(
    held: Sequence[Holding], *spreads: Spread, rates: Rates | None = None
) -> list[tuple[int, int]]:
    report = explain(StrategyModel(rates, spreads), portfolio_of(held))
    return [(part.rule, part.requirement_minor_units) for part in report.components]


def test_long_straddle_is_paid_in_full() -> None:
    """TD Ameritrade, Portfolio Margin Part 4: ten 75 straddles at 3 and 2.75: 5,750."""
    held = [(call(75, 300, underlying=7_500), 10), (put(75, 275, underlying=7_500), 10)]
    assert found(held) == [
        (rows.MARGIN_RULE_FULL_VALUE, 300_000),
        (rows.MARGIN_RULE_FULL_VALUE, 275_000),
    ]


def test_uncovered_put() -> None:
    """tastytrade, Naked Put Margin Requirement: 45 put at 0.50, stock at 47.50: 750."""
    held = [(put(45, 50, underlying=4_750), -1)]
    assert found(held) == [(rows.MARGIN_RULE_SHORT_PUT, 75_000)]


def test_uncovered_put_by_the_exchanges_calculator() -> None:
    """eDeltaPro after Cboe's margin calculator: 200 put at 1.20, stock at 209.00: 3,400."""
    held = [(put(200, 120, underlying=20_900), -1)]
    assert found(held) == [(rows.MARGIN_RULE_SHORT_PUT, 340_000)]


def test_uncovered_index_call() -> None:
    """OptionsHouse, Short Uncovered Call, Index Options: 5 SPX 1550 calls at 0.90, index at
    1,460.61, at a house rate of 20 %: 101,816."""
    rates = Rates(broad_index_basis_points=2_000)
    held = [(call(1550, 90, underlying=146_061, broad_index=True), -5)]
    assert found(held, rates=rates) == [(rows.MARGIN_RULE_SHORT_CALL, 10_181_600)]


def test_short_straddle() -> None:
    """Cboe Margin Manual, page 45: calls 90 at 7.00 and puts 90 at 3.70, stock at 92.63: the
    call's 25.526 and the put's 3.70 a share, 29.226."""
    held = [(call(90, 700, underlying=9_263), -1), (put(90, 370, underlying=9_263), -1)]
    assert found(held) == [(rows.MARGIN_RULE_SHORT_STRADDLE, 292_260)]


def test_put_spread() -> None:
    """eDeltaPro after Cboe's margin calculator: short 125 put at 1.24, long 120 put at 0.80: 500,
    and 80 for the long one, of which 124 were received: a call for 456."""
    model, held = StrategyModel(), [(put(120, 80), 1), (put(125, 124), -1)]
    assert found(held) == [(rows.MARGIN_RULE_VERTICAL, 50_000)]
    assert model.requirement(portfolio_of(held)) - (12_400 - 8_000) == 45_600


def test_calendar_whose_long_expires_first() -> None:
    """tastytrade, Short Calendar Spread: 2 June 43 calls at 4 against 2 March 43 calls at 3.50,
    stock at 40: no relief, 1,800 and 700."""
    held = [
        (call(43, 350, underlying=4_000, expiry=3), 2),
        (call(43, 400, underlying=4_000, expiry=6), -2),
    ]
    assert found(held) == [
        (rows.MARGIN_RULE_SHORT_CALL, 180_000),
        (rows.MARGIN_RULE_FULL_VALUE, 70_000),
    ]


def test_long_butterfly() -> None:
    """tastytrade, Long Butterfly: 4 calls 40 at 12.50, 8 sold 50 at 6, 4 calls 60 at 1.50: 800."""
    terms = {"underlying": 5_000}
    held = [
        (call(40, 1_250, **terms), 4),
        (call(50, 600, **terms), -8),
        (call(60, 150, **terms), 4),
    ]
    assert found(held) == [(rows.MARGIN_RULE_NET_DEBIT, 80_000)]


def test_short_butterfly() -> None:
    """tastytrade, Short Butterfly: 3 puts 75 and 85 sold, 6 puts 80 bought: 1,500."""
    terms = {"underlying": 8_000}
    held = [(put(75, 150, **terms), -3), (put(80, 400, **terms), 6), (put(85, 600, **terms), -3)]
    # Bought for 400 twice and sold for 750: a debit of 50 a spread, which the page leaves out
    assert found(held) == [(rows.MARGIN_RULE_STRIKE_INTERVAL, 150_000 + 3 * 5_000)]


@pytest.mark.parametrize("lots", [1, 10])
def test_iron_condor_of_a_broker(lots: int) -> None:
    """Interactive Brokers, knowledge base: 10 iron condors 160/170 puts, 180/190 calls: 10,000."""
    held = [(put(160), lots), (put(170, 300), -lots), (call(180, 300), -lots), (call(190), lots)]
    assert found(held) == [(rows.MARGIN_RULE_IRON_CONDOR, lots * 100_000)]


def test_iron_condor_of_another_broker() -> None:
    """tastytrade, Short Iron Condor: 2 of 50/53 puts and 67/70 calls: 600."""
    terms = {"underlying": 6_000}
    held = [
        (put(50, 80, **terms), 2),
        (put(53, 125, **terms), -2),
        (call(67, 200, **terms), -2),
        (call(70, 75, **terms), 2),
    ]
    assert found(held) == [(rows.MARGIN_RULE_IRON_CONDOR, 60_000)]


def test_iron_condor_of_unequal_widths() -> None:
    """tastytrade, Short Iron Condor: where the sides differ, the wider one."""
    terms = {"underlying": 6_000}
    held = [
        (put(50, 80, **terms), 2),
        (put(53, 125, **terms), -2),
        (call(67, 200, **terms), -2),
        (call(72, 75, **terms), 2),
    ]
    assert found(held) == [(rows.MARGIN_RULE_UNIVERSAL_SPREAD, 100_000)]


def test_covered_call_requires_the_stock_alone() -> None:
    """Futu, Options Strategies: long stock and a short call, the long stock's margin."""
    held: list[Holding] = [(call(180, 300), -1), (stock(), 100)]
    assert found(held) == [(rows.MARGIN_RULE_COVERED, 100 * 17_500)]


def test_short_sale() -> None:
    """Regulation T, section 220.12(c): a short position of 20,000, 500 shares at 40, requires
    30,000 with its proceeds."""
    assert found([(stock(4_000), -500)]) == [(rows.MARGIN_RULE_SHORT_STOCK, 3_000_000)]


def test_corn_against_soybeans() -> None:
    """CME Group, Spread Calculations: 2 corn at 1,750 against soybeans at 2,500, credit 55 %:
    6,000 outright, 2,700 after it."""
    spread = Spread(
        group_a=future_product(1), group_b=future_product(2), ratio_a=2, credit_basis_points=5_500
    )
    corn, soybeans = future(1, 3, 175_000), future(2, 3, 250_000)
    assert found([(corn, 2)]) == [(rows.MARGIN_RULE_FUTURE_OUTRIGHT, 350_000)]
    assert found([(corn, 2), (soybeans, -1)], spread) == [(rows.MARGIN_RULE_FUTURE_SPREAD, 270_000)]


def test_stock_against_a_future_by_the_same_credit() -> None:
    """The credit of CME Group's example, 55 % of both legs, for shares against a future."""
    spread = Spread(
        group_a=instrument(7), group_b=future_product(2), ratio_a=2, credit_basis_points=5_500
    )
    held: list[Holding] = [(stock(175_000, number=7), 2), (future(2, 3, 250_000), -1)]
    assert found(held, spread) == [(rows.MARGIN_RULE_HEDGE_CREDIT, 270_000)]


def commodity(number: int, product: int, outright_ticks: int, charge: int = 0) -> Commodity:
    return Commodity(
        commodity_id=number,
        groups=(future_product(product),),
        scan=Scan(price_range_ticks=outright_ticks),
        delta_weight=1_250,
        calendar_charge_minor_units=charge,
    )


def test_corn_against_soybeans_by_scenarios() -> None:
    """CME Group, Spread Calculations, as above: ticks of 12.50, so 140 and 200 of them."""
    spread = CommoditySpread(commodity_a=1, commodity_b=2, deltas_a=2, credit_basis_points=5_500)
    model = PortfolioScenarios((commodity(1, 1, 140), commodity(2, 2, 200)), (spread,))
    assert model.requirement(portfolio_of([(future(1, 3, 0), 2)])) == 350_000
    both: list[Holding] = [(future(1, 3, 0), 2), (future(2, 3, 0), -1)]
    assert model.requirement(portfolio_of(both)) == 270_000


def test_month_against_month_by_scenarios() -> None:
    """CME Group, Spread Calculations: month 2 against month 3, both at 500, charge 200: 200."""
    model = PortfolioScenarios((commodity(1, 1, 40, charge=20_000),))
    held: list[Holding] = [(future(1, 2, 0), 1), (future(1, 3, 0), -1)]
    thirds = 1  # cents, as a third of 500.00 is rounded against both months
    assert model.requirement(portfolio_of(held)) == 20_000 + thirds


def test_long_stock_by_scenarios() -> None:
    """TD Ameritrade, Portfolio Margin Part 4: 1,000 shares at 75, 15 %: 11,250."""
    shares = Commodity(
        commodity_id=1,
        groups=(instrument(STOCK),),
        scan=Scan(scenarios=TEN_POINTS, price_range_ticks=7_500 * 15 // 100),
    )
    model = PortfolioScenarios((shares,))
    assert model.requirement(portfolio_of([(stock(7_500), 1_000)])) == 1_125_000
    short = portfolio_of([(replace(stock(7_500)), -1_000)])
    assert model.requirement(short) == 7_500_000 + 1_125_000, (
        "the shares owed and what they may rise"
    )
