"""Compute exp, ln and the normal distribution in integers, the same on every machine.

Numbers are integers that count 2**-224. Every step rounds down by less than one of them, and a
series stops when its terms vanish. The normal distribution multiplies a density as small as
exp(-72) by a sum as great as its inverse and so loses up to 105 bits; 2**-110 is still certain.
"""

from math import isqrt
from typing import Final

BITS: Final = 224
ONE: Final = 1 << BITS
_DIGITS: Final = 10**80
LN_2: Final = (
    69314718055994530941723212145817656807550013436025525412068000949339362196969471
    * ONE
    // _DIGITS
)
PI: Final = (
    314159265358979323846264338327950288419716939937510582097494459230781640628620899
    * ONE
    // _DIGITS
)
INVERSE_ROOT_TWO_PI: Final = isqrt(ONE * ONE * ONE // (2 * PI))
FAR: Final = 12 * ONE  # beyond it the distribution is 0 or 1 to 32 digits


def ratio(numerator: int, denominator: int) -> int:
    """Return a quotient; the denominator is positive."""
    return numerator * ONE // denominator


def product(first: int, second: int) -> int:
    """Return a product."""
    return first * second >> BITS


def root(value: int) -> int:
    """Return the square root of a value of 0 or more."""
    return isqrt(value * ONE)


def exp_minus(value: int) -> int:
    """Return e to the power of minus a value of 0 or more."""
    halvings, rest = divmod(value, LN_2)
    total = term = ONE
    step = 1
    while term:
        term = product(term, rest) // step
        total += -term if step % 2 else term
        step += 1
    return total >> halvings


def ln(numerator: int, denominator: int) -> int:
    """Return the natural logarithm of the quotient of two positive integers."""
    doublings = numerator.bit_length() - denominator.bit_length()
    scaled = ratio(numerator, denominator)
    scaled = scaled >> doublings if doublings > 0 else scaled << -doublings
    # ln(x) = 2 atanh((x - 1) / (x + 1)), with x between a half and two
    base = (scaled - ONE) * ONE // (scaled + ONE)
    square = product(base, base)
    total, power, step = 0, base, 1
    while power not in {0, -1}:
        total += power // step
        power = product(power, square)
        step += 2
    return 2 * total + doublings * LN_2


def normal(value: int) -> int:
    """Return the chance that a standard normal number is at most `value`."""
    if value < 0:
        return ONE - normal(-value)
    if value > FAR:
        return ONE
    square = product(value, value)
    total = term = value
    step = 3
    while term:
        term = product(term, square) // step
        total += term
        step += 2
    density = product(exp_minus(square // 2), INVERSE_ROOT_TWO_PI)
    return ONE // 2 + product(density, total)
