"""What a portfolio takes, adds up and refuses."""

from dataclasses import replace

import pytest

from quantumcore.server.core.margin import rows
from quantumcore.server.core.margin.errors import (
    MarginError,
    PortfolioTooLarge,
    TermsDisagree,
    TermsRefused,
)
from quantumcore.server.core.margin.holdings import Option, Share, Terms
from quantumcore.server.core.margin.portfolio_cy import Portfolio
from quantumcore.server.core.margin.rates import Rates, Spread, future_product, instrument
from quantumcore.server.core.margin.strategy_cy import StrategyModel
from tests.server.core.margin.portfolios import call, future, portfolio_of, put, stock


def test_lots_of_one_instrument_add_up() -> None:
    portfolio = portfolio_of([(call(180), 5), (stock(), 3), (call(180), -7)])
    assert portfolio.count == 2
    assert portfolio.lots(call(180).instrument_id) == -2
    assert portfolio.lots(99) == 0


def test_lots_that_add_up_to_nothing_require_nothing() -> None:
    portfolio = portfolio_of([(call(180), 5), (call(180), -5)])
    assert StrategyModel().requirement(portfolio) == 0


def test_empty_portfolio_requires_nothing() -> None:
    model = StrategyModel()
    assert model.requirement(Portfolio()) == 0
    assert model.pairing_is_optimal


def test_combining_leaves_both_parts_as_they_were() -> None:
    positions, order = portfolio_of([(call(180), 1)]), Portfolio()
    order.add(call(180).words(), -3, working=True)
    order.add(put(170).words(), 2, working=True)
    both = Portfolio()
    both.combine(positions, order)
    assert (both.lots(call(180).instrument_id), both.lots(put(170).instrument_id)) == (-2, 2)
    assert [both.row(at)[rows.POSITION_LOTS] for at in range(2)] == [1, 0]
    assert (positions.count, positions.lots(call(180).instrument_id), order.count) == (1, 1, 2)


def test_cleared_portfolio_remembers_nothing() -> None:
    portfolio = portfolio_of([(call(180), 1)])
    portfolio.clear()
    portfolio.add(call(190, underlying=1).words(), 1)
    assert portfolio.count == 1
    with pytest.raises(IndexError):
        portfolio.row(1)


@pytest.mark.parametrize(
    ("terms", "lots", "field"),
    [
        (stock(), 1 << 31, "lots"),
        (stock(), -(1 << 40), "lots"),
        (replace(stock(), instrument_id=0), 1, "instrument_id"),
        (replace(call(180), underlying_id=0), 1, "instrument_id"),
        (replace(call(180), expiry=0), 1, "instrument_id"),
        (replace(future(1, 3, 5), product_id=0), 1, "instrument_id"),
        (replace(stock(), mark_ticks=-1), 1, "mark_ticks"),
        (replace(stock(), tick_value_minor_units=0), 1, "mark_ticks"),
        (replace(call(180), strike_ticks=-1), 1, "mark_ticks"),
        (future(1, 3, -1), 1, "mark_ticks"),
        (replace(stock(), mark_ticks=1 << 44), 2, "lots"),
        (future(1, 3, 1 << 43), 3, "lots"),
        (replace(call(180), strike_ticks=1 << 40), 1_000, "lots"),
        (replace(call(180), mark_ticks=1 << 62), 1, "terms"),
    ],
)
def test_terms_outside_their_bounds_are_refused(terms: Terms, lots: int, field: str) -> None:
    portfolio = portfolio_of([(put(170), 1)])
    with pytest.raises(TermsRefused) as refused:
        portfolio.add(terms.words(), lots)
    assert refused.value.field == field
    assert portfolio.count == 1


def test_lots_that_add_up_beyond_their_bound_are_refused() -> None:
    portfolio = portfolio_of([(stock(0), rows.MAX_LOTS)])
    with pytest.raises(TermsRefused, match="lots"):
        portfolio.add(stock(0).words(), 1)
    assert portfolio.lots(stock().instrument_id) == rows.MAX_LOTS


