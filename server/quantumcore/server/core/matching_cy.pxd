from quantumcore.server.core.arena_cy cimport Arena
from quantumcore.server.core.book_cy cimport Book
from quantumcore.server.core.instruments_cy cimport Instruments
from quantumcore.server.core.orders_cy cimport Orders
from quantumcore.server.core.reporter_cy cimport Reporter

cdef class Matching:
    cdef Arena arena
    cdef Instruments instruments
    cdef Orders orders
    cdef Reporter report
    cdef public long long trade_id

    cdef int work(self, int row) except -1
    cdef int end(self, int row, int kind, int status, int cancel_reason, long long request_id) except -1
    cdef int leave_book(self, int row) except -1
    cdef int shrink(self, int row, long long quantity) except -1
    cdef long long _limit(self, int row, Book book, int side) noexcept
    cdef bint _is_market(self, int row) noexcept
    cdef int _reason_to_kill(self, int row, Book book, int side, long long price, long long lots) noexcept
    cdef int _reason_not_to_rest(self, int row) noexcept
    cdef long long _sweep(self, int row, long long price, long long lots) except? -1
    cdef int _fill(self, int taker, Py_ssize_t at) except -1
    cdef int _fill_side(self, int row, long long quantity, long long tick_lots) except -1
