from quantumcore.server.core.admission_cy cimport Admission
from quantumcore.server.core.instruments_cy cimport Instruments
from quantumcore.server.core.orders_cy cimport Orders
from quantumcore.server.core.refusal_cy cimport Refusal
from quantumcore.server.core.words_cy cimport Words

cdef class Replacement:
    cdef Admission admission
    cdef Instruments instruments
    cdef Orders orders
    cdef Refusal refusal
    cdef Words turn

    cdef bint _flag(self, Py_ssize_t record, long long bit) noexcept
    cdef long long price(self, Py_ssize_t record, int row) noexcept
    cdef long long quantity(self, Py_ssize_t record, int row) noexcept
    cdef long long stop_price(self, Py_ssize_t record, int row) noexcept
    cdef bint enters_anew(self, Py_ssize_t record, int row) noexcept
    cdef long long check(self, Py_ssize_t record, int row) except -1
    cdef long long _watched(self, Py_ssize_t record, int row) except -1
    cdef long long _name(self, Py_ssize_t record, int row) noexcept
    cdef long long _fields(self, Py_ssize_t record, int row) noexcept
    cdef long long _values(self, Py_ssize_t record, int row) noexcept
    cdef long long _entry(self, Py_ssize_t record, int row) noexcept
