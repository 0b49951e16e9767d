"""Name option spreads: butterfly, condor, box, iron condor, vertical, or none of these."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations
from math import gcd

from quantumcore.server.core.margin import rows

NAMED_LEGS = 12  # with more legs a group is not taken apart


@dataclass(frozen=True, slots=True)
class Leg:
    """So many signed lots of an option, a row of the portfolio."""

    row: int
    lots: int
    is_call: bool
    strike_ticks: int
    expiry: int
    weight: int
    premium_minor_units: int  # of one lot

    def times(self, lots: int) -> "Leg":
        """Return other lots of the same option."""
        return Leg(
            self.row,
            lots,
            self.is_call,
            self.strike_ticks,
            self.expiry,
            self.weight,
            self.premium_minor_units,
        )

    def intrinsic(self, ticks: int) -> int:
        """Return what the lots are worth at expiry, minor units."""
        distance = ticks - self.strike_ticks if self.is_call else self.strike_ticks - ticks
        return max(distance, 0) * self.weight * self.lots


def worst_loss(legs: Sequence[Leg]) -> int:
    """Return the greatest loss at expiry over 0 and all strikes, 0 or more, minor units."""
    prices = {0, *(leg.strike_ticks for leg in legs)}
    return max(0, *(-sum(leg.intrinsic(ticks) for leg in legs) for ticks in prices))


def net_debit(legs: Sequence[Leg]) -> int:
    """Return the premium paid less the premium received, 0 or more, minor units."""
    return max(0, sum(leg.premium_minor_units * leg.lots for leg in legs))


def is_bounded(legs: Sequence[Leg]) -> bool:
    """Whether the calls are not short on balance, so that the loss has a bound."""
    return sum(leg.lots * leg.weight for leg in legs if leg.is_call) >= 0


def cost(legs: Sequence[Leg]) -> int:
    """Return what a group requires: its worst loss and the net debit that was paid."""
    return worst_loss(legs) + net_debit(legs)


def units_of(legs: Sequence[Leg]) -> int:
    """Return how many times a spread is there."""
    return gcd(*(leg.lots for leg in legs)) if legs else 0


def rule_of(legs: Sequence[Leg]) -> int:
    """Return the rule (rows.MARGIN_RULE_*) that a spread goes by."""
    units = units_of(legs)
    unit = sorted(
        (leg.times(leg.lots // units) for leg in legs),
        key=lambda leg: (leg.strike_ticks, leg.is_call),
    )
    if len({leg.weight for leg in unit}) != 1:
        return rows.MARGIN_RULE_UNIVERSAL_SPREAD
    pattern = tuple(leg.lots for leg in unit)
    rights = "".join("c" if leg.is_call else "p" for leg in unit)
    strikes = [leg.strike_ticks for leg in unit]
    if pattern == (1,):
        return rows.MARGIN_RULE_FULL_VALUE
    if len(unit) == 2 and sorted(pattern) == [-1, 1] and rights in {"cc", "pp"}:
        return rows.MARGIN_RULE_VERTICAL
    if rights in {"ccc", "ppp", "cccc", "pppp"}:
        return _wings(pattern, strikes)
    return _four(pattern, rights, strikes)


def _wings(pattern: tuple[int, ...], strikes: list[int]) -> int:
    if strikes[1] - strikes[0] == strikes[-1] - strikes[-2] > 0:
        if pattern in {(1, -2, 1), (1, -1, -1, 1)}:
            return rows.MARGIN_RULE_NET_DEBIT
        if pattern in {(-1, 2, -1), (-1, 1, 1, -1)}:
            return rows.MARGIN_RULE_STRIKE_INTERVAL
    return rows.MARGIN_RULE_UNIVERSAL_SPREAD


def _four(pattern: tuple[int, ...], rights: str, strikes: list[int]) -> int:
    """Name a box (put and call at both strikes), an iron condor or an iron butterfly."""
    if rights == "pcpc" and strikes[0] == strikes[1] < strikes[2] == strikes[3]:
        if pattern == (-1, 1, 1, -1):
            return rows.MARGIN_RULE_NET_DEBIT
        if pattern == (1, -1, -1, 1):
            return rows.MARGIN_RULE_STRIKE_INTERVAL
    is_iron = rights == "ppcc" and pattern == (1, -1, -1, 1)
    if is_iron and strikes[1] - strikes[0] == strikes[3] - strikes[2] > 0:
        return rows.MARGIN_RULE_IRON_CONDOR
    return rows.MARGIN_RULE_UNIVERSAL_SPREAD


def take_apart(legs: Sequence[Leg]) -> list[tuple[Leg, ...]]:
    """Split a group into named spreads that require together what the group does.

    What cannot be named without requiring more stays together, the universal spread. A spread is
    taken as often as it is there.
    """
    rest = sorted(legs, key=lambda leg: leg.row)
    found: list[tuple[Leg, ...]] = []
    while rest:
        taken = next(_candidates(rest), tuple(rest))
        found.append(taken)
        rest = _without(rest, taken)
    return found


def _candidates(legs: list[Leg]) -> Iterator[tuple[Leg, ...]]:
    whole = cost(legs)
    if rule_of(legs) != rows.MARGIN_RULE_UNIVERSAL_SPREAD or len(legs) > NAMED_LEGS:
        yield tuple(legs)
        return
    for size in (4, 3, 2, 1):
        for chosen in combinations(legs, size):
            for spread in _sizes(chosen):
                rest = _without(legs, spread)
                if rule_of(spread) == rows.MARGIN_RULE_UNIVERSAL_SPREAD:
                    continue
                if is_bounded(spread) and is_bounded(rest) and cost(spread) + cost(rest) == whole:
                    yield spread


def _sizes(chosen: tuple[Leg, ...]) -> Iterator[tuple[Leg, ...]]:
    """Yield the legs in even lots, and three of them with each one doubled, as often as can be."""
    for ratios in [(1,) * len(chosen), *([(1, 1, 2), (1, 2, 1), (2, 1, 1)] * (len(chosen) == 3))]:
        units = min(abs(leg.lots) // ratio for leg, ratio in zip(chosen, ratios, strict=True))
        if units:
            yield tuple(
                leg.times(units * ratio if leg.lots > 0 else -units * ratio)
                for leg, ratio in zip(chosen, ratios, strict=True)
            )


def _without(legs: Sequence[Leg], taken: Sequence[Leg]) -> list[Leg]:
    used = {leg.row: leg.lots for leg in taken}
    left = [leg.times(leg.lots - used.get(leg.row, 0)) for leg in legs]
    return [leg for leg in left if leg.lots]
