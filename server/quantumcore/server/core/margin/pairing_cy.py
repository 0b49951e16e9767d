"""Find the pairing of the options on one underlying that requires the least."""

import cython

from quantumcore.server.core.memory import int64_column

if cython.compiled:
    from cython.cimports.quantumcore.server.core.margin import rows
    from cython.cimports.quantumcore.server.core.margin.exact_search_cy import ExactSearch
    from cython.cimports.quantumcore.server.core.margin.incumbent_cy import Incumbent
    from cython.cimports.quantumcore.server.core.margin.options_cy import Options
    from cython.cimports.quantumcore.server.core.margin.places_cy import Places
    from cython.cimports.quantumcore.server.core.margin.portfolio_cy import Portfolio
    from cython.cimports.quantumcore.server.core.margin.starts_cy import place_start, starts
    from cython.cimports.quantumcore.server.core.margin.valuation_cy import Valuation
else:
    from quantumcore.server.core.margin import rows
    from quantumcore.server.core.margin.exact_search_cy import ExactSearch
    from quantumcore.server.core.margin.incumbent_cy import Incumbent
    from quantumcore.server.core.margin.options_cy import Options
    from quantumcore.server.core.margin.places_cy import Places
    from quantumcore.server.core.margin.portfolio_cy import Portfolio
    from quantumcore.server.core.margin.starts_cy import place_start, starts
    from quantumcore.server.core.margin.valuation_cy import Valuation


