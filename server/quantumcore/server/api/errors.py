"""Failures of an rpc, and how they travel: status, ErrorInfo, BadRequest.

RpcFailure                   an rpc ends with this status and reason
├── Malformed                the bytes are no message of this type
├── Unauthenticated          the bearer token is missing or not known
├── NotPermitted             the caller has no permission for this
├── NotSupported             in the contract, not in this release
├── InvalidField             fields are missing, out of range, or not allowed
├── InvalidPageToken         the page token is not one of this list
├── NotFound                 no such resource
├── AlreadyExists            the name is taken
├── MigrationRefused         the move of the store does not allow this step
├── WrongState               the state that the request needs is not there
├── TooLarge                 a message holds more than it may
├── TooMany                  more streams than there may be
├── LogDamaged               the log or the event store is not what was stored
├── SequenceNotReached       `min_sequence` did not come in time
├── Draining                 the server is shutting down
├── JournalUnavailable       the journal cannot be written
├── JournalBehind            the disk falls behind what it is given
└── Refused                  the core refused an administrative command

The reason is the name of a value of `ErrorReason` or `RejectReason` of the contract.
"""

from collections.abc import Mapping
from typing import Any

import grpc
from google.protobuf.any_pb2 import Any as AnyMessage
from google.rpc import code_pb2, error_details_pb2, status_pb2
from grpc_status import rpc_status

from quantumcore.v1.error_pb2 import ErrorReason
from quantumcore.v1.reject_pb2 import RejectReason
from quantumcore.v1.types_pb2 import TradingPhase

DOMAIN = "quantumcore"
STATUS_DETAILS_KEY = "grpc-status-details-bin"


