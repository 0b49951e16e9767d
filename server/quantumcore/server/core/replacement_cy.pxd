from quantumcore.server.core.admission_cy cimport Admission
from quantumcore.server.core.orders_cy cimport Orders
from quantumcore.server.core.words_cy cimport Words

cdef class Replacement:
    cdef Admission admission
    cdef Orders orders
    cdef Words turn

    cdef long long check(self, Py_ssize_t record, int row) noexcept
    cdef long long price(self, Py_ssize_t record, int row) noexcept
    cdef long long quantity(self, Py_ssize_t record, int row) noexcept
    cdef long long _name(self, Py_ssize_t record, int row) noexcept
    cdef long long _values(self, Py_ssize_t record, int row) noexcept
    cdef long long _entry(self, Py_ssize_t record, int row) noexcept
