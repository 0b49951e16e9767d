cdef class Trades:
    cdef public long long capacity, last_id, highest, lowest
    cdef long long[::1] rows
    cdef int[::1] rates

    cdef Py_ssize_t at(self, long long trade_id) noexcept nogil
    cdef void note_rates(self, long long trade_id, long long maker, long long taker) noexcept nogil
    cdef Py_ssize_t find(self, long long trade_id) noexcept nogil
    cdef bint remembers(self, long long trade_id) noexcept nogil
    cdef void find_range(self, long long last, long long first, long long most, long long least) noexcept nogil
