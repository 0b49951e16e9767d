"""Give the contract's enums of margins and limits Python names."""

from __future__ import annotations

from quantumcore.client.enums import OpenEnum


class MarginRule(OpenEnum):
    """The rule that gave an amount of margin."""

    UNSPECIFIED = 0
    FULL_VALUE = 1
    SHORT_CALL = 2
    SHORT_PUT = 3
    SHORT_STRADDLE = 4
    VERTICAL = 5
    NET_DEBIT = 6
    STRIKE_INTERVAL = 7
    IRON_CONDOR = 8
    UNIVERSAL_SPREAD = 9
    FUTURE_OUTRIGHT = 10
    FUTURE_SPREAD = 11
    HEDGE_CREDIT = 12
    SHORT_STOCK = 13
    SCENARIO = 14
    COVERED = 15


class ScenarioSet(OpenEnum):
    """Which scenarios a combined commodity is scanned by."""

    UNSPECIFIED = 0
    SPAN_16 = 1
    TEN_POINTS = 2


class StaleReferencePolicy(OpenEnum):
    """What happens to an order whose reference price is too old."""

    UNSPECIFIED = 0
    REJECT = 1
    USE_WITH_HAIRCUT = 2
