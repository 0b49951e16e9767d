from quantumcore.server.core.margin.options_cy cimport Options
from quantumcore.server.core.margin.places_cy cimport Places
from quantumcore.server.core.margin.straddles_cy cimport Straddles

cdef class Valuation:
    cdef Options options
    cdef public Straddles straddles
    cdef long long[::1] bend, cost, kept
    cdef public long long[::1] price_of, debit_of, risk_of, net_of
    cdef int bears
    cdef public long long lines, turn

    cdef long long value(self, long long[::1] placed) noexcept nogil
    cdef long long _alone(self, long long[::1] placed) noexcept nogil
    cdef void _layer(self, long long[::1] placed, int layer) noexcept nogil
    cdef void _worst(self, int layer, long long value, long long slope) noexcept nogil
    cdef void clear_lines(self) noexcept nogil
    cdef void keep(self, Py_ssize_t depth) noexcept nogil
    cdef void recall(self, Py_ssize_t depth) noexcept nogil
    cdef long long line(self, Places bounds) noexcept nogil
    cdef long long bound(self, Places bounds) noexcept nogil
    cdef long long gain(self, int at, long long price) noexcept nogil
    cdef void _add_cost(self, int at) noexcept nogil
    cdef long long choose(self, long long[::1] placed) noexcept nogil
    cdef long long debit(self, long long[::1] placed) noexcept nogil
    cdef long long covered_weight(self, long long[::1] placed, long long calls) noexcept nogil
