"""Fixed memory for the arenas: reserved at start, committed by the system when touched."""

import mmap
from collections.abc import Sequence
from contextlib import suppress
from itertools import count

# Columns that begin at the same place of a page put row i of all of them into one set of the
# processor's cache, where they evict one another. Each column begins 33 lines further.
_LINE = 64
_STAGGER = 33 * _LINE
_SPREAD = 1 << 16
_columns = count()


def int64_column(length: int, prefault: bool = False) -> memoryview:
    """Return `length` zeroed int64 values outside the heap; prefaulted, no touch of them waits."""
    return _column(8 * max(length, 1), prefault).cast("q")


def int32_column(length: int, prefault: bool = False) -> memoryview:
    """Return `length` zeroed int32 values outside the heap; prefaulted, no touch of them waits."""
    return _column(4 * max(length, 1), prefault).cast("i")


def row_columns(length: int, layout: str, prefault: bool = False) -> list[memoryview]:
    """Return zeroed columns, int64 (q) and int32 (i), whose rows lie one behind the other.

    Whoever touches a row anywhere misses the processor's caches once for each line of it, not
    once for each column. Rows take whole lines, or a half or quarter of one, so none lies
    across more of them than it must.
    """
    used = sum(8 if kind == "q" else 4 for kind in layout)
    unit = next((part for part in (_LINE // 4, _LINE // 2) if used <= part), _LINE)
    size = -(-used // unit) * unit
    memory = mmap.mmap(-1, size * max(length, 1), flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS)
    if prefault:
        _commit(memory)
    columns, at = list[memoryview](), 0
    for kind in layout:
        width = 8 if kind == "q" else 4
        assert at % width == 0, "int32 columns come in pairs"
        values = memoryview(memory).cast("q" if kind == "q" else "i")
        columns.append(values[at // width :: size // width])
        at += width
    return columns


def _column(size_bytes: int, prefault: bool) -> memoryview:
    start = next(_columns) * _STAGGER % _SPREAD if size_bytes >= _SPREAD else 0
    memory = mmap.mmap(-1, size_bytes + start, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS)
    if prefault:
        _commit(memory)
    return memoryview(memory)[start:]


def _commit(memory: mmap.mmap) -> None:
    """Touch every page now; ask for huge ones, which a system without them ignores or refuses."""
    if hasattr(mmap, "MADV_HUGEPAGE"):
        with suppress(OSError):
            memory.madvise(mmap.MADV_HUGEPAGE)
    for at in range(0, len(memory), mmap.PAGESIZE):
        memory[at] = 0


def first_rows(columns: Sequence[memoryview], rows: int) -> list[memoryview]:
    """Return the first rows of columns, each in one piece, to be hashed or written out."""
    return [
        part if part.contiguous else memoryview(part.tobytes())
        for part in (memoryview(column)[:rows] for column in columns)
    ]
