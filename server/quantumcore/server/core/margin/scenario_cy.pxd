cdef class ScenarioModel:
    cdef long long[::1] commodity, instrument, lots, minimum, charge, losses, sums
    cdef public int count, worst

    cdef long long _requirement(self) noexcept nogil
    cdef bint _is_first(self, int at) noexcept nogil
    cdef long long _commodity(self, long long commodity) noexcept nogil
    cdef long long _scan(self, long long commodity) noexcept nogil
    cdef long long _calendar(self, long long commodity) noexcept nogil
    cdef long long _least(self, long long commodity) noexcept nogil
