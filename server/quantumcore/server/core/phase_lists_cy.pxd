from quantumcore.server.core.orders_cy cimport Orders

cdef class PhaseLists:
    cdef Orders orders
    cdef long long[::1] ends
    cdef int[::1] following, previous

    cdef void add(self, int row) noexcept
    cdef void drop(self, int row) noexcept
    cdef Py_ssize_t _list_of(self, int row) noexcept
    cdef Py_ssize_t _at(self, int instrument, int time_in_force) noexcept
