from quantumcore.server.core.accounts_cy cimport Accounts
from quantumcore.server.core.balances_cy cimport Balances
from quantumcore.server.core.exposure_cy cimport Exposure
from quantumcore.server.core.instruments_cy cimport Instruments
from quantumcore.server.core.limits_cy cimport Limits
from quantumcore.server.core.margining_cy cimport Margining
from quantumcore.server.core.marks_cy cimport Marks
from quantumcore.server.core.orders_cy cimport Orders
from quantumcore.server.core.positions_cy cimport Positions
from quantumcore.server.core.refusal_cy cimport Refusal

cdef class Risk:
    cdef public Accounts accounts
    cdef Balances balances
    cdef public Exposure exposure
    cdef Instruments instruments
    cdef Limits limits
    cdef public Margining margining
    cdef public Marks marks
    cdef public Orders orders
    cdef public Positions positions
    cdef public Refusal refusal
    cdef public bint is_dry
    cdef public long long now_ns
    cdef int account, instrument, entry, side
    cdef long long lots, ticks, own_lots, own_value, beside, whole, begun, reversing

    cdef long long check_rate(self, int account, long long now_ns, long long field) noexcept
    cdef void look_at(self, int account, int instrument, int entry, int side, long long lots, long long ticks, int row) noexcept
    cdef void look_at_account(self, int account, long long now_ns) noexcept
    cdef long long value(self, long long lots, long long ticks) noexcept
    cdef long long check_limits(self, bint has_limit, long long field_quantity, long long field_price) noexcept
    cdef void _check_row(self, int row, long long value, long long open_value, long long field) noexcept
    cdef void _compare(self, int reason, long long limit, long long value) noexcept
    cdef void _check_position(self, long long most, long long lot, long long field) noexcept
    cdef void check_working(self, long long field) noexcept
    cdef void check_working_here(self, long long field) noexcept
    cdef void _check_count(self, int row, long long working, long long field) noexcept
    cdef void _check_collar(self, int row, long long field) noexcept
    cdef long long _first(self, int word) noexcept
    cdef long long age_ns(self) noexcept
    cdef long long haircut(self) noexcept
