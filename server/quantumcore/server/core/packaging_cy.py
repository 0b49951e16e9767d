"""Carry out multi-leg orders: create them, and let those that wait try again."""

import cython

if cython.compiled:
    from cython.cimports.quantumcore.server.core import enums, kinds, tables
    from cython.cimports.quantumcore.server.core.exposure_cy import Exposure
    from cython.cimports.quantumcore.server.core.instruments_cy import Instruments
    from cython.cimports.quantumcore.server.core.matching_cy import Matching
    from cython.cimports.quantumcore.server.core.orders_cy import Orders
    from cython.cimports.quantumcore.server.core.package_admission_cy import PackageAdmission
    from cython.cimports.quantumcore.server.core.package_pretrade_cy import PackagePreTrade
    from cython.cimports.quantumcore.server.core.package_terms_cy import PackageTerms
    from cython.cimports.quantumcore.server.core.package_trading_cy import PackageTrading
    from cython.cimports.quantumcore.server.core.packages_cy import Packages
    from cython.cimports.quantumcore.server.core.placing_cy import Placing
    from cython.cimports.quantumcore.server.core.reporter_cy import Reporter
    from cython.cimports.quantumcore.server.core.strategy_trading_cy import StrategyTrading
    from cython.cimports.quantumcore.server.core.words_cy import Words, known_terms
else:
    from quantumcore.server.core import enums, kinds, tables
    from quantumcore.server.core.exposure_cy import Exposure
    from quantumcore.server.core.instruments_cy import Instruments
    from quantumcore.server.core.matching_cy import Matching
    from quantumcore.server.core.orders_cy import Orders
    from quantumcore.server.core.package_admission_cy import PackageAdmission
    from quantumcore.server.core.package_pretrade_cy import PackagePreTrade
    from quantumcore.server.core.package_terms_cy import PackageTerms
    from quantumcore.server.core.package_trading_cy import PackageTrading
    from quantumcore.server.core.packages_cy import Packages
    from quantumcore.server.core.placing_cy import Placing
    from quantumcore.server.core.reporter_cy import Reporter
    from quantumcore.server.core.strategy_trading_cy import StrategyTrading
    from quantumcore.server.core.words_cy import Words, known_terms

TO_MEET: cython.longlong = -1  # instead of units: a package that waits can trade with this one


