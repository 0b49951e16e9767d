from quantumcore.server.core.arena_cy cimport Arena
from quantumcore.server.core.book_cy cimport Book
from quantumcore.server.core.placing_cy cimport Placing
from quantumcore.server.core.recording_cy cimport Recording

cdef class IcebergRounds:
    cdef Arena arena
    cdef Placing placing
    cdef Recording recording

    cdef long long trade(self, int taker, Book book, int side, long long lots) except -1
    cdef long long count(self, int level, long long lots, long long passed) noexcept
    cdef bint is_passed(self, int slot, long long passed) noexcept
    cdef long long _whole(self, int slot) noexcept
    cdef long long share(self, int slot, long long rounds) noexcept
    cdef bint _fits(self, int level, long long rounds, long long lots, long long passed) noexcept
    cdef long long trade_at(self, int taker, Book book, int side, int level, long long lots, long long passed) except -1
    cdef long long trade_one(self, int taker, Book book, int side, int slot, long long lots) except -1
