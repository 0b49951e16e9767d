"""Name everything that can go wrong between a program and the venue.

    QuantumCoreError
    ├── Rejected                the venue refused a command for a business reason
    ├── StreamEnded             the venue ended a stream and said why
    ├── BookOutOfStep           a book stream contradicts its own checksum
    └── CallFailed              a call did not come to an answer
        ├── InvalidRequest      malformed; `violations` names the fields
        ├── NotAuthenticated    no token, or one that the venue does not know
        ├── NotPermitted        the token does not allow this
        ├── NotFound            no such order, instrument or account
        ├── AlreadyExists       the name is taken
        ├── PreconditionFailed  not in this state of the venue
        ├── Exhausted           a rate or a capacity is used up
        ├── NotImplementedYet   in the contract, not in the venue's release
        ├── Unreachable         nobody answers; repeated as far as that is safe
        ├── DeadlineExceeded    no answer in time; the outcome is unknown
        ├── Cancelled           given up by the caller
        └── VenueFailed         the venue or the connection broke

Wrong arguments never reach the venue: they are TypeError and ValueError.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from quantumcore.client.enums import RejectReason, StreamEndReason


_IN_MINOR_UNITS = frozenset(
    {"ORDER_VALUE_LIMIT", "INSUFFICIENT_MARGIN", "INSUFFICIENT_BALANCE", "NOTIONAL_OVERFLOW"}
)
# Of these rules a value, or a limit, of 0 says something; of others it says that there is none.
_TELLING_VALUES = frozenset(
    {
        "INVALID_CLIENT_ORDER_ID",
        "INVALID_ENUM",
        "KILL_SWITCH",
        "LEG_COUNT",
        "LEG_RATIO",
        "POST_ONLY_WOULD_TRADE",
        "PRICE_OUT_OF_RANGE",
        "QUANTITY_NOT_POSITIVE",
        "UNKNOWN_ACCOUNT",
        "UNKNOWN_INSTRUMENT",
        "UNKNOWN_TRADE",
        "VALUE_OUT_OF_RANGE",
    }
)
_TELLING_LIMITS = frozenset({"POST_ONLY_WOULD_TRADE", "PRICE_OUT_OF_RANGE", "REDUCE_ONLY"})
_PHASES = frozenset({"PHASE_TRANSITION", "WRONG_PHASE"})


class QuantumCoreError(Exception):
    """Base of all errors of the client."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reject:
    """Why a command was refused.

    `limit` and `value` are in the unit of the rule: decimals where the offending field is
    a price or quantity, whole numbers elsewhere; 0 where the rule names none. `leg_number` is
    that of the leg of a multi-leg order that is to blame, from 1; 0 where none is.
    """

    reason: RejectReason
    field: str | None
    limit: Decimal | int
    value: Decimal | int
    leg_number: int = 0

    def __str__(self) -> str:
        words = [self.reason.name.replace("_", " ").lower()]
        if self.field is not None:
            words.append(f"field {self.field}")
        if self.leg_number:
            words.append(f"leg {self.leg_number}")
        words += _numbers(self.reason.name, self.value, self.limit)
        if self.reason.name in _IN_MINOR_UNITS:
            words[-1] += " minor units"
        return ", ".join(words)


class Rejected(QuantumCoreError):
    """The venue refused a command for a business reason; nothing was done."""

    def __init__(self, reject: Reject, client_order_id: str) -> None:
        self.reject = reject
        self.client_order_id = client_order_id
        name = f"order {client_order_id}" if client_order_id else "the command"
        super().__init__(f"{name} was rejected: {reject}")


class StreamEnded(QuantumCoreError):
    """The venue ended a stream and said why; `resume_from_sequence` goes on without a gap."""

    def __init__(self, reason: StreamEndReason, text: str, resume_from_sequence: int) -> None:
        self.reason = reason
        self.resume_from_sequence = resume_from_sequence
        words = reason.name.replace("_", " ").lower()
        super().__init__(f"the venue ended the stream: {text or words}")


