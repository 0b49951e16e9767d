from quantumcore.server.core.admission_cy cimport Admission
from quantumcore.server.core.instruments_cy cimport Instruments
from quantumcore.server.core.packages_cy cimport Packages
from quantumcore.server.core.refusal_cy cimport Refusal
from quantumcore.server.core.words_cy cimport Words

cdef class PackageTerms:
    cdef Admission admission
    cdef Instruments instruments
    cdef Packages packages
    cdef Refusal refusal
    cdef Words turn
    cdef Py_ssize_t record
    cdef long long terms
    cdef int leg_count

    cdef long long part(self, int shift) noexcept
    cdef long long word(self, Py_ssize_t column) noexcept
    cdef long long leg(self, int number, int word) noexcept
    cdef long long instrument(self, int number) noexcept
    cdef int side(self, int number) noexcept
    cdef bint has_price(self, int number) noexcept
    cdef bint is_immediate(self) noexcept
    cdef long long check(self, Py_ssize_t record) except -1
    cdef long long _fail(self, long long reason, long long field, long long leg, long long limit, long long value) noexcept
    cdef long long _parties(self) noexcept
    cdef long long _enums(self) noexcept
    cdef long long _constraint_enums(self) noexcept
    cdef int constraint_count(self) noexcept
    cdef long long constraint(self, int number, int word) noexcept
    cdef long long _fields(self) noexcept
    cdef long long _ranges(self) noexcept
    cdef bint _names_two_legs(self, long long terms) noexcept
    cdef long long _phases(self) noexcept
    cdef long long _numbers(self) except -1
    cdef void _leg_numbers(self, int number, long long units) noexcept
    cdef int _together(self, long long units) except -1
    cdef long long _risk(self) noexcept
    cdef int write(self, int package) except -1
    cdef void _write_leg(self, Py_ssize_t at, int number) noexcept

cdef long long notional_of(Instruments instruments, int instrument, long long quantity) noexcept
