"""Remember the client order ids of every account, and whose order each one names."""

import cython

from quantumcore.server.core.memory import first_rows, int64_column, row_columns

if cython.compiled:
    from cython.cimports.quantumcore.server.core.index_cy import HashIndex, fold, mix, neighbours
    from cython.cimports.quantumcore.server.core.kinds import NO_SLOT
    from cython.cimports.quantumcore.server.core.words_cy import Words
else:
    from quantumcore.server.core.index_cy import HashIndex, fold, mix, neighbours
    from quantumcore.server.core.kinds import NO_SLOT
    from quantumcore.server.core.words_cy import Words

TEXT_WORDS: int = 8


@cython.final
@cython.cclass
class ClientIds:
    """A fixed table of ids of 1 to 64 bytes, indexed by account and text.

    All ids that an order has had form a chain from its newest one, and leave together
    when the order's row is taken for another.
    """

    index: HashIndex
    capacity: cython.Py_ssize_t
    live: cython.longlong
    fresh: cython.int
    free: cython.int
    texts: cython.longlong[::1]
    lengths: cython.int[:]
    accounts: cython.int[:]
    rows: cython.int[:]
    chain: cython.int[:]

    def __init__(self, capacity: int, hash_key: int, prefault: bool) -> None:
        self.capacity = capacity
        self.index = HashIndex(capacity, hash_key, prefault)
        self.texts = int64_column(capacity * TEXT_WORDS, prefault)
        columns = row_columns(capacity, "iiii", prefault)
        self.lengths, self.accounts, self.rows, self.chain = columns
        self.fresh, self.free, self.live = 0, NO_SLOT, 0

    @cython.cfunc
    @cython.exceptval(check=False)
    def hash_of(
        self, account: cython.int, source: Words, start: cython.Py_ssize_t, length: cython.int
    ) -> cython.longlong:
        hashed: cython.longlong = mix(self.index.key ^ account, length)
        last: cython.Py_ssize_t = start + ((length - 1) >> 3)
        shift: cython.int = ((length - 1) & 7) << 3
        low: cython.longlong = (source.words[last] >> shift) & 15
        if last > start:
            hashed = fold(hashed, source, start, last)
        hashed = mix(hashed, source.words[last] ^ (low << shift))
        return neighbours(hashed, low)

    @cython.cfunc
    @cython.exceptval(check=False)
    def find(
        self, account: cython.int, source: Words, start: cython.Py_ssize_t, length: cython.int
    ) -> cython.int:
        """Return the entry of this id, whose text stands in `source` at `start`, or NO_SLOT."""
        hashed: cython.longlong = self.hash_of(account, source, start, length)
        index: HashIndex = self.index
        position: cython.Py_ssize_t = index.start(hashed)
        entry: cython.int = index.table[position] - 1
        while entry != NO_SLOT:
            if index.hashes[entry] == hashed and self.accounts[entry] == account:
                if self._same(entry, source, start, length):
                    return entry
            position = (position + 1) & index.mask
            entry = index.table[position] - 1
        return NO_SLOT

    @cython.cfunc
    @cython.exceptval(check=False)
    def _same(
        self, entry: cython.int, source: Words, start: cython.Py_ssize_t, length: cython.int
    ) -> cython.bint:
        if self.lengths[entry] != length:
            return False
        at: cython.Py_ssize_t = cython.cast(cython.Py_ssize_t, entry) << 3
        i: cython.Py_ssize_t
        for i in range((length + 7) >> 3):
            if self.texts[at + i] != source.words[start + i]:
                return False
        return True

    @cython.cfunc
    @cython.exceptval(check=False)
    def add(
        self,
        account: cython.int,
        source: Words,
        start: cython.Py_ssize_t,
        length: cython.int,
        row: cython.int,
        older: cython.int,
    ) -> cython.int:
        """Enter an id that is not there, in front of the order's older ids; there must be room."""
        entry: cython.int = self.free
        if entry == NO_SLOT:
            entry = self.fresh
            self.fresh += 1
        else:
            self.free = self.chain[entry]
        self.live += 1
        at: cython.Py_ssize_t = cython.cast(cython.Py_ssize_t, entry) << 3
        i: cython.Py_ssize_t
        for i in range((length + 7) >> 3):
            self.texts[at + i] = source.words[start + i]
        self.lengths[entry], self.accounts[entry] = length, account
        self.rows[entry], self.chain[entry] = row, older
        self.index.add(entry, self.hash_of(account, source, start, length))
        return entry

    @cython.cfunc
    @cython.exceptval(check=False)
    def keep_newest(self, entry: cython.int, count: cython.int) -> cython.void:
        """Forget all but the newest `count` ids of an order, whose newest is given."""
        older: cython.int
        while count > 1 and self.chain[entry] != NO_SLOT:
            entry = self.chain[entry]
            count -= 1
        older = self.chain[entry]
        self.chain[entry] = NO_SLOT
        self.drop(older)

    @cython.cfunc
    @cython.exceptval(check=False)
    def drop(self, entry: cython.int) -> cython.void:
        """Forget an order's ids, from its newest one."""
        older: cython.int
        while entry != NO_SLOT:
            older = self.chain[entry]
            self.index.remove(entry)
            self.chain[entry] = self.free
            self.free = entry
            self.live -= 1
            entry = older

    @cython.cfunc
    @cython.exceptval(check=False)
    def write(self, entry: cython.int, target: Words) -> cython.void:
        """Append the text's words to a buffer that has room."""
        at: cython.Py_ssize_t = cython.cast(cython.Py_ssize_t, entry) << 3
        end: cython.Py_ssize_t = target.end
        count: cython.Py_ssize_t = (self.lengths[entry] + 7) >> 3
        i: cython.Py_ssize_t
        for i in range(count):
            target.words[end + i] = self.texts[at + i]
        target.end = end + count

    def text(self, entry: int) -> str:
        """Return an id."""
        start = entry * TEXT_WORDS
        words = memoryview(self.texts)[start : start + TEXT_WORDS].tobytes()
        return words[: self.lengths[entry]].decode("ascii")

    def counters(self) -> list[int]:
        """Return all that the columns do not hold."""
        return [self.live, self.fresh, self.free]

    def columns(self) -> list[memoryview]:
        """Return the parts of the columns that have ever been used."""
        used = self.fresh
        return [
            *first_rows([self.texts], used * TEXT_WORDS),
            *first_rows([self.lengths, self.accounts, self.rows, self.chain], used),
        ]


def is_compiled() -> bool:
    """Whether this module runs as a C extension."""
    return cython.compiled
