cdef class Deadlines:
    cdef public Py_ssize_t count
    cdef int[::1] heap, place
    cdef long long[::1] time_ns, rank

    cdef int due(self, long long now_ns) noexcept nogil
    cdef long long next_ns(self) noexcept nogil
    cdef bint has(self, int entry) noexcept nogil
    cdef void set(self, int entry, long long time_ns, long long rank) noexcept nogil
    cdef void drop(self, int entry) noexcept nogil
    cdef void _put(self, Py_ssize_t at, int entry) noexcept nogil
    cdef bint _before(self, int one, int other) noexcept nogil
    cdef void _rise(self, Py_ssize_t at) noexcept nogil
    cdef void _sink(self, Py_ssize_t at) noexcept nogil
