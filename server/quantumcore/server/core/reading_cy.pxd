from quantumcore.server.core.accounts_cy cimport Accounts
from quantumcore.server.core.arena_cy cimport Arena
from quantumcore.server.core.instruments_cy cimport Instruments
from quantumcore.server.core.orders_cy cimport Orders
from quantumcore.server.core.placing_cy cimport Placing
from quantumcore.server.core.positions_cy cimport Positions
from quantumcore.server.core.reporter_cy cimport Reporter
from quantumcore.server.core.requests_cy cimport RequestWindow
from quantumcore.server.core.settling_cy cimport Settling
from quantumcore.server.core.trades_cy cimport Trades

cdef class Reading:
    cdef Accounts accounts
    cdef Arena arena
    cdef Instruments instruments
    cdef Orders orders
    cdef Placing placing
    cdef Positions positions
    cdef Reporter report
    cdef RequestWindow requests
    cdef Settling settling
    cdef Trades trades
