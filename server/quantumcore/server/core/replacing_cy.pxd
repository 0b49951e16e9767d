from quantumcore.server.core.amending_cy cimport Amending
from quantumcore.server.core.entry_cy cimport Entry
from quantumcore.server.core.naming_cy cimport Naming
from quantumcore.server.core.orders_cy cimport Orders
from quantumcore.server.core.placing_cy cimport Placing
from quantumcore.server.core.replacement_cy cimport Replacement
from quantumcore.server.core.reporter_cy cimport Reporter
from quantumcore.server.core.words_cy cimport Words

cdef class Replacing:
    cdef Amending amending
    cdef Entry entry
    cdef Naming naming
    cdef Orders orders
    cdef Placing placing
    cdef Replacement replacement
    cdef Reporter report
    cdef Words turn

    cdef int replace(self, Py_ssize_t start) except -1
    cdef long long _limited(self, Py_ssize_t start, long long reason) noexcept
    cdef int _carry_out(self, Py_ssize_t start, int row) except -1
    cdef int _shrink(self, int row, long long quantity) except -1
    cdef int amend(self, Py_ssize_t start) except -1
    cdef int _rename(self, int row, Py_ssize_t text, long long lengths) except -1
