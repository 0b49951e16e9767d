"""The contract's enums as they are typed: lower case, with hyphens.

Each member bears the name of its member in `quantumcore.client.enums`, so that looking that
name up there gives the value.
"""

from __future__ import annotations

from enum import StrEnum


class SideName(StrEnum):
    """A side of the book."""

    BUY = "buy"
    SELL = "sell"


class ExportFormatName(StrEnum):
    """A form of exported files."""

    JSON_LINES = "json-lines"
    PROTOBUF_DELIMITED = "protobuf-delimited"
    CSV = "csv"
    PARQUET = "parquet"


class EventClassName(StrEnum):
    """Events that are kept for the same time."""

    ORDERS = "orders"
    LEDGER = "ledger"
    INSTRUMENTS = "instruments"
    ADMINISTRATION = "administration"


class OrderTypeName(StrEnum):
    """How an order is priced and when it becomes active."""

    LIMIT = "limit"
    MARKET = "market"
    STOP = "stop"
    STOP_LIMIT = "stop-limit"
    ICEBERG = "iceberg"
    PEGGED = "pegged"


class TimeInForceName(StrEnum):
    """How long an order stays in force."""

    GTC = "gtc"
    DAY = "day"
    GTD = "gtd"
    IOC = "ioc"
    FOK = "fok"
    AT_OPEN = "at-open"
    AT_CLOSE = "at-close"


class SpreadTimeName(StrEnum):
    """How long a multi-leg order stays in force."""

    GTC = "gtc"
    DAY = "day"
    GTD = "gtd"
    IOC = "ioc"
    FOK = "fok"


class UnwindPolicyName(StrEnum):
    """What happens to legs of a sequential order that have traded when others cannot."""

    UNWIND = "unwind"
    HOLD = "hold"
    COMPLETE_AT_MARKET = "complete-at-market"


class TriggerName(StrEnum):
    """Which price sets off a stop."""

    LAST_TRADE = "last-trade"
    BID_ASK = "bid-ask"
    REFERENCE = "reference"


class PegName(StrEnum):
    """What a pegged order follows."""

    PRIMARY = "primary"
    MARKET = "market"
    MIDPOINT = "midpoint"


class SelfTradeName(StrEnum):
    """What happens to orders of one owner that would trade with one another."""

    NONE = "none"
    CANCEL_NEWEST = "cancel-newest"
    CANCEL_OLDEST = "cancel-oldest"
    CANCEL_BOTH = "cancel-both"
    DECREMENT_AND_CANCEL = "decrement-and-cancel"


class KindName(StrEnum):
    """What kind of thing an instrument is."""

    EQUITY = "equity"
    OPTION = "option"
    FUTURE = "future"
    SPOT_PAIR = "spot-pair"
    INDEX = "index"


class PhaseName(StrEnum):
    """A trading phase."""

    PRE_OPEN = "pre-open"
    OPENING_AUCTION = "opening-auction"
    CONTINUOUS = "continuous"
    VOLATILITY_AUCTION = "volatility-auction"
    HALTED = "halted"
    CLOSING_AUCTION = "closing-auction"
    CLOSED = "closed"


class RightName(StrEnum):
    """Put or call."""

    CALL = "call"
    PUT = "put"


class StyleName(StrEnum):
    """When an option can be exercised."""

    EUROPEAN = "european"
    AMERICAN = "american"


class MarginModelName(StrEnum):
    """How an account's funds are checked."""

    NONE = "none"
    STRATEGY = "strategy"
    SCENARIO = "scenario"


class ScenarioSetName(StrEnum):
    """Which scenarios a commodity is scanned by."""

    SPAN_16 = "span-16"
    TEN_POINTS = "ten-points"


class AccountStatusName(StrEnum):
    """Whether an account may trade."""

    ACTIVE = "active"
    SUSPENDED = "suspended"
    CLOSED = "closed"


class StalePolicyName(StrEnum):
    """What happens to an order whose reference price is too old."""

    REJECT = "reject"
    USE_WITH_HAIRCUT = "use-with-haircut"
