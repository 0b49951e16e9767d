from quantumcore.server.core.positions_cy cimport Positions

cdef class Notes:
    cdef long long capacity, count
    cdef Positions positions
    cdef long long[::1] words

    cdef Py_ssize_t at(self, long long number) noexcept nogil
    cdef bint remembers(self, long long number) noexcept nogil
    cdef long long note_fill(self, int entry, long long owner, long long order, long long ticks, long long lots, long long mode, long long sequence) noexcept
    cdef Py_ssize_t note_closed(self, long long fill) noexcept
