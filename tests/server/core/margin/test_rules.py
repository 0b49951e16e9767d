"""Each rule with an example worked by hand; amounts in cents."""

from collections.abc import Sequence

import pytest

from quantumcore.server.core.margin import rows
from quantumcore.server.core.margin.explanation import Report, explain
from quantumcore.server.core.margin.rates import Rates, Spread, future_product, instrument
from quantumcore.server.core.margin.strategy_cy import StrategyModel
from tests.server.core.margin.portfolios import (
    Holding,
    call,
    future,
    portfolio_of,
    put,
    stock,
)


def explained(holdings: Sequence[Holding], *spreads: Spread) -> Report:
    report = explain(StrategyModel(spreads=spreads), portfolio_of(holdings))
    assert report.pairing_is_optimal
    return report


def rules(report: Report) -> list[tuple[int, int, int]]:
    return [(c.rule, c.units, c.requirement_minor_units) for c in report.components]


def test_ten_iron_condors_require_one_side() -> None:
    """160/170 puts and 180/190 calls: 10 points times 100 times 10 contracts, 10,000 dollars."""
    held = [(put(160), 10), (put(170, 300), -10), (call(180, 300), -10), (call(190), 10)]
    assert rules(explained(held)) == [(rows.MARGIN_RULE_IRON_CONDOR, 10, 1_000_000)]


def test_long_option_is_paid_in_full() -> None:
    """Cboe Margin Manual, long put or long call: 100 % of the cost."""
    assert rules(explained([(call(180, 250), 3)])) == [(rows.MARGIN_RULE_FULL_VALUE, 3, 75_000)]


def test_short_call_out_of_the_money() -> None:
    """Cboe Margin Manual, short call: stock 128.50, 1 call 120 at 8.50 in the money: 3,420."""
    held = [(call(120, 850, underlying=12_850), -1)]
    assert rules(explained(held)) == [(rows.MARGIN_RULE_SHORT_CALL, 1, 85_000 + 257_000)]
    held = [(call(140, 100, underlying=12_850), -1)]  # 11.50 out: 20 % less 1,150
    assert rules(explained(held)) == [(rows.MARGIN_RULE_SHORT_CALL, 1, 10_000 + 142_000)]


def test_short_call_far_out_of_the_money_requires_the_minimum() -> None:
    """FINRA rule 4210(f)(2): the option's value and 10 % of the underlying."""
    held = [(call(170, 10, underlying=12_850), -1)]
    assert rules(explained(held)) == [(rows.MARGIN_RULE_SHORT_CALL, 1, 1_000 + 128_500)]


def test_short_put_far_out_of_the_money_requires_a_tenth_of_the_strike() -> None:
    """FINRA rule 4210(f)(2): the minimum of a put is 10 % of its exercise price."""
    held = [(put(80, 20, underlying=9_550), -1)]  # 20 %: 1,910 less 1,550 is less than 800
    assert rules(explained(held)) == [(rows.MARGIN_RULE_SHORT_PUT, 1, 2_000 + 80_000)]


def test_broad_index_requires_fifteen_percent() -> None:
    """Cboe Margin Manual, short index option: 15 % of the index, less what it is out of it."""
    held = [(call(450, 500, underlying=43_300, broad_index=True), -1)]
    beyond = 649_500 - 170_000
    assert rules(explained(held)) == [(rows.MARGIN_RULE_SHORT_CALL, 1, 50_000 + beyond)]


def test_rounding_is_against_the_account() -> None:
    """A rate that gives a fraction of a cent takes a whole one, for each lot."""
    model = StrategyModel(Rates(short_option_basis_points=1))
    held = [(call(100, 0, underlying=10_001), -2)]  # the minimum, 10 % of 10,001 cents times 100
    assert model.requirement(portfolio_of(held)) == 2 * 100_010
    thin = StrategyModel(Rates(short_option_basis_points=1, short_option_minimum_basis_points=0))
    assert thin.requirement(portfolio_of(held)) == 2 * 101  # 100.01 each


def test_short_straddle_requires_the_greater_side_and_the_other_value() -> None:
    """Cboe Margin Manual, short straddle: call 5,000 + 2,000 dollars rate, put its value."""
    held = [(call(100, 500, underlying=10_000), -2), (put(100, 400, underlying=10_000), -2)]
    found = [(rows.MARGIN_RULE_SHORT_STRADDLE, 2, 2 * (50_000 + 200_000 + 40_000))]
    assert rules(explained(held)) == found


