"""Multiply and divide numbers that count 2**-36, as `fixed.pxd` does for compiled modules.

Factors are from LEAST to MOST, so that a product, and a sum of two, is within 64 bits.
"""

from typing import Final

FRACTION: Final = 36  # bits behind the point
ONE: Final = 1 << 36
MOST: Final = 1 << 49
LEAST: Final = -(1 << 49)


def scaled(first: int, second: int) -> int:
    """Return the product, rounded down."""
    return first * second >> FRACTION


def inverse(value: int) -> int:
    """Return 1 / value, rounded towards 0; the value is not 0."""
    return (1 << 2 * FRACTION) // value if value > 0 else -((1 << 2 * FRACTION) // -value)


def is_below(first: int, second: int, third: int, fourth: int) -> bool:
    """Whether the first two's product is less than the last two's, exactly."""
    return first * second < third * fourth
