"""The tables of the event store; the migrations make them, and a test holds both equal.

Events of each kind of thing have a table of their own, keyed by sequence and part as they come, and
unique by thing and version. All numbers are 64 bits, signed.
"""

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    LargeBinary,
    MetaData,
    PrimaryKeyConstraint,
    String,
    Table,
    UniqueConstraint,
)

from quantumcore.v1.event_pb2 import AggregateType

metadata = MetaData()
NUMBERS = (
    "sequence",
    "part",
    "aggregate_id",
    "aggregate_version",
    "event_type",
    "schema_version",
    "time_ns",
    "command_id",
    "correlation_id",
    "principal_id",
    "session_id",
    "account_id",
    "instrument_id",
)
"""The columns of an event table in order, but for payload and digest behind them."""
POSITION_NUMBERS = ("block_number", "sequence", "command_count", "event_count", "time_ns")
TOMBSTONE_NUMBERS = (
    "event_class",
    "first_sequence",
    "until_sequence",
    "event_count",
    "time_ns",
    "principal_id",
)
EVENT_TABLE_NAMES = {
    int(AggregateType.AGGREGATE_TYPE_ORDER): "order_events",
    int(AggregateType.AGGREGATE_TYPE_MULTI_LEG_ORDER): "multi_leg_order_events",
    int(AggregateType.AGGREGATE_TYPE_POSITION): "position_events",
    int(AggregateType.AGGREGATE_TYPE_ACCOUNT): "account_events",
    int(AggregateType.AGGREGATE_TYPE_INSTRUMENT): "instrument_events",
    int(AggregateType.AGGREGATE_TYPE_VENUE): "venue_events",
}


def _event_table(name: str) -> Table:
    return Table(
        name,
        metadata,
        *(Column(number, BigInteger, nullable=False) for number in NUMBERS),
        Column("payload", LargeBinary, nullable=False),
        Column("digest", LargeBinary, nullable=False),
        PrimaryKeyConstraint("sequence", "part", name=f"{name}_by_sequence"),
        UniqueConstraint("aggregate_id", "aggregate_version", name=f"{name}_by_version"),
        sqlite_with_rowid=False,
    )


EVENT_TABLES: dict[int, Table] = {
    kind: _event_table(name) for kind, name in EVENT_TABLE_NAMES.items()
}

# One row: how far the store has been fed. Written with the events that it speaks of.
feed_position = Table(
    "feed_position",
    metadata,
    Column("id", BigInteger, primary_key=True, autoincrement=False),
    Column("block_number", BigInteger, nullable=False),
    Column("sequence", BigInteger, nullable=False),
    Column("command_count", BigInteger, nullable=False),
    Column("event_count", BigInteger, nullable=False),
    Column("time_ns", BigInteger, nullable=False),
    Column("block_hash", LargeBinary, nullable=False),
    CheckConstraint("id = 1", name="feed_position_is_one_row"),
)

# One row or none: what the feeder's decoder knew behind a block, so that it starts again quickly.
decoder_checkpoint = Table(
    "decoder_checkpoint",
    metadata,
    Column("id", BigInteger, primary_key=True, autoincrement=False),
    *(Column(number, BigInteger, nullable=False) for number in POSITION_NUMBERS),
    Column("block_hash", LargeBinary, nullable=False),
    Column("state", LargeBinary, nullable=False),
    CheckConstraint("id = 1", name="decoder_checkpoint_is_one_row"),
)

# A row exists only within the transaction of a removal: events up to it may then be deleted.
retention_grant = Table(
    "retention_grant",
    metadata,
    Column("id", BigInteger, primary_key=True, autoincrement=False),
    Column("until_sequence", BigInteger, nullable=False),
    CheckConstraint("id = 1", name="retention_grant_is_one_row"),
)

# What is left of events that were removed: of one class, from one sequence to another, how many,
# the SHA-256 over their digests in order, by whom, when, and where they lie; append-only.
event_tombstones = Table(
    "event_tombstones",
    metadata,
    *(Column(number, BigInteger, nullable=False) for number in TOMBSTONE_NUMBERS),
    Column("digest", LargeBinary, nullable=False),
    Column("archive", String(255), nullable=False),
    PrimaryKeyConstraint("event_class", "until_sequence", name="event_tombstones_by_class"),
)

# One row, where feeding began behind `until_sequence`: how far what lies before it was copied.
backfill_position = Table(
    "backfill_position",
    metadata,
    Column("id", BigInteger, primary_key=True, autoincrement=False),
    Column("until_sequence", BigInteger, nullable=False),
    Column("event_count", BigInteger, nullable=False),
    Column("copied_sequence", BigInteger, nullable=False),
    Column("opened_sequence", BigInteger, nullable=False),
    Column("opened_event_count", BigInteger, nullable=False),
    Column("is_complete", BigInteger, nullable=False),
    CheckConstraint("id = 1", name="backfill_position_is_one_row"),
)

# How things stood behind a sequence whose events are nowhere any more. They look like events and
# lie apart from them: no journal vouches for them.
opening_events = Table(
    "opening_events",
    metadata,
    *(Column(number, BigInteger, nullable=False) for number in ("aggregate_type", *NUMBERS)),
    Column("payload", LargeBinary, nullable=False),
    PrimaryKeyConstraint("aggregate_type", "aggregate_id", name="opening_events_by_thing"),
)
