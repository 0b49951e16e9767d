"""Hold the instruments of a portfolio as rows of integers, bounded at the door."""

from array import array
from typing import Self

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
    refused: cython.int
    highest_ticks: cython.longlong
    greatest_weight: cython.longlong

    def __init__(self) -> None:
        self.words = int64_column(rows.MAX_HOLDINGS * rows.ROW_WORDS)
        self.count = self.refused = 0
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
        return self._put(terms, 0, lots, working)

    @cython.cfunc
    @cython.nogil
    @cython.exceptval(check=False)
    def _put(
        self,
        words: cython.longlong[::1],
        first: cython.Py_ssize_t,
        lots: cython.longlong,
        working: cython.bint,
    ) -> cython.int:
        """Add lots of the terms that stand from `first` on; return rows.TAKEN or what was refused.

        What is refused leaves the portfolio as it was.
        """
        return self._take(words, first, lots, 0 if working else lots)

    def put_rows(self, words: cython.longlong[::1], count: cython.int) -> int:
        """Add the rows of another portfolio, its `words` and `count`, as `put` does."""
        assert 0 <= count * rows.ROW_WORDS <= len(words)
        return self._put_rows(words, count)

    @cython.cfunc
    @cython.nogil
    @cython.exceptval(check=False)
    def _put_rows(self, words: cython.longlong[::1], count: cython.int) -> cython.int:
        """Add the rows of another portfolio; return rows.TAKEN or what the first refused one was.

        Rows before that one are added then, and `refused` tells its number.
        """
        row: cython.int
        first: cython.Py_ssize_t
        code: cython.int
        for row in range(count):
            first = row * rows.ROW_WORDS
            code = self._take(
                words, first, words[first + rows.LOTS], words[first + rows.POSITION_LOTS]
            )
            if code != rows.TAKEN:
                self.refused = row
                return code
        return rows.TAKEN

    @cython.cfunc
    @cython.nogil
    @cython.exceptval(check=False)
    def _take(
        self,
        words: cython.longlong[::1],
        first: cython.Py_ssize_t,
        lots: cython.longlong,
        position_lots: cython.longlong,
    ) -> cython.int:
        row: cython.int = 0
        code: cython.int
        total: cython.longlong = lots
        if lots > rows.MAX_LOTS or lots < -rows.MAX_LOTS:
            return rows.REFUSED_LOTS
        while row < self.count and self.get(row, rows.INSTRUMENT) != words[first + rows.INSTRUMENT]:
            row += 1
        if row < self.count:
            total += self.get(row, rows.LOTS)
            if not self._is_same(row, words, first):
                return rows.DISAGREES
        elif row == rows.MAX_HOLDINGS:
            return rows.FULL
        code = self._check(words, first, total)
        if code != rows.TAKEN:
            return code
        self._write(row, words, first, total, position_lots)
        return rows.TAKEN

    @cython.cfunc
    @cython.nogil
    @cython.exceptval(check=False)
    def _write(
        self,
        row: cython.int,
        words: cython.longlong[::1],
        first: cython.Py_ssize_t,
        lots: cython.longlong,
        position_lots: cython.longlong,
    ) -> cython.void:
        word: cython.int
        if row == self.count:
            for word in range(rows.STATED_WORDS):
                self.set(row, word, words[first + word])
            self.set(row, rows.POSITION_LOTS, 0)
            self.count += 1
        self.set(row, rows.LOTS, lots)
        self.set(row, rows.POSITION_LOTS, self.get(row, rows.POSITION_LOTS) + position_lots)
        self.highest_ticks = max(self.highest_ticks, self._ticks(words, first))
        self.greatest_weight = max(self.greatest_weight, self._weight(words, first, lots))

    @cython.cfunc
    @cython.nogil
    @cython.exceptval(check=False)
    def _is_same(
        self, row: cython.int, words: cython.longlong[::1], first: cython.Py_ssize_t
    ) -> cython.bint:
        word: cython.int
        for word in range(rows.STATED_WORDS):
            if self.get(row, word) != words[first + word]:
                return False
        return True

    @cython.cfunc
    @cython.nogil
    @cython.exceptval(check=False)
    def _check(
        self, words: cython.longlong[::1], first: cython.Py_ssize_t, lots: cython.longlong
    ) -> cython.int:
        """Return rows.TAKEN where so many lots of these terms stay within all bounds."""
        kind: cython.longlong = words[first + rows.KIND]
        if kind < rows.KIND_EQUITY or kind > rows.KIND_FUTURE:
            return rows.REFUSED_KIND
        if words[first + rows.INSTRUMENT] < 1 or (
            kind != rows.KIND_FUTURE and words[first + rows.GROUP] < 1
        ):
            return rows.REFUSED_NUMBER
        if kind == rows.KIND_FUTURE and words[first + rows.GROUP] > -1:
            return rows.REFUSED_NUMBER
        if kind >= rows.KIND_CALL and words[first + rows.EXPIRY] < 1:
            return rows.REFUSED_NUMBER
        if lots > rows.MAX_LOTS or lots < -rows.MAX_LOTS:
            return rows.REFUSED_LOTS
        if words[first + rows.WEIGHT] < 1 or words[first + rows.OUTRIGHT] < 0:
            return rows.REFUSED_PRICE
        if kind != rows.KIND_FUTURE and (
            words[first + rows.MARK_TICKS] < 0 or words[first + rows.MARK_VALUE] < 0
        ):
            return rows.REFUSED_PRICE
        if words[first + rows.STRIKE_TICKS] < 0 or words[first + rows.UNDERLYING_TICKS] < 0:
            return rows.REFUSED_PRICE
        return self._check_values(words, first, max(abs(lots), 1))

    @cython.cfunc
    @cython.nogil
    @cython.exceptval(check=False)
    def _check_values(
        self, words: cython.longlong[::1], first: cython.Py_ssize_t, lots: cython.longlong
    ) -> cython.int:
        most: cython.longlong = rows.MAX_VALUE // lots
        ticks: cython.longlong = max(self.highest_ticks, self._ticks(words, first))
        weight: cython.longlong
        row: cython.int
        if words[first + rows.WEIGHT] > most or words[first + rows.OUTRIGHT] > most:
            return rows.REFUSED_VALUE
        if words[first + rows.MARK_VALUE] > most or words[first + rows.MARK_VALUE] < -most:
            return rows.REFUSED_VALUE
        weight = max(self.greatest_weight, self._weight(words, first, lots))
        if ticks > rows.MAX_VALUE // max(weight, 1):
            return rows.REFUSED_VALUE
        if words[first + rows.KIND] == rows.KIND_CALL or words[first + rows.KIND] == rows.KIND_PUT:
            for row in range(self.count):
                if self._disagrees(row, words, first):
                    return rows.DISAGREES_ON_UNDERLYING
        return rows.TAKEN

    @cython.cfunc
    @cython.nogil
    @cython.exceptval(check=False)
    def _disagrees(
        self, row: cython.int, words: cython.longlong[::1], first: cython.Py_ssize_t
    ) -> cython.bint:
        """Whether another option on the same underlying states other facts about it."""
        kind: cython.longlong = self.get(row, rows.KIND)
        if kind != rows.KIND_CALL and kind != rows.KIND_PUT:
            return False
        if self.get(row, rows.GROUP) != words[first + rows.GROUP]:
            return False
        if self.get(row, rows.FLAGS) != words[first + rows.FLAGS]:
            return True
        return self.get(row, rows.UNDERLYING_TICKS) != words[first + rows.UNDERLYING_TICKS]

    @cython.cfunc
    @cython.nogil
    @cython.exceptval(check=False)
    def _weight(
        self, words: cython.longlong[::1], first: cython.Py_ssize_t, lots: cython.longlong
    ) -> cython.longlong:
        """Return minor units a tick of the underlying; futures are valued at no strike."""
        if words[first + rows.KIND] == rows.KIND_FUTURE:
            return 0
        return words[first + rows.WEIGHT] * abs(lots)

    @cython.cfunc
    @cython.nogil
    @cython.exceptval(check=False)
    def _ticks(self, words: cython.longlong[::1], first: cython.Py_ssize_t) -> cython.longlong:
        return max(words[first + rows.STRIKE_TICKS], words[first + rows.UNDERLYING_TICKS])

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

    def combine(self, positions: Self, others: Self) -> None:
        """Hold what both hold together; raises as `add` does, then holding what fitted.

        With positions and what orders would bring, this is the portfolio of a what-if.
        """
        self._clear()
        for part in (positions, others):
            code = self.put_rows(part.words, part.count)
            if code != rows.TAKEN:
                words = part.row(self.refused)
                raise self._refusal(code, memoryview(array("q", words)), words[rows.LOTS])

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
        self._clear()

    @cython.cfunc
    @cython.nogil
    @cython.exceptval(check=False)
    def _clear(self) -> cython.void:
        self.count = 0
        self.highest_ticks = self.greatest_weight = 0


def is_compiled() -> bool:
    """Whether this module runs as a C extension."""
    return cython.compiled
