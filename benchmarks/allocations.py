"""Count the heap allocations of native code, in a process whose malloc is counted.

`python -m benchmarks.allocations` prints heap allocations per operation for each verb of a book;
it runs itself again with a malloc that counts, which Python's own allocators are told to use as
well.
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
TURNS = {
    "add": ("add",),
    "cancel": ("add", "cancel"),
    "reduce": ("add", "reduce", "cancel"),
    "match": ("add", "match whole"),
    "all": ("add", "reduce", "match", "cancel"),
}


def counted(module: str, *arguments: str) -> float:
    """Run a module whose malloc is counted; return the number that it prints.

    It gets the path of the counting library and then the arguments. Needs a C compiler and glibc.
    """
    with tempfile.TemporaryDirectory() as folder:
        source, shim = Path(folder, "shim.c"), Path(folder, "shim.so")
        source.write_text(SHIM)
        subprocess.run(["cc", "-O1", "-shared", "-fPIC", "-o", shim, source], check=True)
        ran = subprocess.run(
            [sys.executable, "-m", module, str(shim), *arguments],
            env=os.environ | {"LD_PRELOAD": str(shim), "PYTHONMALLOC": "malloc"},
            capture_output=True,
            text=True,
            check=True,
        )
    return float(ran.stdout)


def per_operation(verbs: str = "add") -> float:
    """Return heap allocations per operation."""
    return counted("benchmarks.allocations", verbs)


def encoded(verbs: str, count: int) -> "array[int]":
    """Return operations: one verb for most of them, or `all` verbs of the book in turn.

    What is cancelled, reduced or matched has been added by the operation before; where one
    verb alone is counted, it stands beside as many adds, which allocate nothing themselves.
    """
    from quantumcore.server.bench import drive_cy as drive
    from quantumcore.server.core import enums

    rows = array("q")
    buy, sell = enums.SIDE_BUY << 8, enums.SIDE_SELL << 8
    turn = TURNS[verbs]
    for number in range(count):
        begun = number - number % len(turn)
        price = 1_000 + begun // len(turn) * 37 % 900
        order = begun << 32  # in slot 0, which the last verb of a turn gives back
        match turn[number % len(turn)]:
            case "add":
                rows.extend((drive.LIMIT | buy, price, 5, 0))
            case "reduce":
                rows.extend((drive.MODIFY | buy, price, 3, order))
            case "match":
                rows.extend((drive.IOC | sell, 0, 2, 0))
            case "match whole":
                rows.extend((drive.IOC | sell, 0, 5, 0))
            case _:
                rows.extend((drive.CANCEL | buy, 0, 0, order))
    return rows


def measure(shim: str, verbs: str) -> float:
    """Return allocations per operation as this process's malloc counts them."""
    from quantumcore.server.bench import drive_cy as drive
    from quantumcore.server.core import tables
    from quantumcore.server.core.arena_cy import Arena
    from quantumcore.server.core.book_cy import Book
    from quantumcore.server.core.memory import int64_column

    counter = ctypes.c_long.in_dll(ctypes.CDLL(shim), "allocations")
    book = Book(Arena(orders=MANY, levels=4096, books=1), int64_column(64 * tables.BOOK_WORDS))
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
    if len(sys.argv) == 3:
        print(measure(sys.argv[1], sys.argv[2]))
    else:
        for each in TURNS:
            print(f"{each:<8} {per_operation(each):.3f}")
