"""Write snapshots: whole or not at all, and what has not changed since the base not again."""

from collections.abc import Callable
from hashlib import sha256
from pathlib import Path
from time import time_ns
from zlib import compress

from quantumcore.server.core.exchange_cy import Exchange
from quantumcore.server.core.state import Image, Stream, digest_of
from quantumcore.server.journal.files import Files
from quantumcore.server.journal.mark import Mark
from quantumcore.server.snapshots.directory import UNFINISHED_SUFFIX, SnapshotDirectory
from quantumcore.server.snapshots.layout import (
    COMPRESSION,
    FORMAT_VERSION,
    HEADER,
    MAGIC,
    NO_BASE,
    RELEASE,
    Header,
    Index,
    StoredPart,
    encode_header,
    encode_index,
    snapshot_name,
)
from quantumcore.server.snapshots.snapshot import VENUE, Place

MOST_UPON_A_BASE = 50
"""So many snapshots rest upon one base at most; a base whose changes outgrow it ends sooner."""


class SnapshotWriter:
    """Writes the snapshots of one exchange, in ascending order of sequence."""

    def __init__(self, directory: SnapshotDirectory, *, clock: Callable[[], int] = time_ns) -> None:
        self._directory, self._clock = directory, clock
        directory.files.make_directory(directory.path)
        directory.remove_unfinished()
        self._base: Base | None = None

    def write(
        self, exchange: Exchange, venue: bytes, configuration: dict[str, int], mark: Mark
    ) -> Header:
        """Store the state that an exchange has behind the block `mark`; return the header."""
        directory, base = self._directory, self._base
        if base is not None and (base.is_worn or not (directory.path / base.name).exists()):
            base = None
        image = Image(exchange)
        streams = [*image.streams, Stream(VENUE, memoryview(bytearray(venue)))]
        image.streams = streams
        body = _Body(image, base)
        index = Index(
            configuration=configuration,
            mark={
                "first_sequence": mark.first_sequence,
                "previous_hash": mark.previous_hash.hex(),
                "segment": mark.position.segment,
                "offset": mark.position.offset,
                "end": mark.end,
            },
            base_hash=base.state_hash if base else b"",
            streams=[(stream.name, len(stream.data)) for stream in streams],
            parts=body.parts,
            dropped=body.dropped(),
        )
        header, stored_index = self._header(mark, exchange.time_ns, body, encode_index(index), base)
        written = self._store(header, [*body.pieces, stored_index])
        if base is None:
            self._base = Base(header, body.digests, written)
        else:
            base.count += 1
            base.changes_bytes = written
        return header

    def _header(
        self, mark: Mark, venue_time_ns: int, body: "_Body", index: bytes, base: "Base | None"
    ) -> tuple[Header, bytes]:
        header = Header(
            magic=MAGIC,
            format_version=FORMAT_VERSION,
            flags=0,
            header_bytes=HEADER.size,
            sequence=mark.last_sequence,
            block_number=mark.number,
            time_ns=venue_time_ns,
            created_time_ns=self._clock(),
            base_sequence=base.sequence if base else NO_BASE,
            release=RELEASE,
            state_hash=body.state_hash,
            block_hash=mark.hash,
            index_hash=sha256(index).digest(),
            index_offset=body.end,
            index_bytes=len(index),
            reserved=0,
            checksum=0,
        )
        return header, index

    def _store(self, header: Header, pieces: list[bytes]) -> int:
        """Write a file beside its name, make it durable, then give it the name."""
        files, name = self._directory.files, snapshot_name(header.sequence)
        unfinished = self._directory.path / (name + UNFINISHED_SUFFIX)
        descriptor = files.create(unfinished)
        digest, written = sha256(), 0
        try:
            for piece in (encode_header(header), *pieces):
                digest.update(piece)
                written += _write_whole(files, descriptor, piece)
            written += _write_whole(files, descriptor, digest.digest())
            files.fsync(descriptor)
        finally:
            files.close(descriptor)
        files.rename(unfinished, self._directory.path / name)
        files.sync_directory(self._directory.path)
        return written

    @property
    def path(self) -> Path:
        """Return where the snapshots lie."""
        return self._directory.path


class Base:
    """What of a complete snapshot later ones need not hold again."""

    def __init__(self, header: Header, digests: dict[Place, bytes], size_bytes: int) -> None:
        self.sequence, self.state_hash = header.sequence, header.state_hash
        self.name = snapshot_name(header.sequence)
        self.digests, self.size_bytes = digests, size_bytes
        self.changes_bytes = self.count = 0

    @property
    def is_worn(self) -> bool:
        """Whether a complete snapshot is cheaper than more changes to this one."""
        return self.count >= MOST_UPON_A_BASE or 2 * self.changes_bytes > self.size_bytes


class _Body:
    """The parts of an image that have to be written, compressed, and where they will lie."""

    def __init__(self, image: Image, base: Base | None) -> None:
        self.pieces: list[bytes] = []
        self.parts: list[StoredPart] = []
        self.digests: dict[Place, bytes] = {}
        self.end = HEADER.size
        self._names = [stream.name for stream in image.streams]
        self._known = base.digests if base else {}
        of_state = list[tuple[int, int, bytes]]()
        for part in image.parts():
            place = self._names[part.stream], part.number
            self.digests[place] = part.digest
            if place[0] != VENUE:
                of_state.append((part.stream, part.number, part.digest))
            if self._known.get(place) != part.digest:
                piece = compress(part.data, COMPRESSION)
                self.pieces.append(piece)
                self.parts.append(
                    StoredPart(part.stream, part.number, self.end, len(piece), part.digest)
                )
                self.end += len(piece)
        lengths = [(stream.name, len(stream.data)) for stream in image.streams[:-1]]
        self.state_hash = digest_of(lengths, of_state)

    def dropped(self) -> list[tuple[int, int]]:
        """Return the parts of the base in which nothing stands any more."""
        place_of = {name: place for place, name in enumerate(self._names)}
        gone = self._known.keys() - self.digests.keys()
        return sorted((place_of[name], number) for name, number in gone if name in place_of)


def _write_whole(files: Files, descriptor: int, data: bytes) -> int:
    view, written = memoryview(data), 0
    while written < len(view):
        written += files.writev(descriptor, [view[written:]])
    return written
