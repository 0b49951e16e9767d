from quantumcore.server.core.notes_cy cimport Notes
from quantumcore.server.core.orders_cy cimport Orders
from quantumcore.server.core.packages_cy cimport Packages
from quantumcore.server.core.positions_cy cimport Positions
from quantumcore.server.core.reporter_cy cimport Reporter
from quantumcore.server.core.shares_cy cimport Shares
from quantumcore.server.core.strategies_cy cimport Strategies

cdef long long closed_by(long long held, long long lots) noexcept

cdef class Attribution:
    cdef Notes notes
    cdef Orders orders
    cdef Packages packages
    cdef Positions positions
    cdef Reporter report
    cdef Shares shares
    cdef Strategies strategies

    cdef bint concerns(self, int row) noexcept
    cdef void book(self, int row, long long held, long long ticks, long long lots, long long fee) noexcept
    cdef void run(self, int entry, long long owner, long long held, long long ticks, long long lots, long long mode, long long sequence) noexcept
    cdef void pay(self, long long owner, long long tick_lots, long long fee) noexcept
    cdef long long find_owner(self, int row) noexcept
    cdef long long _owner(self, int row) noexcept
    cdef void _name_legs(self, Py_ssize_t package, long long strategy) noexcept
    cdef long long _close_own(self, int entry, long long fill, long long owner, long long lots, int sign) noexcept
    cdef void _close_oldest(self, int entry, long long fill, long long lots, int sign) noexcept
    cdef void _close(self, int entry, long long fill, long long share, long long lots, long long before, int sign, bint is_own) noexcept
    cdef void _realise(self, long long owner, long long brought, long long cost, int sign) noexcept
    cdef long long take_back(self, int entry, long long held) noexcept
    cdef void _reopen(self, int entry, long long fill, long long lots, int sign) noexcept
