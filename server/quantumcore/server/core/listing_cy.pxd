from quantumcore.server.core.accounts_cy cimport Accounts
from quantumcore.server.core.admission_cy cimport Admission
from quantumcore.server.core.funding_cy cimport Funding
from quantumcore.server.core.instruments_cy cimport Instruments
from quantumcore.server.core.mending_cy cimport Mending
from quantumcore.server.core.package_mending_cy cimport PackageMending
from quantumcore.server.core.phases_cy cimport Phases
from quantumcore.server.core.refusal_cy cimport Refusal
from quantumcore.server.core.reporter_cy cimport Reporter
from quantumcore.server.core.risk_terms_cy cimport RiskTerms
from quantumcore.server.core.words_cy cimport Words

cdef class Listing:
    cdef Accounts accounts
    cdef Admission admission
    cdef Funding funding
    cdef Instruments instruments
    cdef Mending mending
    cdef PackageMending package_mending
    cdef Phases phases
    cdef Refusal refusal
    cdef Reporter report
    cdef RiskTerms risk_terms
    cdef Words turn, results
    cdef public list configuration
