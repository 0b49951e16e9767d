from quantumcore.server.core.arena_cy cimport Arena
from quantumcore.server.core.instruments_cy cimport Instruments
from quantumcore.server.core.matching_cy cimport Matching
from quantumcore.server.core.orders_cy cimport Orders
from quantumcore.server.core.placing_cy cimport Placing
from quantumcore.server.core.reporter_cy cimport Reporter

cdef class Pegs:
    cdef Arena arena
    cdef Instruments instruments
    cdef Matching matching
    cdef Orders orders
    cdef Placing placing
    cdef Reporter report

    cdef bint has_moved(self, int instrument) noexcept
    cdef bint _note(self, int instrument, int side) noexcept
    cdef bint price(self, int row) noexcept
    cdef long long _bounded(self, int row, int instrument, long long price) noexcept
    cdef void show_price(self, int row, bint on) noexcept
    cdef int follow(self, int instrument) except -1
    cdef int _follow_one(self, int row) except -1
