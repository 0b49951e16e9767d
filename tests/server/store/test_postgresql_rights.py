"""On PostgreSQL a role feeds and reads, and has no right to change or remove."""

import pytest
from sqlalchemy import text
from sqlalchemy.exc import ProgrammingError

from quantumcore.server.store.sql.engine import open_engine
from quantumcore.server.store.sql.roles import grant_feeding
from quantumcore.server.store.sql.schema import migrate
from quantumcore.server.store.sql.store import SqlEventStore
from quantumcore.server.store.sql.tables import EVENT_TABLE_NAMES
from tests.server.store.databases import Cluster
from tests.server.store.histories import packages
from tests.server.store.test_event_store import batches

ROLE = "feeder"


@pytest.fixture(scope="module")
def schema(cluster: Cluster) -> str:
    name = cluster.new_schema()
    cluster.execute(f"CREATE ROLE {ROLE} LOGIN")
    cluster.execute(f"GRANT USAGE ON SCHEMA {name} TO {ROLE}")
    engine = open_engine(cluster.url(name))
    migrate(engine)
    with engine.begin() as connection:
        grant_feeding(connection, ROLE)
    engine.dispose()
    return name


def test_the_role_feeds_and_reads(cluster: Cluster, schema: str) -> None:
    history = packages(21, 400)
    store = SqlEventStore(open_engine(cluster.url(schema, ROLE)))
    for batch in batches(history):
        store.append(batch)
    assert list(store.read()) == history.events()
    store.close()


@pytest.mark.parametrize(
    "statement",
    [
        *(f"UPDATE {table} SET payload = ''" for table in EVENT_TABLE_NAMES.values()),
        *(f"DELETE FROM {table}" for table in EVENT_TABLE_NAMES.values()),
        *(f"TRUNCATE {table}" for table in EVENT_TABLE_NAMES.values()),
        "INSERT INTO retention_grant VALUES (1, 1000)",
        "DELETE FROM feed_position",
        "DROP TRIGGER order_events_never_go ON order_events",
        "ALTER TABLE order_events DISABLE TRIGGER ALL",
        "DROP TABLE order_events",
    ],
)
def test_the_role_has_no_right_to_anything_else(
    cluster: Cluster, schema: str, statement: str
) -> None:
    engine = open_engine(cluster.url(schema, ROLE))
    with (
        engine.connect() as connection,
        pytest.raises(ProgrammingError, match=r"permission denied|must be owner"),
    ):
        connection.execute(text(statement))
    engine.dispose()


def test_not_even_the_owner_empties_a_table(cluster: Cluster, schema: str) -> None:
    engine = open_engine(cluster.url(schema))
    with engine.connect() as connection, pytest.raises(Exception, match="append-only"):
        connection.execute(text("TRUNCATE order_events"))
    engine.dispose()
