from quantumcore.server.core.admission_cy cimport Admission
from quantumcore.server.core.amending_cy cimport Amending
from quantumcore.server.core.matching_cy cimport Matching
from quantumcore.server.core.orders_cy cimport Orders
from quantumcore.server.core.pegs_cy cimport Pegs
from quantumcore.server.core.placing_cy cimport Placing
from quantumcore.server.core.refusal_cy cimport Refusal
from quantumcore.server.core.replacement_cy cimport Replacement
from quantumcore.server.core.reporter_cy cimport Reporter
from quantumcore.server.core.settling_cy cimport Settling
from quantumcore.server.core.stops_cy cimport Stops
from quantumcore.server.core.words_cy cimport Words

cdef class Trading:
    cdef Admission admission
    cdef Amending amending
    cdef Replacement replacement
    cdef Matching matching
    cdef Orders orders
    cdef Pegs pegs
    cdef Placing placing
    cdef Reporter report
    cdef Settling settling
    cdef Stops stops
    cdef Words turn, results

    cdef int create(self, Py_ssize_t start) except -1
    cdef int _enter(self, int row) except -1
    cdef bint _has_price(self, int row) noexcept
    cdef int _refuse_create(self, Py_ssize_t start, long long reason) except -1
    cdef int _open_order(self, Py_ssize_t start) except -1
    cdef void _note_conditions(self, Py_ssize_t start, int row) noexcept
    cdef void _note_stop(self, Py_ssize_t start, int row) noexcept
    cdef void _note_peg(self, Py_ssize_t start, int row) noexcept
    cdef int cancel(self, Py_ssize_t start) except -1
    cdef int cancel_many(self, Py_ssize_t start) except -1
    cdef int _of_kind(self, int row, bint package) noexcept
    cdef int _whole(self, int row) noexcept
    cdef bint _entered_by(self, int row, long long session) noexcept
    cdef int replace(self, Py_ssize_t start) except -1
    cdef int _named_order(self, int account, long long order_id, Py_ssize_t text, long long length) except -2
    cdef long long _door(self, Py_ssize_t start) noexcept
    cdef long long _changeable(self, int row, long long order_id) noexcept
    cdef int _refuse_change(self, Py_ssize_t start, int kind, int row, long long reason) except -1
    cdef int _carry_out_replace(self, Py_ssize_t start, int row) except -1
    cdef int _shrink(self, int row, long long quantity) except -1
    cdef int _rename(self, int row, Py_ssize_t text, long long lengths) except -1
    cdef int amend(self, Py_ssize_t start) except -1
