"""Apply retention to a class of events: archive, read the archive back, then remove."""

from collections.abc import Iterator, Sequence
from itertools import islice
from pathlib import Path

from sqlalchemy import Engine

from quantumcore.server.store.errors import RemovalRefused
from quantumcore.server.store.export.archive import read_archive, write_archive
from quantumcore.server.store.export.selection import head_of
from quantumcore.server.store.retention.plan import Plan, Stretch, digest_of
from quantumcore.server.store.retention.removal import remove
from quantumcore.server.store.sql.store import SqlEventStore
from quantumcore.server.store.stored_event import StoredEvent
from quantumcore.v1.retention_pb2 import EventClass, LegalHold, RetentionOutcome


class Application:
    """One application of retention at one moment, by one principal."""

    def __init__(
        self,
        engine: Engine,
        store: SqlEventStore,
        archive: Path,
        *,
        now_ns: int,
        principal_id: int,
        holds: Sequence[LegalHold],
    ) -> None:
        self._engine, self._store, self._archive = engine, store, archive
        self._now_ns, self._principal_id, self._holds = now_ns, principal_id, holds

    def apply(self, event_class: int, keep_days: int) -> RetentionOutcome:
        """Archive and remove what has come of age of a class and is not held; return what went.

        An interruption leaves whole stretches removed, each with its tombstone, and the others
        stored; applying again goes on from there.
        """
        plan = self._plan(event_class, keep_days)
        found = [stretch for stretch, _events in plan.stretches()]
        if found:
            events = _again(self._plan(event_class, keep_days), found)
            archived = self._archived(event_class, found, events)
            for stretch in found:
                remove(
                    self._engine,
                    stretch,
                    time_ns=self._now_ns,
                    principal_id=self._principal_id,
                    archive=archived.name,
                )
        return outcome(plan)

    def _plan(self, event_class: int, keep_days: int) -> Plan:
        now_ns, holds = self._now_ns, self._holds
        return Plan(self._store, event_class, keep_days=keep_days, now_ns=now_ns, holds=holds)

    def _archived(
        self, event_class: int, found: Sequence[Stretch], events: Iterator[StoredEvent]
    ) -> Path:
        """Write the stretches to one archive, read it back and hold it against them."""
        named = EventClass.Name(EventClass.ValueType(event_class))
        kind = named.removeprefix("EVENT_CLASS_").lower()
        first, until = found[0].first_sequence, found[-1].until_sequence
        about = {
            "event_class": named,
            "first_sequence": first,
            "until_sequence": until,
            "time_ns": self._now_ns,
            "principal_id": self._principal_id,
            "head": _head(self._store),
            "stretches": [
                stretch._asdict() | {"digest": stretch.digest.hex()} for stretch in found
            ],
        }
        name = f"{kind}-{first}-{until}-{found[0].digest.hex()[:8]}.jsonl"
        path = write_archive(self._archive, name, events, about)
        kept = read_archive(path)
        for stretch in found:
            if digest_of(list(islice(kept, stretch.event_count))) != stretch.digest:
                raise RemovalRefused(
                    f"the archive {path.name} does not have what sequences "
                    f"{stretch.first_sequence} to {stretch.until_sequence} had: nothing is removed"
                )
        if next(kept, None) is not None:  # reading to the end checks the whole file
            raise RemovalRefused(f"the archive {path.name} has more than it should")
        return path


def _again(plan: Plan, found: Sequence[Stretch]) -> Iterator[StoredEvent]:
    """Yield the events of the stretches, worked out a second time."""
    for stretch, events in plan.stretches():
        if stretch not in found:
            raise RemovalRefused("the store changed while it was archived: nothing is removed")
        yield from events


def outcome(plan: Plan) -> RetentionOutcome:
    """Return what a plan removes, once all its stretches were taken."""
    return RetentionOutcome(
        event_class=plan.event_class,  # type: ignore[arg-type]
        until_sequence=plan.until_sequence,
        removed_count=plan.removed,
        held_count=plan.held,
        archived_count=plan.removed,
    )


def _head(store: SqlEventStore) -> dict[str, object]:
    head = head_of(store.position())
    return {
        "sequence": head.sequence,
        "block_number": head.block_number,
        "chain_hash": head.chain_hash.hex(),
        "time_ns": head.time_ns,
    }
