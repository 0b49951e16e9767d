"""The snapshots of a venue: which there are, which can be used, and which may go."""

from collections.abc import Iterator
from pathlib import Path

import structlog

from quantumcore.server.journal.errors import MarkMissing
from quantumcore.server.journal.files import Files
from quantumcore.server.journal.scan import open_source
from quantumcore.server.snapshots.errors import SnapshotForeign, SnapshotUnfit
from quantumcore.server.snapshots.layout import (
    NO_BASE,
    Header,
    is_snapshot_name,
    snapshot_name,
    snapshot_sequence,
)
from quantumcore.server.snapshots.snapshot import Snapshot, read_header, read_snapshot

UNFINISHED_SUFFIX = ".new"

log = structlog.get_logger("quantumcore.snapshots")


class SnapshotDirectory:
    """`snapshots/` beside the journal of a venue; one process at a time writes to it."""

    def __init__(self, data: Path, *, files: Files | None = None) -> None:
        self.path, self.journal = data / "snapshots", data / "journal"
        self.files = files or Files()

    def names(self) -> list[str]:
        """Return the names of the snapshots, newest first."""
        if not self.path.exists():
            return []
        names = self.files.list_names(self.path)
        return [name for name in reversed(names) if is_snapshot_name(name)]

    def read(self, name: str) -> Snapshot:
        """Return a snapshot that can be gone on from; raise SnapshotUnfit for any other."""
        snapshot = read_snapshot(self.files, self.path, name)
        self._check_journal(snapshot)
        return snapshot

    def usable(self) -> Iterator[Snapshot]:
        """Yield those that can be gone on from, newest first; say why others are passed over."""
        for name in self.names():
            try:
                yield self.read(name)
            except (SnapshotUnfit, FileNotFoundError) as problem:
                log.warning("snapshot passed over", snapshot=name, reason=str(problem))

    def headers(self) -> list[tuple[str, Header]]:
        """Return the names and headers of those whose header can be read, newest first."""
        found = list[tuple[str, Header]]()
        for name in self.names():
            try:
                found.append((name, read_header(self.files, self.path, name)))
            except (SnapshotUnfit, FileNotFoundError) as problem:
                log.debug("header not readable", snapshot=name, reason=str(problem))
        return found

    def complete(self) -> list[str]:
        """Return the names of those that rest upon no other, newest first."""
        return [name for name, header in self.headers() if header.base_sequence == NO_BASE]

    def safe_sequence(self) -> int:
        """Return the sequence of the oldest of two or more complete snapshots; 0: there are not."""
        complete = self.complete()
        return snapshot_sequence(complete[-1]) if len(complete) > 1 else 0

    def _check_journal(self, snapshot: Snapshot) -> None:
        mark = snapshot.mark
        try:
            with open_source(self.files, self.journal / mark.position.segment) as source:
                mark.enter(source)
        except (MarkMissing, FileNotFoundError) as problem:
            reason = f"is not of this journal, or ahead of it: {problem}"
            raise SnapshotForeign(snapshot.name, reason) from problem

    def prune(self, kept: int) -> None:
        """Keep the newest so many, their bases, and one complete snapshot before those.

        So damage to one file never takes away all that a shortened journal can be read from.
        """
        headers = self.headers()
        wanted = {name for name, _header in headers[:kept]}
        bases = {
            snapshot_name(header.base_sequence)
            for _name, header in headers[:kept]
            if header.base_sequence != NO_BASE
        }
        complete = [name for name, header in headers if header.base_sequence == NO_BASE]
        wanted |= bases
        wanted |= set([name for name in complete if name < min(wanted, default="")][:1])
        removed = [name for name in self.names() if name not in wanted and wanted]
        for name in removed:
            if name < max(wanted):
                self.files.remove(self.path / name)
        if removed:
            self.files.sync_directory(self.path)

    def remove_unfinished(self) -> None:
        """Remove what an interrupted writer left."""
        for name in self.files.list_names(self.path):
            if name.endswith(UNFINISHED_SUFFIX):
                self.files.remove(self.path / name)
