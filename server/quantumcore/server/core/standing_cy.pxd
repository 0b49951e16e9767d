from quantumcore.server.core.accounts_cy cimport Accounts
from quantumcore.server.core.arena_cy cimport Arena
from quantumcore.server.core.book_cy cimport Book
from quantumcore.server.core.instruments_cy cimport Instruments
from quantumcore.server.core.orders_cy cimport Orders
from quantumcore.server.core.packages_cy cimport Packages
from quantumcore.server.core.reporter_cy cimport Reporter
from quantumcore.server.core.waiting_packages_cy cimport WaitingPackages
from quantumcore.server.core.waiting_stops_cy cimport WaitingStops

cdef class Standing:
    cdef Accounts accounts
    cdef Arena arena
    cdef Instruments instruments
    cdef Orders orders
    cdef Packages packages
    cdef Reporter report
    cdef WaitingPackages waiting_packages
    cdef WaitingStops waiting_stops

    cdef long long lots(self, int row) noexcept
    cdef long long tag(self, int row) noexcept
    cdef void name_owner(self, int account) noexcept
    cdef int rest(self, int row) except -1
    cdef int told(self, int instrument, Book book, long long sequence) except -1
    cdef void _note_better(self, int instrument) noexcept
    cdef bint fits(self, int row) noexcept
    cdef bint fits_at(self, int row, long long ticks) noexcept
    cdef long long level_total(self, int level) noexcept
    cdef int hold(self, int row, int which, int place) except -1
    cdef int leave(self, int row) except -1
    cdef long long shown(self, int row) noexcept