def test_heavy_holding_and_high_strike_of_another_are_refused_together() -> None:
    """Every holding is valued at every strike, so their product has a bound."""
    portfolio = portfolio_of([(call(180), 1_000_000)])
    high = Option(
        instrument_id=3,
        underlying_id=9,
        put=False,
        strike_ticks=1 << 20,
        expiry=1,
        underlying_ticks=1,
        underlying_tick_value_minor_units=1,
        mark_ticks=0,
        tick_value_minor_units=1,
    )
    with pytest.raises(TermsRefused, match="2\\*\\*44"):
        portfolio.add(high.words(), 1)


def test_different_facts_about_one_thing_are_refused() -> None:
    portfolio = portfolio_of([(call(180), 1)])
    with pytest.raises(TermsDisagree, match="what is stated"):
        portfolio.add(call(180, 101).words(), 1)
    with pytest.raises(TermsDisagree, match="underlying's price"):
        portfolio.add(call(190, underlying=17_501).words(), 1)
    with pytest.raises(TermsDisagree, match="broad index"):
        portfolio.add(call(190, broad_index=True).words(), 1)


def test_more_instruments_than_there_is_room_for_are_refused() -> None:
    portfolio = Portfolio()
    for number in range(1, rows.MAX_HOLDINGS + 1):
        portfolio.add(stock(number=number).words(), 1)
    with pytest.raises(PortfolioTooLarge):
        portfolio.add(stock(number=999).words(), 1)
    portfolio.add(stock(number=1).words(), 1)
    assert portfolio.lots(1) == 2


def test_greatest_values_add_up_without_wrapping() -> None:
    """All room taken by holdings at the bound, at the highest rates: the sum is exact."""
    highest = Rates(**dict.fromkeys(Rates.__slots__, rows.MAX_RATE))
    value = (1 << 44) - 1
    portfolio = Portfolio()
    for number in range(1, rows.MAX_HOLDINGS + 1):
        terms = Share(instrument_id=number, mark_ticks=value, tick_value_minor_units=1)
        portfolio.add(terms.words(), 1)
    assert StrategyModel(highest).requirement(portfolio) == 256 * 3 * value


def test_greatest_short_options_add_up_without_wrapping() -> None:
    ticks = (1 << 44) - 1
    portfolio = Portfolio()
    for number in range(1, rows.MAX_HOLDINGS + 1):
        terms = Option(
            instrument_id=number,
            underlying_id=number % 8 + 1,
            put=False,
            strike_ticks=0,
            expiry=1,
            underlying_ticks=ticks,
            underlying_tick_value_minor_units=1,
            mark_ticks=ticks,
            tick_value_minor_units=1,
        )
        portfolio.add(terms.words(), -1)
    own = ticks + -(-ticks * 2_000 // 10_000)
    assert StrategyModel().requirement(portfolio) == 256 * own


@pytest.mark.parametrize("rate", [-1, 30_001])
def test_rates_outside_their_bounds_are_refused(rate: int) -> None:
    with pytest.raises(TermsRefused, match="short_share_basis_points"):
        Rates(short_share_basis_points=rate)


def test_spreads_outside_their_bounds_are_refused() -> None:
    one = instrument(1)
    with pytest.raises(TermsRefused, match="credit_basis_points"):
        Spread(group_a=one, group_b=instrument(2), credit_basis_points=10_001)
    with pytest.raises(TermsRefused, match="ratio_b"):
        Spread(group_a=one, group_b=instrument(2), ratio_b=0, credit_basis_points=1)
    with pytest.raises(TermsRefused, match="group_b"):
        Spread(group_a=one, group_b=one, credit_basis_points=1)
    with pytest.raises(TermsRefused, match="product_id"):
        future_product(0)
    with pytest.raises(TermsRefused, match="instrument_id"):
        instrument(-4)
    same = Spread(group_a=one, group_b=instrument(2), credit_basis_points=1)
    with pytest.raises(TermsRefused, match="256 at most"):
        StrategyModel(spreads=(same,) * 257)


def test_every_refusal_is_a_margin_error() -> None:
    assert issubclass(TermsRefused, MarginError)
    assert issubclass(TermsDisagree, MarginError)
    assert issubclass(PortfolioTooLarge, MarginError)
