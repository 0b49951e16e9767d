from quantumcore.server.core.attribution_cy cimport Attribution
from quantumcore.server.core.notes_cy cimport Notes
from quantumcore.server.core.positions_cy cimport Positions
from quantumcore.server.core.strategies_cy cimport Strategies

cdef class MendedProfit:
    cdef Attribution attribution
    cdef Notes notes
    cdef Positions positions
    cdef Strategies strategies
    cdef long long most
    cdef long long[::1] fills
    cdef dict pending

    cdef long long _take_back(self, int entry, long long depth, long long held) noexcept
    cdef long long _book_again(self, int entry, long long depth, long long held) noexcept
