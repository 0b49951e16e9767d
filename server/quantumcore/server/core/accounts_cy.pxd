from quantumcore.server.core.groups_cy cimport Groups

cdef class Accounts:
    cdef public Groups groups
    cdef public int capacity, count, session_count
    cdef public bint venue_killed
    cdef long long[::1] owner, next_command_ns
    cdef int[::1] self_trade_prevention, killed, group, watched, limits, margin_model, status, working
    cdef public list definitions

    cdef bint is_killed(self, int account) noexcept nogil
