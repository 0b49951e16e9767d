"""Up to eight options are paired for the least that they can require, and it is proven."""

import os
import random
from collections.abc import Sequence
from dataclasses import replace

import pytest
from hypothesis import given

from quantumcore.server.core.margin import fixed, rows
from quantumcore.server.core.margin.holdings import Option
from quantumcore.server.core.margin.strategy_cy import StrategyModel, is_compiled
from tests.server.core.margin.exhaustive import Holding, least_requirement
from tests.server.core.margin.portfolios import option, option_books, portfolio_of

PORTFOLIOS = int(os.environ.get("QC_FUZZ_OPERATIONS") or (4_000 if is_compiled() else 400)) // 20
STRIKES = range(120, 181, 5)


def drawn(source: random.Random, legs: int, lots: int, expiries: int) -> list[Holding]:
    """Draw options marked at what they are worth at once and a little more, on a stock at 150."""
    names = [
        (right, strike, expiry)
        for right in ("call", "put")
        for strike in STRIKES
        for expiry in range(1, expiries + 1)
    ]
    held: list[Holding] = []
    for right, strike, expiry in source.sample(names, legs):
        inside = 100 * (strike - 150 if right == "put" else 150 - strike)
        mark = max(inside, 0) + source.randint(20, 600) * expiry
        terms = option(right, strike, mark, underlying=15_000, expiry=expiry)
        held.append((terms, source.choice((-1, 1)) * source.randint(1, lots)))
    return held


def times_as_dear(held: Sequence[Holding], factor: int) -> list[Holding]:
    """Return the same options on so many times the shares."""
    return [
        (
            replace(
                terms,
                tick_value_minor_units=terms.tick_value_minor_units * factor,
                underlying_tick_value_minor_units=terms.underlying_tick_value_minor_units * factor,
            ),
            lots,
        )
        for terms, lots in held
        if isinstance(terms, Option)
    ]


@given(option_books(expiries=3, states=200))
def test_order_is_held_to_the_least_of_all_groupings(held: list[Holding]) -> None:
    model = StrategyModel()
    assert model.order_requirement(portfolio_of(held)) == least_requirement(held)
    assert model.pairing_is_optimal


def test_order_of_eight_options_of_many_lots_is_held_to_what_is_proven() -> None:
    """What a query proves no order undercuts, and no order of the rows changes it."""
    source, model, proven = random.Random(8), StrategyModel(), 0
    for _ in range(PORTFOLIOS):
        held = drawn(source, 8, 10, 3)
        found, is_proven = model.order_requirement(portfolio_of(held)), model.pairing_is_optimal
        source.shuffle(held)
        least = model.requirement(portfolio_of(held))
        assert model.pairing_is_optimal
        assert found == least or (found > least and not is_proven)
        proven += is_proven
        cut = source.randint(1, 7)
        parts = [model.requirement(portfolio_of(part)) for part in (held[:cut], held[cut:])]
        assert least <= sum(parts)
    assert proven >= 0.95 * PORTFOLIOS


@pytest.mark.parametrize("bits", [4, 12, 19])
def test_amounts_as_large_as_can_be_change_no_pairing(bits: int) -> None:
    source, model = random.Random(bits), StrategyModel()
    for _ in range(8):
        held = drawn(source, 6, 9, 2)
        least = model.order_requirement(portfolio_of(held))
        dear = times_as_dear(held, 1 << bits)
        assert model.order_requirement(portfolio_of(dear)) == least << bits
        assert model.pairing_is_optimal


def test_lots_without_a_common_unit_are_paired_however_many() -> None:
    """Their greatest numbers are beyond what is counted in whole lots to one part in 2**36."""
    source, model = random.Random(3), StrategyModel()
    for most in (1_000, 1_000_000, 9_000_000):
        held = drawn(source, 6, most, 2)
        found = model.order_requirement(portfolio_of(held))
        alone = sum(model.order_requirement(portfolio_of([part])) for part in held)
        assert 0 < found <= alone
        assert model.requirement(portfolio_of(held)) <= found


def test_unit_of_many_lots_is_proven_without_counting_single_ones() -> None:
    source, model = random.Random(6), StrategyModel()
    for _ in range(20):
        held = drawn(source, 6, 2, 2)
        one = model.requirement(portfolio_of(held))
        many = [(terms, 1_000 * lots) for terms, lots in held]
        assert model.requirement(portfolio_of(many)) <= 1_000 * one


@pytest.mark.parametrize("value", [1, 3, -7, fixed.ONE, -fixed.ONE, fixed.MOST, 12_345_678_901])
def test_inverse_is_rounded_towards_nothing(value: int) -> None:
    exact, found = 1 << 2 * fixed.FRACTION, fixed.inverse(value)
    assert abs(found) * abs(value) <= exact < (abs(found) + 1) * abs(value)
    assert (found > 0) == (value > 0)


def test_products_are_rounded_down_and_compared_whole() -> None:
    assert fixed.scaled(-1, 1) == -1
    assert fixed.scaled(3 * fixed.ONE, fixed.ONE // 2) == 3 * fixed.ONE // 2
    assert fixed.is_below(fixed.MOST, fixed.MOST - 2, fixed.MOST - 1, fixed.MOST - 1)
    assert not fixed.is_below(2, 3, 3, 2)


def test_work_for_few_options_is_bounded() -> None:
    source, model = random.Random(9), StrategyModel()
    for lots, expiries in ((100, 2), (1_000, 4)):
        for _ in range(6):
            model.order_requirement(portfolio_of(drawn(source, 8, lots, expiries)))
            assert model.pairing.taken <= rows.FEW_LEGS_WORK + rows.ORDER_WORK // 8
