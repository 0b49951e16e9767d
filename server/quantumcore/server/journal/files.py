"""Every operation of the journal on the file system, in one place, so that tests can break it."""

import ctypes
import errno
import fcntl
import os
from collections.abc import Sequence
from pathlib import Path

APPEND_FLAGS = os.O_WRONLY | os.O_APPEND | os.O_CLOEXEC
OWNER_ONLY = 0o600
KEEP_SIZE = 1  # FALLOC_FL_KEEP_SIZE
CANNOT_RESERVE = {errno.EOPNOTSUPP, errno.ENOSYS, errno.EINVAL}

_libc = ctypes.CDLL(None, use_errno=True)


class Files:
    """Call the operating system; operating failures surface as OSError, unchanged.

    Subclass it to inject short writes, full disks and crashes.
    """

    def open_append(self, path: Path) -> int:
        """Open an existing file; every write goes to its end."""
        return os.open(path, APPEND_FLAGS)

    def create(self, path: Path) -> int:
        """Create a file for appending; fail when it exists."""
        return os.open(path, APPEND_FLAGS | os.O_CREAT | os.O_EXCL, OWNER_ONLY)

    def open_read(self, path: Path) -> int:
        """Open a file for reading."""
        return os.open(path, os.O_RDONLY | os.O_CLOEXEC)

    def close(self, descriptor: int) -> None:
        """Close a descriptor."""
        os.close(descriptor)

    def writev(self, descriptor: int, buffers: Sequence[bytes | bytearray | memoryview]) -> int:
        """Append the buffers with one system call; return the count of bytes taken."""
        return os.writev(descriptor, buffers)

    def pread(self, descriptor: int, length: int, offset: int) -> bytes:
        """Read up to `length` bytes at an offset; empty at the end of the file."""
        return os.pread(descriptor, length, offset)

    def size(self, descriptor: int) -> int:
        """Return the length of a file in bytes."""
        return os.fstat(descriptor).st_size

    def fdatasync(self, descriptor: int) -> None:
        """Make the contents of a file durable, with its length."""
        os.fdatasync(descriptor)

    def fsync(self, descriptor: int) -> None:
        """Make the contents and the metadata of a file durable."""
        os.fsync(descriptor)

    def reserve(self, descriptor: int, offset: int, length: int) -> None:
        """Set space of the device aside behind the end of a file, whose length stays as it is.

        Where the file system cannot, nothing is set aside.
        """
        if not hasattr(_libc, "fallocate"):
            return
        span = ctypes.c_longlong(offset), ctypes.c_longlong(length)
        if _libc.fallocate(descriptor, KEEP_SIZE, *span):
            number = ctypes.get_errno()
            if number not in CANNOT_RESERVE:
                raise OSError(number, os.strerror(number))

    def truncate(self, descriptor: int, length: int) -> None:
        """Cut a file to a length in bytes."""
        os.ftruncate(descriptor, length)

    def rename(self, source: Path, target: Path) -> None:
        """Give a file another name, atomically."""
        source.rename(target)

    def remove(self, path: Path) -> None:
        """Remove a file."""
        path.unlink()

    def list_names(self, directory: Path) -> list[str]:
        """Return the names in a directory, sorted."""
        return sorted(path.name for path in directory.iterdir())

    def make_directory(self, directory: Path) -> None:
        """Create the directory with its parents, readable by the owner only."""
        directory.mkdir(mode=0o700, parents=True, exist_ok=True)

    def sync_directory(self, directory: Path) -> None:
        """Make the names in a directory durable."""
        descriptor = os.open(directory, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)

    def lock(self, path: Path) -> int | None:
        """Take the exclusive lock of a file; return its descriptor, None when it is held."""
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, OWNER_ONLY)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(descriptor)
            return None
        os.ftruncate(descriptor, 0)
        os.pwrite(descriptor, str(os.getpid()).encode(), 0)
        return descriptor
