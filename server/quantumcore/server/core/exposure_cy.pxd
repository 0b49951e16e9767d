from quantumcore.server.core.accounts_cy cimport Accounts
from quantumcore.server.core.balances_cy cimport Balances
from quantumcore.server.core.instruments_cy cimport Instruments
from quantumcore.server.core.orders_cy cimport Orders
from quantumcore.server.core.packages_cy cimport Packages
from quantumcore.server.core.positions_cy cimport Positions

cdef class Exposure:
    cdef Accounts accounts
    cdef Balances balances
    cdef Instruments instruments
    cdef Orders orders
    cdef Packages packages
    cdef Positions positions

    cdef void change(self, int row, long long lots) noexcept
    cdef void _count(self, int row, long long lots) noexcept
    cdef void open(self, int row, long long lots, long long risk_ticks, long long reserve, long long foreseen) noexcept
    cdef void close(self, int row, long long lots) noexcept
    cdef void revalue(self, int row, long long lots, long long risk_ticks, long long reserve, long long foreseen) noexcept
    cdef void foresee(self, int row, long long lots, long long foreseen) noexcept
    cdef void follow(self, int row) noexcept
    cdef long long bound(self, int row, long long reserve, long long[::1] needs, Py_ssize_t first) noexcept
    cdef void _let_go(self, int row) noexcept
    cdef void _count_bound(self, int row, long long bound) noexcept
    cdef void _count_foreseen(self, int row, long long bound) noexcept
    cdef bint _has_margin(self, int row) noexcept
    cdef void _count_reversal(self, int row, int number, long long lots) noexcept
    cdef void _count_order(self, int row, int by) noexcept
    cdef long long reserved(self, int row) noexcept
    cdef long long counted(self, int row) noexcept
    cdef long long lots(self, int row) noexcept
