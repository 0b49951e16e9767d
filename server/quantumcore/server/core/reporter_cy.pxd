from quantumcore.server.core.accounts_cy cimport Accounts
from quantumcore.server.core.positions_cy cimport Positions
from quantumcore.server.core.turn_writer_cy cimport TurnWriter

cdef class Reporter(TurnWriter):
    cdef Accounts accounts
    cdef Positions positions

    cdef void conclude(self) noexcept
    cdef void _mark_reject(self) noexcept
    cdef int order_event(self, int kind, int execution_type, int row, long long request_id) except -1
    cdef long long _excess(self, int row) noexcept
    cdef int fill_event(self, int row, int liquidity, long long price, long long quantity, long long trade_id, long long realised) except -1
    cdef int restated_event(self, int row, long long restatement, long long shown) except -1
    cdef int mended_event(self, int kind, int execution_type, int row, int liquidity, long long price, long long quantity, long long trade_id, long long reference_sequence, long long realised) except -1
    cdef int replaced_event(self, int row, int original, long long request_id) except -1
    cdef int refused_order_event(self, int kind, int execution_type, int row) except -1
    cdef int refused_command_event(self, int kind, int execution_type, long long state, Py_ssize_t text, long long length) except -1
    cdef void _tell_terms(self, Py_ssize_t at, Py_ssize_t record) noexcept
    cdef void _tell_reserved(self, int row) noexcept
    cdef void _tell_position(self, int row, long long realised) noexcept
