cdef class Words:
    cdef public long long[::1] words
    cdef public Py_ssize_t end
    cdef Py_ssize_t capacity

    cdef int _reserve(self, Py_ssize_t count) except -1
    cdef long long sent(self, Py_ssize_t record, Py_ssize_t end) noexcept

cdef long long stored_bytes(long long length) noexcept
cdef long long known_terms(long long terms, int count) noexcept
