"""Find the least of all pairings of few options, by linear programs of fractional lots."""

import cython

from quantumcore.server.core.margin.columns import int64_columns

if cython.compiled:
    from cython.cimports.quantumcore.server.core.margin import fixed, rows
    from cython.cimports.quantumcore.server.core.margin.incumbent_cy import Incumbent
    from cython.cimports.quantumcore.server.core.margin.multipliers_cy import Multipliers
    from cython.cimports.quantumcore.server.core.margin.options_cy import Options
    from cython.cimports.quantumcore.server.core.margin.places_cy import Places
    from cython.cimports.quantumcore.server.core.margin.program_cy import shifted
    from cython.cimports.quantumcore.server.core.margin.relaxation_cy import Relaxation
else:
    from quantumcore.server.core.margin import fixed, rows
    from quantumcore.server.core.margin.incumbent_cy import Incumbent
    from quantumcore.server.core.margin.multipliers_cy import Multipliers
    from quantumcore.server.core.margin.options_cy import Options
    from quantumcore.server.core.margin.places_cy import Places
    from quantumcore.server.core.margin.program_cy import shifted
    from quantumcore.server.core.margin.relaxation_cy import Relaxation


@cython.final
@cython.cclass
class ExactSearch:
    """Branch and bound where a node is a range of lots for every option and place.

    The least that fractional lots within the ranges require is a bound; rounded, these lots are a
    pairing to try. The program only names multipliers, the proof that a node holds nothing better
    is theirs (`Multipliers.prove`), in whole numbers: where it fails, because of rounding or
    because the program came to no end, the node is split further.
    """

    options: Options
    places: Places
    incumbent: Incumbent
    relaxation: Relaxation
    multipliers: Multipliers
    found: cython.longlong[::1]
    left: cython.longlong[::1]
    one: cython.longlong
    lot_bits: cython.int
    nodes: cython.longlong
    steps: cython.longlong

    def __init__(self, places: Places, incumbent: Incumbent) -> None:
        self.options, self.places, self.incumbent = incumbent.options, places, incumbent
        self.relaxation = Relaxation(incumbent.options, incumbent.valuation)
        self.multipliers = Multipliers(
            incumbent.options, incumbent.valuation, self.relaxation.program
        )
        columns = iter(int64_columns(2, rows.EXACT_LEGS * rows.MAX_PLACES))
        self.found, self.left = (next(columns) for _ in range(2))
        self.nodes = self.steps = self.one = 0
        self.lot_bits = 0

    @cython.cfunc
    @cython.nogil
    @cython.exceptval(check=False)
    def open(self) -> cython.bint:
        """Begin with the bounds of `places` and the best pairing known; `steps` goes on counting.

        False where amounts are too large for it.
        """
        self.nodes = 0
        self.relaxation.open(self.places, self.incumbent.prices, self.incumbent.debits)
        self.lot_bits = fixed.FRACTION - self.relaxation.program.lot_bits
        self.one = shifted(1, self.lot_bits)
        self.steps += self._layout_steps()
        return self.multipliers.open()

    @cython.cfunc
    @cython.nogil
    @cython.exceptval(check=False)
    def _layout_steps(self) -> cython.longlong:
        return (self.relaxation.tableau.height + 1) * self.relaxation.tableau.stride

    @cython.cfunc
    @cython.nogil
    @cython.exceptval(check=False)
    def closes_at_root(self) -> cython.bint:
        """Whether it is proven without a split that no pairing requires less."""
        return not self.places.settle() or self._closes()

    @cython.cfunc
    @cython.nogil
    @cython.exceptval(check=False)
    def search(self, work: cython.longlong) -> cython.bint:
        """Search within so many steps; whether it is proven that no pairing requires less."""
        is_whole: cython.bint = self.places.push()
        while self.places.depth > 0:
            if self.nodes == rows.EXACT_NODES or self.steps > work:
                return False
            self.nodes += 1
            self.places.pop()
            if self.places.settle() and not self._closes() and not self._split():
                is_whole = False
        return is_whole

    @cython.cfunc
    @cython.nogil
    @cython.exceptval(check=False)
    def _split(self) -> cython.bint:
        """Split a node; the first one is looked at again where lots were cut off."""
        if self.nodes > 1:
            return self._branch()
        if not self.places.settle():
            return True
        self.relaxation.fix(self.places)
        return self.places.push() if self.multipliers.cut else self._branch()

    @cython.cfunc
    @cython.nogil
    @cython.exceptval(check=False)
    def _closes(self) -> cython.bint:
        """Whether the ranges hold nothing better, tried pairings included; narrow them if not."""
        self.relaxation.solve(self.places, self._enough())
        self.steps += self.relaxation.tableau.steps
        self.multipliers.bound(self.places)
        self.steps += 2 * self.options.count * self.options.places
        if self.multipliers.proves(self.incumbent.best):
            return True
        self._round()
        self.steps += self.incumbent.consider()
        if self.multipliers.proves(self.incumbent.best):
            return True
        self.multipliers.narrow(self.places)
        if self.relaxation.tableau.overflow >= fixed.MOST:
            self.relaxation.begin(self.incumbent.prices, self.incumbent.debits)
            self.steps += self._layout_steps()
        return False

    @cython.cfunc
    @cython.nogil
    @cython.exceptval(check=False)
    def _enough(self) -> cython.longlong:
        """Return a total in fixed point at which a proof is to be tried: half a step less."""
        step: cython.longlong = self.relaxation.total(self.multipliers.step)
        return self.relaxation.total(self.incumbent.best) - step // (2 * self.options.unit)

    @cython.cfunc
    @cython.nogil
    @cython.exceptval(check=False)
    def _round(self) -> cython.void:
        """Place fractional lots in whole ones, more of them where most of one is left."""
        at: cython.int
        cell: cython.int
        first: cython.int = 0
        rest: cython.longlong
        for at in range(self.options.count):
            rest = self.options.lots[at]
            for cell in range(first, first + self.options.places):
                self.found[cell] = self.relaxation.lots(at, cell) + rows.TOLERANCE
                self.left[cell] = self.found[cell] & (self.one - 1)
                self.places.placed[cell] = self._whole(cell, self.places.high[cell])
                rest -= self.places.placed[cell]
            self._add_up(first, rest)
            first += self.options.places

    @cython.cfunc
    @cython.nogil
    @cython.exceptval(check=False)
    def _whole(self, cell: cython.int, high: cython.longlong) -> cython.longlong:
        """Return the whole lots of a cell, from its least to so many."""
        return min(max(self.found[cell] >> self.lot_bits, self.places.low[cell]), high)

    @cython.cfunc
    @cython.nogil
    @cython.exceptval(check=False)
    def _add_up(self, first: cython.int, rest: cython.longlong) -> cython.void:
        """Place the rest of an option's lots, one in each place at first, or take some away."""
        cell: cython.int
        best: cython.int
        more: cython.longlong
        while rest > 0:
            best = -1
            for cell in range(first, first + self.options.places):
                if self.places.placed[cell] < self.places.high[cell]:
                    if best < 0 or self.left[cell] > self.left[best]:
                        best = cell
            more = self.places.high[best] - self.places.placed[best]
            more = 1 if self.left[best] >= 0 else min(rest, more)
            self.left[best] = -1
            self.places.placed[best] += more
            rest -= more
        for cell in range(first, first + self.options.places):
            if rest < 0:
                more = min(-rest, self.places.placed[cell] - self.places.low[cell])
                self.places.placed[cell] -= more
                rest += more

    @cython.cfunc
    @cython.nogil
    @cython.exceptval(check=False)
    def _branch(self) -> cython.bint:
        """Split a range at its fractional lots, the most money's worth; false for want of room."""
        cell: cython.int
        best: cython.int = -1
        worth: cython.longlong
        most: cython.longlong = 0
        for cell in range(self.options.count * self.options.places):
            if self.places.low[cell] < self.places.high[cell]:
                worth = self._worth(cell)
                if best < 0 or worth > most:
                    best, most = cell, worth
        return best < 0 or self._halve(best)

    @cython.cfunc
    @cython.nogil
    @cython.exceptval(check=False)
    def _worth(self, cell: cython.int) -> cython.longlong:
        """Return what speaks for splitting a range: what is fractional there, else its width."""
        rest: cython.longlong = self.found[cell] & (self.one - 1)
        own: cython.longlong = self.options.own[cell // self.options.places]
        rest = min(rest, self.one - rest) >> max(self.lot_bits - rows.REST_BITS, 0)
        if rest <= 1:
            return self.places.high[cell] - self.places.low[cell] - rows.UNBOUNDED
        return rest * max(own, 1)

    @cython.cfunc
    @cython.nogil
    @cython.exceptval(check=False)
    def _halve(self, cell: cython.int) -> cython.bint:
        """Split a range; the half that is nearer to what was found is looked at first."""
        low: cython.longlong = self.places.low[cell]
        high: cython.longlong = self.places.high[cell]
        middle: cython.longlong = self._whole(cell, high - 1)
        if 2 * (self.found[cell] - (middle << self.lot_bits)) > self.one:
            return self._push(cell, low, middle) and self._push(cell, middle + 1, high)
        return self._push(cell, middle + 1, high) and self._push(cell, low, middle)

    @cython.cfunc
    @cython.nogil
    @cython.exceptval(check=False)
    def _push(self, cell: cython.int, low: cython.longlong, high: cython.longlong) -> cython.bint:
        self.places.low[cell], self.places.high[cell] = low, high
        return self.places.push()


def is_compiled() -> bool:
    """Whether this module runs as a C extension."""
    return cython.compiled
