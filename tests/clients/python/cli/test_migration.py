"""Commands on the move of the store: what they ask of the client, and what they print."""

from __future__ import annotations

import json

from quantumcore.client.cli.exit_codes import ExitCode
from quantumcore.client.convert import read
from quantumcore.client.migration import (
    Migration,
    MigrationChange,
    MigrationDifference,
    MigrationFault,
    MigrationPhase,
)
from quantumcore.v1 import event_store_service_pb2, migration_pb2, migration_report_pb2

from .conftest import FakeClient, Run


def moved(phase: int) -> migration_pb2.Migration:
    return migration_pb2.Migration(phase=phase, source="old", target="new")  # type: ignore[arg-type]


def be(fake: FakeClient, phase: int, then: int = 0) -> None:
    fake.answers["migration"] = read(Migration, moved(phase))
    change = event_store_service_pb2.AdvanceMigrationResponse(migration=moved(then), sequence=9)
    fake.answers["advance_migration"] = read(MigrationChange, change)


def test_move_is_shown(run: Run, fake: FakeClient) -> None:
    be(fake, 5)
    shown = run("migration show").out
    assert "READ_NEW" in shown
    assert "old" in shown
    assert json.loads(run("migration show --json").out)["source_store_sequence"] == "0"


def test_advance_goes_to_the_next_phase_and_back_to_the_one_before(
    run: Run, fake: FakeClient
) -> None:
    be(fake, 3, then=4)
    assert run("migration advance").out == "phase VERIFY, sequence 9\n"
    assert fake.calls[-1][1] == (MigrationPhase.BACKFILL, MigrationPhase.VERIFY)
    be(fake, 3, then=2)
    assert run("migration back").out == "phase DUAL_WRITE, sequence 9\n"
    assert fake.calls[-1][1] == (MigrationPhase.BACKFILL, MigrationPhase.DUAL_WRITE)
    assert json.loads(run("migration back idle --json").out)["sequence"] == "9"
    assert fake.calls[-1][1] == (MigrationPhase.BACKFILL, MigrationPhase.IDLE)


def test_what_cannot_be_is_told(run: Run, fake: FakeClient) -> None:
    be(fake, 3)
    assert run("migration back nowhere").status == ExitCode.USAGE
    assert "READ_NEW is not before it" in run("migration back read-new").err
    be(fake, 6)
    assert "completed" in run("migration advance").err


def test_differences_and_faults_are_listed(run: Run, fake: FakeClient) -> None:
    one = migration_report_pb2.MigrationDifference(
        number=1, aggregate_id=5, first_sequence=77, text="price is 1"
    )
    fake.answers["migration_differences"] = [read(MigrationDifference, one)]
    printed = run("migration differences").out
    assert "77" in printed
    assert "price is 1" in printed
    run("migration differences --resolved --json")
    assert fake.calls[-1][2] == {"include_resolved": True}
    fault = migration_report_pb2.MigrationFault(number=1, side=2, text="disk full")  # type: ignore[arg-type]
    fake.answers["migration_faults"] = [read(MigrationFault, fault)]
    assert "TARGET" in run("migration faults").out
    assert json.loads(run("migration faults --json").out)[0]["text"] == "disk full"
