from quantumcore.server.core.instruments_cy cimport Instruments
from quantumcore.server.core.orders_cy cimport Orders
from quantumcore.server.core.words_cy cimport Words

cdef class Reporter:
    cdef Orders orders
    cdef Instruments instruments
    cdef public Words turn, results, levels
    cdef public long long sequence, time_ns, turn_time_ns, command
    cdef Py_ssize_t result, event
    cdef int row

    cdef int begin_result(self, Py_ssize_t record) except -1
    cdef void conclude(self) noexcept
    cdef void refuse(self, long long reason, long long field, long long limit, long long value) noexcept
    cdef void _mark_reject(self) noexcept
    cdef int order_event(self, int kind, int execution_type, int row, long long request_id) except -1
    cdef long long _excess(self, int row) noexcept
    cdef int fill_event(self, int row, int liquidity, long long price, long long quantity, long long trade_id) except -1
    cdef int restated_event(self, int row, long long restatement, long long shown) except -1
    cdef int mended_event(self, int kind, int execution_type, int row, int liquidity, long long price, long long quantity, long long trade_id, long long reference_sequence) except -1
    cdef int auction_notice(self, long long instrument, long long value, long long price, long long quantity, long long imbalance) except -1
    cdef int replaced_event(self, int row, int original, long long request_id) except -1
    cdef int refused_order_event(self, int kind, int execution_type, int row) except -1
    cdef int refused_command_event(self, int kind, int execution_type, long long state, Py_ssize_t text, long long length) except -1
    cdef void _tell_terms(self, Py_ssize_t at, Py_ssize_t record) noexcept
    cdef int notice(self, int kind, long long subject, long long value) except -1
    cdef Py_ssize_t _open(self, int kind, long long version) except -1
    cdef void _close(self) noexcept
    cdef int level(self, int instrument, Py_ssize_t book_event, long long sequence) except -1
