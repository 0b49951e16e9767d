from quantumcore.server.core.accounts_cy cimport Accounts
from quantumcore.server.core.arena_cy cimport Arena
from quantumcore.server.core.instruments_cy cimport Instruments
from quantumcore.server.core.numbers_cy cimport Numbers
from quantumcore.server.core.orders_cy cimport Orders
from quantumcore.server.core.placing_cy cimport Placing
from quantumcore.server.core.positions_cy cimport Positions
from quantumcore.server.core.refusal_cy cimport Refusal
from quantumcore.server.core.pretrade_cy cimport PreTrade
from quantumcore.server.core.terms_cy cimport Terms
from quantumcore.server.core.words_cy cimport Words

cdef class Admission:
    cdef Accounts accounts
    cdef Arena arena
    cdef Instruments instruments
    cdef Numbers numbers
    cdef Orders orders
    cdef Placing placing
    cdef Positions positions
    cdef public Refusal refusal
    cdef public PreTrade pretrade
    cdef Terms terms
    cdef Words turn
    cdef public long long time_ns
    cdef int position

    cdef long long check_create(self, Py_ssize_t record) except -1
    cdef long long _watched(self, int account) except -1
    cdef long long check_door(self, Py_ssize_t record) noexcept
    cdef long long _capacity(self, long long instrument) noexcept
    cdef long long _parties(self, long long account, long long instrument) noexcept
    cdef long long check_new_id(self, int account, Py_ssize_t text, long long length, long long field) noexcept
    cdef long long _state(self, int instrument) noexcept
    cdef long long check_phase(self, int instrument) noexcept
    cdef long long _risk(self, int account, int instrument) except -1
    cdef long long check_killed(self, int account, long long field) noexcept
    cdef long long check_reduces(self, int instrument, int side, long long quantity, long long own_lots, long long field) noexcept
    cdef long long _book(self, int instrument) noexcept
    cdef long long check_passive(self, int instrument, int side, long long price, long long field) noexcept
    cdef long long check_level(self, int instrument, int side, long long price, long long quantity, long long field) noexcept
    cdef long long check_arena(self) noexcept
