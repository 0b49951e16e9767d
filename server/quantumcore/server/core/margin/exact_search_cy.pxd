from quantumcore.server.core.margin.incumbent_cy cimport Incumbent
from quantumcore.server.core.margin.multipliers_cy cimport Multipliers
from quantumcore.server.core.margin.options_cy cimport Options
from quantumcore.server.core.margin.places_cy cimport Places
from quantumcore.server.core.margin.relaxation_cy cimport Relaxation

cdef class ExactSearch:
    cdef Options options
    cdef Places places
    cdef Incumbent incumbent
    cdef public Relaxation relaxation
    cdef public Multipliers multipliers
    cdef long long[::1] found, left
    cdef long long one
    cdef int lot_bits
    cdef public long long nodes, steps

    cdef bint open(self) noexcept nogil
    cdef long long _layout_steps(self) noexcept nogil
    cdef bint closes_at_root(self) noexcept nogil
    cdef bint search(self, long long work) noexcept nogil
    cdef bint _closes(self) noexcept nogil
    cdef long long _enough(self) noexcept nogil
    cdef void _round(self) noexcept nogil
    cdef long long _whole(self, int cell, long long high) noexcept nogil
    cdef void _add_up(self, int first, long long rest) noexcept nogil
    cdef bint _branch(self) noexcept nogil
    cdef long long _worth(self, int cell) noexcept nogil
    cdef bint _split(self) noexcept nogil
    cdef bint _halve(self, int cell) noexcept nogil
    cdef bint _push(self, int cell, long long low, long long high) noexcept nogil
