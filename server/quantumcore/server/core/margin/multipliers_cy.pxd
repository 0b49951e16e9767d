from quantumcore.server.core.margin.options_cy cimport Options
from quantumcore.server.core.margin.places_cy cimport Places
from quantumcore.server.core.margin.program_cy cimport Program
from quantumcore.server.core.margin.tableau_cy cimport Tableau
from quantumcore.server.core.margin.valuation_cy cimport Valuation

cdef class Multipliers:
    cdef Options options
    cdef Valuation valuation
    cdef Program program
    cdef Tableau tableau
    cdef int one_bits, cut
    cdef public long long step
    cdef long long most_factor, total, rest
    cdef long long[::1] count, price, weight, net, balance, cover, share, cost, placed, dearest
    cdef long long slack

    cdef bint open(self) noexcept nogil
    cdef void _find_step(self) noexcept nogil
    cdef void _divide_step(self, long long amount) noexcept nogil
    cdef void bound(self, Places places) noexcept nogil
    cdef bint proves(self, long long best) noexcept nogil
    cdef void _charge(self, long long cost, long long lots) noexcept nogil
    cdef void _read(self) noexcept nogil
    cdef void _take(self, int variable, long long cost) noexcept nogil
    cdef void _fit(self, int layer) noexcept nogil
    cdef void _share_savings(self) noexcept nogil
    cdef void _find_costs(self, int at) noexcept nogil
    cdef long long _layer_cost(self, int at, int layer) noexcept nogil
    cdef int _cheapest(self, Places places, int first) noexcept nogil
    cdef void narrow(self, Places places) noexcept nogil
    cdef void _place(self, Places places, int at) noexcept nogil

cdef long long limited(long long value, int places, long long most) noexcept nogil
