from quantumcore.server.core.admission_cy cimport Admission
from quantumcore.server.core.naming_cy cimport Naming
from quantumcore.server.core.orders_cy cimport Orders
from quantumcore.server.core.placing_cy cimport Placing
from quantumcore.server.core.reporter_cy cimport Reporter
from quantumcore.server.core.words_cy cimport Words

cdef class Cancelling:
    cdef Admission admission
    cdef Naming naming
    cdef Orders orders
    cdef Placing placing
    cdef Reporter report
    cdef Words turn, results

    cdef int cancel(self, Py_ssize_t start) except -1
    cdef int cancel_many(self, Py_ssize_t start) except -1
    cdef long long _check_many(self, Py_ssize_t start) noexcept
    cdef int _whole(self, int row) noexcept
    cdef bint _entered_by(self, int row, long long session, bint ended) noexcept
