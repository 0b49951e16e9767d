"""Prices of the legs of a package that trades at a net price."""

from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from quantumcore.server.core.package_leg_prices import PricedLeg, Unassignable, assigned

FREE = 1_000_000


def legs(*ratios_and_references: tuple[int, int], **limits: tuple[int, int]) -> list[PricedLeg]:
    """Build legs of one money a tick; limits are by the leg's name, L1 to L4."""
    found = []
    for number, (ratio, reference) in enumerate(ratios_and_references, start=1):
        low, high = limits.get(f"L{number}", (-FREE, FREE))
        found.append(PricedLeg(ratio, reference, low, high))
    return found


def test_a_calendar_prices_its_first_leg_off_the_second() -> None:
    assert assigned(legs((1, 480), (-1, 500)), -15) == [485, 500]


def test_the_second_leg_gives_way_where_the_first_is_at_its_limit() -> None:
    assert assigned(legs((1, 480), (-1, 500), L1=(0, 482)), -15) == [482, 497]


def test_a_butterfly_prices_its_last_leg_off_the_others() -> None:
    assert assigned(legs((1, 900), (-2, 500), (1, 250)), 130) == [900, 500, 230]


def test_a_butterfly_goes_on_to_the_body_where_the_last_leg_is_at_its_limit() -> None:
    """L3 = 130 + 1000 - 900 = 230 is above 220; L2 = (900 + 220 - 130) / 2 = 495 is exact."""
    assert assigned(legs((1, 900), (-2, 500), (1, 210), L3=(200, 220)), 130) == [900, 495, 220]


def test_a_butterfly_ends_with_its_first_leg_where_the_body_falls_between_ticks() -> None:
    """L2 = (900 + 221 - 130) / 2 = 495.5 goes to 496; L1 = 130 + 992 - 221 = 901."""
    assert assigned(legs((1, 900), (-2, 500), (1, 210), L3=(200, 221)), 130) == [901, 496, 221]


def test_a_condor_prices_its_third_leg_off_the_others() -> None:
    assert assigned(legs((1, 900), (-1, 600), (-1, 400), (1, 250)), 120) == [900, 600, 430, 250]


def test_a_leg_at_its_reference_prices_moves_none() -> None:
    assert assigned(legs((1, 480), (-1, 500)), -20) == [480, 500]
    assert assigned(legs((1, 9), (-2, 5), (1, 2)), 1) == [9, 5, 2]


def test_ratios_and_tick_values_count() -> None:
    """Two lots of 25 a tick against three of 10: 50 and -30 a tick."""
    two = [PricedLeg(50, 100, 0, FREE), PricedLeg(-30, 90, 0, FREE)]
    found = assigned(two, 2_340)
    assert isinstance(found, list)
    assert 50 * found[0] - 30 * found[1] == 2_340
    assert abs(found[0] - 100) <= 3


@pytest.mark.parametrize(
    ("package", "net", "why"),
    [
        (legs((2, 10), (-4, 5)), 3, Unassignable.OFF_TICK),
        (legs((1, 10), (-1, 5), L1=(0, 20), L2=(0, 20)), 21, Unassignable.OUT_OF_LIMITS),
        (legs((1, 10), (-1, 5), L1=(0, 20), L2=(0, 20)), -21, Unassignable.OUT_OF_LIMITS),
        (legs((5, 10), (-5, 5), (3, 1), L3=(1, 1)), 5, Unassignable.NOT_FOUND),
        (legs((5, 1), (-3, 1), L1=(1, 1), L2=(0, 2)), 3, Unassignable.OUT_OF_LIMITS),
    ],
)
def test_what_cannot_be_assigned_says_why(
    package: list[PricedLeg], net: int, why: Unassignable
) -> None:
    assert assigned(package, net) is why


@st.composite
def packages(draw: st.DrawFn, most: int, weight: int) -> list[PricedLeg]:
    found = []
    for _ in range(draw(st.integers(2, 4))):
        low = draw(st.integers(-most, most))
        high = draw(st.integers(low, low + most))
        money = draw(st.integers(1, weight)) * draw(st.sampled_from([1, -1]))
        found.append(PricedLeg(money, draw(st.integers(low - 3, high + 3)), low, high))
    return found


@given(packages(most=100_000, weight=40), st.data())
def test_prices_sum_to_the_net_price_within_limits(
    package: list[PricedLeg], data: st.DataObject
) -> None:
    inside = [data.draw(st.integers(leg.lowest_ticks, leg.highest_ticks)) for leg in package]
    net = money(package, inside) + data.draw(st.sampled_from([0, 0, 0, 1, -7]))
    found = assigned(package, net)
    if isinstance(found, Unassignable):
        return
    assert money(package, found) == net
    assert all(
        leg.lowest_ticks <= ticks <= leg.highest_ticks
        for leg, ticks in zip(package, found, strict=True)
    )
    assert assigned(package, net) == found


@given(packages(most=5, weight=6), st.integers(-60, 60))
@settings(max_examples=300)
def test_prices_are_found_wherever_there_are_any(package: list[PricedLeg], net: int) -> None:
    ranges = [range(leg.lowest_ticks, leg.highest_ticks + 1) for leg in package]
    possible = any(money(package, ticks) == net for ticks in product(*ranges))
    assert isinstance(assigned(package, net), list) == possible


def money(package: list[PricedLeg], prices: list[int] | tuple[int, ...]) -> int:
    return sum(leg.money_per_tick * ticks for leg, ticks in zip(package, prices, strict=True))
