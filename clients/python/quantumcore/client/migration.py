"""Hold what the venue tells of the move of its store.

Fields bear the contract's names and mean what the contract says.
"""

from __future__ import annotations

from dataclasses import dataclass

from quantumcore.client.enums import OpenEnum


class MigrationPhase(OpenEnum):
    """How far a move is; each step can be taken back until COMPLETED."""

    UNSPECIFIED = 0
    IDLE = 1
    DUAL_WRITE = 2
    BACKFILL = 3
    VERIFY = 4
    READ_NEW = 5
    COMPLETED = 6


class MigrationSide(OpenEnum):
    """Which store of a move is meant."""

    UNSPECIFIED = 0
    SOURCE = 1
    TARGET = 2


class AggregateType(OpenEnum):
    """What kind of thing events are of."""

    UNSPECIFIED = 0
    ORDER = 1
    MULTI_LEG_ORDER = 2
    POSITION = 3
    ACCOUNT = 4
    INSTRUMENT = 5
    VENUE = 6


@dataclass(frozen=True, slots=True, kw_only=True)
class Migration:
    """A move of the store, while the venue trades."""

    phase: MigrationPhase
    source: str
    target: str
    source_store_sequence: int
    target_store_sequence: int
    verified_sequence: int
    mismatch_count: int
    first_mismatch_sequence: int
    phase_started_time_ns: int


@dataclass(frozen=True, slots=True, kw_only=True)
class MigrationChange:
    """The move as it is from now on."""

    migration: Migration
    sequence: int
    repeated_request: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class MigrationDifference:
    """A thing in which the stores were found to differ, from `first_sequence` on."""

    number: int
    aggregate_type: AggregateType
    aggregate_id: int
    first_sequence: int
    event_count: int
    wrong_side: MigrationSide
    text: str
    found_time_ns: int
    resolved_time_ns: int


@dataclass(frozen=True, slots=True, kw_only=True)
class MigrationFault:
    """A time in which a store could not be written."""

    number: int
    side: MigrationSide
    sequence: int
    failure_count: int
    text: str
    time_ns: int
    repaired_time_ns: int
