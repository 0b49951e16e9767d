"""Scenario margin: exact losses, values of options against an independent formula, worst loss."""

import math
from array import array
from statistics import NormalDist

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quantumcore.server.core.margin import fixed_point
from quantumcore.server.core.margin.errors import PortfolioTooLarge, TermsRefused
from quantumcore.server.core.margin.fixed_point import ONE
from quantumcore.server.core.margin.risk_arrays import (
    SECONDS_PER_YEAR,
    SPAN_16,
    TEN_POINTS,
    Scan,
    black,
    linear_losses,
    option_losses,
)
from quantumcore.server.core.margin.scenario_cy import ScenarioModel


def losses_of(*values: int) -> memoryview:
    return memoryview(array("q", values))


def test_span_has_sixteen_scenarios_in_the_published_order() -> None:
    """CME, SPAN risk arrays: no move, then thirds up and down by volatility, then extremes."""
    moves = [(one.price_numerator, one.volatility_steps) for one in SPAN_16]
    assert moves[:6] == [(0, 1), (0, -1), (1, 1), (1, -1), (-1, 1), (-1, -1)]
    assert [one.covered_percent for one in SPAN_16] == [100] * 14 + [33] * 2
    assert moves[10:] == [(3, 1), (3, -1), (-3, 1), (-3, -1), (9, 0), (-9, 0)]


def test_future_loses_what_the_price_moves() -> None:
    """A price scan of 80 ticks of 12.50 dollars: 1,000 dollars; extremes 33 % of 3,000."""
    scan = Scan(price_range_ticks=80)
    losses = linear_losses(scan, 1_250, short=False).tolist()
    assert losses[10:] == [-100_000, -100_000, 100_000, 100_000, -99_000, 99_000]
    assert losses[2] == -33_333  # a gain of 33,333.33
    assert linear_losses(scan, 1_250, short=True)[2] == -33_334


