from quantumcore.server.core.arena_cy cimport Arena

cdef class Ladder:
    cdef Arena arena
    cdef long long sign
    cdef public Py_ssize_t level_count
    cdef Py_ssize_t run_count
    cdef int best_level, last_run
    cdef Py_ssize_t run_capacity
    cdef long long[::1] first_key
    cdef int[::1] run

    cdef int reserve(self) except -1
    cdef int best(self) noexcept nogil
    cdef int find(self, long long key) noexcept nogil
    cdef int find_or_add(self, long long key) noexcept nogil
    cdef void remove(self, long long key) noexcept nogil
    cdef void remove_best(self) noexcept nogil
    cdef int below(self, int level) noexcept nogil
    cdef int above(self, int level) noexcept nogil
    cdef int _run_at(self, Py_ssize_t index) noexcept nogil
    cdef void _note_best(self) noexcept nogil
    cdef Py_ssize_t _run_of(self, long long key) noexcept nogil
    cdef Py_ssize_t _place(self, int chunk, long long key) noexcept nogil
    cdef void _insert_run(self, Py_ssize_t index, int chunk, long long key) noexcept nogil
    cdef void _remove_run(self, Py_ssize_t index) noexcept nogil
    cdef void _split(self, Py_ssize_t index) noexcept nogil
    cdef void _merge(self, Py_ssize_t index) noexcept nogil
    cdef void _take_out(self, Py_ssize_t index, Py_ssize_t place) noexcept nogil
