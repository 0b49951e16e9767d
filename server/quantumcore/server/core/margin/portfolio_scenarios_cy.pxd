from quantumcore.server.core.margin.array_cache_cy cimport ArrayCache
from quantumcore.server.core.margin.commodity_table_cy cimport CommodityTable
from quantumcore.server.core.margin.portfolio_cy cimport Portfolio
from quantumcore.server.core.margin.scenario_cy cimport ScenarioModel

cdef class PortfolioScenarios:
    cdef ScenarioModel model
    cdef public ArrayCache cache
    cdef CommodityTable table
    cdef list sets
    cdef int commodity
    cdef public int refused
    cdef long long now, expiry_unit_s, expiries_per_unit, time_bucket_s

    # The order path, as of StrategyModel: bounded work, no Python object.
    cdef long long _requirement(self, Portfolio portfolio) noexcept nogil
    cdef long long _debit(self) noexcept nogil

    cdef long long _put(self, Portfolio portfolio, int row) noexcept nogil
    cdef long long _most_loss(self, Portfolio portfolio, int row) noexcept nogil
    cdef bint _is_narrow(self) noexcept nogil
    cdef bint _is_bounded(self, long long first, long long lots) noexcept nogil
    cdef void _count(self, Portfolio portfolio, int row, int at) noexcept nogil
    cdef void _weigh(self, Portfolio portfolio, int row, int at, long long delta) noexcept nogil
    cdef bint _name(self, Portfolio portfolio, int row) noexcept nogil
    cdef long long _time_left(self, long long expiry) noexcept nogil
    cdef bint _is_option(self, Portfolio portfolio, int row) noexcept nogil
