from quantumcore.server.core.accounts_cy cimport Accounts
from quantumcore.server.core.orders_cy cimport Orders
from quantumcore.server.core.placing_cy cimport Placing

cdef class OrderReading:
    cdef Accounts accounts
    cdef Orders orders
    cdef Placing placing
