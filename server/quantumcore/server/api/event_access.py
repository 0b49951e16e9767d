"""The event store as the venue reads it: off the event loop's thread, and waited for."""

import asyncio
from collections.abc import Callable, Collection
from typing import TypeVar

from google.protobuf.message import Message

from quantumcore.server.api.errors import (
    EventStoreUnavailable,
    LogDamaged,
    SequenceNotReached,
    WrongState,
)
from quantumcore.server.api.event_filter import check_kept
from quantumcore.server.store.errors import StoreDamaged, StoreSchemaUnknown, StoreUnavailable
from quantumcore.server.store.legacy.store import NO_EVENTS, LegacyStore
from quantumcore.server.store.migration.history import History
from quantumcore.server.store.opening import Store, is_legacy, open_store
from quantumcore.server.store.port import EventQuery
from quantumcore.server.store.retention.classes import classes_asked
from quantumcore.server.store.sql.store import SqlEventStore
from quantumcore.server.store.stored_event import StoredEvent
from quantumcore.server.store.time_search import last_until

POLL_INTERVAL_S = 0.02
RETRY_INTERVAL_S = 0.25
Answer = TypeVar("Answer")


class EventAccess:
    """Reads a store that another process feeds; opened when it is first read.

    While anybody waits for a sequence the position is asked for, once for all of them.
    """

    def __init__(self, url: str) -> None:
        self._url = url
        self._stores: dict[str, Store] = {}
        self._advanced = asyncio.Condition()
        self._watching: asyncio.Task[None] | None = None
        self._waiting = 0
        self.sequence = 0

    @property
    def url(self) -> str:
        """Return the URL of the event store that is read; raise WrongState for a legacy one."""
        if self.is_legacy:
            raise WrongState(f"events cannot be read: {NO_EVENTS}")
        return self._url

    @property
    def is_legacy(self) -> bool:
        """Tell whether what is read keeps how things stand, and no events."""
        return is_legacy(self._url)

    def read_from(self, url: str) -> None:
        """Read another store from now on; those who wait, wait for that one."""
        if url != self._url:
            self._url, self.sequence = url, 0

    async def position(self) -> int:
        """Return the last sequence that is stored; raise EventStoreUnavailable."""
        url = self._url
        sequence = await self.ask_any(lambda store: store.position().sequence)
        if url == self._url:
            self.sequence = sequence
        return sequence

    async def kept_state(self, aggregate_type: int, aggregate_id: int) -> Message | None:
        """Return an order or a position as a legacy store has it now; None where it never was."""

        def ask(store: Store) -> Message | None:
            if not isinstance(store, LegacyStore):
                raise WrongState("another store is read since: ask again")
            return store.state(aggregate_type, aggregate_id)

        return await self.ask_any(ask)

    async def opening(self, aggregate_type: int, aggregate_id: int) -> StoredEvent | None:
        """Return the opening event of a thing whose first events were never in the store."""

        def ask(store: SqlEventStore) -> StoredEvent | None:
            history = History(store.engine)
            return history.openings(aggregate_type, [aggregate_id]).get(aggregate_id)

        return await self.ask(ask)

    async def first_sequence(self, classes: Collection[int] = ()) -> int:
        """Return the first sequence from which on all of these classes, or of all, is kept."""
        return await self.ask(lambda store: store.first_sequence(classes))

    async def may_lack(
        self, classes: Collection[int], behind: int, last: int, until_ns: int
    ) -> bool:
        """Tell whether events of classes may be gone in (behind, last], up to a time."""

        def ask(store: SqlEventStore) -> bool:
            begins = [
                stone.first_sequence
                for stone in store.tombstones()
                if stone.event_class in classes and stone.until_sequence > behind
            ]
            if not begins or min(begins) > last:
                return False
            return min(begins) <= last_until(store, until_ns, behind + 1, last)

        return await self.ask(ask)

    async def kept_events(
        self, first: int, last: int, query: EventQuery, *, backward: bool, limit: int | None
    ) -> list[StoredEvent]:
        """Return stored events of [first, last]; raise HistoryGone where some are gone by then."""

        def ask(store: SqlEventStore) -> tuple[list[StoredEvent], int]:
            found = list(store.read(first, last, query=query, backward=backward, limit=limit))
            return found, store.first_sequence(classes_asked(query))

        events, kept = await self.ask(ask)
        check_kept(first, kept)
        return events

    async def events(
        self, first: int, last: int, query: EventQuery, *, backward: bool, limit: int | None
    ) -> list[StoredEvent]:
        """Return stored events of [first, last]."""
        return await self.ask(
            lambda store: list(store.read(first, last, query=query, backward=backward, limit=limit))
        )

    async def reach(self, sequence: int, *, within_s: float) -> None:
        """Wait until the store has a sequence; raise SequenceNotReached.

        A store that cannot be read yet, as right after the start of a venue, is waited for.
        """
        if sequence <= self.sequence:
            return
        try:
            await asyncio.wait_for(self.reached(sequence), within_s)
        except TimeoutError:
            text = f"the event store is at sequence {self.sequence}, not yet at {sequence}"
            raise SequenceNotReached(text, limit=self.sequence, value=sequence) from None

    async def reached(self, sequence: int) -> None:
        """Wait until the store has a sequence, however long it takes."""
        self._waiting += 1
        if self._watching is None or self._watching.done():
            self._watching = asyncio.ensure_future(self._watch())
        try:
            async with self._advanced:
                await self._advanced.wait_for(lambda: self.sequence >= sequence)
        finally:
            self._waiting -= 1

    async def _watch(self) -> None:
        """Look how far the store is, as long as anybody waits."""
        while self._waiting:
            pause_s = POLL_INTERVAL_S
            try:
                await self.position()
            except EventStoreUnavailable:
                pause_s = RETRY_INTERVAL_S
            async with self._advanced:
                self._advanced.notify_all()
            await asyncio.sleep(pause_s)

    async def ask(self, question: Callable[[SqlEventStore], Answer]) -> Answer:
        """Have a question answered in a thread; raise EventStoreUnavailable.

        Raise WrongState where a legacy store is read, which keeps no events.
        """

        def of_events(store: Store) -> Answer:
            if isinstance(store, LegacyStore):
                raise WrongState(f"events cannot be read: {NO_EVENTS}")
            return question(store)

        return await self.ask_any(of_events)

    async def ask_any(self, question: Callable[[Store], Answer]) -> Answer:
        """Have a question answered in a thread by a store of whatever kind is read."""
        return await asyncio.to_thread(self._asked, question)

    def _asked(self, question: Callable[[Store], Answer]) -> Answer:
        try:
            url = self._url
            store = self._stores.get(url)
            if store is None:
                store = self._stores.setdefault(url, open_store(url))
            return question(store)
        except StoreDamaged as damage:
            raise LogDamaged(str(damage), value=getattr(damage, "sequence", None)) from damage
        except (StoreUnavailable, StoreSchemaUnknown) as failure:
            raise EventStoreUnavailable(f"the event store cannot be read: {failure}") from failure

    async def close(self) -> None:
        """Stop watching and give back all connections."""
        if self._watching is not None:
            self._watching.cancel()
            await asyncio.gather(self._watching, return_exceptions=True)
        for store in self._stores.values():
            store.close()
