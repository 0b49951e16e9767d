"""Do the work of a move beside feeding: copy the past, compare, repair. It can die at any moment.

What is done is in the stores and in the ledger; a mover that starts again asks them and goes on.
"""

from collections.abc import Callable
from pathlib import Path
from time import monotonic, time_ns

import structlog

from quantumcore.server.store.errors import (
    EventDamaged,
    HistoryIncomplete,
    StoreUnavailable,
    TargetBehind,
)
from quantumcore.server.store.legacy.store import LegacyStore
from quantumcore.server.store.migration.backfill import copy_past
from quantumcore.server.store.migration.comparing import (
    Comparator,
    EventComparator,
    Thing,
    difference,
    things_of,
)
from quantumcore.server.store.migration.comparing_rows import RowComparator
from quantumcore.server.store.migration.history import History
from quantumcore.server.store.migration.ledger import Difference, Ledger, Move
from quantumcore.server.store.migration.phases import (
    BACKFILL,
    Side,
    is_compared,
    is_moving,
)
from quantumcore.server.store.migration.repair import repair_rows
from quantumcore.server.store.opening import Store
from quantumcore.server.store.sql.store import SqlEventStore
from quantumcore.v1.event_pb2 import AggregateType

WINDOW = 5_000  # sequences that are compared at a time
LOOKED_AT_AGAIN = 200  # things at a time
POLL_INTERVAL_S = 0.05
RETRY_INTERVAL_S = 0.5
LOOK_AGAIN_INTERVAL_S = 2.0
VENUE = Thing(AggregateType.AGGREGATE_TYPE_VENUE, 1)
Wait = Callable[[float], bool]
"""Waits for seconds, or less where it is to stop; returns whether it is to stop."""

log = structlog.get_logger("quantumcore.migration")


class Mover:
    """Takes the move of one venue as far as its phase allows, and keeps it there."""

    def __init__(
        self,
        ledger: Ledger,
        source: Store,
        target: SqlEventStore,
        journal: Path,
        *,
        window: int = WINDOW,
        clock: Callable[[], int] = time_ns,
    ) -> None:
        self._ledger, self._source, self._target = ledger, source, target
        self._journal, self._window, self._clock = journal, window, clock
        self._looked_s = 0.0
        self._history = History(target.engine)
        self._rows = RowComparator(source, target) if isinstance(source, LegacyStore) else None
        self._comparator: Comparator = (
            EventComparator(source, target) if isinstance(source, SqlEventStore) else self._of_rows
        )

    @property
    def _of_rows(self) -> RowComparator:
        assert self._rows is not None
        return self._rows

    def run(self, wait: Wait) -> None:
        """Work until `wait` says to stop; stores that cannot be reached are tried again."""
        reachable = True
        while True:
            try:
                busy = self.step(lambda: wait(0))
                reachable = True
            except StoreUnavailable as failure:
                if reachable:
                    log.warning("a store of the move cannot be reached", error=str(failure))
                busy = reachable = False
            pause_s = POLL_INTERVAL_S if reachable else RETRY_INTERVAL_S
            if wait(0 if busy else pause_s):
                return

    def step(self, is_to_stop: Callable[[], bool]) -> bool:
        """Do what can be done now, a piece of it; return whether there is more at once."""
        move = self._ledger.move()
        if move is None or not is_moving(move.phase) or move.phase < BACKFILL:
            return False
        if not self._history.progress().is_finished:
            self._copy(is_to_stop)
            return False
        if not is_compared(move.phase):
            return False
        more = False
        try:
            more = self._compare(move)
            if not more or self._is_time(move):
                self._look_again()
                self._looked_s = monotonic()
        except TargetBehind as behind:
            log.info("comparing waits", reason=str(behind))
        return more

    def _copy(self, is_to_stop: Callable[[], bool]) -> None:
        """Copy the past until it is there, or the phase forbids it."""
        try:
            copy_past(
                self._source,
                self._history,
                self._journal,
                lambda: is_to_stop() or not self._may_copy(),
            )
        except HistoryIncomplete as problem:
            count = max(1, abs(problem.expected - problem.found))
            told = difference(VENUE, problem.until_sequence, str(problem), event_count=count)
            self._ledger.note_differences([told._replace(found_time_ns=self._clock())])
            log.warning("the past is incomplete", reason=str(problem))
        except EventDamaged as damage:
            told = difference(VENUE, damage.sequence, f"in the source, {damage}")
            told = told._replace(found_time_ns=self._clock(), wrong_side=int(Side.SOURCE))
            self._ledger.note_differences([told])
            log.warning("the past cannot be copied", reason=str(damage))

    def _may_copy(self) -> bool:
        move = self._ledger.move()
        return move is not None and is_moving(move.phase) and move.phase >= BACKFILL

    def _is_time(self, move: Move) -> bool:
        """Tell whether to look again though what comes keeps the comparator busy."""
        is_far_enough = move.verified_sequence >= move.phase_sequence
        return is_far_enough and monotonic() - self._looked_s > LOOK_AGAIN_INTERVAL_S

    def _look_again(self) -> None:
        """Compare what differed; repair what can be, and note what does not differ any more.

        All of it at once, and not until all of before the phase was compared: repairing reads the
        journal from its beginning.
        """
        known = self._ledger.differences(resolved=False, limit=LOOKED_AT_AGAIN)
        if not known:
            return
        found = self._comparator.compare_things(things_of(known))
        self._ledger.note_differences(found)
        still = set(things_of(found))
        differing = [one for one in known if _thing(one) in still]
        solved = [one.number for one in known if _thing(one) not in still]
        self._ledger.note_resolved(solved, self._clock())
        unexamined = [one for one in differing if not one.wrong_side]
        if unexamined and isinstance(self._source, LegacyStore):
            repair_rows(unexamined, self._source, self._of_rows, self._ledger, self._journal)

    def _compare(self, move: Move) -> bool:
        """Compare one more stretch; return whether there is more of it."""
        at, reach = move.verified_sequence, self._comparator.reach()
        if at >= reach:
            return False
        last = min(reach, at + self._window)
        found = self._comparator.compare(at + 1, last)
        if found:
            now = self._clock()
            self._ledger.note_differences(one._replace(found_time_ns=now) for one in found)
            log.warning("the stores differ", things=len(found), first=found[0].first_sequence)
        return self._ledger.set_verified(move.verification, last) and last < reach


def _thing(one: Difference) -> Thing:
    return Thing(one.aggregate_type, one.aggregate_id)
