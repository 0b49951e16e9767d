from quantumcore.server.core.client_ids_cy cimport ClientIds
from quantumcore.server.core.deadlines_cy cimport Deadlines
from quantumcore.server.core.packages_cy cimport Packages

cdef class Orders:
    cdef ClientIds ids
    cdef Deadlines deadlines
    cdef Packages packages
    cdef public Py_ssize_t capacity
    cdef public long long working
    cdef int fresh, oldest_ended, newest_ended, free
    # Rows of two cache lines, and of what is apart from them: see row_columns.
    cdef long long[:] order_id, terms, price, quantity, cumulative, tick_lots
    cdef long long[:] created_ns, updated_ns, sequence, entered
    cdef long long[:] stop_price, display, peg_offset, min_quantity, expire_ns
    cdef int[:] slot, instrument, account, traits, place, position, status, version, session, entry, cancel_reason
    cdef int[:] next_of_account, previous_of_account, next_working, previous_working, next_ended
    cdef long long[::1] account_ends

    cdef bint has_room(self) noexcept
    cdef void make_room_for_id(self) noexcept
    cdef int take(self, int account) noexcept
    cdef void end(self, int row, int status, int cancel_reason) noexcept
    cdef void expect(self, long long order_id) noexcept
    cdef int row_of(self, long long order_id) noexcept
    cdef int first_working(self, int account) noexcept
    cdef int side(self, int row) noexcept
    cdef bint is_working(self, int row) noexcept
    cdef int order_type(self, int row) noexcept
    cdef int time_in_force(self, int row) noexcept
    cdef bint is_package(self, int row) noexcept
    cdef bint is_leg(self, int row) noexcept
    cdef int package(self, int row) noexcept
    cdef long long package_id(self, int row) noexcept
    cdef int leg_row(self, int row, int number) noexcept
    cdef bint is_stop(self, int row) noexcept
    cdef bint is_market(self, int row) noexcept
    cdef bint is_reduce_only(self, int row) noexcept
    cdef long long leaves(self, int row) noexcept
    cdef void _evict(self, int row) noexcept
    cdef void _link(self, int row, Py_ssize_t ends) noexcept nogil
    cdef void _unlink_working(self, int row, Py_ssize_t ends) noexcept nogil
    cdef void _unlink_ended(self, int row, Py_ssize_t ends) noexcept nogil
