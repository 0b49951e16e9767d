from quantumcore.server.core.accounts_cy cimport Accounts
from quantumcore.server.core.arena_cy cimport Arena
from quantumcore.server.core.book_cy cimport Book
from quantumcore.server.core.exposure_cy cimport Exposure
from quantumcore.server.core.instruments_cy cimport Instruments
from quantumcore.server.core.orders_cy cimport Orders
from quantumcore.server.core.packages_cy cimport Packages
from quantumcore.server.core.positions_cy cimport Positions
from quantumcore.server.core.reporter_cy cimport Reporter
from quantumcore.server.core.waiting_packages_cy cimport WaitingPackages
from quantumcore.server.core.waiting_stops_cy cimport WaitingStops

cdef bint is_phased(int time_in_force) noexcept nogil

cdef class Placing:
    cdef Accounts accounts
    cdef Arena arena
    cdef Exposure exposure
    cdef Instruments instruments
    cdef Orders orders
    cdef Packages packages
    cdef Positions positions
    cdef Reporter report
    cdef WaitingPackages waiting_packages
    cdef WaitingStops waiting_stops
    cdef int[::1] next_peg, previous_peg
    cdef long long[::1] peg_ends
    cdef int[::1] next_phased, previous_phased
    cdef long long[::1] phased_ends

    cdef long long lots(self, int row) noexcept
    cdef long long tag(self, int row) noexcept
    cdef void name_owner(self, int account) noexcept
    cdef int rest(self, int row) except -1
    cdef int told(self, int instrument, Book book, long long sequence) except -1
    cdef void _note_better(self, int instrument) noexcept
    cdef int _end_legs(self, int row) except -1
    cdef bint fits(self, int row) noexcept
    cdef long long level_total(self, int level) noexcept
    cdef int hold(self, int row, int which, int place) except -1
    cdef int leave(self, int row) except -1
    cdef void resize(self, int row, long long quantity) noexcept
    cdef int lose(self, int row, long long lots) except -1
    cdef long long shown(self, int row) noexcept
    cdef long long reducible(self, int row) noexcept
    cdef int cut(self, int row) except -1
    cdef void close(self, int row, int status, int cancel_reason) noexcept
    cdef void open_phased(self, int row) noexcept
    cdef Py_ssize_t _phased(self, int instrument, int time_in_force) noexcept
    cdef void open_peg(self, int row) noexcept
    cdef int end(self, int row, int kind, int cancel_reason, long long request_id) except -1
    cdef int remove(self, int row, int kind, int cancel_reason) except -1
