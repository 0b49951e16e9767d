from quantumcore.server.core.margin.hedges_cy cimport Hedges
from quantumcore.server.core.margin.pairing_cy cimport Pairing
from quantumcore.server.core.margin.portfolio_cy cimport Portfolio

cdef class StrategyModel:
    cdef public Pairing pairing
    cdef Hedges hedges
    cdef long long[::1] rates, spreads
    cdef int spread_count
    cdef long long[::1] is_done
    cdef public bint pairing_is_optimal
    cdef public long long debit_minor_units
    cdef long long work, options

    # The order path: bounded work, no Python object. _debit, pairing_is_optimal and
    # debit_minor_units tell about the last requirement.
    cdef long long _requirement(self, Portfolio portfolio) noexcept nogil
    cdef long long _debit(self) noexcept nogil

    cdef long long _within(self, Portfolio portfolio, long long work) noexcept nogil
    cdef bint _is_option(self, Portfolio portfolio, int row) noexcept nogil
    cdef long long _outright(self, Portfolio portfolio, int row) noexcept nogil
    cdef long long _underlying(self, Portfolio portfolio, int first) noexcept nogil
    cdef long long _solve(self, Portfolio portfolio, long long group, long long work) noexcept nogil
    cdef long long _order_work(self, long long options) noexcept nogil
