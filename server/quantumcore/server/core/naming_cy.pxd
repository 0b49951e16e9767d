from quantumcore.server.core.admission_cy cimport Admission
from quantumcore.server.core.orders_cy cimport Orders
from quantumcore.server.core.reporter_cy cimport Reporter
from quantumcore.server.core.words_cy cimport Words

cdef class Naming:
    cdef Admission admission
    cdef Orders orders
    cdef Reporter report
    cdef Words turn
    cdef int row

    cdef long long find(self, Py_ssize_t start, long long order_id, Py_ssize_t text, long long length, bint package) except -1
    cdef long long door(self, Py_ssize_t start) noexcept
    cdef int _named_order(self, int account, long long order_id, Py_ssize_t text, long long length) except -2
    cdef int _of_kind(self, int row, bint package) noexcept
    cdef long long _changeable(self, int row, long long order_id) noexcept
    cdef int refuse(self, Py_ssize_t start, int kind, int row) except -1
