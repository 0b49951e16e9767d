from quantumcore.server.core.arena_cy cimport Arena
from quantumcore.server.core.book_cy cimport Book
from quantumcore.server.core.instruments_cy cimport Instruments
from quantumcore.server.core.ladder_cy cimport Ladder
from quantumcore.server.core.placing_cy cimport Placing
from quantumcore.server.core.words_cy cimport Words

cdef class AuctionPrice:
    cdef Arena arena
    cdef Instruments instruments
    cdef Placing placing
    cdef Words segments
    cdef public bint has_price
    cdef public long long ticks, lots, imbalance

    cdef int find(self, int instrument) except -1
    cdef long long _waiting(self, Ladder ladder) noexcept
    cdef int _divide(self, Book book, long long buy, long long sell) except -1
    cdef int _walk(self, Book book, int bid, int ask, long long buy, long long sell, bint whole, long long high) except -1
    cdef long long _bid_ticks(self, int level) noexcept
    cdef long long _ask_ticks(self, int level) noexcept
    cdef int _segment(self, long long low, long long high, long long buy, long long sell) except -1
    cdef void _choose(self, int instrument) noexcept
    cdef bint _is_better(self, Py_ssize_t at) noexcept
    cdef bint _is_as_good(self, Py_ssize_t at) noexcept
    cdef long long _size(self, long long value) noexcept
    cdef void _nearest(self, long long reference) noexcept
    cdef long long left_over(self, int instrument) noexcept
    cdef long long _up_to_price(self, Ladder ladder) noexcept
