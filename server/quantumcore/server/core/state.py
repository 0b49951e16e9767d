"""Take the whole state of an exchange out of it as bytes, and put it back.

The classes of the core lie as a tree below the exchange (see state_fields). One walk visits what
they keep in a fixed order: by name, then into what belongs to them. Everything becomes a stream of
bytes: whole numbers and small columns one stream each, together; every large column, and every
memory whose rows several columns share, one of its own. Of a large stream only the parts in which
something stands are of interest, so memory that no order has touched costs nothing.
"""

from array import array
from ast import literal_eval
from collections.abc import Iterable, Iterator, Mapping
from hashlib import sha256
from typing import Any, NamedTuple

from quantumcore.server.core.book_cy import Book
from quantumcore.server.core.errors import StateUnfit
from quantumcore.server.core.exchange_cy import Exchange
from quantumcore.server.core.memory import int32_column, int64_column
from quantumcore.server.core.sparse_cy import used_parts
from quantumcore.server.core.state_fields import FIELDS, OF_OWNER

PART_BYTES = 16 * 1024
SMALL_BYTES = 4096
MOST_ROWS = 1 << 32
NUMBERS, SMALL = "numbers", "small columns"


class Stream(NamedTuple):
    """Bytes of the state under a name that is unique."""

    name: str
    data: memoryview

    def used(self) -> list[int]:
        """Return the numbers of the parts of PART_BYTES that hold anything."""
        whole = len(self.data) // 8 * 8
        numbers = used_parts(self.data[:whole].cast("q"), PART_BYTES // 8)
        last = whole // PART_BYTES
        if any(self.data[whole:]) and last not in numbers[-1:]:
            numbers.append(last)
        return numbers

    def part(self, number: int) -> memoryview:
        """Return a part; the last may be shorter."""
        return self.data[number * PART_BYTES : (number + 1) * PART_BYTES]


class Part(NamedTuple):
    """A part of a stream that holds something, with its SHA-256."""

    stream: int
    number: int
    digest: bytes
    data: memoryview


class Image:
    """The state of an exchange between two commands; its large streams are the live memory."""

    def __init__(self, exchange: Exchange) -> None:
        if exchange.is_torn:
            raise StateUnfit("a command broke half way through the exchange: it has no state")
        taking = _Taking()
        _walk(exchange, "exchange", taking, 0)
        self.streams = taking.streams()

    def parts(self) -> Iterator[Part]:
        """Yield what holds anything, in order."""
        for place, stream in enumerate(self.streams):
            for number in stream.used():
                data = stream.part(number)
                yield Part(place, number, sha256(data).digest(), data)

    def digest(self) -> bytes:
        """Return the state hash."""
        return digest_of(
            [(stream.name, len(stream.data)) for stream in self.streams],
            ((part.stream, part.number, part.digest) for part in self.parts()),
        )


def digest_of(streams: Iterable[tuple[str, int]], parts: Iterable[tuple[int, int, bytes]]) -> bytes:
    """Return SHA-256 over names and lengths of streams and the digests of their used parts."""
    digest = sha256()
    for name, length in streams:
        digest.update(f"{name} {length}\n".encode())
    for stream, number, of_part in parts:
        digest.update(b"%d %d " % (stream, number) + of_part)
    return digest.digest()


class StoredStream(NamedTuple):
    """A stream as it is read back: its length, and the parts that hold anything, by number."""

    length: int
    parts: Mapping[int, bytes]

    def whole(self) -> bytearray:
        """Return all of its bytes."""
        data = bytearray(self.length)
        for number, part in self.parts.items():
            data[number * PART_BYTES : number * PART_BYTES + len(part)] = part
        return data


def restore(exchange: Exchange, streams: Mapping[str, StoredStream]) -> None:
    """Put a state into an exchange that was built with the same configuration.

    Raises StateUnfit where it is not one of such an exchange; the exchange is of no use then.
    """
    putting = _Putting(streams)
    _walk(exchange, "exchange", putting, 0)
    putting.conclude()


def attributes(thing: object) -> dict[str, Any]:
    """Return all attributes of an object of the core, by name.

    Cython writes for each class how it is pickled: its attributes in the order of their names.
    """
    held: dict[str, Any] | None = getattr(thing, "__dict__", None)
    if held is not None:
        return dict(held)
    reduced: Any = thing.__reduce__()
    values = reduced[2] if len(reduced) > 2 else reduced[1][2]
    return dict(zip(FIELDS[type(thing).__name__].names, values, strict=True))


def _assign(thing: Any, held: dict[str, Any]) -> None:
    if hasattr(thing, "__dict__"):
        for name, value in held.items():
            setattr(thing, name, value)
    else:
        thing.__setstate__(tuple(held[name] for name in sorted(held)))


class _Taking:
    """Takes what the walk comes by."""

    def __init__(self) -> None:
        self._numbers = array("q")
        self._small = bytearray()
        self._large: list[Stream] = []
        self._seen: set[int] = set()

    def number(self, value: int) -> int:
        self._numbers.append(value)
        return value

    def column(self, name: str, column: Any, spare: int) -> Any:
        view = memoryview(column)
        if not view.contiguous:
            self._rows(name, column, spare)
            return column
        self.number(len(view))
        data = view[: len(view) - spare].cast("B")
        if view.nbytes < SMALL_BYTES:
            self._small += data
        else:
            self._large.append(Stream(name, data))
        return column

    def _rows(self, name: str, column: Any, spare: int) -> None:
        memory = owner_of(column)
        if id(memory) not in self._seen:
            self._seen.add(id(memory))
            self._large.append(Stream(name, rows_of(column, memory, spare)))

    def value(self, name: str, value: object) -> None:
        self._large.append(Stream(name, memoryview(bytearray(repr(value).encode()))))

    def streams(self) -> list[Stream]:
        first = [Stream(NUMBERS, memoryview(self._numbers).cast("B"))]
        return [*first, Stream(SMALL, memoryview(self._small)), *self._large]


class _Putting:
    """Puts stored values where the walk comes by."""

    def __init__(self, streams: Mapping[str, StoredStream]) -> None:
        self._streams = dict(streams)
        self._numbers = memoryview(self._take(NUMBERS).whole()).cast("q")
        self._small = memoryview(self._take(SMALL).whole())
        self._next = self._at = 0
        self._seen: set[int] = set()

    def number(self, value: int) -> int:
        if self._next == len(self._numbers):
            raise StateUnfit("fewer numbers are stored than the exchange has")
        stored = self._numbers[self._next]
        self._next += 1
        return bool(stored) if isinstance(value, bool) else stored

    def column(self, name: str, column: Any, spare: int) -> Any:
        view = memoryview(column)
        if not view.contiguous:
            memory = owner_of(column)
            if id(memory) not in self._seen:
                self._seen.add(id(memory))
                self._fill(name, rows_of(column, memory, spare))
            return column
        length = self.number(0)
        if length != len(view):
            if not 0 <= length < MOST_ROWS:
                raise StateUnfit(f"{name} cannot have {length} rows")
            column = view = (int64_column if view.itemsize == 8 else int32_column)(length)
        data = view[: length - spare].cast("B")
        if view.nbytes < SMALL_BYTES:
            data[:] = self._small[self._at : self._at + len(data)]
            self._at += len(data)
        else:
            self._fill(name, data)
        return column

    def _fill(self, name: str, data: memoryview) -> None:
        stored, target = self._take(name), Stream(name, data)
        if stored.length != len(data):
            raise StateUnfit(f"{name} has {len(data)} bytes, {stored.length} are stored")
        for number in target.used():
            if number not in stored.parts:
                target.part(number)[:] = bytes(len(target.part(number)))
        for number, part in stored.parts.items():
            target.part(number)[:] = part

    def value(self, name: str, value: Any) -> None:
        stored = literal_eval(self._take(name).whole().decode())
        if isinstance(value, dict):
            value.clear()
            value.update(stored)
        else:
            value[:] = stored

    def _take(self, name: str) -> StoredStream:
        stored = self._streams.pop(name, None)
        if stored is None:
            raise StateUnfit(f"{name} is not stored")
        return stored

    def conclude(self) -> None:
        if self._streams or self._next != len(self._numbers) or self._at != len(self._small):
            left = ", ".join(self._streams) or "numbers"
            raise StateUnfit(f"more is stored than the exchange has: {left}")


def _walk(thing: Any, path: str, visitor: "_Taking | _Putting", rows: int) -> None:
    fields, held = FIELDS[type(thing).__name__], attributes(thing)
    spare = rows if fields.spare == OF_OWNER else 0
    whole = spare and len(held["high"])
    if fields.spare > 0:
        spare, whole = fields.spare, held["capacity"] + fields.spare
    changed = False
    for name in sorted(fields.state.split()):
        value, place = held[name], f"{path}.{name}"
        if isinstance(value, int):
            held[name] = visitor.number(value)
        elif name in LISTS:
            _list(held, name, place, visitor)
        elif isinstance(value, (list, dict)):
            visitor.value(place, value)
        elif type(value).__name__ in FIELDS:
            _walk(value, place, visitor, spare)
        else:
            held[name] = visitor.column(place, value, spare if len(value) == whole else 0)
        changed = changed or held[name] is not value
    if changed and isinstance(visitor, _Putting):
        _assign(thing, held)
    if fields.derived and isinstance(visitor, _Putting):
        thing.derive()


LISTS = frozenset({"books", "others"})


def _list(held: dict[str, Any], name: str, path: str, visitor: "_Taking | _Putting") -> None:
    """Visit books, some of which are made at first use."""
    books = held[name]
    count = visitor.number(len(books))
    books += [None] * (count - len(books))
    for place, book in enumerate(books):
        if visitor.number(book is not None):
            if book is None:
                books[place] = Book(held["arena"], memoryview(held["book_events"]))
            _walk(books[place], f"{path}.{place}", visitor, 0)


def owner_of(column: Any) -> Any:
    """Return the memory that a column is a part of."""
    while not isinstance(column, memoryview):
        column = column.base
    return column.obj


def rows_of(column: Any, memory: Any, spare: int) -> memoryview:
    """Return the bytes of the rows that a column shares with others."""
    rows = len(column)
    return memoryview(memory).cast("B")[: len(memory) // rows * (rows - spare)]
