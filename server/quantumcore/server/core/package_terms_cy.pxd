from quantumcore.server.core.instruments_cy cimport Instruments
from quantumcore.server.core.packages_cy cimport Packages
from quantumcore.server.core.words_cy cimport Words

cdef class PackageTerms:
    cdef Instruments instruments
    cdef Packages packages
    cdef Words turn
    cdef Py_ssize_t record
    cdef long long terms
    cdef int leg_count

    cdef void read(self, Py_ssize_t record) noexcept
    cdef long long part(self, int shift) noexcept
    cdef long long word(self, Py_ssize_t column) noexcept
    cdef long long leg(self, int number, int word) noexcept
    cdef long long instrument(self, int number) noexcept
    cdef int side(self, int number) noexcept
    cdef bint has_price(self, int number) noexcept
    cdef long long sent(self) noexcept
    cdef bint is_immediate(self) noexcept
    cdef bint is_sequential(self) noexcept
    cdef int constraint_count(self) noexcept
    cdef long long constraint(self, int number, int word) noexcept
    cdef int write(self, int package) except -1
    cdef void _write_leg(self, Py_ssize_t at, int number) noexcept
