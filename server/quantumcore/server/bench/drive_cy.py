"""Run encoded operations on a book in one compiled loop."""

import time

import cython

if cython.compiled:
    from cython.cimports.posix.time import CLOCK_MONOTONIC, clock_gettime, timespec
    from cython.cimports.quantumcore.server.core import kinds
    from cython.cimports.quantumcore.server.core.arena_cy import Arena
    from cython.cimports.quantumcore.server.core.book_cy import Book
else:
    from quantumcore.server.core import kinds
    from quantumcore.server.core.arena_cy import Arena
    from quantumcore.server.core.book_cy import Book

# An operation is OPERATION_WORDS words: verb | side << 8, price, lots, id of the order concerned.
# An order's id is its slot | number << 32 of the operation that entered it.
OPERATION_WORDS: int = 4
LIMIT: int = 0  # match, then rest what is left
IOC: int = 1
CANCEL: int = 2
MODIFY: int = 3  # to price and lots; keeps priority where only the lots go down


@cython.final
@cython.cclass
class BookDrive:
    """Executes operations; ids of orders say where they rest, as they do in the exchange.

    The reports of an operation stay in the book's event buffer until the next one, and
    `reports` counts them all. Cancelling or changing an order that is gone does nothing.
    """

    book: Book
    arena: Arena
    reports: cython.longlong

    def __init__(self, book: Book) -> None:
        self.book, self.arena = book, book.arena
        self.reports = 0

    def run(self, operations: cython.longlong[::1], first: int, last: int) -> None:
        """Execute the operations numbered first … last - 1."""
        number: cython.Py_ssize_t
        begin: cython.Py_ssize_t = first
        end: cython.Py_ssize_t = last
        for number in range(begin, end):
            self._step(operations, number)

    def run_timed(
        self,
        operations: cython.longlong[::1],
        first: int,
        last: int,
        elapsed_ns: cython.longlong[::1],
    ) -> None:
        """Do the same, and put the time that operation `first + i` took into `elapsed_ns[i]`."""
        number: cython.Py_ssize_t
        begin: cython.Py_ssize_t = first
        end: cython.Py_ssize_t = last
        before: cython.longlong = now_ns()
        after: cython.longlong
        for number in range(begin, end):
            self._step(operations, number)
            after = now_ns()
            elapsed_ns[number - begin] = after - before
            before = after

    @cython.cfunc
    @cython.exceptval(-1, check=False)
    def _step(self, operations: cython.longlong[::1], number: cython.Py_ssize_t) -> cython.int:
        at: cython.Py_ssize_t = number * 4
        verb: cython.int = cython.cast(cython.int, operations[at] & 0xFF)
        side: cython.int = cython.cast(cython.int, operations[at] >> 8)
        price: cython.longlong = operations[at + 1]
        lots: cython.longlong = operations[at + 2]
        order: cython.longlong = operations[at + 3]
        slot: cython.int = cython.cast(cython.int, order & kinds.LOW_HALF)
        self.book.event_count = 0
        if verb == 0:
            self._limit(number, side, price, lots)
        elif verb == 1:
            self._match(side, price, lots)
        else:
            if self.arena.order_tag[slot] != order >> 32 or self.arena.order_leaves[slot] == 0:
                return 0
            if verb == 2:
                self.book._cancel(side, slot)
            elif self._is_reduction(side, slot, price, lots):
                self.book._reduce(side, slot, self.arena.order_leaves[slot] - lots)
            else:
                self.book._cancel(side, slot)
                self._limit(order >> 32, side, price, lots)
        self.reports += self.book.event_count
        return 0

    @cython.cfunc
    @cython.exceptval(check=False)
    def _is_reduction(
        self, side: cython.int, slot: cython.int, price: cython.longlong, lots: cython.longlong
    ) -> cython.bint:
        level: cython.int = self.arena.order_level[slot]
        return self.book._price(side, level) == price and lots < self.arena.order_leaves[slot]

    @cython.cfunc
    @cython.exceptval(-1, check=False)
    def _limit(
        self,
        number: cython.Py_ssize_t,
        side: cython.int,
        price: cython.longlong,
        lots: cython.longlong,
    ) -> cython.int:
        left: cython.longlong = self._match(side, price, lots)
        if left > 0:
            self._make_room()
            self.book._add(side, price, left, number)
        return 0

    @cython.cfunc
    @cython.exceptval(check=False)
    def _match(
        self, side: cython.int, price: cython.longlong, lots: cython.longlong
    ) -> cython.longlong:
        self._make_room()
        lots = self.book._match(side, price, lots, 0)
        while lots > 0 and self.book.event_count >= self.book.event_capacity - 1:
            self._make_room()
            lots = self.book._match(side, price, lots, 0)
        return lots

    @cython.cfunc
    @cython.exceptval(check=False)
    def _make_room(self) -> cython.void:
        if self.book.event_count >= self.book.event_capacity - 1:
            self.reports += self.book.event_count
            self.book.event_count = 0


if cython.compiled:

    @cython.cfunc
    @cython.exceptval(check=False)
    def now_ns() -> cython.longlong:
        time_now: timespec = cython.declare(timespec)
        clock_gettime(CLOCK_MONOTONIC, cython.address(time_now))
        return cython.cast(cython.longlong, time_now.tv_sec) * 1000000000 + time_now.tv_nsec

else:
    now_ns = time.perf_counter_ns


def is_compiled() -> bool:
    """Whether this module runs as a C extension."""
    return cython.compiled
