"""What each phase of a move means: who is written, who is read."""

from enum import IntEnum

from quantumcore.v1.migration_pb2 import MigrationPhase


class Side(IntEnum):
    """One of the two stores of a move."""

    SOURCE = 1
    TARGET = 2


IDLE = MigrationPhase.MIGRATION_PHASE_IDLE
DUAL_WRITE = MigrationPhase.MIGRATION_PHASE_DUAL_WRITE
BACKFILL = MigrationPhase.MIGRATION_PHASE_BACKFILL
VERIFY = MigrationPhase.MIGRATION_PHASE_VERIFY
READ_NEW = MigrationPhase.MIGRATION_PHASE_READ_NEW
COMPLETED = MigrationPhase.MIGRATION_PHASE_COMPLETED
PREFIX = "MIGRATION_PHASE_"


def is_written(side: Side, phase: int) -> bool:
    """Tell whether a store is fed in a phase."""
    return phase < COMPLETED if side is Side.SOURCE else phase > IDLE


def is_read(side: Side, phase: int) -> bool:
    """Tell whether queries are answered from a store in a phase."""
    return (phase >= READ_NEW) is (side is Side.TARGET)


def is_moving(phase: int) -> bool:
    """Tell whether both stores are written, so that there is something to copy and compare."""
    return IDLE < phase < COMPLETED


def is_compared(phase: int) -> bool:
    """Tell whether the stores are held to each other in a phase."""
    return phase in (VERIFY, READ_NEW)


def phase_name(phase: int) -> str:
    """Return the contract's name of a phase, without its prefix."""
    return MigrationPhase.Name(MigrationPhase.ValueType(phase)).removeprefix(PREFIX)
