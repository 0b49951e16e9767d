from quantumcore.server.core.admission_cy cimport Admission
from quantumcore.server.core.arena_cy cimport Arena
from quantumcore.server.core.instruments_cy cimport Instruments
from quantumcore.server.core.listing_cy cimport Listing
from quantumcore.server.core.matching_cy cimport Matching
from quantumcore.server.core.orders_cy cimport Orders
from quantumcore.server.core.reporter_cy cimport Reporter
from quantumcore.server.core.requests_cy cimport RequestWindow
from quantumcore.server.core.trading_cy cimport Trading
from quantumcore.server.core.words_cy cimport Words

cdef class Exchange:
    cdef Arena arena
    cdef Admission admission
    cdef Instruments instruments
    cdef Orders orders
    cdef Reporter report
    cdef RequestWindow requests
    cdef Matching matching
    cdef Trading trading
    cdef Listing listing
    cdef public Words turn, results, levels
    cdef Words journaled

    cdef int _replay_commands(self) except -1
    cdef bint _same_turn(self) noexcept
    cdef int _apply(self, Py_ssize_t start) except -1
    cdef int _execute(self, Py_ssize_t start) except -1
