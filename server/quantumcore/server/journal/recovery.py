"""Bring a journal directory into a state that a writer can continue."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from quantumcore.server.journal.errors import JournalCorrupt
from quantumcore.server.journal.files import Files
from quantumcore.server.journal.layout import Block, Position
from quantumcore.server.journal.mark import Mark
from quantumcore.server.journal.reader import Walk
from quantumcore.server.journal.scan import CHUNK_BYTES, Chain

UNFINISHED_SUFFIX = ".new"
TORN_SUFFIX = ".torn"


@dataclass(frozen=True, slots=True, kw_only=True)
class Recovery:
    """Report what was found when a journal was opened.

    `segments`, `blocks` and `commands` count what was read, which may begin behind a mark.
    `truncated_bytes` is 0 and the other `truncated_` fields are None when the log ended with a
    whole block; otherwise the bytes cut off are in the file `truncated_kept_in`.
    """

    segments: int
    blocks: int
    commands: int
    last_sequence: int
    head_hash: bytes
    truncated_bytes: int = 0
    truncated_at: Position | None = None
    truncated_reason: str | None = None
    truncated_kept_in: Path | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Recovered:
    """What the writer needs to go on: the report, the chain, and the end of the last segment."""

    recovery: Recovery
    chain: Chain
    end: Position | None


def recover(
    files: Files,
    directory: Path,
    visit: Callable[[Block], None] | None,
    after: Mark | None = None,
) -> Recovered:
    """Verify the log, passing each block to `visit`, and set a torn tail aside.

    All of it, or what lies behind a block that was read before.

    Raise JournalCorrupt, changing nothing, when anything but the tail is damaged.
    """
    _remove_unfinished(files, directory)
    walk = Walk(files, directory, after=after)
    blocks = commands = 0
    for block in walk:
        blocks += 1
        commands += block.command_count
        if visit is not None:
            visit(block)
    cut_bytes, kept_in = _set_aside(files, directory, walk.torn)
    recovery = Recovery(
        segments=walk.segment_count,
        blocks=blocks,
        commands=commands,
        last_sequence=walk.chain.next_sequence - 1,
        head_hash=walk.chain.head_hash,
        truncated_bytes=cut_bytes,
        truncated_at=Position(walk.torn.segment, walk.torn.offset) if walk.torn else None,
        truncated_reason=walk.torn.reason if walk.torn else None,
        truncated_kept_in=kept_in,
    )
    return Recovered(recovery=recovery, chain=walk.chain, end=walk.end)


def _remove_unfinished(files: Files, directory: Path) -> None:
    for name in files.list_names(directory):
        if name.endswith(UNFINISHED_SUFFIX):
            files.remove(directory / name)


def _set_aside(
    files: Files, directory: Path, torn: JournalCorrupt | None
) -> tuple[int, Path | None]:
    """Copy the torn tail to a file of its own, make that durable, then cut it off."""
    if torn is None:
        return 0, None
    segment = directory / torn.segment
    kept_in = _free_name(files, directory, f"{torn.segment}.{torn.offset}")
    length = _copy_tail(files, segment, torn.offset, kept_in)
    files.sync_directory(directory)
    descriptor = files.open_append(segment)
    try:
        files.truncate(descriptor, torn.offset)
        files.fsync(descriptor)
    finally:
        files.close(descriptor)
    return length, kept_in


def _free_name(files: Files, directory: Path, stem: str) -> Path:
    taken = set(files.list_names(directory))
    name, count = f"{stem}{TORN_SUFFIX}", 1
    while name in taken:
        count += 1
        name = f"{stem}.{count}{TORN_SUFFIX}"
    return directory / name


def _copy_tail(files: Files, source: Path, offset: int, target: Path) -> int:
    reading, writing = files.open_read(source), files.create(target)
    copied = 0
    try:
        while part := files.pread(reading, CHUNK_BYTES, offset + copied):
            copied += files.writev(writing, [part])
        files.fsync(writing)
    finally:
        files.close(reading)
        files.close(writing)
    return copied
