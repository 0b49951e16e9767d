"""Remember the answers to the newest requests, so that a repeated one is answered, not done."""

import cython

from quantumcore.server.core.memory import first_rows, int32_column, int64_column

if cython.compiled:
    from cython.cimports.quantumcore.server.core import kinds
    from cython.cimports.quantumcore.server.core.index_cy import (
        HashIndex,
        fetch,
        fold,
        mix,
        neighbours,
    )
    from cython.cimports.quantumcore.server.core.words_cy import Words
else:
    from quantumcore.server.core import kinds
    from quantumcore.server.core.index_cy import HashIndex, fold, mix, neighbours
    from quantumcore.server.core.words_cy import Words


@cython.final
@cython.cclass
class RequestWindow:
    """A ring of the newest `capacity` answers, found by account and request id."""

    index: HashIndex
    capacity: cython.Py_ssize_t
    count: cython.longlong
    ids: cython.longlong[::1]
    answers: cython.longlong[::1]
    contents: cython.longlong[::1]
    accounts: cython.int[::1]

    def __init__(self, capacity: int, hash_key: int, prefault: bool) -> None:
        self.capacity = capacity
        self.count = 0
        self.index = HashIndex(capacity, hash_key, prefault)
        self.ids, self.contents = int64_column(capacity, prefault), int64_column(capacity, prefault)
        self.accounts = int32_column(capacity, prefault)
        self.answers = int64_column(capacity * kinds.RESULT_WORDS, prefault)

    @cython.cfunc
    @cython.exceptval(check=False)
    def has_scope(
        self, turn: Words, start: cython.Py_ssize_t, account_count: cython.int
    ) -> cython.bint:
        """Whether a command has a request id, was let in, and names whose ids it counts among."""
        header: cython.longlong = turn.words[start]
        account: cython.longlong = turn.words[start + kinds.COMMAND_PARTIES] & kinds.LOW_HALF
        if turn.words[start + kinds.COMMAND_REQUEST_ID] == 0 or header >> 32 != 0:
            return False
        return header & 0xFFFF >= kinds.FIRST_ADMINISTRATIVE or 0 < account <= account_count

    @cython.cfunc
    @cython.exceptval(check=False)
    def scope_of(self, turn: Words, start: cython.Py_ssize_t) -> cython.int:
        """Return among whose ids a command's request id counts: an account's, or 0: operators'."""
        if turn.words[start] & 0xFFFF >= kinds.FIRST_ADMINISTRATIVE:
            return 0
        return cython.cast(cython.int, turn.words[start + kinds.COMMAND_PARTIES] & kinds.LOW_HALF)

    @cython.cfunc
    @cython.exceptval(check=False)
    def content_of(self, turn: Words, start: cython.Py_ssize_t) -> cython.longlong:
        """Fold all of a command but its request id and who sent it."""
        header: cython.longlong = turn.words[start]
        folded: cython.longlong = mix(header & 0xFFFF, turn.words[start + kinds.COMMAND_PARTIES])
        end: cython.Py_ssize_t = start + ((header >> 16) & 0xFFFF)
        return fold(folded, turn, start + kinds.COMMAND_ACTOR + 1, end)

    @cython.cfunc
    @cython.exceptval(check=False)
    def _hash(self, account: cython.int, request_id: cython.longlong) -> cython.longlong:
        # Account and id are folded one after the other: small numbers of both, as accounts that
        # count their requests have, would meet in the same few places otherwise.
        return neighbours(mix(mix(self.index.key, account), request_id >> 4), request_id)

    @cython.cfunc
    @cython.exceptval(check=False)
    def expect(self, account: cython.int, request_id: cython.longlong) -> cython.void:
        """Have the processor fetch what `find` will look at."""
        if cython.compiled:
            position: cython.Py_ssize_t = self.index.start(self._hash(account, request_id))
            fetch(cython.address(self.index.table[position]))

    @cython.cfunc
    @cython.exceptval(check=False)
    def find(self, account: cython.int, request_id: cython.longlong) -> cython.int:
        """Return the entry of a request, or NO_SLOT."""
        index: HashIndex = self.index
        position: cython.Py_ssize_t = index.start(self._hash(account, request_id))
        entry: cython.int = index.table[position] - 1
        while entry != kinds.NO_SLOT:
            if self.ids[entry] == request_id and self.accounts[entry] == account:
                return entry
            position = (position + 1) & index.mask
            entry = index.table[position] - 1
        return kinds.NO_SLOT

    @cython.cfunc
    @cython.exceptval(check=False)
    def add(
        self,
        account: cython.int,
        request_id: cython.longlong,
        content: cython.longlong,
        results: Words,
        row: cython.Py_ssize_t,
    ) -> cython.void:
        """Keep the answer in the result row at word `row`; the oldest one makes room."""
        entry: cython.int = self.count % self.capacity
        if self.count >= self.capacity:
            self.index.remove(entry)
        self.count += 1
        self.ids[entry], self.accounts[entry] = request_id, account
        self.contents[entry] = content
        at: cython.Py_ssize_t = cython.cast(cython.Py_ssize_t, entry) * kinds.RESULT_WORDS
        i: cython.Py_ssize_t
        for i in range(kinds.RESULT_WORDS):
            self.answers[at + i] = results.words[row + i]
        self.index.add(entry, self._hash(account, request_id))

    @cython.cfunc
    @cython.exceptval(check=False)
    def recall(self, entry: cython.int, results: Words, row: cython.Py_ssize_t) -> cython.void:
        """Write a kept answer to the result row at word `row`; its record stays the new one's."""
        record: cython.longlong = results.words[row + kinds.RESULT_RECORD]
        at: cython.Py_ssize_t = cython.cast(cython.Py_ssize_t, entry) * kinds.RESULT_WORDS
        i: cython.Py_ssize_t
        for i in range(kinds.RESULT_WORDS):
            results.words[row + i] = self.answers[at + i]
        results.words[row + kinds.RESULT_RECORD] = record
        results.words[row + kinds.RESULT_STATE] |= 1 << 8

    def counters(self) -> list[int]:
        """Return all that the columns do not hold."""
        return [self.count]

    def columns(self) -> list[memoryview]:
        """Return the parts of the columns that have ever been used."""
        used = min(self.count, self.capacity)
        return [
            *first_rows([self.ids, self.contents], used),
            *first_rows([self.accounts], used),
            *first_rows([self.answers], used * kinds.RESULT_WORDS),
        ]


def is_compiled() -> bool:
    """Whether this module runs as a C extension."""
    return cython.compiled
