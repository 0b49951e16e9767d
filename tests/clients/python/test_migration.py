"""Requests about the move of the store, and what both clients make of the answers."""

from __future__ import annotations

from typing import Any

import grpc
import pytest

from quantumcore.client import MigrationPhase
from quantumcore.client.aio_migration_calls import AsyncMigrations
from quantumcore.client.errors import PreconditionFailed
from quantumcore.client.migration import AggregateType, MigrationSide
from quantumcore.client.migration_calls import Migrations
from quantumcore.v1 import event_store_service_pb2 as messages
from quantumcore.v1 import migration_pb2, migration_report_pb2

from .conftest import FakeVenue
from .test_administration import without_id

MOVE = migration_pb2.Migration(phase=3, source="old", target="new", mismatch_count=2)  # type: ignore[arg-type]


def result(call: Any) -> Any:
    return call.result(timeout=20)


def test_move_is_read(venue: FakeVenue) -> None:
    call = venue.run(venue.client().migration, min_sequence=4)
    request = venue.answer("GetMigration", messages.GetMigrationResponse(migration=MOVE))
    assert request.min_sequence == 4
    found = result(call)
    assert (found.phase, found.source, found.target) == (MigrationPhase.BACKFILL, "old", "new")
    assert found.mismatch_count == 2


def test_step_names_the_phase_that_it_leaves(venue: FakeVenue) -> None:
    client = venue.client()
    call = venue.run(client.advance_migration, MigrationPhase.BACKFILL, MigrationPhase.VERIFY)
    response = messages.AdvanceMigrationResponse(migration=MOVE, sequence=9)
    request = without_id(venue.answer("AdvanceMigration", response))
    assert request == messages.AdvanceMigrationRequest(expected_phase=3, target_phase=4)  # type: ignore[arg-type]
    assert result(call).sequence == 9
    call = venue.run(client.advance_migration, MigrationPhase.COMPLETED, MigrationPhase.IDLE)
    venue.fail("AdvanceMigration", grpc.StatusCode.FAILED_PRECONDITION, "the move is completed")
    with pytest.raises(PreconditionFailed, match="completed"):
        result(call)


def test_differences_and_faults_are_listed_page_by_page(venue: FakeVenue) -> None:
    client = venue.client()
    call = venue.run(lambda: list(client.migration_differences(include_resolved=True)))
    one = migration_report_pb2.MigrationDifference(number=1, aggregate_type=1, wrong_side=1)  # type: ignore[arg-type]
    first = messages.ListMigrationDifferencesResponse(differences=[one], next_page_token="x")
    assert venue.answer("ListMigrationDifferences", first).include_resolved
    second = messages.ListMigrationDifferencesResponse(differences=[one])
    assert venue.answer("ListMigrationDifferences", second).page_token == "x"
    found = result(call)
    assert [(each.aggregate_type, each.wrong_side) for each in found] == 2 * [
        (AggregateType.ORDER, MigrationSide.SOURCE)
    ]
    call = venue.run(lambda: list(client.migration_faults()))
    fault = migration_report_pb2.MigrationFault(number=1, side=2, text="gone")  # type: ignore[arg-type]
    venue.answer("ListMigrationFaults", messages.ListMigrationFaultsResponse(faults=[fault]))
    assert [(each.side, each.text) for each in result(call)] == [(MigrationSide.TARGET, "gone")]


def test_both_clients_say_the_same_of_moves() -> None:
    names = [name for name in vars(Migrations) if not name.startswith("_")]
    assert names == [name for name in vars(AsyncMigrations) if not name.startswith("_")]
    for name in names:
        assert getattr(Migrations, name).__doc__ == getattr(AsyncMigrations, name).__doc__
