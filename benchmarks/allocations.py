"""Count the heap allocations of native code, in a process whose malloc is counted.

`python -m benchmarks.allocations` prints heap allocations per order added to a book; it runs
itself again with a malloc that counts, which Python's own allocators are told to use as well.
"""

import ctypes
import os
import subprocess
import sys
import tempfile
from array import array
from pathlib import Path

SHIM = """
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stddef.h>
extern void *__libc_malloc(size_t);
extern void *__libc_calloc(size_t, size_t);
extern void *__libc_realloc(void *, size_t);
long allocations;
void *malloc(size_t n) { allocations++; return __libc_malloc(n); }
void *calloc(size_t n, size_t m) { allocations++; return __libc_calloc(n, m); }
void *realloc(void *p, size_t n) { allocations++; return __libc_realloc(p, n); }
"""
FEW, MANY = 8_000, 116_000


def per_operation(verbs: str = "add") -> float:
    """Return heap allocations per operation; needs a C compiler and glibc."""
    with tempfile.TemporaryDirectory() as folder:
        source, shim = Path(folder, "shim.c"), Path(folder, "shim.so")
        source.write_text(SHIM)
        subprocess.run(["cc", "-O1", "-shared", "-fPIC", "-o", shim, source], check=True)
        ran = subprocess.run(
            [sys.executable, "-m", "benchmarks.allocations", str(shim), verbs],
            env=os.environ | {"LD_PRELOAD": str(shim), "PYTHONMALLOC": "malloc"},
            capture_output=True,
            text=True,
            check=True,
        )
    return float(ran.stdout)


def encoded(verbs: str, count: int) -> "array[int]":
    """Return operations: orders added on many levels, or every verb of the book in turn."""
    from quantumcore.server.bench import drive_cy as drive
    from quantumcore.server.core import kinds

    rows = array("q")
    buy, sell = kinds.SIDE_BUY << 8, kinds.SIDE_SELL << 8
    for number in range(count):
        price = 1_000 + number // 4 * 37 % 900
        order = (number & ~3) << 32  # in slot 0, which each cancel gives back
        match number % 4 if verbs != "add" else 0:
            case 0:
                rows.extend((drive.LIMIT | buy, price, 5, 0))
            case 1:
                rows.extend((drive.MODIFY | buy, price, 3, order))
            case 2:
                rows.extend((drive.IOC | sell, 0, 2, 0))
            case _:
                rows.extend((drive.CANCEL | buy, 0, 0, order))
    return rows


def measure(shim: str, verbs: str) -> float:
    """Return allocations per operation as this process's malloc counts them."""
    from quantumcore.server.bench import drive_cy as drive
    from quantumcore.server.core import kinds
    from quantumcore.server.core.arena_cy import Arena
    from quantumcore.server.core.book_cy import Book
    from quantumcore.server.core.memory import int64_column

    counter = ctypes.c_long.in_dll(ctypes.CDLL(shim), "allocations")
    book = Book(Arena(orders=MANY, levels=4096, books=1), int64_column(64 * kinds.BOOK_WORDS))
    driver = drive.BookDrive(book)
    operations = memoryview(encoded(verbs, MANY))
    counts = [counter.value]
    # The first runs let the ladder's directory grow to the number of levels there will be.
    for first, last in ((0, FEW), (FEW, 2 * FEW), (2 * FEW, MANY)):
        driver.run(operations, first, last)
        counts.append(counter.value)
    few, many = counts[2] - counts[1], counts[3] - counts[2]
    return max(0, many - few) / (MANY - 3 * FEW)


if __name__ == "__main__":
    print(measure(sys.argv[1], sys.argv[2]) if len(sys.argv) == 3 else per_operation())
