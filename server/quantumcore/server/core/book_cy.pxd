from quantumcore.server.core.arena_cy cimport Arena
from quantumcore.server.core.ladder_cy cimport Ladder

cdef class Book:
    cdef Arena arena
    cdef Ladder bids, asks
    cdef long long[::1] events
    cdef Py_ssize_t event_count, event_capacity

    cdef Ladder _side(self, int side)
    cdef int _add(self, int side, long long price, long long lots, long long tag) except -1
    cdef long long _match(self, int side, long long price, long long lots) noexcept
    cdef long long _available(self, int side, long long price, long long lots) noexcept
    cdef void _reduce(self, int side, int slot, long long lots) noexcept
    cdef void _cancel(self, int side, int slot) noexcept
    cdef void _unlink(self, int slot) noexcept nogil
    cdef long long _price(self, int side, int level) noexcept nogil
    cdef void _report(self, long long kind, int side, int slot, long long price, long long lots, int level) noexcept nogil
