"""Open a store by its URL, of whatever kind it is.

sqlite:///data/events.db            an event store
postgresql://host/name              an event store
legacy+sqlite:///data/legacy.db     a legacy store; on PostgreSQL likewise
"""

from pathlib import Path

from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError

from quantumcore.server.store.legacy.store import LegacyStore, make_legacy_tables
from quantumcore.server.store.sql.engine import open_engine
from quantumcore.server.store.sql.schema import migrate
from quantumcore.server.store.sql.store import SqlEventStore, translated

LEGACY = "legacy+"
POSTGRESQL_PORT = 5432
DATABASES = ("sqlite", "postgresql")
SECRET_PARAMETERS = frozenset({"password", "sslpassword"})
HIDDEN = "***"
STORE_VARIABLE = "QC_STORE_URL"
"""Names a store to a process: its arguments can be read by everybody on the machine."""
TARGET_VARIABLE = "QC_TARGET_URL"
UNREADABLE = "(not a URL)"
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
    """Return a URL without its password, wherever that stands; nothing of what is no URL."""
    parsed = _parsed(url)
    if parsed is None:
        return UNREADABLE
    hidden = {name: HIDDEN for name in parsed.query if name.lower() in SECRET_PARAMETERS}
    shown = parsed.update_query_dict(hidden).render_as_string(hide_password=True)
    shown = shown.replace("=%2A%2A%2A", f"={HIDDEN}")
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


def check_url(url: str) -> None:
    """Raise ValueError for what no store can be opened by, without telling a password."""
    parsed = _parsed(url)
    if parsed is None:
        raise ValueError("is not a URL; it is sqlite:///FILE or postgresql://HOST/NAME")
    try:
        backend = parsed.get_backend_name()
        if backend == "sqlite":
            parsed.get_dialect()
    except ArgumentError as problem:
        raise ValueError(f"{named(url)} names no driver that there is") from problem
    if backend not in DATABASES:
        raise ValueError(f"{named(url)} is on neither of {' and '.join(DATABASES)}")


def _parsed(url: str) -> URL | None:
    try:
        return make_url(database_url(url))
    except (ArgumentError, ValueError):
        return None
