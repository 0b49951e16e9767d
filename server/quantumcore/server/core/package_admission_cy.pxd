from quantumcore.server.core.admission_cy cimport Admission
from quantumcore.server.core.instruments_cy cimport Instruments
from quantumcore.server.core.package_pretrade_cy cimport PackagePreTrade
from quantumcore.server.core.package_terms_cy cimport PackageTerms
from quantumcore.server.core.packages_cy cimport Packages
from quantumcore.server.core.refusal_cy cimport Refusal
from quantumcore.server.core.sequential_admission_cy cimport SequentialAdmission

cdef class PackageAdmission:
    cdef Admission admission
    cdef Instruments instruments
    cdef Packages packages
    cdef PackagePreTrade pretrade
    cdef Refusal refusal
    cdef SequentialAdmission sequential
    cdef PackageTerms terms

    cdef long long check(self, Py_ssize_t record) except -1
    cdef long long _fail(self, long long reason, long long field, long long leg, long long limit, long long value) noexcept
    cdef long long _parties(self) noexcept
    cdef long long _enums(self) noexcept
    cdef long long _invalid(self, long long field, long long leg, long long value) noexcept
    cdef long long _constraint_enums(self) noexcept
    cdef long long _fields(self) noexcept
    cdef long long _ranges(self) noexcept
    cdef bint _names_two_legs(self, long long terms) noexcept
    cdef long long _phases(self) noexcept
    cdef long long _numbers(self) except -1
    cdef void _leg_numbers(self, int number, long long units) noexcept
    cdef long long _risk(self) except -1
    cdef int _together(self, long long units) except -1
