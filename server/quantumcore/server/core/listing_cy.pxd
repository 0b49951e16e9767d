from quantumcore.server.core.admission_cy cimport Admission
from quantumcore.server.core.instruments_cy cimport Instruments
from quantumcore.server.core.matching_cy cimport Matching
from quantumcore.server.core.orders_cy cimport Orders
from quantumcore.server.core.reporter_cy cimport Reporter
from quantumcore.server.core.words_cy cimport Words

cdef class Listing:
    cdef Admission admission
    cdef Instruments instruments
    cdef Matching matching
    cdef Orders orders
    cdef Reporter report
    cdef Words turn, results
    cdef public list account_definitions
    cdef int account_capacity
    cdef public list configuration

    cdef int set_phase(self, Py_ssize_t start) except -1