def test_credit_vertical_requires_its_width() -> None:
    """Interactive Brokers, Put Spread and Call Spread: the difference of the strikes."""
    held = [(call(180, 300), -1), (call(190, 100), 1)]
    assert rules(explained(held)) == [(rows.MARGIN_RULE_VERTICAL, 1, 100_000)]


def test_debit_vertical_requires_what_was_paid() -> None:
    """Cboe Margin Manual, long call spread: pay for the long, the short's proceeds applied."""
    held = [(call(180, 300), 1), (call(190, 100), -1)]
    assert rules(explained(held)) == [(rows.MARGIN_RULE_VERTICAL, 1, 20_000)]


def test_wide_vertical_requires_no_more_than_the_short_alone() -> None:
    """The lesser of the short's own requirement and the width; the long is paid in full."""
    held = [(call(180, 300, underlying=17_500), -1), (call(400, 1, underlying=17_500), 1)]
    short = 30_000 + 350_000 - 50_000
    assert explained(held).requirement_minor_units == short + 100


def test_calendar_with_the_long_expiring_first_has_no_relief() -> None:
    held = [(call(180, 300, expiry=2), -1), (call(180, 100, expiry=1), 1)]
    report = explained(held)
    assert report.requirement_minor_units == 330_000 + 10_000
    assert {c.rule for c in report.components} == {
        rows.MARGIN_RULE_SHORT_CALL,
        rows.MARGIN_RULE_FULL_VALUE,
    }


def test_calendar_with_the_long_expiring_later_requires_the_debit() -> None:
    held = [(call(180, 100, expiry=1), -1), (call(180, 300, expiry=2), 1)]
    assert rules(explained(held)) == [(rows.MARGIN_RULE_VERTICAL, 1, 20_000)]


def test_long_butterfly_condor_and_box_require_the_net_debit() -> None:
    """Cboe rule 10.3: long butterfly, long condor and long box are paid in full."""
    butterfly = [(call(170, 900), 2), (call(180, 500), -4), (call(190, 250), 2)]
    assert rules(explained(butterfly)) == [(rows.MARGIN_RULE_NET_DEBIT, 2, 2 * 15_000)]
    condor = [(put(170, 100), 1), (put(175, 200), -1), (put(180, 400), -1), (put(185, 700), 1)]
    assert rules(explained(condor)) == [(rows.MARGIN_RULE_NET_DEBIT, 1, 20_000)]
    box = [(call(170, 900), 1), (call(180, 500), -1), (put(180, 900), 1), (put(170, 400), -1)]
    assert rules(explained(box)) == [(rows.MARGIN_RULE_NET_DEBIT, 1, 90_000)]


def test_short_butterfly_and_short_box_require_the_interval() -> None:
    """Cboe rule 10.3: a short butterfly the interval, a short box the difference of strikes."""
    butterfly = [(call(170, 900), -2), (call(180, 500), 4), (call(190, 250), -2)]
    assert rules(explained(butterfly)) == [(rows.MARGIN_RULE_STRIKE_INTERVAL, 2, 200_000)]
    box = [(call(170, 900), -1), (call(180, 500), 1), (put(180, 900), -1), (put(170, 400), 1)]
    assert rules(explained(box)) == [(rows.MARGIN_RULE_STRIKE_INTERVAL, 1, 100_000)]


def test_iron_butterfly_is_an_iron_condor_with_one_middle() -> None:
    held = [(put(170, 100), 1), (put(180, 600), -1), (call(180, 300), -1), (call(190, 50), 1)]
    assert rules(explained(held)) == [(rows.MARGIN_RULE_IRON_CONDOR, 1, 100_000)]


def test_unequal_iron_condor_requires_the_wider_side() -> None:
    """The universal spread bounds it by the worst price; two verticals would require both."""
    held = [(put(155, 50), 1), (put(170, 300), -1), (call(180, 300), -1), (call(190), 1)]
    assert rules(explained(held)) == [(rows.MARGIN_RULE_UNIVERSAL_SPREAD, 1, 150_000)]


def test_ratio_spread_leaves_the_excess_alone() -> None:
    held = [(call(180, 300), 1), (call(190, 100), -2)]
    excess = 10_000 + 350_000 - 150_000
    assert explained(held).requirement_minor_units == 20_000 + excess


def test_put_ratio_spread_is_bounded_by_zero() -> None:
    """Universal spread: over S in {0} and the strikes; a cheap stock makes that the least."""
    held = [(put(3, 10, underlying=400), 1), (put(2, 180, underlying=400), -2)]
    assert explained(held).requirement_minor_units == 10_000


