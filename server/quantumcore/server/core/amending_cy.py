"""Change multi-leg orders that wait: units, net price, prices of legs, name."""

import cython

if cython.compiled:
    from cython.cimports.quantumcore.server.core import enums, kinds, tables
    from cython.cimports.quantumcore.server.core.amendment_cy import Amendment
    from cython.cimports.quantumcore.server.core.instruments_cy import Instruments
    from cython.cimports.quantumcore.server.core.orders_cy import Orders
    from cython.cimports.quantumcore.server.core.package_pretrade_cy import PackagePreTrade
    from cython.cimports.quantumcore.server.core.packages_cy import Packages
    from cython.cimports.quantumcore.server.core.packaging_cy import Packaging
    from cython.cimports.quantumcore.server.core.placing_cy import Placing
    from cython.cimports.quantumcore.server.core.refusal_cy import Refusal
    from cython.cimports.quantumcore.server.core.reporter_cy import Reporter
    from cython.cimports.quantumcore.server.core.words_cy import Words
else:
    from quantumcore.server.core import enums, kinds, tables
    from quantumcore.server.core.amendment_cy import Amendment
    from quantumcore.server.core.instruments_cy import Instruments
    from quantumcore.server.core.orders_cy import Orders
    from quantumcore.server.core.package_pretrade_cy import PackagePreTrade
    from quantumcore.server.core.packages_cy import Packages
    from quantumcore.server.core.packaging_cy import Packaging
    from quantumcore.server.core.placing_cy import Placing
    from quantumcore.server.core.refusal_cy import Refusal
    from quantumcore.server.core.reporter_cy import Reporter
    from quantumcore.server.core.words_cy import Words


