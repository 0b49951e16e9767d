"""Read durations and moments as people type them, exactly."""

from __future__ import annotations

import re
import time
from datetime import UTC, datetime
from decimal import Decimal

NS_PER_S = 1_000_000_000
_UNITS_NS = {
    "ns": 1,
    "us": 1_000,
    "ms": 1_000_000,
    "s": NS_PER_S,
    "m": 60 * NS_PER_S,
    "h": 3_600 * NS_PER_S,
    "d": 86_400 * NS_PER_S,
}
_DURATION = re.compile(r"(\d+(?:\.\d+)?)(ns|us|ms|s|m|h|d)")
_MOMENT = re.compile(r"(.{10}[T ].{8})(?:[.](\d{1,9}))?(Z|[+-]\d\d:\d\d)")
DURATION_HELP = "a number and a unit: ns, us, ms, s, m, h or d, as in 30s"
MOMENT_HELP = (
    "ISO 8601 with a zone, as in 2030-01-31T16:00:00Z, or from now on, as in +30m (units: "
    "ns, us, ms, s, m, h, d)"
)


def duration_ns(text: str, *, name: str) -> int:
    """Read a duration, in whole nanoseconds. Raises ValueError naming the option.

    >>> duration_ns("1.5s", name="length")
    1500000000
    """
    found = _DURATION.fullmatch(text)
    if found is None:
        raise ValueError(f"{name}: {text!r} is not {DURATION_HELP}")
    exact = Decimal(found[1]) * _UNITS_NS[found[2]]
    if exact != int(exact):
        raise ValueError(f"{name}: {text!r} is finer than a nanosecond")
    return int(exact)


def moment_ns(text: str, *, name: str, now_ns: int | None = None) -> int:
    """Read a moment as ns since the Unix epoch, UTC. Raises ValueError naming the option."""
    if text.startswith("+"):
        start_ns = time.time_ns() if now_ns is None else now_ns
        return start_ns + duration_ns(text[1:], name=name)
    found = _MOMENT.fullmatch(text)
    if found is None:
        raise ValueError(f"{name}: {text!r} is not {MOMENT_HELP}")
    try:
        moment = datetime.fromisoformat(found[1] + found[3])
    except ValueError:
        raise ValueError(f"{name}: {text!r} is not {MOMENT_HELP}") from None
    whole_s = moment - datetime.fromtimestamp(0, tz=UTC)
    part_ns = int((found[2] or "").ljust(9, "0"))
    return (whole_s.days * 86_400 + whole_s.seconds) * NS_PER_S + part_ns
