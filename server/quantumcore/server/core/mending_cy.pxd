from quantumcore.server.core.mended_profit_cy cimport MendedProfit
from quantumcore.server.core.instruments_cy cimport Instruments
from quantumcore.server.core.ledger_cy cimport Ledger
from quantumcore.server.core.orders_cy cimport Orders
from quantumcore.server.core.placing_cy cimport Placing
from quantumcore.server.core.positions_cy cimport Positions
from quantumcore.server.core.reporter_cy cimport Reporter
from quantumcore.server.core.trades_cy cimport Trades
from quantumcore.server.core.words_cy cimport Words

cdef class Mending:
    cdef MendedProfit profit
    cdef Instruments instruments
    cdef Ledger ledger
    cdef Orders orders
    cdef Placing placing
    cdef Positions positions
    cdef Reporter report
    cdef Trades trades
    cdef Words turn
