from quantumcore.server.core.share_lists_cy cimport ShareLists

cdef class Shares(ShareLists):
    cdef void open(self, int entry, long long owner, long long number, long long held, long long lots, long long tick_lots) noexcept
    cdef void unopen(self, int entry, long long owner, long long order, long long held, long long lots, long long ticks) noexcept
    cdef long long take_from(self, int entry, long long share, long long lots, int sign) noexcept
    cdef void put_back(self, int entry, long long[::1] closed, Py_ssize_t at, int sign) noexcept
    cdef long long _split(self, int entry, long long share, long long behind, long long before) noexcept
    cdef long long _not_before(self, int entry, long long number) noexcept
    cdef void _change(self, int entry, long long share, long long lots, long long tick_lots, int sign) noexcept
