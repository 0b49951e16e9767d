from quantumcore.server.core.admission_cy cimport Admission
from quantumcore.server.core.matching_cy cimport Matching
from quantumcore.server.core.orders_cy cimport Orders
from quantumcore.server.core.pegs_cy cimport Pegs
from quantumcore.server.core.placing_cy cimport Placing
from quantumcore.server.core.reporter_cy cimport Reporter
from quantumcore.server.core.settling_cy cimport Settling
from quantumcore.server.core.stops_cy cimport Stops
from quantumcore.server.core.words_cy cimport Words

cdef class Entry:
    cdef Admission admission
    cdef Matching matching
    cdef Orders orders
    cdef Pegs pegs
    cdef Placing placing
    cdef Reporter report
    cdef Settling settling
    cdef Stops stops
    cdef Words turn, results

    cdef int create(self, Py_ssize_t start) except -1
    cdef int _refuse(self, Py_ssize_t start) except -1
    cdef int _open(self, Py_ssize_t start) except -1
    cdef void _note_conditions(self, Py_ssize_t start, int row) noexcept
    cdef void _note_stop(self, Py_ssize_t start, int row) noexcept
    cdef void _note_peg(self, Py_ssize_t start, int row) noexcept
    cdef int enter(self, int row) except -1
    cdef bint _has_price(self, int row) noexcept
