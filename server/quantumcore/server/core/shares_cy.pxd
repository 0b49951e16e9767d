from quantumcore.server.core.positions_cy cimport Positions
from quantumcore.server.core.strategies_cy cimport Strategies

cdef long long part_of(long long amount, long long held, long long part) noexcept

cdef class Shares:
    cdef long long capacity, used, free
    cdef long long[::1] words, counted, last
    cdef Positions positions
    cdef Strategies strategies

    cdef Py_ssize_t at(self, long long share) noexcept nogil
    cdef long long _take(self) noexcept
    cdef void open(self, int entry, long long owner, long long lots, long long tick_lots) noexcept
    cdef bint reopen(self, int entry, long long owner, long long order, long long lots, long long tick_lots) noexcept
    cdef void _fill(self, long long share, long long owner, long long order, long long before, long long lots, long long tick_lots) noexcept
    cdef void _link(self, int entry, long long share, long long before, long long behind) noexcept
    cdef bint is_owned(self, long long share) noexcept
    cdef void _count(self, int entry, long long share, long long lots, long long tick_lots) noexcept
    cdef long long take_from(self, int entry, long long share, long long lots, int sign) noexcept
    cdef void drop_empty(self, int entry, long long share) noexcept
    cdef void _leave_leg(self, long long share) noexcept
