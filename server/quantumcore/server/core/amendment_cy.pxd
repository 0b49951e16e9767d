from quantumcore.server.core.admission_cy cimport Admission
from quantumcore.server.core.instruments_cy cimport Instruments
from quantumcore.server.core.orders_cy cimport Orders
from quantumcore.server.core.packages_cy cimport Packages
from quantumcore.server.core.packaging_cy cimport Packaging
from quantumcore.server.core.placing_cy cimport Placing
from quantumcore.server.core.refusal_cy cimport Refusal
from quantumcore.server.core.reporter_cy cimport Reporter
from quantumcore.server.core.words_cy cimport Words

cdef class Amendment:
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
    cdef long long _watched(self, Py_ssize_t record, int row) except -1
    cdef long long _limit(self, Py_ssize_t record, int row, int number) noexcept
    cdef long long _name(self, Py_ssize_t record, int row) noexcept
    cdef long long _phases(self, int row) noexcept
    cdef long long _stage(self, int row) noexcept
    cdef void _note_meeting_legs(self, Py_ssize_t record, int row) noexcept
    cdef long long _limit_price(self, Py_ssize_t record, int row, int number) noexcept
    cdef int _leg_count(self, int row) noexcept
    cdef bint _flag(self, Py_ssize_t record, long long bit) noexcept
    cdef bint _amends(self, Py_ssize_t record, int number) noexcept
    cdef bint _gets_price(self, Py_ssize_t record, int number) noexcept
    cdef long long _numbers(self, Py_ssize_t record, int row) noexcept
    cdef void _legs(self, Py_ssize_t record, int row) noexcept
    cdef long long _other_leg(self, Py_ssize_t record, int row) noexcept
    cdef void _units(self, int row, long long units) noexcept
    cdef bint _changes(self, Py_ssize_t record) noexcept
    cdef bint _fits(self, int row, long long units, long long before) noexcept
