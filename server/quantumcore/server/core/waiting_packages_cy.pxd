from quantumcore.server.core.instruments_cy cimport Instruments
from quantumcore.server.core.orders_cy cimport Orders
from quantumcore.server.core.packages_cy cimport Packages
from quantumcore.server.core.strategy_books_cy cimport StrategyBooks

cdef class WaitingPackages:
    cdef Instruments instruments
    cdef Orders orders
    cdef Packages packages
    cdef StrategyBooks strategies

    cdef int hold(self, int row) except -1
    cdef int hold_leg(self, int leg) except -1
    cdef int leave(self, int row) except -1
    cdef int leave_leg(self, int leg) except -1
