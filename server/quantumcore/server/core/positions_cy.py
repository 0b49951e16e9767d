"""Keep the position of every account in every instrument that it trades."""

import cython

from quantumcore.server.core.memory import first_rows, row_columns

if cython.compiled:
    from cython.cimports.quantumcore.server.core.index_cy import HashIndex, fetch, mix
    from cython.cimports.quantumcore.server.core.kinds import NO_SLOT
else:
    from quantumcore.server.core.index_cy import HashIndex, mix
    from quantumcore.server.core.kinds import NO_SLOT


@cython.final
@cython.cclass
class Positions:
    """Entries by account and instrument, made by the first order and kept for ever.

    `lots` is what was bought less what was sold; `reduce_only` what working reduce-only orders
    would still trade. Both count lots of the instrument.
    """

    index: HashIndex
    capacity: cython.int
    count: cython.int
    account: cython.int[:]
    instrument: cython.int[:]
    lots: cython.longlong[:]
    reduce_only: cython.longlong[:]

    def __init__(self, capacity: int, hash_key: int, prefault: bool = False) -> None:
        self.index = HashIndex(capacity, hash_key, prefault)
        self.capacity, self.count = capacity, 0
        columns = row_columns(capacity, "qqii", prefault)
        self.lots, self.reduce_only, self.account, self.instrument = columns

    @cython.cfunc
    @cython.nogil
    @cython.exceptval(check=False)
    def _hash(self, account: cython.int, instrument: cython.int) -> cython.longlong:
        return mix(mix(self.index.key, account), instrument)

    @cython.cfunc
    @cython.nogil
    @cython.exceptval(check=False)
    def expect(self, account: cython.int, instrument: cython.int) -> cython.void:
        """Have the processor fetch what `find` will look at."""
        if cython.compiled:
            at: cython.Py_ssize_t = self.index.start(self._hash(account, instrument))
            fetch(cython.address(self.index.table[at]))

    @cython.cfunc
    @cython.nogil
    @cython.exceptval(check=False)
    def find(self, account: cython.int, instrument: cython.int) -> cython.int:
        """Return the entry, or NO_SLOT."""
        at: cython.Py_ssize_t = self.index.start(self._hash(account, instrument))
        entry: cython.int = self.index.at(at)
        while entry != NO_SLOT:
            if self.account[entry] == account and self.instrument[entry] == instrument:
                return entry
            at = self.index.step(at)
            entry = self.index.at(at)
        return NO_SLOT

    @cython.cfunc
    @cython.nogil
    @cython.exceptval(check=False)
    def find_or_add(self, account: cython.int, instrument: cython.int) -> cython.int:
        """Return the entry, made flat where there was none; NO_SLOT where none can be made."""
        entry: cython.int = self.find(account, instrument)
        if entry != NO_SLOT or self.count == self.capacity:
            return entry
        entry = self.count
        self.count += 1
        self.account[entry], self.instrument[entry] = account, instrument
        self.index.add(entry, self._hash(account, instrument))
        return entry

    def counters(self) -> list[int]:
        """Return all that the columns do not hold."""
        return [self.count]

    def columns(self) -> list[memoryview]:
        """Return the parts of the columns that have ever been used."""
        return [
            *first_rows([self.account, self.instrument], self.count),
            *first_rows([self.lots, self.reduce_only], self.count),
        ]


def is_compiled() -> bool:
    """Whether this module runs as a C extension."""
    return cython.compiled
