"""Read a snapshot back, and verify every byte of it before any is used."""

import os
from collections.abc import ItemsView, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from quantumcore.server.core.state import StoredStream, digest_of
from quantumcore.server.journal.files import Files
from quantumcore.server.journal.layout import Position
from quantumcore.server.journal.mark import Mark
from quantumcore.server.snapshots.errors import SnapshotDamaged, SnapshotUnfit
from quantumcore.server.snapshots.layout import (
    HASH_BYTES,
    HEADER,
    NO_BASE,
    Header,
    Index,
    StoredPart,
    decode_header,
    decode_index,
    snapshot_name,
    unpacked,
)

VENUE = "venue"
"""The stream of what is kept beside the exchange; the state hash leaves it out."""

FEW, AT_ONCE = 16, 256
Place = tuple[str, int]  # stream, number of the part


class PartsOfStream(Mapping[int, bytes]):
    """The parts of one stream, each unpacked and compared with its hash when it is asked for."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._stored: dict[int, tuple[memoryview, StoredPart]] = {}

    def note(self, number: int, data: memoryview, part: StoredPart) -> None:
        """Note in which file a part lies."""
        self._stored[number] = data, part

    def places(self) -> Iterator[tuple[int, memoryview, StoredPart]]:
        """Yield each part's number, file, and place in it."""
        for number, (data, part) in self._stored.items():
            yield number, data, part

    def __getitem__(self, number: int) -> bytes:
        data, part = self._stored[number]
        found = unpacked(data[part.offset : part.offset + part.stored_bytes], self._name)
        if sha256(found).digest() != part.digest:
            raise SnapshotDamaged(self._name, "holds a part whose hash does not match")
        return found

    def items(self) -> ItemsView[int, bytes]:
        """Return numbers and parts; as they are gone through, several are unpacked at once."""
        return _Unpacking(self)

    def __iter__(self) -> Iterator[int]:
        return iter(self._stored)

    def __len__(self) -> int:
        return len(self._stored)


class _Unpacking(ItemsView[int, bytes]):
    """Unpacks and hashes on every processor: both let other threads run meanwhile."""

    def __init__(self, parts: PartsOfStream) -> None:
        super().__init__(parts)
        self._parts = parts

    def __iter__(self) -> Iterator[tuple[int, bytes]]:
        numbers = list(self._parts)
        if len(numbers) < FEW:
            yield from ((number, self._parts[number]) for number in numbers)
            return
        with ThreadPoolExecutor(os.cpu_count()) as pool:
            for first in range(0, len(numbers), AT_ONCE):
                some = numbers[first : first + AT_ONCE]
                yield from zip(some, pool.map(self._parts.__getitem__, some), strict=True)


@dataclass(frozen=True, slots=True, kw_only=True)
class Snapshot:
    """A snapshot that is as it was written, with its base."""

    name: str
    header: Header
    index: Index
    streams: dict[str, StoredStream]
    size_bytes: int

    @property
    def mark(self) -> Mark:
        """Return the block of the journal that it was taken behind."""
        return _mark_of(self.header, self.index)

    @property
    def state(self) -> dict[str, StoredStream]:
        """Return the streams of the exchange."""
        return {name: stream for name, stream in self.streams.items() if name != VENUE}

    @property
    def venue(self) -> bytes:
        """Return what is kept beside the exchange."""
        return bytes(self.streams[VENUE].whole())


def read_header(files: Files, directory: Path, name: str) -> Header:
    """Return the header alone; the rest is not looked at."""
    descriptor = files.open_read(directory / name)
    try:
        return decode_header(files.pread(descriptor, HEADER.size, 0), name)
    finally:
        files.close(descriptor)


def read_mark(files: Files, directory: Path, name: str) -> Mark:
    """Return the block that a snapshot was taken behind; what it holds is not looked at."""
    descriptor = files.open_read(directory / name)
    try:
        header = decode_header(files.pread(descriptor, HEADER.size, 0), name)
        stored = files.pread(descriptor, header.index_bytes, header.index_offset)
    finally:
        files.close(descriptor)
    return _mark_of(header, _index_of(header, stored, name))


