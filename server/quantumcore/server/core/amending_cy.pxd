from quantumcore.server.core.amendment_cy cimport Amendment

cdef class Amending(Amendment):
    cdef int _stand_back(self, int row) except -1
    cdef int carry_out(self, Py_ssize_t record, int row, int original) except -1
    cdef int _tell(self, int row, int original, long long request_id) except -1
    cdef void _set_units(self, Py_ssize_t record, int row) noexcept
