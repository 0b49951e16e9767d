from quantumcore.server.core.balances_cy cimport Balances
from quantumcore.server.core.instruments_cy cimport Instruments
from quantumcore.server.core.marks_cy cimport Marks
from quantumcore.server.core.positions_cy cimport Positions

cdef class Debts:
    cdef Balances balances
    cdef Instruments instruments
    cdef Marks marks
    cdef Positions positions