def test_covered_call_requires_the_shares_alone() -> None:
    """FINRA rule 4210(f)(2): no margin for a call covered by the security."""
    report = explained([(call(180, 300), -2), (stock(), 250)])
    assert rules(report) == [
        (rows.MARGIN_RULE_COVERED, 2, 200 * 17_500),
        (rows.MARGIN_RULE_FULL_VALUE, 50, 50 * 17_500),
    ]


def test_short_stock_requires_its_rate_and_covers_puts() -> None:
    """Regulation T: 150 % of short shares; a short put covered by them requires nothing."""
    assert rules(explained([(stock(), -3)])) == [(rows.MARGIN_RULE_SHORT_STOCK, 3, 78_750)]
    report = explained([(put(170, 300), -1), (stock(), -100)])
    assert rules(report) == [(rows.MARGIN_RULE_COVERED, 1, 100 * 26_250)]


def test_futures_calendar_takes_the_credit_off_the_outright_rates() -> None:
    """CME SPAN: spreads by priority, n = min(|a|/ra, |b|/rb), deltas consumed."""
    es = future_product(1)
    spread = Spread(group_a=es, group_b=es, credit_basis_points=9_000)
    report = explained([(future(1, 3, 1_000_000), 5), (future(1, 6, 1_000_000), -3)], spread)
    assert rules(report) == [
        (rows.MARGIN_RULE_FUTURE_OUTRIGHT, 2, 2_000_000),
        (rows.MARGIN_RULE_FUTURE_SPREAD, 3, 600_000),
    ]


def test_spreads_form_by_priority_and_consume_what_they_use() -> None:
    first = Spread(
        group_a=future_product(1),
        group_b=future_product(2),
        ratio_a=2,
        ratio_b=3,
        credit_basis_points=5_000,
    )
    second = Spread(group_a=future_product(1), group_b=future_product(3), credit_basis_points=8_000)
    held = [(future(1, 3, 100), -5), (future(2, 3, 200), 7), (future(3, 3, 300), 9)]
    report = explained(held, first, second)
    # min(5 / 2, 7 / 3) = 2 of the first use 4 and 6; 1 lot is left for the second
    assert rules(report) == [
        (rows.MARGIN_RULE_FUTURE_OUTRIGHT, 8, 2_400),
        (rows.MARGIN_RULE_FUTURE_SPREAD, 2, 800),
        (rows.MARGIN_RULE_FUTURE_OUTRIGHT, 1, 200),
        (rows.MARGIN_RULE_FUTURE_SPREAD, 1, 80),
    ]


def test_credit_is_rounded_down() -> None:
    es = future_product(1)
    spread = Spread(group_a=es, group_b=es, credit_basis_points=3_333)
    held = [(future(1, 3, 101), 1), (future(1, 6, 101), -1)]
    assert explained(held, spread).requirement_minor_units == 202 - 67


def test_pair_of_shares_takes_the_hedge_credit() -> None:
    spread = Spread(group_a=instrument(7), group_b=instrument(8), credit_basis_points=4_000)
    held = [(stock(1_000, number=7), 10), (stock(2_000, number=8), -10)]
    report = explained(held, spread)
    assert rules(report) == [(rows.MARGIN_RULE_HEDGE_CREDIT, 10, 40_000 - 16_000)]


def test_index_arbitrage_takes_the_hedge_credit() -> None:
    spread = Spread(
        group_a=instrument(7), group_b=future_product(1), ratio_a=500, credit_basis_points=8_000
    )
    report = explained([(stock(40_000, number=7), 1_000), (future(1, 3, 1_000_000), -2)], spread)
    outright = 40_000_000 + 2_000_000
    assert rules(report) == [(rows.MARGIN_RULE_HEDGE_CREDIT, 2, outright // 5)]


def test_shares_that_cover_calls_earn_no_hedge_credit() -> None:
    spread = Spread(group_a=instrument(1_000), group_b=instrument(8), credit_basis_points=10_000)
    held: list[Holding] = [(call(180, 300), -1), (stock(), 100), (stock(100, number=8), -100)]
    report = explained(held, spread)
    assert report.requirement_minor_units == 100 * 17_500 + 100 * 150


@pytest.mark.parametrize("lots", [1, 7, 1_000])
def test_debit_tells_what_was_paid(lots: int) -> None:
    report = explained([(call(180, 300), lots), (call(190, 100), -lots), (stock(), 1)])
    assert report.debit_minor_units == lots * 20_000 + 17_500
