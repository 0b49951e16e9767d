from quantumcore.server.core.index_cy cimport HashIndex
from quantumcore.server.core.wide_cy cimport WideSums

cdef class Strategies:
    cdef HashIndex index
    cdef int capacity, count, oldest_ended, newest_ended
    cdef public long long forgotten
    cdef int[::1] next_ended
    cdef long long[::1] words
    cdef WideSums realised, paid, fees

    cdef Py_ssize_t at(self, long long row) noexcept nogil
    cdef Py_ssize_t leg_at(self, long long owner) noexcept nogil
    cdef bint holds(self, long long owner, long long order_id) noexcept nogil
    cdef long long order_of(self, long long owner) noexcept nogil
    cdef int find(self, long long order_id) noexcept
    cdef void end(self, long long row, long long order_id) noexcept
    cdef int next_lost(self) noexcept
    cdef void _lose(self, int row) noexcept
    cdef int add(self, long long order_id, int account, int leg_count) noexcept
    cdef void _clear(self, long long owner) noexcept
