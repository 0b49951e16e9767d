"""Remember the best pairing that a search has come across."""

import cython

from quantumcore.server.core.memory import int64_column

if cython.compiled:
    from cython.cimports.quantumcore.server.core.margin import rows
    from cython.cimports.quantumcore.server.core.margin.options_cy import Options
    from cython.cimports.quantumcore.server.core.margin.places_cy import Places
    from cython.cimports.quantumcore.server.core.margin.valuation_cy import Valuation
else:
    from quantumcore.server.core.margin import rows
    from quantumcore.server.core.margin.options_cy import Options
    from quantumcore.server.core.margin.places_cy import Places
    from quantumcore.server.core.margin.valuation_cy import Valuation


@cython.final
@cython.cclass
class Incumbent:
    """Lots by option and place, what they require, and where each of their layers loses most."""

    options: Options
    places: Places
    valuation: Valuation
    best: cython.longlong
    placed: cython.longlong[::1]
    prices: cython.longlong[::1]
    debits: cython.longlong[::1]

    def __init__(self, options: Options, places: Places, valuation: Valuation) -> None:
        self.options, self.places, self.valuation = options, places, valuation
        self.best = 0
        self.placed = int64_column(rows.MAX_HOLDINGS * rows.MAX_PLACES)
        self.prices = int64_column(rows.MAX_LAYERS)
        self.debits = int64_column(rows.MAX_LAYERS)

    @cython.cfunc
    @cython.nogil
    @cython.exceptval(check=False)
    def forget(self) -> cython.void:
        """Know no pairing."""
        self.best = rows.UNBOUNDED

    @cython.cfunc
    @cython.nogil
    @cython.exceptval(check=False)
    def consider(self) -> cython.longlong:
        """Make the placing of `places` whole and keep it where it requires less than all before.

        Return how many steps that took.
        """
        cell: cython.int
        layer: cython.int
        value: cython.longlong
        self.places.repair()
        value = self.valuation.value(self.places.placed)
        if value < self.best:
            self.best = value
            for cell in range(self.options.count * self.options.places):
                self.placed[cell] = self.places.placed[cell]
            for layer in range(self.options.layers):
                self.prices[layer] = self.valuation.price_of[layer]
                self.debits[layer] = self.valuation.debit_of[layer]
        return self.places.steps + self.valuation.straddles.steps

    @cython.cfunc
    @cython.nogil
    @cython.exceptval(check=False)
    def expand(self, unit: cython.longlong) -> cython.void:
        """Count single lots in place of units of so many."""
        cell: cython.int
        self.best *= unit
        for cell in range(self.options.count * self.options.places):
            self.placed[cell] *= unit


def is_compiled() -> bool:
    """Whether this module runs as a C extension."""
    return cython.compiled
