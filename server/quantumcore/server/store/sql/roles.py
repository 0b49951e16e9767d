"""Rights on PostgreSQL: a role that feeds and reads and can neither change nor remove anything."""

from sqlalchemy import Connection

from quantumcore.server.store.sql.tables import EVENT_TABLE_NAMES

SEEN = (
    *EVENT_TABLE_NAMES.values(),
    "feed_position",
    "decoder_checkpoint",
    "event_tombstones",
    "backfill_position",
    "opening_events",
    "alembic_version",
)


def grant_feeding(connection: Connection, role: str) -> None:
    """Give an existing role what feeding and reading need: no more, and nothing it had before."""
    quoted = connection.dialect.identifier_preparer.quote(role)
    for table in (*SEEN, "retention_grant"):
        connection.exec_driver_sql(f"REVOKE ALL ON {table} FROM {quoted}")
    for table in SEEN:
        connection.exec_driver_sql(f"GRANT SELECT ON {table} TO {quoted}")
    for table in EVENT_TABLE_NAMES.values():
        connection.exec_driver_sql(f"GRANT INSERT ON {table} TO {quoted}")
    connection.exec_driver_sql(f"GRANT UPDATE ON feed_position TO {quoted}")
    connection.exec_driver_sql(f"GRANT INSERT, UPDATE ON backfill_position TO {quoted}")
    connection.exec_driver_sql(f"GRANT INSERT ON opening_events TO {quoted}")
    connection.exec_driver_sql(f"GRANT INSERT, DELETE ON decoder_checkpoint TO {quoted}")
