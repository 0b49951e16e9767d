from quantumcore.server.core.accounts_cy cimport Accounts
from quantumcore.server.core.funding_cy cimport Funding
from quantumcore.server.core.instruments_cy cimport Instruments
from quantumcore.server.core.phases_cy cimport Phases
from quantumcore.server.core.refusal_cy cimport Refusal
from quantumcore.server.core.reporter_cy cimport Reporter
from quantumcore.server.core.words_cy cimport Words

cdef class RiskTerms:
    cdef Accounts accounts
    cdef Funding funding
    cdef Instruments instruments
    cdef Phases phases
    cdef Refusal refusal
    cdef Reporter report
    cdef Words turn
