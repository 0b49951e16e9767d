from quantumcore.server.core.index_cy cimport HashIndex

cdef class Positions:
    cdef HashIndex index
    cdef public int capacity, count
    cdef int[:] account, instrument
    cdef long long[:] lots, reduce_only

    cdef long long _hash(self, int account, int instrument) noexcept nogil
    cdef void expect(self, int account, int instrument) noexcept nogil
    cdef int find(self, int account, int instrument) noexcept nogil
    cdef int find_or_add(self, int account, int instrument) noexcept nogil
