from quantumcore.server.core.arena_cy cimport Arena
from quantumcore.server.core.instruments_cy cimport Instruments
from quantumcore.server.core.matching_cy cimport Matching
from quantumcore.server.core.orders_cy cimport Orders
from quantumcore.server.core.packages_cy cimport Packages

cdef class LegBounds:
    cdef Arena arena
    cdef Instruments instruments
    cdef Matching matching
    cdef Orders orders
    cdef Packages packages

    cdef long long stricter(self, int side, long long one, long long other) noexcept
    cdef long long furthest(self, int row, int number) noexcept
    cdef long long worst(self, int row, int number, long long furthest, long long lots) except? -1
    cdef bint is_priced(self, int row, int number) noexcept
    cdef long long at_market(self, int leg) noexcept
