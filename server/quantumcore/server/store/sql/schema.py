"""Bring a database to the tables that this software needs, and refuse any other."""

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine

from quantumcore.server.store.errors import StoreSchemaUnknown
from quantumcore.server.store.sql.engine import WRITES

MIGRATIONS = Path(__file__).with_name("migrations")


def migrate(engine: Engine, revision: str = "head") -> None:
    """Make the tables, or bring older ones up to date, in one transaction."""
    with engine.connect() as connection:
        connection.execution_options(**{WRITES: True})
        with connection.begin():
            command.upgrade(_configuration(connection), revision)


def check_schema(connection: Connection) -> None:
    """Raise StoreSchemaUnknown unless the tables are those of this software."""
    held = MigrationContext.configure(connection).get_current_revision()
    wanted = ScriptDirectory.from_config(_configuration()).get_current_head()
    if held != wanted:
        raise StoreSchemaUnknown(
            f"the store's tables are of revision {held or 'none'}, this release needs {wanted}: "
            "run `python -m quantumcore.server.store migrate`"
        )


def _configuration(connection: Connection | None = None) -> Config:
    configuration = Config()
    configuration.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    configuration.attributes["connection"] = connection
    return configuration
