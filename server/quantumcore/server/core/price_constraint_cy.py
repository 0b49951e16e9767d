"""Compare prices of legs exactly: fractions, cross-multiplied."""

import cython

if cython.compiled:
    from cython.cimports.quantumcore.server.core import kinds
else:
    from quantumcore.server.core import kinds


def holds(kind: int, low: int, high: int, one: tuple[int, int], other: tuple[int, int]) -> bool:
    """Whether a constraint (CONSTRAINT_*) holds between the prices of its first and second leg.

    Prices are fractions of 1e-9 with positive denominators.
    """
    a, b = one[0] * other[1], other[0] * one[1]  # both over the product of the denominators
    if kind == kinds.CONSTRAINT_RATIO_BAND:
        return b > 0 and low * b <= a * kinds.UNIT <= high * b
    if kind == kinds.CONSTRAINT_MAX_DEVIATION:
        return abs(a - b) * 10_000 <= low * abs(b)
    return abs(a - b) <= low * one[1] * other[1]


def is_compiled() -> bool:
    """Whether this module runs as a C extension."""
    return cython.compiled
