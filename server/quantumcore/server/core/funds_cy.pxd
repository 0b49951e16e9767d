from quantumcore.server.core.accounts_cy cimport Accounts
from quantumcore.server.core.balances_cy cimport Balances
from quantumcore.server.core.debts_cy cimport Debts
from quantumcore.server.core.instruments_cy cimport Instruments
from quantumcore.server.core.margining_cy cimport Margining
from quantumcore.server.core.orders_cy cimport Orders
from quantumcore.server.core.positions_cy cimport Positions
from quantumcore.server.core.refusal_cy cimport Refusal
from quantumcore.server.core.risk_cy cimport Risk

cdef class Funds:
    cdef Accounts accounts
    cdef Balances balances
    cdef Debts debts
    cdef Instruments instruments
    cdef public Margining margining
    cdef Orders orders
    cdef Positions positions
    cdef Refusal refusal
    cdef Risk risk
    cdef int model, balance
    cdef bint is_plain, of_package
    cdef long long age_ns, haircut
    cdef public long long reserve, foreseen, needed, available
    cdef long long cost, least_cost, growth, least_growth

    cdef long long check(self, int row, long long field) except -1
    cdef void begin_sum(self, int account) noexcept
    cdef void begin_none(self) noexcept
    cdef long long add(self, long long field) noexcept
    cdef long long check_sum(self, long long paid, long long fees, long long parts, int row, long long field) except -1
    cdef long long cover(self, long long needed, long long field) noexcept
    cdef long long weigh(self, long long paid, long long fees, long long parts, int row, long long field) except -1
    cdef long long _closing(self) noexcept
    cdef long long paid(self) noexcept
    cdef long long released(self) except -1
    cdef long long _holds(self, long long field) noexcept
    cdef int _need_margin(self, int balance, long long paid) except -1
    cdef void begin(self) noexcept
    cdef void begin_package(self) noexcept
    cdef void note_leg(self) noexcept
    cdef bint _is_plain(self, int balance) noexcept
    cdef long long _staleness(self, long long field) noexcept
    cdef long long fees(self) noexcept
    cdef long long free(self, int balance, int model) except? -1
