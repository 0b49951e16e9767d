"""Prove that a journal is whole, without changing it."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from quantumcore.server.journal.errors import JournalCorrupt
from quantumcore.server.journal.files import Files
from quantumcore.server.journal.layout import BLOCK_HEADER_BYTES, SEGMENT_HEADER_BYTES, Position
from quantumcore.server.journal.reader import Walk
from quantumcore.server.journal.scan import list_segments

PROGRESS_STEP_BYTES = 4 * 1024 * 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class VerifyReport:
    """What verification found; figures count what lies before the first damage.

    `torn_at` is an unfinished block at the very end, as a crash (or a writer at work) leaves it:
    nothing acknowledged is lost. `corruption` is damage anywhere else.
    """

    segments: int
    blocks: int
    commands: int
    last_sequence: int
    head_hash: bytes
    verified_bytes: int
    torn_at: Position | None
    torn_reason: str | None
    corruption: JournalCorrupt | None

    @property
    def intact(self) -> bool:
        """Tell whether no stored byte is damaged; a torn tail does not count."""
        return self.corruption is None


def verify(
    directory: Path,
    *,
    progress: Callable[[int, int], None] | None = None,
    files: Files | None = None,
) -> VerifyReport:
    """Check every checksum, hash, link and sequence of a journal, also of a live one.

    `progress(done_bytes, total_bytes)` is called about every 4 MiB and at the end. Raise
    FileNotFoundError when the directory does not exist.
    """
    files = files or Files()
    total_bytes = _total_bytes(directory, list_segments(files, directory))
    walk = Walk(files, directory)
    blocks = commands = block_bytes = reported = 0
    corruption: JournalCorrupt | None = None
    try:
        for block in walk:
            blocks += 1
            commands += block.command_count
            block_bytes += BLOCK_HEADER_BYTES + len(block.payload)
            if progress is not None and block_bytes - reported >= PROGRESS_STEP_BYTES:
                reported = block_bytes
                progress(min(reported, total_bytes), total_bytes)
    except JournalCorrupt as found:
        corruption = found
    verified_bytes = block_bytes + SEGMENT_HEADER_BYTES * walk.segment_count
    if progress is not None:
        progress(min(verified_bytes, total_bytes), total_bytes)
    return VerifyReport(
        segments=walk.segment_count,
        blocks=blocks,
        commands=commands,
        last_sequence=walk.chain.next_sequence - 1,
        head_hash=walk.chain.head_hash,
        verified_bytes=verified_bytes,
        torn_at=Position(walk.torn.segment, walk.torn.offset) if walk.torn else None,
        torn_reason=walk.torn.reason if walk.torn else None,
        corruption=corruption,
    )


def _total_bytes(directory: Path, names: list[str]) -> int:
    return sum((directory / name).stat().st_size for name in names)
