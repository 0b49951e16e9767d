from quantumcore.server.core.book_reading_cy cimport BookReading
from quantumcore.server.core.ladder_cy cimport Ladder

cdef class Book(BookReading):
    cdef Ladder _side(self, int side)
    cdef int _add(self, int side, long long price, long long lots, long long tag) except -1
    cdef void _count(self, long long tag, int level, int by) noexcept nogil
    cdef void _hide(self, int slot, long long hidden, long long peak) noexcept nogil
    cdef long long _match(self, int side, long long price, long long lots, long long owner) noexcept
    cdef long long _take(self, Ladder ladder, int level, int slot, long long lots, int side) noexcept nogil
    cdef void _refresh(self, int side, int slot, int level, long long price) noexcept nogil
    cdef void _pass_on(self, int slot) noexcept nogil
    cdef bint _is_renewed(self, int side) noexcept
    cdef void _reveal(self, int slot, long long lots) noexcept nogil
    cdef long long _trade(self, int side, int slot, long long lots) noexcept
    cdef void _reduce(self, int side, int slot, long long lots) noexcept
    cdef void _cancel(self, int side, int slot) noexcept
    cdef int head(self, int side) noexcept
    cdef void _link(self, int slot, int level) noexcept nogil
    cdef void _unlink(self, int slot) noexcept nogil
    cdef long long _price(self, int side, int level) noexcept nogil
    cdef void _report(self, long long kind, int side, int slot, long long price, long long lots, int level) noexcept nogil
