from quantumcore.server.core.ladder_cy cimport Ladder
from quantumcore.server.core.arena_cy cimport Arena
from quantumcore.server.core.auction_price_cy cimport AuctionPrice
from quantumcore.server.core.fills_cy cimport Fills
from quantumcore.server.core.instruments_cy cimport Instruments
from quantumcore.server.core.orders_cy cimport Orders
from quantumcore.server.core.placing_cy cimport Placing
from quantumcore.server.core.reporter_cy cimport Reporter

cdef class Auction:
    cdef Arena arena
    cdef Fills fills
    cdef Instruments instruments
    cdef Orders orders
    cdef Placing placing
    cdef AuctionPrice price
    cdef Reporter report
    cdef public long long ticks, imbalance, traded

    cdef int uncross(self, int instrument) except -1
    cdef int _end_unable(self, int instrument) except -1
    cdef long long _furthest(self, Ladder ladder, Ladder queue) noexcept
    cdef int _end_unable_of(self, Ladder ladder, long long least) except -1
    cdef int _trade_all(self, int instrument) except -1
    cdef int _first(self, int instrument, int side) noexcept
    cdef int _pair(self, int instrument, int buyer, int seller) except -1
    cdef long long _at_hand(self, int row) noexcept
    cdef int _take(self, int instrument, int row, long long lots) except -1
    cdef int _tell(self, int row) except -1
