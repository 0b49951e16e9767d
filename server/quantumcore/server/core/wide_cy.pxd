cdef long long cost_of_part(long long cost, long long held, long long part) noexcept
cdef long long product(long long one, long long other) noexcept nogil
cdef long long high_word(long long one, long long other) noexcept nogil
cdef long long low_word(long long one, long long other) noexcept nogil

cdef class WideSums:
    cdef long long[:] low
    cdef long long[::1] high

    cdef void add(self, Py_ssize_t at, long long amount) noexcept nogil
    cdef void clear(self, Py_ssize_t at) noexcept nogil
    cdef void add_product(self, Py_ssize_t at, long long factor, long long amount) noexcept nogil
    cdef long long clipped_less(self, Py_ssize_t at, long long amount) noexcept nogil
    cdef long long clipped(self, Py_ssize_t at) noexcept nogil
