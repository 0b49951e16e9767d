from quantumcore.server.core.positions_cy cimport Positions
from quantumcore.server.core.strategies_cy cimport Strategies

cdef class ShareLists:
    cdef long long capacity, used, free, forgotten
    cdef long long[::1] words, counted, first, last
    cdef Positions positions
    cdef Strategies strategies

    cdef Py_ssize_t at(self, long long share) noexcept nogil
    cdef long long _take(self) noexcept
    cdef void _fill(self, long long share, int entry, long long owner, long long order, long long number, long long before) noexcept
    cdef void _link(self, int entry, long long share, long long behind) noexcept
    cdef void drop(self, long long share) noexcept
    cdef long long take_loose(self, int entry, long long share, long long lots) noexcept
    cdef void put_loose(self, int entry, long long share, long long lots) noexcept
    cdef bint is_owned(self, long long share) noexcept
    cdef void _join(self, long long share, bint is_newest) noexcept
    cdef void _splice(self, long long one, long long other) noexcept
    cdef void _leave(self, long long share) noexcept
    cdef void forget(self, long long row) noexcept
