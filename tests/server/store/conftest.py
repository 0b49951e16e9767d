"""Histories and databases are made once for all tests of a run."""

from collections.abc import Iterator
from pathlib import Path

import pytest
import structlog
from sqlalchemy import Engine

from quantumcore.server.store.sql.engine import open_engine
from quantumcore.server.store.sql.schema import migrate
from quantumcore.server.store.sql.store import SqlEventStore
from tests.server.store.databases import Cluster, postgresql
from tests.server.store.histories import History, all_histories


@pytest.fixture(autouse=True)
def _log_as_before() -> Iterator[None]:
    """Commands send the log to the standard error of their test, which is closed after it."""
    yield
    structlog.reset_defaults()


@pytest.fixture(scope="session")
def histories() -> list[History]:
    """Journals that together hold every kind of event."""
    return all_histories()


@pytest.fixture(scope="session")
def cluster() -> Iterator[Cluster]:
    """A PostgreSQL server."""
    with postgresql() as running:
        yield running


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The URL of an empty database of each kind."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'store.db'}"
    running: Cluster = request.getfixturevalue("cluster")
    return running.url(running.new_schema())


@pytest.fixture
def store(url: str) -> Iterator[SqlEventStore]:
    """An empty event store of each kind."""
    engine = open_engine(url)
    migrate(engine)
    made = SqlEventStore(engine)
    yield made
    made.close()


@pytest.fixture
def engine(url: str) -> Iterator[Engine]:
    """A migrated database of each kind, nothing in it."""
    made = open_engine(url)
    migrate(made)
    yield made
    made.dispose()
