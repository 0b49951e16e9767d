cdef class Packages:
    cdef int capacity, fresh, oldest_ended, newest_ended
    cdef public long long last_execution
    cdef public long long[::1] words
    cdef int[::1] next_ended, next_leg, previous_leg
    cdef long long[::1] ends

    cdef bint has_room(self) noexcept
    cdef int take(self, long long order_id) noexcept
    cdef void end(self, int row) noexcept
    cdef Py_ssize_t queue(self, int instrument, int side) noexcept
    cdef Py_ssize_t at(self, int row) noexcept nogil
