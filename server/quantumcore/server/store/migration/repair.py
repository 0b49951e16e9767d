"""Mend rows of a legacy store that differ, by what the journal says; tell where it says otherwise.

A row can be written by anybody; events in a store cannot be changed. So a row that differs is
written anew from events, once the journal has confirmed that these are what happened. Where it
contradicts them, the target has to be made anew: nothing is mended by what is wrong.
"""

from collections.abc import Sequence
from pathlib import Path

import structlog

from quantumcore.server.journal.tail import Tail
from quantumcore.server.store.decoding.decoder import Decoder
from quantumcore.server.store.legacy.store import (
    LegacyStore,
    position_in,
    put_state,
    remove_state,
)
from quantumcore.server.store.migration.beginning import reaches_back
from quantumcore.server.store.migration.comparing import Thing
from quantumcore.server.store.migration.comparing_rows import Past, RowComparator, folded
from quantumcore.server.store.migration.ledger import Difference, Ledger
from quantumcore.server.store.migration.phases import Side
from quantumcore.server.store.stored_event import StoredEvent

log = structlog.get_logger("quantumcore.migration")


class JournalPast:
    """Collects the events of some things from a journal, as far as it is asked for."""

    def __init__(self, journal: Path, things: Sequence[Thing]) -> None:
        self.events: dict[Thing, list[StoredEvent]] = {thing: [] for thing in things}
        self._tail, self._decoder = Tail(journal), Decoder()
        self._sequence = 0

    def read_until(self, sequence: int) -> bool:
        """Read on; return whether the journal has the sequence."""
        while self._sequence < sequence:
            block = next(iter(self._tail.blocks()), None)
            if block is None:
                return False
            for event in self._decoder.decode(block):
                of_thing = self.events.get(Thing(event.aggregate_type, event.aggregate_id))
                if of_thing is not None:
                    of_thing.append(event)
            self._sequence = block.last_sequence
        return True

    def close(self) -> None:
        """Close the journal."""
        self._tail.close()


def repair_rows(
    differing: Sequence[Difference],
    source: LegacyStore,
    comparator: RowComparator,
    ledger: Ledger,
    journal: Path,
) -> int:
    """Write the rows of things that differ anew; return how many were written.

    What the journal contradicts is noted as wrong in the target. Feeding of the legacy store waits
    while rows are written, for a moment; orders do not.
    """
    by_thing = {Thing(one.aggregate_type, one.aggregate_id): one for one in differing}
    vouched = reaches_back(journal)
    past = JournalPast(journal, list(by_thing) if vouched else [])
    written = 0
    try:
        if vouched:
            past.read_until(source.position().sequence)
        for thing, told in by_thing.items():
            side = _repaired(thing, source, comparator, past if vouched else None)
            if side is not None:
                ledger.note_wrong_side(told.number, side)
                written += side is Side.SOURCE
    finally:
        past.close()
    log.info("repaired", rows=written, things=len(by_thing))
    return written


def _repaired(
    thing: Thing, source: LegacyStore, comparator: RowComparator, journal: JournalPast | None
) -> Side | None:
    """Repair one row; return which side was wrong, None where it cannot be told yet."""
    kind, one = thing
    with source.writing() as connection:
        at = position_in(connection, lock=True).sequence
        comparator.wait_for_target(at)
        past = comparator.pasts(kind, [one], at)[one]
        if journal is not None:
            if not journal.read_until(at):
                return None
            truth = [event for event in journal.events[thing] if event.sequence <= at]
            if list(past.events) != _kept(truth, past):
                return Side.TARGET
        state = folded(kind, past)
        if state is None:
            remove_state(connection, kind, one)
        else:
            put_state(connection, kind, state)
    return Side.SOURCE


def _kept(truth: Sequence[StoredEvent], past: Past) -> list[StoredEvent]:
    """Leave out what an opening event stands for."""
    if past.opening is None:
        return list(truth)
    return [event for event in truth if event.sequence > past.opening.sequence]
