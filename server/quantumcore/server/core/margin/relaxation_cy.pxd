from quantumcore.server.core.margin.options_cy cimport Options
from quantumcore.server.core.margin.places_cy cimport Places
from quantumcore.server.core.margin.program_cy cimport Program
from quantumcore.server.core.margin.tableau_cy cimport Tableau
from quantumcore.server.core.margin.valuation_cy cimport Valuation

cdef class Relaxation:
    cdef Options options
    cdef Valuation valuation
    cdef public Program program
    cdef public Tableau tableau

    cdef void open(self, Places places, long long[::1] prices, long long[::1] debits) noexcept nogil
    cdef void begin(self, long long[::1] prices, long long[::1] debits) noexcept nogil
    cdef void _add_lot_rows(self) noexcept nogil
    cdef void _add_layer_rows(self, int layer) noexcept nogil
    cdef void _add_balance_row(self, int layer) noexcept nogil
    cdef void _add_cover_row(self, long long calls) noexcept nogil
    cdef void _add_straddle_rows(self) noexcept nogil
    cdef bint _has_straddle(self, int put) noexcept nogil
    cdef void _add_call_row(self, int call) noexcept nogil
    cdef void _put_call(self, int row, int call, long long factor) noexcept nogil
    cdef int _sides(self) noexcept nogil
    cdef void _add_put_row(self, int put) noexcept nogil
    cdef void _add_costs(self) noexcept nogil
    cdef int solve(self, Places places, long long enough) noexcept nogil
    cdef void _bound(self, Places places) noexcept nogil
    cdef void fix(self, Places places) noexcept nogil
    cdef long long total(self, long long value) noexcept nogil
    cdef long long lots(self, int at, int cell) noexcept nogil
