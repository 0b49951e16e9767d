from quantumcore.server.core.margin.options_cy cimport Options

cdef class Places:
    cdef Options options
    cdef public long long[::1] low, high, placed, sum
    cdef long long[::1] stack
    cdef public Py_ssize_t depth
    cdef long long steps
    cdef bint changed

    cdef void open(self) noexcept nogil
    cdef bint push(self) noexcept nogil
    cdef void pop(self) noexcept nogil
    cdef bint settle(self) noexcept nogil
    cdef bint _has_room(self) noexcept nogil
    cdef void _narrow(self, int cell, long long low, long long high) noexcept nogil
    cdef bint _add_up(self) noexcept nogil
    cdef bint _cover(self, long long calls, long long room) noexcept nogil
    cdef bint _balance_calls(self, int place) noexcept nogil
    cdef long long place_cheapest(self, long long[::1] cost) noexcept nogil
    cdef long long _place(self, int at, long long[::1] cost) noexcept nogil
    cdef void repair(self) noexcept nogil
    cdef void _uncover(self, long long calls, long long room) noexcept nogil
    cdef void _take_calls(self, int place) noexcept nogil
    cdef void _leave_alone(self, int place, long long calls, long long weight) noexcept nogil
    cdef void clear_sum(self) noexcept nogil
    cdef void add_placed(self, long long weight) noexcept nogil
    cdef void place_mean(self, long long count) noexcept nogil
