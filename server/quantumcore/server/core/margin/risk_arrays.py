"""Build risk arrays: what one lot loses in each scenario, in whole minor units.

Futures and shares lose exactly what the price moves. Options are valued by Black's formula of 1976
on the price of the underlying as the forward, undiscounted, in fixed point: the value is within
2**-40 of a tick of the formula's, and the loss is then rounded against the holder.
"""

from array import array
from dataclasses import dataclass
from typing import Final

from quantumcore.server.core.margin.errors import TermsRefused
from quantumcore.server.core.margin.fixed_point import ONE, ln, normal, product, ratio, root

SECONDS_PER_YEAR: Final = 31_536_000  # 365 days
MAX_TICKS: Final = 1 << 40
MAX_VOLATILITY: Final = 10_000_000  # parts per million: 1,000 %


@dataclass(frozen=True, slots=True, kw_only=True)
class Scenario:
    """A move of price and volatility, and the share of the loss that is covered.

    The price moves by `price_numerator / price_denominator` of the scan range, the volatility by
    `volatility_steps` scan ranges; the loss counts `covered_percent` per cent.
    """

    price_numerator: int
    price_denominator: int = 3
    volatility_steps: int = 0
    covered_percent: int = 100


SPAN_16: Final = (
    *(
        Scenario(price_numerator=thirds, volatility_steps=steps)
        for thirds in (0, 1, -1, 2, -2, 3, -3)
        for steps in (1, -1)
    ),
    Scenario(price_numerator=9, covered_percent=33),
    Scenario(price_numerator=-9, covered_percent=33),
)
"""CME's SPAN: thirds of the price scan by volatility up and down, and extreme moves of three price
scans of which 33 % are covered."""

TEN_POINTS: Final = tuple(
    Scenario(price_numerator=fifths, price_denominator=5)
    for fifths in (-5, -4, -3, -2, -1, 1, 2, 3, 4, 5)
)
"""Portfolio margin (Cboe rule 10.4, FINRA rule 4210(g)): ten equidistant points of the price range,
15 % either way for a share, at unchanged volatility."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Scan:
    """The ranges of a combined commodity: price in ticks of the underlying, volatility in ppm."""

    scenarios: tuple[Scenario, ...] = SPAN_16
    price_range_ticks: int
    volatility_range_ppm: int = 0

    def __post_init__(self) -> None:
        _check("price_range_ticks", self.price_range_ticks, 0, MAX_TICKS)
        _check("volatility_range_ppm", self.volatility_range_ppm, 0, MAX_VOLATILITY)
        _check("scenarios", len(self.scenarios), 1, 16)


def linear_losses(scan: Scan, tick_value_minor_units: int, *, short: bool) -> memoryview:
    """Return what one long lot of a future or share loses, rounded against the holder."""
    losses = []
    for scenario in scan.scenarios:
        move = -scan.price_range_ticks * scenario.price_numerator * scenario.covered_percent
        losses.append(
            _against(move * tick_value_minor_units, scenario.price_denominator * 100, short)
        )
    return memoryview(array("q", losses))


def option_losses(
    scan: Scan,
    *,
    put: bool,
    underlying_ticks: int,
    strike_ticks: int,
    seconds: int,
    volatility_ppm: int,
    underlying_tick_value_minor_units: int,
    short: bool,
) -> memoryview:
    """Return what one long lot of an option loses in each scenario.

    The loss is the value now less the value in the scenario, the time to expiry in `seconds`
    unchanged. A price below 0 counts as 0, a volatility below 0 as 0.
    """
    _check("underlying_ticks", underlying_ticks, 0, MAX_TICKS)
    _check("strike_ticks", strike_ticks, 0, MAX_TICKS)
    _check("volatility_ppm", volatility_ppm, 0, MAX_VOLATILITY)
    _check("seconds", seconds, 0, 100 * SECONDS_PER_YEAR)
    now = black(put, ratio(underlying_ticks, 1), strike_ticks, seconds, volatility_ppm)
    losses = []
    for scenario in scan.scenarios:
        move = ratio(scan.price_range_ticks * scenario.price_numerator, scenario.price_denominator)
        price = max(ratio(underlying_ticks, 1) + move, 0)
        volatility = volatility_ppm + scenario.volatility_steps * scan.volatility_range_ppm
        loss = now - black(put, price, strike_ticks, seconds, max(volatility, 0))
        scaled = loss * underlying_tick_value_minor_units * scenario.covered_percent
        losses.append(_against(scaled, 100 * ONE, short))
    return memoryview(array("q", losses))


def option_delta_ppm(
    *, put: bool, underlying_ticks: int, strike_ticks: int, seconds: int, volatility_ppm: int
) -> int:
    """Return what an option gains with one tick of the underlying, in millionths, rounded down."""
    deviation = _deviation(seconds, volatility_ppm)
    if min(deviation, underlying_ticks, strike_ticks) == 0:
        chance = ONE if underlying_ticks > strike_ticks else 0
    else:
        moneyness = ratio(ln(underlying_ticks, strike_ticks), deviation)
        chance = normal(moneyness + deviation // 2)
    return (chance - ONE if put else chance) * 1_000_000 // ONE


def black(put: bool, price: int, strike_ticks: int, seconds: int, volatility_ppm: int) -> int:
    """Return the undiscounted value of an option in ticks; price and value count 2**-224.

    Without time, volatility, price or strike it is the intrinsic value.
    """
    strike = ratio(strike_ticks, 1)
    deviation = _deviation(seconds, volatility_ppm)
    if min(deviation, price, strike) == 0:
        return max(strike - price if put else price - strike, 0)
    moneyness = ratio(ln(price, strike), deviation)
    upper, lower = moneyness + deviation // 2, moneyness - deviation // 2
    if put:
        return max(product(strike, normal(-lower)) - product(price, normal(-upper)), 0)
    return max(product(price, normal(upper)) - product(strike, normal(lower)), 0)


def _deviation(seconds: int, volatility_ppm: int) -> int:
    return root(ratio(volatility_ppm * volatility_ppm * seconds, 10**12 * SECONDS_PER_YEAR))


def _against(numerator: int, denominator: int, short: bool) -> int:
    """Round a long lot's loss up for a long holder and down for a short one."""
    return numerator // denominator if short else -(-numerator // denominator)


def _check(field: str, value: int, least: int, most: int) -> None:
    if not least <= value <= most:
        raise TermsRefused(field, value, f"{least:,} to {most:,}")
