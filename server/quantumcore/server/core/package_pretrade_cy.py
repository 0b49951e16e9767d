"""Hold multi-leg orders of watched accounts to their limits and funds, as one portfolio."""

import cython

from quantumcore.server.core.memory import int64_column

if cython.compiled:
    from cython.cimports.quantumcore.server.core import enums, kinds, tables
    from cython.cimports.quantumcore.server.core.exposure_cy import Exposure
    from cython.cimports.quantumcore.server.core.instruments_cy import Instruments
    from cython.cimports.quantumcore.server.core.package_funds_cy import PackageFunds
    from cython.cimports.quantumcore.server.core.package_terms_cy import PackageTerms
    from cython.cimports.quantumcore.server.core.pretrade_cy import PreTrade
else:
    from quantumcore.server.core import enums, kinds, tables
    from quantumcore.server.core.exposure_cy import Exposure
    from quantumcore.server.core.instruments_cy import Instruments
    from quantumcore.server.core.package_funds_cy import PackageFunds
    from quantumcore.server.core.package_terms_cy import PackageTerms
    from quantumcore.server.core.pretrade_cy import PreTrade


@cython.final
@cython.cclass
class PackagePreTrade(PackageFunds):
    """Each leg is held to the limits, all of them together to the funds.

    `begin` comes first, then `leg` for each leg with the lots of one unit and its limit
    (tables.NO_LIMIT: none), then `check`. What each leg and unit counts for stands in `ticks`,
    `reserve` and `foreseen` after it.
    """

    instruments: Instruments
    pretrade: PreTrade
    waits: cython.bint
    limits: cython.longlong[::1]

    def __init__(self, pretrade: PreTrade) -> None:
        super().__init__(pretrade)
        self.pretrade, self.instruments = pretrade, pretrade.instruments
        self.waits, self.limits = False, int64_column(kinds.MAX_LEGS)

    @cython.cfunc
    @cython.exceptval(-1, check=False)
    def check_new(self, terms: PackageTerms, account: cython.int) -> cython.longlong:
        """Check the CREATE_PACKAGE that `terms` looks at; its legs have positions."""
        number: cython.int
        instrument: cython.int
        limit: cython.longlong
        self.begin(account, terms.word(kinds.PACKAGE_UNITS), terms._most_cost(), kinds.NO_SLOT)
        self.is_sequential, self.waits = terms.is_sequential(), not terms.is_immediate()
        for number in range(terms.leg_count):
            instrument = cython.cast(cython.int, terms.instrument(number))
            limit = tables.NO_LIMIT
            if terms.has_price(number):
                limit = terms.leg(number, kinds.LEG_PRICE) // self.instruments.get(
                    instrument, tables.INSTRUMENT_TICK_SIZE
                )
            self.leg(
                self.positions.lend(account, instrument, 0),
                terms.side(number),
                terms.leg(number, kinds.LEG_RATIO)
                // self.instruments.get(instrument, tables.INSTRUMENT_LOT_SIZE),
                limit,
            )
        return self.check(enums.PACKAGE_FIELD_UNITS, enums.PACKAGE_FIELD_LEGS)

    @cython.cfunc
    @cython.exceptval(-1, check=False)
    def check_amended(
        self, row: cython.int, units: cython.longlong, most_cost: cython.longlong
    ) -> cython.longlong:
        """Check a working package that is to have so many units, at most at such a cost."""
        self._begin_working(row, units, most_cost)
        return self.check(enums.AMEND_FIELD_UNITS, enums.AMEND_FIELD_LEG_PRICES)

    @cython.cfunc
    @cython.exceptval(check=False)
    def _begin_working(
        self, row: cython.int, units: cython.longlong, most_cost: cython.longlong
    ) -> cython.void:
        """Look at a working package, with so many units to trade and the limits in `limits`."""
        at: cython.Py_ssize_t = self.orders.packages.at(self.orders.package(row))
        number: cython.int
        leg: cython.int
        self.begin(self.orders.account[row], units, most_cost, row)
        self.is_sequential, self.waits = self.orders.is_sequential(row), True
        if self.is_sequential:
            self.half_done = not self.orders.packages.is_level(self.orders.package(row))
        for number in range(self.orders.packages.words[at + tables.PACKAGE_ROW_LEG_COUNT]):
            leg = self.orders.leg_row(row, number)
            self.leg(
                self.orders.position[leg],
                self.orders.side(leg),
                self.orders.packages.words[at + tables.PACKAGE_ROW_RATIOS + number],
                self.limits[number],
            )

    @cython.cfunc
    @cython.exceptval(-1, check=False)
    def foresee_again(self, row: cython.int) -> cython.int:
        """Find what a working package has foreseen by now; what it binds stays as it is."""
        at: cython.Py_ssize_t = self.orders.packages.at(self.orders.package(row))
        words: cython.longlong[::1] = self.orders.packages.words
        number: cython.int
        units: cython.longlong = self.orders.leaves(row) // kinds.UNIT
        if units == 0:
            return 0
        for number in range(kinds.MAX_LEGS):
            self.limits[number] = words[at + tables.PACKAGE_ROW_LIMITS + number]
        self._begin_working(row, units, words[at + tables.PACKAGE_ROW_MOST_COST])
        self.weighs = True
        if self.check_funds(0) == 0:
            self.reserve = self.orders.reserve[row]
            for number in range(kinds.MAX_LEGS):
                self.needs[number] = words[at + tables.PACKAGE_ROW_NEEDS + number]
            self.foresee()
            self.note_needs(row)
            self.risk.exposure.foresee(row, units, self.foreseen)
        self.weighs = False
        return 0

    @cython.cfunc
    @cython.exceptval(check=False)
    def count(self, row: cython.int, sign: cython.longlong) -> cython.void:
        """Count what works of a package and its legs (-1: no more), as they stand now."""
        number: cython.int
        leg: cython.int
        at: cython.Py_ssize_t = self.orders.packages.at(self.orders.package(row))
        exposure: Exposure = self.risk.exposure
        exposure.change(row, sign * exposure.lots(row))
        for number in range(self.orders.packages.words[at + tables.PACKAGE_ROW_LEG_COUNT]):
            leg = self.orders.leg_row(row, number)
            exposure.change(leg, sign * exposure.lots(leg))
        exposure.follow(row)

    @cython.cfunc
    @cython.exceptval(check=False)
    def note_needs(self, row: cython.int) -> cython.void:
        """Note with a sequential package what its units bind as their legs trade."""
        at: cython.Py_ssize_t = self.orders.packages.at(self.orders.package(row))
        number: cython.int
        if not self.is_sequential or self.risk.accounts.watched[self.orders.account[row]] == 0:
            return
        for number in range(self.leg_count):
            self.orders.packages.words[at + tables.PACKAGE_ROW_NEEDS + number] = self.needs[number]
            self.orders.packages.words[at + tables.PACKAGE_ROW_FORESEEN + number] = self.ahead[
                number
            ]

    @cython.cfunc
    @cython.exceptval(check=False)
    def revalue(self, row: cython.int) -> cython.void:
        """Let a package of a watched account count for what `check_amended` has found."""
        number: cython.int
        leg: cython.int
        if self.risk.accounts.watched[self.orders.account[row]] == 0 or self.row != row:
            return
        self.orders.reserve[row], self.orders.foreseen[row] = self.reserve, self.foreseen
        self.note_needs(row)
        for number in range(self.leg_count):
            leg = self.orders.leg_row(row, number)
            self.orders.risk_ticks[leg] = self.ticks[number]

    @cython.cfunc
    @cython.exceptval(check=False)
    def begin(
        self,
        account: cython.int,
        units: cython.longlong,
        most_cost: cython.longlong,
        row: cython.int,
    ) -> cython.void:
        """Look at units of a package; `row` is the one that they replace, or NO_SLOT."""
        number: cython.int
        self.account, self.units, self.most_cost, self.row = account, units, most_cost, row
        self.leg_count = 0
        self.half_done = False
        self.reserve = self.foreseen = 0
        for number in range(kinds.MAX_LEGS):
            self.needs[number] = self.ahead[number] = 0

    @cython.cfunc
    @cython.exceptval(check=False)
    def leg(
        self,
        entry: cython.int,
        side: cython.int,
        ratio: cython.longlong,
        limit: cython.longlong,
    ) -> cython.void:
        """Add the next leg; one without a limit is valued like a market order.

        Where no net price bounds it either, one of a package that may wait is valued as what waits
        for an auction is: any price may come. No net price bounds a leg that is worked by itself.
        """
        none: cython.longlong = tables.NO_LIMIT
        unbounded: cython.bint = self.is_sequential or (self.waits and self.most_cost == none)
        self.entry[self.leg_count], self.side[self.leg_count] = entry, side
        self.ratio[self.leg_count], self.ticks[self.leg_count] = ratio, limit
        self.priced[self.leg_count] = limit != none
        if limit == none:
            self.ticks[self.leg_count] = self.risk.marks.worst(
                self.positions.instrument[entry], side, enums.ORDER_TYPE_MARKET, 0, unbounded
            )
        self.leg_count += 1

    @cython.cfunc
    @cython.exceptval(check=False)
    def bound(self, package: cython.int, account: cython.int) -> cython.void:
        """Let legs of a package that does not wait trade no further than `check_new` valued them.

        That is the protection band of a market order; it holds where the account pays, and no price
        bounds the leg or the package.
        """
        at: cython.Py_ssize_t = self.orders.packages.at(package)
        words: cython.longlong[::1] = self.orders.packages.words
        number: cython.int
        none: cython.longlong = tables.NO_LIMIT
        if self.risk.accounts.margin_model[account] == enums.MARGIN_MODEL_UNSPECIFIED:
            return
        if self.waits or self.is_sequential or self.most_cost != none:
            return
        for number in range(self.leg_count):
            if self.priced[number] == 0:
                words[at + tables.PACKAGE_ROW_LIMITS + number] = self.ticks[number]

    @cython.cfunc
    @cython.exceptval(-1, check=False)
    def check(self, field_units: cython.longlong, field_legs: cython.longlong) -> cython.longlong:
        """Return why the package is refused: a RejectReason, or 0."""
        number: cython.int
        self.refusal.clear()
        self.risk.beside = 0
        for number in range(self.leg_count):
            self.look_at(number)
            if self.risk.lots == 0:
                continue  # all of it has traded
            self.refusal.about = number + 1
            if self.row == kinds.NO_SLOT:
                if number == 0:
                    self.risk.check_working(0)
                self.risk.check_working_here(0)
            self.risk.check_limits(self.priced[number] != 0, field_legs, field_legs)
            if self.refusal.reason == 0:
                self.risk.beside += self.risk.value(self.risk.lots, self.risk.ticks)
        self.refusal.about = 0
        if self.refusal.reason != 0:
            return self.refusal.reason
        reason: cython.longlong = self.check_funds(field_units)
        self.funds.of_package = False
        if reason != 0 or not self.pretrade.group.begin(self.account):
            return reason
        return self._check_group(field_units, field_legs)

    @cython.cfunc
    @cython.exceptval(-1, check=False)
    def _check_group(
        self, field_units: cython.longlong, field_legs: cython.longlong
    ) -> cython.longlong:
        """Check the limits of the account's group: each leg's position, then all together."""
        number: cython.int
        for number in range(self.leg_count):
            self.look_at(number)
            self.refusal.about = number + 1
            if self.risk.lots != 0 and self.pretrade.group.add(field_legs) != 0:
                return self.refusal.reason
        self.refusal.about = 0
        return self.pretrade.group.check(self.row, self.counted(), field_units)


def is_compiled() -> bool:
    """Whether this module runs as a C extension."""
    return cython.compiled
