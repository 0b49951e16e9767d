from quantumcore.server.core.instruments_cy cimport Instruments
from quantumcore.server.core.leg_work_cy cimport LegWork
from quantumcore.server.core.orders_cy cimport Orders
from quantumcore.server.core.package_trading_cy cimport PackageTrading
from quantumcore.server.core.packages_cy cimport Packages
from quantumcore.server.core.placing_cy cimport Placing
from quantumcore.server.core.reporter_cy cimport Reporter
from quantumcore.server.core.unwinding_cy cimport Unwinding

cdef class Sequencing:
    cdef Instruments instruments
    cdef Orders orders
    cdef Packages packages
    cdef Placing placing
    cdef Reporter report
    cdef PackageTrading trading
    cdef Unwinding unwinding
    cdef LegWork work

    cdef int settle(self) except -1
    cdef int expire_leg(self, int leg) except -1
    cdef void note_better(self, int leg) noexcept
    cdef int _go_on(self, int row) except -1
    cdef int _look_out(self, int row) except -1
    cdef bint _is_stopped(self, int row) noexcept
    cdef int _work_legs(self, int row) except -1
    cdef int _idle_legs(self, int row) noexcept
    cdef long long _target(self, int row, int number) except -1
    cdef int _count(self, int row) except -1
    cdef long long _whole_units(self, int row) noexcept
    cdef int _finish(self, int row) except -1
