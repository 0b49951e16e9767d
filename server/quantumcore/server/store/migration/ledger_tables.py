"""The tables of a move's ledger: a SQLite file of its own in the venue's directory.

It belongs to neither store, so that it can tell of both when one of them is gone.
"""

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
)

ledger_metadata = MetaData()
NAME_LENGTH = 256


def _numbers(*names: str) -> list[Column[int]]:
    return [Column(name, BigInteger, nullable=False) for name in names]


def _text(name: str, length: int = NAME_LENGTH) -> Column[str]:
    return Column(name, String(length), nullable=False)


# One row: how far the move is. `verification` counts how often comparing began anew.
moves = Table(
    "moves",
    ledger_metadata,
    Column("id", BigInteger, primary_key=True, autoincrement=False),
    *_numbers("phase", "phase_started_time_ns", "phase_sequence"),
    *_numbers("verification", "verified_sequence"),
    _text("source"),
    _text("target"),
    CheckConstraint("id = 1", name="moves_is_one_row"),
)

# Every step that was taken, forward and back.
steps = Table(
    "steps",
    ledger_metadata,
    Column("number", Integer, primary_key=True),
    *_numbers("from_phase", "to_phase", "time_ns", "sequence", "principal_id"),
    Column("request_id", BigInteger, nullable=True, unique=True),
    Column("answer", LargeBinary, nullable=False),
)

# A row for each time that a store could not be written; `repaired_time_ns` 0: it still cannot.
faults = Table(
    "faults",
    ledger_metadata,
    Column("number", Integer, primary_key=True),
    *_numbers("side", "sequence", "failure_count", "time_ns", "repaired_time_ns"),
    _text("reason", 1024),
)

# A row for each thing in which the stores were found to differ; `resolved_time_ns` 0: they do.
differences = Table(
    "differences",
    ledger_metadata,
    Column("number", Integer, primary_key=True),
    *_numbers("aggregate_type", "aggregate_id", "first_sequence", "event_count", "wrong_side"),
    *_numbers("found_time_ns", "resolved_time_ns"),
    _text("detail", 2048),
    Index("differences_of_things", "aggregate_type", "aggregate_id"),
)
