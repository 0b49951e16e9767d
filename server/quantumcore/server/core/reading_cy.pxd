from quantumcore.server.core.account_reading_cy cimport AccountReading
from quantumcore.server.core.arena_cy cimport Arena
from quantumcore.server.core.instruments_cy cimport Instruments  # to hand its functions on
from quantumcore.server.core.requests_cy cimport RequestWindow
from quantumcore.server.core.settling_cy cimport Settling
from quantumcore.server.core.trades_cy cimport Trades

cdef class Reading(AccountReading):
    cdef Arena arena
    cdef RequestWindow requests
    cdef Settling settling
    cdef Trades trades
