"""Which event belongs to which class of events that are kept for the same time."""

from collections.abc import Collection

from quantumcore.server.store.event_types import PAYLOADS
from quantumcore.server.store.port import EventQuery
from quantumcore.v1.event_pb2 import AggregateType, EventType
from quantumcore.v1.retention_pb2 import EventClass

ORDERS = int(EventClass.EVENT_CLASS_ORDERS)
LEDGER = int(EventClass.EVENT_CLASS_LEDGER)
INSTRUMENTS = int(EventClass.EVENT_CLASS_INSTRUMENTS)
ADMINISTRATION = int(EventClass.EVENT_CLASS_ADMINISTRATION)
CLASSES = (ORDERS, LEDGER, INSTRUMENTS, ADMINISTRATION)

# Of accounts, which have events of several classes.
MONEY = frozenset(
    {
        EventType.EVENT_TYPE_MARGIN_RESERVED,
        EventType.EVENT_TYPE_MARGIN_MOVED,
        EventType.EVENT_TYPE_MARGIN_RELEASED,
        EventType.EVENT_TYPE_CASH_MOVED,
        EventType.EVENT_TYPE_MARGIN_REQUIREMENT_CHANGED,
    }
)
KEPT_FOR_EVER = frozenset(
    {EventType.EVENT_TYPE_LEGAL_HOLD_CHANGED, EventType.EVENT_TYPE_RETENTION_APPLIED}
)
"""What retention itself is told by is never removed: a hold is in force as long as it is there."""


def class_of(event_type: int) -> int:
    """Return the class of an event type, by the contract's number ranges."""
    if event_type in MONEY or 80 <= event_type < 100:
        return LEDGER
    if event_type < 80 or event_type == EventType.EVENT_TYPE_ORDERS_CANCELLED:
        return ORDERS
    return INSTRUMENTS if 120 <= event_type < 140 else ADMINISTRATION


def types_of(event_class: int) -> tuple[int, ...]:
    """Return the event types of a class."""
    return tuple(one for one in PAYLOADS if class_of(one) == event_class)


def removable_types(event_class: int) -> tuple[int, ...]:
    """Return the event types of a class that can be removed at all."""
    return tuple(one for one in types_of(event_class) if one not in KEPT_FOR_EVER)


OF_AGGREGATE: dict[int, Collection[int]] = {
    AggregateType.AGGREGATE_TYPE_ORDER: (ORDERS,),
    AggregateType.AGGREGATE_TYPE_MULTI_LEG_ORDER: (ORDERS,),
    AggregateType.AGGREGATE_TYPE_POSITION: (LEDGER,),
    AggregateType.AGGREGATE_TYPE_INSTRUMENT: (INSTRUMENTS,),
}
"""Kinds of things whose events are of one class; those of others may be of any."""


def classes_asked(query: EventQuery) -> Collection[int]:
    """Return the classes that a query can match events of."""
    if query.event_types:
        return {class_of(one) for one in query.event_types}
    return OF_AGGREGATE.get(query.aggregate_type, CLASSES)
