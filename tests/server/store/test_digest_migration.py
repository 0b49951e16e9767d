"""A store that was fed before its rows had digests has them afterwards, and is as protected."""

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from quantumcore.server.store.sql.engine import open_engine
from quantumcore.server.store.sql.schema import migrate
from quantumcore.server.store.sql.store import SqlEventStore
from quantumcore.server.store.sql.tables import EVENT_TABLE_NAMES, NUMBERS
from tests.server.store.histories import packages


def test_rows_of_an_older_store_are_given_their_digests(url: str) -> None:
    events = packages(21, 200).events()
    engine = open_engine(url)
    migrate(engine, "0003")
    names = (*NUMBERS, "payload")
    marks = ", ".join(f":{name}" for name in names)
    with engine.begin() as connection:
        for event in events:
            table = EVENT_TABLE_NAMES[event.aggregate_type]
            statement = text(f"INSERT INTO {table} VALUES ({marks})")
            connection.execute(statement, {name: getattr(event, name) for name in names})
    migrate(engine)
    store = SqlEventStore(engine)
    assert list(store.read(1, 2**62)) == events
    with pytest.raises(DBAPIError, match="append-only"), engine.begin() as connection:
        connection.execute(text("UPDATE order_events SET digest = payload"))
    store.close()
