"""What the order path asks: rows put as words, a requirement within bounded work, no exception."""

import random
from array import array
from dataclasses import replace

import pytest
from hypothesis import given

from quantumcore.server.core.margin import rows
from quantumcore.server.core.margin.errors import TermsDisagree
from quantumcore.server.core.margin.portfolio_cy import Portfolio
from quantumcore.server.core.margin.strategy_cy import StrategyModel
from tests.server.core.margin.portfolios import (
    Holding,
    call,
    future,
    option_books,
    portfolio_of,
    put,
    stock,
)


@given(option_books())
def test_order_is_held_to_no_less_than_the_least(held: list[Holding]) -> None:
    model, portfolio = StrategyModel(), portfolio_of(held)
    bounded = model.order_requirement(portfolio)
    is_proven = model.pairing_is_optimal
    least = model.requirement(portfolio)
    assert bounded >= least
    assert bounded == least or not is_proven
    assert bounded <= sum(model.requirement(portfolio_of([part])) for part in held)


def test_scratch_portfolio_tells_before_and_after_an_order() -> None:
    """A call is sold against a long one: what is required goes from value to net debit."""
    model, scratch = StrategyModel(), Portfolio()
    assert scratch.put(call(180, 300).words(), 1, False) == rows.TAKEN
    assert scratch.put(future(1, 3, 500).words(), 2, False) == rows.TAKEN
    assert (model.order_requirement(scratch), model.debit_minor_units) == (31_000, 30_000)
    assert scratch.put(call(190, 100).words(), -1, True) == rows.TAKEN
    assert (model.order_requirement(scratch), model.debit_minor_units) == (21_000, 20_000)
    scratch.clear()
    assert (model.order_requirement(scratch), model.debit_minor_units) == (0, 0)


def test_rows_of_another_portfolio_add_up_and_stay_what_they_were() -> None:
    positions, orders = portfolio_of([(call(180), 5), (stock(), 3)]), Portfolio()
    orders.add(call(180).words(), -2, working=True)
    scratch = Portfolio()
    for part in (positions, orders):
        assert scratch.put_rows(part.words, part.count) == rows.TAKEN
    assert [scratch.row(at)[rows.LOTS] for at in range(2)] == [3, 3]
    assert [scratch.row(at)[rows.POSITION_LOTS] for at in range(2)] == [5, 3]
    assert (positions.lots(call(180).instrument_id), orders.count) == (5, 1)


def test_first_row_that_is_refused_is_told_and_those_before_it_are_held() -> None:
    others = portfolio_of([(put(170), 1), (call(180, underlying=17_500), 1)])
    scratch = portfolio_of([(stock(), 1)])
    wrong = array("q", others.row(1))
    wrong[rows.UNDERLYING_TICKS] += 1
    words = memoryview(array("q", [*others.row(0), *wrong]))
    assert scratch.put_rows(words, 2) == rows.DISAGREES_ON_UNDERLYING
    assert (scratch.refused, scratch.count) == (1, 2)
    with pytest.raises(TermsDisagree):
        scratch.add(memoryview(wrong), 1)


@pytest.mark.parametrize(
    ("word", "value", "code"),
    [
        (rows.KIND, 9, rows.REFUSED_KIND),
        (rows.INSTRUMENT, 0, rows.REFUSED_NUMBER),
        (rows.MARK_TICKS, -1, rows.REFUSED_PRICE),
        (rows.MARK_VALUE, 1 << 45, rows.REFUSED_VALUE),
    ],
)
def test_refusals_are_codes(word: int, value: int, code: int) -> None:
    scratch, terms = Portfolio(), call(180).words()
    terms[word] = value
    assert scratch.put(terms, 1, True) == code
    assert scratch.count == 0


