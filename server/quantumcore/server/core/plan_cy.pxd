from quantumcore.server.core.arena_cy cimport Arena
from quantumcore.server.core.instruments_cy cimport Instruments
from quantumcore.server.core.ladder_cy cimport Ladder
from quantumcore.server.core.matching_cy cimport Matching
from quantumcore.server.core.packages_cy cimport Packages

cdef class Plan:
    cdef Arena arena
    cdef Instruments instruments
    cdef Matching matching
    cdef Packages packages
    cdef public long long[::1] legs
    cdef Py_ssize_t leg_count, package
    cdef long long owner, most, most_cost
    cdef public long long units, cost, blocked
    cdef bint stops_at_own, cancels_own

    cdef void begin(self, int package, long long owner, long long prevention) noexcept
    cdef void set_leg(self, int instrument, int side) noexcept
    cdef Ladder _opposite(self, int instrument, int side)
    cdef long long find(self, long long most) except -1
    cdef bint _open(self) noexcept
    cdef void _stand(self, Py_ssize_t at, Ladder ladder, int level) noexcept
    cdef void _look_on(self, Py_ssize_t at, Ladder ladder) noexcept
    cdef void _settle(self, Py_ssize_t at) noexcept
    cdef long long _sure(self, Py_ssize_t at, int level) noexcept
    cdef long long _whole_units(self, long long most) noexcept
    cdef bint _one_unit(self) noexcept
    cdef bint _one_leg(self, Py_ssize_t at) noexcept
    cdef int _is_acceptable(self) except -1
    cdef long long _unit_cost(self) noexcept
    cdef void _advance(self, long long units) noexcept
