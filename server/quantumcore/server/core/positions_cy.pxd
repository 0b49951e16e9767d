from quantumcore.server.core.balances_cy cimport Balances
from quantumcore.server.core.index_cy cimport HashIndex
from quantumcore.server.core.wide_cy cimport WideSums

cdef class Positions:
    cdef HashIndex index
    cdef public Balances balances
    cdef public int capacity, count, lent
    cdef int[:] account, instrument, balance, limits, next_of_balance
    cdef long long[:] lots, bought, buying, selling
    cdef public WideSums open, realised, fees, open_value
    cdef long long[:] reduce_only, updated_ns, sequence, newest_note
    cdef int[:] working
    cdef public bint is_long
    cdef public object long_realised

    cdef long long _hash(self, int account, int instrument) noexcept nogil
    cdef void expect(self, int account, int instrument) noexcept nogil
    cdef int find(self, int account, int instrument) noexcept nogil
    cdef int find_or_add(self, int account, int instrument, int currency, bint is_derivative) noexcept nogil
    cdef int lend(self, int account, int instrument, int currency) noexcept
    cdef long long trade(self, int entry, long long ticks, long long lots) noexcept
