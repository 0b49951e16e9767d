"""Let the feeder save what its decoder knows."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    """Make the table, empty."""
    op.create_table(
        "decoder_checkpoint",
        sa.Column("id", sa.BigInteger, primary_key=True, autoincrement=False),
        *(
            sa.Column(number, sa.BigInteger, nullable=False)
            for number in ("block_number", "sequence", "command_count", "event_count", "time_ns")
        ),
        sa.Column("block_hash", sa.LargeBinary, nullable=False),
        sa.Column("state", sa.LargeBinary, nullable=False),
        sa.CheckConstraint("id = 1", name="decoder_checkpoint_is_one_row"),
    )
