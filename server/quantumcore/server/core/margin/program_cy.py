"""Name the variables of a linear program of fractional lots, and write them into its rows."""

import cython

from quantumcore.server.core.margin.columns import int64_columns
from quantumcore.server.core.memory import int64_column

if cython.compiled:
    from cython.cimports.quantumcore.server.core.margin import fixed, rows
    from cython.cimports.quantumcore.server.core.margin.fixed import scaled
    from cython.cimports.quantumcore.server.core.margin.options_cy import Options
    from cython.cimports.quantumcore.server.core.margin.tableau_cy import Tableau
    from cython.cimports.quantumcore.server.core.margin.valuation_cy import Valuation
else:
    from quantumcore.server.core.margin import fixed, rows
    from quantumcore.server.core.margin.fixed import scaled
    from quantumcore.server.core.margin.options_cy import Options
    from quantumcore.server.core.margin.tableau_cy import Tableau
    from quantumcore.server.core.margin.valuation_cy import Valuation


@cython.final
@cython.cclass
class Program:
    """The variables of the program, and the line of the best pairing known, which it begins with.

    Variables are the lots of an option at a place (LOTS_AT), what a layer requires beyond its loss
    at a price (LOSS) and beyond 0 or its net premium (NET), what its calls are long on balance
    (BALANCE), cover that is left (COVER), lots in a straddle (STRADDLE), and short calls or puts
    alone that are in none (SINGLE). The worst loss of a layer is 0, or at price 0, or at the strike
    of a long option: only there does the value of a layer bend upwards.

    Each option is at first where a lot costs least under that line (`home`), so no reduced cost is
    negative, whatever the bounds of lots are. Money counts in units of 2**`money_bits`, lots of
    2**`lot_bits`, weights of 2**`weight_bits`. Eight options need at most 56 columns and 54 rows.
    """

    options: Options
    valuation: Valuation
    tableau: Tableau
    kind: cython.longlong[::1]
    index: cython.longlong[::1]
    detail: cython.longlong[::1]
    is_open: cython.longlong[::1]
    variable_of: cython.longlong[::1]
    home: cython.longlong[::1]
    first: cython.longlong[::1]
    price_of: cython.longlong[::1]
    debit_of: cython.longlong[::1]
    partner: cython.longlong[::1]
    savings: cython.longlong[::1]
    most_money: cython.longlong
    money_bits: cython.int
    lot_bits: cython.int
    weight_bits: cython.int

    def __init__(self, options: Options, valuation: Valuation) -> None:
        self.options, self.valuation, self.tableau = options, valuation, Tableau()
        columns = iter(int64_columns(3, rows.TABLEAU_HEIGHT + rows.TABLEAU_WIDTH))
        self.kind, self.index, self.detail = (next(columns) for _ in range(3))
        columns = iter(int64_columns(5, rows.EXACT_LEGS + 1))
        self.home, self.first, self.partner = (next(columns) for _ in range(3))
        self.price_of, self.debit_of = (next(columns) for _ in range(2))
        columns = iter(int64_columns(2, rows.EXACT_LEGS * rows.MAX_PLACES))
        self.is_open, self.variable_of = (next(columns) for _ in range(2))
        self.savings = int64_column(rows.EXACT_LEGS * rows.EXACT_LEGS)
        self.most_money = 0
        self.money_bits = self.lot_bits = self.weight_bits = 0

    @cython.cfunc
    @cython.nogil
    @cython.exceptval(check=False)
    def scale(self) -> cython.void:
        """Choose units in which all factors are within 4 and all lots within 64."""
        at: cython.int
        lots: cython.longlong = 0
        weight: cython.longlong = 0
        self.most_money = 1
        for at in range(self.options.count):
            lots = max(lots, self.options.lots[at])
            weight = max(weight, self.options.weight[at])
            self.most_money = max(self.most_money, self.options.own[at])
            self.most_money = max(self.most_money, abs(self.options.premium[at]))
        self.most_money = max(
            self.most_money, weight * self.options.strikes[self.options.width - 3]
        )
        self.money_bits = max(bits(self.most_money) - 2, 0)
        self.lot_bits = max(bits(lots) - 6, 0)
        self.weight_bits = bits(weight) - 1

    @cython.cfunc
    @cython.nogil
    @cython.exceptval(check=False)
    def money(self, value: cython.longlong) -> cython.longlong:
        """Return an amount in fixed point, in units of the program."""
        return shifted(value, fixed.FRACTION - self.money_bits)

    @cython.cfunc
    @cython.nogil
    @cython.exceptval(check=False)
    def find_partners(self) -> cython.void:
        """Name for each short call the put whose straddle with it saves most; NO_SIDE: none."""
        call: cython.int
        put: cython.int
        most: cython.longlong
        saving: cython.longlong
        for call in range(self.options.count):
            self.partner[call] = rows.NO_SIDE
            most = 0
            for put in range(self.options.count):
                saving = self._find_saving(call, put)
                self.savings[call * rows.EXACT_LEGS + put] = saving
                if saving > most:
                    self.partner[call], most = put, saving

    @cython.cfunc
    @cython.nogil
    @cython.exceptval(check=False)
    def saving(self, call: cython.int, put: cython.int) -> cython.longlong:
        """Return what a straddle saves, minor units; 0 of what is none."""
        return self.savings[call * rows.EXACT_LEGS + put]

    @cython.cfunc
    @cython.nogil
    @cython.exceptval(check=False)
    def _find_saving(self, call: cython.int, put: cython.int) -> cython.longlong:
        if not self.options.is_call[call] or not self.options.may_straddle(call, put):
            return 0
        if self.options.own[call] >= self.options.own[put]:
            return self.options.beyond[put]
        return self.options.beyond[call]

    @cython.cfunc
    @cython.nogil
    @cython.exceptval(check=False)
    def price_before(self, price: cython.longlong) -> cython.longlong:
        """Return the price before one; before the first it is that at which nothing is lost."""
        return price - 1 if price > 0 else self.options.width - 1

    @cython.cfunc
    @cython.nogil
    @cython.exceptval(check=False)
    def may_be_worst(self, layer: cython.int, price: cython.longlong) -> cython.bint:
        """Whether a layer may lose most at a price, by its number."""
        at: cython.int
        cell: cython.int = rows.FIRST_LAYER + layer
        if price == self.options.width - 1:
            return True
        for at in range(self.options.count):
            if self.is_open[cell]:
                if self.options.is_short[at]:
                    if price == 0 and not self.options.is_call[at]:
                        return True
                elif self.options.price[at] == price:
                    return True
            cell += self.options.places
        return False

    @cython.cfunc
    @cython.nogil
    @cython.exceptval(check=False)
    def cost(self, at: cython.int, place: cython.int) -> cython.longlong:
        """Return what a lot costs at a place under the line to begin with, minor units."""
        layer: cython.int = place - rows.FIRST_LAYER
        cost: cython.longlong
        if place == rows.COVERED:
            return 0
        if place == rows.ALONE:
            cost = self.options.own[at]
            if self.partner[at] != rows.NO_SIDE:
                cost -= self.saving(at, cython.cast(cython.int, self.partner[at]))
            return cost
        cost = -self.valuation.gain(at, self.price_of[layer])
        if self.debit_of[layer]:
            cost += self.options.premium[at]
        return cost

    @cython.cfunc
    @cython.nogil
    @cython.exceptval(check=False)
    def _note(
        self, variable: cython.int, kind: cython.int, index: cython.int, detail: cython.longlong
    ) -> cython.void:
        self.kind[variable], self.index[variable], self.detail[variable] = kind, index, detail

    @cython.cfunc
    @cython.nogil
    @cython.exceptval(check=False)
    def add_columns(self) -> cython.void:
        """Add all variables that are not basic at first."""
        at: cython.int
        layer: cython.int
        other: cython.int
        for at in range(self.options.count):
            self.first[at] = self.tableau.width
            self._add_lot_columns(at)
        self.first[self.options.count] = self.tableau.width
        for layer in range(self.options.layers):
            self._note(self.tableau.add_column(), rows.LOSS, layer, self.price_of[layer])
            self._note(self.tableau.add_column(), rows.NET, layer, self.debit_of[layer])
        for at in range(self.options.count):
            if self.partner[at] == rows.NO_SIDE:
                continue
            self._note(self.tableau.add_column(), rows.SINGLE, at, 0)
            for other in range(self.options.count):
                if other != self.partner[at] and self.saving(at, other) > 0:
                    self._note(self.tableau.add_column(), rows.STRADDLE, at, other)

    @cython.cfunc
    @cython.nogil
    @cython.exceptval(check=False)
    def _add_lot_columns(self, at: cython.int) -> cython.void:
        """Find the home of an option; its lots at all other places are columns."""
        place: cython.int
        cell: cython.int = at * self.options.places
        cost: cython.longlong
        least: cython.longlong = rows.UNBOUNDED
        for place in range(self.options.places):
            if self.is_open[cell + place]:
                cost = self.cost(at, place)
                if cost < least:
                    self.home[at], least = place, cost
        for place in range(self.options.places):
            self.variable_of[cell + place] = rows.NO_VARIABLE
            if self.is_open[cell + place] and place != self.home[at]:
                self.variable_of[cell + place] = self.tableau.add_column()
                self._note(
                    cython.cast(cython.int, self.variable_of[cell + place]), rows.LOTS_AT, at, place
                )

    @cython.cfunc
    @cython.nogil
    @cython.exceptval(check=False)
    def add_row(self, kind: cython.int, index: cython.int, detail: cython.longlong) -> cython.int:
        """Add a basic variable of a kind; return the number of its row, which is 0 throughout."""
        row: cython.int = self.tableau.add_row()
        self._note(cython.cast(cython.int, self.tableau.basic[row]), kind, index, detail)
        return row

    @cython.cfunc
    @cython.nogil
    @cython.exceptval(check=False)
    def put(
        self, row: cython.int, at: cython.int, place: cython.int, factor: cython.longlong
    ) -> cython.void:
        """Add so many times the lots of an option at a place to a row.

        Its lots at home are all of them less those elsewhere.
        """
        start: cython.int = row * self.tableau.stride
        column: cython.int
        if place != self.home[at]:
            column = cython.cast(cython.int, self.variable_of[at * self.options.places + place])
            if column != rows.NO_VARIABLE:
                self.tableau.cell[start + column] += factor
            return
        self.tableau.cell[start + self.tableau.stride - 1] += scaled(factor, self.all_lots(at))
        for column in range(
            cython.cast(cython.int, self.first[at]), cython.cast(cython.int, self.first[at + 1])
        ):
            self.tableau.cell[start + column] -= factor

    @cython.cfunc
    @cython.nogil
    @cython.exceptval(check=False)
    def all_lots(self, at: cython.int) -> cython.longlong:
        return self.options.lots[at] << (fixed.FRACTION - self.lot_bits)

    @cython.cfunc
    @cython.nogil
    @cython.exceptval(check=False)
    def weight(self, value: cython.longlong) -> cython.longlong:
        """Return a weight in fixed point, in units of the program."""
        return shifted(value, fixed.FRACTION - self.weight_bits)

    @cython.cfunc
    @cython.nogil
    @cython.exceptval(check=False)
    def has_short(self, place: cython.int, calls: cython.longlong) -> cython.bint:
        """Whether short calls (1) or puts (0) may go to a place."""
        at: cython.int
        for at in range(self.options.count):
            if self.options.is_short[at] and self.options.is_call[at] == calls:
                if self.is_open[at * self.options.places + place]:
                    return True
        return False

    @cython.cfunc
    @cython.nogil
    @cython.exceptval(check=False)
    def cover_of(self, calls: cython.longlong) -> cython.longlong:
        """Return the cover of short calls (1) or puts (0), no more than there are of them."""
        at: cython.int
        need: cython.longlong = 0
        for at in range(self.options.count):
            if self.options.is_short[at] and self.options.is_call[at] == calls:
                need += self.options.weight[at] * self.options.lots[at]
        return min(need, self.options.call_cover if calls else self.options.put_cover)


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def bits(value: cython.longlong) -> cython.int:
    """Return how many bits a number of 0 or more has."""
    count: cython.int = 0
    while value > 0:
        value >>= 1
        count += 1
    return count


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def shifted(value: cython.longlong, places: cython.int) -> cython.longlong:
    """Return a number times 2**places, rounded down."""
    one: cython.longlong = 1
    if places < 0:
        return value >> -places
    return value * (one << places)


def is_compiled() -> bool:
    """Whether this module runs as a C extension."""
    return cython.compiled