@cython.final
@cython.cclass
class Amending(Amendment):
    """Carry out a REPLACE_PACKAGE command: all legs in one step, or none."""

    @cython.cfunc
    @cython.exceptval(-1, check=False)
    def carry_out(
        self, record: cython.Py_ssize_t, row: cython.int, original: cython.int
    ) -> cython.int:
        """Give a package its new terms and let it try; `original` is its id's entry before."""
        orders: Orders = self.orders
        number: cython.int
        request_id: cython.longlong = self.turn.words[record + kinds.COMMAND_REQUEST_ID]
        pretrade: PackagePreTrade = self.packaging.admission.pretrade
        if orders.is_sequential(row):
            self._stand_back(row)
        self.placing.leave(row)
        pretrade.count(row, -1)
        self._set_units(record, row)
        self._set_prices(record, row)
        pretrade.revalue(row)
        pretrade.count(row, 1)
        for number in range(self._leg_count(row)):
            orders.entry[self.orders.leg_row(row, number)] = orders.entry[row]
        if orders.cumulative[row] >= orders.quantity[row]:
            for number in range(self._leg_count(row)):
                self.placing.close(
                    self.orders.leg_row(row, number),
                    enums.ORDER_STATUS_FILLED,
                    enums.CANCEL_REASON_REPLACED_TO_FILLED,
                )
            self.placing.close(
                row, enums.ORDER_STATUS_FILLED, enums.CANCEL_REASON_REPLACED_TO_FILLED
            )
        self._tell(row, original, request_id)
        if not orders.is_working(row):
            return 0
        if orders.is_sequential(row):
            self.packages.stir(orders.package(row))
            return 0
        self.packaging.try_again(row)
        return self.placing.waiting_packages.hold(row) if orders.is_working(row) else 0

    @cython.cfunc
    @cython.exceptval(-1, check=False)
    def _tell(
        self, row: cython.int, original: cython.int, request_id: cython.longlong
    ) -> cython.int:
        """Tell of the package's new terms, then of each leg's."""
        number: cython.int
        self.report.replaced_event(row, original, request_id)
        for number in range(self._leg_count(row)):
            self.report.replaced_event(self.orders.leg_row(row, number), original, 0)
        return 0

    @cython.cfunc
    @cython.exceptval(check=False)
    def _set_units(self, record: cython.Py_ssize_t, row: cython.int) -> cython.void:
        """Give a package another number of units, at least what has traded."""
        orders: Orders = self.orders
        at: cython.Py_ssize_t = self.packages.at(orders.package(row))
        before: cython.longlong = orders.quantity[row] // kinds.UNIT
        units: cython.longlong = self.turn.words[record + kinds.AMEND_UNITS]
        number: cython.int
        leg: cython.int
        if not self._flag(record, kinds.FLAG_HAS_QUANTITY):
            return
        units = max(units, orders.cumulative[row] // kinds.UNIT)
        if orders.is_sequential(row):
            units = max(units, self.packages.begun(orders.package(row)))
        for number in range(self._leg_count(row)):
            leg = self.orders.leg_row(row, number)
            orders.quantity[leg] = orders.quantity[leg] // before * units
            if orders.is_sequential(row) and orders.cumulative[leg] > 0:
                orders.status[leg] = enums.ORDER_STATUS_PARTIALLY_FILLED
                if orders.cumulative[leg] == orders.quantity[leg]:
                    orders.status[leg] = enums.ORDER_STATUS_FILLED
        orders.quantity[row] = units * kinds.UNIT
        if orders.is_sequential(row):
            return
        if self.packages.words[at + tables.PACKAGE_ROW_MIN_UNITS] == before:
            self.packages.words[at + tables.PACKAGE_ROW_MIN_UNITS] = units

    def _set_prices(self, record: int, row: int) -> None:
        """Give a package its new net price, and legs their new limits."""
        at = self.packages.at(self.orders.package(row))
        words, orders = self.packages.words, self.orders
        for number in range(self._leg_count(row)):
            if self._amends(record, number):
                leg = self.orders.leg_row(row, number)
                price = self.turn.words[record + kinds.AMEND_LEG_PRICES + number]
                has_price = bool(self._gets_price(record, number))
                tick = self.instruments.read(orders.instrument[leg], tables.INSTRUMENT_TICK_SIZE)
                limit: cython.longlong = tables.NO_LIMIT
                words[at + tables.PACKAGE_ROW_LIMITS + number] = (
                    price // tick if has_price else limit
                )
                self._show_limit(leg, has_price, price if has_price else 0)
        if self._flag(record, kinds.FLAG_HAS_PRICE):
            net_price = self.turn.words[record + kinds.AMEND_NET_PRICE]
            self._show_net_price(row, net_price)
            words[at + tables.PACKAGE_ROW_MOST_COST] = self.packaging.trading.most_cost(
                row, net_price
            )

    def _show_net_price(self, row: int, net_price: int) -> None:
        """Let a package have this net price."""
        has_price: cython.longlong = kinds.FLAG_HAS_PRICE
        self.orders.terms[row] |= has_price << kinds.STATE_FLAGS
        self.orders.price[row] = net_price

    def _show_limit(self, row: int, has_price: bool, price: int) -> None:
        """Let a leg have this limit, or none."""
        flag: cython.longlong = kinds.FLAG_HAS_PRICE
        kind: cython.longlong = enums.ORDER_TYPE_LIMIT if has_price else enums.ORDER_TYPE_MARKET
        byte: cython.longlong = 0xFF
        terms: cython.longlong = self.orders.terms[row]
        terms = terms & ~(byte << kinds.STATE_ORDER_TYPE) | kind << kinds.STATE_ORDER_TYPE
        terms = terms & ~(flag << kinds.STATE_FLAGS)
        self.orders.terms[row] = terms | (flag << kinds.STATE_FLAGS if has_price else 0)
        self.orders.price[row] = price

    @cython.cfunc
    @cython.exceptval(-1, check=False)
    def _stand_back(self, row: cython.int) -> cython.int:
        """Take the legs of a sequential order out of their books; any may work again."""
        at: cython.Py_ssize_t = self.packages.at(self.orders.package(row))
        number: cython.int
        for number in range(self._leg_count(row)):
            self.placing.take_out(self.orders.leg_row(row, number))
        self.packages.words[at + tables.PACKAGE_ROW_BROKEN] = 0
        self.packages.words[at + tables.PACKAGE_ROW_BROKEN_REASON] = 0
        return 0


def is_compiled() -> bool:
    """Whether this module runs as a C extension."""
    return cython.compiled
