from quantumcore.server.core.strategies_cy cimport Strategies

cdef class Packages:
    cdef int capacity, fresh, oldest_ended, newest_ended
    cdef public long long last_execution
    cdef long long remembered, executed
    cdef public long long[::1] words
    cdef int first_stirred, last_stirred
    cdef int[::1] next_ended, next_stirred, next_leg, previous_leg
    cdef long long[::1] ends
    cdef public long long[::1] executions
    cdef Strategies strategies

    cdef bint has_room(self) noexcept
    cdef int take(self, long long order_id) noexcept
    cdef void end(self, int row) noexcept
    cdef Py_ssize_t queue(self, int instrument, int side) noexcept
    cdef void stir(self, int row) noexcept
    cdef int take_stirred(self) noexcept
    cdef long long excess(self, int row, int number) noexcept
    cdef long long begun(self, int row) noexcept
    cdef bint is_level(self, int row) noexcept
    cdef Py_ssize_t at(self, int row) noexcept nogil
    cdef Py_ssize_t note_execution(self, long long first_trade, long long last_trade) noexcept
    cdef Py_ssize_t find_execution(self, long long trade_id) noexcept
