"""Keep a digest beside every event, and of removed events what proves them."""

from collections.abc import Iterator
from hashlib import sha256
from struct import Struct
from typing import Any

import sqlalchemy as sa
from alembic import op

from quantumcore.server.store.sql import protection

revision = "0004"
down_revision = "0003"

EVENT_TABLES = {
    1: "order_events",
    2: "multi_leg_order_events",
    3: "position_events",
    4: "account_events",
    5: "instrument_events",
    6: "venue_events",
}
NUMBERS = (
    "sequence", "part", "aggregate_id", "aggregate_version", "event_type", "schema_version",
    "time_ns", "command_id", "correlation_id", "principal_id", "session_id", "account_id",
    "instrument_id",
)  # fmt: skip
ENVELOPE = Struct("<14q")
PAGE_ROWS = 5_000


def upgrade() -> None:
    """Add the column and fill it for what is stored; tombstones tell removals from now on."""
    bind = op.get_bind()
    dialect = bind.dialect.name
    for kind, name in EVENT_TABLES.items():
        none = sa.text("x''" if dialect == "sqlite" else "''")
        digest = sa.Column("digest", sa.LargeBinary, nullable=False, server_default=none)
        op.add_column(name, digest)
        before, behind = _sqlite_off(name) if dialect == "sqlite" else _postgresql_off(name)
        op.execute(sa.text(before))
        _fill(bind, kind, name)
        op.execute(sa.text(behind))
    op.drop_table("event_removals")
    op.create_table(
        "event_tombstones",
        *(
            sa.Column(number, sa.BigInteger, nullable=False)
            for number in (
                "event_class", "first_sequence", "until_sequence", "event_count", "time_ns",
                "principal_id",
            )
        ),
        sa.Column("digest", sa.LargeBinary, nullable=False),
        sa.Column("archive", sa.String(255), nullable=False),
        sa.PrimaryKeyConstraint("event_class", "until_sequence", name="event_tombstones_by_class"),
    )  # fmt: skip
    for statement in protection.append_only(dialect, "event_tombstones"):
        op.execute(sa.text(statement))


def _fill(bind: sa.Connection, kind: int, name: str) -> None:
    marks = sa.text(
        f"UPDATE {name} SET digest = :digest WHERE sequence = :sequence AND part = :part"  # noqa: S608
    )
    for page in _pages(bind, name):
        rows = [
            {
                "digest": sha256(ENVELOPE.pack(kind, *row[:-1]) + bytes(row[-1])).digest(),
                "sequence": row[0],
                "part": row[1],
            }
            for row in page
        ]
        bind.execute(marks, rows)


def _pages(bind: sa.Connection, name: str) -> Iterator[list[Any]]:
    sequence, part = -1, -1
    columns = ", ".join((*NUMBERS, "payload"))
    statement = sa.text(
        f"SELECT {columns} FROM {name} "  # noqa: S608
        "WHERE sequence > :sequence OR (sequence = :sequence AND part > :part) "
        f"ORDER BY sequence, part LIMIT {PAGE_ROWS}"
    )
    while page := list(bind.execute(statement, {"sequence": sequence, "part": part})):
        yield page
        sequence, part = page[-1][0], page[-1][1]


def _sqlite_off(table: str) -> tuple[str, str]:
    """Return what takes the trigger against changes away, and what brings it back."""
    again = (
        f"CREATE TRIGGER {table}_never_change BEFORE UPDATE ON {table} "
        "BEGIN SELECT RAISE(ABORT, 'events are append-only'); END"
    )
    return f"DROP TRIGGER {table}_never_change", again


def _postgresql_off(table: str) -> tuple[str, str]:
    return (
        f"ALTER TABLE {table} DISABLE TRIGGER {table}_never_change",
        f"ALTER TABLE {table} ENABLE TRIGGER {table}_never_change",
    )
