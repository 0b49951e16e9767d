from quantumcore.server.core.orders_cy cimport Orders
from quantumcore.server.core.packages_cy cimport Packages

cdef class StrategyBooks:
    cdef Orders orders
    cdef Packages packages
    cdef public dict queues, entries
    cdef public object arrivals
    cdef Py_ssize_t count

    cdef int has_opposite(self, int row) except -1
