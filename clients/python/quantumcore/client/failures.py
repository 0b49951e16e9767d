"""Turn failed gRPC calls into the errors of `quantumcore.client.errors`."""

from __future__ import annotations

from typing import Any

import grpc

from quantumcore.client import errors
from quantumcore.client.enums import StreamEndReason
from quantumcore.client.errors import CallFailed, ErrorDetail, StreamEnded, Violation
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


def call_failed(failure: Any) -> CallFailed:
    """Make the error of a failed call, of either flavour of gRPC (`grpc` or `grpc.aio`)."""
    code = failure.code()
    kind = _BY_CODE.get(code, errors.VenueFailed)
    text = failure.details() or code.name.replace("_", " ").lower()
    return kind(text, _detail(failure.trailing_metadata() or ()))


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


def _detail(metadata: Any) -> ErrorDetail:
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
    return ErrorDetail(reason=info.reason, metadata=dict(info.metadata), violations=violations)
