"""Hold a legacy store's rows to what the events of a target make of the same things."""

from collections.abc import Callable, Iterator, Sequence
from time import monotonic, sleep
from typing import Any, NamedTuple

from google.protobuf.message import Message
from sqlalchemy import Column, Table, or_, select

from quantumcore.server.store.errors import TargetBehind
from quantumcore.server.store.folding.accounts import fold_position
from quantumcore.server.store.folding.orders import fold_order
from quantumcore.server.store.legacy.rows import row_of
from quantumcore.server.store.legacy.store import (
    KEPT,
    ORDER,
    LegacyStore,
    id_of,
    position_in,
    states_in,
)
from quantumcore.server.store.migration.comparing import SHOWN_FIELDS, Thing, difference
from quantumcore.server.store.migration.history import History
from quantumcore.server.store.migration.ledger import Difference
from quantumcore.server.store.migration.openings import opened_state
from quantumcore.server.store.sql.store import SqlEventStore, translated
from quantumcore.server.store.sql.tables import EVENT_TABLES
from quantumcore.server.store.stored_event import StoredEvent, event_of
from quantumcore.server.store.upcasting import Upcasting
from quantumcore.v1.order_pb2 import Order
from quantumcore.v1.position_pb2 import Position

THINGS_AT_ONCE = 400
PATIENCE_S = 5.0
POLL_INTERVAL_S = 0.01
State = Order | Position
UPCASTING = Upcasting()


class Past(NamedTuple):
    """What is known of a thing: how it stood when events began to be kept, and its events."""

    opening: State | None
    events: Sequence[StoredEvent]


class RowComparator:
    """Compares a legacy store with an event store, thing by thing.

    A row says how a thing stands behind the legacy store's position; the events up to there say it
    too. Rows and position are read in one transaction, and the target is waited for.
    """

    def __init__(
        self, source: LegacyStore, target: SqlEventStore, *, patience_s: float = PATIENCE_S
    ) -> None:
        self._source, self._target = source, target
        self._history = History(target.engine)
        self._patience_s = patience_s

    def reach(self) -> int:
        """Return the last sequence that both stores have."""
        return min(self._source.position().sequence, self._target.position().sequence)

    def compare(self, first: int, last: int) -> list[Difference]:
        """Return what differs of the things to which something happened in [first, last].

        Rows that say so, and of which the target knows nothing, are among them.
        """
        found: list[Difference] = []
        for kind in KEPT:
            ids = self._touched(kind, first, last) | self._claimed(kind, first, last)
            found += self._compared(kind, sorted(ids))
        return found

    def compare_things(self, things: Sequence[Thing]) -> list[Difference]:
        """Return what differs of these things."""
        found: list[Difference] = []
        for kind in KEPT:
            found += self._compared(
                kind, [one.aggregate_id for one in things if one.aggregate_type == kind]
            )
        return found

    def pasts(self, kind: int, ids: Sequence[int], last: int) -> dict[int, Past]:
        """Return what the target knows of things, up to a sequence."""
        openings = self._history.openings(kind, ids)
        events: dict[int, list[StoredEvent]] = {one: [] for one in ids}
        table = EVENT_TABLES[kind]
        with translated(), self._target.engine.connect() as connection:
            for start in range(0, len(ids), THINGS_AT_ONCE):
                statement = (
                    select(*_columns(table))
                    .where(
                        table.c.aggregate_id.in_(list(ids[start : start + THINGS_AT_ONCE])),
                        table.c.sequence <= last,
                    )
                    .order_by(table.c.aggregate_id, table.c.aggregate_version)
                )
                for row in connection.execute(statement):
                    stored = StoredEvent(kind, *row)
                    events[stored.aggregate_id].append(stored)
        return {
            one: Past(opened_state(openings[one]) if one in openings else None, events[one])
            for one in ids
        }

    def wait_for_target(self, sequence: int) -> None:
        """Wait until the target has a sequence; raise TargetBehind where that takes long."""
        until_s = monotonic() + self._patience_s
        while (at := self._target.position().sequence) < sequence:
            if monotonic() > until_s:
                raise TargetBehind(at, sequence)
            sleep(POLL_INTERVAL_S)

    def _touched(self, kind: int, first: int, last: int) -> set[int]:
        """Return the things that have events in [first, last]."""
        table = EVENT_TABLES[kind]
        statement = select(table.c.aggregate_id).where(table.c.sequence.between(first, last))
        with translated(), self._target.engine.connect() as connection:
            return {int(one) for one in connection.execute(statement.distinct()).scalars()}

    def _claimed(self, kind: int, first: int, last: int) -> set[int]:
        """Return the things whose row says that they changed in [first, last], or never could."""
        table = KEPT[kind].table
        with self._source.reading() as connection:
            at = position_in(connection).sequence
            column = table.c.sequence
            lower = first if first > 1 else -(2**63)
            claims = or_(column.between(lower, last), column > at)
            rows = connection.execute(select(*table.primary_key.columns).where(claims)).mappings()
            return {id_of(kind, row) for row in rows}

    def _compared(self, kind: int, ids: Sequence[int]) -> list[Difference]:
        found: list[Difference] = []
        for start in range(0, len(ids), THINGS_AT_ONCE):
            some = ids[start : start + THINGS_AT_ONCE]
            with self._source.reading() as connection:
                at = position_in(connection).sequence
                rows = states_in(connection, kind, some)
            self.wait_for_target(at)
            last_only = kind != ORDER
            pasts = self._last_events(kind, some, at) if last_only else self.pasts(kind, some, at)
            for one in some:
                if folded(kind, pasts[one]) == rows.get(one):
                    continue
                past = self.pasts(kind, [one], at)[one] if last_only else pasts[one]
                found.append(described(Thing(kind, one), rows.get(one), past))
        return found

    def _last_events(self, kind: int, ids: Sequence[int], last: int) -> dict[int, Past]:
        """Return of each thing the last event only, which tells all of it."""
        openings = self._history.openings(kind, ids)
        table = EVENT_TABLES[kind]
        found: dict[int, Past] = {}
        with translated(), self._target.engine.connect() as connection:
            for one in ids:
                statement = (
                    select(*_columns(table))
                    .where(table.c.aggregate_id == one, table.c.sequence <= last)
                    .order_by(table.c.aggregate_version.desc())
                    .limit(1)
                )
                rows = connection.execute(statement).all()
                opening = opened_state(openings[one]) if one in openings else None
                found[one] = Past(opening, [StoredEvent(kind, *row) for row in rows])
        return found


