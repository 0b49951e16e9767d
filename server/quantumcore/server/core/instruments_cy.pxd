from quantumcore.server.core.arena_cy cimport Arena
from quantumcore.server.core.book_cy cimport Book
from quantumcore.server.core.margin_terms_cy cimport MarginTerms
from quantumcore.server.core.words_cy cimport Words

cdef class Instruments:
    cdef Arena arena
    cdef Words rows
    cdef long long[::1] book_events
    cdef list books
    cdef list others
    cdef public list definitions
    cdef public MarginTerms margin_terms
    cdef public int count, capacity
    cdef int[::1] touched, is_touched
    cdef Py_ssize_t first_touched
    cdef public Py_ssize_t touched_count

    cdef void expect(self, long long instrument)
    cdef Book book(self, int instrument)
    cdef long long get(self, int instrument, int column) noexcept
    cdef void set(self, int instrument, int column, long long value) noexcept
    cdef Book other(self, int instrument, int which)
    cdef void increase(self, int instrument, int column, long long by) noexcept
    cdef void touch(self, int instrument) noexcept
    cdef int first(self) noexcept
    cdef void settle_first(self) noexcept
    cdef bint is_continuous(self, int instrument) noexcept
    cdef bint has(self, int instrument, long long bit) noexcept
    cdef void mark(self, int instrument, long long bit, bint on) noexcept
