"""Let a store begin in the middle of a journal, and have its history filled in."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0003"

NUMBERS = (
    "aggregate_type", "sequence", "part", "aggregate_id", "aggregate_version", "event_type",
    "schema_version", "time_ns", "command_id", "correlation_id", "principal_id", "session_id",
    "account_id", "instrument_id",
)  # fmt: skip
COUNTS = (
    "until_sequence", "event_count", "copied_sequence", "opened_sequence", "opened_event_count",
    "is_complete",
)  # fmt: skip
REFUSAL = "opening events never change"


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
    for statement in _protection(op.get_bind().dialect.name):
        op.execute(sa.text(statement))


def _protection(dialect: str) -> list[str]:
    if dialect == "sqlite":
        return [
            f"CREATE TRIGGER opening_events_never_{name} BEFORE {when} ON opening_events "
            f"BEGIN SELECT RAISE(ABORT, '{REFUSAL}'); END"
            for name, when in (("change", "UPDATE"), ("go", "DELETE"))
        ]
    change = "opening_events_never_change BEFORE UPDATE OR DELETE ON opening_events FOR EACH ROW"
    empty = "opening_events_never_empty BEFORE TRUNCATE ON opening_events FOR EACH STATEMENT"
    function = "EXECUTE FUNCTION events_never_change()"
    return [f"CREATE TRIGGER {change} {function}", f"CREATE TRIGGER {empty} {function}"]
