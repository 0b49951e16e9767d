"""Take a move from phase to phase: what each step needs, and what it is refused for."""

from collections.abc import Callable
from pathlib import Path
from time import time_ns
from typing import NamedTuple

from quantumcore.server.store.errors import StoreSchemaUnknown, StoreUnavailable
from quantumcore.server.store.migration.beginning import begin
from quantumcore.server.store.migration.history import History, Progress
from quantumcore.server.store.migration.ledger import Fault, Ledger, Mismatches, Move, Step
from quantumcore.server.store.migration.phases import (
    BACKFILL,
    COMPLETED,
    DUAL_WRITE,
    IDLE,
    VERIFY,
    Side,
    phase_name,
)
from quantumcore.server.store.opening import Store, is_legacy, named, open_store
from quantumcore.server.store.sql.store import SqlEventStore
from quantumcore.v1.error_pb2 import ErrorReason
from quantumcore.v1.migration_pb2 import Migration


class Refusal(NamedTuple):
    """Why a step is not taken: the contract's reason, and what it is about."""

    reason: ErrorReason.ValueType
    text: str
    limit: int = 0
    value: int = 0


class StepRefused(Exception):
    """The move does not allow a step now; nothing was done."""

    def __init__(self, refusal: Refusal) -> None:
        super().__init__(refusal.text)
        self.refusal = refusal


class RequestReused(Exception):
    """The request's id was used for another step."""


class Standing(NamedTuple):
    """What a step depends on."""

    move: Move
    target_sequence: int
    past: Progress
    mismatches: Mismatches
    faults: list[Fault]


class Advanced(NamedTuple):
    """A step that was taken, now or when its request was first made."""

    migration: Migration
    sequence: int
    repeated: bool


class Moving:
    """The move of one venue, as an operator sees and steers it. Calls block: give it a thread."""

    def __init__(
        self, data: Path, source: str, target: str, *, clock: Callable[[], int] = time_ns
    ) -> None:
        """Open the ledger; raise MoveUnderWay where it tells of a move between other stores.

        Raise ValueError where the target is a legacy store, or the source itself.
        """
        if is_legacy(target) or named(source) == named(target):
            raise ValueError("a move leads to an event store, and to another than it comes from")
        self.urls = {Side.SOURCE: source, Side.TARGET: target}
        self._data, self._clock = data, clock
        self.ledger = Ledger(data)
        self.ledger.adopt(named(source), named(target), clock())
        self._stores: dict[Side, Store] = {}
        self._sequences = dict.fromkeys(Side, 0)

    @property
    def phase(self) -> int:
        """Return the phase."""
        return self._move().phase

    def migration(self) -> Migration:
        """Describe the move; of a store that cannot be reached, what was last known."""
        for side in Side:
            self._look(side)
        return self._described(self._move())

    def advance(
        self, expected: int, wanted: int, *, sequence: int, principal_id: int, request_id: int
    ) -> Advanced:
        """Take a step that is allowed; `sequence` is the venue's.

        Raise StepRefused where it is not, StoreUnavailable where a store that it needs is gone.
        """
        known = self.ledger.step_of(request_id) if request_id else None
        if known is not None:
            if (known.from_phase, known.to_phase) != (expected, wanted):
                raise RequestReused
            return Advanced(Migration.FromString(known.answer), known.sequence, True)
        move = self._move()
        refusal = order_refusal(move.phase, expected, wanted)
        if refusal is None and wanted > move.phase:
            refusal = self._prepared(move, wanted)
        if refusal is not None:
            raise StepRefused(refusal)
        return self._step(move, wanted, sequence, principal_id, request_id)

    def note_end(self, side: Side, code: int) -> None:
        """Record that what feeds a store ended unasked; it is started again."""
        self._look(side)
        reason = f"its feeder ended with code {code}"
        self.ledger.note_fault(side, self._sequences[side], reason, self._clock())

    def close(self) -> None:
        """Give back all connections."""
        for store in self._stores.values():
            store.close()
        self.ledger.close()

    def _step(
        self, move: Move, wanted: int, sequence: int, principal_id: int, request_id: int
    ) -> Advanced:
        now = self._clock()
        verified = move.verified_sequence if wanted == COMPLETED else 0
        since = move._replace(phase=wanted, phase_started_time_ns=now, verified_sequence=verified)
        answer = self._described(since)
        step = Step(
            from_phase=move.phase,
            to_phase=wanted,
            time_ns=now,
            sequence=sequence,
            principal_id=principal_id,
            request_id=request_id or None,
            answer=answer.SerializeToString(),
        )
        if not self.ledger.advance(step):
            raise StepRefused(_other_phase(self._move().phase, move.phase))
        return Advanced(answer, sequence, False)

    def _prepared(self, move: Move, wanted: int) -> Refusal | None:
        """Let a step forward happen as far as the stores are concerned; return what is missing."""
        target = self._store(Side.TARGET, make_tables=wanted == DUAL_WRITE)
        assert isinstance(target, SqlEventStore)
        history = History(target.engine)
        if wanted == DUAL_WRITE:
            begin(self._store(Side.SOURCE), target, history, self._data / "journal")
        standing = Standing(
            move,
            target.position().sequence,
            history.progress(),
            self.ledger.mismatches(),
            self.ledger.open_faults(),
        )
        return stores_refusal(standing, wanted)

    def _described(self, move: Move) -> Migration:
        mismatches = self.ledger.mismatches()
        return Migration(
            phase=move.phase,  # type: ignore[arg-type]
            source=move.source,
            target=move.target,
            source_store_sequence=self._sequences[Side.SOURCE],
            target_store_sequence=self._sequences[Side.TARGET],
            verified_sequence=move.verified_sequence,
            mismatch_count=mismatches.event_count,
            first_mismatch_sequence=mismatches.first_sequence,
            phase_started_time_ns=move.phase_started_time_ns,
        )

    def _look(self, side: Side) -> None:
        """Ask a store how far it is; "has all" is said of a target whose past is there too."""
        if self.phase == (IDLE if side is Side.TARGET else COMPLETED):
            return
        try:
            store = self._store(side)
            sequence = store.position().sequence
            if isinstance(store, SqlEventStore) and side is Side.TARGET:
                past = History(store.engine).progress()
                sequence = sequence if past.is_finished else past.copied_sequence
        except (StoreUnavailable, StoreSchemaUnknown):
            return
        self._sequences[side] = sequence

    def _store(self, side: Side, *, make_tables: bool = False) -> Store:
        if side not in self._stores:
            self._stores[side] = open_store(self.urls[side], make_tables=make_tables)
        return self._stores[side]

    def _move(self) -> Move:
        move = self.ledger.move()
        assert move is not None, "adopted when it was opened"
        return move