class BookOutOfStep(QuantumCoreError):
    """A book stream contradicts its own checksum, snapshots included."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Violation:
    """One field of a request and what is wrong with it."""

    field: str
    description: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ErrorDetail:
    """What a failed call says beside its status code.

    `reason` is the name of a RejectReason or another short upper-case word; `metadata`
    holds the limit and the value that the rule names.
    """

    reason: str = ""
    metadata: Mapping[str, str] = field(default_factory=dict)
    violations: tuple[Violation, ...] = ()


class CallFailed(QuantumCoreError):
    """A call did not come to an answer."""

    def __init__(self, text: str, detail: ErrorDetail | None = None) -> None:
        self.detail = detail or ErrorDetail()
        super().__init__(_sentence(text, self.detail))

    @property
    def reason(self) -> str:
        """Name the rule that was broken, empty where the venue names none."""
        return self.detail.reason

    @property
    def field(self) -> str | None:
        """Name the first offending field of the request."""
        return self.detail.violations[0].field if self.detail.violations else None

    @property
    def limit(self) -> str | None:
        """Tell the limit that the rule names."""
        return self.detail.metadata.get("limit")

    @property
    def value(self) -> str | None:
        """Tell the value that broke the rule."""
        return self.detail.metadata.get("value")


class InvalidRequest(CallFailed):
    """The request is malformed; `detail.violations` names the fields."""


class NotAuthenticated(CallFailed):
    """There is no token, or one that the venue does not know."""


class NotPermitted(CallFailed):
    """The token does not allow this."""


class NotFound(CallFailed):
    """No such order, instrument or account."""


class AlreadyExists(CallFailed):
    """The name is taken."""


class PreconditionFailed(CallFailed):
    """The venue does not take this in its present state."""


class Exhausted(CallFailed):
    """A rate or a capacity is used up."""


class NotImplementedYet(CallFailed):
    """The call is part of the contract, not of the venue's release."""


class Unreachable(CallFailed):
    """Nobody answers at the venue's address, however often it was tried."""


class DeadlineExceeded(CallFailed):
    """No answer came in time: whether the command was carried out is not known."""


class Cancelled(CallFailed):
    """The caller gave the call up."""


class VenueFailed(CallFailed):
    """The venue or the connection broke."""


def _sentence(text: str, detail: ErrorDetail) -> str:
    parts = [text.rstrip(".")]
    parts += [
        f"{violation.field}: {violation.description.rstrip('.')}"
        for violation in detail.violations
        if violation.description not in text or violation.field not in text
    ]
    value, limit = (detail.metadata.get(name, "") for name in ("value", "limit"))
    parts += [
        part
        for part in _numbers(detail.reason.removeprefix("REJECT_REASON_"), value, limit)
        if part.partition(" ")[2] not in text
    ]
    return "; ".join(part for part in parts if part)


def _numbers(reason: str, value: Decimal | int | str, limit: Decimal | int | str) -> list[str]:
    """Write the value that broke a rule, and its limit, as far as they say something."""
    parts: list[str] = []
    if _is_number(value) or reason in _TELLING_VALUES:
        parts.append(f"value {_value(reason, value)}")
    if _is_number(limit) or reason in _TELLING_LIMITS:
        parts.append(f"limit {limit}")
    return [part for part in parts if not part.endswith(" ")]


def _is_number(number: Decimal | int | str) -> bool:
    """Tell whether it is another number than 0."""
    return number not in {"", "0", 0}


def _value(reason: str, value: Decimal | int | str) -> str:
    if reason == "KILL_SWITCH" and not _is_number(value):
        return "0 (the venue)"
    if reason in _PHASES and str(value).isdecimal():
        from quantumcore.client.enums import TradingPhase

        return TradingPhase(int(value)).name
    return str(value)
