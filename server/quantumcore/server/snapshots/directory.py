"""The snapshots of a venue: which there are, which can be used, and which may go."""

from collections.abc import Iterator
from pathlib import Path

import structlog

from quantumcore.server.journal.errors import MarkMissing
from quantumcore.server.journal.files import Files
from quantumcore.server.journal.layout import segment_first_sequence
from quantumcore.server.journal.mark import Mark
from quantumcore.server.journal.scan import list_segments, open_source
from quantumcore.server.snapshots.errors import SnapshotForeign, SnapshotUnfit
from quantumcore.server.snapshots.layout import (
    NO_BASE,
    Header,
    is_snapshot_name,
    snapshot_name,
    snapshot_sequence,
)
from quantumcore.server.snapshots.snapshot import Snapshot, read_header, read_mark, read_snapshot

UNFINISHED_SUFFIX = ".new"
FOREIGN_SUFFIX = ".foreign"

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
        self._check_journal(name, snapshot.mark)
        return snapshot

    def usable(self) -> Iterator[Snapshot]:
        """Yield those that can be gone on from, newest first; say why others are passed over."""
        for name in self.names():
            try:
                yield self.read(name)
            except (SnapshotUnfit, FileNotFoundError) as problem:
                log.warning("snapshot passed over", snapshot=name, reason=str(problem))

    def set_foreign_aside(self, last_sequence: int | None = None) -> list[str]:
        """Rename those that the journal does not vouch for; return their names, newest first.

        They would count as the newest for as long as they are ahead of the journal: no other were
        taken until then, and none of use kept. With the last sequence of the journal, those ahead
        of it are found even where they are damaged.
        """
        aside = list[str]()
        for name in self.names():
            try:
                if last_sequence is not None and snapshot_sequence(name) > last_sequence:
                    raise SnapshotForeign(name, f"is ahead of the journal's {last_sequence}")
                self.check_own(name)
            except SnapshotForeign as problem:
                put = self._free_name(name)
                self.files.rename(self.path / name, self.path / put)
                log.warning("snapshot set aside", snapshot=name, to=put, reason=problem.reason)
                aside.append(name)
            except (SnapshotUnfit, FileNotFoundError) as problem:
                log.debug("mark not readable", snapshot=name, reason=str(problem))
        if aside:
            self.files.sync_directory(self.path)
        return aside

    def check_own(self, name: str) -> None:
        """Raise SnapshotForeign unless the journal holds what a snapshot was taken behind.

        What it was taken behind may have been removed since; so may the snapshot soon.
        """
        mark = read_mark(self.files, self.path, name)
        segments = list_segments(self.files, self.journal) if self.journal.exists() else []
        if segments and mark.last_sequence < segment_first_sequence(segments[0]):
            return
        self._check_journal(name, mark)

    def _free_name(self, name: str) -> str:
        put, count = f"{name}{FOREIGN_SUFFIX}", 1
        while (self.path / put).exists():
            count += 1
            put = f"{name}.{count}{FOREIGN_SUFFIX}"
        return put

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

    def _check_journal(self, name: str, mark: Mark) -> None:
        try:
            with open_source(self.files, self.journal / mark.position.segment) as source:
                mark.enter(source)
        except (MarkMissing, FileNotFoundError) as problem:
            reason = f"is not of this journal, or ahead of it: {problem}"
            raise SnapshotForeign(name, reason) from problem

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
