from quantumcore.server.core.arena_cy cimport Arena
from quantumcore.server.core.instruments_cy cimport Instruments  # to hand its functions on
from quantumcore.server.core.order_reading_cy cimport OrderReading
from quantumcore.server.core.positions_cy cimport Positions
from quantumcore.server.core.reporter_cy cimport Reporter
from quantumcore.server.core.requests_cy cimport RequestWindow
from quantumcore.server.core.settling_cy cimport Settling
from quantumcore.server.core.trades_cy cimport Trades

cdef class Reading(OrderReading):
    cdef Arena arena
    cdef Positions positions
    cdef Reporter report
    cdef RequestWindow requests
    cdef Settling settling
    cdef Trades trades
