"""Fixed memory for the arenas: reserved at start, committed by the system when touched."""

import mmap
from collections.abc import Sequence


def int64_column(length: int) -> memoryview:
    """Return `length` zeroed int64 values outside the heap."""
    return _column(length, 8, "q")


def int32_column(length: int) -> memoryview:
    """Return `length` zeroed int32 values outside the heap."""
    return _column(length, 4, "i")


def _column(length: int, item_bytes: int, code: str) -> memoryview:
    return memoryview(mmap.mmap(-1, max(length, 1) * item_bytes)).cast(code)


def first_rows(columns: Sequence[memoryview], rows: int) -> list[memoryview]:
    """Return the first rows of columns, to be hashed or written out."""
    return [memoryview(column)[:rows] for column in columns]
