"""Convert between exact decimals and the contract's fixed-point whole numbers.

Which fields are fixed-point, and with how many digits, is read from the `(fixed)` option
of the contract's descriptors.
"""

from __future__ import annotations

import functools
from decimal import Decimal, InvalidOperation

from google.protobuf.descriptor import FieldDescriptor

from quantumcore.v1 import types_pb2

Number = Decimal | int | str
"""What is taken as a number. Never float: 0.1 is not a tenth."""

INT64_MAX = 2**63 - 1
INT64_MIN = -(2**63)
_LARGEST_EXPONENT = 40


@functools.cache
def fixed_scale(field: FieldDescriptor) -> int | None:
    """Tell how many decimal digits a field of the contract has; None where it is no decimal."""
    options = field.GetOptions()
    if not options.HasExtension(types_pb2.fixed):
        return None
    return int(options.Extensions[types_pb2.fixed].scale)


def to_fixed(value: Number, *, scale: int, name: str) -> int:
    """Convert a number to `scale` decimal digits, exactly.

    Raises TypeError for float and other types, ValueError for what is not finite, has more
    digits behind the point, or does not fit 64 bits. `name` is named in the error.
    """
    decimal = decimal_of(value, name)
    sign, digits, exponent = decimal.as_tuple()
    if not isinstance(exponent, int):
        raise ValueError(f"{name}: {value} is not a finite number")
    shift = exponent + scale
    if shift > _LARGEST_EXPONENT and decimal:
        raise ValueError(f"{name}: {value} is too large")
    whole: int = int("".join(map(str, digits)))
    if shift >= 0:
        whole *= pow(10, min(shift, _LARGEST_EXPONENT))
    else:
        whole, rest = divmod(whole, pow(10, min(-shift, len(digits) + 1)))
        if rest:
            raise ValueError(f"{name}: {value} has more than {scale} digits behind the point")
    whole = -whole if sign else whole
    if not INT64_MIN <= whole <= INT64_MAX:
        raise ValueError(f"{name}: {value} is too large")
    return whole


def from_fixed(value: int, *, scale: int) -> Decimal:
    """Convert a whole number of 10^-scale to a decimal without trailing zeros, exactly."""
    whole, part = divmod(abs(value), 10**scale)
    sign = "-" if value < 0 else ""
    if not part:
        return Decimal(f"{sign}{whole}")
    return Decimal(f"{sign}{whole}.{part:0{scale}d}".rstrip("0"))


def from_minor_units(value: int, *, digits: int) -> Decimal:
    """Convert minor units of a currency to a decimal with as many digits as it has, exactly."""
    return Decimal(f"{value}E-{digits}")


def decimal_of(value: Number, name: str) -> Decimal:
    """Take a number as a decimal, exactly. Raises TypeError, and ValueError naming it."""
    if isinstance(value, bool) or not isinstance(value, Decimal | int | str):
        kind = type(value).__name__
        raise TypeError(f"{name}: use Decimal, int or str, not {kind}: {value!r}")
    try:
        return Decimal(value)
    except InvalidOperation:
        raise ValueError(f"{name}: {value!r} is not a number") from None
