"""`quantumcore log proof` and `log export`: what is handed to somebody outside the venue."""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from quantumcore.client.cli import options
from quantumcore.client.cli.choices import EventClassName, ExportFormatName
from quantumcore.client.cli.exit_codes import LogCorrupt
from quantumcore.client.cli.options import Address, Authorities, Json, Token

if TYPE_CHECKING:
    from collections.abc import Iterable

    from quantumcore.client.audit_values import EventProof, ExportPiece, LogHead

MANIFEST = ".manifest.json"
UNFINISHED = ".part"


def add_to(app: typer.Typer) -> None:
    """Add the commands."""
    app.command()(proof)
    app.command()(export)


def proof(
    sequence: Annotated[int, typer.Argument(min=1, help="The event.")],
    *,
    check: Annotated[
        bool, typer.Option("--check", help="Recompute every hash of the proof here.")
    ] = False,
    headers: Annotated[
        bool, typer.Option("--headers", help="Prove up to the chain hash too, header by header.")
    ] = False,
    head: Annotated[
        Path | None, typer.Option(help="File with a head noted earlier; prove up to it.")
    ] = None,
    address: Address = None,
    token: Token = None,
    authorities: Authorities = None,
    as_json: Json = False,
) -> None:
    """Prove that one event is in the log."""
    from quantumcore.client.cli.log_verify import read_head
    from quantumcore.client.cli.output import print_fields, print_json

    noted = read_head(head)
    with options.audit_connection(address, token, authorities) as audit:
        found = audit.event_proof(
            sequence,
            head_sequence=0 if noted is None else noted.sequence,
            include_headers=headers,
        )
    if not check:
        print_json(found) if as_json else print_fields(
            [
                ("sequence", sequence),
                ("block", found.block_header),
                ("payload_bytes", len(found.event_bytes)),
                ("path_to_root", len(found.log_path)),
                ("headers_to_head", len(found.following_headers)),
                ("head_sequence", found.head.sequence),
                ("chain_hash", found.head.chain_hash),
                ("root_hash", found.root_hash),
            ]
        )
        return
    _check(found, sequence, noted, headers=headers, as_json=as_json)


def _check(
    found: EventProof, sequence: int, noted: LogHead | None, *, headers: bool, as_json: bool
) -> None:
    """Recompute a proof and say what it shows; raise LogCorrupt."""
    from quantumcore.client.cli.output import print_json
    from quantumcore.client.proof import ProofInvalid, check_proof

    try:
        proven = check_proof(
            found,
            sequence,
            root_hash=b"" if noted is None else noted.root_hash,
            chain_hash=noted.chain_hash if noted is not None and headers else b"",
        )
    except ProofInvalid as problem:
        raise LogCorrupt(f"event {sequence} is not proven: {problem}") from problem
    if as_json:
        print_json(proven)
        return
    way = "root and chain" if proven.by_chain else "root"
    against = "noted head" if noted is not None else "head"
    print(
        f"event {sequence} is in block {proven.block_number}, proven up to the {against} "
        f"at sequence {proven.head_sequence} by its {way} hash"
    )


def export(
    file: Annotated[Path, typer.Argument(help="File to write; a manifest is written beside it.")],
    *,
    form: Annotated[
        ExportFormatName, typer.Option("--format", help="Form of the file.")
    ] = ExportFormatName.JSON_LINES,
    from_sequence: Annotated[int, typer.Option(min=0, help="First sequence wanted.")] = 0,
    to_sequence: Annotated[int, typer.Option(min=0, help="Last one wanted; 0: the last.")] = 0,
    since: Annotated[str, typer.Option(help="Only from this time on, ISO 8601 with a zone.")] = "",
    before: Annotated[str, typer.Option(help="Only before this time.")] = "",
    event_class: Annotated[
        EventClassName | None, typer.Option("--class", help="Only events of this class.")
    ] = None,
    account: Annotated[
        list[str] | None, typer.Option("--account", "-a", help="Only of this account; repeatable.")
    ] = None,
    remnants: Annotated[
        bool, typer.Option("--remnants", help="Also what retention left where it removed events.")
    ] = False,
    address: Address = None,
    token: Token = None,
    authorities: Authorities = None,
    as_json: Json = False,
) -> None:
    """Export events to a file, and what proves it to a manifest beside it."""
    from quantumcore.client.audit_enums import EventClass, ExportFormat
    from quantumcore.client.cli.output import print_json
    from quantumcore.client.cli.times import moment_ns

    with options.audit_connection(address, token, authorities) as audit:
        pieces = audit.export_events(
            ExportFormat[form.name],
            from_sequence=from_sequence,
            until_sequence=to_sequence,
            from_time_ns=moment_ns(since, name="since") if since else 0,
            until_time_ns=moment_ns(before, name="before") if before else 0,
            event_class=options.member(EventClass, event_class) or EventClass.UNSPECIFIED,
            accounts=[options.reference(one) for one in account or ()],
            include_remnants=remnants,
        )
        manifest = _written(file, pieces, form.value)
    if as_json:
        print_json(manifest)
    else:
        print(f"{manifest['event_count']} events in {file}, SHA-256 {manifest['sha256']}")


def _written(file: Path, pieces: Iterable[ExportPiece], form: str) -> dict[str, object]:
    """Write the pieces, check the hash, and give file and manifest their names at the end."""
    import json
    from hashlib import sha256

    hashed, last = sha256(), None
    unfinished = file.with_name(file.name + UNFINISHED)
    try:
        with unfinished.open("wb") as out:
            for piece in pieces:
                out.write(piece.data)
                hashed.update(piece.data)
                last = piece
            out.flush()
            os.fsync(out.fileno())
        if last is None or last.content_hash != hashed.digest() or last.head is None:
            raise LogCorrupt("the export is not complete: its hash is not the venue's")
    except BaseException:
        with suppress(FileNotFoundError):
            unfinished.unlink()
        raise
    manifest: dict[str, object] = {
        "file": file.name,
        "format": form,
        "sha256": hashed.hexdigest(),
        "event_count": last.event_count,
        "until_sequence": last.sequence,
        "head_sequence": last.head.sequence,
        "head_block_number": last.head.block_number,
        "head_chain_hash": last.head.chain_hash.hex(),
    }
    unfinished.replace(file)
    beside = file.with_name(file.name + MANIFEST)
    beside.write_text(json.dumps(manifest, indent=2) + "\n")
    return manifest
