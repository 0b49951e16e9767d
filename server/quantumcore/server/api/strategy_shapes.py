"""Recognise the shape of a multi-leg order from its legs and the terms of their instruments.

Numbers of legs are compared in contracts, in lowest terms. Bought and sold as a whole a strategy is
the same shape, and the order of its legs does not matter. What no rule names is OTHER.
"""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from math import gcd
from typing import NamedTuple

from quantumcore.v1.instrument_pb2 import Instrument, OptionRight
from quantumcore.v1.multi_leg_order_pb2 import StrategyShape as Shape
from quantumcore.v1.types_pb2 import InstrumentKind, Side

CALL = OptionRight.OPTION_RIGHT_CALL
NS_PER_S = 1_000_000_000
WINGS = (1, -2, 1)
OUTER_AGAINST_INNER = (1, -1, -1, 1)
BULL_AND_BEAR = (-1, 1, 1, -1)  # put and call at the lower strike, put and call at the upper


class ShapeLeg(NamedTuple):
    """One leg: its signed ratio, bought positive, and what it trades."""

    ratio: int
    instrument: Instrument

    @property
    def is_option(self) -> bool:
        """Tell whether it has a strike."""
        return self.instrument.kind == InstrumentKind.INSTRUMENT_KIND_OPTION

    @property
    def is_future(self) -> bool:
        """Tell whether it has an expiry and no strike."""
        return self.instrument.kind == InstrumentKind.INSTRUMENT_KIND_FUTURE

    @property
    def is_call(self) -> bool:
        """Tell whether it is a call."""
        return self.instrument.option.right == CALL

    @property
    def strike(self) -> int:
        """Return the strike price."""
        return self.instrument.option.strike_price

    @property
    def expiry(self) -> int:
        """Return when it expires."""
        return self.instrument.expiry_time_ns


def shape_of(
    legs: Sequence[tuple[int, Side.ValueType, int]], instruments: Mapping[int, Instrument]
) -> Shape.ValueType:
    """Name the shape of legs, each instrument, side and ratio; unknown instruments are OTHER."""
    if any(instrument_id not in instruments for instrument_id, _side, _ratio in legs):
        return Shape.STRATEGY_SHAPE_OTHER
    known = [
        ShapeLeg(ratio if side == Side.SIDE_BUY else -ratio, instruments[instrument_id])
        for instrument_id, side, ratio in legs
    ]
    return _shape(known) or Shape.STRATEGY_SHAPE_OTHER


def _shape(legs: list[ShapeLeg]) -> Shape.ValueType | None:
    options = [leg for leg in legs if leg.is_option]
    if len(options) == len(legs):
        return _options(legs)
    if len(legs) == 3 and len(options) == 2:
        return _collar(options, next(leg for leg in legs if not leg.is_option))
    if not options:
        calendar = _expiries(legs) if _is_one_future(legs) else None
        return calendar or _pair(legs)
    return None


