"""Do what the unwind policy of a sequential order says: reverse its excess, or complete it."""

import cython

if cython.compiled:
    from cython.cimports.quantumcore.server.core import enums, kinds, tables
    from cython.cimports.quantumcore.server.core.instruments_cy import Instruments
    from cython.cimports.quantumcore.server.core.leg_work_cy import LegWork
    from cython.cimports.quantumcore.server.core.matching_cy import Matching
    from cython.cimports.quantumcore.server.core.orders_cy import Orders
    from cython.cimports.quantumcore.server.core.packages_cy import Packages
    from cython.cimports.quantumcore.server.core.placing_cy import Placing
    from cython.cimports.quantumcore.server.core.reporter_cy import Reporter
else:
    from quantumcore.server.core import enums, kinds, tables
    from quantumcore.server.core.instruments_cy import Instruments
    from quantumcore.server.core.leg_work_cy import LegWork
    from quantumcore.server.core.matching_cy import Matching
    from quantumcore.server.core.orders_cy import Orders
    from quantumcore.server.core.packages_cy import Packages
    from quantumcore.server.core.placing_cy import Placing
    from quantumcore.server.core.reporter_cy import Reporter


@cython.final
@cython.cclass
class Unwinding:
    """The policy of an order whose legs are not level, from when it is set to work."""

    instruments: Instruments
    orders: Orders
    packages: Packages
    placing: Placing
    report: Reporter
    work: LegWork

    def __init__(self, matching: Matching, work: LegWork) -> None:
        self.placing, self.work = matching.placing, work
        self.instruments, self.orders = matching.instruments, matching.orders
        self.packages, self.report = matching.orders.packages, matching.report

    @cython.cfunc
    @cython.exceptval(-1, check=False)
    def begin(self, row: cython.int, reason: cython.longlong) -> cython.int:
        """Set an order's policy to work, and tell what each leg has in excess."""
        at: cython.Py_ssize_t = self.packages.at(self.orders.package(row))
        words: cython.longlong[::1] = self.packages.words
        number: cython.int
        if words[at + tables.PACKAGE_ROW_STAGE] == tables.STAGE_POLICY:
            return 0
        words[at + tables.PACKAGE_ROW_STAGE] = tables.STAGE_POLICY
        words[at + tables.PACKAGE_ROW_REASON] = reason
        if words[at + tables.PACKAGE_ROW_POLICY] == enums.UNWIND_POLICY_COMPLETE_AT_MARKET:
            words[at + tables.PACKAGE_ROW_BROKEN] = 0
        self.orders.deadlines.drop(self.orders.leg_row(row, 0))
        self.orders.status[row] = enums.ORDER_STATUS_UNWINDING
        self.report.order_event(kinds.ORDER_UNWINDING, enums.EXECUTION_TYPE_UNWINDING, row, 0)
        for number in range(words[at + tables.PACKAGE_ROW_LEG_COUNT]):
            if self.packages.excess(self.orders.package(row), number) != 0:
                self.report.order_event(
                    kinds.ORDER_UNWINDING,
                    enums.EXECUTION_TYPE_UNWINDING,
                    self.orders.leg_row(row, number),
                    0,
                )
        return 0

    @cython.cfunc
    @cython.exceptval(-1, check=False)
    def reverse(self, row: cython.int, last_chance: cython.bint) -> cython.int:
        """Reverse the excess of each leg, once, and end the order.

        A leg whose instrument does not trade now waits until it does, but not if it is closed,
        nor where this is the last chance.
        """
        at: cython.Py_ssize_t = self.packages.at(self.orders.package(row))
        words: cython.longlong[::1] = self.packages.words
        waits: cython.bint = False
        number: cython.int
        self._take_out(row)
        for number in range(words[at + tables.PACKAGE_ROW_LEG_COUNT]):
            if (words[at + tables.PACKAGE_ROW_REVERSED] >> number) & 1:
                continue
            if self._may_wait(self.orders.leg_row(row, number), last_chance):
                waits = waits or self.packages.excess(self.orders.package(row), number) != 0
                continue
            words[at + tables.PACKAGE_ROW_REVERSED] |= 1 << number
            self._reverse_leg(row, number)
        if waits:
            return 0
        return self.placing.end(
            row,
            kinds.ORDER_UNWOUND,
            cython.cast(cython.int, words[at + tables.PACKAGE_ROW_REASON]),
            words[at + tables.PACKAGE_ROW_REQUEST],
        )

    @cython.cfunc
    @cython.exceptval(-1, check=False)
    def _take_out(self, row: cython.int) -> cython.int:
        """Take all legs out of their books and queues."""
        at: cython.Py_ssize_t = self.packages.at(self.orders.package(row))
        number: cython.int
        for number in range(self.packages.words[at + tables.PACKAGE_ROW_LEG_COUNT]):
            self.placing.take_out(self.orders.leg_row(row, number))
        return 0

    @cython.cfunc
    @cython.exceptval(check=False)
    def _may_wait(self, leg: cython.int, last_chance: cython.bint) -> cython.bint:
        """Whether a leg's instrument does not trade now, but may before the order ends."""
        phase: cython.longlong = self.instruments.get(
            self.orders.instrument[leg], tables.INSTRUMENT_PHASE
        )
        if last_chance or phase == enums.TRADING_PHASE_CLOSED:
            return False
        return phase != enums.TRADING_PHASE_CONTINUOUS

    @cython.cfunc
    @cython.exceptval(-1, check=False)
    def _reverse_leg(self, row: cython.int, number: cython.int) -> cython.int:
        leg: cython.int = self.orders.leg_row(row, number)
        lots: cython.longlong = self.packages.excess(self.orders.package(row), number)
        worst: cython.longlong
        if lots == 0 or not self.instruments.is_continuous(self.orders.instrument[leg]):
            return 0
        worst = self.work.prices.of_reversal(row, number)
        self.work.turn_round(leg)
        self.work.sweep(leg, lots, worst)
        self.work.turn_round(leg)
        return self.placing.take_out(leg)

    @cython.cfunc
    @cython.exceptval(-1, check=False)
    def complete(self, row: cython.int, last_chance: cython.bint) -> cython.int:
        """Complete the units that any leg has begun, at market.

        What a book does not give now waits until it gets better, but not at the last chance.
        """
        at: cython.Py_ssize_t = self.packages.at(self.orders.package(row))
        words: cython.longlong[::1] = self.packages.words
        units: cython.longlong = self.packages.begun(self.orders.package(row))
        lots: cython.longlong
        number: cython.int
        leg: cython.int
        self._leave_books(row)
        for number in range(words[at + tables.PACKAGE_ROW_LEG_COUNT]):
            leg = self.orders.leg_row(row, number)
            lots = words[at + tables.PACKAGE_ROW_RATIOS + number] * units
            lots -= words[at + tables.PACKAGE_ROW_TRADED + number]
            if self.work.waits(leg, lots) and not last_chance:
                continue
            if lots > 0 and not (words[at + tables.PACKAGE_ROW_BROKEN] >> number) & 1:
                self._complete_leg(leg, lots)
            if last_chance or words[at + tables.PACKAGE_ROW_OPEN + number] == 0:
                self.placing.take_out(leg)
            elif self.orders.place[leg] != tables.PLACE_PACKAGES:
                self.placing.waiting_packages.hold_leg(leg)
        return 0

    @cython.cfunc
    @cython.exceptval(-1, check=False)
    def _leave_books(self, row: cython.int) -> cython.int:
        """Take legs that rest out of their books, so that none trades with another."""
        at: cython.Py_ssize_t = self.packages.at(self.orders.package(row))
        number: cython.int
        leg: cython.int
        for number in range(self.packages.words[at + tables.PACKAGE_ROW_LEG_COUNT]):
            leg = self.orders.leg_row(row, number)
            if self.orders.place[leg] == tables.PLACE_BOOK:
                self.placing.take_out(leg)
        return 0

    @cython.cfunc
    @cython.exceptval(-1, check=False)
    def _complete_leg(self, leg: cython.int, lots: cython.longlong) -> cython.int:
        """Trade so many lots of a leg at market; what is left of them stays open."""
        at: cython.Py_ssize_t = self.packages.at(self.orders.package(leg))
        if self.instruments.is_continuous(self.orders.instrument[leg]):
            return self.work.sweep(leg, lots, self.work.prices.at_market(leg))
        self.packages.words[at + tables.PACKAGE_ROW_OPEN + self.orders.leg_index(leg)] = lots
        return 0


def is_compiled() -> bool:
    """Whether this module runs as a C extension."""
    return cython.compiled
