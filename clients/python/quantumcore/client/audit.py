"""Audit a venue: verify its log, prove events, export them, see to how long they are kept."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

import grpc

from quantumcore.client.audit_enums import EventClass, ExportFormat
from quantumcore.client.audit_values import (
    EventProof,
    ExportPiece,
    LegalHold,
    LogHead,
    LogVerification,
    Retention,
    RetentionApplied,
)
from quantumcore.client.convert import build, read
from quantumcore.client.directory import Directory
from quantumcore.client.failures import call_failed, stream_ended
from quantumcore.v1 import event_store_service_pb2, event_store_service_pb2_grpc, log_pb2


class Audit(Directory):
    """A connection for auditors and operators; used as `Client` is.

    `deadline_s` is for calls that answer once, applying retention included; verifications and
    exports take as long as they take.
    """

    def __init__(self, address: str | None = None, **options: Any) -> None:
        super().__init__(address, **options)
        self._events = event_store_service_pb2_grpc.EventStoreServiceStub(self._channel)

    def verify_log(
        self,
        *,
        from_sequence: int = 0,
        until_sequence: int = 0,
        replay: bool = False,
        compare_store: bool = False,
        anchor: LogHead | None = None,
    ) -> Iterator[LogVerification]:
        """Verify the log; yields how far it is, and ends with what was found.

        `replay` executes all commands again, `compare_store` compares the event store and its
        projections, `anchor` is a head that was written down earlier.
        """
        request = build(
            event_store_service_pb2.VerifyLogRequest,
            from_sequence=from_sequence,
            until_sequence=until_sequence,
            replay=replay,
            compare_store=compare_store,
            anchor=None if anchor is None else _head(anchor),
        )
        for message in self._streamed(self._events.VerifyLog, request):
            yield from (read(LogVerification, update) for update in message.updates)

    def event_proof(
        self,
        sequence: int,
        *,
        head_sequence: int = 0,
        include_headers: bool = False,
        min_sequence: int = 0,
    ) -> EventProof:
        """Ask for the proof of an event, up to a head; 0: the newest. Raises NotFound.

        See `quantumcore.client.proof.check_proof`.
        """
        request = event_store_service_pb2.GetEventProofRequest(
            sequence=sequence,
            head_sequence=head_sequence,
            include_headers=include_headers,
            min_sequence=min_sequence,
        )
        return read(EventProof, self._call(self._events.GetEventProof, request).proof)

    def export_events(
        self,
        export_format: ExportFormat,
        *,
        from_sequence: int = 0,
        until_sequence: int = 0,
        from_time_ns: int = 0,
        until_time_ns: int = 0,
        event_class: EventClass = EventClass.UNSPECIFIED,
        accounts: Iterable[int | str] = (),
        include_remnants: bool = False,
    ) -> Iterator[ExportPiece]:
        """Export events as a file, piece by piece; the last piece has its SHA-256."""
        accounts_named = [self.account_id(account) for account in accounts]
        request = build(
            event_store_service_pb2.ExportEventsRequest,
            filter=event_store_service_pb2.EventFilter(account_ids=accounts_named),
            format=export_format,
            from_sequence=from_sequence,
            until_sequence=until_sequence,
            from_time_ns=from_time_ns,
            until_time_ns=until_time_ns,
            event_class=event_class,
            include_remnants=include_remnants,
        )
        for message in self._streamed(self._events.ExportEvents, request):
            yield from (read(ExportPiece, chunk) for chunk in message.chunks)

    def retention(self, *, include_outcomes: bool = False) -> Retention:
        """Tell how long events are kept, and on demand what would be removed now."""
        request = event_store_service_pb2.GetRetentionRequest(include_outcomes=include_outcomes)
        return read(Retention, self._call(self._events.GetRetention, request))

    def apply_retention(
        self, *, event_class: EventClass = EventClass.UNSPECIFIED, request_id: int = 0
    ) -> RetentionApplied:
        """Archive and remove what has come of age and is not held, of a class or of all."""
        request = build(
            event_store_service_pb2.ApplyRetentionRequest,
            event_class=event_class,
            request_id=request_id or self._random.getrandbits(63),
        )
        return read(RetentionApplied, self._call(self._events.ApplyRetention, request))

    def set_legal_hold(
        self,
        *,
        text: str,
        name: str = "",
        legal_hold_id: int = 0,
        accounts: Iterable[int | str] = (),
        from_time_ns: int = 0,
        until_time_ns: int = 0,
        lift: bool = False,
        request_id: int = 0,
    ) -> LegalHold:
        """Set a legal hold; with an id change that one, or lift it. `text` says why."""
        request = event_store_service_pb2.SetLegalHoldRequest(
            request_id=request_id or self._random.getrandbits(63),
            legal_hold_id=legal_hold_id,
            name=name,
            account_ids=[self.account_id(account) for account in accounts],
            from_time_ns=from_time_ns,
            until_time_ns=until_time_ns,
            lift=lift,
            text=text,
        )
        return read(LegalHold, self._call(self._events.SetLegalHold, request).legal_hold)

    def legal_holds(self, *, include_lifted: bool = False) -> Iterator[LegalHold]:
        """Go through the legal holds, ascending by id, page by page."""
        request = event_store_service_pb2.ListLegalHoldsRequest(
            include_lifted=include_lifted, page_size=1000
        )
        for page in self._pages(self._events.ListLegalHolds, request):
            yield from (read(LegalHold, hold) for hold in page.legal_holds)

    def _streamed(self, rpc: Any, request: Any) -> Iterator[Any]:
        """Yield the messages of a stream; raise what the venue ended it with."""
        try:
            for message in rpc(request, metadata=self._metadata):
                if message.HasField("end"):
                    raise stream_ended(message.end)
                yield message
        except grpc.RpcError as failure:
            raise call_failed(failure, request.DESCRIPTOR) from failure


def _head(head: LogHead) -> log_pb2.LogHead:
    return log_pb2.LogHead(
        sequence=head.sequence,
        block_number=head.block_number,
        chain_hash=head.chain_hash,
        time_ns=head.time_ns,
        root_hash=head.root_hash,
    )
