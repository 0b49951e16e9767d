from quantumcore.server.core.admission_cy cimport Admission
from quantumcore.server.core.arena_cy cimport Arena
from quantumcore.server.core.book_cy cimport Book
from quantumcore.server.core.instruments_cy cimport Instruments
from quantumcore.server.core.orders_cy cimport Orders
from quantumcore.server.core.reporter_cy cimport Reporter
from quantumcore.server.core.requests_cy cimport RequestWindow
from quantumcore.server.core.words_cy cimport Words

cdef class Exchange:
    cdef Arena arena
    cdef Admission admission
    cdef Instruments instruments
    cdef Orders orders
    cdef Reporter report
    cdef RequestWindow requests
    cdef public Words turn, results, levels
    cdef Words journaled
    cdef long long trade_id
    cdef list account_definitions
    cdef int account_capacity

    cdef int _replay_commands(self) except -1
    cdef bint _same_turn(self) noexcept
    cdef int _apply(self, Py_ssize_t start) except -1
    cdef int _execute(self, int kind, Py_ssize_t start) except -1
    cdef int _create(self, Py_ssize_t start) except -1
    cdef int _refuse_create(self, Py_ssize_t start, long long reason) except -1
    cdef int _open_order(self, Py_ssize_t start) except -1
    cdef int _work(self, int row) except -1
    cdef long long _limit(self, int row, Book book, int side) noexcept
    cdef bint _is_market(self, int row) noexcept
    cdef int _reason_to_kill(self, int row, Book book, int side, long long price, long long lots) noexcept
    cdef int _reason_not_to_rest(self, int row) noexcept
    cdef long long _door(self, Py_ssize_t start) noexcept
    cdef long long _changeable(self, int row, long long order_id) noexcept
    cdef int _rename(self, Py_ssize_t start, int row) except -1
    cdef int _shrink(self, int row, long long quantity) except -1
    cdef long long _sweep(self, int row, long long price, long long lots) except? -1
    cdef int _fill(self, int taker, Py_ssize_t at) except -1
    cdef int _fill_side(self, int row, long long quantity, long long tick_lots) except -1
    cdef int _end(self, int row, int kind, int status, int cancel_reason, long long request_id) except -1
    cdef int _leave_book(self, int row) except -1
    cdef int _named_order(self, int account, long long order_id, Py_ssize_t text, long long length) except -2
    cdef int _cancel(self, Py_ssize_t start) except -1
    cdef int _cancel_many(self, Py_ssize_t start) except -1
    cdef int _replace(self, Py_ssize_t start) except -1
    cdef int _carry_out_replace(self, Py_ssize_t start, int row) except -1
    cdef int _refuse_change(self, Py_ssize_t start, int kind, int row, long long reason) except -1
    cdef int _set_phase(self, Py_ssize_t start) except -1
