"""Turn failed gRPC calls into the errors of `quantumcore.client.errors`."""

from __future__ import annotations

from typing import Any

import grpc
from google.protobuf.descriptor import Descriptor

from quantumcore.client import errors
from quantumcore.client.convert import reason_scale
from quantumcore.client.enums import RejectReason, StreamEndReason
from quantumcore.client.errors import CallFailed, ErrorDetail, StreamEnded, Violation
from quantumcore.client.fixed import from_fixed
from quantumcore.v1 import stream_pb2

_STATUS_DETAILS = "grpc-status-details-bin"
_BY_CODE: dict[grpc.StatusCode, type[CallFailed]] = {
    grpc.StatusCode.INVALID_ARGUMENT: errors.InvalidRequest,
    grpc.StatusCode.OUT_OF_RANGE: errors.InvalidRequest,
    grpc.StatusCode.UNAUTHENTICATED: errors.NotAuthenticated,
    grpc.StatusCode.PERMISSION_DENIED: errors.NotPermitted,
    grpc.StatusCode.NOT_FOUND: errors.NotFound,
    grpc.StatusCode.ALREADY_EXISTS: errors.AlreadyExists,
    grpc.StatusCode.FAILED_PRECONDITION: errors.PreconditionFailed,
    grpc.StatusCode.RESOURCE_EXHAUSTED: errors.Exhausted,
    grpc.StatusCode.UNIMPLEMENTED: errors.NotImplementedYet,
    grpc.StatusCode.UNAVAILABLE: errors.Unreachable,
    grpc.StatusCode.DEADLINE_EXCEEDED: errors.DeadlineExceeded,
    grpc.StatusCode.CANCELLED: errors.Cancelled,
}


def call_failed(failure: Any, request: Descriptor | None = None) -> CallFailed:
    """Make the error of a failed call, of either flavour of gRPC (`grpc` or `grpc.aio`).

    `request` is the kind of request that the error's fields are those of.
    """
    code = failure.code()
    kind = _BY_CODE.get(code, errors.VenueFailed)
    text = failure.details() or code.name.replace("_", " ").lower()
    return kind(text, _detail(failure.trailing_metadata() or (), request))


def is_unavailable(failure: Any) -> bool:
    """Tell whether nobody answered, so that an idempotent call may be sent again."""
    return bool(failure.code() is grpc.StatusCode.UNAVAILABLE)


def stream_ended(end: stream_pb2.StreamEnd) -> StreamEnded:
    """Make the error of a stream that the venue ends."""
    return StreamEnded(StreamEndReason(end.reason), end.text, end.resume_from_sequence)


def may_resume(ended: StreamEnded) -> bool:
    """Tell whether another stream may go on where the venue ended this one."""
    return ended.reason in {
        StreamEndReason.DRAINING,
        StreamEndReason.SLOW_CONSUMER,
        StreamEndReason.IDLE,
    }


def _detail(metadata: Any, request: Descriptor | None) -> ErrorDetail:
    packed = [value for key, value in metadata if key == _STATUS_DETAILS]
    if not packed:
        return ErrorDetail()
    from google.rpc import error_details_pb2, status_pb2

    info = error_details_pb2.ErrorInfo()
    bad_request = error_details_pb2.BadRequest()
    for detail in status_pb2.Status.FromString(packed[0]).details:
        if not detail.Unpack(info):
            detail.Unpack(bad_request)
    violations = tuple(
        Violation(field=violation.field, description=violation.description)
        for violation in bad_request.field_violations
    )
    numbers = _decimals(info, violations, request)
    return ErrorDetail(reason=info.reason, metadata=numbers, violations=violations)


def _decimals(
    info: Any, violations: tuple[Violation, ...], request: Descriptor | None
) -> dict[str, str]:
    """Write limit and value as people do where the rule or the field is a price or quantity."""
    reason = RejectReason.__members__.get(
        info.reason.removeprefix("REJECT_REASON_"), RejectReason.UNSPECIFIED
    )
    fields = {} if request is None else request.fields_by_name
    scale = reason_scale(reason, fields.get(violations[0].field) if violations else None)
    if scale is None:
        return dict(info.metadata)

    def number(text: str) -> str:
        whole = text.removeprefix("-").isdecimal()
        return f"{from_fixed(int(text), scale=scale):f}" if whole else text

    return {
        name: number(text) if name in {"limit", "value"} else text
        for name, text in info.metadata.items()
    }
