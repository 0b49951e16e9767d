from quantumcore.server.core.packages_cy cimport Packages

cdef class OrderRows:
    cdef Packages packages
    cdef public Py_ssize_t capacity
    cdef int fresh
    # Rows of two cache lines, and of what is apart from them: see row_columns.
    cdef long long[:] order_id, terms, price, quantity, cumulative, tick_lots
    cdef long long[:] created_ns, updated_ns, sequence, entered
    cdef long long[:] stop_price, display, peg_offset, min_quantity, expire_ns
    cdef long long[:] risk_ticks, reserve
    cdef long long[::1] foreseen
    cdef int[:] slot, instrument, account, traits, place, position, status, version, session, entry, cancel_reason
    cdef int[:] next_of_account, previous_of_account, next_working, previous_working, next_ended

    cdef int row_of(self, long long order_id) noexcept
    cdef void expect(self, long long order_id) noexcept
    cdef bint is_working(self, int row) noexcept
    cdef long long leaves(self, int row) noexcept
    cdef int side(self, int row) noexcept
    cdef int order_type(self, int row) noexcept
    cdef int time_in_force(self, int row) noexcept
    cdef bint is_package(self, int row) noexcept
    cdef bint is_leg(self, int row) noexcept
    cdef bint is_sequential(self, int row) noexcept
    cdef int leg_index(self, int row) noexcept
    cdef int package(self, int row) noexcept
    cdef long long package_id(self, int row) noexcept
    cdef int leg_row(self, int row, int number) noexcept
    cdef bint is_stop(self, int row) noexcept
    cdef bint is_market(self, int row) noexcept
    cdef long long valued_terms(self, int row) noexcept
    cdef bint is_reduce_only(self, int row) noexcept
