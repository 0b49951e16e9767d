"""Let a store begin in the middle of a journal, and have its history filled in."""

import sqlalchemy as sa
from alembic import op

from quantumcore.server.store.sql import protection

revision = "0005"
down_revision = "0004"

NUMBERS = (
    "aggregate_type", "sequence", "part", "aggregate_id", "aggregate_version", "event_type",
    "schema_version", "time_ns", "command_id", "correlation_id", "principal_id", "session_id",
    "account_id", "instrument_id",
)  # fmt: skip
COUNTS = (
    "until_sequence", "event_count", "copied_sequence", "opened_sequence", "opened_event_count",
    "is_complete",
)  # fmt: skip


def upgrade() -> None:
    """Make the tables, empty, and let nobody rewrite opening events."""
    op.create_table(
        "backfill_position",
        sa.Column("id", sa.BigInteger, primary_key=True, autoincrement=False),
        *(sa.Column(number, sa.BigInteger, nullable=False) for number in COUNTS),
        sa.CheckConstraint("id = 1", name="backfill_position_is_one_row"),
    )
    op.create_table(
        "opening_events",
        *(sa.Column(number, sa.BigInteger, nullable=False) for number in NUMBERS),
        sa.Column("payload", sa.LargeBinary, nullable=False),
        sa.PrimaryKeyConstraint("aggregate_type", "aggregate_id", name="opening_events_by_thing"),
    )
    for statement in protection.append_only(op.get_bind().dialect.name, "opening_events"):
        op.execute(sa.text(statement))
