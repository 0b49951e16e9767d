from quantumcore.server.core.margin.portfolio_cy cimport Portfolio

cdef class RequirementMemo:
    cdef long long[::1] words, answer
    cdef int[::1] count
    cdef int oldest
    cdef long long version
    cdef public long long hits

    cdef long long find(self, Portfolio portfolio, long long version) noexcept nogil
    cdef bint _is_same(self, Portfolio portfolio, int at) noexcept nogil
    cdef void keep(self, Portfolio portfolio, long long answer) noexcept nogil
