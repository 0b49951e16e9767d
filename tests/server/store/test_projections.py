"""Projections reflect the events once each: kept up, interrupted, repeated, or made anew."""

import gc
from collections import defaultdict
from typing import Any

import pytest
from sqlalchemy import Connection, Engine, select

from quantumcore.server.api.multi_leg import multi_leg_order
from quantumcore.server.core.exchange_cy import Exchange
from quantumcore.server.store.__main__ import main
from quantumcore.server.store.errors import StoreUnavailable
from quantumcore.server.store.position import FeedPosition
from quantumcore.server.store.projections import projector as projecting
from quantumcore.server.store.projections.orders import Orders
from quantumcore.server.store.projections.projector import ALL, Progress, Projector
from quantumcore.server.store.projections.statistics import DailyStatistics
from quantumcore.server.store.sql.engine import open_engine
from quantumcore.server.store.sql.projection_tables import (
    PROJECTION_TABLES,
    accounts,
    balances,
    daily_statistics,
    multi_leg_orders,
    orders,
    positions,
    projection_checkpoint,
)
from quantumcore.server.store.sql.store import SqlEventStore
from quantumcore.server.store.stored_event import event_of
from quantumcore.server.store.upcasting import Upcasting
from quantumcore.v1.multi_leg_order_pb2 import MultiLegOrder
from quantumcore.v1.order_pb2 import Order
from tests.server.store.histories import History, desk, margined, single_orders
from tests.server.store.steps import CrashedHereError, crashing_at
from tests.server.store.test_event_store import batches

Rows = dict[str, list[tuple[Any, ...]]]


@pytest.fixture(scope="module")
def history() -> History:
    return margined(41, 1_000)


@pytest.fixture(scope="module")
def busy() -> History:
    """Busts and corrections are in it."""
    return single_orders(42, 1_500)


@pytest.fixture(scope="module")
def mended() -> History:
    """Executions of multi-leg orders, with one another too, are undone and corrected in it."""
    return desk(43, 1_500)


def filled(engine: Engine, history: History) -> SqlEventStore:
    store = SqlEventStore(engine)
    for batch in batches(history):
        store.append(batch)
    return store


def rows(engine: Engine) -> Rows:
    """Return all rows of all projections."""
    with engine.connect() as connection:
        return {
            table.name: sorted(tuple(row) for row in connection.execute(select(table)))
            for table in PROJECTION_TABLES
        }


@pytest.mark.parametrize("played", ["history", "mended"])
def test_rows_are_what_the_exchange_holds(
    engine: Engine, played: str, request: pytest.FixtureRequest
) -> None:
    history: History = request.getfixturevalue(played)
    Projector(engine, filled(engine, history)).catch_up()
    exchange = history.exchange
    with engine.connect() as connection:
        check_orders(connection, exchange)
        check_money(connection, exchange)
        for row in connection.execute(select(projection_checkpoint)).mappings():
            assert row["sequence"] == exchange.sequence
        names = connection.execute(select(accounts.c.account_id)).scalars().all()
        assert sorted(names) == list(range(1, exchange.account_count + 1))


def check_orders(connection: Connection, exchange: Exchange) -> None:
    found = list(connection.execute(select(orders)).mappings())
    assert len(found) > 100
    for row in found:
        view, message = exchange.order(row["order_id"]), Order.FromString(row["message"])
        assert view is not None
        assert (row["status"], row["account_id"]) == (view.status, view.account_id)
        assert (row["sequence"], message.version) == (view.sequence, view.version)
        assert message.cumulative_quantity == view.cumulative_quantity
    packages = list(connection.execute(select(multi_leg_orders)).mappings())
    assert len(packages) > 10
    for row in packages:
        package = exchange.package(row["multi_leg_order_id"])
        assert package is not None
        assert row["client_order_id"] == package.order.client_order_id
        order = MultiLegOrder.FromString(row["message"])
        held = multi_leg_order(package, {}, order.self_trade_prevention)
        assert row["status"] == order.status == held.status
        assert (order.units, order.filled_units) == (held.units, held.filled_units)
        assert list(order.legs) == list(held.legs)


def check_money(connection: Connection, exchange: Exchange) -> None:
    for row in connection.execute(select(positions)).mappings():
        account, instrument = row["account_id"], row["instrument_id"]
        view = exchange.position_view(account, instrument, exchange.time_ns)
        assert view is not None
        assert row["net_quantity"] == view.lots * exchange.lot_size(instrument)
        assert row["open_tick_lots"] == view.open_tick_lots
        assert row["fees_minor_units"] == view.fees
    money = list(connection.execute(select(balances)).mappings())
    assert money
    for row in money:
        balance = exchange.balance(row["account_id"], 0, exchange.time_ns)
        assert balance is not None
        assert row["cash_minor_units"] == balance.cash
        assert row["reserved_minor_units"] == balance.reserved


def test_projections_kept_up_equal_those_made_at_once(engine: Engine, history: History) -> None:
    store = SqlEventStore(engine)
    projector = Projector(engine, store, sequences_per_batch=61)
    for batch in batches(history, 150):
        store.append(batch)
        projector.catch_up()
        projector.catch_up()
    kept = rows(engine)
    for projection in ALL:
        projector.rebuild(projection)
    assert rows(engine) == kept


