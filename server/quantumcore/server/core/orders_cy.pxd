from quantumcore.server.core.client_ids_cy cimport ClientIds
from quantumcore.server.core.deadlines_cy cimport Deadlines
from quantumcore.server.core.order_rows_cy cimport OrderRows

cdef class Orders(OrderRows):
    cdef ClientIds ids
    cdef Deadlines deadlines
    cdef public long long working
    cdef int oldest_ended, newest_ended, free
    cdef long long[::1] account_ends

    cdef bint has_room(self) noexcept
    cdef void make_room_for_id(self) noexcept
    cdef int take(self, int account) noexcept
    cdef void end(self, int row, int status, int cancel_reason) noexcept
    cdef int first_working(self, int account) noexcept
    cdef void _evict(self, int row) noexcept
    cdef void _link(self, int row, Py_ssize_t ends) noexcept nogil
    cdef void _unlink_working(self, int row, Py_ssize_t ends) noexcept nogil
    cdef void _unlink_ended(self, int row, Py_ssize_t ends) noexcept nogil
