"""The writer's journal: what is appended here is what the venue acknowledges."""

import threading
from collections.abc import Callable, Iterator
from hashlib import sha256
from pathlib import Path
from typing import Self
from zlib import crc32

from quantumcore.server.journal.errors import JournalClosed, JournalFailed, JournalLocked
from quantumcore.server.journal.files import Files
from quantumcore.server.journal.group_commit import GroupCommit
from quantumcore.server.journal.layout import (
    BLOCK_HEADER,
    BLOCK_HEADER_BYTES,
    BLOCK_MAGIC,
    CHECKSUM,
    FORMAT_VERSION,
    MAX_PAYLOAD_BYTES,
    Block,
)
from quantumcore.server.journal.reader import JournalReader
from quantumcore.server.journal.recovery import Recovered, recover
from quantumcore.server.journal.scan import Chain
from quantumcore.server.journal.segment import SegmentWriter
from quantumcore.server.journal.settings import JournalSettings

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
        self._on_durable = on_durable
        self._on_failure = on_failure
        self._failure: Exception | None = None
        self._sync_failed = False
        self._closed = False
        chain = recovered.chain
        self._epoch = chain.epoch + 1
        self._head_hash = chain.head_hash
        self._accepted_sequence = self._durable_sequence = chain.next_sequence - 1
        self._accepted_blocks = self._durable_blocks = chain.next_number - 1
        self._accepted_bytes = self._durable_bytes = 0
        self._header = bytearray(BLOCK_HEADER_BYTES)
        self._checked_part = memoryview(self._header)[:CHECKSUM_AT]
        self._segment = self._first_segment(recovered)
        self._segment_swap = threading.Lock()
        self._commit = GroupCommit(
            sync=self._sync,
            pending=self._has_pending,
            window_s=settings.sync_window_s,
            pause=pause,
        )

    @classmethod
    def open(
        cls,
        directory: Path,
        *,
        settings: JournalSettings | None = None,
        visit: Callable[[Block], None] | None = None,
        on_durable: Callable[[int], None] | None = None,
        on_failure: Callable[[Exception], None] | None = None,
        pause: Callable[[float], None] | None = None,
        files: Files | None = None,
    ) -> Self:
        """Lock the directory, verify all of it, cut off a torn tail, and be ready to append.

        `visit` is given every stored block in order while it is verified: recovery in one pass.
        `on_durable(sequence)` and `on_failure(exception)` are called in the sync thread.
        `pause(seconds)` replaces the wait between two syncs. Raise JournalLocked,
        JournalCorrupt, or OSError as the operating system gave it; nothing stays locked then.
        """
        files = files or Files()
        files.make_directory(directory)
        lock = _take_lock(files, directory)
        try:
            recovered = recover(files, directory, visit)
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
        journal._commit.start()
        return journal

    @property
    def accepted_sequence(self) -> int:
        """Return the last sequence written to the operating system (0: none)."""
        return self._accepted_sequence

    @property
    def durable_sequence(self) -> int:
        """Return the last sequence known to be on the device."""
        return self._durable_sequence

    @property
    def block_count(self) -> int:
        """Return the number of the last block accepted."""
        return self._accepted_blocks

    @property
    def durable_block_count(self) -> int:
        """Return the number of the last block known to be on the device."""
        return self._durable_blocks

    @property
    def unsynced_bytes(self) -> int:
        """Return how much was accepted since it was opened and is not known to be on the device."""
        return self._accepted_bytes - self._durable_bytes

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
            self._accepted_blocks + 1,
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
            self._segment.append((header, payload), total_bytes)
        except OSError as failure:
            self._fail_append(failure)
        self._head_hash = sha256(header).digest()
        self._accepted_sequence = last_sequence
        self._accepted_blocks += 1
        self._accepted_bytes += total_bytes
        if self._commit.idle:
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
            if self._has_pending() and not self._sync_failed and not self._sync():
                raise JournalFailed("the last sync of the journal failed") from self._failure
        finally:
            self._segment.close()
            self._files.close(self._lock)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exception: object) -> None:
        self.close()

    def _check_contiguous(
        self, first_sequence: int, last_sequence: int, payload_bytes: int
    ) -> None:
        if first_sequence != self._accepted_sequence + 1:
            raise ValueError(
                f"block begins at sequence {first_sequence}, expected {self._accepted_sequence + 1}"
            )
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
            self._accepted_blocks + 1, self._accepted_sequence + 1, self._head_hash, self._epoch
        )

    def _begin_segment(self, first_sequence: int) -> None:
        """Roll over, the old segment durable first; a segment without events is not left."""
        if first_sequence == self._segment.first_sequence:
            return
        try:
            with self._segment_swap:
                old = self._segment
                old.sync()
                self._segment = SegmentWriter.create(self._files, self.directory, self._chain())
                old.close()
        except OSError as failure:
            self._sync_failed = True
            self._failure = self._failure or failure
            raise self._refusal() from failure

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
        return self._durable_blocks != self._accepted_blocks

    def _sync(self) -> bool:
        """Make durable what is accepted now; False, for good, when that fails.

        The watermarks are read before the segment: a segment rolled away in between was synced
        by the roll-over. The lock keeps the descriptor open during the call.
        """
        if self._sync_failed:
            return False
        size = self._accepted_bytes  # first: it must not count a block that the others do not
        blocks, sequence = self._accepted_blocks, self._accepted_sequence
        try:
            with self._segment_swap:
                self._segment.sync()
            self._durable_blocks, self._durable_sequence = blocks, sequence
            self._durable_bytes = size
            if self._on_durable is not None:
                self._on_durable(sequence)
        except Exception as failure:  # noqa: BLE001 - whatever ends this thread ends the journal
            self._fail_sync(failure)
            return False
        return True

    def _fail_sync(self, failure: Exception) -> None:
        self._sync_failed = True
        self._failure = self._failure or failure
        if self._on_failure is not None:
            self._on_failure(failure)


def _take_lock(files: Files, directory: Path) -> int:
    path = directory / LOCK_NAME
    lock = files.lock(path)
    if lock is None:
        raise JournalLocked(directory, path.read_text() or "unknown")
    return lock
