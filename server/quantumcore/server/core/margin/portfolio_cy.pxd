cdef class Portfolio:
    cdef public long long[::1] words
    cdef public int count
    cdef public int refused
    cdef long long highest_ticks, greatest_weight

    cdef long long get(self, int row, int word) noexcept nogil
    cdef void set(self, int row, int word, long long value) noexcept nogil
    cdef void _clear(self) noexcept nogil
    cdef int _put(self, long long[::1] words, Py_ssize_t first, long long lots, bint working) noexcept nogil
    cdef int _put_rows(self, long long[::1] words, int count) noexcept nogil
    cdef int _take(self, long long[::1] words, Py_ssize_t first, long long lots, long long position_lots) noexcept nogil
    cdef void _write(self, int row, long long[::1] words, Py_ssize_t first, long long lots, long long position_lots) noexcept nogil
    cdef bint _is_same(self, int row, long long[::1] words, Py_ssize_t first) noexcept nogil
    cdef int _check(self, long long[::1] words, Py_ssize_t first, long long lots) noexcept nogil
    cdef int _check_values(self, long long[::1] words, Py_ssize_t first, long long lots) noexcept nogil
    cdef bint _disagrees(self, int row, long long[::1] words, Py_ssize_t first) noexcept nogil
    cdef long long _ticks(self, long long[::1] words, Py_ssize_t first) noexcept nogil
    cdef long long _weight(self, long long[::1] words, Py_ssize_t first, long long lots) noexcept nogil
