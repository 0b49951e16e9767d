cdef class ArrayCache:
    cdef long long[::1] words, key
    cdef long long capacity
    cdef public long long count

    cdef long long find(self) noexcept nogil
    cdef long long _home(self) noexcept nogil
    cdef bint _is_at(self, long long first) noexcept nogil
    cdef void make_room(self, long long count) noexcept nogil
