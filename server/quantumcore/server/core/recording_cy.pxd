from quantumcore.server.core.book_cy cimport Book
from quantumcore.server.core.fills_cy cimport Fills
from quantumcore.server.core.instruments_cy cimport Instruments
from quantumcore.server.core.orders_cy cimport Orders
from quantumcore.server.core.reporter_cy cimport Reporter

cdef class Recording:
    cdef Fills fills
    cdef Instruments instruments
    cdef Orders orders
    cdef Reporter report

    cdef int record(self, int taker, Book book) except -1
    cdef int _record_one(self, int taker, int instrument, Py_ssize_t at) except -1
    cdef int _tell_refresh(self, int row, Py_ssize_t at) except -1
