from quantumcore.server.core.balances_cy cimport Balances
from quantumcore.server.core.instruments_cy cimport Instruments
from quantumcore.server.core.margin.portfolio_cy cimport Portfolio
from quantumcore.server.core.margin.requirement_memo_cy cimport RequirementMemo
from quantumcore.server.core.margin.strategy_cy cimport StrategyModel
from quantumcore.server.core.marks_cy cimport Marks
from quantumcore.server.core.positions_cy cimport Positions
from quantumcore.server.core.scanning_cy cimport Scanning

cdef class Margining:
    cdef Balances balances
    cdef Instruments instruments
    cdef public Marks marks
    cdef Positions positions
    cdef public StrategyModel model
    cdef public RequirementMemo memo
    cdef public Scanning scanning
    cdef public bint by_scenarios
    cdef public Portfolio portfolio
    cdef long long[::1] terms
    cdef long long now_ns, most_age_ns, haircut
    cdef public int refused, stalest
    cdef public long long oldest_ns, variation
    cdef int added, whole
    cdef bint sets_aside
    cdef int[::1] added_entry
    cdef long long[::1] begun, added_lots, own_buying, own_selling

    cdef void begin(self, long long now_ns, long long most_age_ns, long long haircut, long long model) noexcept
    cdef void forget(self) noexcept
    cdef void add(self, int entry, long long lots, long long own_buying, long long own_selling, long long begun) noexcept
    cdef long long margin(self, int balance, int state, bint with_added) except -1
    cdef long long _margin(self, int balance, int state, bint with_added, long long move) except -1
    cdef long long _by_strategies(self) noexcept
    cdef int build(self, int balance, int state, bint with_added, long long move) except -1
    cdef int _put_lent(self, long long move) except -1
    cdef long long _change(self, int entry, int state, bint with_added) noexcept
    cdef int _put(self, int entry, long long lots, long long move) except -1
    cdef bint _is_scanned(self, int instrument, long long lots) noexcept
    cdef int _add_variation(self, int entry, int instrument) except -1
    cdef int _state(self, int instrument, bint matters, long long move) except -1
    cdef int _state_option(self, int instrument, long long move) except -1
    cdef long long _mark(self, int instrument, long long move, bint matters) noexcept
