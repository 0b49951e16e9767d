"""Hold what auditors are told: verifications, proofs, retention, legal holds.

Fields bear the contract's names and mean what the contract says. Times are nanoseconds since the
Unix epoch, UTC.
"""

from __future__ import annotations

from dataclasses import dataclass

from quantumcore.client.audit_enums import EventClass, LogDefect


@dataclass(frozen=True, slots=True, kw_only=True)
class LogHead:
    """Head of the log's chain of hashes; write it down to hold the venue to it."""

    sequence: int
    block_number: int
    chain_hash: bytes
    time_ns: int = 0
    root_hash: bytes = b""


@dataclass(frozen=True, slots=True, kw_only=True)
class LogVerification:
    """How far a verification is, and the first thing that is wrong."""

    sequence: int
    block_count: int
    defect: LogDefect
    defect_sequence: int
    defect_position: int
    text: str
    finished: bool
    head: LogHead | None
    until_sequence: int
    compared_count: int
    removed_count: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ProofStep:
    """One step up a Merkle tree."""

    sibling_hash: bytes
    sibling_on_left: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class EventProof:
    """A proof that an event is in the log; `check_proof` recomputes it."""

    event_bytes: bytes
    block_path: tuple[ProofStep, ...]
    log_path: tuple[ProofStep, ...]
    root_hash: bytes
    head: LogHead
    block_header: bytes
    record_offset: int
    record_length: int
    following_headers: tuple[bytes, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ExportPiece:
    """A piece of an export; hash and head are on the last."""

    data: bytes
    sequence: int
    event_count: int
    content_hash: bytes
    head: LogHead | None


@dataclass(frozen=True, slots=True, kw_only=True)
class RetentionPolicy:
    """How long events of a class are kept, days."""

    event_class: EventClass
    keep_days: int
    keep_accessible_days: int


@dataclass(frozen=True, slots=True, kw_only=True)
class RetentionOutcome:
    """What retention removes, or would remove, of one class."""

    event_class: EventClass
    until_sequence: int
    removed_count: int
    held_count: int
    archived_count: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Retention:
    """How long events are kept, and what would go now where that was asked."""

    policies: tuple[RetentionPolicy, ...]
    outcomes: tuple[RetentionOutcome, ...]
    first_sequence: int
    sequence: int


@dataclass(frozen=True, slots=True, kw_only=True)
class RetentionApplied:
    """What retention has removed, and the sequence of the event that says so; 0: nothing went."""

    outcomes: tuple[RetentionOutcome, ...]
    sequence: int
    repeated_request: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class LegalHold:
    """A hold that keeps events whatever their age."""

    legal_hold_id: int
    name: str
    account_ids: tuple[int, ...]
    from_time_ns: int
    until_time_ns: int
    lifted: bool
    text: str