def test_an_interruption_between_any_two_steps_changes_nothing(
    engine: Engine, url: str, history: History
) -> None:
    store = filled(engine, history)
    Projector(engine, store).catch_up()
    expected = rows(engine)
    for projection in ALL:
        with engine.begin() as connection:
            projecting._empty(connection, projection)
    crashes, step = 0, 0
    while True:
        attempt = open_engine(url)
        try:
            with crashing_at(step, attempt):
                again = Projector(attempt, SqlEventStore(attempt), sequences_per_batch=300)
                again.catch_up()
            break
        except CrashedHereError:
            crashes, step = crashes + 1, step + 5
        finally:
            attempt.dispose()
            gc.collect()  # a process that is dead holds no cursor open
    assert crashes > 10
    assert rows(engine) == expected


def test_rows_of_another_version_are_made_anew(engine: Engine, history: History) -> None:
    store = filled(engine, history)
    Projector(engine, store).catch_up()
    expected = rows(engine)

    class NewerOrders(Orders):
        version = Orders.version + 1

    seen: list[Progress] = []
    Projector(engine, store, [NewerOrders()], sequences_per_batch=500).catch_up(seen.append)
    now = rows(engine)
    assert now["orders"] == expected["orders"]
    assert ("orders", Orders.version + 1, history.exchange.sequence) in now["projection_checkpoint"]
    assert seen[0].sequence == 500
    assert seen[-1].sequence == seen[-1].last_sequence == history.exchange.sequence
    assert all(one.sequences_per_s > 0 for one in seen)


def test_the_command_projects_and_makes_anew(url: str, engine: Engine, history: History) -> None:
    store = filled(engine, history)
    assert main(["project", "--once", "--store", url]) == 0
    kept = rows(engine)
    assert len(kept["orders"]) > 100
    assert main(["project", "--once", "--rebuild", "orders", "--store", url]) == 0
    assert rows(engine) == kept
    assert main(["rebuild", "--store", url]) == 0
    assert rows(engine) == kept
    with pytest.raises(SystemExit):
        main(["rebuild", "nothing", "--store", url])
    store.close()


def test_a_database_that_is_gone_for_a_while_is_waited_for(
    engine: Engine, history: History
) -> None:
    class GoneTwice(SqlEventStore):
        asked = 0

        def position(self) -> FeedPosition:
            self.asked += 1
            if self.asked <= 2:
                raise StoreUnavailable("gone")
            return super().position()

    filled(engine, history)
    pauses: list[float] = []

    def wait(seconds: float) -> bool:
        pauses.append(seconds)
        return len(pauses) == 4

    projector = Projector(engine, GoneTwice(engine))
    projector.run(wait)
    assert pauses == [1.0, 1.0, 0.1, 0.1]
    assert set(projector.checkpoints().values()) == {history.exchange.sequence}


def test_an_empty_store_has_empty_projections(engine: Engine) -> None:
    projector = Projector(engine, SqlEventStore(engine))
    projector.catch_up()
    found = rows(engine)
    assert all(not found[table.name] for table in PROJECTION_TABLES[:-1])
    assert projector.checkpoint(ALL[0]) == 0


@pytest.mark.parametrize("played", ["busy", "mended"])
def test_days_count_the_trades_that_stand(
    engine: Engine, played: str, request: pytest.FixtureRequest
) -> None:
    busy: History = request.getfixturevalue(played)
    projector = Projector(engine, filled(engine, busy), [DailyStatistics()], sequences_per_batch=37)
    projector.catch_up()
    days: dict[tuple[int, int], list[tuple[int, int]]] = defaultdict(list)
    mended = 0
    for trade, (instrument, day, price, quantity, busted) in trades_of(busy).items():
        assert trade > 0
        mended += busted
        if not busted:
            days[instrument, day].append((price, quantity))
    assert mended > 3
    with engine.connect() as connection:
        found = {
            (row["instrument_id"], row["day"]): row
            for row in connection.execute(select(daily_statistics)).mappings()
        }
    for key, told in found.items():
        prices = [price for price, _quantity in days[key]] or [0]
        assert told["trade_count"] == len(days[key])
        assert told["volume"] == sum(quantity for _price, quantity in days[key])
        assert (told["open_price"], told["last_price"]) == (prices[0], prices[-1])
        assert (told["high_price"], told["low_price"]) == (max(prices), min(prices))
    assert set(days) <= set(found)


def trades_of(history: History) -> dict[int, tuple[int, int, int, int, int]]:
    """Return instrument, day, price, quantity and whether it is busted of each trade."""
    found: dict[int, tuple[int, int, int, int, int]] = {}
    upcasting = Upcasting()
    for stored in history.events():
        payload = event_of(stored, upcasting)
        told = getattr(payload, str(payload.WhichOneof("payload")))
        name = payload.WhichOneof("payload")
        if name in {"order_filled", "order_partially_filled"}:
            fill, day = told.fill, stored.time_ns // 86_400_000_000_000
            terms = (stored.instrument_id, day, fill.price, fill.quantity, 0)
            found.setdefault(fill.trade_id, terms)
        elif name == "order_fill_busted":
            found[told.trade_id] = (*found[told.trade_id][:4], 1)
        elif name == "order_fill_corrected":
            before = found[told.trade_id]
            found[told.trade_id] = (*before[:2], told.price, told.quantity, 0)
    return found
