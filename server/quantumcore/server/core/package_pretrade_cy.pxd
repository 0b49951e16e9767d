from quantumcore.server.core.instruments_cy cimport Instruments
from quantumcore.server.core.package_funds_cy cimport PackageFunds
from quantumcore.server.core.package_terms_cy cimport PackageTerms
from quantumcore.server.core.pretrade_cy cimport PreTrade

cdef class PackagePreTrade(PackageFunds):
    cdef Instruments instruments
    cdef PreTrade pretrade
    cdef bint waits
    cdef long long[::1] limits

    cdef long long check_new(self, PackageTerms terms, int account) except -1
    cdef long long check_amended(self, int row, long long units, long long most_cost) except -1
    cdef void _begin_working(self, int row, long long units, long long most_cost) noexcept
    cdef int foresee_again(self, int row) except -1
    cdef void count(self, int row, long long sign) noexcept
    cdef void revalue(self, int row) noexcept
    cdef void begin(self, int account, long long units, long long most_cost, int row) noexcept
    cdef void leg(self, int entry, int side, long long ratio, long long limit) noexcept
    cdef void bound(self, int package, int account) noexcept
    cdef long long check(self, long long field_units, long long field_legs) except -1
    cdef void note_needs(self, int row) noexcept
    cdef long long _check_group(self, long long field_units, long long field_legs) except -1
