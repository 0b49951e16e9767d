"""Give the contract's enums Python names.

A value that a newer venue sends is kept as its number, named `UNKNOWN_<number>`.
"""

from __future__ import annotations

from enum import IntEnum
from typing import Self


class OpenEnum(IntEnum):
    """An enum that also takes numbers that this release does not know."""

    @classmethod
    def _missing_(cls, value: object) -> Self | None:
        if not isinstance(value, int):
            return None
        member = int.__new__(cls, value)
        member._name_ = f"UNKNOWN_{value}"
        member._value_ = value
        return member


class Side(OpenEnum):
    """Which side of the book an order stands on."""

    UNSPECIFIED = 0
    BUY = 1
    SELL = 2


class OrderType(OpenEnum):
    """How an order is priced and when it becomes active."""

    UNSPECIFIED = 0
    LIMIT = 1
    MARKET = 2
    STOP = 3
    STOP_LIMIT = 4
    ICEBERG = 5
    PEGGED = 6


class TimeInForce(OpenEnum):
    """How long an order stays in force."""

    UNSPECIFIED = 0
    DAY = 1
    GTC = 2
    GTD = 3
    IOC = 4
    FOK = 5
    AT_OPEN = 6
    AT_CLOSE = 7


class StopTrigger(OpenEnum):
    """Which price sets off a stop order."""

    UNSPECIFIED = 0
    LAST_TRADE = 1
    BID_ASK = 2
    REFERENCE = 3


class PegReference(OpenEnum):
    """What a pegged order follows."""

    UNSPECIFIED = 0
    PRIMARY = 1
    MARKET = 2
    MIDPOINT = 3


class SessionProtocol(OpenEnum):
    """Through which door a session came."""

    UNSPECIFIED = 0
    GRPC = 1
    FIX = 2
    REST = 3
    WEBSOCKET = 4


class SelfTradePrevention(OpenEnum):
    """What happens when an order would trade with another order of the same owner."""

    UNSPECIFIED = 0
    NONE = 1
    CANCEL_NEWEST = 2
    CANCEL_OLDEST = 3
    CANCEL_BOTH = 4
    DECREMENT_AND_CANCEL = 5


class OrderStatus(OpenEnum):
    """Where an order stands."""

    UNSPECIFIED = 0
    NEW = 1
    PARTIALLY_FILLED = 2
    FILLED = 3
    CANCELLED = 4
    REJECTED = 5
    EXPIRED = 6
    PENDING_TRIGGER = 7
    UNWINDING = 8
    UNWOUND = 9


class InstrumentKind(OpenEnum):
    """What kind of thing an instrument is."""

    UNSPECIFIED = 0
    EQUITY = 1
    OPTION = 2
    FUTURE = 3
    SPOT_PAIR = 4
    INDEX = 5


class TradingPhase(OpenEnum):
    """What may happen in an instrument's book now."""

    UNSPECIFIED = 0
    PRE_OPEN = 1
    OPENING_AUCTION = 2
    CONTINUOUS = 3
    VOLATILITY_AUCTION = 4
    HALTED = 5
    CLOSING_AUCTION = 6
    CLOSED = 7


class OptionRight(OpenEnum):
    """Put or call."""

    UNSPECIFIED = 0
    CALL = 1
    PUT = 2


class ExerciseStyle(OpenEnum):
    """When an option can be exercised."""

    UNSPECIFIED = 0
    EUROPEAN = 1
    AMERICAN = 2


class RejectReason(OpenEnum):
    """Why a command was refused."""

    UNSPECIFIED = 0
    VENUE_NOT_ACCEPTING = 10
    NOT_SUPPORTED = 11
    NOT_PERMITTED = 12
    RATE_LIMITED = 13
    CAPACITY_EXHAUSTED = 14
    REQUEST_ID_REUSED = 15
    UNKNOWN_ACCOUNT = 20
    ACCOUNT_SUSPENDED = 21
    UNKNOWN_INSTRUMENT = 22
    INVALID_CLIENT_ORDER_ID = 23
    DUPLICATE_CLIENT_ORDER_ID = 24
    UNKNOWN_ORDER = 25
    TOO_LATE_TO_CANCEL = 26
    INVALID_ENUM = 27
    FIELD_NOT_ALLOWED = 28
    FIELD_REQUIRED = 29
    INVALID_NAME = 30
    DUPLICATE_NAME = 31
    UNKNOWN_CURRENCY = 32
    UNKNOWN_TRADE = 33
    VALUE_OUT_OF_RANGE = 34
    INVALID_TERMS = 35
    TICK_VALUE_NOT_WHOLE = 36
    UNKNOWN_RESOURCE = 37
    WRONG_PHASE = 40
    INSTRUMENT_EXPIRED = 41
    PHASE_TRANSITION = 42
    ACCOUNT_NOT_FLAT = 43
    QUANTITY_NOT_POSITIVE = 50
    QUANTITY_OFF_LOT = 51
    QUANTITY_TOO_LARGE = 52
    PRICE_OFF_TICK = 53
    PRICE_OUT_OF_RANGE = 54
    EXPIRE_TIME_PASSED = 55
    NOTHING_TO_REPLACE = 56
    LEG_COUNT = 60
    DUPLICATE_LEG = 61
    LEG_RATIO = 62
    LEG_CURRENCY = 63
    CONTRADICTORY_CONSTRAINTS = 64
    LEGS_ACROSS_PARTITIONS = 65
    NOTIONAL_OVERFLOW = 66
    KILL_SWITCH = 70
    ORDER_QUANTITY_LIMIT = 71
    ORDER_VALUE_LIMIT = 72
    PRICE_COLLAR = 73
    REFERENCE_PRICE_STALE = 74
    POSITION_LIMIT = 75
    OPEN_ORDER_LIMIT = 76
    INSUFFICIENT_MARGIN = 77
    INSUFFICIENT_BALANCE = 78
    REDUCE_ONLY = 79
    GROUP_POSITION_LIMIT = 80
    GROUP_OPEN_ORDER_LIMIT = 81
    GROUP_MARGIN_LIMIT = 82
    POST_ONLY_WOULD_TRADE = 90
    PACKAGE_NOT_EXECUTABLE = 91
    PRICE_CONSTRAINT = 92
    JOURNAL_BEHIND = 93


