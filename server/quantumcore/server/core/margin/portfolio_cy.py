"""Hold the instruments of a portfolio as rows of integers, bounded at the door."""

import cython

from quantumcore.server.core.margin.errors import (
    MarginError,
    PortfolioTooLarge,
    TermsDisagree,
    TermsRefused,
)
from quantumcore.server.core.memory import int64_column

if cython.compiled:
    from cython.cimports.quantumcore.server.core.margin import rows
else:
    from quantumcore.server.core.margin import rows

BOUNDS = {
    rows.REFUSED_KIND: ("kind", "an equity, spot, option or future"),
    rows.REFUSED_NUMBER: ("instrument_id", "positive, as are underlying, product and expiry"),
    rows.REFUSED_LOTS: ("lots", "within 2,147,483,647"),
    rows.REFUSED_PRICE: (
        "mark_ticks",
        "0 or more, as are strike and underlying; tick values positive",
    ),
    rows.REFUSED_VALUE: ("lots", "so few that no value of the holding exceeds 2**44 minor units"),
}


@cython.final
@cython.cclass
class Portfolio:
    """Up to 256 instruments with signed lots; lots of one instrument add up.

    What it takes it can add up: the value of a holding at its mark, at the price of the
    underlying and at every strike of the portfolio is within 2**44 minor units, and so the sum
    over 256 of them, at the highest rates, within 62 bits.
    """

    words: cython.longlong[::1]
    count: cython.int
    highest_ticks: cython.longlong
    greatest_weight: cython.longlong

    def __init__(self) -> None:
        self.words = int64_column(rows.MAX_HOLDINGS * rows.ROW_WORDS)
        self.count = 0
        self.highest_ticks = self.greatest_weight = 0

    @cython.cfunc
    @cython.nogil
    @cython.exceptval(check=False)
    def get(self, row: cython.int, word: cython.int) -> cython.longlong:
        """Read a word of a row."""
        return self.words[row * rows.ROW_WORDS + word]

    @cython.cfunc
    @cython.nogil
    @cython.exceptval(check=False)
    def set(self, row: cython.int, word: cython.int, value: cython.longlong) -> cython.void:
        """Write a word of a row."""
        self.words[row * rows.ROW_WORDS + word] = value

    def add(self, terms: memoryview, lots: int, working: bool = False) -> None:
        """Add lots (signed) of what `Share`, `Option` or `Future` state by `words()`.

        Working lots come from orders, not from the position. Raises TermsRefused, TermsDisagree
        or PortfolioTooLarge; the portfolio is then as it was.
        """
        if not -rows.MAX_LOTS <= lots <= rows.MAX_LOTS:
            raise TermsRefused("lots", lots, BOUNDS[rows.REFUSED_LOTS][1])
        code = self.put(terms, lots, working)
        if code != rows.TAKEN:
            raise self._refusal(code, terms, lots)

    def put(self, terms: cython.longlong[::1], lots: cython.longlong, working: cython.bint) -> int:
        """Add lots as `add` does; return rows.TAKEN or what was refused, raising nothing."""
        return self._put(terms, lots, working)

    @cython.cfunc
    @cython.nogil
    @cython.exceptval(check=False)
    def _put(
        self, terms: cython.longlong[::1], lots: cython.longlong, working: cython.bint
    ) -> cython.int:
        row: cython.int = 0
        code: cython.int
        total: cython.longlong = lots
        if lots > rows.MAX_LOTS or lots < -rows.MAX_LOTS:
            return rows.REFUSED_LOTS
        while row < self.count and self.get(row, rows.INSTRUMENT) != terms[rows.INSTRUMENT]:
            row += 1
        if row < self.count:
            total += self.get(row, rows.LOTS)
            if not self._is_same(row, terms):
                return rows.DISAGREES
        elif row == rows.MAX_HOLDINGS:
            return rows.FULL
        code = self._check(terms, total)
        if code != rows.TAKEN:
            return code
        self._write(row, terms, total, 0 if working else lots)
        return rows.TAKEN

    @cython.cfunc
    @cython.nogil
    @cython.exceptval(check=False)
    def _write(
        self,
        row: cython.int,
        terms: cython.longlong[::1],
        lots: cython.longlong,
        position_lots: cython.longlong,
    ) -> cython.void:
        word: cython.int
        if row == self.count:
            for word in range(rows.STATED_WORDS):
                self.set(row, word, terms[word])
            self.set(row, rows.POSITION_LOTS, 0)
            self.count += 1
        self.set(row, rows.LOTS, lots)
        self.set(row, rows.POSITION_LOTS, self.get(row, rows.POSITION_LOTS) + position_lots)
        self.highest_ticks = max(self.highest_ticks, self._ticks(terms))
        self.greatest_weight = max(self.greatest_weight, self._weight(terms, lots))

    @cython.cfunc
    @cython.nogil
    @cython.exceptval(check=False)
    def _is_same(self, row: cython.int, terms: cython.longlong[::1]) -> cython.bint:
        word: cython.int
        for word in range(rows.STATED_WORDS):
            if self.get(row, word) != terms[word]:
                return False
        return True

    @cython.cfunc
    @cython.nogil
    @cython.exceptval(check=False)
    def _check(self, terms: cython.longlong[::1], lots: cython.longlong) -> cython.int:
        """Return rows.TAKEN where so many lots of these terms stay within all bounds."""
        kind: cython.longlong = terms[rows.KIND]
        if kind < rows.KIND_EQUITY or kind > rows.KIND_FUTURE:
            return rows.REFUSED_KIND
        if terms[rows.INSTRUMENT] < 1 or (kind != rows.KIND_FUTURE and terms[rows.GROUP] < 1):
            return rows.REFUSED_NUMBER
        if kind == rows.KIND_FUTURE and terms[rows.GROUP] > -1:
            return rows.REFUSED_NUMBER
        if kind >= rows.KIND_CALL and terms[rows.EXPIRY] < 1:
            return rows.REFUSED_NUMBER
        if lots > rows.MAX_LOTS or lots < -rows.MAX_LOTS:
            return rows.REFUSED_LOTS
        if terms[rows.WEIGHT] < 1 or terms[rows.OUTRIGHT] < 0:
            return rows.REFUSED_PRICE
        if kind != rows.KIND_FUTURE and (terms[rows.MARK_TICKS] < 0 or terms[rows.MARK_VALUE] < 0):
            return rows.REFUSED_PRICE
        if terms[rows.STRIKE_TICKS] < 0 or terms[rows.UNDERLYING_TICKS] < 0:
            return rows.REFUSED_PRICE
        return self._check_values(terms, max(abs(lots), 1))

    @cython.cfunc
    @cython.nogil
    @cython.exceptval(check=False)
    def _check_values(self, terms: cython.longlong[::1], lots: cython.longlong) -> cython.int:
        most: cython.longlong = rows.MAX_VALUE // lots
        ticks: cython.longlong = max(self.highest_ticks, self._ticks(terms))
        weight: cython.longlong
        row: cython.int
        if terms[rows.WEIGHT] > most or terms[rows.OUTRIGHT] > most:
            return rows.REFUSED_VALUE
        if terms[rows.MARK_VALUE] > most or terms[rows.MARK_VALUE] < -most:
            return rows.REFUSED_VALUE
        weight = max(self.greatest_weight, self._weight(terms, lots))
        if ticks > rows.MAX_VALUE // max(weight, 1):
            return rows.REFUSED_VALUE
        if terms[rows.KIND] == rows.KIND_CALL or terms[rows.KIND] == rows.KIND_PUT:
            for row in range(self.count):
                if self._disagrees(row, terms):
                    return rows.DISAGREES_ON_UNDERLYING
        return rows.TAKEN

    @cython.cfunc
    @cython.nogil
    @cython.exceptval(check=False)
    def _disagrees(self, row: cython.int, terms: cython.longlong[::1]) -> cython.bint:
        """Whether another option on the same underlying states other facts about it."""
        kind: cython.longlong = self.get(row, rows.KIND)
        if kind != rows.KIND_CALL and kind != rows.KIND_PUT:
            return False
        if self.get(row, rows.GROUP) != terms[rows.GROUP]:
            return False
        if self.get(row, rows.FLAGS) != terms[rows.FLAGS]:
            return True
        return self.get(row, rows.UNDERLYING_TICKS) != terms[rows.UNDERLYING_TICKS]

    @cython.cfunc
    @cython.nogil
    @cython.exceptval(check=False)
    def _weight(self, terms: cython.longlong[::1], lots: cython.longlong) -> cython.longlong:
        """Return minor units a tick of the underlying; futures are valued at no strike."""
        return 0 if terms[rows.KIND] == rows.KIND_FUTURE else terms[rows.WEIGHT] * abs(lots)

    @cython.cfunc
    @cython.nogil
    @cython.exceptval(check=False)
    def _ticks(self, terms: cython.longlong[::1]) -> cython.longlong:
        return max(terms[rows.STRIKE_TICKS], terms[rows.UNDERLYING_TICKS])

    def _refusal(self, code: int, terms: memoryview, lots: int) -> MarginError:
        if code == rows.DISAGREES:
            return TermsDisagree("what is stated", terms[rows.INSTRUMENT])
        if code == rows.DISAGREES_ON_UNDERLYING:
            return TermsDisagree(
                "the underlying's price or being a broad index", terms[rows.INSTRUMENT]
            )
        if code == rows.FULL:
            return PortfolioTooLarge(rows.MAX_HOLDINGS)
        field, bounds = BOUNDS[code]
        value = {
            rows.REFUSED_KIND: terms[rows.KIND],
            rows.REFUSED_NUMBER: terms[rows.INSTRUMENT],
            rows.REFUSED_PRICE: terms[rows.MARK_TICKS],
        }.get(code, lots)
        return TermsRefused(field, value, bounds)

    def combine(self, positions: "Portfolio", others: "Portfolio") -> None:
        """Hold what both hold together; raises as `add` does, then holding what fitted.

        With positions and what orders would bring, this is the portfolio of a what-if.
        """
        part: Portfolio
        row: cython.int
        code: cython.int
        at: cython.Py_ssize_t
        self.clear()
        for part in (positions, others):
            for row in range(part.count):
                at = row * rows.ROW_WORDS
                code = self._put(
                    part.words[at : at + rows.ROW_WORDS], part.get(row, rows.LOTS), True
                )
                if code != rows.TAKEN:
                    raise self._refusal(
                        code,
                        memoryview(part.words)[at : at + rows.ROW_WORDS],
                        part.get(row, rows.LOTS),
                    )
                self._count_position(part, row)

    @cython.cfunc
    @cython.exceptval(check=False)
    def _count_position(self, part: "Portfolio", other: cython.int) -> cython.void:
        row: cython.int = 0
        while self.get(row, rows.INSTRUMENT) != part.get(other, rows.INSTRUMENT):
            row += 1
        lots: cython.longlong = part.get(other, rows.POSITION_LOTS)
        self.set(row, rows.POSITION_LOTS, self.get(row, rows.POSITION_LOTS) + lots)

    def lots(self, instrument_id: int) -> int:
        """Return the lots held of an instrument; 0 where it is not held."""
        for row in range(self.count):
            if self.get(row, rows.INSTRUMENT) == instrument_id:
                return self.get(row, rows.LOTS)
        return 0

    def row(self, row: int) -> list[int]:
        """Return the words of a row, from 0 to `count` - 1."""
        if not 0 <= row < self.count:
            raise IndexError(row)
        return memoryview(self.words)[row * rows.ROW_WORDS : (row + 1) * rows.ROW_WORDS].tolist()

    def clear(self) -> None:
        """Hold nothing; the memory stays."""
        self.count = 0
        self.highest_ticks = self.greatest_weight = 0


def is_compiled() -> bool:
    """Whether this module runs as a C extension."""
    return cython.compiled
