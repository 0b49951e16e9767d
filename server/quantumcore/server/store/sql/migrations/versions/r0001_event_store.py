"""Make the event store. What stands here never changes; a later revision changes the tables."""

import sqlalchemy as sa
from alembic import op

from quantumcore.server.store.sql import protection

revision = "0001"
down_revision = None

EVENT_TABLES = (
    "order_events",
    "multi_leg_order_events",
    "position_events",
    "account_events",
    "instrument_events",
    "venue_events",
)
NUMBERS = (
    "sequence", "part", "aggregate_id", "aggregate_version", "event_type", "schema_version",
    "time_ns", "command_id", "correlation_id", "principal_id", "session_id", "account_id",
    "instrument_id",
)  # fmt: skip


def upgrade() -> None:
    """Make tables and triggers, and the position before the first block."""
    for name in EVENT_TABLES:
        op.create_table(
            name,
            *(sa.Column(number, sa.BigInteger, nullable=False) for number in NUMBERS),
            sa.Column("payload", sa.LargeBinary, nullable=False),
            sa.PrimaryKeyConstraint("sequence", "part", name=f"{name}_by_sequence"),
            sa.UniqueConstraint("aggregate_id", "aggregate_version", name=f"{name}_by_version"),
            sqlite_with_rowid=False,
        )
    _make_feed_position()
    op.create_table(
        "retention_grant",
        sa.Column("id", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("until_sequence", sa.BigInteger, nullable=False),
        sa.CheckConstraint("id = 1", name="retention_grant_is_one_row"),
    )
    op.create_table(
        "event_removals",
        sa.Column("until_sequence", sa.BigInteger, nullable=False),
        sa.Column("table_name", sa.String(64), nullable=False),
        sa.Column("event_count", sa.BigInteger, nullable=False),
        sa.Column("time_ns", sa.BigInteger, nullable=False),
        sa.Column("principal_id", sa.BigInteger, nullable=False),
        sa.Column("reason", sa.String(128), nullable=False),
        sa.PrimaryKeyConstraint("table_name", "until_sequence", name="event_removals_by_table"),
    )
    for statement in protection.statements(op.get_bind().dialect.name, EVENT_TABLES):
        op.execute(sa.text(statement))


def _make_feed_position() -> None:
    table = op.create_table(
        "feed_position",
        sa.Column("id", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("block_number", sa.BigInteger, nullable=False),
        sa.Column("sequence", sa.BigInteger, nullable=False),
        sa.Column("command_count", sa.BigInteger, nullable=False),
        sa.Column("event_count", sa.BigInteger, nullable=False),
        sa.Column("time_ns", sa.BigInteger, nullable=False),
        sa.Column("block_hash", sa.LargeBinary, nullable=False),
        sa.CheckConstraint("id = 1", name="feed_position_is_one_row"),
    )
    counts = ("block_number", "sequence", "command_count", "event_count", "time_ns")
    beginning = {"id": 1, "block_hash": bytes(32), **dict.fromkeys(counts, 0)}
    op.bulk_insert(table, [beginning])
