from quantumcore.server.core.instruments_cy cimport Instruments

cdef class Marks:
    cdef Instruments instruments
    cdef public long long ticks, age_ns, time_ns

    cdef bint find(self, int instrument, long long now_ns, long long most_age_ns) noexcept
    cdef void _see_last(self, int instrument, long long now_ns) noexcept
    cdef bint has_best(self, int instrument, int side) noexcept
    cdef long long best(self, int instrument, int side) noexcept
    cdef long long worst(self, int instrument, int side, int order_type, long long stop_price) noexcept
