"""Keep how multi-leg orders stood right after the commands of a turn that were about them."""

import cython

if cython.compiled:
    from cython.cimports.quantumcore.server.core import enums, kinds, tables
    from cython.cimports.quantumcore.server.core.client_ids_cy import ClientIds
    from cython.cimports.quantumcore.server.core.orders_cy import Orders
    from cython.cimports.quantumcore.server.core.packages_cy import Packages
    from cython.cimports.quantumcore.server.core.words_cy import Words
else:
    from quantumcore.server.core import enums, kinds, tables
    from quantumcore.server.core.client_ids_cy import ClientIds
    from quantumcore.server.core.orders_cy import Orders
    from quantumcore.server.core.packages_cy import Packages
    from quantumcore.server.core.words_cy import Words


@cython.final
@cython.cclass
class PackageAnswers:
    """Answers are encoded when a turn ends; by then later commands may have changed the legs."""

    orders: Orders
    packages: Packages
    ids: ClientIds
    results: Words
    words: Words

    def __init__(self, orders: Orders, results: Words) -> None:
        self.orders, self.packages, self.ids = orders, orders.packages, orders.ids
        self.results, self.words = results, Words(1 << 10)

    def tell(self) -> None:
        """Add how the order stands that the last answer names, if it is a multi-leg order."""
        self._tell()

    @cython.cfunc
    @cython.exceptval(-1, check=False)
    def _tell(self) -> cython.int:
        result: cython.Py_ssize_t = self.results.end - kinds.RESULT_WORDS
        row: cython.int = self.orders.row_of(self.results.words[result + kinds.RESULT_ORDER_ID])
        if row == kinds.NO_SLOT or not self.orders.is_package(row) or not self._is_kept(row):
            return 0
        self.words._reserve(kinds.ANSWER_WORDS)
        at: cython.Py_ssize_t = self.words.end
        self.results.words[result + kinds.RESULT_PACKAGE] = at + 1
        self._write_package(at, row)
        self.words.end = at + kinds.ANSWER_WORDS
        return 0

    @cython.cfunc
    @cython.exceptval(check=False)
    def _is_kept(self, row: cython.int) -> cython.bint:
        """Whether the order still has its row in the table of packages."""
        return self.orders.package_id(row) == self.orders.order_id[row]

    @cython.cfunc
    @cython.exceptval(check=False)
    def _write_package(self, at: cython.Py_ssize_t, row: cython.int) -> cython.void:
        orders: Orders = self.orders
        words: cython.longlong[::1] = self.words.words
        package: cython.Py_ssize_t = self.packages.at(orders.package(row))
        count: cython.longlong = self.packages.words[package + tables.PACKAGE_ROW_LEG_COUNT]
        number: cython.int
        leg: cython.int
        place: cython.Py_ssize_t
        words[at + kinds.ANSWER_FILLED_UNITS] = orders.cumulative[row] // kinds.UNIT
        words[at + kinds.ANSWER_LEAVES_UNITS] = orders.leaves(row) // kinds.UNIT
        words[at + kinds.ANSWER_LEG_COUNT] = count
        words[at + kinds.ANSWER_TEXT_LENGTH] = self.ids.lengths[orders.entry[row]]
        words[at + kinds.ANSWER_PENDING] = orders.is_sequential(row) and (
            orders.status[row] == enums.ORDER_STATUS_NEW
        )
        self.words.end = at + kinds.ANSWER_TEXT
        self.ids.write(orders.entry[row], self.words)
        for number in range(count):
            leg = orders.leg_row(row, number)
            place = at + kinds.ANSWER_LEGS + number * kinds.LEG_ANSWER_WORDS
            self._write_leg(place, leg, number, orders.quantity[row] // kinds.UNIT)
            if leg != kinds.NO_SLOT and orders.is_sequential(row):
                self._write_excess(place, orders.package(row), number)
                if orders.place[leg] != tables.PLACE_NOWHERE:
                    words[at + kinds.ANSWER_PENDING] = 0

    @cython.cfunc
    @cython.exceptval(check=False)
    def _write_leg(
        self,
        at: cython.Py_ssize_t,
        leg: cython.int,
        number: cython.int,
        units: cython.longlong,
    ) -> cython.void:
        """Write one leg, counted from 0; of a leg that is not known any more only its number."""
        orders: Orders = self.orders
        words: cython.longlong[::1] = self.words.words
        i: cython.Py_ssize_t
        for i in range(kinds.LEG_ANSWER_WORDS):
            words[at + i] = 0
        terms: cython.longlong = number + 1
        terms <<= kinds.LEG_ANSWER_LEG_NUMBER
        if leg != kinds.NO_SLOT:
            terms |= self._terms(leg)
            words[at + kinds.LEG_ANSWER_RATIO] = orders.quantity[leg] // units
            words[at + kinds.LEG_ANSWER_PRICE] = orders.price[leg]
            words[at + kinds.LEG_ANSWER_ORDER_ID] = orders.order_id[leg]
            words[at + kinds.LEG_ANSWER_QUANTITY] = orders.quantity[leg]
            words[at + kinds.LEG_ANSWER_CUMULATIVE_QUANTITY] = orders.cumulative[leg]
            words[at + kinds.LEG_ANSWER_LEAVES_QUANTITY] = orders.leaves(leg)
            words[at + kinds.LEG_ANSWER_CUMULATIVE_TICK_LOTS] = orders.tick_lots[leg]
        words[at + kinds.LEG_ANSWER_TERMS] = terms

    @cython.cfunc
    @cython.exceptval(check=False)
    def _write_excess(
        self, at: cython.Py_ssize_t, package: cython.int, number: cython.int
    ) -> cython.void:
        """Write how far a leg of a sequential order, counted from 0, is from whole units."""
        words: cython.longlong[::1] = self.words.words
        rows: cython.longlong[::1] = self.packages.words
        row: cython.Py_ssize_t = self.packages.at(package) + number
        lot: cython.longlong = (
            words[at + kinds.LEG_ANSWER_RATIO] // rows[row + tables.PACKAGE_ROW_RATIOS]
        )
        words[at + kinds.LEG_ANSWER_RESIDUAL_QUANTITY] = lot * self.packages.excess(package, number)
        words[at + kinds.LEG_ANSWER_UNWOUND_QUANTITY] = lot * rows[row + tables.PACKAGE_ROW_UNWOUND]
        words[at + kinds.LEG_ANSWER_UNWOUND_TICK_LOTS] = rows[
            row + tables.PACKAGE_ROW_UNWOUND_TICK_LOTS
        ]

    @cython.cfunc
    @cython.exceptval(check=False)
    def _terms(self, leg: cython.int) -> cython.longlong:
        orders: Orders = self.orders
        side: cython.longlong = orders.side(leg)
        status: cython.longlong = orders.status[leg]
        flags: cython.longlong = (orders.terms[leg] >> kinds.STATE_FLAGS) & kinds.FLAG_HAS_PRICE
        return (
            cython.cast(cython.longlong, orders.instrument[leg])
            | (side << kinds.LEG_TERM_SIDE)
            | (flags << kinds.LEG_TERM_FLAGS)
            | (status << kinds.LEG_ANSWER_STATUS)
        )


def is_compiled() -> bool:
    """Whether this module runs as a C extension."""
    return cython.compiled
