cdef class WideSums:
    cdef long long[:] low
    cdef long long[::1] high

    cdef void add(self, Py_ssize_t at, long long amount) noexcept nogil
    cdef void clear(self, Py_ssize_t at) noexcept nogil
    cdef long long clipped(self, Py_ssize_t at) noexcept nogil
