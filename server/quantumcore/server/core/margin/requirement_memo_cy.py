"""Remember what the last few portfolios required, so that asking again costs a comparison."""

import cython

from quantumcore.server.core.memory import int32_column, int64_column

if cython.compiled:
    from cython.cimports.quantumcore.server.core.margin import rows
    from cython.cimports.quantumcore.server.core.margin.portfolio_cy import Portfolio
else:
    from quantumcore.server.core.margin import rows
    from quantumcore.server.core.margin.portfolio_cy import Portfolio


@cython.final
@cython.cclass
class RequirementMemo:
    """Portfolios with what they were found to require, the last MEMO_ENTRIES of them.

    One order asks about an account several times: as it is, with the order, and both with working
    orders filled, which are often the same portfolios. A requirement follows from the rows and the
    credits alone, so what is remembered changes no answer; a change of credits makes it forget.
    All words are compared, never a hash of them.
    """

    words: cython.longlong[::1]
    count: cython.int[::1]
    answer: cython.longlong[::1]
    oldest: cython.int
    version: cython.longlong
    hits: cython.longlong

    def __init__(self) -> None:
        room = rows.MEMO_ENTRIES * rows.MAX_HOLDINGS * rows.KEY_WORDS
        self.words, self.answer = int64_column(room), int64_column(rows.MEMO_ENTRIES)
        self.count, self.oldest = int32_column(rows.MEMO_ENTRIES), 0
        self.version = self.hits = 0

    @cython.cfunc
    @cython.nogil
    @cython.exceptval(check=False)
    def find(self, portfolio: Portfolio, version: cython.longlong) -> cython.longlong:
        """Return what a portfolio was found to require under these credits; -1: it is not known."""
        at: cython.int
        if version != self.version:
            self.version = version
            for at in range(rows.MEMO_ENTRIES):
                self.count[at] = 0
        for at in range(rows.MEMO_ENTRIES):
            if self.count[at] == portfolio.count and self._is_same(portfolio, at):
                self.hits += 1
                return self.answer[at]
        return -1

    @cython.cfunc
    @cython.nogil
    @cython.exceptval(check=False)
    def _is_same(self, portfolio: Portfolio, at: cython.int) -> cython.bint:
        row: cython.int
        word: cython.int
        first: cython.Py_ssize_t = at * rows.MAX_HOLDINGS * rows.KEY_WORDS
        for row in range(portfolio.count):
            for word in range(rows.KEY_WORDS):
                if self.words[first + word] != portfolio.get(row, word):
                    return False
            first += rows.KEY_WORDS
        return True

    @cython.cfunc
    @cython.nogil
    @cython.exceptval(check=False)
    def keep(self, portfolio: Portfolio, answer: cython.longlong) -> cython.void:
        """Remember what a portfolio, which is not empty, was found to require."""
        row: cython.int
        word: cython.int
        first: cython.Py_ssize_t = self.oldest * rows.MAX_HOLDINGS * rows.KEY_WORDS
        self.count[self.oldest], self.answer[self.oldest] = portfolio.count, answer
        self.oldest = (self.oldest + 1) % rows.MEMO_ENTRIES
        for row in range(portfolio.count):
            for word in range(rows.KEY_WORDS):
                self.words[first + word] = portfolio.get(row, word)
            first += rows.KEY_WORDS


def is_compiled() -> bool:
    """Whether this module runs as a C extension."""
    return cython.compiled
