from quantumcore.server.core.instruments_cy cimport Instruments
from quantumcore.server.core.orders_cy cimport Orders
from quantumcore.server.core.package_admission_cy cimport PackageAdmission
from quantumcore.server.core.package_terms_cy cimport PackageTerms
from quantumcore.server.core.package_trading_cy cimport PackageTrading
from quantumcore.server.core.packages_cy cimport Packages
from quantumcore.server.core.placing_cy cimport Placing
from quantumcore.server.core.reporter_cy cimport Reporter
from quantumcore.server.core.strategy_trading_cy cimport StrategyTrading
from quantumcore.server.core.words_cy cimport Words

cdef class Packaging:
    cdef PackageAdmission admission
    cdef Instruments instruments
    cdef Orders orders
    cdef Packages packages
    cdef Placing placing
    cdef Reporter report
    cdef StrategyTrading strategies
    cdef PackageTerms terms
    cdef PackageTrading trading
    cdef Words turn, results

    cdef int create(self, Py_ssize_t start) except -1
    cdef long long check_now(self) except -1
    cdef int _write(self, int package) except -1
    cdef int _account(self) noexcept
    cdef long long _executable(self) except -1
    cdef long long _fail_blocked(self) noexcept
    cdef int _refuse(self, Py_ssize_t start) except -1
    cdef long long _state(self, long long terms) noexcept
    cdef int _open(self, Py_ssize_t start, long long units) except -1
    cdef void _count(self, int row) noexcept
    cdef int _open_package(self, Py_ssize_t start) except -1
    cdef int _open_leg(self, Py_ssize_t start, int package, int number) except -1
    cdef int try_again(self, int row) except -1
