from quantumcore.server.core.accounts_cy cimport Accounts
from quantumcore.server.core.funds_cy cimport Funds
from quantumcore.server.core.orders_cy cimport Orders
from quantumcore.server.core.package_pretrade_cy cimport PackagePreTrade
from quantumcore.server.core.positions_cy cimport Positions
from quantumcore.server.core.refusal_cy cimport Refusal
from quantumcore.server.core.risk_cy cimport Risk

cdef class Foreseeing:
    cdef Accounts accounts
    cdef Funds funds
    cdef Orders orders
    cdef PackagePreTrade packages
    cdef Positions positions
    cdef Refusal refusal
    cdef Risk risk

    cdef int follow(self, int account) except -1
    cdef void _count(self, int row) noexcept
    cdef void _count_lots(self, int row, int side, long long lots) noexcept
    cdef int _look_again(self, int row) except -1
    cdef int _single(self, int row) except -1
