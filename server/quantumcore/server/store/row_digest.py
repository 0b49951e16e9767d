"""What a stored event is known by: the SHA-256 of all of its columns.

It stands in the row, so that a row that is no longer what was stored is found when it is read, and
it is what retention leaves of an event.
"""

from hashlib import sha256
from struct import Struct

from quantumcore.server.store.stored_event import StoredEvent

DIGEST_BYTES = 32
ENVELOPE = Struct("<14q")


def row_bytes(event: StoredEvent) -> bytes:
    """Return what is hashed: the numbers in the order of the columns, then the payload."""
    return ENVELOPE.pack(*event[:-1]) + event.payload


def row_digest(event: StoredEvent) -> bytes:
    """Return the digest of an event."""
    return sha256(ENVELOPE.pack(*event[:-1]) + event.payload).digest()


def event_of_row(data: bytes) -> StoredEvent:
    """Return the event that these bytes are of; raise ValueError for bytes that are none."""
    if len(data) < ENVELOPE.size:
        raise ValueError(f"{len(data)} bytes are no event")
    return StoredEvent._make((*ENVELOPE.unpack_from(data), data[ENVELOPE.size :]))