@cython.final
@cython.cclass
class Pairing:
    """Branch and bound over how many lots of each option go where.

    A node is a range of lots for every option and place. With up to 8 options linear programs
    bound it (`ExactSearch`). With more it is the greatest of several lines (`Valuation.line`);
    where that is no less than the best pairing known, the node holds nothing better. Otherwise a
    range is split. What the search may cost is counted in steps (`work`), so that it ends at the
    same place on every machine; a part of them is for moving single lots. Where it stops before
    nothing is left, `is_optimal` is false and the best pairing known stands.
    """

    options: Options
    places: Places
    valuation: Valuation
    incumbent: Incumbent
    exact: ExactSearch
    is_optimal: cython.bint
    nodes: cython.longlong
    turns: cython.longlong
    work: cython.longlong
    budget: cython.longlong
    taken: cython.longlong
    kept: cython.longlong
    turn_steps: cython.longlong
    pass_steps: cython.longlong
    placed: cython.longlong[::1]
    mean: cython.longlong[::1]

    def __init__(self) -> None:
        self.options = Options()
        self.places = Places(self.options)
        self.valuation = Valuation(self.options)
        room = rows.MAX_HOLDINGS * rows.MAX_PLACES
        self.incumbent = Incumbent(self.options, self.places, self.valuation)
        self.exact = ExactSearch(self.places, self.incumbent)
        self.placed, self.mean = self.incumbent.placed, int64_column(room)
        self.nodes = self.turns = 0
        self.work = self.budget = self.taken = self.kept = self.turn_steps = self.pass_steps = 0
        self.is_optimal = True

    @cython.cfunc
    @cython.nogil
    @cython.exceptval(check=False)
    def solve(
        self, portfolio: Portfolio, group: cython.longlong, work: cython.longlong
    ) -> cython.longlong:
        """Return the least that the options on an underlying require, minor units.

        Leaves in `placed` the lots of each option by place, in `is_optimal` whether it is proven
        that no pairing requires less.
        """
        self.nodes = self.taken = self.exact.steps = 0
        self.is_optimal = True
        self.incumbent.forget()
        if self.options.load(portfolio, group) == 0:
            return 0
        self._budget(work)
        self.places.open()
        self._try_first()
        if self.options.count <= rows.EXACT_LEGS and self.exact.open():
            self._search_exactly()
        elif self.options.unit == 1 or not self._closes_at_root():
            self._search_by_lines()
        if not self.options.is_whole or self.valuation.straddles.dropped:
            self.is_optimal = False
        if not self.is_optimal:
            self.places.open()
            self._polish()
        self.taken = self.budget - self.work
        return self.incumbent.best * self.options.unit

    @cython.cfunc
    @cython.nogil
    @cython.exceptval(check=False)
    def _search_exactly(self) -> cython.void:
        """Bound nodes by linear programs, units first: few options make small ones."""
        if self.options.unit == 1 or not self.exact.closes_at_root():
            if self.options.unit > 1:
                self._expand()
                self.exact.open()
            if not self.exact.search(self.work - self.kept):
                self.is_optimal = False
        self.nodes = self.exact.nodes
        self.work -= self.exact.steps

    @cython.cfunc
    @cython.nogil
    @cython.exceptval(check=False)
    def _search_by_lines(self) -> cython.void:
        """Bound nodes by means of lines, single lots."""
        self._expand()
        while self._approach() and self.options.count > rows.EXACT_LEGS:
            pass
        self.valuation.clear_lines()
        self._push()
        self._search()

    @cython.cfunc
    @cython.nogil
    @cython.exceptval(check=False)
    def _closes_at_root(self) -> cython.bint:
        """Look for the best pairing of whole units; true where splitting them saves nothing."""
        found: cython.longlong = 0
        self.valuation.clear_lines()
        if self.places.settle():
            found = self._bound()
        return found >= self.incumbent.best

    @cython.cfunc
    @cython.nogil
    @cython.exceptval(check=False)
    def _expand(self) -> cython.void:
        """Go on with single lots, beginning with the best pairing of units."""
        self.incumbent.expand(self.options.unit)
        self.options.expand()
        self.places.open()

    @cython.cfunc
    @cython.nogil
    @cython.exceptval(check=False)
    def _budget(self, work: cython.longlong) -> cython.void:
        """Set how many steps, of one option, place or price each, the search may take."""
        count: cython.longlong = self.options.count
        self.pass_steps = self.options.layers * (count + self.options.width)
        self.turn_steps = self.pass_steps + 2 * count * self.options.places
        self.work = min(work, rows.MANY_LEGS_WORK) if count > rows.EXACT_LEGS else work
        self.budget = self.work
        self.kept = self.work // (4 if count > rows.EXACT_LEGS else 16)
        self.valuation.straddles.limit = self.work // 64

    @cython.cfunc
    @cython.nogil
    @cython.exceptval(check=False)
    def _search(self) -> cython.void:
        bound: cython.longlong
        while self.places.depth > 0:
            if self.nodes == rows.EXACT_NODES or self.work < self.kept:
                self.is_optimal = False
                return
            self.nodes += 1
            self.valuation.recall(self.places.depth)
            self.places.pop()
            if not self.places.settle():
                continue
            bound = self._bound()
            if bound >= self.incumbent.best:
                continue
            self._try_placing()
            if bound < self.incumbent.best:
                self._branch()

    @cython.cfunc
    @cython.nogil
    @cython.exceptval(check=False)
    def _try_first(self) -> cython.void:
        """Know pairings to begin with; at least two, whatever the work that is left."""
        start: cython.int
        for start in range(starts(self.options)):
            if start > 1 and self.work < self.kept:
                return
            place_start(self.options, self.places, start)
            self._try_placing()

    @cython.cfunc
    @cython.nogil
    @cython.exceptval(check=False)
    def _try_placing(self) -> cython.void:
        """Make the placing whole and remember it where it requires less than all before."""
        self.work -= self.incumbent.consider() + self.pass_steps

    @cython.cfunc
    @cython.nogil
    @cython.exceptval(check=False)
    def _bound(self) -> cython.longlong:
        """Return the greatest bound found; stops at one that closes the node.

        Two sides play in turn: one chooses prices, premiums and bearers to make the mean placing
        most expensive, the other places lots where the mean of these choices makes them cheapest.
        Both means tend to the best fractional pairing; the first, rounded, is a pairing to try.
        Where it costs less than the best pairing known, no line can close the node: they stop.
        A node begins with the choices of the one it was split from, which suit it nearly as well.
        """
        turn: cython.int
        found: cython.longlong
        weights: cython.longlong = 0
        turns: cython.int = rows.TURNS
        self.places.clear_sum()
        if self.valuation.lines == 0 or self.valuation.turn > 20:
            self._begin_with_best()
            found = self.valuation.line(self.places)
            turns = rows.FIRST_TURNS
        else:
            found = self.valuation.bound(self.places)
        for turn in range(1, turns + 1):
            self.turns += 1
            self.work -= self.turn_steps
            if found >= self.incumbent.best:
                return found
            self.places.add_placed(turn)
            weights += turn
            if self.valuation.choose(self.places.sum) // weights < self.incumbent.best - 1:
                break
            if self.valuation.lines < rows.MAX_LINES:
                found = max(found, self.valuation.line(self.places))
        self._try_placing()
        self.places.place_mean(weights)
        for cell in range(self.options.count * self.options.places):
            self.mean[cell] = self.places.placed[cell]
        return found

    @cython.cfunc
    @cython.nogil
    @cython.exceptval(check=False)
    def _approach(self) -> cython.bint:
        """Try means of placings as they approach the best fractional pairing; true if one helped.

        Then it is worth beginning anew from the pairing found.
        """
        before: cython.longlong = self.incumbent.best
        turn: cython.int
        weights: cython.longlong = 0
        found: cython.longlong
        if not self.places.settle():
            return False
        self.places.clear_sum()
        self._begin_with_best()
        found = self.valuation.line(self.places)
        for turn in range(1, rows.FIRST_TURNS + 1):
            if found >= self.incumbent.best or self.work < self.kept:
                return False
            self.turns += 1
            self.work -= self.turn_steps
            self.places.add_placed(turn)
            weights += turn
            self.valuation.choose(self.places.sum)
            found = max(found, self.valuation.line(self.places))
            if turn % 4 == 0:
                self._try_placing()
                self.places.place_mean(weights)
                self._try_placing()
                self.valuation.choose(self.places.sum)
        return self.incumbent.best < before

    @cython.cfunc
    @cython.nogil
    @cython.exceptval(check=False)
    def _begin_with_best(self) -> cython.void:
        """Choose what makes the best pairing known as expensive as it is."""
        layer: cython.int
        self.valuation.clear_lines()
        self.valuation.bears = 0
        for layer in range(self.options.layers):
            self.valuation.price_of[layer] = self.incumbent.prices[layer]
            self.valuation.debit_of[layer] = self.incumbent.debits[layer]

    @cython.cfunc
    @cython.nogil
    @cython.exceptval(check=False)
    def _branch(self) -> cython.void:
        """Split the range that the mean placing halves most evenly, in money; else the widest."""
        cell: cython.int
        widest: cython.int = -1
        wide: cython.longlong = 0
        width: cython.longlong
        low: cython.longlong
        high: cython.longlong
        middle: cython.longlong
        for cell in range(self.options.count * self.options.places):
            low, high = self.places.low[cell], self.places.high[cell]
            if low == high:
                continue
            width = min(self.mean[cell] - low, high - self.mean[cell]) * 64 + high - low
            width *= max(self.options.own[cell // self.options.places], 1)
            if width > wide:
                widest, wide = cell, width
        if widest < 0:
            return
        low, high = self.places.low[widest], self.places.high[widest]
        middle = min(max(self.mean[widest], low), high - 1)
        if self.placed[widest] > middle:
            self._push_range(widest, low, middle)
            self._push_range(widest, middle + 1, high)
        else:
            self._push_range(widest, middle + 1, high)
            self._push_range(widest, low, middle)

    @cython.cfunc
    @cython.nogil
    @cython.exceptval(check=False)
    def _push_range(
        self, cell: cython.int, low: cython.longlong, high: cython.longlong
    ) -> cython.void:
        self.places.low[cell], self.places.high[cell] = low, high
        self._push()

    @cython.cfunc
    @cython.nogil
    @cython.exceptval(check=False)
    def _push(self) -> cython.void:
        """Put a node aside with the choices to begin with; where there is no room it is lost."""
        if self.places.push():
            self.valuation.keep(self.places.depth)
        else:
            self.is_optimal = False

    @cython.cfunc
    @cython.nogil
    @cython.exceptval(check=False)
    def _polish(self) -> cython.void:
        """Move lots of one option at a time while that requires less and work is left."""
        at: cython.int
        before: cython.longlong
        for _ in range(2):
            before = self.incumbent.best
            for at in range(self.options.count):
                if self.work <= 0:
                    return
                self._move_option(at)
            if self.incumbent.best == before:
                return

    @cython.cfunc
    @cython.nogil
    @cython.exceptval(check=False)
    def _move_option(self, at: cython.int) -> cython.void:
        source: cython.int
        target: cython.int
        for source in range(self.options.places):
            for target in range(self.options.places):
                if source != target:
                    self._try_move(at, source, target)

    @cython.cfunc
    @cython.nogil
    @cython.exceptval(check=False)
    def _try_move(self, at: cython.int, source: cython.int, target: cython.int) -> cython.void:
        cell: cython.int
        first: cython.int = at * self.options.places
        lots: cython.longlong = self.placed[first + source]
        while lots > 0 and self.work > 0 and self.places.high[first + target] > 0:
            for cell in range(self.options.count * self.options.places):
                self.places.placed[cell] = self.placed[cell]
            self.places.placed[first + source] -= lots
            self.places.placed[first + target] += lots
            self._try_placing()
            lots = min(lots // 2, self.placed[first + source])

    @cython.cfunc
    @cython.nogil
    @cython.exceptval(check=False)
    def settle_best(self) -> cython.longlong:
        """Value the best pairing once more, so that its straddles and layers can be read."""
        return self.valuation.value(self.placed)

    @cython.cfunc
    @cython.nogil
    @cython.exceptval(check=False)
    def debit(self) -> cython.longlong:
        """Return what of the best pairing's requirement is premium paid, minor units."""
        return self.valuation.debit(self.placed) * self.options.unit

    @cython.cfunc
    @cython.nogil
    @cython.exceptval(check=False)
    def covered_weight(self, calls: cython.longlong) -> cython.longlong:
        """Return the weight of the calls (1) or puts (0) that shares cover in the best pairing."""
        return self.valuation.covered_weight(self.placed, calls) * self.options.unit


def is_compiled() -> bool:
    """Whether this module runs as a C extension."""
    return cython.compiled
