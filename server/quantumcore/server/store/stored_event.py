"""One event as it is stored: the envelope in columns, the payload as bytes."""

from typing import NamedTuple

from google.protobuf.message import Message

from quantumcore.server.store.errors import EventTypeUnknown
from quantumcore.server.store.event_types import FIELD_NAMES
from quantumcore.server.store.upcasting import Upcasting
from quantumcore.v1.event_pb2 import Event

LOW_64 = 0xFFFF_FFFF_FFFF_FFFF


class StoredEvent(NamedTuple):
    """An event in the order of its columns.

    `correlation_id` is signed, as the databases have it. `account_id` and `instrument_id` are what
    it concerns, 0 where nothing of that kind; `payload` is the serialised message.
    """

    aggregate_type: int
    sequence: int
    part: int
    aggregate_id: int
    aggregate_version: int
    event_type: int
    schema_version: int
    time_ns: int
    command_id: int
    correlation_id: int
    principal_id: int
    session_id: int
    account_id: int
    instrument_id: int
    payload: bytes


def event_of(stored: StoredEvent, upcasting: Upcasting) -> Event:
    """Return the contract's message, its payload in the newest version.

    Raise what `Upcasting.read` raises.
    """
    event_type = stored.event_type
    name = FIELD_NAMES.get(event_type)
    if name is None:
        raise EventTypeUnknown(event_type)
    event = Event(
        sequence=stored.sequence,
        part=stored.part,
        aggregate_type=stored.aggregate_type,  # type: ignore[arg-type]
        aggregate_id=stored.aggregate_id,
        aggregate_version=stored.aggregate_version,
        event_type=event_type,  # type: ignore[arg-type]
        schema_version=stored.schema_version,
        time_ns=stored.time_ns,
        command_id=stored.command_id,
        correlation_id=stored.correlation_id & LOW_64,
        principal_id=stored.principal_id,
        session_id=stored.session_id,
    )
    payload: Message = getattr(event, name)
    payload.SetInParent()
    upcasting.read_into(payload, event_type, stored.schema_version, stored.payload)
    return event
