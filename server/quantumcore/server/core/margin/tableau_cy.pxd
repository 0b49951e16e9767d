cdef class Tableau:
    cdef public int height, width, stride
    cdef int count
    cdef public long long[::1] cell, basic, outside, low, high, value
    cdef long long[::1] fill
    cdef int filled
    cdef public long long total, steps
    cdef public long long overflow

    cdef void clear(self) noexcept nogil
    cdef int add_column(self) noexcept nogil
    cdef void clear_row(self, int row) noexcept nogil
    cdef int add_row(self) noexcept nogil
    cdef int _add(self) noexcept nogil
    cdef int solve(self, long long enough) noexcept nogil
    cdef void _place(self) noexcept nogil
    cdef long long _sum(self, int row) noexcept nogil
    cdef int _leaving(self) noexcept nogil
    cdef long long _greatest(self, int row) noexcept nogil
    cdef int _entering(self, int row) noexcept nogil
    cdef void _pivot(self, int row, int column) noexcept nogil
    cdef void _divide(self, int first, int column, long long share) noexcept nogil
    cdef void drop_fixed(self) noexcept nogil
    cdef void _replace(self, int row, int pivot, int column, long long move) noexcept nogil

cdef long long add_row(long long[::1] cell, int first, int other, long long factor, long long[::1] fill, int filled) noexcept nogil
