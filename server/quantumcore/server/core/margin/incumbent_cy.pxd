from quantumcore.server.core.margin.options_cy cimport Options
from quantumcore.server.core.margin.places_cy cimport Places
from quantumcore.server.core.margin.valuation_cy cimport Valuation

cdef class Incumbent:
    cdef Options options
    cdef Places places
    cdef Valuation valuation
    cdef public long long best
    cdef public long long[::1] placed, prices, debits

    cdef void forget(self) noexcept nogil
    cdef long long consider(self) noexcept nogil
    cdef void expand(self, long long unit) noexcept nogil
