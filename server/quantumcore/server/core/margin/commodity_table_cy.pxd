cdef class CommodityTable:
    cdef long long[::1] group, place, identity, range, volatility
    cdef long long[::1] delta_weight, bucket, minimum, charge
    cdef public int group_count, count

    cdef void forget(self) noexcept nogil
    cdef int find(self, long long group) noexcept nogil
    cdef int open(self, long long group, long long identity) noexcept nogil
    cdef long long counted(self, int at, long long ticks) noexcept nogil

cdef long long step_of(long long ticks) noexcept nogil