def test_hard_portfolio_is_held_to_a_real_pairing_and_says_so() -> None:
    """Twelve legs of many lots over two expiries, where proof takes thousands of nodes."""
    source, model = random.Random(5), StrategyModel()
    names = [
        (make, strike, expiry)
        for make in (call, put)
        for strike in range(120, 181, 5)
        for expiry in (1, 2)
    ]
    proven = []
    for _ in range(40):
        held: list[Holding] = [
            (make(strike, 400, underlying=15_000, expiry=expiry), source.choice((-1, 1)) * lots)
            for make, strike, expiry in source.sample(names, 12)
            if (lots := source.randint(1, 100))
        ]
        portfolio = portfolio_of(held)
        found = model.order_requirement(portfolio)
        proven.append(model.pairing_is_optimal)
        assert found == model.order_requirement(portfolio)
        assert found <= sum(model.requirement(portfolio_of([part])) for part in held)
    assert False in proven


@pytest.mark.parametrize(
    ("legs", "lots", "expiries"), [(8, 100, 2), (16, 10, 3), (48, 10, 4), (100, 10, 8), (256, 9, 8)]
)
def test_work_for_an_order_is_bounded(legs: int, lots: int, expiries: int) -> None:
    """Counted in steps, not in time; one turn or one pairing tried may go beyond."""
    source, model = random.Random(legs), StrategyModel()
    names = [
        (make, strike, expiry)
        for make in (call, put)
        for strike in range(110, 190)
        for expiry in range(1, expiries + 1)
    ]
    for _ in range(3):
        held: list[Holding] = [
            (
                make(strike, 400, underlying=15_000, expiry=expiry),
                source.choice((-1, 1)) * source.randint(1, lots),
            )
            for make, strike, expiry in source.sample(names, legs)
        ]
        model.order_requirement(portfolio_of(held))
        allowed = min(rows.ORDER_WORK, rows.ORDER_WORK // rows.FULL_WORK_OPTIONS * legs)
        if legs <= rows.EXACT_LEGS:
            allowed = rows.FEW_LEGS_WORK
        assert model.pairing.taken <= allowed + rows.ORDER_WORK // 8


def test_many_hard_underlyings_are_each_held_to_a_real_pairing() -> None:
    """They share the work of one portfolio, a little each, in order of row."""
    source, model, held = random.Random(1), StrategyModel(), list[Holding]()
    for underlying in range(1, 31):
        for at, strike in enumerate(source.sample(range(110, 190), 8)):
            terms = replace(
                call(strike, 400, underlying=15_000, expiry=source.randint(1, 2)),
                instrument_id=10_000 + 10 * underlying + at,
                underlying_id=underlying,
                put=source.random() < 0.5,
            )
            held.append((terms, source.choice((-1, 1)) * source.randint(1, 100)))
    portfolio = portfolio_of(held)
    bounded = model.order_requirement(portfolio)
    assert bounded == model.order_requirement(portfolio)
    assert 0 < bounded <= sum(model.order_requirement(portfolio_of([part])) for part in held)


def test_query_requires_no_more_than_an_order_is_held_to() -> None:
    """More work may lead a search that ends without a proof to a worse pairing."""
    terms: dict[str, int] = {"underlying": 150, "broad_index": True}
    held: list[Holding] = [
        (
            replace(make(1, mark, expiry=expiry, **terms), instrument_id=at, strike_ticks=strike),
            lots,
        )
        for at, (make, strike, expiry, mark, lots) in enumerate(
            (
                (call, 101, 1, 1, -8),
                (put, 101, 3, 5, -5),
                (call, 101, 1, 1, -5),
                (put, 101, 1, 1, -8),
                (put, 101, 3, 2, 4),
                (call, 100, 1, 1, -4),
                (call, 101, 2, 1, 3),
            ),
            start=10,
        )
    ]
    held.append((replace(stock(150), tick_value_minor_units=100), 1))
    portfolio, model = portfolio_of(held), StrategyModel()
    assert model.requirement(portfolio) == model.order_requirement(portfolio) == 46_850
    assert model.pairing_is_optimal
