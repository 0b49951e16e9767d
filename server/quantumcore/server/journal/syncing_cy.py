"""The journal's watermarks, and the loop that moves them: compiled, it never takes the GIL.

    writer thread:  write the block -> accept() -> wake() where the loop is idle
    sync thread:    read what is accepted -> fdatasync -> durable -> tell -> pause -> again

All fields are single machine words that one side writes and the other reads. What the loop reads
as accepted was written before, so whatever it reads of the three, the sync that follows covers it.
"""

import os

import cython

if cython.compiled:
    from cython.cimports.quantumcore.server.journal.system import (
        fence,
        make_durable,
        signal,
        wait_for_signal,
    )
else:
    from quantumcore.server.journal.system import fence, make_durable, signal, wait_for_signal


def is_compiled() -> bool:
    """Tell whether this is the compiled build of the module."""
    return bool(cython.compiled)


@cython.final
@cython.cclass
class SyncLoop:
    """How far the journal is, and the body of the thread that syncs it.

    `told` is signalled whenever more is durable, and when syncing has failed (`failed` is then the
    system's error number) or was stopped. `pass_count` counts syncs that were begun.
    """

    accepted_sequence: cython.longlong
    accepted_blocks: cython.longlong
    accepted_bytes: cython.longlong
    durable_sequence: cython.longlong
    durable_blocks: cython.longlong
    durable_bytes: cython.longlong
    descriptor: cython.int
    failed: cython.int
    idle: cython.bint
    told: cython.int
    pass_count: cython.longlong
    _window_ns: cython.longlong
    _stopping: cython.bint
    _wake: cython.int
    _stop: cython.int

    def __init__(self, sequence: int, blocks: int, window_ns: int) -> None:
        self.accepted_sequence = self.durable_sequence = sequence
        self.accepted_blocks = self.durable_blocks = blocks
        self.accepted_bytes = self.durable_bytes = 0
        self.descriptor = -1
        self.failed = 0
        self.idle = False
        self.pass_count = 0
        self._window_ns = window_ns
        self._stopping = False
        self._wake = os.eventfd(0, os.EFD_CLOEXEC)
        self._stop = os.eventfd(0, os.EFD_CLOEXEC)
        self.told = os.eventfd(0, os.EFD_CLOEXEC)

    def use(self, descriptor: int) -> None:
        """Sync this file from now on; what was accepted before is durable, or is in it."""
        self.descriptor = descriptor
        fence()  # before a block of it is accepted

    def accept(self, sequence: int, size: int) -> None:
        """Note that one more block was written."""
        self.accepted_bytes += size
        self.accepted_sequence = sequence
        self.accepted_blocks += 1
        fence()  # before the caller looks whether the loop is idle

    def wake(self) -> None:
        """Let the idle loop go on; called only when `idle` was seen."""
        self.idle = False
        signal(self._wake)

    def stop(self) -> None:
        """Let the loop end; a sync under way completes."""
        self._stopping = True
        signal(self._stop)
        signal(self._wake)

    def close(self) -> None:
        """Give back the descriptors; nothing may run any more."""
        for descriptor in (self._wake, self._stop, self.told):
            os.close(descriptor)

    def wait_until_told(self) -> None:
        """Wait until `told` is signalled."""
        told: cython.int = self.told
        with cython.nogil:
            wait_for_signal(told, -1)

    def run(self) -> None:
        """Sync until stopped or failed; the body of the thread."""
        with cython.nogil:
            self._run()

    @cython.cfunc
    @cython.nogil
    @cython.exceptval(check=False)
    def _run(self) -> cython.void:
        while not self._stopping and self.failed == 0:
            if self.durable_blocks == self.accepted_blocks:
                self._rest()
            elif self._sync():
                wait_for_signal(self._stop, self._window_ns)
        signal(self.told)

    @cython.cfunc
    @cython.nogil
    @cython.exceptval(check=False)
    def _rest(self) -> cython.void:
        """Wait for work; `idle` is raised before the last look, so that no wake-up is lost."""
        self.idle = True
        fence()
        if self.durable_blocks == self.accepted_blocks and not self._stopping:
            wait_for_signal(self._wake, -1)
        self.idle = False

    @cython.cfunc
    @cython.nogil
    @cython.exceptval(check=False)
    def _sync(self) -> cython.bint:
        """Make durable what is accepted now; return whether that is so.

        What is accepted is read before the descriptor: where a new segment is begun in between,
        the old one was synced by that.
        """
        blocks: cython.longlong = self.accepted_blocks
        sequence: cython.longlong = self.accepted_sequence
        size: cython.longlong = self.accepted_bytes
        fence()
        self.pass_count += 1
        self.failed = make_durable(self.descriptor)
        if self.failed != 0:
            return False
        self.durable_bytes = size
        self.durable_sequence = sequence
        self.durable_blocks = blocks
        signal(self.told)
        return True
