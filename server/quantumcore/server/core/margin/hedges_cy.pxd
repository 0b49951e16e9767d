from quantumcore.server.core.margin.portfolio_cy cimport Portfolio

cdef class Hedges:
    cdef long long[::1] free, uses
    cdef int use_count, formed
    cdef bint has_lots

    cdef void open(self, Portfolio portfolio) noexcept nogil
    cdef void reserve(self, Portfolio portfolio, long long group, long long weight, int sign) noexcept nogil
    cdef long long credit(self, Portfolio portfolio, long long[::1] spreads, int count) noexcept nogil
    cdef bint _is_uneven(self, long long[::1] spreads, int spread) noexcept nogil
    cdef long long _form(self, Portfolio portfolio, long long[::1] spreads, int spread, int sign) noexcept nogil
    cdef long long _free(self, Portfolio portfolio, long long group, int sign) noexcept nogil
    cdef long long _use(self, Portfolio portfolio, int spread, long long group, int sign, long long lots, long long units) noexcept nogil
    cdef int _earliest(self, Portfolio portfolio, long long group, int sign) noexcept nogil
    cdef bint _is_before(self, Portfolio portfolio, int row, int other) noexcept nogil
    cdef void _note(self, int spread, long long units, int row, long long lots) noexcept nogil
