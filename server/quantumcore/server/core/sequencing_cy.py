"""Work the legs of sequential orders in their order, each as far as the one before has come."""

import cython

if cython.compiled:
    from cython.cimports.quantumcore.server.core import enums, kinds, tables
    from cython.cimports.quantumcore.server.core.instruments_cy import Instruments
    from cython.cimports.quantumcore.server.core.leg_work_cy import LegWork
    from cython.cimports.quantumcore.server.core.matching_cy import Matching
    from cython.cimports.quantumcore.server.core.orders_cy import Orders
    from cython.cimports.quantumcore.server.core.package_trading_cy import PackageTrading
    from cython.cimports.quantumcore.server.core.packages_cy import Packages
    from cython.cimports.quantumcore.server.core.placing_cy import Placing
    from cython.cimports.quantumcore.server.core.reporter_cy import Reporter
    from cython.cimports.quantumcore.server.core.unwinding_cy import Unwinding
else:
    from quantumcore.server.core import enums, kinds, tables
    from quantumcore.server.core.instruments_cy import Instruments
    from quantumcore.server.core.leg_work_cy import LegWork
    from quantumcore.server.core.matching_cy import Matching
    from quantumcore.server.core.orders_cy import Orders
    from quantumcore.server.core.package_trading_cy import PackageTrading
    from quantumcore.server.core.packages_cy import Packages
    from quantumcore.server.core.placing_cy import Placing
    from quantumcore.server.core.reporter_cy import Reporter
    from quantumcore.server.core.unwinding_cy import Unwinding

NS_OF_MS: int = 1_000_000