def _numbers(legs: Sequence[ShapeLeg]) -> tuple[int, ...]:
    """Return the legs' ratios in lowest terms."""
    divisor = gcd(*(leg.ratio for leg in legs))
    return tuple(leg.ratio // divisor for leg in legs)


def _is(numbers: tuple[int, ...], pattern: tuple[int, ...]) -> bool:
    """Tell whether numbers are a pattern, bought or sold as a whole."""
    return numbers in (pattern, tuple(-number for number in pattern))


def _is_one_future(legs: list[ShapeLeg]) -> bool:
    terms = {
        (
            leg.instrument.future.product,
            leg.instrument.future.underlying_instrument_id,
            leg.instrument.multiplier,
        )
        for leg in legs
    }
    return len(terms) == 1 and all(leg.is_future for leg in legs)


def _pair(legs: list[ShapeLeg]) -> Shape.ValueType | None:
    """Name two instruments against one another, neither of them an option."""
    if len(legs) != 2 or legs[0].ratio * legs[1].ratio > 0:
        return None
    one, other = (leg.instrument.instrument_id for leg in legs)
    return Shape.STRATEGY_SHAPE_PAIR if one != other else None


def _collar(options: list[ShapeLeg], position: ShapeLeg) -> Shape.ValueType | None:
    """Name a put against a call of one expiry around as much of their underlying."""
    put, call = sorted(options, key=lambda leg: leg.is_call)
    underlying = position.instrument
    around = (
        (put.is_call, call.is_call) == (False, True)
        and _are_on(options, underlying.instrument_id)
        and put.expiry == call.expiry
        and put.strike <= call.strike
    )
    held = position.ratio * underlying.multiplier
    covered = put.ratio == -call.ratio and held == put.ratio * put.instrument.multiplier
    return Shape.STRATEGY_SHAPE_COLLAR if around and covered else None


def _are_on(options: list[ShapeLeg], instrument_id: int) -> bool:
    """Tell whether options are on one instrument, each on as much of it."""
    return {
        (leg.instrument.option.underlying_instrument_id, leg.instrument.multiplier)
        for leg in options
    } == {(instrument_id, options[0].instrument.multiplier)}


def _options(legs: list[ShapeLeg]) -> Shape.ValueType | None:
    if not _are_on(legs, legs[0].instrument.option.underlying_instrument_id):
        return None
    ordered = sorted(legs, key=lambda leg: (leg.strike, leg.is_call))
    if len({leg.expiry for leg in legs}) > 1:
        is_one = len({(leg.strike, leg.is_call) for leg in legs}) == 1
        return _expiries(legs) if is_one else None
    match len(ordered):
        case 2:
            return _two_options(*ordered)
        case 3:
            return _three_options(ordered)
        case _:
            return _four_options(ordered)


def _two_options(lower: ShapeLeg, upper: ShapeLeg) -> Shape.ValueType | None:
    alike, numbers = lower.strike == upper.strike, _numbers((lower, upper))
    if lower.is_call == upper.is_call:
        if alike or lower.ratio * upper.ratio > 0:
            return None
        even = _is(numbers, (1, -1))
        return Shape.STRATEGY_SHAPE_VERTICAL if even else Shape.STRATEGY_SHAPE_RATIO
    if not _is(numbers, (1, 1)):
        return None
    return Shape.STRATEGY_SHAPE_STRADDLE if alike else Shape.STRATEGY_SHAPE_STRANGLE


def _three_options(legs: list[ShapeLeg]) -> Shape.ValueType | None:
    wings = _is(_numbers(legs), WINGS) and len({leg.is_call for leg in legs}) == 1
    even = _are_even([leg.strike for leg in legs])
    return Shape.STRATEGY_SHAPE_BUTTERFLY if wings and even else None


def _four_options(legs: list[ShapeLeg]) -> Shape.ValueType | None:
    numbers, strikes = _numbers(legs), [leg.strike for leg in legs]
    calls = [leg.is_call for leg in legs]
    if strikes[0] == strikes[1] < strikes[2] == strikes[3]:
        two_verticals = calls == [False, True] * 2 and _is(numbers, BULL_AND_BEAR)
        return Shape.STRATEGY_SHAPE_BOX if two_verticals else None
    if not _is(numbers, OUTER_AGAINST_INNER):
        return None
    if len(set(strikes)) == 4:
        two_sides = calls[0] == calls[1] and calls[2] == calls[3]
        return Shape.STRATEGY_SHAPE_CONDOR if two_sides else None
    body = strikes[1] == strikes[2] and calls[1] != calls[2] and calls[0] != calls[3]
    even = _are_even([strikes[0], strikes[1], strikes[3]])
    return Shape.STRATEGY_SHAPE_BUTTERFLY if body and even else None


def _expiries(legs: list[ShapeLeg]) -> Shape.ValueType | None:
    """Name expiries of one future or option against one another."""
    ordered = sorted(legs, key=lambda leg: leg.expiry)
    numbers, expiries = _numbers(ordered), [leg.expiry for leg in ordered]
    if len(set(expiries)) != len(expiries):
        return None
    if _is(numbers, (1, -1)):
        return Shape.STRATEGY_SHAPE_CALENDAR
    if _is(numbers, WINGS) and (_are_even(expiries) or _are_even([*map(_month, expiries)])):
        return Shape.STRATEGY_SHAPE_BUTTERFLY
    return Shape.STRATEGY_SHAPE_CONDOR if _is(numbers, OUTER_AGAINST_INNER) else None


def _are_even(steps: list[int]) -> bool:
    """Tell whether three values are equally spaced."""
    low, middle, high = steps
    return middle - low == high - middle > 0


def _month(time_ns: int) -> int:
    """Count months: those of expiries are as far apart as their contracts, days are not."""
    day = datetime.fromtimestamp(time_ns // NS_PER_S, UTC)
    return day.year * 12 + day.month
