from quantumcore.server.core.index_cy cimport HashIndex
from quantumcore.server.core.wide_cy cimport WideSums

cdef class Balances:
    cdef HashIndex index
    cdef public int capacity, count
    cdef int[:] account, currency, first_position, next_of_account, margined, queued, derivatives
    cdef public WideSums cash, fees, open_value
    cdef long long[:] reserved, foreseen, margin
    cdef int[::1] first_of_account, queue
    cdef public int queue_count

    cdef int find(self, int account, int currency) noexcept nogil
    cdef int lend(self, int account, int currency) noexcept nogil
    cdef void note_margin(self, int entry) noexcept nogil
    cdef int find_or_add(self, int account, int currency) noexcept nogil
