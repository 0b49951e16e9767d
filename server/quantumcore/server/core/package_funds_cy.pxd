from quantumcore.server.core.funds_cy cimport Funds
from quantumcore.server.core.orders_cy cimport Orders
from quantumcore.server.core.positions_cy cimport Positions
from quantumcore.server.core.refusal_cy cimport Refusal
from quantumcore.server.core.risk_cy cimport Risk

cdef class PackageFunds:
    cdef Funds funds
    cdef Orders orders
    cdef Positions positions
    cdef Refusal refusal
    cdef Risk risk
    cdef int account, leg_count, row
    cdef bint is_sequential, half_done, weighs
    cdef long long units, most_cost, reserve, foreseen
    cdef long long[::1] entry, side, ratio, ticks, priced, costs, least_costs, growths, least_growths, needs, ahead

    cdef void look_at(self, int number) noexcept
    cdef long long begun(self, int number) noexcept
    cdef long long _reversing(self, int number) noexcept
    cdef long long check_funds(self, long long field) except -1
    cdef long long _weigh_legs(self, long long field) except -1
    cdef long long _weigh(self, int number, long long paid, long long fees, long long field) except -1
    cdef void _find_needs(self) noexcept
    cdef void foresee(self) noexcept
    cdef long long _beyond(self, int number, long long growth, long long bound) noexcept
    cdef long long _check_begun(self, long long field) noexcept
    cdef long long counted(self) noexcept
