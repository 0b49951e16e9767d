from quantumcore.server.core.margin.options_cy cimport Options
from quantumcore.server.core.margin.tableau_cy cimport Tableau
from quantumcore.server.core.margin.valuation_cy cimport Valuation

cdef class Program:
    cdef Options options
    cdef Valuation valuation
    cdef public Tableau tableau
    cdef long long[::1] kind, index, detail, is_open, variable_of, home, first
    cdef long long[::1] price_of, debit_of, partner, savings
    cdef long long most_money
    cdef int money_bits, lot_bits, weight_bits

    cdef void scale(self) noexcept nogil
    cdef long long money(self, long long value) noexcept nogil
    cdef long long weight(self, long long value) noexcept nogil
    cdef void find_partners(self) noexcept nogil
    cdef long long saving(self, int call, int put) noexcept nogil
    cdef long long _find_saving(self, int call, int put) noexcept nogil
    cdef long long price_before(self, long long price) noexcept nogil
    cdef bint may_be_worst(self, int layer, long long price) noexcept nogil
    cdef long long cost(self, int at, int place) noexcept nogil
    cdef void _note(self, int variable, int kind, int index, long long detail) noexcept nogil
    cdef void add_columns(self) noexcept nogil
    cdef void _add_lot_columns(self, int at) noexcept nogil
    cdef int add_row(self, int kind, int index, long long detail) noexcept nogil
    cdef void put(self, int row, int at, int place, long long factor) noexcept nogil
    cdef long long all_lots(self, int at) noexcept nogil
    cdef bint has_short(self, int place, long long calls) noexcept nogil
    cdef long long cover_of(self, long long calls) noexcept nogil

cdef int bits(long long value) noexcept nogil
cdef long long shifted(long long value, int places) noexcept nogil
