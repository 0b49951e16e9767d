from quantumcore.server.core.auction_cy cimport Auction
from quantumcore.server.core.deadlines_cy cimport Deadlines
from quantumcore.server.core.instruments_cy cimport Instruments
from quantumcore.server.core.matching_cy cimport Matching
from quantumcore.server.core.orders_cy cimport Orders
from quantumcore.server.core.placing_cy cimport Placing
from quantumcore.server.core.reporter_cy cimport Reporter

cdef class Phases:
    cdef Auction auction
    cdef Deadlines auction_ends, expiries
    cdef Instruments instruments
    cdef Matching matching
    cdef Orders orders
    cdef Placing placing
    cdef Reporter report

    cdef int interrupt(self) except -1
