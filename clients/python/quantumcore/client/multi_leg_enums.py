"""Give the contract's enums of multi-leg orders Python names."""

from __future__ import annotations

from quantumcore.client.enums import OpenEnum


class ExecutionMode(OpenEnum):
    """How the legs of a package are brought together."""

    UNSPECIFIED = 0
    SIMULTANEOUS = 1
    SEQUENTIAL = 2


class UnwindPolicy(OpenEnum):
    """What happens to legs of a sequential order that have traded when others cannot."""

    UNSPECIFIED = 0
    UNWIND = 1
    HOLD = 2
    COMPLETE_AT_MARKET = 3


class MultiLegOrderStatus(OpenEnum):
    """Where a multi-leg order stands."""

    UNSPECIFIED = 0
    PENDING = 1
    WORKING = 2
    PARTIALLY_FILLED = 3
    FILLED = 4
    UNWINDING = 5
    UNWOUND = 6
    CANCELLED = 7
    REJECTED = 8
    EXPIRED = 9


class StrategyShape(OpenEnum):
    """A known shape of a package; UNSPECIFIED where the venue does not say."""

    UNSPECIFIED = 0
    OTHER = 1
    VERTICAL = 2
    CALENDAR = 3
    STRADDLE = 4
    STRANGLE = 5
    BUTTERFLY = 6
    CONDOR = 7
    BOX = 8
    COLLAR = 9
    RATIO = 10
    PAIR = 11
