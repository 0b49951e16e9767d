cdef void link(long long[::1] ends, Py_ssize_t at, int[::1] following, int[::1] previous, int row) noexcept nogil
cdef void unlink(long long[::1] ends, Py_ssize_t at, int[::1] following, int[::1] previous, int row) noexcept nogil
