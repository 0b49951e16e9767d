"""Move the venue's store while it trades."""

from __future__ import annotations

from collections.abc import Iterator

from quantumcore.client.commands import new_request_id
from quantumcore.client.convert import build, read
from quantumcore.client.migration import (
    Migration,
    MigrationChange,
    MigrationDifference,
    MigrationFault,
    MigrationPhase,
)
from quantumcore.client.risk_queries import RiskQueries
from quantumcore.v1 import event_store_service_pb2


class Migrations(RiskQueries):
    """The move from one store to another, see docs/concepts/migration.md; operators only."""

    def migration(self, *, min_sequence: int = 0) -> Migration:
        """Read how far the move is; its phase is IDLE where none is under way."""
        request = event_store_service_pb2.GetMigrationRequest(min_sequence=min_sequence)
        return read(Migration, self._call(self._events.GetMigration, request).migration)

    def advance_migration(
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
        return read(MigrationChange, self._call(self._events.AdvanceMigration, request))

    def migration_differences(
        self, *, include_resolved: bool = False
    ) -> Iterator[MigrationDifference]:
        """Go through the things in which the stores differ, as they were found."""
        request = event_store_service_pb2.ListMigrationDifferencesRequest(
            include_resolved=include_resolved
        )
        for page in self._pages(self._events.ListMigrationDifferences, request):
            yield from (read(MigrationDifference, one) for one in page.differences)

    def migration_faults(self) -> Iterator[MigrationFault]:
        """Go through the times in which a store could not be written, oldest first."""
        request = event_store_service_pb2.ListMigrationFaultsRequest()
        for page in self._pages(self._events.ListMigrationFaults, request):
            yield from (read(MigrationFault, one) for one in page.faults)
