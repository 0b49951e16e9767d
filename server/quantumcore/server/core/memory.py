"""Fixed memory for the arenas: reserved at start, committed by the system when touched."""

import mmap
from collections.abc import Sequence


def int64_column(length: int) -> memoryview:
    """Return `length` zeroed int64 values outside the heap."""
    return memoryview(_pages(8 * length)).cast("q")


def int32_column(length: int) -> memoryview:
    """Return `length` zeroed int32 values outside the heap."""
    return memoryview(_pages(4 * length)).cast("i")


def _pages(size_bytes: int) -> mmap.mmap:
    return mmap.mmap(-1, max(size_bytes, 8))


def first_rows(columns: Sequence[memoryview], rows: int) -> list[memoryview]:
    """Return the first rows of columns, to be hashed or written out."""
    return [memoryview(column)[:rows] for column in columns]
