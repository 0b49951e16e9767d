"""The pairing requires the least of all, never less than the portfolio can lose."""

import random
from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quantumcore.server.core.margin import rows
from quantumcore.server.core.margin.explanation import explain
from quantumcore.server.core.margin.holdings import Option, Share
from quantumcore.server.core.margin.strategy_cy import StrategyModel
from tests.server.core.margin.exhaustive import (
    Holding,
    least_requirement,
    premium,
    worst_payoff,
)
from tests.server.core.margin.portfolios import call, option_books, portfolio_of, put, stock

STOCK_ELSEWHERE = 2_000
UNBOUNDED_RULES = {rows.MARGIN_RULE_SHORT_CALL, rows.MARGIN_RULE_SHORT_PUT}
UNBOUNDED_RULES |= {rows.MARGIN_RULE_SHORT_STRADDLE}


def requirement(holdings: Sequence[Holding]) -> int:
    return StrategyModel().requirement(portfolio_of(holdings))


def drawn(source: random.Random, legs: int, lots: int, expiries: int) -> list[Holding]:
    names = [
        (right, strike, expiry)
        for right in ("call", "put")
        for strike in range(60, 145, 5)
        for expiry in range(1, expiries + 1)
    ]
    underlying = source.randint(7_000, 13_000)
    terms = [
        (call if right == "call" else put)(
            strike, source.randint(0, 2_500), underlying=underlying, expiry=expiry
        )
        for right, strike, expiry in source.sample(names, legs)
    ]
    return [(one, source.choice((-1, 1)) * source.randint(1, lots)) for one in terms]


@given(option_books())
def test_requirement_is_the_least_of_all_groupings(held: list[Holding]) -> None:
    model = StrategyModel()
    assert model.requirement(portfolio_of(held)) == least_requirement(held)
    assert model.pairing_is_optimal


@given(option_books(expiries=3, states=200))
def test_requirement_is_the_least_with_many_expiries_and_cash_settlement(
    held: list[Holding],
) -> None:
    model = StrategyModel()
    assert model.requirement(portfolio_of(held)) == least_requirement(held)
    assert model.pairing_is_optimal


@pytest.mark.parametrize("expiries", [1, 2, 4])
def test_eight_legs_of_one_lot_require_the_least_of_all_groupings(expiries: int) -> None:
    source, model = random.Random(expiries), StrategyModel()
    for _ in range(12):
        held = drawn(source, 8, 1, expiries)
        assert model.requirement(portfolio_of(held)) == least_requirement(held)
        assert model.pairing_is_optimal


@given(option_books(shares=False, expiries=1))
def test_bounded_spreads_never_lose_more_than_they_require(held: list[Holding]) -> None:
    """No free lunch: the premium paid less the least that the options can be worth in the end."""
    report = explain(StrategyModel(), portfolio_of(held))
    bounded = not UNBOUNDED_RULES & {part.rule for part in report.components}
    options = [(terms, lots) for terms, lots in held if isinstance(terms, Option)]
    paid = sum(lots * premium(terms) for terms, lots in options)
    loss = paid - worst_payoff(options)
    assert report.requirement_minor_units >= (loss if bounded else 0)


@given(option_books())
def test_whole_requires_no_more_than_its_parts(held: list[Holding]) -> None:
    assert requirement(held) <= sum(requirement([part]) for part in held)


@given(option_books(), st.integers(0, 7))
def test_two_portfolios_together_require_no_more_than_apart(held: list[Holding], cut: int) -> None:
    assert requirement(held) <= requirement(held[:cut]) + requirement(held[cut:])


@given(option_books(), st.randoms(use_true_random=False))
def test_order_of_holdings_changes_nothing(held: list[Holding], source: random.Random) -> None:
    shuffled = list(held)
    source.shuffle(shuffled)
    assert requirement(shuffled) == requirement(held)


@given(option_books(), st.integers(2, 9))
def test_more_of_the_same_requires_no_more_than_so_many_times(
    held: list[Holding], times: int
) -> None:
    assert requirement([(terms, lots * times) for terms, lots in held]) <= times * requirement(held)


@pytest.mark.parametrize(
    "held",
    [
        [(put(160), 1), (put(170, 300), -1), (call(180, 300), -1), (call(190), 1)],
        [(call(170, 900), -1), (call(180, 500), 2), (call(190, 250), -1)],
        [(call(180, 300), 1), (call(190, 100), -2)],
        [(call(180, 300), -1), (put(170, 300), -1)],
        [(call(180, 300), -1), (stock(), 100)],
        [(put(170, 300), -1)],
    ],
)
@pytest.mark.parametrize("times", [2, 10, 999])
def test_twice_the_lots_of_a_spread_require_twice(held: list[Holding], times: int) -> None:
    assert requirement([(terms, lots * times) for terms, lots in held]) == times * requirement(held)


def test_lots_split_where_no_common_unit_pairs_them() -> None:
    """Three short puts, five long ones below, seven calls: each lot goes where it costs least."""
    held = [
        (put(90, 100, underlying=10_000), 5),
        (put(95, 200, underlying=10_000), -3),
        (call(105, 300, underlying=10_000), -7),
        (call(110, 200, underlying=10_000), 4),
    ]
    assert requirement(held) == least_requirement(held)


def test_another_long_option_requires_no_more_than_its_value() -> None:
    source = random.Random(4)
    for _ in range(30):
        held = drawn(source, 6, 3, 2)
        terms, lots = held[-1]
        value = premium(terms) * abs(lots) if isinstance(terms, Option) else 0
        assert requirement([*held[:-1], (terms, abs(lots))]) <= requirement(held[:-1]) + value


def test_many_legs_are_paired_within_bounds_and_say_so() -> None:
    source, model = random.Random(2), StrategyModel()
    proven = []
    for _ in range(6):
        held = drawn(source, 40, 9, 3)
        total = model.requirement(portfolio_of(held))
        proven.append(model.pairing_is_optimal)
        assert 0 < total <= sum(requirement([part]) for part in held)
        assert total == model.requirement(portfolio_of(held))
    assert False in proven


def test_underlyings_do_not_offset_one_another() -> None:
    held = [(call(180, 300), -1), (call(190, 100), 1)]
    other = Option(
        instrument_id=5,
        underlying_id=STOCK_ELSEWHERE,
        put=False,
        strike_ticks=19_000,
        expiry=1,
        underlying_ticks=17_500,
        underlying_tick_value_minor_units=100,
        mark_ticks=100,
        tick_value_minor_units=100,
    )
    apart = requirement([held[0]]) + 10_000
    assert requirement([held[0], (other, 1)]) == apart
    assert requirement(held) < apart


def test_shares_of_another_stock_cover_nothing() -> None:
    short = (call(180, 300), -1)
    other = Share(instrument_id=7, mark_ticks=100, tick_value_minor_units=1)
    assert requirement([short, (other, 100)]) == requirement([short]) + 10_000
