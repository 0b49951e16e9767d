"""How far what follows the journal is behind it, looked at now and then, told at any time."""

import asyncio
from collections import deque
from collections.abc import Callable
from typing import NamedTuple

import structlog

from quantumcore.server.api.errors import RpcFailure
from quantumcore.server.api.event_access import EventAccess
from quantumcore.server.store.errors import StoreError, StoreUnavailable
from quantumcore.server.store.legacy.store import LegacyStore
from quantumcore.server.store.opening import Store
from quantumcore.server.store.position import BEGINNING, FeedPosition
from quantumcore.v1.status_pb2 import ProjectionStatus

LOOK_INTERVAL_S = 0.25
MOST_MARKS = 4 * 3600
STORE = "event_store"

log = structlog.get_logger("quantumcore.lag")


class Mark(NamedTuple):
    """How far the journal was at a time."""

    sequence: int
    time_ns: int


class Standing(NamedTuple):
    """How far a store and its projections are; of those behind it, when what they lack happened.

    `errors` says of a projection why the event that it lacks first cannot be read.
    """

    position: FeedPosition
    projections: dict[str, int]
    lacking_since_ns: dict[str, int]
    errors: dict[str, str]


def standing(store: Store) -> Standing:
    """Ask a store how far it and its projections are; a legacy store has none."""
    position, since, errors = store.position(), dict[str, int](), dict[str, str]()
    if isinstance(store, LegacyStore):
        return Standing(position, {}, since, errors)
    projections = store.projections()
    for name, sequence in projections.items():
        try:
            first = next(store.read(sequence + 1, position.sequence, limit=1), None)
        except StoreUnavailable:
            raise
        except StoreError as problem:
            errors[name] = str(problem)
            continue
        if first is not None:
            since[name] = first.time_ns
    return Standing(position, projections, since, errors)


class Lag:
    """Looks how far the store is four times a second, and remembers how far the journal was.

    What is behind is never said to be less behind than it is: ages are to the last moment at which
    the journal held nothing more than the follower does.
    """

    def __init__(
        self,
        access: EventAccess,
        *,
        accepted: Callable[[], int],
        clock: Callable[[], int],
        most_s: float,
    ) -> None:
        self._access, self._accepted, self._clock = access, accepted, clock
        self._most_s = most_s
        self._marks: deque[Mark] = deque(maxlen=MOST_MARKS)
        self._standing = Standing(BEGINNING, {}, {}, {})
        self._error = "the event store was not read yet"
        self._late: set[str] = set()
        self._looking: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Begin to look."""
        self._looking = asyncio.ensure_future(self._look_often())

    async def stop(self) -> None:
        """Look no more."""
        if self._looking is not None:
            self._looking.cancel()
            await asyncio.gather(self._looking, return_exceptions=True)

    async def look(self) -> None:
        """Note how far journal, store and projections are, or why that cannot be told now."""
        self._marks.append(Mark(self._accepted(), self._clock()))
        try:
            found, before = await self._access.ask_any(standing), self._standing.lacking_since_ns
            known = {name: before[name] for name in found.errors if name in before}
            self._standing = found._replace(lacking_since_ns=found.lacking_since_ns | known)
            self._error = ""
        except RpcFailure as failure:
            self._error = failure.text
        except StoreError as failure:
            self._error = f"the event store cannot be read: {failure}"
        held = self._standing.position.sequence
        while len(self._marks) > 1 and self._marks[1].sequence <= held:
            self._marks.popleft()
        self._note_late()

    def tell(self) -> list[ProjectionStatus]:
        """Tell how far the store and each projection are."""
        position = self._standing.position
        since_ns = max([position.time_ns, *self._times_before(position.sequence)])
        told = [self._status(STORE, position.sequence, since_ns, self._error)]
        for name, sequence in sorted(self._standing.projections.items()):
            lacking_ns = self._standing.lacking_since_ns.get(name, since_ns)
            error = self._error or self._standing.errors.get(name, "")
            told.append(self._status(name, sequence, lacking_ns, error))
        return told

    def _times_before(self, sequence: int) -> list[int]:
        return [mark.time_ns for mark in self._marks if mark.sequence <= sequence]

    def _status(self, name: str, sequence: int, since_ns: int, error: str) -> ProjectionStatus:
        behind = max(0, self._accepted() - sequence)
        lag_ns = max(0, self._clock() - since_ns) if behind else 0
        if not error and lag_ns > self._most_s * 1e9:
            error = f"behind by more than {self._most_s:g} s"
        return ProjectionStatus(
            name=name, sequence=sequence, lag_events=behind, lag_ns=lag_ns, error=error
        )

    def _note_late(self) -> None:
        """Log what has come to stand still, or goes on again, once each time."""
        errors = {one.name: one.error for one in self.tell() if one.error}
        for name in sorted(errors.keys() - self._late):
            log.warning("what follows the journal is behind", name=name, error=errors[name])
        for name in sorted(self._late - errors.keys()):
            log.info("what follows the journal has caught up", name=name)
        self._late = set(errors)

    async def _look_often(self) -> None:
        while True:
            await self.look()
            await asyncio.sleep(LOOK_INTERVAL_S)