def _columns(table: Table) -> list[Column[Any]]:
    """Return what of a table's columns an event has; its kind is the table's."""
    return [table.c[name] for name in StoredEvent._fields[1:]]


def folded(kind: int, past: Past) -> State | None:
    """Return how a thing stands after all of its events; None where it never was."""
    last = None
    for last in _folding(kind, past):  # noqa: B007 - how it stands at the end is wanted
        pass
    return past.opening if last is None else last


def described(thing: Thing, row: State | None, past: Past) -> Difference:
    """Tell how a row differs from what the events say, and from which event on.

    Where the row is as after some of the events, it is the next one. Otherwise it is the first
    event whose effect the row does not show, or shows wrongly.
    """
    states = list(states_of(thing.aggregate_type, past))
    final = states[-1] if states else past.opening
    if row is None or final is None:
        missing = "the source has no row of it" if row is None else "the target has no event of it"
        sequence = past.events[0].sequence if past.events else _sequence_of(row or final)
        return difference(thing, sequence, missing)
    names = _fields_that_differ(row, final)
    values = (
        f"{name} is {row_of(row)[name]} in the source, {row_of(final)[name]} in the target"
        for name in names[:SHOWN_FIELDS]
    )
    sequence = _first_diverging(row, names, states, past)
    return difference(thing, sequence, "; ".join(values))


def _first_diverging(row: State, names: Sequence[str], states: Sequence[State], past: Past) -> int:
    before = [past.opening, *states]
    for number, event in enumerate(past.events):
        if before[number] == row:
            return event.sequence
    wanted = row_of(states[-1]) if states else {}
    first = len(past.events)
    for name in names:
        at = first
        for number in range(len(states) - 1, -1, -1):
            if row_of(states[number])[name] != wanted[name]:
                break
            at = number
        first = min(first, at)
    return past.events[first].sequence if first < len(past.events) else _sequence_of(row)


def states_of(kind: int, past: Past) -> list[State]:
    """Return how a thing stood after each of its events."""
    found = []
    for state in _folding(kind, past):
        kept = KEPT[kind].message()
        kept.CopyFrom(state)  # type: ignore[arg-type]
        found.append(kept)
    return found


def _folding(kind: int, past: Past) -> Iterator[State]:
    """Yield one message, again and again, as each event leaves it."""
    fold: Callable[..., None] = fold_order if kind == ORDER else fold_position
    state = KEPT[kind].message()
    if past.opening is not None:
        state.CopyFrom(past.opening)  # type: ignore[arg-type]
    for stored in past.events:
        fold(state, event_of(stored, UPCASTING))
        yield state


def _fields_that_differ(one: Message, other: Message) -> list[str]:
    mine, theirs = row_of(one), row_of(other)
    return [name for name in mine if mine[name] != theirs[name]]


def _sequence_of(state: State | None) -> int:
    return 0 if state is None else max(0, state.sequence)
