"""The writer's journal: what is appended here is what the venue acknowledges."""

from collections.abc import Callable, Iterator
from hashlib import sha256
from pathlib import Path
from typing import Self
from zlib import crc32

from quantumcore.server.journal.commit import Commit, begin_commit
from quantumcore.server.journal.errors import JournalClosed, JournalFailed, JournalLocked
from quantumcore.server.journal.files import Files
from quantumcore.server.journal.layout import (
    BLOCK_HEADER,
    BLOCK_HEADER_BYTES,
    BLOCK_MAGIC,
    CHECKSUM,
    FORMAT_VERSION,
    MAX_PAYLOAD_BYTES,
    Block,
)
from quantumcore.server.journal.mark import Mark
from quantumcore.server.journal.reader import JournalReader
from quantumcore.server.journal.recovery import Recovered, recover
from quantumcore.server.journal.scan import Chain
from quantumcore.server.journal.segment import SegmentWriter
from quantumcore.server.journal.settings import JournalSettings
from quantumcore.server.journal.syncing_cy import SyncLoop

LOCK_NAME = "journal.lock"
CHECKSUM_AT = BLOCK_HEADER_BYTES - CHECKSUM.size

Payload = bytes | bytearray | memoryview


class Journal:
    """Append blocks to a directory that this process alone may write.

    One thread appends. A second thread, owned by the journal, syncs in groups and moves the
    durable watermark. After any failed write or sync the journal is failed for good: a sync is
    never repeated, because the kernel may have dropped the pages it could not write.
    """

    def __init__(
        self,
        directory: Path,
        settings: JournalSettings,
        files: Files,
        lock: int,
        recovered: Recovered,
        *,
        on_durable: Callable[[int], None] | None = None,
        on_failure: Callable[[Exception], None] | None = None,
        pause: Callable[[float], None] | None = None,
    ) -> None:
        self.directory = directory
        self.settings = settings
        self.recovery = recovered.recovery
        self._files = files
        self._lock = lock
        self._on_failure = on_failure
        self._failure: Exception | None = None
        self._closed = False
        chain = recovered.chain
        self._epoch = chain.epoch + 1
        self._head_hash = chain.head_hash
        window_ns = round(settings.sync_window_s * 1e9)
        self._marks = SyncLoop(chain.next_sequence - 1, chain.next_number - 1, window_ns)
        self._header = bytearray(BLOCK_HEADER_BYTES)
        self._checked_part = memoryview(self._header)[:CHECKSUM_AT]
        self._retired: list[tuple[int, int]] = []
        try:
            self._segment = self._first_segment(recovered)
            self._marks.use(self._segment.open_for_sync())
        except BaseException:
            self._marks.close()
            raise
        self._commit: Commit = begin_commit(
            self._marks,
            files,
            window_s=settings.sync_window_s,
            pause=pause,
            on_durable=on_durable,
            on_failure=self._fail_sync,
        )

    @classmethod
    def open(
        cls,
        directory: Path,
        *,
        settings: JournalSettings | None = None,
        visit: Callable[[Block], None] | None = None,
        after: Mark | None = None,
        on_durable: Callable[[int], None] | None = None,
        on_failure: Callable[[Exception], None] | None = None,
        pause: Callable[[float], None] | None = None,
        files: Files | None = None,
    ) -> Self:
        """Lock the directory, verify all of it, cut off a torn tail, and be ready to append.

        `visit` is given every stored block in order while it is verified: recovery in one pass.
        With `after`, what lies up to that block is neither visited nor verified; MarkMissing where
        it is not there.
        `on_durable(sequence)` and `on_failure(exception)` are called in a thread of the journal.
        `pause(seconds)` replaces the wait between two syncs. Raise JournalLocked,
        JournalCorrupt, or OSError as the operating system gave it; nothing stays locked then.
        """
        files = files or Files()
        files.make_directory(directory)
        lock = _take_lock(files, directory)
        try:
            recovered = recover(files, directory, visit, after)
            journal = cls(
                directory,
                settings or JournalSettings(),
                files,
                lock,
                recovered,
                on_durable=on_durable,
                on_failure=on_failure,
                pause=pause,
            )
        except BaseException:
            files.close(lock)
            raise
        return journal

    @property
    def accepted_sequence(self) -> int:
        """Return the last sequence written to the operating system (0: none)."""
        return self._marks.accepted_sequence

    @property
    def durable_sequence(self) -> int:
        """Return the last sequence known to be on the device."""
        return self._marks.durable_sequence

    @property
    def block_count(self) -> int:
        """Return the number of the last block accepted."""
        return self._marks.accepted_blocks

    @property
    def durable_block_count(self) -> int:
        """Return the number of the last block known to be on the device."""
        return self._marks.durable_blocks

    @property
    def unsynced_bytes(self) -> int:
        """Return how much was accepted since it was opened and is not known to be on the device."""
        return self._marks.accepted_bytes - self._marks.durable_bytes

    @property
    def head_hash(self) -> bytes:
        """Return the hash of the last block accepted; it vouches for the whole log."""
        return self._head_hash

    @property
    def epoch(self) -> int:
        """Return how often the journal was opened and written, this time included."""
        return self._epoch

    @property
    def failure(self) -> Exception | None:
        """Return what ended the journal, None while it works."""
        return self._failure

    def append(
        self,
        payload: Payload,
        *,
        first_sequence: int,
        last_sequence: int,
        command_count: int,
        time_ns: int,
    ) -> None:
        """Accept one block with one write; on return it survives the death of the process.

        `first_sequence` must be the one after the last accepted; `last_sequence` is
        `first_sequence - 1` for a block without events. The payload is any contiguous buffer of
        at most 1 GiB and is not kept. Raise JournalFailed when it cannot be written whole: no
        part of it will be read again, and the journal accepts nothing more. Raise ValueError,
        with nothing written, when the sequences leave a gap or the payload is too large.
        """
        if self._failure is not None or self._closed:
            raise self._refusal()
        payload_bytes = memoryview(payload).nbytes
        self._check_contiguous(first_sequence, last_sequence, payload_bytes)
        total_bytes = BLOCK_HEADER_BYTES + payload_bytes
        if self._segment.offset + total_bytes > self.settings.segment_bytes:
            self._begin_segment(first_sequence)
        header = self._header
        BLOCK_HEADER.pack_into(
            header,
            0,
            BLOCK_MAGIC,
            FORMAT_VERSION,
            0,
            BLOCK_HEADER_BYTES,
            payload_bytes,
            command_count,
            self._marks.accepted_blocks + 1,
            first_sequence,
            last_sequence,
            time_ns,
            self._head_hash,
            sha256(payload).digest(),
            self._epoch,
            0,
        )
        CHECKSUM.pack_into(header, CHECKSUM_AT, crc32(self._checked_part))
        try:
            if self._segment.offset >= self._segment.next_indexed:
                self._segment.note_block(self._chain())
            self._segment.append((header, payload), total_bytes)
        except OSError as failure:
            self._fail_append(failure)
        self._head_hash = sha256(header).digest()
        self._marks.accept(last_sequence, total_bytes)
        if self._marks.idle:
            self._commit.notify()

    def blocks(self, from_sequence: int = 1) -> Iterator[Block]:
        """Yield the stored blocks, verified, from the one that holds `from_sequence`."""
        return JournalReader(self.directory, files=self._files).blocks(from_sequence)

    def close(self) -> None:
        """Sync what was accepted, stop the sync thread, release the lock; idempotent.

        Raise JournalFailed when that last sync fails.
        """
        if self._closed:
            return
        self._closed = True
        self._commit.stop()
        try:
            if self._has_pending() and not self._commit.failed:
                self._last_sync()
        finally:
            for descriptor in (self._marks.descriptor, *(one for _, one in self._retired)):
                self._files.close(descriptor)
            self._segment.close()
            self._marks.close()
            self._files.close(self._lock)

    def _last_sync(self) -> None:
        """Sync what the thread has not; it has ended."""
        marks = self._marks
        try:
            self._segment.sync()
        except OSError as failure:
            self._fail_sync(failure)
            raise JournalFailed("the last sync of the journal failed") from failure
        marks.durable_sequence, marks.durable_bytes = marks.accepted_sequence, marks.accepted_bytes
        marks.durable_blocks = marks.accepted_blocks
        self._commit.tell()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exception: object) -> None:
        self.close()

    def _check_contiguous(
        self, first_sequence: int, last_sequence: int, payload_bytes: int
    ) -> None:
        expected = self._marks.accepted_sequence + 1
        if first_sequence != expected:
            raise ValueError(f"block begins at sequence {first_sequence}, expected {expected}")
        if last_sequence < first_sequence - 1:
            raise ValueError(f"block ends at {last_sequence}, before it begins")
        if payload_bytes > MAX_PAYLOAD_BYTES:
            raise ValueError(f"payload of {payload_bytes} bytes exceeds {MAX_PAYLOAD_BYTES}")

    def _first_segment(self, recovered: Recovered) -> SegmentWriter:
        if recovered.end is None:
            return SegmentWriter.create(self._files, self.directory, self._chain())
        return SegmentWriter.reopen(self._files, self.directory, recovered.end)

    def _chain(self) -> Chain:
        return Chain(
            self._marks.accepted_blocks + 1,
            self._marks.accepted_sequence + 1,
            self._head_hash,
            self._epoch,
        )

    def _begin_segment(self, first_sequence: int) -> None:
        """Roll over, the old segment durable first; a segment without events is not left."""
        if first_sequence == self._segment.first_sequence:
            return
        old = self._segment
        try:
            old.sync()
            self._segment = SegmentWriter.create(self._files, self.directory, self._chain())
            descriptor = self._segment.open_for_sync()
        except OSError as failure:
            self._commit.give_up()
            if self._segment is not old:
                old.close()
            self._failure = self._failure or failure
            raise self._refusal() from failure
        old.close()
        retired = self._marks.descriptor
        self._marks.use(descriptor)
        self._retire(retired)

    def _retire(self, descriptor: int) -> None:
        """Close what the sync thread used once it cannot be about to use it any more."""
        passes = self._marks.pass_count
        for at, one in self._retired:
            if at < passes - 1:
                self._files.close(one)
        self._retired = [one for one in self._retired if one[0] >= passes - 1]
        self._retired.append((passes, descriptor))

    def _fail_append(self, failure: OSError) -> None:
        self._failure = self._failure or failure
        refusal = self._refusal()
        try:
            self._segment.cut_partial()
        except OSError as also:
            refusal.add_note(f"the partial block could not be removed: {also}")
        raise refusal from failure

    def _refusal(self) -> JournalFailed | JournalClosed:
        if self._failure is None:
            return JournalClosed(f"journal {self.directory} is closed")
        return JournalFailed(f"journal {self.directory} has failed: {self._failure}")

    def _has_pending(self) -> bool:
        return self._marks.durable_blocks != self._marks.accepted_blocks

    def _fail_sync(self, failure: Exception) -> None:
        self._failure = self._failure or failure
        if self._on_failure is not None:
            self._on_failure(failure)


def _take_lock(files: Files, directory: Path) -> int:
    path = directory / LOCK_NAME
    lock = files.lock(path)
    if lock is None:
        raise JournalLocked(directory, path.read_text() or "unknown")
    return lock
