from quantumcore.server.core.arena_cy cimport Arena
from quantumcore.server.core.instruments_cy cimport Instruments
from quantumcore.server.core.orders_cy cimport Orders
from quantumcore.server.core.words_cy cimport Words

cdef class Admission:
    cdef Arena arena
    cdef Instruments instruments
    cdef Orders orders
    cdef Words turn
    cdef public int account_count
    cdef public long long time_ns
    cdef long long field, limit, value

    cdef long long check_create(self, Py_ssize_t record) noexcept
    cdef long long check_level(self, int instrument, int side, long long price, long long quantity, long long field) noexcept
    cdef long long check_arena(self) noexcept
    cdef long long _level(self, Py_ssize_t record, int instrument) noexcept
    cdef long long check_new_id(self, int account, Py_ssize_t text, long long length, long long field) noexcept
    cdef long long check_quantity(self, int instrument, long long quantity, long long field) noexcept
    cdef long long check_price(self, int instrument, long long price, long long field) noexcept
    cdef long long check_phase(self, int instrument) noexcept
    cdef long long _unsupported(self, Py_ssize_t record) noexcept
    cdef long long _parties(self, Py_ssize_t record) noexcept
    cdef long long _terms(self, Py_ssize_t record) noexcept
    cdef long long _present(self, long long terms, Py_ssize_t record) noexcept
    cdef long long _post_only(self, Py_ssize_t record) noexcept
    cdef bint would_trade(self, int instrument, int side, long long price)
    cdef long long _fail(self, long long reason, long long field, long long limit, long long value) noexcept

cdef bint is_immediate(long long order_type, long long time_in_force) noexcept nogil
