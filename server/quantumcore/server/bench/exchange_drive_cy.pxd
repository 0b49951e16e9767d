from quantumcore.server.core.exchange_cy cimport Exchange
from quantumcore.server.core.words_cy cimport Words

cdef class ExchangeDrive:
    cdef Exchange exchange
    cdef Words turn

    cdef Py_ssize_t _step(self, long long[::1] commands, Py_ssize_t at) except -1
