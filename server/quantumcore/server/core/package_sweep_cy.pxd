from quantumcore.server.core.arena_cy cimport Arena
from quantumcore.server.core.book_cy cimport Book
from quantumcore.server.core.iceberg_rounds_cy cimport IcebergRounds
from quantumcore.server.core.instruments_cy cimport Instruments
from quantumcore.server.core.orders_cy cimport Orders
from quantumcore.server.core.placing_cy cimport Placing
from quantumcore.server.core.plan_cy cimport Plan
from quantumcore.server.core.recording_cy cimport Recording

cdef class PackageSweep:
    cdef Arena arena
    cdef Instruments instruments
    cdef Orders orders
    cdef Placing placing
    cdef Plan plan
    cdef Recording recording
    cdef IcebergRounds rounds

    cdef int trade(self, int row, long long lots) except -1
    cdef int _sure(self, Book book, int side, int slot) except -2
    cdef int _behind(self, Book book, int side, int slot) noexcept
    cdef long long _passed(self) noexcept
