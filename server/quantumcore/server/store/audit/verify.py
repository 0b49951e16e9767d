"""Verify a log: the chain of its blocks, its commands executed again, the event store beside it.

    walk the blocks -> execute each again -> decode it -> compare with the store -> say how far
    then, where projections are kept: fold all events anew -> compare the rows

Nothing is written, and nothing is locked but what a reader locks. It ends at the first deviation.
"""

from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from time import monotonic
from typing import TYPE_CHECKING

from quantumcore.server.journal.errors import JournalCorrupt
from quantumcore.server.journal.files import Files
from quantumcore.server.journal.layout import (
    SEGMENT_HEADER_BYTES,
    Block,
    Position,
    segment_first_sequence,
)
from quantumcore.server.journal.reader import Walk
from quantumcore.server.journal.scan import list_segments
from quantumcore.server.store.audit.defects import Deviation, damage
from quantumcore.server.store.audit.execution import Execution
from quantumcore.server.store.audit.merkle import Frontier
from quantumcore.server.store.decoding.decoder import Decoder
from quantumcore.server.store.errors import AuditRefused, JournalUndecodable, StoreDamaged
from quantumcore.v1.log_pb2 import LogDefect, LogHead, LogVerification

if TYPE_CHECKING:
    from quantumcore.server.store.audit.store_side import StoreComparison

