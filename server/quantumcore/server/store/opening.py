"""Open a store by its URL, of whatever kind it is.

sqlite:///data/events.db            an event store
postgresql://host/name              an event store
legacy+sqlite:///data/legacy.db     a legacy store; on PostgreSQL likewise
"""

from pathlib import Path

from sqlalchemy.engine import make_url

from quantumcore.server.store.legacy.store import LegacyStore, make_legacy_tables
from quantumcore.server.store.sql.engine import open_engine
from quantumcore.server.store.sql.schema import migrate
from quantumcore.server.store.sql.store import SqlEventStore, translated

LEGACY = "legacy+"
POSTGRESQL_PORT = 5432
Store = SqlEventStore | LegacyStore


def is_legacy(url: str) -> bool:
    """Tell whether a URL names a legacy store."""
    return url.startswith(LEGACY)


def database_url(url: str) -> str:
    """Return the URL of the database that a store stands on."""
    return url.removeprefix(LEGACY)


def open_store(url: str, *, make_tables: bool = False) -> Store:
    """Open a store; `make_tables` makes its tables first, or brings them up to date.

    Raise ValueError for a database that none stands on, StoreSchemaUnknown where it has other
    tables, StoreUnavailable where it cannot be reached.
    """
    engine = open_engine(database_url(url))
    if is_legacy(url):
        if make_tables:
            make_legacy_tables(engine)
        return LegacyStore(engine)
    if make_tables:
        with translated():
            migrate(engine)
    return SqlEventStore(engine)


def named(url: str) -> str:
    """Return a URL without its password."""
    shown = make_url(database_url(url)).render_as_string(hide_password=True)
    return f"{LEGACY}{shown}" if is_legacy(url) else shown


def same_database(one: str, other: str) -> bool:
    """Tell whether two URLs name the same database, as whatever role."""
    return _place(one) == _place(other)


def _place(url: str) -> tuple[str, str, int, str, str]:
    parsed = make_url(database_url(url))
    kind, name = parsed.get_backend_name(), parsed.database or ""
    if kind == "sqlite":
        return kind, "", 0, str(Path(name).resolve()), ""
    told = parsed.query
    host = parsed.host or str(told.get("host", ""))
    port = parsed.port or int(str(told.get("port", POSTGRESQL_PORT)))
    name = name or str(told.get("dbname", ""))
    return kind, host.lower(), port, name, str(told.get("options", ""))
