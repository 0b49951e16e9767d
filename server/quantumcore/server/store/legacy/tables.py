"""The tables of a legacy store: orders and positions as they stand, and what was logged of them."""

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

from quantumcore.server.store.legacy.rows import columns_of
from quantumcore.v1.order_pb2 import Order
from quantumcore.v1.position_pb2 import Position

legacy_metadata = MetaData()
POSITION_NUMBERS = ("block_number", "sequence", "command_count", "event_count", "time_ns")
LINE_LENGTH = 256

legacy_orders = Table(
    "legacy_orders",
    legacy_metadata,
    *columns_of(Order, ["order_id"]),
    Index("legacy_orders_by_sequence", "sequence"),
)

legacy_positions = Table(
    "legacy_positions",
    legacy_metadata,
    *columns_of(Position, ["account_id", "instrument_id"]),
    Index("legacy_positions_by_sequence", "sequence"),
)

# One line for a person for each change; nothing can be computed from it.
legacy_log = Table(
    "legacy_log",
    legacy_metadata,
    Column("line_number", BigInteger().with_variant(Integer, "sqlite"), primary_key=True),
    Column("line", String(LINE_LENGTH), nullable=False),
)

# One row: how far the journal is in the tables, written with what it speaks of.
legacy_position = Table(
    "legacy_position",
    legacy_metadata,
    Column("id", BigInteger, primary_key=True, autoincrement=False),
    *(Column(number, BigInteger, nullable=False) for number in POSITION_NUMBERS),
    Column("block_hash", LargeBinary, nullable=False),
    CheckConstraint("id = 1", name="legacy_position_is_one_row"),
)

# One row or none: what the feeder's decoder knew behind a block.
legacy_decoder = Table(
    "legacy_decoder",
    legacy_metadata,
    Column("id", BigInteger, primary_key=True, autoincrement=False),
    *(Column(number, BigInteger, nullable=False) for number in POSITION_NUMBERS),
    Column("block_hash", LargeBinary, nullable=False),
    Column("state", LargeBinary, nullable=False),
    CheckConstraint("id = 1", name="legacy_decoder_is_one_row"),
)
