"""Projections are made anew beside those that are read, and take their place at once."""

import gc

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import Engine

from quantumcore.server.store.progress import drawn
from quantumcore.server.store.projections.orders import Orders
from quantumcore.server.store.projections.projector import ALL, Progress, Projector, Report
from quantumcore.server.store.projections.statistics import DailyStatistics
from quantumcore.server.store.sql.engine import open_engine
from quantumcore.server.store.sql.schema import migrate
from quantumcore.server.store.sql.store import SqlEventStore
from quantumcore.server.store.sql.tables import metadata
from tests.server.store.databases import Cluster
from tests.server.store.histories import History, margined
from tests.server.store.steps import CrashedHereError, crashing_at
from tests.server.store.test_event_store import batches
from tests.server.store.test_projections import filled, rows


@pytest.fixture(scope="module")
def history() -> History:
    return margined(44, 1_000)


class StoppedHereError(Exception):
    """The rebuilding process ends here."""


def stopping_at(sequence: int) -> Report:
    def report(progress: Progress) -> None:
        if progress.sequence >= sequence:
            raise StoppedHereError

    return report


def test_rows_are_read_and_kept_up_while_others_are_made_beside_them(
    engine: Engine, history: History
) -> None:
    store = SqlEventStore(engine)
    *first, last = batches(history, 150)
    for batch in first:
        store.append(batch)
    projector = Projector(engine, store, sequences_per_batch=100)
    projector.catch_up()
    expected = rows(engine)
    for projection in ALL:
        with pytest.raises(StoppedHereError):
            projector.rebuild(projection, stopping_at(300))
    kept = rows(engine)
    beside = {("orders_v2", 2, 300), ("accounts_v1", 1, 300)}
    assert beside < set(kept.pop("projection_checkpoint"))
    expected.pop("projection_checkpoint")
    assert kept == expected
    store.append(last)
    projector.catch_up()
    seen: list[Progress] = []
    for projection in ALL:
        projector.rebuild(projection, seen.append)
    assert min(one.sequence for one in seen) == 400  # each went on where it had been stopped
    made = rows(engine)
    Projector(engine, store).catch_up()
    assert rows(engine) == made
    assert len(made["projection_checkpoint"]) == len(ALL)
    assert {row[2] for row in made["projection_checkpoint"]} == {history.exchange.sequence}


def test_several_versions_stand_side_by_side(engine: Engine, history: History) -> None:
    class Newer(Orders):
        version = Orders.version + 1

    class Newest(Orders):
        version = Orders.version + 2

    store = filled(engine, history)
    projector = Projector(engine, store, sequences_per_batch=200)
    projector.catch_up()
    expected = rows(engine)["orders"]
    for projection in (Newer(), Newest()):
        with pytest.raises(StoppedHereError):
            projector.rebuild(projection, stopping_at(200))
    assert rows(engine)["orders"] == expected
    names = {row[0] for row in rows(engine)["projection_checkpoint"]}
    assert names > {"orders", "orders_v3", "orders_v4"}
    projector.rebuild(Newest())
    held = {row[0]: row[1:] for row in rows(engine)["projection_checkpoint"]}
    assert held["orders"] == (4, history.exchange.sequence)
    assert held["orders_v3"] == (3, 200)
    assert rows(engine)["orders"] == expected


def test_an_interrupted_switch_leaves_what_was_read(
    engine: Engine, url: str, history: History
) -> None:
    store = filled(engine, history)
    projector = Projector(engine, store, [DailyStatistics()])
    projector.catch_up()
    expected = rows(engine)
    crashes = step = 0
    while True:
        attempt = open_engine(url)
        try:
            with crashing_at(step, attempt):
                again = Projector(attempt, SqlEventStore(attempt), [DailyStatistics()])
                again.rebuild(DailyStatistics())
            break
        except CrashedHereError:
            crashes, step = crashes + 1, step + 3
        finally:
            attempt.dispose()
            gc.collect()  # a process that is dead holds no cursor open
        found = rows(engine)
        assert found["trades"] == expected["trades"]
        assert found["daily_statistics"] == expected["daily_statistics"]
    assert crashes > 8
    assert rows(engine) == expected


def test_the_switch_keeps_indexes_and_rights(cluster: Cluster, history: History) -> None:
    engine = open_engine(cluster.url(cluster.new_schema()))
    migrate(engine)
    store = filled(engine, history)
    projector = Projector(engine, store)
    projector.catch_up()
    with engine.begin() as connection:
        connection.exec_driver_sql("GRANT SELECT ON orders TO public")
        connection.exec_driver_sql("GRANT SELECT, INSERT ON orders TO pg_monitor")
    for _ in range(2):
        for projection in ALL:
            projector.rebuild(projection)
    with engine.connect() as connection:
        context = MigrationContext.configure(connection)
        assert compare_metadata(context, metadata) == []
        access = connection.exec_driver_sql(
            "SELECT relacl::text FROM pg_class WHERE oid = 'orders'::regclass"
        ).scalar_one()
        assert "=r/" in access
        assert "pg_monitor=ar/" in access
    engine.dispose()


def test_the_bar_tells_share_rate_and_what_is_left() -> None:
    line = drawn(Progress("orders", 250, 1_000, 50.0))
    assert line == f"{'orders':<18} [{'#' * 7}{'.' * 23}]  25%  50 sequences/s, 15 s left"
