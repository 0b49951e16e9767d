"""How far the store is goes on being told, whatever is wrong with the store."""

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, text, update

from quantumcore.server import lag as looking
from quantumcore.server.api.errors import LogDamaged
from quantumcore.server.api.event_access import EventAccess
from quantumcore.server.lag import STORE, Lag, Standing
from quantumcore.server.store.errors import EventDamaged, StoreDiverged
from quantumcore.server.store.opening import Store
from quantumcore.server.store.position import BEGINNING
from quantumcore.server.store.projections.projector import Projector
from quantumcore.server.store.sql.engine import open_engine
from quantumcore.server.store.sql.schema import migrate
from quantumcore.server.store.sql.store import SqlEventStore
from quantumcore.server.store.sql.tables import EVENT_TABLES
from tests.server.store.histories import History, single_orders
from tests.server.store.test_event_store import batches


@pytest.fixture(scope="module")
def history() -> History:
    return single_orders(44, 200)


async def test_a_damaged_event_is_told_with_the_projection_that_lacks_it(
    tmp_path: Path, history: History
) -> None:
    url = f"sqlite:///{tmp_path / 'events.db'}"
    engine = open_engine(url)
    migrate(engine)
    store = SqlEventStore(engine)
    begun, *rest = batches(history, 20)
    store.append(begun)
    Projector(engine, store).catch_up()
    for batch in rest:
        store.append(batch)
    last = store.position().sequence
    access = EventAccess(url)
    lag = Lag(access, accepted=lambda: last, clock=lambda: 10**18, most_s=60.0)
    await lag.look()
    ages = {one.name: one.lag_ns for one in lag.tell()}
    damage(engine, rest[0].events[0].sequence)
    await lag.look()
    assert {one.name: one.lag_ns for one in lag.tell()} == ages
    told = {one.name: one for one in lag.tell()}
    assert told.pop(STORE).sequence == last
    assert all("its digest does not match" in one.error for one in told.values())
    await access.close()
    store.close()


def damage(engine: Engine, sequence: int) -> None:
    """Take away what an event holds, whatever it is of."""
    with engine.begin() as connection:
        for name in connection.scalars(text("select name from sqlite_master where type='trigger'")):
            connection.execute(text(f"drop trigger {name}"))
        for table in EVENT_TABLES.values():
            connection.execute(
                update(table).where(table.c.sequence == sequence).values(payload=bytes(9))
            )


@pytest.mark.parametrize(
    "problem", [LogDamaged("damaged"), EventDamaged("order_events", 7, 0), StoreDiverged("other")]
)
async def test_looking_goes_on_after_any_refusal_of_the_store(
    monkeypatch: pytest.MonkeyPatch, problem: Exception
) -> None:
    class Refusing(EventAccess):
        is_damaged = True

        async def ask_any(self, question: Callable[[Store], Any]) -> Any:
            if self.is_damaged:
                raise problem
            return Standing(BEGINNING._replace(sequence=3), {}, {}, {})

    monkeypatch.setattr(looking, "LOOK_INTERVAL_S", 0.001)
    access = Refusing("sqlite://")
    lag = Lag(access, accepted=lambda: 3, clock=lambda: 1, most_s=60.0)
    lag.start()
    await asyncio.sleep(0.05)
    (told,) = lag.tell()
    assert str(problem) in told.error
    access.is_damaged = False
    await asyncio.sleep(0.05)
    (told,) = lag.tell()
    assert (told.sequence, told.error) == (3, "")
    await lag.stop()
