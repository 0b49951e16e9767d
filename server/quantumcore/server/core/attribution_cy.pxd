from quantumcore.server.core.orders_cy cimport Orders
from quantumcore.server.core.packages_cy cimport Packages
from quantumcore.server.core.positions_cy cimport Positions
from quantumcore.server.core.reporter_cy cimport Reporter
from quantumcore.server.core.shares_cy cimport Shares
from quantumcore.server.core.strategies_cy cimport Strategies

cdef class Attribution:
    cdef Orders orders
    cdef Packages packages
    cdef Positions positions
    cdef Reporter report
    cdef Shares shares
    cdef Strategies strategies
    cdef long long capacity, count
    cdef long long[::1] closings

    cdef bint concerns(self, int row) noexcept
    cdef bint knows(self, int row, long long sequence) noexcept
    cdef void book(self, int row, long long held, long long ticks, long long lots, long long fee) noexcept
    cdef void undo(self, int row, long long held, long long ticks, long long lots, long long fee, long long sequence) noexcept
    cdef long long _closing(self, long long held, long long lots) noexcept
    cdef void _pay(self, long long owner, long long tick_lots, long long fee) noexcept
    cdef long long _owner(self, int row) noexcept
    cdef void _name_legs(self, Py_ssize_t package, long long strategy) noexcept
    cdef long long _close_own(self, int entry, long long owner, long long lots, long long ticks, int sign) noexcept
    cdef void _close_oldest(self, int entry, long long lots, long long ticks, int sign) noexcept
    cdef long long _close_newest_of_nobody(self, int entry, long long lots, long long held) noexcept
    cdef void _close(self, int entry, long long share, long long lots, long long ticks, int sign) noexcept
    cdef Py_ssize_t _note(self, int entry, long long owner, long long order) noexcept
    cdef long long _after(self, long long sequence) noexcept
    cdef void _reopen(self, int entry, long long sequence) noexcept
    cdef void _reopen_one(self, int entry, Py_ssize_t at) noexcept