REPORT_INTERVAL_S = 0.5
BLOCKS_BETWEEN_LOOKS = 16


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What to verify, as VerifyLogRequest has it; `store_url` empty: no store."""

    directory: Path
    from_sequence: int = 0
    until_sequence: int = 0
    replay: bool = False
    store_url: str = ""
    anchor: LogHead = field(default_factory=LogHead)


class Verification:
    """One verification; `updates` says how far it is and ends with what it found."""

    def __init__(self, asked: Asked, clock: Callable[[], float] = monotonic) -> None:
        """Raise AuditRefused where the journal does not reach back as far as is asked."""
        self._asked = asked
        self._clock = clock
        self._next_report_s = clock() + REPORT_INTERVAL_S
        self._first = _first_needed(asked)
        self._walk = Walk(Files(), asked.directory, from_sequence=self._first)
        self._frontier = Frontier()
        self._head = LogHead()
        self._blocks = 0
        self._anchored = self._whole = False
        self._until = max(
            asked.until_sequence, asked.anchor.sequence if asked.until_sequence else 0
        )
        self._comparison: StoreComparison | None = None
        self._proven: list[str] = []

    def updates(self) -> Iterator[LogVerification]:
        """Verify; the last update has `finished` set, and the first deviation if there is one."""
        try:
            if self._asked.store_url:
                self._comparison = _compared_store(self._asked.store_url)
            yield from self._journal()
            yield from self._projections()
        except JournalCorrupt as found:
            yield self._finished(damage(found))
        except JournalUndecodable as found:
            defect = LogDefect.LOG_DEFECT_REPLAY
            yield self._finished(Deviation(defect, found.sequence + 1, str(found)))
        except StoreDamaged as found:
            sequence = getattr(found, "sequence", self._head.sequence)
            yield self._finished(Deviation(LogDefect.LOG_DEFECT_STORE, sequence, str(found)))
        except Deviation as found:
            yield self._finished(found)
        else:
            yield self._finished(None)
        finally:
            if self._comparison is not None:
                self._comparison.close()

    def _journal(self) -> Iterator[LogVerification]:
        execution = Execution() if self._asked.replay else None
        decoder = Decoder() if self._comparison is not None else None
        until = self._until
        for block in self._walk:
            self._take_head(block)
            if execution is not None:
                execution.take(block)
            if decoder is not None and self._comparison is not None:
                events = decoder.decode(block)
                self._comparison.take(block, events, decoder.state.command_count)
            if self._blocks % BLOCKS_BETWEEN_LOOKS == 0 and self._clock() >= self._next_report_s:
                yield self._progress()
            if until and block.last_sequence >= until:
                break
        self._check_end(until)
        self._proven.append(f"{self._blocks} blocks from sequence {self._first} on are chained")
        if execution is not None:
            self._proven.append("their commands, executed again, give the same events")
        if self._comparison is not None:
            self._comparison.finish(self._head.sequence)
            self._proven.append(self._compared())

    def _projections(self) -> Iterator[LogVerification]:
        if self._comparison is None:
            return
        from quantumcore.server.store.audit.projection_side import ProjectionComparison

        with closing(ProjectionComparison(self._comparison.engine)) as comparison:
            if not comparison.names:
                return
            decoder = Decoder()
            for number, block in enumerate(Walk(Files(), self._asked.directory)):
                comparison.take(decoder.decode(block))
                if number % BLOCKS_BETWEEN_LOOKS == 0 and self._clock() >= self._next_report_s:
                    yield self._progress(f"projections: sequence {block.last_sequence}")
                if block.last_sequence >= comparison.until_sequence:
                    break
            comparison.finish()
            self._proven.append(f"projections {', '.join(comparison.names)} are what events give")

    def _take_head(self, block: Block) -> None:
        if self._blocks == 0:  # then the root is over all blocks that the journal holds
            first = list_segments(Files(), self._asked.directory)[0]
            self._whole = block.position == Position(first, SEGMENT_HEADER_BYTES)
            self._first = block.first_sequence
        self._blocks += 1
        self._frontier.add(block.hash)
        self._head = LogHead(
            sequence=block.last_sequence,
            block_number=block.number,
            chain_hash=block.hash,
            time_ns=block.time_ns,
        )
        if block.number == self._asked.anchor.block_number:
            self._check_anchor()

    def _check_anchor(self) -> None:
        anchor = self._asked.anchor
        self._anchored = True
        found = {"chain_hash": self._head.chain_hash, "sequence": self._head.sequence}
        if anchor.root_hash and self._whole:
            found["root_hash"] = self._frontier.root()
        for name, value in found.items():
            noted = getattr(anchor, name)
            if noted != value:
                text = f"the head of block {anchor.block_number} has {name} {_shown(value)}, "
                text += f"noted was {_shown(noted)}"
                raise Deviation(LogDefect.LOG_DEFECT_ANCHOR, self._head.sequence, text)

    def _check_end(self, until: int) -> None:
        last = self._walk.chain.next_sequence - 1
        if until and last < until:
            if self._walk.torn is not None:
                raise damage(self._walk.torn)
            text = f"the journal ends with sequence {last}; it is known to have had {until}"
            raise Deviation(LogDefect.LOG_DEFECT_SEQUENCE_GAP, last + 1, text)
        if self._walk.torn is not None:
            torn = self._walk.torn
            self._proven.append(f"unfinished at the end: {torn.segment}, byte {torn.offset}")
        number = self._asked.anchor.block_number
        if number and not self._anchored:
            text = f"block {number}, whose head was noted, was not among those verified"
            raise Deviation(LogDefect.LOG_DEFECT_ANCHOR, self._head.sequence, text)

    def _compared(self) -> str:
        comparison = self._comparison
        assert comparison is not None
        text = f"the event store has their events up to sequence {comparison.position.sequence}"
        if comparison.removed:
            text += f", {comparison.removed} of them removed by retention and proven by digests"
        return text

    def _progress(self, text: str = "") -> LogVerification:
        self._next_report_s = self._clock() + REPORT_INTERVAL_S
        comparison = self._comparison
        return LogVerification(
            sequence=self._head.sequence,
            block_count=self._blocks,
            until_sequence=self._until,
            compared_count=0 if comparison is None else comparison.compared,
            removed_count=0 if comparison is None else comparison.removed,
            text=text,
        )

    def _finished(self, found: Deviation | None) -> LogVerification:
        last = self._progress("; ".join(self._proven))
        last.finished = True
        if found is not None:
            last.defect, last.defect_sequence = found.defect, found.sequence
            last.defect_position, last.text = found.position, found.text
        last.head.CopyFrom(self._head)
        if self._whole:
            last.head.root_hash = self._frontier.root()
        return last


def _compared_store(url: str) -> "StoreComparison":
    """Open a store to compare; without one the databases need not be loaded."""
    from quantumcore.server.store.audit.store_side import StoreComparison
    from quantumcore.server.store.sql.engine import open_engine

    return StoreComparison(open_engine(url))


def _first_kept(directory: Path) -> int:
    names = list_segments(Files(), directory)
    return segment_first_sequence(names[0]) if names else 1


def _first_needed(asked: Asked) -> int:
    """Return the first sequence of what has to be read; raise AuditRefused where it is gone."""
    kept = _first_kept(asked.directory)
    for name, wanted in (("replay", asked.replay), ("compare_store", bool(asked.store_url))):
        if wanted and kept > 1:
            text = f"{name} begins with the first command; the journal is kept from {kept} on"
            raise AuditRefused(text, field=name, limit=kept)
    if asked.replay or asked.store_url or asked.from_sequence <= kept:
        return 1  # a segment that is missing, and was not removed on purpose, is found out
    return asked.from_sequence


def _shown(value: object) -> str:
    return value.hex() if isinstance(value, bytes) else str(value)
