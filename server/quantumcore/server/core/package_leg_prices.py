"""Assign prices to the legs of a package that trades at a net price, exactly.

A net price is of the package as a whole; its legs trade too, each in ticks of its instrument. They
trade at their reference prices, but for one leg that takes up what the net price asks, and others
where that one comes to its limits: in a calendar L1 = L2 + TP; in a butterfly (+1 -2 +1)
L3 = TP + 2 L2 - L1, then L2 = (L1 + L3 - TP) / 2, then L1 = TP + 2 L2 - L3; in a condor
L3 = L1 - L2 + L4 - TP. Other packages of as many legs go the same way.
"""

from collections.abc import Iterator, Sequence
from enum import IntEnum
from math import gcd
from typing import NamedTuple

# In which order legs, counted from 0, take up what the others leave of the net price.
SOLVED: dict[int, tuple[int, ...]] = {2: (0, 1), 3: (2, 1, 0), 4: (2, 1, 3, 0)}
STEPS = {3: 64, 4: 8}  # how far from where it stood a leg is tried, each way, ticks


class PricedLeg(NamedTuple):
    """What is known of a leg: signed money of one tick in one unit of the package, and ticks.

    `money_per_tick` is ratio in lots times tick value, negative where the leg is sold; never 0.
    """

    money_per_tick: int
    reference_ticks: int
    lowest_ticks: int
    highest_ticks: int

    def clamped(self, ticks: int) -> int:
        """Return the price within the leg's limits that is nearest."""
        return max(self.lowest_ticks, min(ticks, self.highest_ticks))


class Unassignable(IntEnum):
    """Why no prices can be assigned."""

    OFF_TICK = 1  # no whole ticks of the legs sum to the net price
    OUT_OF_LIMITS = 2  # the limits of the legs do not leave it
    NOT_FOUND = 3  # none so near to the reference prices that it was tried


def assigned(legs: Sequence[PricedLeg], net_money: int) -> list[int] | Unassignable:
    """Return ticks of each leg that sum exactly to the money of one unit, or why there are none.

    2 to 4 legs, each with lowest ≤ highest ticks. The same arguments give the same prices. With two
    legs prices are found wherever there are any; with more where each leg but two has one within
    STEPS of the price that the rules give it.
    """
    weights = [leg.money_per_tick for leg in legs]
    if net_money % gcd(*weights):
        return Unassignable.OFF_TICK
    if not _least(legs) <= net_money <= -_least([_reversed(leg) for leg in legs]):
        return Unassignable.OUT_OF_LIMITS
    prices = _by_rule(legs, net_money)
    if _sum(weights, prices) == net_money:
        return prices
    return _near(legs, prices, net_money)


def _reversed(leg: PricedLeg) -> PricedLeg:
    return leg._replace(money_per_tick=-leg.money_per_tick)


def _least(legs: Sequence[PricedLeg]) -> int:
    """Return the least money that a unit can be within the limits."""
    return sum(
        min(leg.money_per_tick * leg.lowest_ticks, leg.money_per_tick * leg.highest_ticks)
        for leg in legs
    )


def _sum(weights: Sequence[int], prices: Sequence[int]) -> int:
    return sum(weight * price for weight, price in zip(weights, prices, strict=True))


def _by_rule(legs: Sequence[PricedLeg], net_money: int) -> list[int]:
    """Let one leg after the other take up what is left, until nothing is."""
    weights = [leg.money_per_tick for leg in legs]
    prices = [leg.clamped(leg.reference_ticks) for leg in legs]
    for number in SOLVED[len(legs)]:
        left = net_money - _sum(weights, prices)
        if left == 0:
            break
        leg = legs[number]
        prices[number] = leg.clamped(prices[number] + _rounded(left, leg.money_per_tick))
    return prices


def _rounded(dividend: int, divisor: int) -> int:
    """Divide, rounding to the nearest whole number, half to even."""
    if divisor < 0:
        dividend, divisor = -dividend, -divisor
    whole, rest = divmod(dividend, divisor)
    return whole + (2 * rest > divisor or (2 * rest == divisor and whole % 2 == 1))


def _near(legs: Sequence[PricedLeg], prices: list[int], net_money: int) -> list[int] | Unassignable:
    """Move all legs but two away from these prices until the two can take up the rest."""
    order = SOLVED[len(legs)]
    moved, (one, other) = order[:-2], order[-2:]
    steps = STEPS.get(len(legs), 0)
    for tried in _around([legs[number] for number in moved], [prices[n] for n in moved], steps):
        found = list(prices)
        left = net_money
        for number, ticks in zip(moved, tried, strict=True):
            found[number] = ticks
            left -= legs[number].money_per_tick * ticks
        pair = _two(legs[one], legs[other], prices[one], left)
        if pair is not None:
            found[one], found[other] = pair
            return found
    return Unassignable.NOT_FOUND if moved else Unassignable.OUT_OF_LIMITS


def _around(
    legs: Sequence[PricedLeg], prices: Sequence[int], steps: int
) -> Iterator[tuple[int, ...]]:
    """Yield prices of legs within their limits, those before that move the last leg least."""
    if not legs:
        yield ()
        return
    leg, ticks = legs[-1], prices[-1]
    for distance in range(steps + 1):
        for moved in {ticks - distance: None, ticks + distance: None}:
            if leg.lowest_ticks <= moved <= leg.highest_ticks:
                for before in _around(legs[:-1], prices[:-1], steps):
                    yield (*before, moved)


def _two(one: PricedLeg, other: PricedLeg, near: int, money: int) -> tuple[int, int] | None:
    """Find ticks of two legs within their limits that sum to money, those of `one` nearest."""
    a, b = one.money_per_tick, other.money_per_tick
    divisor = gcd(a, b) if a > 0 else -gcd(a, b)
    if money % divisor:
        return None
    a, b, money = a // divisor, b // divisor, money // divisor
    step = abs(b)
    first = money * pow(a, -1, step) % step  # one may stand here, or whole steps away
    rest = sorted(money - b * ticks for ticks in (other.lowest_ticks, other.highest_ticks))
    low = max(-(-rest[0] // a), one.lowest_ticks)
    high = min(rest[1] // a, one.highest_ticks)
    lowest, highest = first - (first - low) // step * step, first + (high - first) // step * step
    if lowest > highest:
        return None
    nearest = first + _rounded(near - first, step) * step
    ticks = max(lowest, min(nearest, highest))
    return ticks, (money - a * ticks) // b
