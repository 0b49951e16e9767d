"""Every event type of the contract: its payload, its newest version, and what is not built yet.

The contract numbers an event type as the field of its payload in `Event`, so the descriptor is all
that is needed to go from one to the other.
"""

from google.protobuf.message import Message
from google.protobuf.message_factory import GetMessageClass

from quantumcore.server.store.errors import EventTypeUnknown
from quantumcore.v1.event_pb2 import Event, EventType

_FIELDS = {field.number: field for field in Event.DESCRIPTOR.oneofs_by_name["payload"].fields}
PAYLOADS: dict[int, type[Message]] = {
    number: GetMessageClass(field.message_type)
    for number, field in _FIELDS.items()
    if field.message_type is not None
}
FIELD_NAMES: dict[int, str] = {number: field.name for number, field in _FIELDS.items()}
PREFIX = "EVENT_TYPE_"

# A type is written in this version; 1 unless it stands here. The upcasters lead from all before.
NEWEST_VERSIONS: dict[int, int] = {}

# Why no event of a type is produced yet.
NOT_BUILT_YET: dict[int, str] = {
    EventType.EVENT_TYPE_INSTRUMENT_DELISTED: (
        "the core closes an instrument that expires and does not take it from the list"
    ),
    EventType.EVENT_TYPE_CURRENCY_CREATED: "the venue knows its currencies from the start",
    EventType.EVENT_TYPE_PRINCIPAL_CREATED: "principals come from the settings",
    EventType.EVENT_TYPE_PRINCIPAL_UPDATED: "principals come from the settings",
    EventType.EVENT_TYPE_PRINCIPAL_REVOKED: "principals come from the settings",
    EventType.EVENT_TYPE_MIGRATION_ADVANCED: "the phase of a move lies beside the journal",
}


def name_of(event_type: int) -> str:
    """Return the contract's name of an event type; raise EventTypeUnknown."""
    if event_type not in PAYLOADS:
        raise EventTypeUnknown(event_type)
    return EventType.Name(EventType.ValueType(event_type))


def payload_class(event_type: int) -> type[Message]:
    """Return the message that an event type carries; raise EventTypeUnknown."""
    found = PAYLOADS.get(event_type)
    if found is None:
        raise EventTypeUnknown(event_type)
    return found


def newest_version(event_type: int) -> int:
    """Return the version in which an event type is written now; raise EventTypeUnknown."""
    payload_class(event_type)
    return NEWEST_VERSIONS.get(event_type, 1)
