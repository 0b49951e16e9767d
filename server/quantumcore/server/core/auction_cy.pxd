from quantumcore.server.core.arena_cy cimport Arena
from quantumcore.server.core.book_cy cimport Book
from quantumcore.server.core.fills_cy cimport Fills
from quantumcore.server.core.instruments_cy cimport Instruments
from quantumcore.server.core.ladder_cy cimport Ladder
from quantumcore.server.core.matching_cy cimport Matching
from quantumcore.server.core.orders_cy cimport Orders
from quantumcore.server.core.placing_cy cimport Placing
from quantumcore.server.core.reporter_cy cimport Reporter
from quantumcore.server.core.words_cy cimport Words

cdef class Auction:
    cdef Arena arena
    cdef Fills fills
    cdef Instruments instruments
    cdef Matching matching
    cdef Orders orders
    cdef Placing placing
    cdef Reporter report
    cdef Words segments
    cdef public bint has_price
    cdef public long long ticks, lots, imbalance, traded

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
    cdef int uncross(self, int instrument) except -1
    cdef int _trade_all(self, int instrument) except -1
    cdef long long _left_over(self, int instrument) noexcept
    cdef long long _up_to_price(self, Ladder ladder) noexcept
    cdef int _first(self, int instrument, int side) noexcept
    cdef int _pair(self, int instrument, int buyer, int seller) except -1
    cdef long long _at_hand(self, int row) noexcept
    cdef int _take(self, int instrument, int row, long long lots, bint in_book, int refreshed) except -1
    cdef int _tell(self, int row, Py_ssize_t first, Py_ssize_t last) except -1
