from quantumcore.server.core.arena_cy cimport Arena
from quantumcore.server.core.book_cy cimport Book
from quantumcore.server.core.words_cy cimport Words

cdef class Instruments:
    cdef Arena arena
    cdef Words rows
    cdef long long[::1] book_events
    cdef list books
    cdef public list definitions
    cdef public int count, capacity

    cdef Book book(self, int instrument)
    cdef long long get(self, int instrument, int column) noexcept
    cdef void set(self, int instrument, int column, long long value) noexcept
