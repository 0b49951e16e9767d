from quantumcore.server.core.arena_cy cimport Arena
from quantumcore.server.core.instruments_cy cimport Instruments
from quantumcore.server.core.leg_bounds_cy cimport LegBounds
from quantumcore.server.core.matching_cy cimport Matching
from quantumcore.server.core.orders_cy cimport Orders
from quantumcore.server.core.packages_cy cimport Packages
from quantumcore.server.core.placing_cy cimport Placing
from quantumcore.server.core.reporter_cy cimport Reporter

cdef class LegWork:
    cdef Arena arena
    cdef Instruments instruments
    cdef Matching matching
    cdef Orders orders
    cdef Packages packages
    cdef Placing placing
    cdef LegBounds prices
    cdef Reporter report

    cdef int work(self, int row, int number, long long lots) except -1
    cdef bint waits(self, int leg, long long lots) noexcept
    cdef long long _trade(self, int row, int number, long long furthest, long long worst) except? -1
    cdef int _trade_to(self, int row, int number, int leg, long long worst) except -1
    cdef int _may_trade_at(self, int row, int number, long long ticks) except -1
    cdef int _is_bound(self, int row, int number) except -1
    cdef bint _has_constraints(self, int row) noexcept
    cdef int _settle(self, int row, int number, int leg, long long worst) except -1
    cdef int _rest(self, int leg, long long ticks) except -1
    cdef int _tell_shown(self, int leg) except -1
    cdef int sweep(self, int leg, long long lots, long long worst) except -1
    cdef void turn_round(self, int leg) noexcept
