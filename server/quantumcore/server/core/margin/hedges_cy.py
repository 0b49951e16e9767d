"""Form spreads among futures and among shares, in order of priority, and credit them."""

import cython

from quantumcore.server.core.memory import int64_column

if cython.compiled:
    from cython.cimports.quantumcore.server.core.margin import rows
    from cython.cimports.quantumcore.server.core.margin.own_cy import share_down
    from cython.cimports.quantumcore.server.core.margin.portfolio_cy import Portfolio
else:
    from quantumcore.server.core.margin import rows
    from quantumcore.server.core.margin.own_cy import share_down
    from quantumcore.server.core.margin.portfolio_cy import Portfolio


@cython.final
@cython.cclass
class Hedges:
    """Spread credits as CME's SPAN forms them: by priority, lots consumed as spreads form.

    Each spread is a long side of one group against a short side of another, so many lots for so
    many; of a calendar spread both groups are one product. It forms as often as both sides allow,
    the earliest expiries first, and what it uses is gone for the spreads behind it. The credit is
    a share of the outright requirement of the lots used, rounded down once for each forming.
    """

    free: cython.longlong[::1]
    uses: cython.longlong[::1]
    use_count: cython.int
    formed: cython.int
    has_lots: cython.bint

    def __init__(self) -> None:
        self.free = int64_column(rows.MAX_HOLDINGS)
        self.uses = int64_column(rows.MAX_USES * rows.USE_WORDS)
        self.use_count = self.formed = 0
        self.has_lots = False

    @cython.cfunc
    @cython.nogil
    @cython.exceptval(check=False)
    def open(self, portfolio: Portfolio) -> cython.void:
        """Make all lots of futures and shares free to be used."""
        row: cython.int
        kind: cython.longlong
        self.use_count = self.formed = 0
        self.has_lots = False
        for row in range(portfolio.count):
            kind = portfolio.get(row, rows.KIND)
            self.free[row] = 0
            if kind != rows.KIND_CALL and kind != rows.KIND_PUT:
                self.free[row] = portfolio.get(row, rows.LOTS)
                self.has_lots = True

    @cython.cfunc
    @cython.nogil
    @cython.exceptval(check=False)
    def reserve(
        self,
        portfolio: Portfolio,
        group: cython.longlong,
        weight: cython.longlong,
        sign: cython.int,
    ) -> cython.void:
        """Take shares that cover options of so much weight: whole lots, long (1) or short (-1)."""
        row: cython.int
        lots: cython.longlong
        one: cython.longlong
        for row in range(portfolio.count):
            if portfolio.get(row, rows.GROUP) == group and self.free[row] * sign > 0 and weight > 0:
                one = portfolio.get(row, rows.WEIGHT)
                lots = min((weight + one - 1) // one, self.free[row] * sign)
                self.free[row] -= lots * sign
                weight -= lots * one

    @cython.cfunc
    @cython.nogil
    @cython.exceptval(check=False)
    def credit(
        self, portfolio: Portfolio, spreads: cython.longlong[::1], count: cython.int
    ) -> cython.longlong:
        """Form all spreads; return what they save, minor units."""
        spread: cython.int
        total: cython.longlong = 0
        a: cython.longlong
        b: cython.longlong
        if not self.has_lots:
            return 0
        for spread in range(count):
            a = spreads[spread * rows.SPREAD_WORDS + rows.SPREAD_GROUP_A]
            b = spreads[spread * rows.SPREAD_WORDS + rows.SPREAD_GROUP_B]
            if a == 0:
                continue  # no spread has this priority
            total += self._form(portfolio, spreads, spread, 1)
            if a != b or self._is_uneven(spreads, spread):
                total += self._form(portfolio, spreads, spread, -1)
        return total

    @cython.cfunc
    @cython.nogil
    @cython.exceptval(check=False)
    def _is_uneven(self, spreads: cython.longlong[::1], spread: cython.int) -> cython.bint:
        first: cython.int = spread * rows.SPREAD_WORDS
        return spreads[first + rows.SPREAD_RATIO_A] != spreads[first + rows.SPREAD_RATIO_B]

    @cython.cfunc
    @cython.nogil
    @cython.exceptval(check=False)
    def _form(
        self,
        portfolio: Portfolio,
        spreads: cython.longlong[::1],
        spread: cython.int,
        sign: cython.int,
    ) -> cython.longlong:
        """Form a spread with group A long (1) or short (-1); return its credit."""
        first: cython.int = spread * rows.SPREAD_WORDS
        a: cython.longlong = spreads[first + rows.SPREAD_GROUP_A]
        b: cython.longlong = spreads[first + rows.SPREAD_GROUP_B]
        ratio_a: cython.longlong = spreads[first + rows.SPREAD_RATIO_A]
        ratio_b: cython.longlong = spreads[first + rows.SPREAD_RATIO_B]
        used: cython.longlong
        units: cython.longlong = min(
            self._free(portfolio, a, sign) // ratio_a, self._free(portfolio, b, -sign) // ratio_b
        )
        if units == 0:
            return 0
        used = self._use(portfolio, spread, a, sign, units * ratio_a, units)
        used += self._use(portfolio, spread, b, -sign, units * ratio_b, units)
        self.formed += 1
        return share_down(used, spreads[first + rows.SPREAD_CREDIT])

    @cython.cfunc
    @cython.nogil
    @cython.exceptval(check=False)
    def _free(
        self, portfolio: Portfolio, group: cython.longlong, sign: cython.int
    ) -> cython.longlong:
        """Return the free lots of a side of a group."""
        row: cython.int
        total: cython.longlong = 0
        for row in range(portfolio.count):
            if portfolio.get(row, rows.GROUP) == group and self.free[row] * sign > 0:
                total += self.free[row] * sign
        return total

    @cython.cfunc
    @cython.nogil
    @cython.exceptval(check=False)
    def _use(
        self,
        portfolio: Portfolio,
        spread: cython.int,
        group: cython.longlong,
        sign: cython.int,
        lots: cython.longlong,
        units: cython.longlong,
    ) -> cython.longlong:
        """Use lots of a side, the earliest expiry first; return what they require outright."""
        row: cython.int
        taken: cython.longlong
        total: cython.longlong = 0
        while lots > 0:
            row = self._earliest(portfolio, group, sign)
            taken = min(lots, self.free[row] * sign)
            self.free[row] -= taken * sign
            lots -= taken
            total += taken * portfolio.get(row, rows.OWN)
            self._note(spread, units, row, taken * sign)
        return total

    @cython.cfunc
    @cython.nogil
    @cython.exceptval(check=False)
    def _earliest(
        self, portfolio: Portfolio, group: cython.longlong, sign: cython.int
    ) -> cython.int:
        row: cython.int
        best: cython.int = -1
        for row in range(portfolio.count):
            if portfolio.get(row, rows.GROUP) == group and self.free[row] * sign > 0:
                if best < 0 or self._is_before(portfolio, row, best):
                    best = row
        return best

    @cython.cfunc
    @cython.nogil
    @cython.exceptval(check=False)
    def _is_before(self, portfolio: Portfolio, row: cython.int, other: cython.int) -> cython.bint:
        """Order by expiry, then by instrument, so that the order of holdings changes nothing."""
        first: cython.longlong = portfolio.get(row, rows.EXPIRY)
        second: cython.longlong = portfolio.get(other, rows.EXPIRY)
        if first == second:
            return portfolio.get(row, rows.INSTRUMENT) < portfolio.get(other, rows.INSTRUMENT)
        return first < second

    @cython.cfunc
    @cython.nogil
    @cython.exceptval(check=False)
    def _note(
        self,
        spread: cython.int,
        units: cython.longlong,
        row: cython.int,
        lots: cython.longlong,
    ) -> cython.void:
        """Write down what a spread used; the room is enough, as a use empties a row or a side."""
        at: cython.int = self.use_count * rows.USE_WORDS
        if self.use_count == rows.MAX_USES:
            return
        self.uses[at + rows.USE_SPREAD], self.uses[at + rows.USE_FORMED] = spread, self.formed
        self.uses[at + rows.USE_UNITS] = units
        self.uses[at + rows.USE_ROW], self.uses[at + rows.USE_LOTS] = row, lots
        self.use_count += 1

    def found(self) -> list[list[int]]:
        """Return what was used, as the words USE_* of each use."""
        words = memoryview(self.uses)[: self.use_count * rows.USE_WORDS].tolist()
        starts = range(0, len(words), rows.USE_WORDS)
        return [words[at : at + rows.USE_WORDS] for at in starts]


def is_compiled() -> bool:
    """Whether this module runs as a C extension."""
    return cython.compiled
