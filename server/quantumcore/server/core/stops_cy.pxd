from quantumcore.server.core.arena_cy cimport Arena
from quantumcore.server.core.instruments_cy cimport Instruments
from quantumcore.server.core.matching_cy cimport Matching
from quantumcore.server.core.orders_cy cimport Orders
from quantumcore.server.core.placing_cy cimport Placing
from quantumcore.server.core.pretrade_cy cimport PreTrade
from quantumcore.server.core.reporter_cy cimport Reporter

cdef class Stops:
    cdef Arena arena
    cdef Instruments instruments
    cdef Matching matching
    cdef Orders orders
    cdef Placing placing
    cdef PreTrade pretrade
    cdef Reporter report
    cdef bint looked_at_funds

    cdef int next_reached(self, int instrument) noexcept
    cdef int _reached_by(self, int instrument, int trigger, int side) noexcept
    cdef bint _is_reached(self, int instrument, int trigger, int side, long long ticks, bint on_entry) noexcept
    cdef bint _beyond(self, int side, long long price, long long stop) noexcept
    cdef bint is_reached_on_entry(self, int row) noexcept
    cdef int set_off(self, int row) except -1
