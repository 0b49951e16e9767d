"""Copy the past of a target, beside its feeding: from an event store, or from the journal."""

from collections.abc import Callable
from pathlib import Path

from quantumcore.server.journal.tail import Tail
from quantumcore.server.store.decoding.decoder import Decoder
from quantumcore.server.store.errors import StoreDiverged
from quantumcore.server.store.migration.history import History
from quantumcore.server.store.opening import Store
from quantumcore.server.store.sql.store import SqlEventStore
from quantumcore.server.store.stored_event import StoredEvent

SEQUENCES_PER_BATCH = 2_000
IsToStop = Callable[[], bool]


def copy_past(source: Store, target: History, journal: Path, is_to_stop: IsToStop) -> bool:
    """Copy what is not there yet; return False where it was to stop before the end.

    Raise HistoryIncomplete where what was copied is not all that there was.
    """
    if target.progress().is_finished:
        return True
    if isinstance(source, SqlEventStore):
        finished = _copy_from_store(source, target, is_to_stop)
    else:
        finished = _copy_from_journal(journal, target, is_to_stop)
    if finished:
        target.finish()
    return finished


def _copy_from_store(source: SqlEventStore, target: History, is_to_stop: IsToStop) -> bool:
    progress = target.progress()
    at, until = progress.copied_sequence, progress.until_sequence
    while at < until:
        if is_to_stop():
            return False
        last = min(until, at + SEQUENCES_PER_BATCH)
        target.add(list(source.read(at + 1, last)), at + 1, last)
        at = last
    return True


def _copy_from_journal(journal: Path, target: History, is_to_stop: IsToStop) -> bool:
    """Decode the journal from its beginning, since later events lean on earlier ones."""
    progress = target.progress()
    at, until = progress.copied_sequence, progress.until_sequence
    decoder, tail = Decoder(), Tail(journal)
    events: list[StoredEvent] = []
    try:
        for block in tail.blocks():
            events += [one for one in decoder.decode(block) if one.sequence > at]
            last = block.last_sequence
            if last >= until or last - at >= SEQUENCES_PER_BATCH:
                target.add(events, at + 1, last)
                at, events = last, []
                if at >= until:
                    return True
                if is_to_stop():
                    return False
    finally:
        tail.close()
    raise StoreDiverged(f"the journal ends with sequence {at}, before {until}")
