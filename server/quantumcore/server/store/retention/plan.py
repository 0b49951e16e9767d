"""Work out what has come of age, what holds keep of it, and in which stretches the rest goes."""

from collections.abc import Iterator, Mapping, Sequence
from hashlib import sha256
from typing import NamedTuple

from quantumcore.server.store.port import EventQuery
from quantumcore.server.store.retention.classes import removable_types
from quantumcore.server.store.retention.holds import keeps
from quantumcore.server.store.row_digest import row_digest
from quantumcore.server.store.sql.store import SqlEventStore
from quantumcore.server.store.stored_event import StoredEvent
from quantumcore.server.store.time_search import first_from
from quantumcore.v1.retention_pb2 import LegalHold

NS_PER_DAY = 86_400 * 10**9
WINDOW = 5_000
STRETCH_EVENTS = 5_000


class Stretch(NamedTuple):
    """Events of one class that go together: all that the store has of it from first to last."""

    event_class: int
    first_sequence: int
    until_sequence: int
    event_count: int
    digest: bytes


class Plan:
    """What retention would remove of one class, worked out as its stretches are asked for.

    An event is of age when it has been kept for `keep_days`, to the nanosecond. A hold keeps whole
    sequences: where it keeps one event of an occurrence, it keeps all of them.
    """

    def __init__(
        self,
        store: SqlEventStore,
        event_class: int,
        *,
        keep_days: int,
        now_ns: int,
        holds: Sequence[LegalHold],
    ) -> None:
        self.event_class = event_class
        self._store, self._holds = store, holds
        self._types = removable_types(event_class)
        last = store.position().sequence
        self.until_sequence = first_from(store, now_ns - keep_days * NS_PER_DAY + 1, 1, last) - 1
        self.removed = self.held = 0
        self._removed_before = [
            stone for stone in store.tombstones() if stone.event_class == event_class
        ]

    def stretches(self) -> Iterator[tuple[Stretch, list[StoredEvent]]]:
        """Yield what goes, in order; counts are whole at the end."""
        going: list[StoredEvent] = []
        for event, held in self._of_age():
            if held:
                self.held += 1
            self.removed += not held
            full = len(going) >= STRETCH_EVENTS and event.sequence != going[-1].sequence
            if going and (held or full or self._is_apart(going[-1].sequence, event.sequence)):
                yield self._stretch(going), going
                going = []
            if not held:
                going.append(event)
        if going:
            yield self._stretch(going), going

    def _of_age(self) -> Iterator[tuple[StoredEvent, bool]]:
        """Yield the events of the class that are of age, each with whether a hold keeps it."""
        query = EventQuery(event_types=self._types)
        at = 1
        while True:
            following = next(self._store.read(at, self.until_sequence, query=query, limit=1), None)
            if following is None:
                return
            first = following.sequence
            last = min(first + WINDOW - 1, self.until_sequence)
            everything = self._store.read(first, last) if self._holds else None
            held = {
                event.sequence
                for event in everything or ()
                if any(keeps(hold, event) for hold in self._holds)
            }
            for event in self._store.read(first, last, query=query):
                yield event, event.sequence in held
            at = last + 1

    def _is_apart(self, before: int, behind: int) -> bool:
        """Tell whether something was removed between two sequences."""
        return any(before < stone.first_sequence <= behind for stone in self._removed_before)

    def _stretch(self, events: Sequence[StoredEvent]) -> Stretch:
        return Stretch(
            self.event_class,
            events[0].sequence,
            events[-1].sequence,
            len(events),
            digest_of(events),
        )


def digest_of(events: Sequence[StoredEvent]) -> bytes:
    """Return the SHA-256 over the digests of events, in order."""
    hashed = sha256()
    for event in events:
        hashed.update(row_digest(event))
    return hashed.digest()


def planned(
    store: SqlEventStore,
    keep_days: Mapping[int, int],
    *,
    now_ns: int,
    holds: Sequence[LegalHold],
) -> list[Plan]:
    """Return a plan for each class, its counts worked out; nothing is changed."""
    plans = []
    for event_class, days in keep_days.items():
        plan = Plan(store, event_class, keep_days=days, now_ns=now_ns, holds=holds)
        for _stretch in plan.stretches():
            pass
        plans.append(plan)
    return plans
