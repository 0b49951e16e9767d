cdef class Accounts:
    cdef public int capacity, count, session_count
    cdef public bint venue_killed
    cdef long long[::1] owner
    cdef int[::1] self_trade_prevention, killed
    cdef public list definitions

    cdef bint is_killed(self, int account) noexcept nogil