def content_hash(files: Files, directory: Path, name: str) -> tuple[int, bytes, bytes]:
    """Return the size of a snapshot, the hash that it states of itself, and that of its bytes."""
    data = _contents(files, directory, name)
    return len(data), bytes(data[-HASH_BYTES:]), sha256(data[:-HASH_BYTES]).digest()


def read_snapshot(files: Files, directory: Path, name: str) -> Snapshot:
    """Return a snapshot that is as it was written; raise SnapshotUnfit for any other."""
    data = _contents(files, directory, name)
    header = decode_header(data, name)
    if sha256(data[:-HASH_BYTES]).digest() != data[-HASH_BYTES:]:
        raise SnapshotDamaged(name, "is damaged: its hash does not match")
    stored_index = data[header.index_offset : header.index_offset + header.index_bytes]
    index = _index_of(header, stored_index, name)
    streams = {stream: PartsOfStream(name) for stream, _length in index.streams}
    digests = dict[Place, bytes]()
    if header.base_sequence != NO_BASE:
        _add_base(files, directory, name, header.base_sequence, index, streams, digests)
    _add(data, index, streams, digests)
    _check_state(name, header, index, digests)
    return Snapshot(
        name=name,
        header=header,
        index=index,
        streams={stream: StoredStream(length, streams[stream]) for stream, length in index.streams},
        size_bytes=len(data),
    )


def _index_of(header: Header, stored: bytes | memoryview, name: str) -> Index:
    if sha256(stored).digest() != header.index_hash:
        raise SnapshotDamaged(name, "has an index whose hash does not match")
    return decode_index(stored, name)


def _mark_of(header: Header, index: Index) -> Mark:
    said = index.mark
    return Mark(
        number=header.block_number,
        first_sequence=said["first_sequence"],
        last_sequence=header.sequence,
        previous_hash=bytes.fromhex(said["previous_hash"]),
        hash=header.block_hash,
        position=Position(said["segment"], said["offset"]),
        end=said["end"],
    )


def _contents(files: Files, directory: Path, name: str) -> memoryview:
    descriptor = files.open_read(directory / name)
    try:
        length, parts, at = files.size(descriptor), list[bytes](), 0
        while at < length and (part := files.pread(descriptor, length - at, at)):
            parts.append(part)
            at += len(part)
    finally:
        files.close(descriptor)
    return memoryview(parts[0] if len(parts) == 1 else b"".join(parts))


def _add(
    data: memoryview, index: Index, streams: dict[str, PartsOfStream], digests: dict[Place, bytes]
) -> None:
    for part in index.parts:
        stream = index.streams[part.stream][0]
        streams[stream].note(part.number, data, part)
        digests[stream, part.number] = part.digest


def _add_base(
    files: Files,
    directory: Path,
    name: str,
    sequence: int,
    index: Index,
    streams: dict[str, PartsOfStream],
    digests: dict[Place, bytes],
) -> None:
    """Note the parts of the base that hold for this snapshot too."""
    try:
        base = read_snapshot(files, directory, snapshot_name(sequence))
    except (SnapshotUnfit, FileNotFoundError) as problem:
        raise SnapshotDamaged(name, f"cannot be used without its base: {problem}") from problem
    if base.header.base_sequence != NO_BASE or base.header.state_hash != index.base_hash:
        raise SnapshotDamaged(name, f"was taken upon another base than {base.name}")
    dropped = {(index.streams[stream][0], number) for stream, number in index.dropped}
    for stream, stored in base.streams.items():
        if stream not in streams or not isinstance(stored.parts, PartsOfStream):
            continue
        for number, data, part in stored.parts.places():
            if (stream, number) not in dropped:
                streams[stream].note(number, data, part)
                digests[stream, number] = part.digest


def _check_state(name: str, header: Header, index: Index, digests: dict[Place, bytes]) -> None:
    """Compare the state hash with what the parts say."""
    streams = [(stream, length) for stream, length in index.streams if stream != VENUE]
    order = {stream: place for place, (stream, _length) in enumerate(streams)}
    parts = sorted(
        (order[stream], number, digest)
        for (stream, number), digest in digests.items()
        if stream != VENUE
    )
    if digest_of(streams, parts) != header.state_hash:
        raise SnapshotDamaged(name, "does not add up to its state hash")
