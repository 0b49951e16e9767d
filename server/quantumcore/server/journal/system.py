"""What the sync thread asks of the operating system; system.pxd has the same without the GIL.

Failures are returned as the system's error numbers, never raised: nobody could catch them.
"""

import os
import select
from errno import EINTR


def make_durable(descriptor: int) -> int:
    """Sync a file's contents and length; return 0, or why it failed."""
    try:
        os.fdatasync(descriptor)
    except OSError as failure:
        return failure.errno or EINTR
    return 0


def wait_for_signal(descriptor: int, timeout_ns: int) -> int:
    """Wait until an eventfd was signalled, or a time has passed (negative: without end).

    Take the signal off; return whether there was one.
    """
    timeout_s = None if timeout_ns < 0 else timeout_ns / 1e9
    if not select.select([descriptor], [], [], timeout_s)[0]:
        return 0
    os.eventfd_read(descriptor)
    return 1


def fence() -> None:
    """Let others see what was written before anything is read that follows."""


def signal(descriptor: int) -> None:
    """Signal an eventfd."""
    os.eventfd_write(descriptor, 1)
