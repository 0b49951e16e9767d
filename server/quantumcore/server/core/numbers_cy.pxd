from quantumcore.server.core.instruments_cy cimport Instruments
from quantumcore.server.core.refusal_cy cimport Refusal
from quantumcore.server.core.terms_cy cimport Terms

cdef class Numbers:
    cdef Instruments instruments
    cdef Refusal refusal
    cdef Terms terms

    cdef long long check(self, int instrument, long long now_ns) noexcept
    cdef void _special_numbers(self, int instrument, long long quantity) noexcept
    cdef void _part_of(self, int instrument, long long part, long long most, long long field) noexcept
    cdef void check_quantity(self, int instrument, long long quantity, long long field) noexcept
    cdef void check_price(self, int instrument, long long price, long long field) noexcept
