"""Keep the limits of accounts, over all instruments and for single ones."""

import cython

if cython.compiled:
    from cython.cimports.quantumcore.server.core import tables
    from cython.cimports.quantumcore.server.core.words_cy import Words
else:
    from quantumcore.server.core import tables
    from quantumcore.server.core.words_cy import Words


@cython.final
@cython.cclass
class Limits:
    """Rows of LIMIT_WORDS words; row 0 limits nothing."""

    rows: Words
    count: cython.int

    def __init__(self) -> None:
        self.rows = Words(64 * tables.LIMIT_WORDS)
        self.rows.append(*[0] * tables.LIMIT_WORDS)
        self.count = 1

    def put(self, row: int, values: list[int]) -> int:
        """Write a row, with row 0 a new one; return which."""
        if row == 0:
            self.rows.append(*values)
            self.count += 1
            return self.count - 1
        for word, value in enumerate(values):
            self.rows.words[row * tables.LIMIT_WORDS + word] = value
        return row

    def read(self, row: int) -> list[int]:
        """Return the words of a row."""
        first = row * tables.LIMIT_WORDS
        return memoryview(self.rows.words)[first : first + tables.LIMIT_WORDS].tolist()

    @cython.cfunc
    @cython.exceptval(check=False)
    def get(self, row: cython.int, word: cython.int) -> cython.longlong:
        """Return a limit of a row; 0: there is none."""
        return self.rows.words[row * tables.LIMIT_WORDS + word]


def is_compiled() -> bool:
    """Whether this module runs as a C extension."""
    return cython.compiled
