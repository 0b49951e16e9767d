from quantumcore.server.core.arena_cy cimport Arena
from quantumcore.server.core.ladder_cy cimport Ladder

cdef class BookReading:
    cdef Arena arena
    cdef Ladder bids, asks
    cdef Py_ssize_t event_count, event_capacity
    cdef long long guarded
    cdef int guard, renewed
    cdef long long[::1] events

    cdef int firm(self, int side) noexcept
    cdef long long _available(self, int side, long long price, long long lots, long long owner, bint stop_at_own) noexcept
    cdef long long _counted(self, Ladder ladder, long long limit, long long lots, long long owner, bint stop_at_own) noexcept
