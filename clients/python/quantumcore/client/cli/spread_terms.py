"""Read the legs of a multi-leg order, and the conditions on its prices, as people type them."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, TypedDict

from quantumcore.client.cli import options

if TYPE_CHECKING:
    from collections.abc import Iterable

    from quantumcore.client.cli.choices import UnwindPolicyName
    from quantumcore.client.multi_leg import PriceConstraint, SequentialTerms
    from quantumcore.client.multi_leg_commands import LegTerms
    from quantumcore.client.multi_leg_enums import ExecutionMode

LEG_FORM = "SIDE:SYMBOL:RATIO or SIDE:SYMBOL:RATIO@PRICE, as in buy:AAPL-200C:1@5.10"
BAND_FORM = "A/B:LOW..HIGH, as in 1/2:0.9..1.1"
DEVIATION_FORM = "A/B:SHAREbp, as in 1/2:50bp"
SPREAD_FORM = "A/B:PRICE, as in 1/2:2.50"
LEG_PRICE_FORM = "LEG:PRICE or LEG:none, as in 2:5.10"
_LEG = re.compile(r"(buy|sell):(.+):([^:@]+)(?:@([^:@]+))?")
_BAND = re.compile(r"(\d+)/(\d+):(.+?)\.\.(.+)")
_DEVIATION = re.compile(r"(\d+)/(\d+):(\d+)bp")
_SPREAD = re.compile(r"(\d+)/(\d+):(.+)")
_LEG_PRICE = re.compile(r"(\d+):(.+)")


class SequentialFields(TypedDict, total=False):
    """The fields of a command that make it sequential."""

    execution_mode: ExecutionMode
    sequential_terms: SequentialTerms


def leg_of(text: str) -> LegTerms:
    """Read a leg. Raises ValueError naming the option.

    >>> leg_of("sell:AAPL-200C:2@5.10").price
    '5.10'
    """
    from quantumcore.client.enums import Side
    from quantumcore.client.multi_leg_commands import LegTerms

    side, symbol, ratio, price = _match(_LEG, text, "leg", LEG_FORM)
    return LegTerms(
        instrument=options.reference(symbol), side=Side[side.upper()], ratio=ratio, price=price
    )


def leg_prices_of(texts: Iterable[str]) -> dict[int, str | None]:
    """Read new limits of legs. Raises ValueError where one is misspelt or named twice."""
    prices: dict[int, str | None] = {}
    for text in texts:
        number, price = _match(_LEG_PRICE, text, "leg-price", LEG_PRICE_FORM)
        if int(number) in prices:
            raise ValueError(f"leg-price: leg {number} is named twice")
        prices[int(number)] = None if price == "none" else price
    return prices


def constraints_of(
    bands: Iterable[str], deviations: Iterable[str], spreads: Iterable[str]
) -> list[PriceConstraint]:
    """Read conditions on prices: the bands first. Raises ValueError naming the option."""
    from quantumcore.client.multi_leg import MaxDeviation, MaxSpread, RatioBand

    found: list[PriceConstraint] = []
    for text in bands:
        a, b, low, high = _match(_BAND, text, "ratio-band", BAND_FORM)
        found.append(RatioBand(leg_a=int(a), leg_b=int(b), min_ratio=low, max_ratio=high))
    for text in deviations:
        a, b, share = _match(_DEVIATION, text, "max-deviation", DEVIATION_FORM)
        near = MaxDeviation(leg_a=int(a), leg_b=int(b), max_deviation_basis_points=int(share))
        found.append(near)
    for text in spreads:
        a, b, most = _match(_SPREAD, text, "max-spread", SPREAD_FORM)
        found.append(MaxSpread(leg_a=int(a), leg_b=int(b), max_spread=most))
    return found


def sequential_of(
    policy: UnwindPolicyName | None, leg_deadline_ms: int | None, max_slippage_bp: int | None
) -> SequentialFields:
    """Make the terms of an order whose legs are worked in order; none where no policy is named.

    Raises ValueError naming the option that is missing.
    """
    from quantumcore.client.multi_leg import SequentialTerms
    from quantumcore.client.multi_leg_enums import ExecutionMode, UnwindPolicy

    if policy is None:
        if leg_deadline_ms is not None or max_slippage_bp is not None:
            raise ValueError("sequential: name the policy, as in --sequential unwind")
        return {}
    if leg_deadline_ms is None:
        raise ValueError("leg-deadline-ms: say how long the legs may take")
    terms = SequentialTerms(
        unwind_policy=UnwindPolicy[policy.name],
        leg_deadline_ms=leg_deadline_ms,
        max_slippage_basis_points=max_slippage_bp or 0,
    )
    return {"execution_mode": ExecutionMode.SEQUENTIAL, "sequential_terms": terms}


def _match(pattern: re.Pattern[str], text: str, name: str, form: str) -> tuple[str, ...]:
    found = pattern.fullmatch(text)
    if found is None:
        raise ValueError(f"{name}: {text!r} is not {form}")
    return found.groups()
