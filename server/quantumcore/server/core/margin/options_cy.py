"""Lay out the options on one underlying for the search of their pairing."""

import cython

from quantumcore.server.core.margin.columns import int64_columns
from quantumcore.server.core.memory import int64_column

if cython.compiled:
    from cython.cimports.quantumcore.server.core.margin import rows
    from cython.cimports.quantumcore.server.core.margin.portfolio_cy import Portfolio
else:
    from quantumcore.server.core.margin import rows
    from quantumcore.server.core.margin.portfolio_cy import Portfolio


@cython.final
@cython.cclass
class Options:
    """Columns by option: its terms, what it gains at every price that matters, where it may go.

    The prices that matter are 0, the strikes and one far above: between them every payoff is
    straight. The last one stands for "nothing is lost". Each lot has a place: ALONE, COVERED by
    shares, or a *layer*, a group whose worst loss counts once. Every long option of a layer
    expires no earlier than every short one; one layer for each expiry of short options is enough,
    since groups that fit one layer lose no more together than apart.

    Options stand in order of strike, expiry, right and instrument, however the portfolio's rows
    do. Lots are counted in units of what all have in common (`unit`), until `expand`.
    """

    count: cython.int
    layers: cython.int
    places: cython.int
    width: cython.int
    below: cython.int
    unit: cython.longlong
    is_whole: cython.bint
    row: cython.longlong[::1]
    lots: cython.longlong[::1]
    is_short: cython.longlong[::1]
    is_call: cython.longlong[::1]
    is_cash: cython.longlong[::1]
    weight: cython.longlong[::1]
    lever: cython.longlong[::1]
    strike: cython.longlong[::1]
    price: cython.longlong[::1]
    expiry: cython.longlong[::1]
    premium: cython.longlong[::1]
    own: cython.longlong[::1]
    beyond: cython.longlong[::1]
    at_least: cython.longlong[::1]
    strikes: cython.longlong[::1]
    layer_expiry: cython.longlong[::1]
    call_cover: cython.longlong
    put_cover: cython.longlong

    def __init__(self) -> None:
        columns = iter(int64_columns(15, rows.MAX_HOLDINGS + 3))
        self.row, self.lots, self.is_short, self.is_call = (next(columns) for _ in range(4))
        self.is_cash, self.weight, self.lever, self.strike = (next(columns) for _ in range(4))
        self.price, self.expiry, self.premium, self.own = (next(columns) for _ in range(4))
        self.beyond, self.strikes, self.layer_expiry = (next(columns) for _ in range(3))
        self.at_least = int64_column(2 * rows.MAX_HOLDINGS)
        self.count = self.layers = self.width = self.below = 0
        self.places = rows.FIRST_LAYER
        self.unit = 1
        self.call_cover = self.put_cover = 0
        self.is_whole = True

    @cython.cfunc
    @cython.nogil
    @cython.exceptval(check=False)
    def load(self, portfolio: Portfolio, group: cython.longlong) -> cython.int:
        """Read the options and shares of an underlying; return how many options there are."""
        row: cython.int
        kind: cython.longlong
        lots: cython.longlong
        self.count = self.layers = 0
        self.unit = 1
        self.call_cover = self.put_cover = 0
        self.is_whole = True
        for row in range(portfolio.count):
            lots = portfolio.get(row, rows.LOTS)
            if portfolio.get(row, rows.GROUP) != group or lots == 0:
                continue
            kind = portfolio.get(row, rows.KIND)
            if kind == rows.KIND_CALL or kind == rows.KIND_PUT:
                self._insert(portfolio, row)
            elif lots > 0:
                self.call_cover += lots * portfolio.get(row, rows.WEIGHT)
            else:
                self.put_cover -= lots * portfolio.get(row, rows.WEIGHT)
        self._fill(portfolio)
        self._find_layers()
        self._add_far_price(portfolio)
        self._fill_at_least()
        self._find_unit()
        return self.count

    @cython.cfunc
    @cython.nogil
    @cython.exceptval(check=False)
    def _insert(self, portfolio: Portfolio, row: cython.int) -> cython.void:
        """Keep the rows of options in their order."""
        low: cython.int = 0
        high: cython.int = self.count
        middle: cython.int
        while low < high:
            middle = (low + high) // 2
            if self._is_before(portfolio, row, cython.cast(cython.int, self.row[middle])):
                high = middle
            else:
                low = middle + 1
        high = self.count
        while high > low:
            self.row[high] = self.row[high - 1]
            high -= 1
        self.row[low] = row
        self.count += 1

    @cython.cfunc
    @cython.nogil
    @cython.exceptval(check=False)
    def _is_before(self, portfolio: Portfolio, row: cython.int, other: cython.int) -> cython.bint:
        first: cython.longlong = portfolio.get(row, rows.STRIKE_TICKS)
        second: cython.longlong = portfolio.get(other, rows.STRIKE_TICKS)
        if first != second:
            return first < second
        first, second = portfolio.get(row, rows.EXPIRY), portfolio.get(other, rows.EXPIRY)
        if first != second:
            return first < second
        first, second = portfolio.get(row, rows.KIND), portfolio.get(other, rows.KIND)
        if first != second:
            return first < second
        return portfolio.get(row, rows.INSTRUMENT) < portfolio.get(other, rows.INSTRUMENT)

    @cython.cfunc
    @cython.nogil
    @cython.exceptval(check=False)
    def _fill(self, portfolio: Portfolio) -> cython.void:
        """Write the columns, and the prices that matter, ascending, each once."""
        at: cython.int
        self.strikes[0], self.width, self.below = 0, 1, 1
        for at in range(self.count):
            self._fill_terms(portfolio, at, cython.cast(cython.int, self.row[at]))
            if self.strike[at] != self.strikes[self.width - 1]:
                self.strikes[self.width] = self.strike[at]
                self.width += 1
                if self.strike[at] <= portfolio.get(
                    cython.cast(cython.int, self.row[0]), rows.UNDERLYING_TICKS
                ):
                    self.below = self.width
            self.price[at] = self.width - 1

    @cython.cfunc
    @cython.nogil
    @cython.exceptval(check=False)
    def _fill_terms(self, portfolio: Portfolio, at: cython.int, row: cython.int) -> cython.void:
        lots: cython.longlong = portfolio.get(row, rows.LOTS)
        value: cython.longlong = portfolio.get(row, rows.MARK_VALUE)
        weight: cython.longlong = portfolio.get(row, rows.WEIGHT)
        self.lots[at] = abs(lots)
        self.is_short[at] = 1 if lots < 0 else 0
        self.is_call[at] = 1 if portfolio.get(row, rows.KIND) == rows.KIND_CALL else 0
        self.is_cash[at] = portfolio.get(row, rows.FLAGS) & rows.FLAG_BROAD_INDEX
        self.weight[at] = weight
        self.lever[at] = -weight if lots < 0 else weight
        self.strike[at] = portfolio.get(row, rows.STRIKE_TICKS)
        self.expiry[at] = portfolio.get(row, rows.EXPIRY)
        self.premium[at] = -value if lots < 0 else value
        self.own[at] = portfolio.get(row, rows.OWN)
        self.beyond[at] = portfolio.get(row, rows.BEYOND)

    @cython.cfunc
    @cython.nogil
    @cython.exceptval(check=False)
    def _find_unit(self) -> cython.void:
        """Count lots in units of what all of them have in common, where one option is like another.

        A pairing of units is a pairing of lots, and what no fractional pairing of the units
        undercuts no pairing of the lots does. With different weights whole lots would not match.
        """
        at: cython.int
        unit: cython.longlong = 0
        for at in range(self.count):
            unit = greatest_common(unit, self.lots[at])
            if self.weight[at] != self.weight[0]:
                return
        if unit > 1 and self._cover_unit(unit) == unit:
            self.unit = unit
            for at in range(self.count):
                self.lots[at] //= unit
            self.call_cover //= unit
            self.put_cover //= unit

    @cython.cfunc
    @cython.nogil
    @cython.exceptval(check=False)
    def _cover_unit(self, unit: cython.longlong) -> cython.longlong:
        """Trim cover to the whole lots that it can cover; return what unit it has in common."""
        calls: cython.longlong = 0
        puts: cython.longlong = 0
        at: cython.int
        for at in range(self.count):
            if self.is_short[at] and self.is_call[at]:
                calls += self.lots[at]
            elif self.is_short[at]:
                puts += self.lots[at]
        calls = min(calls, self.call_cover // self.weight[0])
        puts = min(puts, self.put_cover // self.weight[0])
        self.call_cover, self.put_cover = calls * self.weight[0], puts * self.weight[0]
        return greatest_common(greatest_common(unit, calls), puts)

    @cython.cfunc
    @cython.nogil
    @cython.exceptval(check=False)
    def expand(self) -> cython.void:
        """Count single lots from here on."""
        at: cython.int
        for at in range(self.count):
            self.lots[at] *= self.unit
        self.call_cover *= self.unit
        self.put_cover *= self.unit
        self.unit = 1

    @cython.cfunc
    @cython.nogil
    @cython.exceptval(check=False)
    def _find_layers(self) -> cython.void:
        """Choose layers among the expiries of short options, the earliest first.

        A layer whose long options could all serve the next one as well is left out, unless short
        options settled in cash must expire together there. Beyond 8 the last one stands for all.
        """
        expiry: cython.longlong = self._next_expiry(0)
        following: cython.longlong
        while expiry > 0:
            following = self._next_expiry(expiry)
            if following == 0 or self._is_needed(expiry, following):
                if self.layers == rows.MAX_LAYERS:
                    self.is_whole = False
                    self.layer_expiry[self.layers - 1] = self._last_expiry()
                    break
                self.layer_expiry[self.layers] = expiry
                self.layers += 1
            expiry = following
        self.places = rows.FIRST_LAYER + self.layers

    @cython.cfunc
    @cython.nogil
    @cython.exceptval(check=False)
    def _next_expiry(self, after: cython.longlong) -> cython.longlong:
        """Return the earliest expiry of a short option after the one given; 0: none."""
        at: cython.int
        found: cython.longlong = 0
        for at in range(self.count):
            if self.is_short[at] and self.expiry[at] > after:
                if found == 0 or self.expiry[at] < found:
                    found = self.expiry[at]
        return found

    @cython.cfunc
    @cython.nogil
    @cython.exceptval(check=False)
    def _last_expiry(self) -> cython.longlong:
        at: cython.int
        found: cython.longlong = 0
        for at in range(self.count):
            if self.is_short[at]:
                found = max(found, self.expiry[at])
        return found

    @cython.cfunc
    @cython.nogil
    @cython.exceptval(check=False)
    def _is_needed(self, expiry: cython.longlong, following: cython.longlong) -> cython.bint:
        at: cython.int
        for at in range(self.count):
            if self.is_short[at]:
                if self.is_cash[at]:
                    return True
            elif expiry <= self.expiry[at] < following:
                return True
        return False

    @cython.cfunc
    @cython.nogil
    @cython.exceptval(check=False)
    def _add_far_price(self, portfolio: Portfolio) -> cython.void:
        """Add a price so high that calls that are short on balance cost more than all else there.

        It changes no value, since no layer is short calls on balance, but makes bounds tighter.
        The price behind it stands for "nothing is lost".
        """
        at: cython.int
        beyond: cython.longlong = 1
        for at in range(self.count):
            if self.is_short[at] and self.is_call[at]:
                beyond = max(beyond, self.own[at] // self.weight[at] + 1)
        beyond = min(beyond, 4 * portfolio.highest_ticks + 1)
        self.strikes[self.width] = self.strikes[self.width - 1] + beyond
        self.strikes[self.width + 1] = self.strikes[self.width]
        self.width += 2

    @cython.cfunc
    @cython.nogil
    @cython.exceptval(check=False)
    def _fill_at_least(self) -> cython.void:
        """Write what a lot left alone costs at least, whatever straddles it may be part of.

        Two ways to share the requirement of a straddle between its sides, both no more than it:
        the puts bear all they can and the calls their value (0), or the other way (1).
        """
        at: cython.int
        value: cython.longlong
        least: cython.longlong
        for at in range(self.count):
            value = self.own[at] - self.beyond[at]
            least = self._least_saving(at) if self.is_short[at] else rows.NEVER
            if least == rows.NEVER:
                self.at_least[at] = self.at_least[rows.MAX_HOLDINGS + at] = self.own[at]
            elif self.is_call[at]:
                self.at_least[at] = value
                self.at_least[rows.MAX_HOLDINGS + at] = value + least
            else:
                self.at_least[at] = value + least
                self.at_least[rows.MAX_HOLDINGS + at] = value

    @cython.cfunc
    @cython.nogil
    @cython.exceptval(check=False)
    def _least_saving(self, at: cython.int) -> cython.longlong:
        """Return the least that a straddle of an option counts beyond values; NEVER: none."""
        other: cython.int
        least: cython.longlong = self.beyond[at]
        has_partner: cython.bint = False
        for other in range(self.count):
            if self.may_straddle(at, other):
                has_partner = True
                if self._is_lesser(at, other):
                    least = min(least, self.beyond[other])
        return least if has_partner else rows.NEVER

    @cython.cfunc
    @cython.nogil
    @cython.exceptval(check=False)
    def may_straddle(self, at: cython.int, other: cython.int) -> cython.bint:
        if not self.is_short[at] or not self.is_short[other]:
            return False
        return self.is_call[at] != self.is_call[other] and self.weight[at] == self.weight[other]

    @cython.cfunc
    @cython.nogil
    @cython.exceptval(check=False)
    def _is_lesser(self, at: cython.int, other: cython.int) -> cython.bint:
        """Whether the first is the lesser side of a straddle; of equal sides the put is."""
        if self.own[at] == self.own[other]:
            return not self.is_call[at]
        return self.own[at] < self.own[other]

    @cython.cfunc
    @cython.nogil
    @cython.exceptval(check=False)
    def may_go(self, at: cython.int, place: cython.int) -> cython.bint:
        """Whether lots of an option may go to a place at all."""
        expiry: cython.longlong
        if place == rows.ALONE:
            return self.is_short[at] != 0 or not self._has_layer(at)
        if place == rows.COVERED:
            if not self.is_short[at]:
                return False
            return (self.call_cover if self.is_call[at] else self.put_cover) >= self.weight[at]
        expiry = self.layer_expiry[place - rows.FIRST_LAYER]
        if not self.is_short[at]:
            return self.expiry[at] >= expiry
        if self.is_cash[at]:
            return self.expiry[at] == expiry
        return self.expiry[at] <= expiry

    @cython.cfunc
    @cython.nogil
    @cython.exceptval(check=False)
    def _has_layer(self, at: cython.int) -> cython.bint:
        return self.layers > 0 and self.expiry[at] >= self.layer_expiry[0]


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def greatest_common(first: cython.longlong, second: cython.longlong) -> cython.longlong:
    """Return the greatest common divisor; of a number and 0 it is the number."""
    while second:
        first, second = second, first % second
    return first


def is_compiled() -> bool:
    """Whether this module runs as a C extension."""
    return cython.compiled