def test_share_loses_fifteen_percent_at_the_worst_of_ten_points() -> None:
    """Cboe rule 10.4: ten equidistant points up to 15 % either way."""
    scan = Scan(scenarios=TEN_POINTS, price_range_ticks=15_000 * 15 // 100)
    losses = linear_losses(scan, 1, short=False)
    assert losses.tolist() == [2_250, 1_800, 1_350, 900, 450, -450, -900, -1_350, -1_800, -2_250]


@given(
    st.booleans(),
    st.integers(1, 1_000_000),
    st.integers(1, 1_000_000),
    st.integers(1, 3 * SECONDS_PER_YEAR),
    st.integers(1_000, 3_000_000),
)
def test_option_values_are_those_of_the_formula(
    put: bool, price: int, strike: int, seconds: int, volatility_ppm: int
) -> None:
    """Black (1976), in floating point from the standard library."""
    deviation = volatility_ppm / 1e6 * math.sqrt(seconds / SECONDS_PER_YEAR)
    upper = math.log(price / strike) / deviation + deviation / 2
    chance = NormalDist().cdf
    sign = -1 if put else 1
    expected = sign * (price * chance(sign * upper) - strike * chance(sign * (upper - deviation)))
    value = black(put, price * ONE, strike, seconds, volatility_ppm) / ONE
    assert value == pytest.approx(expected, abs=1e-8 * (price + strike))


@given(st.integers(1, 10**9), st.integers(1, 10**9), st.integers(0, 10**9), st.integers(0, 10**6))
def test_calls_less_puts_are_worth_the_forward(
    price: int, strike: int, seconds: int, volatility_ppm: int
) -> None:
    """Put-call parity holds within 2**-40 of a tick, whatever the series lose."""
    call = black(False, price * ONE, strike, seconds, volatility_ppm)
    put = black(True, price * ONE, strike, seconds, volatility_ppm)
    assert abs(call - put - (price - strike) * ONE) < ONE >> 40


@given(st.integers(1, 1 << 60), st.integers(1, 1 << 60))
def test_logarithm_undoes_the_exponential(numerator: int, denominator: int) -> None:
    small, large = sorted((numerator, denominator))
    back = fixed_point.exp_minus(fixed_point.ln(large, small))
    assert abs(back - fixed_point.ratio(small, large)) < ONE >> 200


def test_constants_are_right_to_every_bit() -> None:
    two = 2 * fixed_point.ln(3, 2) - fixed_point.ln(9, 8)  # neither uses the constant
    assert abs(two - fixed_point.LN_2) < 4_096
    squared = fixed_point.product(fixed_point.INVERSE_ROOT_TWO_PI, fixed_point.INVERSE_ROOT_TWO_PI)
    assert squared / ONE == pytest.approx(1 / (2 * math.pi), abs=1e-16)
    assert fixed_point.normal(0) == ONE // 2
    assert fixed_point.normal(40 * ONE) == ONE


def test_option_losses_are_rounded_against_the_holder() -> None:
    scan = Scan(price_range_ticks=1_000, volatility_range_ppm=50_000)
    long, short = (
        option_losses(
            scan,
            put=False,
            underlying_ticks=10_000,
            strike_ticks=10_500,
            seconds=SECONDS_PER_YEAR // 4,
            volatility_ppm=250_000,
            underlying_tick_value_minor_units=100,
            short=held_short,
        ).tolist()
        for held_short in (False, True)
    )
    assert [up - down for up, down in zip(long, short, strict=True)] == [1] * 16
    assert max(long) == long[13]  # price down by the scan, volatility down
    assert min(short) == short[14]  # a third of an extreme rise


def test_option_without_time_loses_its_intrinsic_value() -> None:
    scan = Scan(scenarios=TEN_POINTS, price_range_ticks=1_500)
    losses = option_losses(
        scan,
        put=True,
        underlying_ticks=10_000,
        strike_ticks=10_600,
        seconds=0,
        volatility_ppm=0,
        underlying_tick_value_minor_units=100,
        short=False,
    )
    assert losses[9] == 600 * 100
    assert losses[0] == -1_500 * 100


def test_requirement_is_the_worst_scenario_of_each_commodity() -> None:
    model = ScenarioModel()
    model.add(losses_of(10, -10, 3), commodity_id=1, lots=2)
    model.add(losses_of(-4, 12, 2), commodity_id=1, lots=1)
    model.add(losses_of(-5, 5, 0), commodity_id=2, lots=-3)
    assert model.requirement() == max(16, -8, 8) + 15
    assert model.explained() == [
        (1, 1, 16, "Scenario 1 loses most, 16; together 16."),
        (2, 1, 15, "Scenario 1 loses most, 15; together 15."),
    ]


def test_calendar_spread_is_charged_though_the_scan_sees_no_risk() -> None:
    model = ScenarioModel()
    for lots in (5, -3):
        model.add(
            linear_losses(Scan(price_range_ticks=80), 1_250, short=lots < 0),
            commodity_id=1,
            lots=lots,
            calendar_charge_minor_units=7_000,
        )
    assert model.requirement() == 2 * 100_000 + 3 * 7_000


def test_lots_require_their_minimum() -> None:
    """Cboe rule 10.4: at least 0.375 dollars times the multiplier for each contract."""
    model = ScenarioModel()
    model.add(losses_of(-5), commodity_id=1, lots=4, minimum_minor_units=3_750)
    assert model.requirement() == 15_000
    model.clear()
    assert model.requirement() == 0


@given(
    st.lists(
        st.tuples(
            st.integers(1, 3),
            st.integers(-50, 50),
            st.lists(st.integers(-1_000, 1_000), min_size=16, max_size=16),
        ),
        max_size=10,
    ),
    st.integers(2, 9),
)
def test_requirement_is_plain_sums_and_scales(
    held: list[tuple[int, int, list[int]]], times: int
) -> None:
    model, more = ScenarioModel(), ScenarioModel()
    for commodity, lots, losses in held:
        names = {"commodity_id": commodity}
        model.add(losses_of(*losses), lots=lots, **names)
        more.add(losses_of(*losses), lots=lots * times, **names)
    expected = 0
    for commodity in (1, 2, 3):
        parts = [(lots, losses) for name, lots, losses in held if name == commodity]
        expected += max(0, *(sum(n * losses[at] for n, losses in parts) for at in range(16)))
    assert model.requirement() == expected
    assert more.requirement() == times * expected


def test_what_exceeds_bounds_is_refused() -> None:
    model = ScenarioModel()
    with pytest.raises(TermsRefused, match="lots"):
        model.add(losses_of(1 << 40), commodity_id=1, lots=17)
    with pytest.raises(TermsRefused, match="losses"):
        model.add(losses_of(*range(17)), commodity_id=1, lots=1)
    with pytest.raises(TermsRefused, match="minimum"):
        model.add(losses_of(1), commodity_id=1, lots=1, minimum_minor_units=-1)
    with pytest.raises(TermsRefused, match="price_range_ticks"):
        Scan(price_range_ticks=-1)
    for _ in range(256):
        model.add(losses_of(1 << 44), commodity_id=1, lots=1)
    assert model.requirement() == 1 << 52
    with pytest.raises(PortfolioTooLarge):
        model.add(losses_of(1), commodity_id=1, lots=1)


@given(st.integers(-(12 << 20), 12 << 20))
def test_distribution_is_that_of_the_standard_library(scaled: int) -> None:
    value = fixed_point.normal(scaled * ONE >> 20) / ONE
    assert value == pytest.approx(NormalDist().cdf(scaled / (1 << 20)), abs=2e-16, rel=1e-12)


def test_far_tail_keeps_its_digits() -> None:
    """The chance beyond ten deviations, 7.619853024160526e-24 in tables, to ten digits."""
    tail = (ONE - fixed_point.normal(10 * ONE)) / ONE
    assert tail == pytest.approx(7.619853024160526e-24, rel=1e-10)
