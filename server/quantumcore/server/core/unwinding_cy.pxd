from quantumcore.server.core.instruments_cy cimport Instruments
from quantumcore.server.core.leg_work_cy cimport LegWork
from quantumcore.server.core.orders_cy cimport Orders
from quantumcore.server.core.packages_cy cimport Packages
from quantumcore.server.core.placing_cy cimport Placing
from quantumcore.server.core.reporter_cy cimport Reporter

cdef class Unwinding:
    cdef Instruments instruments
    cdef Orders orders
    cdef Packages packages
    cdef Placing placing
    cdef Reporter report
    cdef LegWork work

    cdef int begin(self, int row, long long reason) except -1
    cdef int reverse(self, int row, bint last_chance) except -1
    cdef int _take_out(self, int row) except -1
    cdef bint _may_wait(self, int leg, bint last_chance) noexcept
    cdef int _reverse_leg(self, int row, int number) except -1
    cdef int _leave_books(self, int row) except -1
    cdef int _complete_leg(self, int leg, long long lots) except -1
    cdef int complete(self, int row, bint last_chance) except -1
