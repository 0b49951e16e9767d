"""Describe the snapshots of a venue, each verified whole."""

from quantumcore.server.snapshots.directory import SnapshotDirectory
from quantumcore.server.snapshots.errors import SnapshotUnfit
from quantumcore.server.snapshots.layout import NO_BASE


def described(directory: SnapshotDirectory) -> list[dict[str, object]]:
    """Return a row for each, newest first; `unfit` says why one would be passed over."""
    return [_row(directory, name) for name in directory.names()]


def _row(directory: SnapshotDirectory, name: str) -> dict[str, object]:
    try:
        snapshot = directory.read(name)
    except (SnapshotUnfit, FileNotFoundError) as problem:
        return {"snapshot": name, "unfit": str(problem)}
    header = snapshot.header
    return {
        "snapshot": name,
        "unfit": None,
        "sequence": header.sequence,
        "time_ns": header.time_ns,
        "created_time_ns": header.created_time_ns,
        "bytes": snapshot.size_bytes,
        "base_sequence": None if header.base_sequence == NO_BASE else header.base_sequence,
        "state_hash": header.state_hash.hex(),
    }
