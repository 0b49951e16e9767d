"""Hold records in one contiguous buffer of int64 words."""

import cython

from quantumcore.server.core.memory import int64_column

if cython.compiled:
    from cython.cimports.quantumcore.server.core import kinds
else:
    from quantumcore.server.core import kinds


@cython.final
@cython.cclass
class Words:
    """A growable run of int64 words; `end` of them are in use.

    Growing replaces `words`: take the attribute anew after `reserve`. Doubling keeps the
    cost per appended word constant; a buffer that is cleared each turn soon stops growing.
    """

    words: cython.longlong[::1]
    end: cython.Py_ssize_t
    capacity: cython.Py_ssize_t

    def __init__(self, capacity: int = 1 << 14) -> None:
        self.words = int64_column(capacity)
        self.capacity = capacity
        self.end = 0

    @cython.cfunc
    @cython.exceptval(-1, check=False)
    def _reserve(self, count: cython.Py_ssize_t) -> cython.int:
        if self.end + count > self.capacity:
            self._grow(self.end + count)
        return 0

    def _grow(self, needed: int) -> None:
        capacity = max(needed, 2 * self.capacity)
        words = int64_column(capacity)
        words[: self.end] = memoryview(self.words)[: self.end]
        self.words = words
        self.capacity = capacity

    def reserve(self, count: int) -> None:
        """Make room for `count` more words beyond `end`."""
        self._reserve(count)

    def append(self, *values: int) -> None:
        """Append words."""
        self._reserve(len(values))
        for value in values:
            self.words[self.end] = value
            self.end += 1

    def put_text(self, data: bytes) -> None:
        """Append bytes, padded with zeros to whole words."""
        size = (len(data) + 7) // 8
        self._reserve(size)
        padded = memoryview(data.ljust(8 * size, b"\0")).cast("q")
        for word in padded:
            self.words[self.end] = word
            self.end += 1

    def load(self, data: memoryview) -> None:
        """Append whole words from bytes that hold them in this machine's order."""
        source = data.cast("B").cast("q")
        self._reserve(len(source))
        memoryview(self.words)[self.end : self.end + len(source)] = source
        self.end += len(source)

    def text(self, start: int, length: int) -> str:
        """Read `length` bytes of text from the words at `start`."""
        words = (length + 7) // 8
        return bytes(self.view(start, start + words)[:length]).decode("ascii")

    def view(self, start: int = 0, end: int | None = None) -> memoryview:
        """Return words[start:end] as bytes; valid until the buffer grows or is cleared."""
        stop = self.end if end is None else end
        return memoryview(self.words)[start:stop].cast("B")

    def counters(self) -> list[int]:
        """Return all that the columns do not hold."""
        return [self.end]

    def columns(self) -> list[memoryview]:
        """Return the words in use."""
        return [self.view()]

    @cython.cfunc
    @cython.exceptval(check=False)
    def sent(self, record: cython.Py_ssize_t, end: cython.Py_ssize_t) -> cython.longlong:
        """Return the value of a command that its byte could not hold.

        It stands behind the other words of the record, which end at word `end`.
        """
        if end - record < (self.words[record] >> 16) & 0xFFFF:
            return self.words[end]
        return 0xFF

    def clear(self) -> None:
        """Forget all words; the memory stays."""
        self.end = 0


@cython.cfunc
@cython.exceptval(check=False)
def stored_bytes(length: cython.longlong) -> cython.longlong:
    """Return how many bytes of a client order id of this stated length a command holds."""
    if length == kinds.NOT_PRINTABLE:
        return 0
    return min(length, kinds.CLIENT_ORDER_ID_BYTES)


@cython.cfunc
@cython.exceptval(check=False)
def known_terms(terms: cython.longlong, count: cython.int) -> cython.longlong:
    """Return packed terms, with 0 where one of the first `count` bytes could not hold its value."""
    byte: cython.longlong = 0xFF
    i: cython.int
    for i in range(count):
        if (terms >> (8 * i)) & 0xFF == 0xFF:
            terms &= ~(byte << (8 * i))
    return terms


def is_compiled() -> bool:
    """Whether this module runs as a C extension."""
    return cython.compiled
