"""Carry out multi-leg orders: create them, let them trade and wait, and change them."""

import cython

from quantumcore.server.core.money_cy import bounded_cost, least_money

if cython.compiled:
    from cython.cimports.quantumcore.server.core import kinds
    from cython.cimports.quantumcore.server.core.arena_cy import Arena
    from cython.cimports.quantumcore.server.core.book_cy import Book
    from cython.cimports.quantumcore.server.core.instruments_cy import Instruments
    from cython.cimports.quantumcore.server.core.ladder_cy import Ladder
    from cython.cimports.quantumcore.server.core.matching_cy import Matching
    from cython.cimports.quantumcore.server.core.orders_cy import Orders
    from cython.cimports.quantumcore.server.core.package_admission_cy import PackageAdmission
    from cython.cimports.quantumcore.server.core.package_terms_cy import PackageTerms
    from cython.cimports.quantumcore.server.core.packages_cy import Packages
    from cython.cimports.quantumcore.server.core.placing_cy import Placing
    from cython.cimports.quantumcore.server.core.plan_cy import Plan
    from cython.cimports.quantumcore.server.core.refusal_cy import Refusal
    from cython.cimports.quantumcore.server.core.reporter_cy import Reporter
    from cython.cimports.quantumcore.server.core.words_cy import Words
else:
    from quantumcore.server.core import kinds
    from quantumcore.server.core.arena_cy import Arena
    from quantumcore.server.core.book_cy import Book
    from quantumcore.server.core.instruments_cy import Instruments
    from quantumcore.server.core.ladder_cy import Ladder
    from quantumcore.server.core.matching_cy import Matching
    from quantumcore.server.core.orders_cy import Orders
    from quantumcore.server.core.package_admission_cy import PackageAdmission
    from quantumcore.server.core.package_terms_cy import PackageTerms
    from quantumcore.server.core.packages_cy import Packages
    from quantumcore.server.core.placing_cy import Placing
    from quantumcore.server.core.plan_cy import Plan
    from quantumcore.server.core.refusal_cy import Refusal
    from quantumcore.server.core.reporter_cy import Reporter
    from quantumcore.server.core.words_cy import Words


