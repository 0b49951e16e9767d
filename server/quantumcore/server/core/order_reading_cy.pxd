from quantumcore.server.core.accounts_cy cimport Accounts
from quantumcore.server.core.instruments_cy cimport Instruments
from quantumcore.server.core.orders_cy cimport Orders
from quantumcore.server.core.placing_cy cimport Placing

cdef class OrderReading:
    cdef Accounts accounts
    cdef Instruments instruments
    cdef Orders orders
    cdef Placing placing
