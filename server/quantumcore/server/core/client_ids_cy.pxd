from quantumcore.server.core.index_cy cimport HashIndex
from quantumcore.server.core.words_cy cimport Words

cdef class ClientIds:
    cdef HashIndex index
    cdef public Py_ssize_t capacity
    cdef public long long live
    cdef int fresh, free
    cdef long long[::1] texts
    cdef int[:] lengths, accounts, rows, chain

    cdef long long hash_of(self, int account, Words source, Py_ssize_t start, int length) noexcept
    cdef int find(self, int account, Words source, Py_ssize_t start, int length) noexcept
    cdef int add(self, int account, Words source, Py_ssize_t start, int length, int row, int older) noexcept
    cdef void keep_newest(self, int entry, int count) noexcept
    cdef void drop(self, int entry) noexcept
    cdef bint _same(self, int entry, Words source, Py_ssize_t start, int length) noexcept
    cdef void write(self, int entry, Words target) noexcept
