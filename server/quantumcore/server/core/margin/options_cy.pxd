from quantumcore.server.core.margin.portfolio_cy cimport Portfolio

cdef class Options:
    cdef public int count, layers, places, width
    cdef int below
    cdef public long long unit
    cdef bint is_whole
    cdef public long long[::1] row, lots, is_short, is_call, weight, premium, own, strikes
    cdef long long[::1] is_cash, lever, strike, price, expiry, beyond, at_least, layer_expiry
    cdef long long call_cover, put_cover

    cdef int load(self, Portfolio portfolio, long long group) noexcept nogil
    cdef void _insert(self, Portfolio portfolio, int row) noexcept nogil
    cdef bint _is_before(self, Portfolio portfolio, int row, int other) noexcept nogil
    cdef void _fill(self, Portfolio portfolio) noexcept nogil
    cdef void _fill_terms(self, Portfolio portfolio, int at, int row) noexcept nogil
    cdef void _find_unit(self) noexcept nogil
    cdef long long _cover_unit(self, long long unit) noexcept nogil
    cdef void expand(self) noexcept nogil
    cdef void _find_layers(self) noexcept nogil
    cdef long long _next_expiry(self, long long after) noexcept nogil
    cdef long long _last_expiry(self) noexcept nogil
    cdef bint _is_needed(self, long long expiry, long long following) noexcept nogil
    cdef void _add_far_price(self, Portfolio portfolio) noexcept nogil
    cdef void _fill_at_least(self) noexcept nogil
    cdef long long _least_saving(self, int at) noexcept nogil
    cdef bint may_straddle(self, int at, int other) noexcept nogil
    cdef bint _is_lesser(self, int at, int other) noexcept nogil
    cdef bint may_go(self, int at, int place) noexcept nogil
    cdef bint _has_layer(self, int at) noexcept nogil

cdef long long greatest_common(long long first, long long second) noexcept nogil
