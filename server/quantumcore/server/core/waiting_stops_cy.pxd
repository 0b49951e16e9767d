from quantumcore.server.core.arena_cy cimport Arena
from quantumcore.server.core.book_cy cimport Book
from quantumcore.server.core.instruments_cy cimport Instruments
from quantumcore.server.core.orders_cy cimport Orders

cdef class WaitingStops:
    cdef Arena arena
    cdef Instruments instruments
    cdef Orders orders

    cdef int hold(self, int row) except -1
    cdef int leave(self, int row, int slot) except -1
    cdef int _set_reached_aside(self, int instrument) except -1
    cdef bint _is_traded_through(self, int row) noexcept
    cdef int _put_aside(self, int row) except -1
    cdef Book _book(self, int row)
