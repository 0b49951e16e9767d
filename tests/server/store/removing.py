"""Remove all events up to a sequence, class by class, whatever their age."""

from quantumcore.server.store.port import EventQuery
from quantumcore.server.store.retention.classes import CLASSES, removable_types
from quantumcore.server.store.retention.plan import Stretch, digest_of
from quantumcore.server.store.retention.removal import remove
from quantumcore.server.store.sql.engine import open_engine
from quantumcore.server.store.sql.store import SqlEventStore


def removed_until(url: str, until_sequence: int) -> int:
    """Remove them and return how many went."""
    engine = open_engine(url)
    store = SqlEventStore(engine)
    count = 0
    try:
        for event_class in CLASSES:
            query = EventQuery(event_types=removable_types(event_class))
            events = list(store.read(1, until_sequence, query=query))
            if events:
                first, digest = events[0].sequence, digest_of(events)
                stretch = Stretch(event_class, first, until_sequence, len(events), digest)
                remove(engine, stretch, time_ns=5, principal_id=9)
                count += len(events)
    finally:
        store.close()
    return count
