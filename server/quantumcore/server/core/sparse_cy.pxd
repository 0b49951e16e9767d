cdef bint _is_used(long long[::1] words, Py_ssize_t first, Py_ssize_t count) noexcept nogil
