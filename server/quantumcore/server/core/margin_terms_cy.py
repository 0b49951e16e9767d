"""Keep what operators say of margin: spreads that earn a credit, and ranges of scans."""

import cython

from quantumcore.server.core.memory import int64_column

if cython.compiled:
    from cython.cimports.quantumcore.server.core import tables
    from cython.cimports.quantumcore.server.core.margin import rows
else:
    from quantumcore.server.core import tables
    from quantumcore.server.core.margin import rows


@cython.final
@cython.cclass
class MarginTerms:
    """Credits by priority, as the words SPREAD_*, and scans by commodity, as tables.SCAN_*.

    A credit's place is its priority less 1, and group 0 stands where there is none. All margin
    models read this one table, so a change holds for the next command and for the next read;
    `changes` counts those of credits.
    """

    credits: cython.longlong[::1]
    credit_count: cython.int
    credit_sequences: list[int]
    scans: cython.longlong[::1]
    scan_count: cython.int
    scan_sequences: list[int]
    changes: cython.longlong

    def __init__(self) -> None:
        self.credits = int64_column(rows.MAX_SPREADS * rows.SPREAD_WORDS)
        self.scans = int64_column(tables.MAX_SCANS * tables.SCAN_WORDS)
        self.credit_count = self.scan_count = 0
        self.changes = 0
        self.credit_sequences = [0] * (rows.MAX_SPREADS + 1)
        self.scan_sequences = []

    def set_credit(self, priority: int, words: list[int], sequence: int) -> None:
        """Let the words SPREAD_* be the credit of a priority; without a share it ends."""
        first = (priority - 1) * rows.SPREAD_WORDS
        kept = words if words[rows.SPREAD_CREDIT] else [0] * rows.SPREAD_WORDS
        for word, value in enumerate(kept):
            self.credits[first + word] = value
        self.credit_sequences[priority] = sequence
        self.changes += 1
        self.credit_count = max(self.credit_count, priority)
        while self.credit_count and not self.credit(self.credit_count):
            self.credit_count -= 1

    def credit(self, priority: int) -> list[int]:
        """Return the words SPREAD_* of a priority; none where it has no credit."""
        first = (priority - 1) * rows.SPREAD_WORDS
        words = memoryview(self.credits)[first : first + rows.SPREAD_WORDS].tolist()
        return words if words[rows.SPREAD_GROUP_A] else []

    def set_scan(self, words: list[int], sequence: int) -> bool:
        """Let the words tables.SCAN_* be those of their commodity; false where there is no room."""
        at: cython.int = self.find_scan(words[tables.SCAN_COMMODITY])
        if at < 0:
            if self.scan_count == tables.MAX_SCANS:
                return False
            at = self.scan_count * tables.SCAN_WORDS
            self.scan_count += 1
            self.scan_sequences.append(0)
        for word, value in enumerate(words):
            self.scans[at + word] = value
        self.scan_sequences[at // tables.SCAN_WORDS] = sequence
        return True

    def scan(self, number: int) -> list[int]:
        """Return the words tables.SCAN_* of a commodity, by its number from 0."""
        first = number * tables.SCAN_WORDS
        return memoryview(self.scans)[first : first + tables.SCAN_WORDS].tolist()

    @cython.cfunc
    @cython.nogil
    @cython.exceptval(check=False)
    def find_scan(self, commodity: cython.longlong) -> cython.int:
        """Return where the words of a commodity stand; -1 where nothing was said of it."""
        number: cython.int
        for number in range(self.scan_count):
            if self.scans[number * tables.SCAN_WORDS + tables.SCAN_COMMODITY] == commodity:
                return number * tables.SCAN_WORDS
        return -1

    def counters(self) -> list[object]:
        """Return all that the columns do not hold."""
        sequences = [self.credit_sequences, self.scan_sequences]
        return [self.credit_count, self.scan_count, *sequences]

    def columns(self) -> list[memoryview]:
        """Return what is in use."""
        spreads = memoryview(self.credits)[: self.credit_count * rows.SPREAD_WORDS]
        return [spreads, memoryview(self.scans)[: self.scan_count * tables.SCAN_WORDS]]


def is_compiled() -> bool:
    """Whether this module runs as a C extension."""
    return cython.compiled
