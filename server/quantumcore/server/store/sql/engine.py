"""Connections to the databases that an event store can stand on."""

from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.engine import make_url

WRITES = "event_store_writes"
BUSY_TIMEOUT_MS = 10_000
CONNECT_TIMEOUT_S = 5


def open_engine(url: str) -> Engine:
    """Return an engine for a URL such as `sqlite:///data/store.db` or `postgresql://host/name`.

    Raise ValueError for another database. Nothing is connected yet.
    """
    parsed = make_url(url)
    match parsed.get_backend_name():
        case "sqlite":
            return _sqlite(url)
        case "postgresql":
            parsed = parsed.set(drivername="postgresql+psycopg")
            return create_engine(
                parsed,
                pool_pre_ping=True,
                connect_args={
                    "connect_timeout": CONNECT_TIMEOUT_S,
                    "application_name": "quantumcore-event-store",
                },
            )
    raise ValueError(f"an event store stands on sqlite or postgresql, not on {parsed.drivername}")


def _sqlite(url: str) -> Engine:
    engine = create_engine(url)
    event.listen(engine, "connect", _prepare_sqlite)
    event.listen(engine, "begin", _begin_sqlite)
    return engine


def _prepare_sqlite(connection: Any, _record: object) -> None:
    """Let transactions be begun by us, write-ahead, synced at check-points.

    A loss of power can take the last transactions, never part of one; they are fed again.
    """
    connection.isolation_level = None
    for pragma in (
        f"busy_timeout = {BUSY_TIMEOUT_MS}",
        "journal_mode = WAL",
        "synchronous = NORMAL",
        "wal_autocheckpoint = 4000",
        "cache_size = -65536",
        "temp_store = MEMORY",
    ):
        connection.execute(f"PRAGMA {pragma}").close()


def _begin_sqlite(connection: Connection) -> None:
    """Take the write lock at once where it will be needed, so that nobody waits for each other."""
    writes = connection.get_execution_options().get(WRITES, False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")
