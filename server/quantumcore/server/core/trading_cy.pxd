from quantumcore.server.core.admission_cy cimport Admission
from quantumcore.server.core.matching_cy cimport Matching
from quantumcore.server.core.orders_cy cimport Orders
from quantumcore.server.core.replacement_cy cimport Replacement
from quantumcore.server.core.reporter_cy cimport Reporter
from quantumcore.server.core.words_cy cimport Words

cdef class Trading:
    cdef Admission admission
    cdef Replacement replacement
    cdef Matching matching
    cdef Orders orders
    cdef Reporter report
    cdef Words turn, results

    cdef int create(self, Py_ssize_t start) except -1
    cdef int cancel(self, Py_ssize_t start) except -1
    cdef int cancel_many(self, Py_ssize_t start) except -1
    cdef bint _entered_by(self, int row, long long session) noexcept
    cdef int replace(self, Py_ssize_t start) except -1
    cdef int _refuse_create(self, Py_ssize_t start, long long reason) except -1
    cdef int _open_order(self, Py_ssize_t start) except -1
    cdef int _named_order(self, int account, long long order_id, Py_ssize_t text, long long length) except -2
    cdef long long _door(self, Py_ssize_t start) noexcept
    cdef long long _changeable(self, int row, long long order_id) noexcept
    cdef int _refuse_change(self, Py_ssize_t start, int kind, int row, long long reason) except -1
    cdef int _carry_out_replace(self, Py_ssize_t start, int row) except -1
    cdef int _rename(self, Py_ssize_t start, int row) except -1
