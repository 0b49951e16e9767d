cdef class ScenarioModel:
    cdef long long[::1] name, minimum, longs, shorts, charge, delta, free, value
    cdef long long[::1] scan, worst, credit, sums, spreads
    cdef int spread_count
    cdef public int holdings, count
    cdef public long long debit_minor_units

    cdef int _open(self, long long commodity) noexcept nogil
    cdef void _count(self, int at, long long lots, long long minimum, long long charge) noexcept nogil
    cdef void _weigh(self, int at, long long delta, long long value) noexcept nogil
    cdef void _clear(self) noexcept nogil
    cdef long long _requirement(self) noexcept nogil
    cdef long long _required(self, int at) noexcept nogil
    cdef void _find_worst(self, int at) noexcept nogil
    cdef long long _calendar(self, int at) noexcept nogil
    cdef void _form(self, int spread) noexcept nogil
    cdef int _find(self, long long commodity) noexcept nogil
    cdef void _use(self, int at, long long used, long long basis_points) noexcept nogil

cdef long long used_part(long long whole, long long used, long long total) noexcept nogil
