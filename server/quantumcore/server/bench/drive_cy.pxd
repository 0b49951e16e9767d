from quantumcore.server.core.arena_cy cimport Arena
from quantumcore.server.core.book_cy cimport Book

cdef long long now_ns() noexcept

cdef class BookDrive:
    cdef Book book
    cdef Arena arena
    cdef public long long reports

    cdef int _step(self, long long[::1] operations, Py_ssize_t number) except -1
    cdef int _limit(self, Py_ssize_t number, int side, long long price, long long lots) except -1
    cdef long long _match(self, int side, long long price, long long lots) noexcept
    cdef bint _is_reduction(self, int side, int slot, long long price, long long lots) noexcept
    cdef void _make_room(self) noexcept
