"""What of EventStoreService is about moving from one store to another."""

import asyncio

from quantumcore.server.api.errors import (
    EventStoreUnavailable,
    InvalidField,
    MigrationRefused,
    Refused,
)
from quantumcore.server.api.event_access import EventAccess
from quantumcore.server.api.pages import Page
from quantumcore.server.api.publisher import Publisher
from quantumcore.server.api.rpc import Call
from quantumcore.server.moves import Moves
from quantumcore.server.store.errors import StoreError
from quantumcore.server.store.migration.ledger import Difference, Fault
from quantumcore.server.store.migration.moving import RequestReused, StepRefused
from quantumcore.v1.error_pb2 import ErrorReason
from quantumcore.v1.event_store_service_pb2 import (
    AdvanceMigrationRequest,
    AdvanceMigrationResponse,
    GetMigrationRequest,
    GetMigrationResponse,
    ListMigrationDifferencesRequest,
    ListMigrationDifferencesResponse,
    ListMigrationFaultsRequest,
    ListMigrationFaultsResponse,
)
from quantumcore.v1.migration_pb2 import Migration, MigrationPhase
from quantumcore.v1.migration_report_pb2 import MigrationDifference, MigrationFault
from quantumcore.v1.reject_pb2 import RejectReason

MAX_REQUEST_ID = 2**63 - 1


class MigrationRpcs:
    """Show and steer the move of the venue's store; operators only."""

    _access: EventAccess
    _publisher: Publisher
    _moves: Moves | None
    _timeout_s: float
    _acting: asyncio.Lock

    async def get_migration(self, request: GetMigrationRequest, call: Call) -> GetMigrationResponse:
        """Tell how far the move is; IDLE where the settings name none."""
        call.identity.require_admin()
        sequence = await self._reached(request.min_sequence, call)
        if self._moves is None:
            migration = Migration(phase=MigrationPhase.MIGRATION_PHASE_IDLE)
        else:
            migration = await asyncio.to_thread(self._moves.moving.migration)
        return GetMigrationResponse(migration=migration, sequence=sequence)

    async def advance_migration(
        self, request: AdvanceMigrationRequest, call: Call
    ) -> AdvanceMigrationResponse:
        """Take the move a step on or back, not while retention is applied."""
        call.identity.require_admin()
        for field in ("expected_phase", "target_phase"):
            value = getattr(request, field)
            if value == 0 or value not in MigrationPhase.values():
                raise InvalidField(field, "is required", value=value)
        try:
            async with self._acting:
                done = await self._required().advance(
                    request.expected_phase,
                    request.target_phase,
                    sequence=lambda: self._publisher.sequence,
                    principal_id=call.identity.number,
                    request_id=_signed(request.request_id),
                )
        except StepRefused as refused:
            told = refused.refusal
            raise MigrationRefused(
                told.reason, told.text, limit=told.limit, value=told.value
            ) from None
        except RequestReused:
            reason = RejectReason.REJECT_REASON_REQUEST_ID_REUSED
            raise Refused(reason, value=request.request_id) from None
        except StoreError as failure:
            raise EventStoreUnavailable(
                f"a store of the move cannot be used: {failure}"
            ) from failure
        return AdvanceMigrationResponse(
            migration=done.migration, sequence=done.sequence, repeated_request=done.repeated
        )

    async def list_migration_differences(
        self, request: ListMigrationDifferencesRequest, call: Call
    ) -> ListMigrationDifferencesResponse:
        """List things in which the stores differ."""
        call.identity.require_admin()
        page = Page.of(request, "include_resolved")
        ledger = self._required().moving.ledger
        sequence = await self._reached(request.min_sequence, call)
        found = await asyncio.to_thread(
            ledger.differences,
            after=page.after,
            limit=page.size + 1,
            resolved=request.include_resolved,
        )
        shown, token = page.cut(found, lambda one: one.number)
        return ListMigrationDifferencesResponse(
            differences=map(_difference, shown), next_page_token=token, sequence=sequence
        )

    async def list_migration_faults(
        self, request: ListMigrationFaultsRequest, call: Call
    ) -> ListMigrationFaultsResponse:
        """List the times in which a store could not be written."""
        call.identity.require_admin()
        page = Page.of(request)
        ledger = self._required().moving.ledger
        sequence = await self._reached(request.min_sequence, call)
        found = await asyncio.to_thread(ledger.faults, after=page.after, limit=page.size + 1)
        shown, token = page.cut(found, lambda one: one.number)
        return ListMigrationFaultsResponse(
            faults=map(_fault, shown), next_page_token=token, sequence=sequence
        )

    async def _reached(self, min_sequence: int, call: Call) -> int:
        """Wait for a sequence in the store that is read; return the venue's."""
        if min_sequence < 0:
            raise InvalidField("min_sequence", "is negative", limit=0, value=min_sequence)
        await self._access.reach(min_sequence, within_s=call.seconds_left(self._timeout_s))
        return self._publisher.sequence

    def _required(self) -> Moves:
        """Return the move; raise MigrationRefused where the settings name none."""
        if self._moves is None:
            raise MigrationRefused(
                ErrorReason.ERROR_REASON_MIGRATION_NO_TARGET,
                "the settings name no store to move to: set migration_target",
            )
        return self._moves


def _signed(request_id: int) -> int:
    """Return an id as the ledger has it."""
    return request_id - 2**64 if request_id > MAX_REQUEST_ID else request_id


def _difference(one: Difference) -> MigrationDifference:
    return MigrationDifference(
        number=one.number,
        aggregate_type=one.aggregate_type,  # type: ignore[arg-type]
        aggregate_id=one.aggregate_id,
        first_sequence=one.first_sequence,
        event_count=one.event_count,
        wrong_side=one.wrong_side,  # type: ignore[arg-type]
        text=one.detail,
        found_time_ns=one.found_time_ns,
        resolved_time_ns=one.resolved_time_ns,
    )


def _fault(one: Fault) -> MigrationFault:
    return MigrationFault(
        number=one.number,
        side=one.side,  # type: ignore[arg-type]
        sequence=one.sequence,
        failure_count=one.failure_count,
        text=one.reason,
        time_ns=one.time_ns,
        repaired_time_ns=one.repaired_time_ns,
    )
