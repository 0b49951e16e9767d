"""Which events are exported, and the file that they make, in pieces."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from hashlib import sha256

from quantumcore.server.store.errors import HistoryRemoved
from quantumcore.server.store.export.formats import Writer
from quantumcore.server.store.export.redaction import OPERATOR, shown_to
from quantumcore.server.store.port import ALL_EVENTS, EventQuery
from quantumcore.server.store.position import FeedPosition
from quantumcore.server.store.sql.store import SqlEventStore
from quantumcore.server.store.stored_event import StoredEvent, event_of
from quantumcore.server.store.time_search import first_from
from quantumcore.server.store.upcasting import Upcasting
from quantumcore.v1.log_pb2 import ExportChunk, LogHead

PIECE_BYTES = 256 * 1024
EVENTS_BETWEEN_PIECES = 20_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Selection:
    """Events of [first, last] that match, of a time (0: open), as `viewer` sees them."""

    query: EventQuery = ALL_EVENTS
    first: int = 1
    last: int
    from_time_ns: int = 0
    until_time_ns: int = 0
    viewer: int = OPERATOR
    whole: Collection[int] = ()
    """Classes of which nothing may be gone from `first` on; none: what is left is enough."""

    def events(self, store: SqlEventStore) -> Iterator[StoredEvent]:
        """Yield them as they are stored."""
        first, last = self.first, self.last
        if self.from_time_ns:
            first = first_from(store, self.from_time_ns, first, last)
        if self.until_time_ns:
            last = first_from(store, self.until_time_ns, first, last) - 1
        return store.read(first, last, query=self.query)

    def check_kept(self, store: SqlEventStore) -> None:
        """Raise HistoryRemoved where some of it was removed, if since it was begun."""
        if self.whole and (kept := store.first_sequence(self.whole)) > self.first:
            raise HistoryRemoved(kept)


def exported(store: SqlEventStore, selection: Selection, writer: Writer) -> Iterator[ExportChunk]:
    """Yield the pieces of the file; the last has the hash of all, and the head of the log."""
    head, hashed, upcasting = store.position(), sha256(), Upcasting()
    pieces, size, count, sequence = [writer.begin()], 0, 0, selection.first - 1
    told = 0
    for stored in selection.events(store):
        if stored.sequence != sequence and (
            size >= PIECE_BYTES or count - told >= EVENTS_BETWEEN_PIECES
        ):
            selection.check_kept(store)
            data, told = b"".join(pieces), count
            pieces, size = [], 0
            hashed.update(data)
            yield ExportChunk(data=data, sequence=sequence, event_count=count)
        piece = writer.add(shown_to(selection.viewer, event_of(stored, upcasting)))
        pieces.append(piece)
        size += len(piece)
        count, sequence = count + 1, stored.sequence
    selection.check_kept(store)
    data = b"".join([*pieces, writer.end()])
    hashed.update(data)
    yield ExportChunk(
        data=data,
        sequence=selection.last,
        event_count=count,
        content_hash=hashed.digest(),
        head=head_of(head),
    )


def head_of(position: FeedPosition) -> LogHead:
    """Return the head of the log as far as a store was fed."""
    return LogHead(
        sequence=position.sequence,
        block_number=position.block_number,
        chain_hash=position.block_hash,
        time_ns=position.time_ns,
    )
