from quantumcore.server.core.accounts_cy cimport Accounts
from quantumcore.server.core.admission_cy cimport Admission
from quantumcore.server.core.balances_cy cimport Balances
from quantumcore.server.core.exposure_cy cimport Exposure
from quantumcore.server.core.foreseeing_cy cimport Foreseeing
from quantumcore.server.core.orders_cy cimport Orders
from quantumcore.server.core.positions_cy cimport Positions
from quantumcore.server.core.pretrade_cy cimport PreTrade
from quantumcore.server.core.refusal_cy cimport Refusal
from quantumcore.server.core.reporter_cy cimport Reporter
from quantumcore.server.core.words_cy cimport Words

cdef class Funding:
    cdef Accounts accounts
    cdef Admission admission
    cdef Balances balances
    cdef Exposure exposure
    cdef Foreseeing foreseeing
    cdef Orders orders
    cdef Positions positions
    cdef PreTrade pretrade
    cdef Refusal refusal
    cdef Reporter report
    cdef Words turn
