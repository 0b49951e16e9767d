from quantumcore.server.core.words_cy cimport Words

cdef class Limits:
    cdef public Words rows
    cdef public int count

    cdef long long get(self, int row, int word) noexcept