class RpcFailure(Exception):
    """End an rpc with a status, a reason, and what the reason is about."""

    code = grpc.StatusCode.INTERNAL
    reason = ErrorReason.ERROR_REASON_INTERNAL

    def __init__(
        self,
        text: str,
        *,
        limit: int | None = None,
        value: int | None = None,
        violations: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(text)
        self.text = text
        self.limit = limit
        self.value = value
        self.violations = dict(violations or {})

    @property
    def reason_name(self) -> str:
        """Return the name that ErrorInfo carries."""
        return ErrorReason.Name(self.reason)

    def status(self) -> status_pb2.Status:
        """Build the rich status of this failure."""
        metadata = {"limit": self.limit, "value": self.value}
        info = error_details_pb2.ErrorInfo(
            reason=self.reason_name,
            domain=DOMAIN,
            metadata={key: str(number) for key, number in metadata.items() if number is not None},
        )
        details = [_packed(info)]
        if self.violations:
            bad = error_details_pb2.BadRequest()
            for field, description in self.violations.items():
                bad.field_violations.add(field=field, description=description)
            details.append(_packed(bad))
        number = code_pb2.Code.Value(self.code.name)
        return status_pb2.Status(code=number, message=self.text, details=details)

    def report(self, context: "grpc.aio.ServicerContext[Any, Any]") -> None:
        """Make this the status of the rpc, which then ends by returning."""
        answer = rpc_status.to_status(self.status())
        context.set_code(answer.code)
        context.set_details(answer.details)
        context.set_trailing_metadata(answer.trailing_metadata)


class Malformed(RpcFailure):
    """The bytes are no message of this type."""

    code = grpc.StatusCode.INVALID_ARGUMENT
    reason = ErrorReason.ERROR_REASON_MALFORMED_MESSAGE

    def __init__(self, message: str, detail: str = "") -> None:
        text = f"the bytes are no {message}"
        super().__init__(text, violations={"": detail or text})


class Unauthenticated(RpcFailure):
    """The bearer token is missing or not known."""

    code = grpc.StatusCode.UNAUTHENTICATED
    reason = ErrorReason.ERROR_REASON_UNAUTHENTICATED


class NotPermitted(RpcFailure):
    """The caller has no permission for this."""

    code = grpc.StatusCode.PERMISSION_DENIED
    reason = ErrorReason.ERROR_REASON_NOT_PERMITTED


class NotSupported(RpcFailure):
    """The rpc or the option is in the contract, not in this release."""

    code = grpc.StatusCode.UNIMPLEMENTED
    reason = ErrorReason.ERROR_REASON_NOT_SUPPORTED


class InvalidField(RpcFailure):
    """Fields are missing, out of range, or not allowed."""

    code = grpc.StatusCode.INVALID_ARGUMENT
    reason = ErrorReason.ERROR_REASON_INVALID_FIELD

    def __init__(
        self, field: str, problem: str, *, limit: int | None = None, value: int | None = None
    ) -> None:
        super().__init__(
            f"{field}: {problem}", limit=limit, value=value, violations={field: problem}
        )


class InvalidPageToken(RpcFailure):
    """The page token is not one that this list gave."""

    code = grpc.StatusCode.INVALID_ARGUMENT
    reason = ErrorReason.ERROR_REASON_INVALID_PAGE_TOKEN

    def __init__(self) -> None:
        problem = "not a token that this list gave for this filter"
        super().__init__(f"page_token: {problem}", violations={"page_token": problem})


class NotFound(RpcFailure):
    """No such resource."""

    code = grpc.StatusCode.NOT_FOUND
    reason = ErrorReason.ERROR_REASON_NOT_FOUND


class AlreadyExists(RpcFailure):
    """The name is taken."""

    code = grpc.StatusCode.ALREADY_EXISTS
    reason = ErrorReason.ERROR_REASON_INVALID_FIELD


class WrongState(RpcFailure):
    """The state that the request needs is not there, as an auction that runs."""

    code = grpc.StatusCode.FAILED_PRECONDITION
    reason = ErrorReason.ERROR_REASON_WRONG_STATE


class MigrationRefused(RpcFailure):
    """The move of the store does not allow this step now; nothing was done."""

    code = grpc.StatusCode.FAILED_PRECONDITION

    def __init__(
        self, reason: ErrorReason.ValueType, text: str, *, limit: int = 0, value: int = 0
    ) -> None:
        super().__init__(text, limit=limit, value=value)
        self.reason = reason


class TooLarge(RpcFailure):
    """A message holds more than it may."""

    code = grpc.StatusCode.RESOURCE_EXHAUSTED
    reason = ErrorReason.ERROR_REASON_TOO_LARGE


class TooMany(RpcFailure):
    """More streams than there may be."""

    code = grpc.StatusCode.RESOURCE_EXHAUSTED
    reason = ErrorReason.ERROR_REASON_TOO_MANY


class SlowConsumer(TooMany):
    """More waits for the client than may; it does not read."""


class SequenceNotReached(RpcFailure):
    """`min_sequence` did not come in time."""

    code = grpc.StatusCode.DEADLINE_EXCEEDED
    reason = ErrorReason.ERROR_REASON_SEQUENCE_NOT_REACHED


class HistoryGone(RpcFailure):
    """History is gone where a stream was to start."""

    code = grpc.StatusCode.OUT_OF_RANGE
    reason = ErrorReason.ERROR_REASON_HISTORY_GONE


class EventStoreUnavailable(RpcFailure):
    """The event store cannot be read now."""

    code = grpc.StatusCode.UNAVAILABLE
    reason = ErrorReason.ERROR_REASON_STORE_UNAVAILABLE


class LogDamaged(RpcFailure):
    """The journal or the event store is not what was stored; what is damaged is not shown."""

    code = grpc.StatusCode.DATA_LOSS
    reason = ErrorReason.ERROR_REASON_LOG_DAMAGED


class Draining(RpcFailure):
    """The server is shutting down; nothing was done."""

    code = grpc.StatusCode.UNAVAILABLE
    reason = ErrorReason.ERROR_REASON_DRAINING

    def __init__(self) -> None:
        super().__init__("the venue is shutting down and takes no commands")


class JournalUnavailable(RpcFailure):
    """The journal cannot be written; nothing is acknowledged."""

    code = grpc.StatusCode.UNAVAILABLE
    reason = ErrorReason.ERROR_REASON_JOURNAL_FAILED

    def __init__(self, text: str = "the journal cannot be written: the venue takes no commands"):
        super().__init__(text)


class JournalBehind(RpcFailure):
    """The disk falls behind what it is given; nothing was done."""

    code = grpc.StatusCode.UNAVAILABLE
    reason = ErrorReason.ERROR_REASON_JOURNAL_BEHIND

    def __init__(self, limit: int, value: int) -> None:
        text = f"{value} bytes of journal wait for the disk, which may be {limit}: try again"
        super().__init__(text, limit=limit, value=value)


class VenueFaulted(RpcFailure):
    """A command broke half way; the venue takes no more until it is started again."""

    code = grpc.StatusCode.UNAVAILABLE
    reason = ErrorReason.ERROR_REASON_VENUE_FAULTED

    def __init__(self, text: str = "a command broke half way: the venue takes no commands"):
        super().__init__(text)


class Refused(RpcFailure):
    """The core refused an administrative command for a business reason."""

    code = grpc.StatusCode.FAILED_PRECONDITION

    def __init__(
        self, reject_reason: int, *, limit: int = 0, value: int = 0, field: str = ""
    ) -> None:
        self._name = RejectReason.Name(RejectReason.ValueType(reject_reason))
        words = self._name.removeprefix("REJECT_REASON_").replace("_", " ").lower()
        violations = {field: words} if field else None
        text = f"refused: {words}, field {field}" if field else f"refused: {words}"
        if reject_reason == RejectReason.REJECT_REASON_PHASE_TRANSITION:
            phase = TradingPhase.Name(TradingPhase.ValueType(value))
            text += f", the phase is {phase.removeprefix('TRADING_PHASE_')}"
        if reject_reason == RejectReason.REJECT_REASON_REQUEST_ID_REUSED:
            value %= 1 << 64
        super().__init__(text, limit=limit, value=value, violations=violations)

    @property
    def reason_name(self) -> str:
        """Return the name of the RejectReason."""
        return self._name


def _packed(message: error_details_pb2.ErrorInfo | error_details_pb2.BadRequest) -> AnyMessage:
    packed = AnyMessage()
    packed.Pack(message)
    return packed
