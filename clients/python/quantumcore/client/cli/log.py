"""`quantumcore log`: verify, prove, read, export and keep the event log."""

from __future__ import annotations

import logging
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from quantumcore.client.cli import options
from quantumcore.client.cli.exit_codes import ExitCode, LogCorrupt
from quantumcore.client.cli.options import Address, Authorities, Json, Token

if TYPE_CHECKING:
    from quantumcore.server.journal.verify import VerifyReport

app = typer.Typer(help="Verify, prove, read, export and keep the event log.", no_args_is_help=True)

Data = Annotated[Path, typer.Option("--data", help="The venue's data directory.")]


@app.command()
def verify(
    data: Data = Path("data"),
    *,
    replay: Annotated[
        bool, typer.Option("--replay", help="Execute all commands again and compare events.")
    ] = False,
    store: Annotated[
        str, typer.Option(help="URL of an event store to compare, with its projections.")
    ] = "",
    venue: Annotated[
        bool, typer.Option("--venue", help="Let the running venue verify its own log and store.")
    ] = False,
    head: Annotated[
        Path | None, typer.Option(help="File with a head noted earlier; it has to agree.")
    ] = None,
    save_head: Annotated[Path | None, typer.Option(help="Write the head to this file.")] = None,
    address: Address = None,
    token: Token = None,
    authorities: Authorities = None,
    as_json: Json = False,
) -> None:
    """Check every checksum, hash and sequence; the venue may run meanwhile."""
    from quantumcore.client.cli import log_verify

    if venue:
        with options.audit_connection(address, token, authorities) as audit:
            updates = audit.verify_log(
                replay=replay, compare_store=True, anchor=log_verify.read_head(head)
            )
            log_verify.tell(updates, save_head, as_json=as_json)
    elif replay or store or head or save_head:
        directory = journal_directory(data)
        updates = log_verify.verified_here(directory, replay=replay, store=store, head=head)
        log_verify.tell(updates, save_head, as_json=as_json)
    else:
        _verify_journal(journal_directory(data), as_json=as_json)


def _verify_journal(directory: Path, *, as_json: bool) -> None:
    from quantumcore.client.cli.output import print_fields, print_json
    from quantumcore.server.journal.verify import verify as verify_journal

    report = verify_journal(directory)
    if as_json:
        print_json(_summary(report))
    else:
        print_fields(list(_summary(report).items()))
    if not report.intact:
        if as_json:
            raise typer.Exit(ExitCode.CORRUPT)
        raise LogCorrupt(str(report.corruption))


@app.command()
def show(
    data: Data = Path("data"),
    *,
    from_sequence: Annotated[int, typer.Option(min=1, help="First sequence wanted.")] = 1,
    to_sequence: Annotated[int, typer.Option(min=0, help="Last one wanted; 0: the last.")] = 0,
    as_json: Json = False,
) -> None:
    """Print commands and events, oldest first."""
    from quantumcore.client.cli.output import print_json
    from quantumcore.client.cli.records import read_records
    from quantumcore.server.journal.errors import JournalCorrupt

    try:
        for record in read_records(journal_directory(data), from_sequence, to_sequence):
            print_json(record) if as_json else print(_line(record))
    except JournalCorrupt as damage:
        raise LogCorrupt(str(damage)) from damage


@app.command()
def snapshots(data: Data = Path("data"), *, as_json: Json = False) -> None:
    """List snapshots, newest first, and verify each; the venue may run meanwhile."""
    from quantumcore.client.cli.output import print_fields, print_json
    from quantumcore.server.snapshots.directory import SnapshotDirectory
    from quantumcore.server.snapshots.listing import described

    journal_directory(data)
    rows = described(SnapshotDirectory(data))
    for row in rows:
        print_json(row) if as_json else print_fields(list(row.items()))
    unfit = [str(row["unfit"]) for row in rows if row["unfit"]]
    if unfit:
        if as_json:
            raise typer.Exit(ExitCode.CORRUPT)
        raise LogCorrupt("; ".join(unfit))


@app.command()
def snapshot(data: Data = Path("data"), *, as_json: Json = False) -> None:
    """Take a snapshot of all that the log holds; a venue that takes its own must not run."""
    from quantumcore.client.cli.output import print_fields, print_json
    from quantumcore.server.snapshots.directory import SnapshotDirectory
    from quantumcore.server.snapshots.follower import take_now
    from quantumcore.server.snapshots.listing import described

    journal_directory(data)
    _log_warnings()
    take_now(data)
    row = described(SnapshotDirectory(data))[0]
    print_json(row) if as_json else print_fields(list(row.items()))


def journal_directory(data: Path) -> Path:
    """Find the journal of a data directory; raise FileNotFoundError."""
    directory = data / "journal"
    if not directory.is_dir():
        raise FileNotFoundError(2, "no journal", str(directory))
    return directory


def _log_warnings() -> None:
    """Keep standard output for the answer."""
    import structlog

    structlog.configure(
        wrapper_class=structlog.make_filtering_bound_logger(logging.WARNING),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
    )


def _line(fields: dict[str, Any]) -> str:
    from quantumcore.client.cli.output import clock_time, text

    hidden = {"time_ns", "record", "words"}
    words = " ".join(f"{name}={text(fields[name])}" for name in fields if name not in hidden)
    return f"{clock_time(int(fields['time_ns']))} {fields['record']} {words}"


def _summary(report: VerifyReport) -> dict[str, object]:
    return {
        "intact": report.intact,
        "segments": report.segments,
        "blocks": report.blocks,
        "commands": report.commands,
        "last_sequence": report.last_sequence,
        "chain_head": report.head_hash.hex(),
        "verified_bytes": report.verified_bytes,
        "torn_at": None if report.torn_at is None else str(report.torn_at),
        "torn_reason": report.torn_reason,
        "corruption": None if report.corruption is None else str(report.corruption),
    }
