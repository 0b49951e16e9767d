from quantumcore.server.core.admission_cy cimport Admission
from quantumcore.server.core.listing_cy cimport Listing
from quantumcore.server.core.reading_cy cimport Reading
from quantumcore.server.core.trading_cy cimport Trading
from quantumcore.server.core.words_cy cimport Words

cdef class Exchange(Reading):
    cdef Admission admission
    cdef Listing listing
    cdef Trading trading
    cdef public Words turn, results, levels
    cdef Words journaled

    cdef int _replay_commands(self) except -1
    cdef bint _same_turn(self) noexcept
    cdef int _apply(self, Py_ssize_t start) except -1
    cdef int _expect(self, Py_ssize_t start, int account) except -1
    cdef int _execute(self, Py_ssize_t start) except -1