@cython.final
@cython.cclass
class Packaging:
    """A package is a row of the orders, and each of its legs another, right behind it.

    Everything is planned and checked before anything is changed; what is planned trades in one
    step. So no command comes between two legs, and a package that cannot trade leaves no trace.
    A sequential order is opened here, and worked by Sequencing.
    """

    admission: PackageAdmission
    instruments: Instruments
    orders: Orders
    packages: Packages
    placing: Placing
    report: Reporter
    strategies: StrategyTrading
    terms: PackageTerms
    trading: PackageTrading
    turn: Words
    results: Words

    def __init__(self, matching: Matching, admission: PackageAdmission) -> None:
        self.admission, self.terms = admission, admission.terms
        self.placing, self.instruments = matching.placing, matching.instruments
        self.orders, self.report = matching.orders, matching.report
        self.packages, self.trading = matching.orders.packages, PackageTrading(matching)
        self.strategies = StrategyTrading(self.trading)
        self.turn, self.results = self.report.turn, self.report.results

    @cython.cfunc
    @cython.exceptval(-1, check=False)
    def create(self, start: cython.Py_ssize_t) -> cython.int:
        """Carry out CREATE_PACKAGE."""
        reason: cython.longlong = self.admission.admission.check_door(start)
        units: cython.longlong = 0
        if reason == 0:
            reason = self.admission.check(start)
        if reason != 0:
            return self._refuse(start)
        if self.terms.is_sequential():
            return self._open(start, 0)
        self._write(0)
        if self.strategies.books.count > 0 and self._meets():
            return self._open(start, TO_MEET)
        units = self._executable()
        if units == 0 and self.terms.is_immediate():
            self._fail_blocked()
            return self._refuse(start)
        return self._open(start, units)

    @cython.cfunc
    @cython.exceptval(-1, check=False)
    def check_now(self) -> cython.longlong:
        """Check that a package of the record, which was let in, finds enough if it may not wait.

        Only the draft is written, row 0 of the table, which nobody reads behind a command.
        """
        if self.terms.is_sequential() or not self.terms.is_immediate():
            return 0
        self._write(0)
        if self.strategies.books.count > 0 and self._meets():
            return 0
        return 0 if self._executable() != 0 else self._fail_blocked()

    @cython.cfunc
    @cython.exceptval(-1, check=False)
    def _write(self, package: cython.int) -> cython.int:
        """Write the terms of the record, which was let in, to a row of the table."""
        self.terms.write(package)
        self.admission.pretrade.bound(package, self._account())
        return 0

    @cython.cfunc
    @cython.exceptval(check=False)
    def _account(self) -> cython.int:
        return cython.cast(cython.int, self.terms.word(kinds.COMMAND_PARTIES) & kinds.LOW_HALF)

    def _meets(self) -> bool:
        """Whether the draft of the record can trade with a package that waits."""
        account = int(self._account())
        first = self.packages.at(0) + tables.PACKAGE_ROW_RATIOS
        legs = [
            (
                int(self.terms.instrument(number)),
                int(self.terms.side(number)),
                int(self.packages.words[first + number]),
            )
            for number in range(self.terms.leg_count)
        ]
        units = int(self.terms.word(kinds.PACKAGE_UNITS))
        return self.strategies.deal(0, account, legs, units) is not None

    @cython.cfunc
    @cython.exceptval(-1, check=False)
    def _executable(self) -> cython.longlong:
        """Plan the draft of the record that is being looked at; return the units that trade now."""
        number: cython.int
        instrument: cython.int
        self.trading.begin_plan(0, self._account())
        for number in range(self.terms.leg_count):
            instrument = cython.cast(cython.int, self.terms.instrument(number))
            if not self.instruments.is_continuous(instrument):
                return 0
            self.trading.plan.set_leg(instrument, self.terms.side(number))
        return self.trading.planned(0, self.terms.word(kinds.PACKAGE_UNITS))

    @cython.cfunc
    @cython.exceptval(check=False)
    def _fail_blocked(self) -> cython.longlong:
        """State why a package that may not wait cannot trade."""
        reason: cython.longlong = self.trading.plan.blocked
        least: cython.longlong = self.terms.word(kinds.PACKAGE_MIN_UNITS)
        return self.admission.refusal.fail(reason, 0, least, 0)

    @cython.cfunc
    @cython.exceptval(-1, check=False)
    def _refuse(self, start: cython.Py_ssize_t) -> cython.int:
        terms: cython.longlong = known_terms(self.turn.words[start + kinds.PACKAGE_TERMS], 2)
        state: cython.longlong = self._state(terms) | enums.ORDER_STATUS_REJECTED << 8
        self.report.refuse(self.admission.refusal)
        self.report.refused_command_event(
            kinds.ORDER_REJECTED,
            enums.EXECUTION_TYPE_REJECTED,
            state,
            start + kinds.PACKAGE_TEXT,
            self.turn.words[start + kinds.PACKAGE_TEXT_LENGTH],
        )
        self.results.words[self.report.result + kinds.RESULT_STATE] |= enums.ORDER_STATUS_REJECTED
        return 0

    @cython.cfunc
    @cython.exceptval(check=False)
    def _state(self, terms: cython.longlong) -> cython.longlong:
        """Return what the events of a package say of its kind, from the terms of its command."""
        one: cython.longlong = 1
        time_in_force: cython.longlong = (terms >> kinds.PACKAGE_TERM_TIME_IN_FORCE) & 0xFF
        flags: cython.longlong = (terms >> kinds.PACKAGE_TERM_FLAGS) & kinds.FLAG_HAS_PRICE
        return (
            (time_in_force << kinds.STATE_TIME_IN_FORCE)
            | (flags << kinds.STATE_FLAGS)
            | (one << kinds.STATE_PACKAGE)
        )

    @cython.cfunc
    @cython.exceptval(-1, check=False)
    def _open(self, start: cython.Py_ssize_t, units: cython.longlong) -> cython.int:
        """Let a package in; trade `units` that are planned, or meet others; let the rest wait."""
        row: cython.int = self._open_package(start)
        number: cython.int
        request_id: cython.longlong = self.turn.words[start + kinds.COMMAND_REQUEST_ID]
        self.report.row = row
        for number in range(self.terms.leg_count):
            self._open_leg(start, row, number)
        self._count(row)
        self.report.order_event(kinds.ORDER_ACCEPTED, enums.EXECUTION_TYPE_NEW, row, request_id)
        self.orders.entered[row] = self.report.sequence
        for number in range(self.terms.leg_count):
            self.report.order_event(
                kinds.ORDER_ACCEPTED, enums.EXECUTION_TYPE_NEW, self.orders.leg_row(row, number), 0
            )
        if self.terms.is_sequential():
            self.packages.stir(self.orders.package(row))
            return 0
        if units > 0:
            self.trading.execute(row, units)
        elif units == TO_MEET:
            self.try_again(row)
        if not self.orders.is_working(row):
            return 0
        if self.terms.is_immediate():
            return self.placing.end(
                row, kinds.ORDER_CANCELLED, enums.CANCEL_REASON_IMMEDIATE_OR_CANCEL, 0
            )
        return self.placing.waiting_packages.hold(row)

    @cython.cfunc
    @cython.exceptval(check=False)
    def _count(self, row: cython.int) -> cython.void:
        """Count what a new package and its legs could do to positions and funds."""
        number: cython.int
        leg: cython.int
        exposure: Exposure = self.placing.exposure
        pretrade: PackagePreTrade = self.admission.pretrade
        self.orders.position[row] = self.orders.position[self.orders.leg_row(row, 0)]
        pretrade.note_needs(row)
        exposure.open(row, exposure.lots(row), 0, pretrade.reserve, pretrade.foreseen)
        for number in range(self.terms.leg_count):
            leg = self.orders.leg_row(row, number)
            exposure.open(leg, exposure.lots(leg), pretrade.ticks[number], 0, 0)

    @cython.cfunc
    @cython.exceptval(-1, check=False)
    def _open_package(self, start: cython.Py_ssize_t) -> cython.int:
        orders: Orders = self.orders
        account: cython.int = cython.cast(
            cython.int, self.turn.words[start + kinds.COMMAND_PARTIES] & kinds.LOW_HALF
        )
        row: cython.int = orders.take(account)
        package: cython.int = self.packages.take(orders.order_id[row])
        self._write(package)
        orders.terms[row] = self._state(self.turn.words[start + kinds.PACKAGE_TERMS])
        orders.traits[row] = kinds.TRAIT_SEQUENTIAL if self.terms.is_sequential() else 0
        orders.instrument[row] = orders.position[row] = 0
        orders.session[row] = cython.cast(
            cython.int, self.turn.words[start + kinds.COMMAND_ACTOR] >> 32
        )
        orders.price[row] = self.turn.words[start + kinds.PACKAGE_NET_PRICE]
        orders.quantity[row] = self.turn.words[start + kinds.PACKAGE_UNITS] * kinds.UNIT
        orders.created_ns[row] = self.report.time_ns
        orders.display[row] = package
        orders.expire_ns[row] = self.turn.words[start + kinds.PACKAGE_EXPIRE_TIME_NS]
        if orders.expire_ns[row] != 0:
            orders.deadlines.set(row, orders.expire_ns[row], orders.order_id[row])
        orders.make_room_for_id()
        orders.entry[row] = orders.ids.add(
            account,
            self.turn,
            start + kinds.PACKAGE_TEXT,
            cython.cast(cython.int, self.turn.words[start + kinds.PACKAGE_TEXT_LENGTH]),
            row,
            kinds.NO_SLOT,
        )
        return row

    @cython.cfunc
    @cython.exceptval(-1, check=False)
    def _open_leg(
        self, start: cython.Py_ssize_t, package: cython.int, number: cython.int
    ) -> cython.int:
        orders: Orders = self.orders
        terms: PackageTerms = self.terms
        row: cython.int = orders.take(orders.account[package])
        side: cython.longlong = terms.side(number)
        leg: cython.longlong = number + 1
        kind: cython.longlong = enums.ORDER_TYPE_MARKET
        time_in_force: cython.longlong = orders.time_in_force(package)
        prevention: cython.longlong
        orders.instrument[row] = cython.cast(cython.int, terms.instrument(number))
        if terms.has_price(number):
            kind = enums.ORDER_TYPE_LIMIT
            leg = (leg << 1) | kinds.FLAG_HAS_PRICE
        else:
            leg = leg << 1
        orders.terms[row] = (
            (side << kinds.STATE_SIDE)
            | (kind << kinds.STATE_ORDER_TYPE)
            | (time_in_force << kinds.STATE_TIME_IN_FORCE)
            | (leg << kinds.STATE_FLAGS)
        )
        orders.traits[row] = 0
        if terms.is_sequential():  # its legs work as single orders do
            prevention = terms.part(kinds.PACKAGE_TERM_SELF_TRADE_PREVENTION)
            orders.traits[row] = kinds.TRAIT_SEQUENTIAL | cython.cast(cython.int, prevention << 8)
        orders.session[row] = orders.session[package]
        orders.price[row] = terms.leg(number, kinds.LEG_PRICE)
        orders.quantity[row] = (
            terms.leg(number, kinds.LEG_RATIO) * self.turn.words[start + kinds.PACKAGE_UNITS]
        )
        orders.created_ns[row] = self.report.time_ns
        orders.display[row] = orders.display[package]
        orders.entry[row] = orders.entry[package]
        orders.entered[row] = orders.order_id[row]
        orders.position[row] = self.placing.positions.find(
            orders.account[row], orders.instrument[row]
        )
        self.placing.phase_lists.add(row)
        self.packages.words[
            self.packages.at(orders.package(row)) + tables.PACKAGE_ROW_LEGS + number
        ] = orders.order_id[row]
        return row

    @cython.cfunc
    @cython.exceptval(-1, check=False)
    def try_again(self, row: cython.int) -> cython.int:
        """Let a waiting package trade, if it can now."""
        orders: Orders = self.orders
        package: cython.int = orders.package(row)
        leaves: cython.longlong = orders.leaves(row) // kinds.UNIT
        count: cython.longlong = self.packages.words[
            self.packages.at(package) + tables.PACKAGE_ROW_LEG_COUNT
        ]
        units: cython.longlong
        number: cython.int
        leg: cython.int
        self.strategies.meet(row)
        if not orders.is_working(row):
            return 0
        leaves = orders.leaves(row) // kinds.UNIT
        self.trading.begin_plan(package, orders.account[row])
        for number in range(count):
            leg = self.orders.leg_row(row, number)
            if not self.instruments.is_continuous(orders.instrument[leg]):
                return 0
            self.trading.plan.set_leg(orders.instrument[leg], orders.side(leg))
        units = self.trading.planned(package, leaves)
        if units == 0:
            return 0
        if units == leaves:
            self.placing.leave(row)
        return self.trading.execute(row, units)


def is_compiled() -> bool:
    """Whether this module runs as a C extension."""
    return cython.compiled
