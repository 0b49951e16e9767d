from quantumcore.server.core.attribution_cy cimport Attribution
from quantumcore.server.core.limits_cy cimport Limits
from quantumcore.server.core.order_reading_cy cimport OrderReading
from quantumcore.server.core.positions_cy cimport Positions
from quantumcore.server.core.pretrade_cy cimport PreTrade
from quantumcore.server.core.reporter_cy cimport Reporter

cdef class AccountReading(OrderReading):
    cdef Attribution attribution
    cdef Limits limits
    cdef Positions positions
    cdef public PreTrade queries
    cdef Reporter report
