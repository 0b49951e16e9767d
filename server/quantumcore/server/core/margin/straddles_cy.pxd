cdef class Straddles:
    cdef int calls, puts
    cdef public bint dropped
    cdef public long long steps
    cdef long long limit
    cdef long long[::1] call, put, call_lots, put_lots, saving, pairs
    cdef long long[::1] call_gain, put_gain, call_from, put_from

    cdef void clear(self) noexcept nogil
    cdef void add(self, bint is_call, int index, long long lots) noexcept nogil
    cdef long long solve(self, long long[::1] own, long long[::1] beyond, long long[::1] weight) noexcept nogil
    cdef void _save(self, long long[::1] own, long long[::1] beyond, long long[::1] weight) noexcept nogil
    cdef void _search(self) noexcept nogil
    cdef bint _give_back(self) noexcept nogil
    cdef int _best_end(self) noexcept nogil
    cdef long long _pair(self, int end) noexcept nogil
    cdef long long _pair_rest(self) noexcept nogil
    cdef int _best_put(self, int first) noexcept nogil
