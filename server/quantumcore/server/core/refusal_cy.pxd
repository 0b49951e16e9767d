cdef class Refusal:
    cdef public long long reason, field, limit, value, leg, about
    cdef bint asks
    cdef long long[::1] compared

    cdef void compare(self, int reason, long long limit, long long value, long long room) noexcept
    cdef long long fail(self, long long reason, long long field, long long limit, long long value) noexcept nogil
    cdef long long note(self, long long reason, long long field, long long limit, long long value) noexcept nogil
    cdef void clear(self) noexcept nogil