def order_refusal(phase: int, expected: int, wanted: int) -> Refusal | None:
    """Return why phases do not follow each other so; None where they do."""
    if phase == COMPLETED:
        return Refusal(
            ErrorReason.ERROR_REASON_MIGRATION_COMPLETED,
            "the move is completed: the old store was not written since, and cannot be read again",
        )
    if phase != expected:
        return _other_phase(phase, expected)
    if wanted == phase or wanted > phase + 1:
        text = f"from {phase_name(phase)} a move goes on to {phase_name(phase + 1)}, or back"
        return Refusal(ErrorReason.ERROR_REASON_MIGRATION_PHASE, text, phase + 1, wanted)
    return None


def stores_refusal(standing: Standing, wanted: int) -> Refusal | None:
    """Return what the stores do not allow a step forward for; None where they do."""
    if wanted == DUAL_WRITE:
        return None
    move, past = standing.move, standing.past
    for fault in standing.faults:
        if wanted > BACKFILL or fault.side == Side.TARGET:
            name = Side(fault.side).name.lower()
            text = f"the {name} cannot be written behind sequence {fault.sequence}: {fault.reason}"
            return Refusal(ErrorReason.ERROR_REASON_MIGRATION_FAULT_OPEN, text, 0, fault.number)
    if standing.target_sequence < move.phase_sequence:
        return _behind(
            ErrorReason.ERROR_REASON_MIGRATION_TARGET_BEHIND,
            "the target is behind",
            move.phase_sequence,
            standing.target_sequence,
        )
    if wanted >= VERIFY and not past.is_finished:
        return _behind(
            ErrorReason.ERROR_REASON_MIGRATION_BACKFILL_UNFINISHED,
            "history is not all copied",
            past.until_sequence,
            past.copied_sequence,
        )
    if wanted <= VERIFY:
        return None
    return _compared(standing)


def _compared(standing: Standing) -> Refusal | None:
    move, mismatches = standing.move, standing.mismatches
    if mismatches.event_count:
        text = f"the stores differ, first at sequence {mismatches.first_sequence}"
        reason = ErrorReason.ERROR_REASON_MIGRATION_STORES_DIFFER
        return Refusal(reason, text, 0, mismatches.event_count)
    if move.verified_sequence < move.phase_sequence:
        return _behind(
            ErrorReason.ERROR_REASON_MIGRATION_NOT_VERIFIED,
            "the stores are not yet compared",
            move.phase_sequence,
            move.verified_sequence,
        )
    return None


def _behind(reason: ErrorReason.ValueType, what: str, needed: int, reached: int) -> Refusal:
    text = f"{what}: sequence {needed} is needed, {reached} reached"
    return Refusal(reason, text, needed, reached)


def _other_phase(phase: int, expected: int) -> Refusal:
    text = f"the move is in phase {phase_name(phase)}, not {phase_name(expected)}"
    return Refusal(ErrorReason.ERROR_REASON_MIGRATION_PHASE, text, phase, expected)
