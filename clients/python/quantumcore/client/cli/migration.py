"""`quantumcore migration`: move the venue's store while it trades."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Annotated

import typer

from quantumcore.client.cli import options
from quantumcore.client.cli.exit_codes import UsageError
from quantumcore.client.cli.options import Address, Authorities, Json, Token

if TYPE_CHECKING:
    from quantumcore.client import Client
    from quantumcore.client.migration import Migration, MigrationChange, MigrationPhase

app = typer.Typer(help="Move the venue's store while it trades.", no_args_is_help=True)

RETRY_INTERVAL_S = 0.1
WORTH_WAITING = (
    "ERROR_REASON_MIGRATION_TARGET_BEHIND",
    "ERROR_REASON_MIGRATION_BACKFILL_UNFINISHED",
    "ERROR_REASON_MIGRATION_NOT_VERIFIED",
    "ERROR_REASON_MIGRATION_FAULT_OPEN",
    "ERROR_REASON_STORE_UNAVAILABLE",
)
Wait = Annotated[
    float, typer.Option("--wait", min=0, help="Seconds to wait for what the step needs.")
]


@app.command()
def show(
    *,
    address: Address = None,
    token: Token = None,
    authorities: Authorities = None,
    as_json: Json = False,
) -> None:
    """Show how far the move is."""
    from quantumcore.client.cli.output import print_json

    with options.connection(address, token, authorities) as client:
        found = client.migration()
    if as_json:
        print_json(found)
    else:
        _print(found)


@app.command()
def advance(
    *,
    wait: Wait = 0.0,
    address: Address = None,
    token: Token = None,
    authorities: Authorities = None,
    as_json: Json = False,
) -> None:
    """Go on to the next phase, where the stores allow it."""
    from quantumcore.client.migration import MigrationPhase

    with options.connection(address, token, authorities) as client:
        phase = client.migration().phase
        if phase >= MigrationPhase.COMPLETED:
            raise UsageError("the move is completed")
        changed = _advanced(client, phase, MigrationPhase(phase + 1), wait)
    _tell(changed, as_json=as_json)


@app.command()
def back(
    to: Annotated[
        str, typer.Argument(help="idle, dual-write, backfill or verify; else the one before.")
    ] = "",
    *,
    address: Address = None,
    token: Token = None,
    authorities: Authorities = None,
    as_json: Json = False,
) -> None:
    """Go back to an earlier phase; refused once the move is completed."""
    from quantumcore.client.migration import MigrationPhase

    with options.connection(address, token, authorities) as client:
        phase = client.migration().phase
        wanted = _phase(to) if to else MigrationPhase(max(1, phase - 1))
        if wanted >= phase:
            raise UsageError(f"the move is in phase {phase.name}: {wanted.name} is not before it")
        changed = client.advance_migration(phase, wanted)
    _tell(changed, as_json=as_json)


@app.command()
def differences(
    *,
    resolved: Annotated[
        bool, typer.Option("--resolved", help="Also those that are resolved.")
    ] = False,
    address: Address = None,
    token: Token = None,
    authorities: Authorities = None,
    as_json: Json = False,
) -> None:
    """List things in which the stores differ, each with the first event that does."""
    from quantumcore.client.cli.output import print_json, print_table

    with options.connection(address, token, authorities) as client:
        found = list(client.migration_differences(include_resolved=resolved))
    if as_json:
        print_json(found)
        return
    print_table(
        found,
        [
            ("NUMBER", lambda one: one.number),
            ("KIND", lambda one: one.aggregate_type),
            ("ID", lambda one: one.aggregate_id),
            ("FIRST SEQUENCE", lambda one: one.first_sequence),
            ("WRONG", lambda one: one.wrong_side.name if one.wrong_side else "?"),
            ("RESOLVED", lambda one: "yes" if one.resolved_time_ns else "no"),
            ("WHAT", lambda one: one.text),
        ],
    )


@app.command()
def faults(
    *,
    address: Address = None,
    token: Token = None,
    authorities: Authorities = None,
    as_json: Json = False,
) -> None:
    """List the times in which a store could not be written."""
    from quantumcore.client.cli.output import clock_time, print_json, print_table

    with options.connection(address, token, authorities) as client:
        found = list(client.migration_faults())
    if as_json:
        print_json(found)
        return
    print_table(
        found,
        [
            ("NUMBER", lambda one: one.number),
            ("STORE", lambda one: one.side),
            ("SINCE", lambda one: clock_time(one.time_ns)),
            ("BEHIND SEQUENCE", lambda one: one.sequence),
            ("FAILURES", lambda one: one.failure_count),
            ("REPAIRED", lambda one: "yes" if one.repaired_time_ns else "no"),
            ("WHY", lambda one: one.text),
        ],
    )


def _advanced(
    client: Client, phase: MigrationPhase, wanted: MigrationPhase, wait_s: float
) -> MigrationChange:
    """Take a step, again and again while what it needs may come; it is taken once."""
    from quantumcore.client.commands import new_request_id
    from quantumcore.client.errors import CallFailed

    until_s, request_id = time.monotonic() + wait_s, new_request_id()
    while True:
        try:
            return client.advance_migration(phase, wanted, request_id=request_id)
        except CallFailed as refused:
            if refused.reason not in WORTH_WAITING or time.monotonic() >= until_s:
                raise
        time.sleep(RETRY_INTERVAL_S)


def _phase(name: str) -> MigrationPhase:
    from quantumcore.client.migration import MigrationPhase

    try:
        return MigrationPhase[name.upper().replace("-", "_")]
    except KeyError:
        raise UsageError(f"there is no phase {name}") from None


def _tell(changed: MigrationChange, *, as_json: bool) -> None:
    from quantumcore.client.cli.output import print_json

    if as_json:
        print_json(changed)
    else:
        print(f"phase {changed.migration.phase.name}, sequence {changed.sequence}")


def _print(found: Migration) -> None:
    from quantumcore.client.cli.output import clock_time, print_fields

    since = found.phase_started_time_ns
    print_fields(
        [
            ("phase", found.phase),
            ("since", clock_time(since) if since else None),
            ("source", found.source or None),
            ("target", found.target or None),
            ("source has", found.source_store_sequence),
            ("target has", found.target_store_sequence),
            ("compared up to", found.verified_sequence),
            ("differ", found.mismatch_count),
            ("first at", found.first_mismatch_sequence or None),
        ]
    )
