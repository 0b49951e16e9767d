"""No free lunch: a package of bounded loss requires what it can lose, and no more than its legs.

What it can lose is found here in exact fractions of dollars, from the payoffs alone.
"""

from collections.abc import Sequence
from fractions import Fraction
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from quantumcore.server.core.margin.strategy_cy import StrategyModel
from tests.server.core.margin.portfolios import Holding, option, portfolio_of

MULTIPLIER = 100
SPOT = Fraction(100)
MODEL = StrategyModel()
Leg = tuple[str, Fraction, Fraction, int]  # right, strike, premium, signed lots


def payoff(legs: Sequence[Leg], price: Fraction) -> Fraction:
    total = Fraction(0)
    for right, strike, _, lots in legs:
        inside = price - strike if right == "call" else strike - price
        total += lots * max(inside, Fraction(0)) * MULTIPLIER
    return total


def worst_loss(legs: Sequence[Leg]) -> Fraction:
    """Return premium paid less the least payoff at 0, the strikes, between and beyond them."""
    strikes = sorted({Fraction(0), *(strike for _, strike, _, _ in legs)})
    prices = [*strikes, strikes[-1] * 2, strikes[-1] * 10]
    prices += [(low + high) / 2 for low, high in pairwise(strikes)]
    paid = sum((lots * premium * MULTIPLIER for _, _, premium, lots in legs), Fraction(0))
    return paid - min(payoff(legs, price) for price in prices)


def holdings(legs: Sequence[Leg], expiries: Sequence[int]) -> list[Holding]:
    """Return the legs as options on a stock at 100 dollars, all amounts in cents."""
    return [
        (
            option(
                right, int(strike), int(premium * 100), underlying=int(SPOT * 100), expiry=expiry
            ),
            lots,
        )
        for (right, strike, premium, lots), expiry in zip(legs, expiries, strict=True)
    ]


def dollars(cents: int) -> Fraction:
    return Fraction(cents, 100)


@st.composite
def packages(draw: st.DrawFn) -> list[Leg]:
    """Packages in which as many calls and puts are bought as are sold, or more.

    Strikes lie within a twentieth of the stock, 10 apart at most: an uncovered option requires
    15 and its value at least, so leaving it alone is never the cheaper way, and what is required
    is the loss that is possible.
    """
    strikes = st.integers(95, 105)
    names = draw(
        st.lists(
            st.tuples(st.sampled_from(["call", "put"]), strikes),
            min_size=1,
            max_size=8,
            unique=True,
        )
    )
    legs: list[Leg] = []
    for right, strike in names:
        premium = Fraction(draw(st.integers(0, 1_500)), 100)
        legs.append((right, Fraction(strike), premium, draw(st.integers(-4, 4).filter(bool))))
    for right in ("call", "put"):
        short = -sum(lots for name, _, _, lots in legs if name == right)
        free = [strike for strike in range(95, 106) if (right, strike) not in names]
        if short > 0:
            legs.append((right, Fraction(draw(st.sampled_from(free))), Fraction(1, 2), short))
    return legs


@given(packages())
def test_package_requires_what_it_can_lose_and_no_more_than_its_legs(legs: list[Leg]) -> None:
    held = holdings(legs, [1] * len(legs))
    apart = sum(MODEL.requirement(portfolio_of([leg])) for leg in held)
    for ask in (MODEL.requirement, MODEL.order_requirement):
        required = ask(portfolio_of(held))
        assert worst_loss(legs) <= dollars(required) <= dollars(apart)


@given(packages(), st.data())
def test_later_long_options_lose_no_more(legs: list[Leg], data: st.DataObject) -> None:
    """What expires later is worth its intrinsic value at least when the others expire."""
    expiries = [1 if lots < 0 else data.draw(st.integers(1, 3)) for *_, lots in legs]
    held = holdings(legs, expiries)
    apart = sum(MODEL.requirement(portfolio_of([leg])) for leg in held)
    assert worst_loss(legs) <= dollars(MODEL.requirement(portfolio_of(held))) <= dollars(apart)
