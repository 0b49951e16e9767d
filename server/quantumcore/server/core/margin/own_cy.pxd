from quantumcore.server.core.margin.portfolio_cy cimport Portfolio

cdef long long share_up(long long value, long long basis_points) noexcept nogil
cdef long long share_down(long long value, long long basis_points) noexcept nogil
cdef void price_rows(Portfolio portfolio, long long[::1] rates) noexcept nogil
