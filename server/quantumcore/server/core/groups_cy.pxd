cdef class Groups:
    cdef public int count
    cdef long long[::1] number, limits
    cdef int[::1] killed, turn
    cdef public dict places
    cdef public list members

    cdef long long limit(self, int place, int word) noexcept nogil
    cdef bint has_limits(self, int place) noexcept nogil
