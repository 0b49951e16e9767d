"""Journals to test with, and a file system that fails on demand."""

import errno
from collections.abc import Sequence
from pathlib import Path

from quantumcore.server.journal import Journal, JournalReader, JournalSettings
from quantumcore.server.journal.files import Files

SMALL_SEGMENTS = JournalSettings(segment_bytes=4096)
START_NS = 1_700_000_000_000_000_000


class SimulatedCrashError(BaseException):
    """The process dies here: nothing after this point may run."""


class FaultyFiles(Files):
    """Fail writes after a budget of bytes, and syncs when told to."""

    def __init__(self) -> None:
        self.write_budget_bytes: int | None = None
        self.write_failure: BaseException | None = None
        self.sync_failure: OSError | None = None
        self.truncate_failure: OSError | None = None
        self.sync_count = 0

    def writev(self, descriptor: int, buffers: Sequence[bytes | bytearray | memoryview]) -> int:
        data = b"".join(buffers)
        if self.write_budget_bytes is None or len(data) <= self.write_budget_bytes:
            return super().writev(descriptor, [data])
        written = super().writev(descriptor, [data[: self.write_budget_bytes]])
        if self.write_failure is not None:
            raise self.write_failure
        return written

    def fdatasync(self, descriptor: int) -> None:
        self.sync_count += 1
        if self.sync_failure is not None:
            raise self.sync_failure
        super().fdatasync(descriptor)

    def truncate(self, descriptor: int, length: int) -> None:
        if self.truncate_failure is not None:
            raise self.truncate_failure
        super().truncate(descriptor, length)


def disk_full() -> OSError:
    return OSError(errno.ENOSPC, "No space left on device")


def input_output_error() -> OSError:
    return OSError(errno.EIO, "Input/output error")


def append(journal: Journal, payload: bytes, *, events: int = 1) -> None:
    first = journal.accepted_sequence + 1
    journal.append(
        payload,
        first_sequence=first,
        last_sequence=first + events - 1,
        command_count=1,
        time_ns=START_NS + first,
    )


def write(directory: Path, payloads: Sequence[bytes], settings: JournalSettings) -> None:
    with Journal.open(directory, settings=settings) as journal:
        for payload in payloads:
            append(journal, payload)


def read(directory: Path, from_sequence: int = 1) -> list[bytes]:
    return [bytes(block.payload) for block in JournalReader(directory).blocks(from_sequence)]


def segments(directory: Path) -> list[Path]:
    return sorted(directory.glob("*.qcj"))
