"""Lay out the options on one underlying for the search of their pairing."""

import cython

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
    straight. The last column of `gain` is zero and stands for "nothing is lost". Each lot has a
    place: ALONE, COVERED by shares, or a *layer*, a group whose worst loss counts once. Every long
    option of a layer expires no earlier than every short one; one layer for each expiry of short
    options is enough, since groups that fit one layer lose no more together than apart.
    """

    count: cython.int
    layers: cython.int
    places: cython.int
    width: cython.int
    is_whole: cython.bint
    row: cython.longlong[::1]
    lots: cython.longlong[::1]
    is_short: cython.longlong[::1]
    is_call: cython.longlong[::1]
    weight: cython.longlong[::1]
    expiry: cython.longlong[::1]
    premium: cython.longlong[::1]
    own: cython.longlong[::1]
    beyond: cython.longlong[::1]
    at_least: cython.longlong[::1]
    strikes: cython.longlong[::1]
    gain: cython.longlong[::1]
    layer_expiry: cython.longlong[::1]
    call_cover: cython.longlong
    put_cover: cython.longlong

    def __init__(self) -> None:
        room = rows.MAX_HOLDINGS
        self.row, self.lots = int64_column(room), int64_column(room)
        self.is_short, self.is_call = int64_column(room), int64_column(room)
        self.weight, self.expiry = int64_column(room), int64_column(room)
        self.premium, self.own = int64_column(room), int64_column(room)
        self.beyond, self.at_least = int64_column(room), int64_column(2 * room)
        self.strikes, self.layer_expiry = int64_column(room + 3), int64_column(rows.MAX_LAYERS)
        self.gain = int64_column(room * (room + 3))
        self.count = self.layers = self.width = 0
        self.places = rows.FIRST_LAYER
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
        self.call_cover = self.put_cover = 0
        self.is_whole = True
        self.strikes[0], self.width = 0, 1
        for row in range(portfolio.count):
            lots = portfolio.get(row, rows.LOTS)
            if portfolio.get(row, rows.GROUP) != group or lots == 0:
                continue
            kind = portfolio.get(row, rows.KIND)
            if kind == rows.KIND_CALL or kind == rows.KIND_PUT:
                self._add(portfolio, row)
            elif lots > 0:
                self.call_cover += lots * portfolio.get(row, rows.WEIGHT)
            else:
                self.put_cover -= lots * portfolio.get(row, rows.WEIGHT)
        self._find_layers(portfolio)
        self._fill_gain(portfolio)
        self._fill_at_least()
        return self.count

    @cython.cfunc
    @cython.nogil
    @cython.exceptval(check=False)
    def _add(self, portfolio: Portfolio, row: cython.int) -> cython.void:
        at: cython.int = self.count
        lots: cython.longlong = portfolio.get(row, rows.LOTS)
        value: cython.longlong = portfolio.get(row, rows.MARK_VALUE)
        self.row[at], self.lots[at] = row, abs(lots)
        self.is_short[at] = 1 if lots < 0 else 0
        self.is_call[at] = 1 if portfolio.get(row, rows.KIND) == rows.KIND_CALL else 0
        self.weight[at] = portfolio.get(row, rows.WEIGHT)
        self.expiry[at] = portfolio.get(row, rows.EXPIRY)
        self.premium[at] = -value if lots < 0 else value
        self.own[at] = portfolio.get(row, rows.OWN)
        self.beyond[at] = portfolio.get(row, rows.BEYOND)
        self.count += 1
        self._add_strike(portfolio.get(row, rows.STRIKE_TICKS))

    @cython.cfunc
    @cython.nogil
    @cython.exceptval(check=False)
    def _add_strike(self, ticks: cython.longlong) -> cython.void:
        """Keep the prices that matter ascending, each once."""
        at: cython.int = self.width
        move: cython.int
        while at > 0 and self.strikes[at - 1] > ticks:
            at -= 1
        if at > 0 and self.strikes[at - 1] == ticks:
            return
        move = self.width
        while move > at:
            self.strikes[move] = self.strikes[move - 1]
            move -= 1
        self.strikes[at] = ticks
        self.width += 1

    @cython.cfunc
    @cython.nogil
    @cython.exceptval(check=False)
    def _find_layers(self, portfolio: Portfolio) -> cython.void:
        """Choose layers among the expiries of short options, the earliest first.

        A layer whose long options could all serve the next one as well is left out, unless short
        options settled in cash must expire together there.
        """
        expiry: cython.longlong = self._next_expiry(0)
        following: cython.longlong
        while expiry > 0:
            following = self._next_expiry(expiry)
            if following == 0 or self._is_needed(portfolio, expiry, following):
                if self.layers == rows.MAX_LAYERS:
                    self.is_whole = False
                    self.layers -= 1
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
    def _is_needed(
        self, portfolio: Portfolio, expiry: cython.longlong, following: cython.longlong
    ) -> cython.bint:
        at: cython.int
        for at in range(self.count):
            if self.is_short[at]:
                if self._is_cash_settled(portfolio, at):
                    return True
            elif expiry <= self.expiry[at] < following:
                return True
        return False

    @cython.cfunc
    @cython.nogil
    @cython.exceptval(check=False)
    def _is_cash_settled(self, portfolio: Portfolio, at: cython.int) -> cython.bint:
        row: cython.int = cython.cast(cython.int, self.row[at])
        return portfolio.get(row, rows.FLAGS) & rows.FLAG_BROAD_INDEX != 0

    @cython.cfunc
    @cython.nogil
    @cython.exceptval(check=False)
    def _add_far_price(self, portfolio: Portfolio) -> cython.void:
        """Add a price so high that calls that are short on balance cost more than all else there.

        It changes no value, since no layer is short calls on balance, but makes bounds tighter.
        """
        at: cython.int
        beyond: cython.longlong = 1
        for at in range(self.count):
            beyond = max(beyond, self.own[at] // self.weight[at] + 1)
        beyond = min(beyond, 4 * portfolio.highest_ticks + 1)
        self.strikes[self.width] = self.strikes[self.width - 1] + beyond
        self.width += 1

    @cython.cfunc
    @cython.nogil
    @cython.exceptval(check=False)
    def _fill_gain(self, portfolio: Portfolio) -> cython.void:
        """Write what a lot gains (a short one: loses) at each price that matters."""
        at: cython.int
        price: cython.int
        ticks: cython.longlong
        strike: cython.longlong
        self._add_far_price(portfolio)
        self.width += 1
        for at in range(self.count):
            strike = portfolio.get(cython.cast(cython.int, self.row[at]), rows.STRIKE_TICKS)
            for price in range(self.width - 1):
                ticks = self.strikes[price] - strike
                if not self.is_call[at]:
                    ticks = -ticks
                ticks = max(ticks, 0) * self.weight[at]
                self.gain[at * self.width + price] = -ticks if self.is_short[at] else ticks
            self.gain[at * self.width + self.width - 1] = 0

    @cython.cfunc
    @cython.nogil
    @cython.exceptval(check=False)
    def _fill_at_least(self) -> cython.void:
        """Write what a lot left alone costs at least, whatever straddles it may be part of.

        Two ways to share the requirement of a straddle between its sides, both no more than it:
        the puts bear all they can and the calls their value (0), or the other way (1).
        """
        at: cython.int
        other: cython.int
        bears: cython.int
        least: cython.longlong
        has_partner: cython.bint
        for at in range(self.count):
            least = self.beyond[at]
            has_partner = False
            for other in range(self.count):
                if self._may_straddle(at, other):
                    has_partner = True
                    if self._is_lesser(at, other):
                        least = min(least, self.beyond[other])
            for bears in range(2):
                self.at_least[bears * rows.MAX_HOLDINGS + at] = self.own[at]
                if has_partner and self.is_call[at] == bears:
                    least = self.own[at] - self.beyond[at] + least
                    self.at_least[bears * rows.MAX_HOLDINGS + at] = least
                elif has_partner:
                    self.at_least[bears * rows.MAX_HOLDINGS + at] = self.own[at] - self.beyond[at]

    @cython.cfunc
    @cython.nogil
    @cython.exceptval(check=False)
    def _may_straddle(self, at: cython.int, other: cython.int) -> cython.bint:
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
    def may_go(self, portfolio: Portfolio, at: cython.int, place: cython.int) -> cython.bint:
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
        if self._is_cash_settled(portfolio, at):
            return self.expiry[at] == expiry
        return self.expiry[at] <= expiry

    @cython.cfunc
    @cython.nogil
    @cython.exceptval(check=False)
    def _has_layer(self, at: cython.int) -> cython.bint:
        return self.layers > 0 and self.expiry[at] >= self.layer_expiry[0]


def is_compiled() -> bool:
    """Whether this module runs as a C extension."""
    return cython.compiled
