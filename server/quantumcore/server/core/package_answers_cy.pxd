from quantumcore.server.core.client_ids_cy cimport ClientIds
from quantumcore.server.core.orders_cy cimport Orders
from quantumcore.server.core.packages_cy cimport Packages
from quantumcore.server.core.words_cy cimport Words

cdef class PackageAnswers:
    cdef Orders orders
    cdef Packages packages
    cdef ClientIds ids
    cdef Words results
    cdef public Words words

    cdef int _tell(self) except -1
    cdef bint _is_kept(self, int row) noexcept
    cdef void _write_package(self, Py_ssize_t at, int row) noexcept
    cdef void _write_leg(self, Py_ssize_t at, int leg, int number, long long units) noexcept
    cdef void _write_excess(self, Py_ssize_t at, int package, int number) noexcept
    cdef long long _terms(self, int leg) noexcept
