from quantumcore.server.core.funds_cy cimport Funds
from quantumcore.server.core.instruments_cy cimport Instruments
from quantumcore.server.core.orders_cy cimport Orders
from quantumcore.server.core.package_terms_cy cimport PackageTerms
from quantumcore.server.core.positions_cy cimport Positions
from quantumcore.server.core.pretrade_cy cimport PreTrade
from quantumcore.server.core.refusal_cy cimport Refusal
from quantumcore.server.core.risk_cy cimport Risk

cdef class PackagePreTrade:
    cdef Funds funds
    cdef Instruments instruments
    cdef Orders orders
    cdef Positions positions
    cdef PreTrade pretrade
    cdef Refusal refusal
    cdef Risk risk
    cdef int account, leg_count, row
    cdef bint is_sequential, waits
    cdef long long units, most_cost, reserve
    cdef long long[::1] entry, side, ratio, ticks, priced, limits, costs, least_costs, needs

    cdef long long check_new(self, PackageTerms terms, int account) except -1
    cdef long long check_amended(self, int row, long long units, long long most_cost) except -1
    cdef void count(self, int row, long long sign) noexcept
    cdef void revalue(self, int row) noexcept
    cdef void begin(self, int account, long long units, long long most_cost, int row) noexcept
    cdef void leg(self, int entry, int side, long long ratio, long long limit) noexcept
    cdef void bound(self, int package, int account) noexcept
    cdef long long check(self, long long field_units, long long field_legs) except -1
    cdef void _look_at(self, int number) noexcept
    cdef void note_needs(self, int row) noexcept
    cdef long long _need(self, int number) noexcept
    cdef void _note_cost(self, int number) noexcept
    cdef long long _check_funds(self, long long field) except -1
    cdef long long _check_group(self, long long field_units, long long field_legs) except -1
    cdef long long _check_begun(self, long long field) noexcept
