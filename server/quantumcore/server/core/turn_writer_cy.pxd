from quantumcore.server.core.instruments_cy cimport Instruments
from quantumcore.server.core.orders_cy cimport Orders
from quantumcore.server.core.refusal_cy cimport Refusal
from quantumcore.server.core.words_cy cimport Words

cdef class TurnWriter:
    cdef Orders orders
    cdef Instruments instruments
    cdef public Words turn, results, levels
    cdef public long long sequence, time_ns, turn_time_ns, command
    cdef Py_ssize_t result, event
    cdef int row

    cdef int begin_result(self, Py_ssize_t record) except -1
    cdef void refuse(self, Refusal refusal) noexcept
    cdef Py_ssize_t _open(self, int kind, long long version) except -1
    cdef void _close(self) noexcept
    cdef void _close_again(self) noexcept
    cdef int notice(self, int kind, long long subject, long long value) except -1
    cdef int auction_notice(self, long long instrument, long long value, long long price, long long quantity, long long imbalance) except -1
    cdef int level(self, int instrument, Py_ssize_t book_event, long long sequence) except -1
