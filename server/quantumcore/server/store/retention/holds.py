"""Legal holds: folded from their events, and what they keep."""

from collections.abc import Iterable

from quantumcore.server.store.port import EventQuery
from quantumcore.server.store.sql.store import SqlEventStore
from quantumcore.server.store.stored_event import StoredEvent, event_of
from quantumcore.server.store.upcasting import Upcasting
from quantumcore.v1.event_pb2 import AggregateType, EventType
from quantumcore.v1.retention_pb2 import LegalHold

HOLD_EVENTS = EventQuery(
    aggregate_type=AggregateType.AGGREGATE_TYPE_VENUE,
    event_types=(EventType.EVENT_TYPE_LEGAL_HOLD_CHANGED,),
)


def folded(events: Iterable[StoredEvent]) -> dict[int, LegalHold]:
    """Return every hold that there ever was, as it is since its last event, by number."""
    holds, upcasting = {}, Upcasting()
    for stored in events:
        hold = event_of(stored, upcasting).legal_hold_changed.legal_hold
        holds[hold.legal_hold_id] = hold
    return holds


def active_holds(store: SqlEventStore) -> list[LegalHold]:
    """Return the holds that are in force, as far as the store was fed."""
    return [hold for hold in folded(store.read(query=HOLD_EVENTS)).values() if not hold.lifted]


def keeps(hold: LegalHold, event: StoredEvent) -> bool:
    """Tell whether a hold keeps an event; what has its sequence is kept with it."""
    return (
        hold.from_time_ns <= event.time_ns
        and (not hold.until_time_ns or event.time_ns < hold.until_time_ns)
        and (not hold.account_ids or event.account_id in hold.account_ids)
    )
