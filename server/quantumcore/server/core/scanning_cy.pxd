from quantumcore.server.core.instruments_cy cimport Instruments
from quantumcore.server.core.margin.commodity_table_cy cimport CommodityTable
from quantumcore.server.core.margin.portfolio_cy cimport Portfolio
from quantumcore.server.core.margin.portfolio_scenarios_cy cimport PortfolioScenarios
from quantumcore.server.core.margin_terms_cy cimport MarginTerms

cdef class Scanning:
    cdef Instruments instruments
    cdef MarginTerms terms
    cdef CommodityTable table
    cdef public PortfolioScenarios scenarios
    cdef public long long debit_minor_units

    cdef void begin(self, long long now_ns) noexcept
    cdef long long group_of(self, int instrument) noexcept
    cdef bint needs_price(self, int instrument) noexcept
    cdef void state(self, int instrument, long long[::1] words) noexcept
    cdef void _scan(self, int at, long long commodity, int root, long long ticks) noexcept
    cdef long long _range(self, int at, int root, long long ticks, long long share) noexcept
    cdef long long requirement(self, Portfolio portfolio) except -1
