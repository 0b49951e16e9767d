"""Tell what one pairing requires, and what no pairing within bounds can undercut."""

import cython

from quantumcore.server.core.margin.columns import int64_columns
from quantumcore.server.core.memory import int64_column

if cython.compiled:
    from cython.cimports.quantumcore.server.core.margin import rows
    from cython.cimports.quantumcore.server.core.margin.options_cy import Options
    from cython.cimports.quantumcore.server.core.margin.places_cy import Places
    from cython.cimports.quantumcore.server.core.margin.straddles_cy import Straddles
else:
    from quantumcore.server.core.margin import rows
    from quantumcore.server.core.margin.options_cy import Options
    from quantumcore.server.core.margin.places_cy import Places
    from quantumcore.server.core.margin.straddles_cy import Straddles


@cython.final
@cython.cclass
class Valuation:
    """A layer requires its worst loss over all prices, and its net premium where that was paid.

    `price_of` and `debit_of` name, for each layer, the price of the worst loss (the last column
    where nothing is lost) and whether its net premium is a debit, as of the last `value`.
    """

    options: Options
    straddles: Straddles
    bend: cython.longlong[::1]
    cost: cython.longlong[::1]
    kept: cython.longlong[::1]
    price_of: cython.longlong[::1]
    debit_of: cython.longlong[::1]
    risk_of: cython.longlong[::1]
    net_of: cython.longlong[::1]
    bears: cython.int
    lines: cython.longlong
    turn: cython.longlong

    def __init__(self, options: Options) -> None:
        self.options = options
        self.straddles = Straddles()
        columns = iter(int64_columns(5, rows.MAX_HOLDINGS + 3))
        self.bend, self.price_of, self.debit_of = (next(columns) for _ in range(3))
        self.risk_of, self.net_of = next(columns), next(columns)
        self.kept = int64_column(rows.STACK_WORDS)
        self.cost = int64_column(rows.MAX_HOLDINGS * rows.MAX_PLACES)
        self.bears = self.lines = self.turn = 0

    @cython.cfunc
    @cython.nogil
    @cython.exceptval(check=False)
    def value(self, placed: cython.longlong[::1]) -> cython.longlong:
        """Return what a pairing requires, minor units; `placed` holds lots by option and place."""
        layer: cython.int
        total: cython.longlong = self._alone(placed)
        for layer in range(self.options.layers):
            self._layer(placed, layer)
            total += self.risk_of[layer] + max(self.net_of[layer], 0)
        return total

    @cython.cfunc
    @cython.nogil
    @cython.exceptval(check=False)
    def _alone(self, placed: cython.longlong[::1]) -> cython.longlong:
        """Return what the lots left alone require, straddles among them paired."""
        at: cython.int
        lots: cython.longlong
        total: cython.longlong = 0
        self.straddles.clear()
        for at in range(self.options.count):
            lots = placed[at * self.options.places + rows.ALONE]
            if lots == 0:
                continue
            total += lots * self.options.own[at]
            if self.options.is_short[at]:
                self.straddles.add(self.options.is_call[at] != 0, at, lots)
        return total - self.straddles.solve(
            self.options.own, self.options.beyond, self.options.weight
        )

    @cython.cfunc
    @cython.nogil
    @cython.exceptval(check=False)
    def _layer(self, placed: cython.longlong[::1], layer: cython.int) -> cython.void:
        """Find the worst loss of a layer and its net premium.

        The value at expiry is known at 0 and bends at the strikes, so one pass over the options
        and one over the prices are enough.
        """
        at: cython.int
        price: cython.int
        cell: cython.int = rows.FIRST_LAYER + layer
        lots: cython.longlong
        value: cython.longlong = 0
        slope: cython.longlong = 0
        net: cython.longlong = 0
        for price in range(self.options.width):
            self.bend[price] = 0
        for at in range(self.options.count):
            lots = placed[cell]
            cell += self.options.places
            if lots == 0:
                continue
            net += lots * self.options.premium[at]
            lots *= self.options.lever[at]
            self.bend[self.options.price[at]] += lots
            if not self.options.is_call[at]:
                value += lots * self.options.strike[at]
                slope -= lots
        self.net_of[layer] = net
        self.debit_of[layer] = 1 if net > 0 else 0
        self._worst(layer, value, slope)

    @cython.cfunc
    @cython.nogil
    @cython.exceptval(check=False)
    def _worst(
        self, layer: cython.int, value: cython.longlong, slope: cython.longlong
    ) -> cython.void:
        """Go over the prices from 0 on, where a layer has this value and slope.

        Of equally bad prices the one nearest to the underlying stands: it separates least what
        belongs together, so that its line is the highest.
        """
        price: cython.int
        worst: cython.int = self.options.width - 1
        least: cython.longlong = 0
        for price in range(self.options.width - 1):
            if value < least or (value == least < 0 and price < self.options.below):
                worst, least = price, value
            slope += self.bend[price]
            value += slope * (self.options.strikes[price + 1] - self.options.strikes[price])
        self.price_of[layer] = worst
        self.risk_of[layer] = -least

    @cython.cfunc
    @cython.nogil
    @cython.exceptval(check=False)
    def clear_lines(self) -> cython.void:
        """Forget the choices that `line` has added up."""
        cell: cython.int
        self.lines = self.turn = 0
        for cell in range(self.options.count * self.options.places):
            self.cost[cell] = 0

    @cython.cfunc
    @cython.nogil
    @cython.exceptval(check=False)
    def keep(self, depth: cython.Py_ssize_t) -> cython.void:
        """Remember what `line` has added up, for the node at this depth of the stack, from 1."""
        cells: cython.Py_ssize_t = self.options.count * self.options.places
        first: cython.Py_ssize_t = (depth - 1) * (cells + 2)
        cell: cython.Py_ssize_t
        self.kept[first], self.kept[first + 1] = self.lines, self.turn
        for cell in range(cells):
            self.kept[first + 2 + cell] = self.cost[cell]

    @cython.cfunc
    @cython.nogil
    @cython.exceptval(check=False)
    def recall(self, depth: cython.Py_ssize_t) -> cython.void:
        """Have again what `keep` remembered for a depth."""
        cells: cython.Py_ssize_t = self.options.count * self.options.places
        first: cython.Py_ssize_t = (depth - 1) * (cells + 2)
        cell: cython.Py_ssize_t
        self.lines, self.turn = self.kept[first], self.kept[first + 1]
        for cell in range(cells):
            self.cost[cell] = self.kept[first + 2 + cell]

    @cython.cfunc
    @cython.nogil
    @cython.exceptval(check=False)
    def line(self, bounds: Places) -> cython.longlong:
        """Add the choices of the moment to the mean, later ones with more weight; return `bound`.

        The choices are at which price each layer is valued (`price_of`), whether its premium
        counts (`debit_of`), and which side bears straddles (`bears`).
        """
        at: cython.int
        self.turn += 1
        self.lines += self.turn
        for at in range(self.options.count):
            self._add_cost(at)
        return self.bound(bounds)

    @cython.cfunc
    @cython.nogil
    @cython.exceptval(check=False)
    def bound(self, bounds: Places) -> cython.longlong:
        """Return a total that no pairing within bounds undercuts, and place lots to reach it.

        Once it is chosen at which price a layer is valued and what else counts, a lot costs the
        same wherever its like go; each then goes where it costs least, which `bounds.placed`
        tells. The true requirement is the greatest over all choices, hence no less than under any
        of them, nor than under the mean of several. For single lots the total is rounded up, as
        whole lots require whole minor units; for units of several lots that would not hold, and
        it is rounded down.
        """
        total: cython.longlong = bounds.place_cheapest(self.cost)
        if total <= 0:
            return 0
        if self.options.unit == 1:
            total += self.lines - 1
        return total // self.lines

    @cython.cfunc
    @cython.nogil
    @cython.exceptval(check=False)
    def _add_cost(self, at: cython.int) -> cython.void:
        """Add what a lot of an option costs at each place under the choices of the moment."""
        layer: cython.int
        first: cython.int = at * self.options.places
        cost: cython.longlong = self.options.at_least[self.bears * rows.MAX_HOLDINGS + at]
        self.cost[first] += self.turn * cost
        first += rows.FIRST_LAYER
        for layer in range(self.options.layers):
            cost = -self.gain(at, self.price_of[layer])
            if self.debit_of[layer]:
                cost += self.options.premium[at]
            self.cost[first + layer] += self.turn * cost

    @cython.cfunc
    @cython.nogil
    @cython.exceptval(check=False)
    def gain(self, at: cython.int, price: cython.longlong) -> cython.longlong:
        """Return what a lot gains (a short one: loses) at a price that matters, by its number."""
        ticks: cython.longlong
        if price == self.options.width - 1:
            return 0
        ticks = self.options.strikes[price] - self.options.strike[at]
        if not self.options.is_call[at]:
            ticks = -ticks
        return max(ticks, 0) * self.options.lever[at]

    @cython.cfunc
    @cython.nogil
    @cython.exceptval(check=False)
    def choose(self, placed: cython.longlong[::1]) -> cython.longlong:
        """Choose what makes a placing most expensive; return what it then costs, minor units."""
        at: cython.int
        layer: cython.int
        lots: cython.longlong
        total: cython.longlong = 0
        difference: cython.longlong = 0
        for layer in range(self.options.layers):
            self._layer(placed, layer)
            total += self.risk_of[layer] + max(self.net_of[layer], 0)
        for at in range(self.options.count):
            lots = placed[at * self.options.places + rows.ALONE]
            if lots:
                difference += lots * self.options.at_least[rows.MAX_HOLDINGS + at]
                difference -= lots * self.options.at_least[at]
                total += lots * self.options.at_least[at]
        self.bears = 1 if difference > 0 else 0
        return total + max(difference, 0)

    @cython.cfunc
    @cython.nogil
    @cython.exceptval(check=False)
    def debit(self, placed: cython.longlong[::1]) -> cython.longlong:
        """Return what of a pairing's requirement is premium paid, minor units."""
        at: cython.int
        layer: cython.int
        total: cython.longlong = 0
        for at in range(self.options.count):
            if not self.options.is_short[at]:
                total += placed[at * self.options.places] * self.options.premium[at]
        for layer in range(self.options.layers):
            self._layer(placed, layer)
            total += max(self.net_of[layer], 0)
        return total

    @cython.cfunc
    @cython.nogil
    @cython.exceptval(check=False)
    def covered_weight(
        self, placed: cython.longlong[::1], calls: cython.longlong
    ) -> cython.longlong:
        """Return the weight of the calls (1) or puts (0) that shares cover in a pairing."""
        at: cython.int
        cell: cython.int
        total: cython.longlong = 0
        for at in range(self.options.count):
            if self.options.is_call[at] == calls:
                cell = at * self.options.places + rows.COVERED
                total += placed[cell] * self.options.weight[at]
        return total


def is_compiled() -> bool:
    """Whether this module runs as a C extension."""
    return cython.compiled