@cython.final
@cython.cclass
class Sequencing:
    """What a sequential order does follows from how it stands, whatever has stirred it.

    Leg 1 works all its lots. A leg behind works its share, rounded down, of what the leg before
    it has traded: so none ever trades more than the one before it, in units.
    """

    instruments: Instruments
    orders: Orders
    packages: Packages
    placing: Placing
    report: Reporter
    trading: PackageTrading
    unwinding: Unwinding
    work: LegWork

    def __init__(self, matching: Matching, trading: PackageTrading) -> None:
        self.placing, self.trading = matching.placing, trading
        self.instruments, self.orders = matching.instruments, matching.orders
        self.packages, self.report = matching.orders.packages, matching.report
        self.work = LegWork(matching)
        self.unwinding = Unwinding(matching, self.work)

    @cython.cfunc
    @cython.exceptval(-1, check=False)
    def settle(self) -> cython.int:
        """Look at all sequential orders that are stirred, until none is."""
        package: cython.int
        row: cython.int
        while self.packages.first_stirred != kinds.NO_SLOT:
            package = self.packages.take_stirred()
            row = self.orders.row_of(
                self.packages.words[self.packages.at(package) + tables.PACKAGE_ROW_ORDER]
            )
            if row != kinds.NO_SLOT and self.orders.is_working(row):
                self._go_on(row)
        return 0

    @cython.cfunc
    @cython.exceptval(-1, check=False)
    def expire_leg(self, leg: cython.int) -> cython.int:
        """Let the deadline of an order's legs pass."""
        row: cython.int = self.orders.row_of(self.orders.package_id(leg))
        self.orders.deadlines.drop(leg)
        self.packages.stir(self.orders.package(row))
        return self.unwinding.begin(row, enums.CANCEL_REASON_LEG_DEADLINE)

    @cython.cfunc
    @cython.exceptval(check=False)
    def note_better(self, leg: cython.int) -> cython.void:
        """Let a leg that waits for its book try again."""
        package: cython.int = self.orders.package(leg)
        at: cython.Py_ssize_t = self.packages.at(package)
        self.packages.words[at + tables.PACKAGE_ROW_BETTER] |= 1 << self.orders.leg_index(leg)
        self.packages.stir(package)

    @cython.cfunc
    @cython.exceptval(-1, check=False)
    def _go_on(self, row: cython.int) -> cython.int:
        """Do what is to be done next for an order."""
        package: cython.int = self.orders.package(row)
        at: cython.Py_ssize_t = self.packages.at(package)
        words: cython.longlong[::1] = self.packages.words
        self._count(row)
        if not self.orders.is_working(row):
            return 0
        if words[at + tables.PACKAGE_ROW_ENDING] != 0:
            return self._finish(row)
        if self.packages.is_level(package):
            if words[at + tables.PACKAGE_ROW_BROKEN_REASON] != 0:
                return self.placing.end(
                    row,
                    kinds.ORDER_CANCELLED,
                    cython.cast(cython.int, words[at + tables.PACKAGE_ROW_BROKEN_REASON]),
                    0,
                )
        elif words[at + tables.PACKAGE_ROW_STAGE] == tables.STAGE_WORKING:
            self._look_out(row)
        if (
            words[at + tables.PACKAGE_ROW_STAGE] == tables.STAGE_WORKING
            or words[at + tables.PACKAGE_ROW_POLICY] == enums.UNWIND_POLICY_HOLD
        ):
            return self._work_legs(row)
        if words[at + tables.PACKAGE_ROW_POLICY] == enums.UNWIND_POLICY_UNWIND:
            return self.unwinding.reverse(row, False)
        return self.unwinding.complete(row, False)

    @cython.cfunc
    @cython.exceptval(-1, check=False)
    def _look_out(self, row: cython.int) -> cython.int:
        """Set the deadline of an order whose legs are no longer level, or its policy to work."""
        at: cython.Py_ssize_t = self.packages.at(self.orders.package(row))
        words: cython.longlong[::1] = self.packages.words
        first: cython.int = self.orders.leg_row(row, 0)
        ms: cython.longlong = words[at + tables.PACKAGE_ROW_SEQUENTIAL] & kinds.LOW_HALF
        if words[at + tables.PACKAGE_ROW_BROKEN_REASON] != 0:
            return self.unwinding.begin(row, words[at + tables.PACKAGE_ROW_BROKEN_REASON])
        if self._is_stopped(row):
            return self.unwinding.begin(row, enums.CANCEL_REASON_INSTRUMENT_STATUS)
        if not self.orders.deadlines.has(first):
            self.orders.deadlines.set(
                first, self.report.time_ns + ms * NS_OF_MS, self.orders.order_id[first]
            )
        return 0

    @cython.cfunc
    @cython.exceptval(check=False)
    def _is_stopped(self, row: cython.int) -> cython.bint:
        """Whether the instrument of a leg is halted or closed."""
        at: cython.Py_ssize_t = self.packages.at(self.orders.package(row))
        number: cython.int
        phase: cython.longlong
        for number in range(self.packages.words[at + tables.PACKAGE_ROW_LEG_COUNT]):
            phase = self.instruments.get(
                self.orders.instrument[self.orders.leg_row(row, number)], tables.INSTRUMENT_PHASE
            )
            if phase == enums.TRADING_PHASE_HALTED or phase == enums.TRADING_PHASE_CLOSED:
                return True
        return False

    @cython.cfunc
    @cython.exceptval(-1, check=False)
    def _work_legs(self, row: cython.int) -> cython.int:
        """Let each leg work what it may; one behind which an instrument does not trade, nothing."""
        package: cython.int = self.orders.package(row)
        at: cython.Py_ssize_t = self.packages.at(package)
        words: cython.longlong[::1] = self.packages.words
        count: cython.longlong = words[at + tables.PACKAGE_ROW_LEG_COUNT]
        idle: cython.int = self._idle_legs(row)
        lots: cython.longlong
        number: cython.int
        for number in range(count):
            if number < idle or (words[at + tables.PACKAGE_ROW_BROKEN] >> number) & 1:
                self.placing.take_out(self.orders.leg_row(row, number))
                continue
            lots = self._target(row, number) - words[at + tables.PACKAGE_ROW_TRADED + number]
            self.work.work(row, number, lots)
        if (
            self.orders.time_in_force(row) == enums.TIME_IN_FORCE_IOC
            and words[at + tables.PACKAGE_ROW_STIRRED] == 0
        ):
            return self.placing.withdraw(
                row, kinds.ORDER_CANCELLED, enums.CANCEL_REASON_IMMEDIATE_OR_CANCEL, 0
            )
        return 0

    @cython.cfunc
    @cython.exceptval(check=False)
    def _idle_legs(self, row: cython.int) -> cython.int:
        """Return how many legs, from the first, come before one that does not trade now, or do not.

        Where a leg cannot be completed, none before it is to add to what is open.
        """
        at: cython.Py_ssize_t = self.packages.at(self.orders.package(row))
        idle: cython.int = 0
        number: cython.int
        for number in range(self.packages.words[at + tables.PACKAGE_ROW_LEG_COUNT]):
            if not self.instruments.is_continuous(
                self.orders.instrument[self.orders.leg_row(row, number)]
            ):
                idle = number + 1
        return idle

    @cython.cfunc
    @cython.exceptval(-1, check=False)
    def _target(self, row: cython.int, number: cython.int) -> cython.longlong:
        """Return the lots that a leg may have traded, as far as the leg before it has come."""
        at: cython.Py_ssize_t = self.packages.at(self.orders.package(row)) + number
        words: cython.longlong[::1] = self.packages.words
        ratio: cython.longlong = words[at + tables.PACKAGE_ROW_RATIOS]
        before: cython.longlong
        if number == 0:
            return ratio * (self.orders.quantity[row] // kinds.UNIT)
        before = words[at + tables.PACKAGE_ROW_RATIOS - 1]
        return share(words[at + tables.PACKAGE_ROW_TRADED - 1], ratio, before)

    @cython.cfunc
    @cython.exceptval(-1, check=False)
    def _count(self, row: cython.int) -> cython.int:
        """Count whole units that have traded, and note where all legs are level again."""
        package: cython.int = self.orders.package(row)
        at: cython.Py_ssize_t = self.packages.at(package)
        words: cython.longlong[::1] = self.packages.words
        units: cython.longlong = self._whole_units(row)
        more: cython.longlong = units - words[at + tables.PACKAGE_ROW_FILLED]
        number: cython.int
        if more == 0:
            return 0
        words[at + tables.PACKAGE_ROW_FILLED] = units
        self.placing.exposure.follow(row)
        if self.packages.is_level(package):
            self.orders.deadlines.drop(self.orders.leg_row(row, 0))
            words[at + tables.PACKAGE_ROW_STAGE] = tables.STAGE_WORKING
            self.orders.status[row] = enums.ORDER_STATUS_PARTIALLY_FILLED
        if units * kinds.UNIT == self.orders.quantity[row]:
            for number in range(words[at + tables.PACKAGE_ROW_LEG_COUNT]):
                self.placing.close(self.orders.leg_row(row, number), enums.ORDER_STATUS_FILLED, 0)
        self.trading.fill(row, more, self._cost(row), enums.LIQUIDITY_TAKER)
        if self.packages.is_level(package):
            words[at + tables.PACKAGE_ROW_EXECUTION] = 0
            words[at + tables.PACKAGE_ROW_LEVEL_UNITS] = units
            words[at + tables.PACKAGE_ROW_LEVEL_COST] = self.orders.tick_lots[row]
            for number in range(words[at + tables.PACKAGE_ROW_LEG_COUNT]):
                words[at + tables.PACKAGE_ROW_LEVEL_TICK_LOTS + number] = self.orders.tick_lots[
                    self.orders.leg_row(row, number)
                ]
        return 0

    @cython.cfunc
    @cython.exceptval(check=False)
    def _whole_units(self, row: cython.int) -> cython.longlong:
        """Return how many units have traded on all legs."""
        at: cython.Py_ssize_t = self.packages.at(self.orders.package(row))
        words: cython.longlong[::1] = self.packages.words
        units: cython.longlong = tables.NO_LIMIT
        number: cython.int
        for number in range(words[at + tables.PACKAGE_ROW_LEG_COUNT]):
            units = min(
                units,
                words[at + tables.PACKAGE_ROW_TRADED + number]
                // words[at + tables.PACKAGE_ROW_RATIOS + number],
            )
        return units

    def _cost(self, row: int) -> int:
        """Return what the whole units since the legs were last level cost less what was counted.

        A leg's average price counts for its part of them: exact when all are level, before
        rounded half to even.
        """
        words, at = self.packages.words, self.packages.at(self.orders.package(row))
        amount, over = self.work.prices.cost(row)
        units = int(
            words[at + tables.PACKAGE_ROW_FILLED] - words[at + tables.PACKAGE_ROW_LEVEL_UNITS]
        )
        whole, rest = divmod(amount * units, over)
        whole += 2 * rest > over or (2 * rest == over and whole % 2 == 1)
        counted = self.orders.tick_lots[row] - words[at + tables.PACKAGE_ROW_LEVEL_COST]
        return whole - int(counted)

    @cython.cfunc
    @cython.exceptval(-1, check=False)
    def _finish(self, row: cython.int) -> cython.int:
        """End an order in this command: what its policy cannot do now is not done."""
        at: cython.Py_ssize_t = self.packages.at(self.orders.package(row))
        words: cython.longlong[::1] = self.packages.words
        ending: cython.longlong = words[at + tables.PACKAGE_ROW_ENDING]
        policy: cython.longlong = words[at + tables.PACKAGE_ROW_POLICY]
        if not self.packages.is_level(self.orders.package(row)) and (
            policy != enums.UNWIND_POLICY_HOLD
        ):
            self.unwinding.begin(row, ending >> 8)
            if policy == enums.UNWIND_POLICY_UNWIND:
                return self.unwinding.reverse(row, True)
            self.unwinding.complete(row, True)
            self._count(row)
            if not self.orders.is_working(row):
                return 0
        return self.placing.end(
            row,
            cython.cast(cython.int, ending & 0xFF),
            cython.cast(cython.int, ending >> 8),
            words[at + tables.PACKAGE_ROW_REQUEST],
        )


def share(lots: int, ratio: int, before: int) -> int:
    """Return how many lots of a leg go with lots of the one before it, rounded down."""
    return lots * ratio // before


def is_compiled() -> bool:
    """Whether this module runs as a C extension."""
    return cython.compiled