class CancelReason(OpenEnum):
    """Why an order ended without trading its whole quantity."""

    UNSPECIFIED = 0
    REQUESTED = 1
    MASS_CANCEL = 2
    IMMEDIATE_OR_CANCEL = 3
    FILL_OR_KILL = 4
    MARKET_PROTECTION = 5
    SELF_TRADE_PREVENTION = 6
    DISCONNECT = 7
    KILL_SWITCH = 8
    INSTRUMENT_STATUS = 9
    END_OF_DAY = 10
    EXPIRE_TIME = 11
    MINIMUM_QUANTITY = 12
    REDUCE_ONLY = 13
    REPLACED_TO_FILLED = 14
    AUCTION_ENDED = 15
    PACKAGE_ENDED = 16
    TRADE_BUSTED = 17
    CAPACITY_EXHAUSTED = 18
    LEG_DEADLINE = 19


class ExecutionType(OpenEnum):
    """What happened to an order, FIX ExecType(150)."""

    UNSPECIFIED = 0
    NEW = 1
    REJECTED = 2
    TRADE = 3
    CANCELLED = 4
    REPLACED = 5
    EXPIRED = 6
    TRIGGERED = 7
    RESTATED = 8
    TRADE_CANCEL = 9
    TRADE_CORRECT = 10
    CANCEL_REJECTED = 11
    REPLACE_REJECTED = 12
    UNWINDING = 13
    UNWOUND = 14


class Liquidity(OpenEnum):
    """Which role an order had in a trade."""

    UNSPECIFIED = 0
    MAKER = 1
    TAKER = 2
    AUCTION = 3


class RestatementReason(OpenEnum):
    """What made the venue change an order unasked."""

    UNSPECIFIED = 0
    PEG_MOVED = 1
    DISPLAY_REFRESHED = 2
    SELF_TRADE_DECREMENT = 3
    POSITION_REDUCED = 4
    LEG_MOVED = 5


class BookMode(OpenEnum):
    """How much of a book's movement a stream carries."""

    UNSPECIFIED = 0
    EVERY_UPDATE = 1
    CONFLATED = 2
    TOP_OF_BOOK = 3
    EVERY_ORDER = 4


class BookOrderAction(OpenEnum):
    """Where an order stands in the queue of its level after a change."""

    UNSPECIFIED = 0
    TO_BACK = 1
    IN_PLACE = 2


class TradeKind(OpenEnum):
    """How a trade came about."""

    UNSPECIFIED = 0
    CONTINUOUS = 1
    AUCTION = 2
    PACKAGE_LEG = 3


class TradeAction(OpenEnum):
    """Whether a message tells of a trade or of what was done to it later."""

    UNSPECIFIED = 0
    EXECUTED = 1
    BUSTED = 2
    CORRECTED = 3


class AccountStatus(OpenEnum):
    """Whether an account may trade."""

    UNSPECIFIED = 0
    ACTIVE = 1
    SUSPENDED = 2
    CLOSED = 3


class MarginModel(OpenEnum):
    """How an account's margin is computed."""

    UNSPECIFIED = 0
    NONE = 1
    STRATEGY = 2
    SCENARIO = 3


class DurabilityMode(OpenEnum):
    """When commands are acknowledged."""

    UNSPECIFIED = 0
    PROCESS = 1
    DISK = 2


class VenueState(OpenEnum):
    """Whether the venue takes commands."""

    UNSPECIFIED = 0
    RECOVERING = 1
    SERVING = 2
    DRAINING = 3
    JOURNAL_FAILED = 4
    FAULTED = 5


class StreamEndReason(OpenEnum):
    """Why the server ends a stream."""

    UNSPECIFIED = 0
    DRAINING = 1
    SLOW_CONSUMER = 2
    IDLE = 3
    PERMISSION_EXPIRED = 4
    JOURNAL_FAILED = 5
    VENUE_FAULTED = 6
