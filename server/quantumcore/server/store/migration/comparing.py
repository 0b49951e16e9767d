"""Hold the two stores of a move to each other, and name where they begin to differ."""

from collections.abc import Iterable, Sequence
from typing import NamedTuple, Protocol

from quantumcore.server.store.migration.ledger import Difference
from quantumcore.server.store.port import ALL_EVENTS, EventQuery
from quantumcore.server.store.sql.store import SqlEventStore
from quantumcore.server.store.stored_event import StoredEvent

SHOWN_FIELDS = 8


class Thing(NamedTuple):
    """What events are of: its kind and its id."""

    aggregate_type: int
    aggregate_id: int


class Comparator(Protocol):
    """Compares stretches of the log, and single things, as far as both stores have them."""

    def reach(self) -> int:
        """Return the last sequence that can be compared now."""

    def compare(self, first: int, last: int) -> list[Difference]:
        """Return what differs of all that happened in [first, last].

        Raise TargetBehind where it cannot be told yet.
        """

    def compare_things(self, things: Sequence[Thing]) -> list[Difference]:
        """Return what differs of these things, over all of their history."""


class EventComparator:
    """Compares two event stores, event by event, every column, whatever their digests say."""

    def __init__(self, source: SqlEventStore, target: SqlEventStore) -> None:
        self._source, self._target = source, target

    def reach(self) -> int:
        """Return the last sequence that both stores have."""
        return min(self._source.position().sequence, self._target.position().sequence)

    def compare(self, first: int, last: int) -> list[Difference]:
        """Return what differs in [first, last]."""
        return self._compared(first, last, ALL_EVENTS)

    def compare_things(self, things: Sequence[Thing]) -> list[Difference]:
        """Return what differs of these things."""
        last, found = self.reach(), []
        for thing in things:
            query = EventQuery(aggregate_type=thing.aggregate_type, aggregate_id=thing.aggregate_id)
            found += self._compared(1, last, query)
        return found

    def _compared(self, first: int, last: int, query: EventQuery) -> list[Difference]:
        theirs = {
            (row.event.sequence, row.event.part): row
            for row in self._target.rows(first, last, query=query)
        }
        found: dict[Thing, Difference] = {}
        for mine in self._source.rows(first, last, query=query):
            event = mine.event
            other = theirs.pop((event.sequence, event.part), None)
            if other is None:
                _note(found, event, "the target lacks it")
            elif other.event != event:
                _note(found, event, _columns_that_differ(event, other.event))
            elif other.digest != mine.digest:
                _note(found, event, "digest is another")
        for other in theirs.values():
            _note(found, other.event, "the source lacks it")
        return sorted(found.values(), key=lambda one: one.first_sequence)


def difference(
    thing: Thing, first_sequence: int, detail: str, *, event_count: int = 1
) -> Difference:
    """Describe a difference that is found now; the ledger gives it number and time."""
    return Difference(
        number=0,
        aggregate_type=thing.aggregate_type,
        aggregate_id=thing.aggregate_id,
        first_sequence=first_sequence,
        event_count=event_count,
        wrong_side=0,
        found_time_ns=0,
        resolved_time_ns=0,
        detail=detail,
    )


def things_of(differences: Iterable[Difference]) -> list[Thing]:
    """Return what differs, each thing once."""
    return list(dict.fromkeys(Thing(one.aggregate_type, one.aggregate_id) for one in differences))


def _note(found: dict[Thing, Difference], event: StoredEvent, problem: str) -> None:
    """Count an event that differs; the first of a thing is the one that is told."""
    thing = Thing(event.aggregate_type, event.aggregate_id)
    known = found.get(thing)
    detail = f"sequence {event.sequence}, part {event.part}: {problem}"
    if known is None:
        found[thing] = difference(thing, event.sequence, detail)
    elif event.sequence < known.first_sequence:
        found[thing] = known._replace(
            first_sequence=event.sequence, detail=detail, event_count=known.event_count + 1
        )
    else:
        found[thing] = known._replace(event_count=known.event_count + 1)


def _columns_that_differ(mine: StoredEvent, other: StoredEvent) -> str:
    names = [name for name in StoredEvent._fields if getattr(mine, name) != getattr(other, name)]
    return "; ".join(
        f"{name} is {getattr(mine, name)!r} in the source, {getattr(other, name)!r} in the target"
        for name in names[:SHOWN_FIELDS]
    )
