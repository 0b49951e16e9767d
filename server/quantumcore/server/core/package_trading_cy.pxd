from quantumcore.server.core.arena_cy cimport Arena
from quantumcore.server.core.instruments_cy cimport Instruments
from quantumcore.server.core.matching_cy cimport Matching
from quantumcore.server.core.orders_cy cimport Orders
from quantumcore.server.core.package_sweep_cy cimport PackageSweep
from quantumcore.server.core.packages_cy cimport Packages
from quantumcore.server.core.placing_cy cimport Placing
from quantumcore.server.core.plan_cy cimport Plan
from quantumcore.server.core.reporter_cy cimport Reporter

cdef class PackageTrading:
    cdef Arena arena
    cdef Instruments instruments
    cdef Matching matching
    cdef Orders orders
    cdef Packages packages
    cdef Placing placing
    cdef Plan plan
    cdef Reporter report
    cdef PackageSweep sweep

    cdef void begin_plan(self, int package, int account) noexcept
    cdef long long planned(self, int package, long long leaves) except -1
    cdef int execute(self, int row, long long units) except -1
    cdef int fill(self, int row, long long units, long long cost, int liquidity) except -1
    cdef long long _plain_price(self, int row, long long units, long long cost) noexcept
    cdef bint _are_alike(self, int one, int other) noexcept
    cdef long long _rounded(self, long long amount, long long by) noexcept
