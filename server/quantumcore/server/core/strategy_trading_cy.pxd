from quantumcore.server.core.instruments_cy cimport Instruments
from quantumcore.server.core.matching_cy cimport Matching
from quantumcore.server.core.orders_cy cimport Orders
from quantumcore.server.core.package_trading_cy cimport PackageTrading
from quantumcore.server.core.packages_cy cimport Packages
from quantumcore.server.core.placing_cy cimport Placing
from quantumcore.server.core.strategy_books_cy cimport StrategyBooks

cdef class StrategyTrading:
    cdef StrategyBooks books
    cdef Instruments instruments
    cdef Matching matching
    cdef Orders orders
    cdef Packages packages
    cdef Placing placing
    cdef PackageTrading trading

    cdef int meet(self, int row) except -1
