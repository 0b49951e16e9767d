from quantumcore.server.core.instruments_cy cimport Instruments
from quantumcore.server.core.mending_cy cimport Mending
from quantumcore.server.core.orders_cy cimport Orders
from quantumcore.server.core.package_trading_cy cimport PackageTrading
from quantumcore.server.core.packages_cy cimport Packages
from quantumcore.server.core.reporter_cy cimport Reporter
from quantumcore.server.core.trades_cy cimport Trades

cdef class PackageMending:
    cdef Instruments instruments
    cdef Mending mending
    cdef Orders orders
    cdef Packages packages
    cdef Reporter report
    cdef Trades trades
    cdef PackageTrading trading
