from quantumcore.server.core.exposure_cy cimport Exposure
from quantumcore.server.core.phase_lists_cy cimport PhaseLists
from quantumcore.server.core.positions_cy cimport Positions
from quantumcore.server.core.standing_cy cimport Standing

cdef class Placing(Standing):
    cdef Exposure exposure
    cdef PhaseLists phase_lists
    cdef Positions positions
    cdef int[::1] next_peg, previous_peg
    cdef long long[::1] peg_ends

    cdef int _end_legs(self, int row) except -1
    cdef void resize(self, int row, long long quantity) noexcept
    cdef int lose(self, int row, long long lots) except -1
    cdef long long reducible(self, int row) noexcept
    cdef int cut(self, int row) except -1
    cdef void close(self, int row, int status, int cancel_reason) noexcept
    cdef void open_peg(self, int row) noexcept
    cdef int end(self, int row, int kind, int cancel_reason, long long request_id) except -1
    cdef int remove(self, int row, int kind, int cancel_reason) except -1
    cdef int withdraw(self, int row, int kind, int cancel_reason, long long request_id) except -1
    cdef int take_out(self, int leg) except -1
    cdef bint is_ending(self, int row) noexcept
