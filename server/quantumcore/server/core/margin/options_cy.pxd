from quantumcore.server.core.margin.portfolio_cy cimport Portfolio

cdef class Options:
    cdef public int count, layers, places, width
    cdef public bint is_whole
    cdef public long long[::1] row, lots, is_short, is_call, weight, expiry
    cdef public long long[::1] premium, own, beyond, at_least, strikes, gain, layer_expiry
    cdef public long long call_cover, put_cover

    cdef int load(self, Portfolio portfolio, long long group) noexcept nogil
    cdef void _add(self, Portfolio portfolio, int row) noexcept nogil
    cdef void _add_strike(self, long long ticks) noexcept nogil
    cdef void _find_layers(self, Portfolio portfolio) noexcept nogil
    cdef long long _next_expiry(self, long long after) noexcept nogil
    cdef bint _is_needed(self, Portfolio portfolio, long long expiry, long long following) noexcept nogil
    cdef bint _is_cash_settled(self, Portfolio portfolio, int at) noexcept nogil
    cdef void _fill_gain(self, Portfolio portfolio) noexcept nogil
    cdef void _fill_at_least(self) noexcept nogil
    cdef bint _may_straddle(self, int at, int other) noexcept nogil
    cdef bint _is_lesser(self, int at, int other) noexcept nogil
    cdef bint may_go(self, Portfolio portfolio, int at, int place) noexcept nogil
    cdef bint _has_layer(self, int at) noexcept nogil
    cdef void _add_far_price(self, Portfolio portfolio) noexcept nogil
