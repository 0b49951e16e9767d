"""Move the venue's store while it trades, for asyncio."""

from __future__ import annotations

from collections.abc import AsyncGenerator

from quantumcore.client.aio_risk_queries import AsyncRiskQueries
from quantumcore.client.commands import new_request_id
from quantumcore.client.convert import build, read
from quantumcore.client.migration import (
    Migration,
    MigrationChange,
    MigrationDifference,
    MigrationFault,
    MigrationPhase,
)
from quantumcore.v1 import event_store_service_pb2


class AsyncMigrations(AsyncRiskQueries):
    """The move from one store to another, see docs/concepts/migration.md; operators only."""

    async def migration(self, *, min_sequence: int = 0) -> Migration:
        """Read how far the move is; its phase is IDLE where none is under way."""
        request = event_store_service_pb2.GetMigrationRequest(min_sequence=min_sequence)
        return read(Migration, (await self._call(self._events.GetMigration, request)).migration)

    async def advance_migration(
        self, expected: MigrationPhase, wanted: MigrationPhase, *, request_id: int = 0
    ) -> MigrationChange:
        """Take the move from the phase that it is in to the next one, or back to an earlier one.

        Raises PreconditionFailed, whose `reason` says what the stores do not allow.
        """
        request = build(
            event_store_service_pb2.AdvanceMigrationRequest,
            request_id=request_id or new_request_id(),
            expected_phase=expected,
            target_phase=wanted,
        )
        return read(MigrationChange, await self._call(self._events.AdvanceMigration, request))

    async def migration_differences(
        self, *, include_resolved: bool = False
    ) -> AsyncGenerator[MigrationDifference, None]:
        """Go through the things in which the stores differ, as they were found."""
        request = event_store_service_pb2.ListMigrationDifferencesRequest(
            include_resolved=include_resolved
        )
        async for page in self._pages(self._events.ListMigrationDifferences, request):
            for one in page.differences:
                yield read(MigrationDifference, one)

    async def migration_faults(self) -> AsyncGenerator[MigrationFault, None]:
        """Go through the times in which a store could not be written, oldest first."""
        request = event_store_service_pb2.ListMigrationFaultsRequest()
        async for page in self._pages(self._events.ListMigrationFaults, request):
            for one in page.faults:
                yield read(MigrationFault, one)
