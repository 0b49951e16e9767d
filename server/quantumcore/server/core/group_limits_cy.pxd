from quantumcore.server.core.accounts_cy cimport Accounts
from quantumcore.server.core.balances_cy cimport Balances
from quantumcore.server.core.groups_cy cimport Groups
from quantumcore.server.core.instruments_cy cimport Instruments
from quantumcore.server.core.positions_cy cimport Positions
from quantumcore.server.core.refusal_cy cimport Refusal
from quantumcore.server.core.risk_cy cimport Risk

cdef class GroupLimits:
    cdef Accounts accounts
    cdef Balances balances
    cdef Groups groups
    cdef Instruments instruments
    cdef Positions positions
    cdef Refusal refusal
    cdef Risk risk
    cdef int place
    cdef object value

    cdef bint begin(self, int account) noexcept
