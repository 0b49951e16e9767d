from quantumcore.server.core.package_terms_cy cimport PackageTerms
from quantumcore.server.core.refusal_cy cimport Refusal

cdef bint may_meet(int side, long long limit, long long opposite) noexcept

cdef class SequentialAdmission:
    cdef Refusal refusal
    cdef PackageTerms terms

    cdef long long check_allowed(self) noexcept
    cdef long long check_terms(self) noexcept
    cdef void note_meeting_legs(self) noexcept
    cdef long long _limit(self, int number) noexcept
