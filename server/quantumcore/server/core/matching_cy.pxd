from quantumcore.server.core.accounts_cy cimport Accounts
from quantumcore.server.core.arena_cy cimport Arena
from quantumcore.server.core.book_cy cimport Book
from quantumcore.server.core.fills_cy cimport Fills
from quantumcore.server.core.iceberg_rounds_cy cimport IcebergRounds
from quantumcore.server.core.instruments_cy cimport Instruments
from quantumcore.server.core.orders_cy cimport Orders
from quantumcore.server.core.placing_cy cimport Placing
from quantumcore.server.core.recording_cy cimport Recording
from quantumcore.server.core.reporter_cy cimport Reporter

cdef class Matching:
    cdef Accounts accounts
    cdef Arena arena
    cdef Fills fills
    cdef Instruments instruments
    cdef Orders orders
    cdef Placing placing
    cdef Recording recording
    cdef Reporter report
    cdef IcebergRounds rounds
    cdef int breached, prevention
    cdef long long owner

    cdef int work(self, int row) except -1
    cdef int collect(self, int row) except -1
    cdef long long _limit(self, int row, Book book, int side) noexcept
    cdef long long _affordable(self, int row, int side, long long price) noexcept
    cdef long long _in_band(self, int instrument, int side, long long price) noexcept
    cdef void _note_band(self, int instrument) noexcept
    cdef bint _meets(self, Book book, int side, long long price) noexcept
    cdef void _see_owner(self, int row) noexcept
    cdef int _reason_to_kill(self, int row, Book book, int side, long long price) noexcept
    cdef int _reason_not_to_rest(self, int row) noexcept
    cdef int _sweep(self, int row, Book book, int side, long long price) except -1
    cdef long long _at_guard(self, int row, Book book, int side, long long lots) noexcept
    cdef int _prevent(self, int row, int maker) except -1
