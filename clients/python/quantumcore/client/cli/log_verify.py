"""Tell people how far a verification is, and what it found."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from quantumcore.client.cli.exit_codes import LogCorrupt, UsageError

if TYPE_CHECKING:
    from quantumcore.client.audit_values import LogHead, LogVerification


def verified_here(
    directory: Path, *, replay: bool, store: str, head: Path | None
) -> Iterator[LogVerification]:
    """Verify in this process, without a venue."""
    from quantumcore.client.audit_values import LogVerification
    from quantumcore.client.convert import read
    from quantumcore.server.store.audit.verify import Asked, Verification
    from quantumcore.server.store.errors import StoreError
    from quantumcore.v1 import log_pb2

    noted = read_head(head)
    anchor = log_pb2.LogHead() if noted is None else log_pb2.LogHead(
        sequence=noted.sequence, block_number=noted.block_number,
        chain_hash=noted.chain_hash, root_hash=noted.root_hash,
    )  # fmt: skip
    asked = Asked(directory=directory, replay=replay, store_url=store, anchor=anchor)
    try:
        for update in Verification(asked).updates():
            yield read(LogVerification, update)
    except StoreError as problem:
        raise UsageError(str(problem)) from problem


def tell(updates: Iterable[LogVerification], save_head: Path | None, *, as_json: bool) -> None:
    """Print progress to standard error and the end to standard output; raise LogCorrupt."""
    from quantumcore.client.cli.output import print_fields, print_json

    for update in updates:
        if as_json:
            print_json(update)
        elif not update.finished and sys.stderr.isatty():
            print(f"sequence {update.sequence} of {update.until_sequence}", file=sys.stderr)
        if not update.finished:
            continue
        if not as_json:
            print_fields(_fields(update))
        if update.defect:
            where = f"{update.defect.name} at sequence {update.defect_sequence}"
            raise LogCorrupt(f"{where}: {update.text}")
        if save_head is not None and update.head is not None:
            write_head(save_head, update.head)


def _fields(update: LogVerification) -> list[tuple[str, object]]:
    head = update.head
    fields: list[tuple[str, object]] = [
        ("intact", not update.defect),
        ("last_sequence", update.sequence),
        ("blocks", update.block_count),
        ("compared_events", update.compared_count),
        ("removed_events", update.removed_count),
    ]
    if head is not None:
        fields += [("chain_hash", head.chain_hash), ("root_hash", head.root_hash)]
    return [*fields, ("proven" if not update.defect else "defect", update.text)]


def write_head(path: Path, head: LogHead) -> None:
    """Write a head down, to be kept outside the venue."""
    told = {
        "sequence": head.sequence,
        "block_number": head.block_number,
        "time_ns": head.time_ns,
        "chain_hash": head.chain_hash.hex(),
        "root_hash": head.root_hash.hex(),
    }
    path.write_text(json.dumps(told, indent=2) + "\n")


def read_head(path: Path | None) -> LogHead | None:
    """Read a head that was written down; raise UsageError for what is none."""
    if path is None:
        return None
    from quantumcore.client.audit_values import LogHead

    try:
        told = json.loads(path.read_text())
        return LogHead(
            sequence=int(told["sequence"]),
            block_number=int(told["block_number"]),
            time_ns=int(told["time_ns"]),
            chain_hash=bytes.fromhex(told["chain_hash"]),
            root_hash=bytes.fromhex(told["root_hash"]),
        )
    except (ValueError, KeyError, TypeError) as problem:
        raise UsageError(f"{path} holds no head of a log: {problem}") from problem
