from quantumcore.server.core.exposure_cy cimport Exposure
from quantumcore.server.core.funds_cy cimport Funds
from quantumcore.server.core.group_limits_cy cimport GroupLimits
from quantumcore.server.core.instruments_cy cimport Instruments
from quantumcore.server.core.limits_cy cimport Limits
from quantumcore.server.core.refusal_cy cimport Refusal
from quantumcore.server.core.risk_cy cimport Risk

cdef class PreTrade:
    cdef Exposure exposure
    cdef public Funds funds
    cdef public GroupLimits group
    cdef Instruments instruments
    cdef public Limits limits
    cdef public Refusal refusal
    cdef public Risk risk

    cdef long long check_account(self, long long account, long long now_ns, long long field) noexcept
    cdef long long check_active(self, long long account, long long field) noexcept
    cdef int find_position(self, int account, int instrument) noexcept
    cdef int check_active_stop(self, int row, long long now_ns) except -1
    cdef long long check(self, int account, int entry, long long terms, long long price, long long stop_price, long long quantity, int row, long long fields) except -1
