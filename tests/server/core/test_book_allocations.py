"""No operation of the compiled book takes memory from the heap."""

import shutil
import sys
from array import array

import pytest

from benchmarks import allocations
from quantumcore.server.bench import drive_cy as drive
from quantumcore.server.core import enums
from quantumcore.server.core.book_cy import is_compiled
from tests.server.core.books import arena_book

pytestmark = pytest.mark.skipif(not is_compiled(), reason="Python itself allocates")


@pytest.mark.skipif(shutil.which("cc") is None or sys.platform != "linux", reason="needs cc")
@pytest.mark.parametrize("verbs", ["add", "all"])
def test_a_hundred_thousand_operations_call_malloc_no_more_than_a_few_thousand(verbs: str) -> None:
    assert allocations.per_operation(verbs) == 0


def test_operations_keep_no_python_object() -> None:
    driver = drive.BookDrive(arena_book(64, orders=50_000))
    operations = memoryview(allocations.encoded("all", 40_000))
    driver.run(operations, 0, 8_000)
    before = sys.getallocatedblocks()
    driver.run(operations, 8_000, 40_000)
    assert sys.getallocatedblocks() - before <= 2
    assert driver.reports == 40_000


def test_drive_does_what_the_operations_say() -> None:
    book = arena_book(64)
    driver = drive.BookDrive(book)
    buy, sell = enums.SIDE_BUY << 8, enums.SIDE_SELL << 8
    first = 0 | 0 << 32
    rows = [
        (drive.LIMIT | buy, 100, 5, 0),
        (drive.LIMIT | buy, 100, 5, 0),
        (drive.MODIFY | buy, 100, 3, first),
        (drive.IOC | sell, 100, 4, 0),
        (drive.LIMIT | sell, 90, 6, 0),
        (drive.CANCEL | buy, 0, 0, first),
    ]
    operations = memoryview(array("q", [word for row in rows for word in row]))
    driver.run(operations, 0, 3)
    assert book.queue(enums.SIDE_BUY) == [(0, 100, 3), (1, 100, 5)]
    driver.run(operations, 3, 6)
    assert book.queue(enums.SIDE_BUY) == []
    assert book.queue(enums.SIDE_SELL) == [(4, 90, 2)]
    assert driver.reports == 3 + 2 + 2


def test_drive_goes_on_with_a_sweep_that_fills_the_event_buffer() -> None:
    book = arena_book(4)
    driver = drive.BookDrive(book)
    buy, sell = enums.SIDE_BUY << 8, enums.SIDE_SELL << 8
    rows = [(drive.LIMIT | buy, 100, 2, 0)] * 10 + [(drive.IOC | sell, 100, 19, 0)]
    operations = memoryview(array("q", [word for row in rows for word in row]))
    driver.run(operations, 0, 11)
    assert book.queue(enums.SIDE_BUY) == [(9, 100, 1)]
    assert driver.reports == 20
