from quantumcore.server.core.accounts_cy cimport Accounts
from quantumcore.server.core.balances_cy cimport Balances
from quantumcore.server.core.instruments_cy cimport Instruments
from quantumcore.server.core.positions_cy cimport Positions
from quantumcore.server.core.reporter_cy cimport Reporter

cdef class Ledger:
    cdef Accounts accounts
    cdef Balances balances
    cdef Instruments instruments
    cdef Positions positions
    cdef Reporter report
    cdef public long long charged

    cdef long long trade(self, int entry, int side, long long ticks, long long lots, int liquidity) noexcept
    cdef long long trade_at(self, int entry, int side, long long ticks, long long lots, long long rate) noexcept
    cdef long long undo_at(self, int entry, int side, long long ticks, long long lots, long long rate) noexcept
    cdef long long _book(self, int entry, long long ticks, long long lots) noexcept
    cdef void _count_margined(self, int balance, bint before, bint since) noexcept
    cdef void _pay(self, int entry, long long fee) noexcept
    cdef long long fee(self, int instrument, long long ticks, long long lots, long long rate) noexcept
