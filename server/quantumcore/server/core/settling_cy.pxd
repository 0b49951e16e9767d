from quantumcore.server.core.instruments_cy cimport Instruments
from quantumcore.server.core.matching_cy cimport Matching
from quantumcore.server.core.orders_cy cimport Orders
from quantumcore.server.core.packaging_cy cimport Packaging
from quantumcore.server.core.pegs_cy cimport Pegs
from quantumcore.server.core.phases_cy cimport Phases
from quantumcore.server.core.placing_cy cimport Placing
from quantumcore.server.core.sequencing_cy cimport Sequencing
from quantumcore.server.core.stops_cy cimport Stops

cdef class Settling:
    cdef Instruments instruments
    cdef Matching matching
    cdef Orders orders
    cdef Packaging packaging
    cdef Pegs pegs
    cdef Phases phases
    cdef Placing placing
    cdef Sequencing sequencing
    cdef Stops stops

    cdef int expire(self, long long now_ns) except -1
    cdef long long next_due_ns(self) noexcept
    cdef long long _sooner(self, long long one, long long other) noexcept
    cdef int settle(self) except -1
    cdef bint is_restless(self) noexcept
    cdef int _step(self, int instrument) except -1
    cdef int _try_packages(self, int instrument, int side, long long bit) except -1
