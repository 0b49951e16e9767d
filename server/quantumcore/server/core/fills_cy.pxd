from quantumcore.server.core.attribution_cy cimport Attribution
from quantumcore.server.core.instruments_cy cimport Instruments
from quantumcore.server.core.ledger_cy cimport Ledger
from quantumcore.server.core.orders_cy cimport Orders
from quantumcore.server.core.placing_cy cimport Placing
from quantumcore.server.core.positions_cy cimport Positions
from quantumcore.server.core.reporter_cy cimport Reporter
from quantumcore.server.core.trades_cy cimport Trades

cdef class Fills:
    cdef Attribution attribution
    cdef Instruments instruments
    cdef Ledger ledger
    cdef Orders orders
    cdef Placing placing
    cdef Positions positions
    cdef Reporter report
    cdef Trades trades

    cdef int record(self, int first, int second, long long ticks, long long lots, bint in_auction) except -1
    cdef long long _fill(self, int row, long long quantity, long long ticks, long long lots, int liquidity) noexcept
    cdef void _fill_leg(self, int row, long long quantity, long long lots, long long tick_lots) noexcept
    cdef void _begin_execution(self, int package) noexcept
    cdef void _remember(self, int instrument, int first, int second, long long ticks, long long lots, long long in_auction) noexcept
    cdef void _add_tick_lots(self, Py_ssize_t at, long long tick_lots) noexcept
    cdef void _count(self, int instrument, long long trade_id, long long ticks, long long lots) noexcept
