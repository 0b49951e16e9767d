from quantumcore.server.core.index_cy cimport HashIndex
from quantumcore.server.core.words_cy cimport Words

cdef class RequestWindow:
    cdef HashIndex index
    cdef public Py_ssize_t capacity
    cdef public long long count
    cdef long long[::1] ids, contents, answers
    cdef int[::1] accounts

    cdef bint has_scope(self, Words turn, Py_ssize_t start, int account_count) noexcept
    cdef int scope_of(self, Words turn, Py_ssize_t start) noexcept
    cdef long long content_of(self, Words turn, Py_ssize_t start) noexcept
    cdef long long _hash(self, int account, long long request_id) noexcept
    cdef void expect(self, int account, long long request_id) noexcept
    cdef int find(self, int account, long long request_id) noexcept
    cdef void add(self, int account, long long request_id, long long content, Words results, Py_ssize_t row) noexcept
    cdef void recall(self, int entry, Words results, Py_ssize_t row) noexcept
