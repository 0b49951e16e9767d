"""Tell what one pairing requires, and what no pairing within bounds can undercut."""

import cython

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
    loss: cython.longlong[::1]
    cost: cython.longlong[::1]
    price_of: cython.longlong[::1]
    debit_of: cython.longlong[::1]
    risk_of: cython.longlong[::1]
    net_of: cython.longlong[::1]

    def __init__(self, options: Options) -> None:
        self.options = options
        self.straddles = Straddles()
        self.loss = int64_column(rows.MAX_HOLDINGS + 2)
        self.cost = int64_column(rows.MAX_PLACES)
        self.price_of, self.debit_of = int64_column(rows.MAX_LAYERS), int64_column(rows.MAX_LAYERS)
        self.risk_of, self.net_of = int64_column(rows.MAX_LAYERS), int64_column(rows.MAX_LAYERS)

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
        return total - self.straddles.solve(self.options.own, self.options.beyond, self.options.weight)

    @cython.cfunc
    @cython.nogil
    @cython.exceptval(check=False)
    def _layer(self, placed: cython.longlong[::1], layer: cython.int) -> cython.void:
        """Find the worst loss of a layer and its net premium."""
        at: cython.int
        price: cython.int
        first: cython.int
        width: cython.int = self.options.width
        lots: cython.longlong
        net: cython.longlong = 0
        for price in range(width):
            self.loss[price] = 0
        for at in range(self.options.count):
            lots = placed[at * self.options.places + rows.FIRST_LAYER + layer]
            if lots == 0:
                continue
            net += lots * self.options.premium[at]
            first = at * width
            for price in range(width - 1):
                self.loss[price] -= lots * self.options.gain[first + price]
        self.net_of[layer] = net
        self.debit_of[layer] = 1 if net > 0 else 0
        self._worst(layer)

    @cython.cfunc
    @cython.nogil
    @cython.exceptval(check=False)
    def _worst(self, layer: cython.int) -> cython.void:
        price: cython.int
        worst: cython.int = self.options.width - 1
        for price in range(self.options.width - 1):
            if self.loss[price] > self.loss[worst]:
                worst = price
        self.price_of[layer] = worst
        self.risk_of[layer] = self.loss[worst]

    @cython.cfunc
    @cython.nogil
    @cython.exceptval(check=False)
    def line(
        self,
        prices: cython.longlong[::1],
        debits: cython.longlong[::1],
        bears: cython.int,
        bounds: Places,
    ) -> cython.longlong:
        """Return a total that no pairing within bounds undercuts, and place lots to reach it.

        With one price for each layer, premium counted or not, and straddles shared one way, every
        lot costs the same wherever its like go; each then goes where it costs least. `bounds.placed`
        is where. The total is a bound because the true one is the greatest over all such choices.
        """
        at: cython.int
        total: cython.longlong = 0
        for at in range(self.options.count):
            self._cost(at, prices, debits, bears)
            total += bounds.place_cheapest(at, self.cost)
        return total

    @cython.cfunc
    @cython.nogil
    @cython.exceptval(check=False)
    def _cost(
        self,
        at: cython.int,
        prices: cython.longlong[::1],
        debits: cython.longlong[::1],
        bears: cython.int,
    ) -> cython.void:
        """Write what a lot of an option costs at each place."""
        layer: cython.int
        cost: cython.longlong
        self.cost[rows.ALONE] = self.options.at_least[bears * rows.MAX_HOLDINGS + at]
        self.cost[rows.COVERED] = 0
        for layer in range(self.options.layers):
            cost = -self.options.gain[at * self.options.width + prices[layer]]
            if debits[layer]:
                cost += self.options.premium[at]
            self.cost[rows.FIRST_LAYER + layer] = cost


def is_compiled() -> bool:
    """Whether this module runs as a C extension."""
    return cython.compiled
