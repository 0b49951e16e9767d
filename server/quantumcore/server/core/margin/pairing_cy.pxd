from quantumcore.server.core.margin.exact_search_cy cimport ExactSearch
from quantumcore.server.core.margin.incumbent_cy cimport Incumbent
from quantumcore.server.core.margin.options_cy cimport Options
from quantumcore.server.core.margin.places_cy cimport Places
from quantumcore.server.core.margin.portfolio_cy cimport Portfolio
from quantumcore.server.core.margin.valuation_cy cimport Valuation

cdef class Pairing:
    cdef public Options options
    cdef Places places
    cdef public Valuation valuation
    cdef public Incumbent incumbent
    cdef public ExactSearch exact
    cdef public long long nodes, turns, work, taken
    cdef long long budget, kept, turn_steps, pass_steps
    cdef public bint is_optimal
    cdef public long long[::1] placed
    cdef long long[::1] mean

    cdef long long solve(self, Portfolio portfolio, long long group, long long work) noexcept nogil
    cdef void _budget(self, long long work) noexcept nogil
    cdef bint _closes_at_root(self) noexcept nogil
    cdef void _search_exactly(self) noexcept nogil
    cdef void _search_by_lines(self) noexcept nogil
    cdef void _expand(self) noexcept nogil
    cdef void _search(self) noexcept nogil
    cdef void _try_first(self) noexcept nogil
    cdef void _try_placing(self) noexcept nogil
    cdef long long _bound(self) noexcept nogil
    cdef bint _approach(self) noexcept nogil
    cdef void _begin_with_best(self) noexcept nogil
    cdef void _push(self) noexcept nogil
    cdef void _branch(self) noexcept nogil
    cdef void _push_range(self, int cell, long long low, long long high) noexcept nogil
    cdef void _polish(self) noexcept nogil
    cdef void _move_option(self, int at) noexcept nogil
    cdef void _try_move(self, int at, int source, int target) noexcept nogil
    cdef long long settle_best(self) noexcept nogil
    cdef long long debit(self) noexcept nogil
    cdef long long covered_weight(self, long long calls) noexcept nogil
