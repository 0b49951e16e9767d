"""Prove by the multipliers of a linear program that no pairing within bounds requires less."""

import cython

from quantumcore.server.core.margin.columns import int64_columns

if cython.compiled:
    from cython.cimports.quantumcore.server.core.margin import fixed, rows
    from cython.cimports.quantumcore.server.core.margin.options_cy import Options, greatest_common
    from cython.cimports.quantumcore.server.core.margin.places_cy import Places
    from cython.cimports.quantumcore.server.core.margin.program_cy import Program, bits, shifted
    from cython.cimports.quantumcore.server.core.margin.tableau_cy import Tableau
    from cython.cimports.quantumcore.server.core.margin.valuation_cy import Valuation
else:
    from quantumcore.server.core.margin import fixed, rows
    from quantumcore.server.core.margin.options_cy import Options, greatest_common
    from quantumcore.server.core.margin.places_cy import Places
    from quantumcore.server.core.margin.program_cy import Program, bits, shifted
    from quantumcore.server.core.margin.tableau_cy import Tableau
    from quantumcore.server.core.margin.valuation_cy import Valuation


@cython.final
@cython.cclass
class Multipliers:
    """A mean of lines, computed exactly whatever the weights are.

    The program names weights: how much each price counts in a layer, its premium, the balance of
    its calls, cover, and how a straddle's saving is shared between its sides. They are rounded so
    that they are lawful: prices of a layer count 2**`one_bits` together, nothing counts less than
    0, and the sides of each straddle share no less than it saves. Under such weights a lot costs
    the same wherever its like go, and the cheapest placing is one that no pairing undercuts.

    All pairings require multiples of `step` minor units. So one that is less than a step above
    the bound is the least.
    """

    options: Options
    valuation: Valuation
    program: Program
    tableau: Tableau
    one_bits: cython.int
    step: cython.longlong
    most_factor: cython.longlong
    count: cython.longlong[::1]
    price: cython.longlong[::1]
    weight: cython.longlong[::1]
    net: cython.longlong[::1]
    balance: cython.longlong[::1]
    cover: cython.longlong[::1]
    share: cython.longlong[::1]
    cost: cython.longlong[::1]
    placed: cython.longlong[::1]
    dearest: cython.longlong[::1]
    slack: cython.longlong
    cut: cython.int
    total: cython.longlong
    rest: cython.longlong

    def __init__(self, options: Options, valuation: Valuation, program: Program) -> None:
        self.options, self.valuation, self.program = options, valuation, program
        self.tableau = program.tableau
        columns = iter(int64_columns(6, rows.EXACT_LEGS + rows.FIRST_LAYER))
        self.count, self.net, self.balance = (next(columns) for _ in range(3))
        self.cover, self.share, self.dearest = (next(columns) for _ in range(3))
        columns = iter(int64_columns(2, rows.EXACT_LEGS * rows.MAX_PLACES))
        self.cost, self.placed = (next(columns) for _ in range(2))
        columns = iter(int64_columns(2, rows.MAX_LAYERS * rows.MAX_PRICES))
        self.price, self.weight = (next(columns) for _ in range(2))
        self.one_bits = self.cut = 0
        self.step = self.most_factor = self.total = self.rest = self.slack = 0

    @cython.cfunc
    @cython.nogil
    @cython.exceptval(check=False)
    def open(self) -> cython.bint:
        """Choose units for the options of the program; false where amounts are too large."""
        at: cython.int
        lots: cython.longlong = 0
        lightest: cython.longlong = self.options.weight[0]
        heaviest: cython.longlong = lightest
        spread: cython.int
        for at in range(self.options.count):
            lots += self.options.lots[at] * self.options.unit
            lightest = min(lightest, self.options.weight[at])
            heaviest = max(heaviest, self.options.weight[at])
        spread = bits(self.program.most_money) + bits(heaviest // lightest)
        self.one_bits = min(fixed.FRACTION, 57 - spread)
        self.one_bits = min(self.one_bits, 57 + rows.LOW_BITS - spread - bits(lots))
        if self.one_bits < rows.LOW_BITS or bits(lots) + bits(heaviest) > rows.COVER_BITS:
            return False
        self.most_factor = 2 * (self.program.most_money << self.one_bits) // lightest
        self._find_step()
        return True

    @cython.cfunc
    @cython.nogil
    @cython.exceptval(check=False)
    def _find_step(self) -> cython.void:
        at: cython.int
        strikes: cython.longlong = 0
        for at in range(self.options.count):
            strikes = greatest_common(strikes, self.options.strike[at])
        self.step = 0
        for at in range(self.options.count):
            self._divide_step(self.options.premium[at])
            self._divide_step(self.options.own[at])
            self._divide_step(self.options.beyond[at])
            self._divide_step(strikes * self.options.weight[at])
        self.step = max(self.step, 1)

    @cython.cfunc
    @cython.nogil
    @cython.exceptval(check=False)
    def _divide_step(self, amount: cython.longlong) -> cython.void:
        if amount and (self.step == 0 or amount % self.step):
            self.step = greatest_common(self.step, abs(amount))

    @cython.cfunc
    @cython.nogil
    @cython.exceptval(check=False)
    def bound(self, places: Places) -> cython.void:
        """Find what no pairing within bounds undercuts, by the multipliers of the moment."""
        at: cython.int
        self._read()
        self._share_savings()
        self.total = self.rest = 0
        for at in range(2):
            if self.cover[at]:
                self._charge(self.cover[at], -self.program.cover_of(at))
        for at in range(self.options.count):
            self._find_costs(at)
            self._place(places, at)

    @cython.cfunc
    @cython.nogil
    @cython.exceptval(check=False)
    def proves(self, best: cython.longlong) -> cython.bint:
        """Whether that bound proves that nothing requires less than the best pairing known.

        `slack` tells how far it is from that, in 2**-`one_bits`; less than 0: proven.
        """
        high: cython.longlong = best << (self.one_bits - rows.LOW_BITS)
        low: cython.longlong = (self.step << self.one_bits) // self.options.unit
        high -= self.total + (self.rest >> rows.LOW_BITS)
        low += self.rest & ((1 << rows.LOW_BITS) - 1)
        high -= low >> rows.LOW_BITS
        low &= (1 << rows.LOW_BITS) - 1
        self.slack = rows.UNBOUNDED
        if high < rows.UNBOUNDED >> rows.LOW_BITS:
            self.slack = high * (1 << rows.LOW_BITS) - low
        return self.slack < 0

    @cython.cfunc
    @cython.nogil
    @cython.exceptval(check=False)
    def _charge(self, cost: cython.longlong, lots: cython.longlong) -> cython.void:
        """Add a cost so many times to the total, which is `total` * 2**LOW_BITS + `rest`."""
        self.total += (cost >> rows.LOW_BITS) * lots
        self.rest += (cost & ((1 << rows.LOW_BITS) - 1)) * lots

    @cython.cfunc
    @cython.nogil
    @cython.exceptval(check=False)
    def _read(self) -> cython.void:
        """Read the weights off the costs of the variables that are not basic."""
        at: cython.int
        column: cython.int
        costs: cython.int = self.tableau.height * self.tableau.stride
        for at in range(rows.EXACT_LEGS):
            self.count[at] = self.net[at] = self.balance[at] = self.share[at] = 0
        self.cover[0] = self.cover[1] = 0
        for column in range(self.tableau.width):
            if self.tableau.cell[costs + column] > 0:
                self._take(
                    cython.cast(cython.int, self.tableau.outside[column]),
                    self.tableau.cell[costs + column],
                )
        for at in range(self.options.layers):
            self._fit(at)

    @cython.cfunc
    @cython.nogil
    @cython.exceptval(check=False)
    def _take(self, variable: cython.int, cost: cython.longlong) -> cython.void:
        kind: cython.longlong = self.program.kind[variable]
        index: cython.longlong = self.program.index[variable]
        detail: cython.longlong = self.program.detail[variable]
        one: cython.longlong = 1
        money: cython.int = self.one_bits - fixed.FRACTION + self.program.money_bits
        weight: cython.longlong = shifted(cost, self.one_bits - fixed.FRACTION)
        if kind == rows.LOSS and detail != self.options.width - 1:
            self.price[index * rows.MAX_PRICES + self.count[index]] = detail
            self.weight[index * rows.MAX_PRICES + self.count[index]] = weight
            self.count[index] += 1
        elif kind == rows.NET and detail == 1:
            self.net[index] = min(weight, one << self.one_bits)
        elif kind == rows.SINGLE:
            self.share[index] = limited(cost, money, self.program.most_money << self.one_bits)
        elif kind == rows.BALANCE:
            self.balance[index] = limited(cost, money - self.program.weight_bits, self.most_factor)
        elif kind == rows.COVER:
            self.cover[index] = limited(cost, money - self.program.weight_bits, self.most_factor)

    @cython.cfunc
    @cython.nogil
    @cython.exceptval(check=False)
    def _fit(self, layer: cython.int) -> cython.void:
        """Cut the weights of a layer's prices down to one together; the rest counts no loss."""
        first: cython.int = layer * rows.MAX_PRICES
        at: cython.int
        one: cython.longlong = 1
        left: cython.longlong = one << self.one_bits
        for at in range(first, first + cython.cast(cython.int, self.count[layer])):
            self.weight[at] = min(self.weight[at], left)
            left -= self.weight[at]

    @cython.cfunc
    @cython.nogil
    @cython.exceptval(check=False)
    def _share_savings(self) -> cython.void:
        """Let calls bear what the sides of their straddles do not share yet."""
        call: cython.int
        put: cython.int
        for call in range(self.options.count):
            if self.program.partner[call] == rows.NO_SIDE:
                continue
            for put in range(self.options.count):
                self.share[call] = max(
                    self.share[call],
                    (self.program.saving(call, put) << self.one_bits) - self.share[put],
                )

    @cython.cfunc
    @cython.nogil
    @cython.exceptval(check=False)
    def _find_costs(self, at: cython.int) -> cython.void:
        """Find what a lot of an option costs at each place where it may go."""
        place: cython.int
        cell: cython.int = at * self.options.places
        one: cython.longlong = 1
        for place in range(self.options.places):
            if not self.program.is_open[cell]:
                self.cost[cell] = rows.UNBOUNDED
            elif place == rows.ALONE:
                self.cost[cell] = (self.options.own[at] * (one << self.one_bits)) - self.share[at]
            elif place == rows.COVERED:
                self.cost[cell] = self.cover[self.options.is_call[at]] * self.options.weight[at]
            else:
                self.cost[cell] = self._layer_cost(at, place - rows.FIRST_LAYER)
            cell += 1

    @cython.cfunc
    @cython.nogil
    @cython.exceptval(check=False)
    def _layer_cost(self, at: cython.int, layer: cython.int) -> cython.longlong:
        which: cython.int
        first: cython.int = layer * rows.MAX_PRICES
        cost: cython.longlong = self.net[layer] * self.options.premium[at]
        for which in range(first, first + cython.cast(cython.int, self.count[layer])):
            if self.weight[which]:
                cost -= self.weight[which] * self.valuation.gain(at, self.price[which])
        if self.options.is_call[at]:
            cost -= self.balance[layer] * self.options.lever[at]
        return cost

    @cython.cfunc
    @cython.nogil
    @cython.exceptval(check=False)
    def _place(self, places: Places, at: cython.int) -> cython.void:
        """Charge the lots of an option: the least everywhere, the rest where it costs least."""
        cell: cython.int
        first: cython.int = at * self.options.places
        more: cython.longlong
        left: cython.longlong = self.options.lots[at]
        for cell in range(first, first + self.options.places):
            self.placed[cell] = places.low[cell]
            if places.low[cell] > 0:
                self._charge(self.cost[cell], places.low[cell])
                left -= places.low[cell]
        self.dearest[at] = rows.UNBOUNDED
        while left > 0:
            cell = self._cheapest(places, first)
            more = min(left, places.high[cell] - self.placed[cell])
            self._charge(self.cost[cell], more)
            self.placed[cell] += more
            self.dearest[at] = self.cost[cell]
            left -= more

    @cython.cfunc
    @cython.nogil
    @cython.exceptval(check=False)
    def _cheapest(self, places: Places, first: cython.int) -> cython.int:
        """Return the cheapest cell of an option that has room; -1: none."""
        cell: cython.int
        best: cython.int = -1
        for cell in range(first, first + self.options.places):
            if self.placed[cell] < places.high[cell]:
                if best < 0 or self.cost[cell] < self.cost[best]:
                    best = cell
        return best

    @cython.cfunc
    @cython.nogil
    @cython.exceptval(check=False)
    def narrow(self, places: Places) -> cython.void:
        """After a proof that failed, cut off lots that alone would lift the bound far enough.

        More lots at a dear place take some from the dearest one in use, fewer at a place in use go
        to the cheapest that has room. `cut` tells of how many places lots were cut off.
        """
        at: cython.int
        cell: cython.int
        free: cython.int
        first: cython.int = 0
        more: cython.longlong
        self.cut = 0
        for at in range(self.options.count):
            free = self._cheapest(places, first)
            for cell in range(first, first + self.options.places):
                if places.low[cell] == places.high[cell]:
                    continue
                if self.cost[cell] > self.dearest[at]:
                    more = self.slack // (self.cost[cell] - self.dearest[at])
                    if places.low[cell] + more < places.high[cell]:
                        places.high[cell] = places.low[cell] + more
                        self.cut += 1
                elif free >= 0 and self.cost[free] > self.cost[cell]:
                    more = self.slack // (self.cost[free] - self.cost[cell])
                    if self.placed[cell] - more > places.low[cell]:
                        places.low[cell] = self.placed[cell] - more
                        self.cut += 1
            first += self.options.places


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def limited(value: cython.longlong, places: cython.int, most: cython.longlong) -> cython.longlong:
    """Return a number of 0 or more times 2**places, rounded down, at most `most`."""
    if places > 0 and value > most >> places:
        return most
    return min(shifted(value, places), most)


def is_compiled() -> bool:
    """Whether this module runs as a C extension."""
    return cython.compiled
