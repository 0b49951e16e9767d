from quantumcore.server.core.refusal_cy cimport Refusal
from quantumcore.server.core.words_cy cimport Words

cdef bint is_immediate(long long order_type, long long time_in_force) noexcept nogil

cdef class Terms:
    cdef Refusal refusal
    cdef Words turn
    cdef Py_ssize_t record
    cdef long long terms

    cdef void read(self, Py_ssize_t record) noexcept
    cdef long long part(self, int shift) noexcept
    cdef long long word(self, int column) noexcept
    cdef bint flag(self, long long bit) noexcept
    cdef bint is_stop(self) noexcept
    cdef long long check_enums(self) noexcept
    cdef long long _invalid(self, long long field, long long value) noexcept
    cdef long long check_fields(self) noexcept
    cdef long long _refuse(self, long long field, long long value) noexcept
    cdef long long _prices_allowed(self) noexcept
    cdef long long _conditions_allowed(self) noexcept
    cdef long long _required(self) noexcept