@cython.final
@cython.cclass
class Packaging:
    """A package is a row of the orders, and each of its legs another, right behind it.

    Everything is planned and checked before anything is changed; what is planned trades in one
    step. So no command comes between two legs, and a package that cannot trade leaves no trace.
    """

    admission: PackageAdmission
    arena: Arena
    instruments: Instruments
    matching: Matching
    orders: Orders
    packages: Packages
    placing: Placing
    plan: Plan
    report: Reporter
    terms: PackageTerms
    turn: Words
    results: Words

    def __init__(self, matching: Matching, admission: PackageAdmission) -> None:
        self.admission, self.terms = admission, admission.terms
        self.matching, self.placing = matching, matching.placing
        self.arena, self.instruments = matching.arena, matching.instruments
        self.orders, self.report = matching.orders, matching.report
        self.packages = matching.orders.packages
        self.plan = Plan(matching, self.packages)
        self.turn, self.results = self.report.turn, self.report.results

    @cython.cfunc
    @cython.exceptval(-1, check=False)
    def create(self, start: cython.Py_ssize_t) -> cython.int:
        """Carry out CREATE_PACKAGE."""
        reason: cython.longlong = self.turn.words[start] >> 32
        units: cython.longlong = 0
        if reason == 0:
            reason = self.admission.check(start)
        else:
            self.admission.refusal.fail(reason, 0, 0, 0)
        if reason != 0:
            return self._refuse(start, reason)
        self.terms.write(0)
        units = self._executable(start)
        if units == 0 and self.terms.is_immediate():
            return self._refuse_immediate(start)
        return self._open(start, units)

    @cython.cfunc
    @cython.exceptval(-1, check=False)
    def _executable(self, start: cython.Py_ssize_t) -> cython.longlong:
        """Plan the draft of the record that is being looked at; return the units that trade now."""
        account: cython.int = cython.cast(
            cython.int, self.turn.words[start + kinds.COMMAND_PARTIES] & kinds.LOW_HALF
        )
        number: cython.int
        instrument: cython.int
        self._begin_plan(0, account)
        for number in range(self.terms.leg_count):
            instrument = cython.cast(cython.int, self.terms.instrument(number))
            if not self.instruments.is_continuous(instrument):
                return 0
            self.plan.set_leg(instrument, self.terms.side(number))
        return self._planned(0, self.turn.words[start + kinds.PACKAGE_UNITS])

    @cython.cfunc
    @cython.exceptval(check=False)
    def _begin_plan(self, package: cython.int, account: cython.int) -> cython.void:
        at: cython.Py_ssize_t = self.packages.at(package)
        prevention: cython.longlong = self.packages.words[at + kinds.PACKAGE_ROW_PREVENTION]
        if prevention == 0:
            prevention = self.placing.accounts.self_trade_prevention[account]
        self.plan.begin(package, self.placing.accounts.owner[account], prevention)

    @cython.cfunc
    @cython.exceptval(-1, check=False)
    def _planned(self, package: cython.int, leaves: cython.longlong) -> cython.longlong:
        """Plan up to so many units; return them, or 0 where that is too few at once."""
        at: cython.Py_ssize_t = self.packages.at(package)
        least: cython.longlong = self.packages.words[at + kinds.PACKAGE_ROW_MIN_UNITS]
        units: cython.longlong = self.plan.find(leaves)
        return units if units >= min(least, leaves) else 0

    @cython.cfunc
    @cython.exceptval(-1, check=False)
    def _refuse_immediate(self, start: cython.Py_ssize_t) -> cython.int:
        """Refuse a package that may not wait and cannot trade."""
        reason: cython.longlong = self.plan.blocked
        self.admission.refusal.fail(reason, 0, self.turn.words[start + kinds.PACKAGE_MIN_UNITS], 0)
        return self._refuse(start, reason)

    @cython.cfunc
    @cython.exceptval(-1, check=False)
    def _refuse(self, start: cython.Py_ssize_t, reason: cython.longlong) -> cython.int:
        refusal: Refusal = self.admission.refusal
        terms: cython.longlong = self.turn.words[start + kinds.PACKAGE_TERMS]
        state: cython.longlong = self._state(terms) | kinds.ORDER_STATUS_REJECTED << 8
        self.report.refuse(reason, refusal.field, refusal.limit, refusal.value)
        self.report.refused_command_event(
            kinds.ORDER_REJECTED,
            kinds.EXECUTION_TYPE_REJECTED,
            state,
            start + kinds.PACKAGE_TEXT,
            self.turn.words[start + kinds.PACKAGE_TEXT_LENGTH],
        )
        self.results.words[self.report.result + kinds.RESULT_STATE] |= kinds.ORDER_STATUS_REJECTED
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
        """Let a package in whose draft is planned; trade `units` of it; let the rest wait."""
        row: cython.int = self._open_package(start)
        number: cython.int
        request_id: cython.longlong = self.turn.words[start + kinds.COMMAND_REQUEST_ID]
        self.report.row = row
        for number in range(self.terms.leg_count):
            self._open_leg(start, row, number)
        self.report.order_event(kinds.ORDER_ACCEPTED, kinds.EXECUTION_TYPE_NEW, row, request_id)
        self.orders.entered[row] = self.report.sequence
        for number in range(self.terms.leg_count):
            self.report.order_event(
                kinds.ORDER_ACCEPTED, kinds.EXECUTION_TYPE_NEW, self.leg_row(row, number), 0
            )
        if units > 0:
            self._execute(row, units)
        if not self.orders.is_working(row):
            return 0
        if self.terms.is_immediate():
            return self.placing.end(
                row, kinds.ORDER_CANCELLED, kinds.CANCEL_REASON_IMMEDIATE_OR_CANCEL, 0
            )
        return self.placing.wait(row)

    @cython.cfunc
    @cython.exceptval(check=False)
    def leg_row(self, row: cython.int, number: cython.int) -> cython.int:
        """Return the row of a package's leg, counted from 0."""
        at: cython.Py_ssize_t = self.packages.at(self.orders.package(row))
        return self.orders.row_of(self.packages.words[at + kinds.PACKAGE_ROW_LEGS + number])

    @cython.cfunc
    @cython.exceptval(-1, check=False)
    def _open_package(self, start: cython.Py_ssize_t) -> cython.int:
        orders: Orders = self.orders
        account: cython.int = cython.cast(
            cython.int, self.turn.words[start + kinds.COMMAND_PARTIES] & kinds.LOW_HALF
        )
        row: cython.int = orders.take(account)
        package: cython.int = self.packages.take(orders.order_id[row])
        self.terms.write(package)
        orders.terms[row] = self._state(self.turn.words[start + kinds.PACKAGE_TERMS])
        orders.traits[row] = 0
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
        kind: cython.longlong = kinds.ORDER_TYPE_MARKET
        time_in_force: cython.longlong = orders.time_in_force(package)
        orders.instrument[row] = cython.cast(cython.int, terms.instrument(number))
        if terms.has_price(number):
            kind = kinds.ORDER_TYPE_LIMIT
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
        self.packages.words[
            self.packages.at(orders.package(row)) + kinds.PACKAGE_ROW_LEGS + number
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
            self.packages.at(package) + kinds.PACKAGE_ROW_LEG_COUNT
        ]
        units: cython.longlong
        number: cython.int
        leg: cython.int
        self._begin_plan(package, orders.account[row])
        for number in range(count):
            leg = self.leg_row(row, number)
            if not self.instruments.is_continuous(orders.instrument[leg]):
                return 0
            self.plan.set_leg(orders.instrument[leg], orders.side(leg))
        units = self._planned(package, leaves)
        if units == 0:
            return 0
        if units == leaves:
            self.placing.leave(row)
        return self._execute(row, units)

    @cython.cfunc
    @cython.exceptval(-1, check=False)
    def _execute(self, row: cython.int, units: cython.longlong) -> cython.int:
        """Trade what is planned: every leg, then the package as a whole."""
        at: cython.Py_ssize_t = self.packages.at(self.orders.package(row))
        number: cython.int
        self.packages.last_execution += 1
        for number in range(self.packages.words[at + kinds.PACKAGE_ROW_LEG_COUNT]):
            self._sweep(
                self.leg_row(row, number),
                units * self.packages.words[at + kinds.PACKAGE_ROW_RATIOS + number],
            )
        return self._fill(row, units)

    @cython.cfunc
    @cython.exceptval(-1, check=False)
    def _sweep(self, row: cython.int, lots: cython.longlong) -> cython.int:
        """Trade one leg with the orders that the plan counted on."""
        side: cython.int = self.orders.side(row)
        book: Book = self.instruments.book(self.orders.instrument[row])
        slot: cython.int
        traded: cython.longlong
        while lots > 0:
            slot = self._first_sure(book, 3 - side)
            traded = book._trade(3 - side, slot, lots)
            lots -= traded
            self.matching._record(row, book)
        return 0

    @cython.cfunc
    @cython.exceptval(-2, check=False)
    def _first_sure(self, book: Book, side: cython.int) -> cython.int:
        """Return the first order of a side that is sure to trade; the plan has found one.

        Orders of the package's owner on the way are cancelled where that is what the owner asks.
        """
        ladder: Ladder = book._side(side)
        level: cython.int = ladder.best()
        slot: cython.int = self.arena.level_head[level]
        tag: cython.longlong = self.arena.order_tag[slot]
        while tag & kinds.TAG_GUARDED or (self.plan.owner != 0 and tag >> 32 == self.plan.owner):
            if self.plan.cancels_own and tag >> 32 == self.plan.owner:
                self.placing.remove(
                    cython.cast(cython.int, tag & kinds.TAG_NAME),
                    kinds.ORDER_CANCELLED,
                    kinds.CANCEL_REASON_SELF_TRADE_PREVENTION,
                )
                return self._first_sure(book, side)
            slot = self.arena.order_next[slot]
            if slot == kinds.NO_SLOT:
                level = ladder.below(level)
                slot = self.arena.level_head[level]
            tag = self.arena.order_tag[slot]
        return slot

    @cython.cfunc
    @cython.exceptval(-1, check=False)
    def _fill(self, row: cython.int, units: cython.longlong) -> cython.int:
        """Record that units of a package have traded on all legs."""
        orders: Orders = self.orders
        orders.cumulative[row] += units * kinds.UNIT
        orders.tick_lots[row] += self.plan.cost
        if orders.cumulative[row] == orders.quantity[row]:
            self.placing.close(row, kinds.ORDER_STATUS_FILLED, 0)
        else:
            orders.status[row] = kinds.ORDER_STATUS_PARTIALLY_FILLED
        return self.report.fill_event(
            row, kinds.LIQUIDITY_TAKER, self._net_price(row, units), units * kinds.UNIT, 0
        )

    def _net_price(self, row: int, units: int) -> int:
        """Return the net price of the units just planned, 1e-9, rounded half to even."""
        money, per = self._least_money(row)
        whole, rest = divmod(int(self.plan.cost) * per, money * int(units))
        half = 2 * rest - money * int(units)
        return whole + (half > 0 or (half == 0 and whole % 2 == 1))

    def _least_money(self, row: int) -> tuple[int, int]:
        """Return what 1e-9 of net price means for a unit, in minor units, as a fraction."""
        at = self.packages.at(self.orders.package(row))
        count = int(self.packages.words[at + kinds.PACKAGE_ROW_LEG_COUNT])
        instruments = [
            int(self.orders.instrument[self.leg_row(row, number)]) for number in range(count)
        ]
        return least_money(self.instruments, instruments)

    def most_cost(self, row: int, net_price: int) -> int:
        """Return the most that a unit of a package may cost at a net price, minor units."""
        money, per = self._least_money(row)
        return bounded_cost(net_price * money // per)

    def show_net_price(self, row: int, net_price: int) -> None:
        """Let a package have this net price."""
        has_price: cython.longlong = kinds.FLAG_HAS_PRICE
        self.orders.terms[row] |= has_price << kinds.STATE_FLAGS
        self.orders.price[row] = net_price

    def show_limit(self, row: int, has_price: bool, price: int) -> None:
        """Let a leg have this limit, or none."""
        flag: cython.longlong = kinds.FLAG_HAS_PRICE
        kind: cython.longlong = kinds.ORDER_TYPE_LIMIT if has_price else kinds.ORDER_TYPE_MARKET
        byte: cython.longlong = 0xFF
        terms: cython.longlong = self.orders.terms[row]
        terms = terms & ~(byte << kinds.STATE_ORDER_TYPE) | kind << kinds.STATE_ORDER_TYPE
        terms = terms & ~(flag << kinds.STATE_FLAGS)
        self.orders.terms[row] = terms | (flag << kinds.STATE_FLAGS if has_price else 0)
        self.orders.price[row] = price


def is_compiled() -> bool:
    """Whether this module runs as a C extension."""
    return cython.compiled
