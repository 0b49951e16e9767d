from quantumcore.server.core.admission_cy cimport Admission
from quantumcore.server.core.instruments_cy cimport Instruments
from quantumcore.server.core.orders_cy cimport Orders
from quantumcore.server.core.packages_cy cimport Packages
from quantumcore.server.core.packaging_cy cimport Packaging
from quantumcore.server.core.placing_cy cimport Placing
from quantumcore.server.core.refusal_cy cimport Refusal
from quantumcore.server.core.reporter_cy cimport Reporter
from quantumcore.server.core.words_cy cimport Words

cdef class Amending:
    cdef Admission admission
    cdef Instruments instruments
    cdef Orders orders
    cdef Packages packages
    cdef Packaging packaging
    cdef Placing placing
    cdef Refusal refusal
    cdef Reporter report
    cdef Words turn

    cdef long long check(self, Py_ssize_t record, int row) except -1
    cdef long long _name(self, Py_ssize_t record, int row) noexcept
    cdef long long _phases(self, int row) noexcept
    cdef int _leg_count(self, int row) noexcept
    cdef bint _flag(self, Py_ssize_t record, long long bit) noexcept
    cdef bint _amends(self, Py_ssize_t record, int number) noexcept
    cdef bint _gets_price(self, Py_ssize_t record, int number) noexcept
    cdef long long _numbers(self, Py_ssize_t record, int row) noexcept
    cdef void _legs(self, Py_ssize_t record, int row) noexcept
    cdef void _units(self, int row, long long units) noexcept
    cdef bint _changes(self, Py_ssize_t record) noexcept
    cdef int carry_out(self, Py_ssize_t record, int row, int original) except -1
    cdef int _tell(self, int row, int original, long long request_id) except -1
    cdef void _set_units(self, Py_ssize_t record, int row) noexcept
    cdef bint _fits(self, int row, long long units, long long before) noexcept
