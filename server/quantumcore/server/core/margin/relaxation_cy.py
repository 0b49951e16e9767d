"""Lay out the least requirement of fractional lots as a linear program, and solve it."""

import cython

if cython.compiled:
    from cython.cimports.quantumcore.server.core.margin import fixed, rows
    from cython.cimports.quantumcore.server.core.margin.options_cy import Options
    from cython.cimports.quantumcore.server.core.margin.places_cy import Places
    from cython.cimports.quantumcore.server.core.margin.program_cy import Program, shifted
    from cython.cimports.quantumcore.server.core.margin.tableau_cy import Tableau
    from cython.cimports.quantumcore.server.core.margin.valuation_cy import Valuation
else:
    from quantumcore.server.core.margin import fixed, rows
    from quantumcore.server.core.margin.options_cy import Options
    from quantumcore.server.core.margin.places_cy import Places
    from quantumcore.server.core.margin.program_cy import Program, shifted
    from quantumcore.server.core.margin.tableau_cy import Tableau
    from quantumcore.server.core.margin.valuation_cy import Valuation


@cython.final
@cython.cclass
class Relaxation:
    """The rows of the program, what bounds of lots it is solved for, and the lots it finds."""

    options: Options
    valuation: Valuation
    program: Program
    tableau: Tableau

    def __init__(self, options: Options, valuation: Valuation) -> None:
        self.options, self.valuation = options, valuation
        self.program = Program(options, valuation)
        self.tableau = self.program.tableau

    @cython.cfunc
    @cython.nogil
    @cython.exceptval(check=False)
    def open(
        self, places: Places, prices: cython.longlong[::1], debits: cython.longlong[::1]
    ) -> cython.void:
        """Lay the program out for lots within the bounds of `places`, and all narrower ones.

        The line to begin with is that of these prices and debits of layers.
        """
        cell: cython.int
        for cell in range(self.options.count * self.options.places):
            self.program.is_open[cell] = places.high[cell]
        self.program.scale()
        self.begin(prices, debits)

    @cython.cfunc
    @cython.nogil
    @cython.exceptval(check=False)
    def begin(self, prices: cython.longlong[::1], debits: cython.longlong[::1]) -> cython.void:
        """Lay the program out anew, from another line."""
        layer: cython.int
        self.tableau.clear()
        self.program.find_partners()
        for layer in range(self.options.layers):
            self.program.debit_of[layer] = debits[layer]
            self.program.price_of[layer] = prices[layer]
            while not self.program.may_be_worst(layer, self.program.price_of[layer]):
                self.program.price_of[layer] = self.program.price_before(
                    self.program.price_of[layer]
                )
        self.program.add_columns()
        self._add_lot_rows()
        for layer in range(self.options.layers):
            self._add_layer_rows(layer)
        self._add_cover_row(1)
        self._add_cover_row(0)
        self._add_straddle_rows()
        self._add_costs()

    @cython.cfunc
    @cython.nogil
    @cython.exceptval(check=False)
    def _add_lot_rows(self) -> cython.void:
        """Add the lots at home of options that have more than one place."""
        at: cython.int
        row: cython.int
        home: cython.int
        for at in range(self.options.count):
            home = cython.cast(cython.int, self.program.home[at])
            if self.program.first[at] != self.program.first[at + 1]:
                row = self.program.add_row(rows.LOTS_AT, at, home)
                self.program.put(row, at, home, fixed.ONE)
                self.program.variable_of[at * self.options.places + home] = self.tableau.basic[row]

    @cython.cfunc
    @cython.nogil
    @cython.exceptval(check=False)
    def _add_layer_rows(self, layer: cython.int) -> cython.void:
        at: cython.int
        row: cython.int
        price: cython.int
        place: cython.int = rows.FIRST_LAYER + layer
        column: cython.int = (
            cython.cast(cython.int, self.program.first[self.options.count]) + 2 * layer
        )
        factor: cython.longlong
        for price in range(self.options.width):
            if price == self.program.price_of[layer] or not self.program.may_be_worst(layer, price):
                continue
            row = self.program.add_row(rows.LOSS, layer, price)
            self.tableau.cell[row * self.tableau.stride + column] = fixed.ONE
            for at in range(self.options.count):
                factor = self.valuation.gain(at, price)
                factor -= self.valuation.gain(at, self.program.price_of[layer])
                self.program.put(row, at, place, self.program.money(factor))
        row = self.program.add_row(rows.NET, layer, 1 - self.program.debit_of[layer])
        self.tableau.cell[row * self.tableau.stride + column + 1] = fixed.ONE
        for at in range(self.options.count):
            factor = self.program.money(self.options.premium[at])
            self.program.put(row, at, place, factor if self.program.debit_of[layer] else -factor)
        self._add_balance_row(layer)

    @cython.cfunc
    @cython.nogil
    @cython.exceptval(check=False)
    def _add_balance_row(self, layer: cython.int) -> cython.void:
        at: cython.int
        row: cython.int
        place: cython.int = rows.FIRST_LAYER + layer
        if not self.program.has_short(place, 1):
            return
        row = self.program.add_row(rows.BALANCE, layer, 0)
        for at in range(self.options.count):
            if self.options.is_call[at]:
                self.program.put(row, at, place, self.program.weight(self.options.lever[at]))

    @cython.cfunc
    @cython.nogil
    @cython.exceptval(check=False)
    def _add_cover_row(self, calls: cython.longlong) -> cython.void:
        """Add what is left of the cover of short calls (1) or puts (0)."""
        at: cython.int
        row: cython.int
        if not self.program.has_short(rows.COVERED, calls):
            return
        row = self.program.add_row(rows.COVER, cython.cast(cython.int, calls), 0)
        for at in range(self.options.count):
            if self.options.is_short[at] and self.options.is_call[at] == calls:
                self.program.put(
                    row, at, rows.COVERED, -self.program.weight(self.options.weight[at])
                )
        self.tableau.cell[row * self.tableau.stride + self.tableau.stride - 1] += shifted(
            self.program.cover_of(calls),
            fixed.FRACTION - self.program.weight_bits - self.program.lot_bits,
        )

    @cython.cfunc
    @cython.nogil
    @cython.exceptval(check=False)
    def _add_straddle_rows(self) -> cython.void:
        """Add each call's best straddle, and the puts alone that are in none."""
        at: cython.int
        for at in range(self.options.count):
            if self.program.partner[at] != rows.NO_SIDE:
                self._add_call_row(at)
            elif self._has_straddle(at):
                self._add_put_row(at)

    @cython.cfunc
    @cython.nogil
    @cython.exceptval(check=False)
    def _has_straddle(self, put: cython.int) -> cython.bint:
        call: cython.int
        for call in range(self.options.count):
            if self.program.saving(call, put) > 0:
                return True
        return False

    @cython.cfunc
    @cython.nogil
    @cython.exceptval(check=False)
    def _add_call_row(self, call: cython.int) -> cython.void:
        """Add lots in the best straddle of a call: all alone less those in others and in none."""
        row: cython.int = self.program.add_row(rows.STRADDLE, call, self.program.partner[call])
        self.program.put(row, call, rows.ALONE, fixed.ONE)
        self._put_call(row, call, -fixed.ONE)

    @cython.cfunc
    @cython.nogil
    @cython.exceptval(check=False)
    def _put_call(self, row: cython.int, call: cython.int, factor: cython.longlong) -> cython.void:
        """Add so many times what of a call is alone in no straddle or not in the best one."""
        column: cython.int
        start: cython.int = row * self.tableau.stride
        for column in range(self._sides(), self.tableau.width):
            if self.program.index[column] == call:
                self.tableau.cell[start + column] += factor

    @cython.cfunc
    @cython.nogil
    @cython.exceptval(check=False)
    def _sides(self) -> cython.int:
        """Return the first column of straddles."""
        lots: cython.int = cython.cast(cython.int, self.program.first[self.options.count])
        return lots + 2 * self.options.layers

    @cython.cfunc
    @cython.nogil
    @cython.exceptval(check=False)
    def _add_put_row(self, put: cython.int) -> cython.void:
        call: cython.int
        column: cython.int
        row: cython.int = self.program.add_row(rows.SINGLE, put, 0)
        start: cython.int = row * self.tableau.stride
        self.program.put(row, put, rows.ALONE, fixed.ONE)
        for call in range(self.options.count):
            if self.program.partner[call] == put:
                self.program.put(row, call, rows.ALONE, -fixed.ONE)
                self._put_call(row, call, fixed.ONE)
        for column in range(self._sides(), self.tableau.width):
            if self.program.kind[column] == rows.STRADDLE and self.program.detail[column] == put:
                self.tableau.cell[start + column] -= fixed.ONE

    @cython.cfunc
    @cython.nogil
    @cython.exceptval(check=False)
    def _add_costs(self) -> cython.void:
        """Write the row to minimise, behind all others."""
        at: cython.int
        place: cython.int
        column: cython.int
        row: cython.int = self.tableau.height
        start: cython.int = row * self.tableau.stride
        cost: cython.longlong
        self.tableau.clear_row(row)
        for at in range(self.options.count):
            for place in range(self.options.places):
                if self.program.is_open[at * self.options.places + place]:
                    self.program.put(
                        row, at, place, self.program.money(self.program.cost(at, place))
                    )
        for column in range(
            cython.cast(cython.int, self.program.first[self.options.count]), self._sides()
        ):
            self.tableau.cell[start + column] = fixed.ONE
        for column in range(self._sides(), self.tableau.width):
            at = cython.cast(cython.int, self.program.index[column])
            cost = self.program.saving(at, cython.cast(cython.int, self.program.partner[at]))
            if self.program.kind[column] == rows.STRADDLE:
                cost -= self.program.saving(
                    at, cython.cast(cython.int, self.program.detail[column])
                )
            self.tableau.cell[start + column] = self.program.money(cost)

    @cython.cfunc
    @cython.nogil
    @cython.exceptval(check=False)
    def solve(self, places: Places, enough: cython.longlong) -> cython.int:
        """Solve the program for the bounds of `places` until `enough`, as `Tableau.solve` does."""
        self._bound(places)
        return self.tableau.solve(enough)

    @cython.cfunc
    @cython.nogil
    @cython.exceptval(check=False)
    def _bound(self, places: Places) -> cython.void:
        cell: cython.int
        variable: cython.longlong
        shift: cython.int = fixed.FRACTION - self.program.lot_bits
        for cell in range(self.options.count * self.options.places):
            variable = self.program.variable_of[cell]
            if variable != rows.NO_VARIABLE:
                self.tableau.low[variable] = places.low[cell] << shift
                self.tableau.high[variable] = places.high[cell] << shift

    @cython.cfunc
    @cython.nogil
    @cython.exceptval(check=False)
    def fix(self, places: Places) -> cython.void:
        """Make the program smaller: all bounds to come lie within those of `places`."""
        self._bound(places)
        self.tableau.drop_fixed()

    @cython.cfunc
    @cython.nogil
    @cython.exceptval(check=False)
    def total(self, value: cython.longlong) -> cython.longlong:
        """Return a requirement in fixed point, in units of the program."""
        shift: cython.int = fixed.FRACTION - self.program.money_bits - self.program.lot_bits
        return shifted(value, shift)

    @cython.cfunc
    @cython.nogil
    @cython.exceptval(check=False)
    def lots(self, at: cython.int, cell: cython.int) -> cython.longlong:
        """Return the lots of an option at a place, by its cell, that were found last."""
        variable: cython.longlong = self.program.variable_of[cell]
        if variable != rows.NO_VARIABLE:
            return self.tableau.value[variable]
        if cell == at * self.options.places + self.program.home[at]:
            return self.program.all_lots(at)
        return 0


def is_compiled() -> bool:
    """Whether this module runs as a C extension."""
    return cython.compiled
