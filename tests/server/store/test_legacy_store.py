"""A legacy store shows orders and positions as their events leave them, each event once."""

import gc
from pathlib import Path

import pytest
from sqlalchemy import func, select

from quantumcore.server.journal import Journal
from quantumcore.server.store.errors import SequenceGap
from quantumcore.server.store.feeder import Feeder, FeederSettings
from quantumcore.server.store.folding.accounts import fold_position
from quantumcore.server.store.folding.orders import fold_order
from quantumcore.server.store.legacy.rows import message_of, row_of
from quantumcore.server.store.legacy.store import ORDER, POSITION, LegacyStore, states_in
from quantumcore.server.store.legacy.tables import legacy_log
from quantumcore.server.store.opening import open_store
from quantumcore.server.store.stored_event import StoredEvent, event_of
from quantumcore.server.store.upcasting import Upcasting
from quantumcore.v1.order_pb2 import Order
from quantumcore.v1.position_pb2 import Position
from quantumcore.v1.types_pb2 import Money
from tests.server.store.histories import History, margined, single_orders
from tests.server.store.moves import append
from tests.server.store.steps import CrashedHereError, crashing_at
from tests.server.store.test_event_store import batches

SMALL = FeederSettings(batch_events=64)


@pytest.fixture(scope="module")
def history() -> History:
    return margined(64, 400)


def opened(url: str) -> LegacyStore:
    store = open_store(f"legacy+{url}", make_tables=True)
    assert isinstance(store, LegacyStore)
    return store


def expected(events: list[StoredEvent]) -> dict[tuple[int, int], Order | Position]:
    """Fold all events."""
    found: dict[tuple[int, int], Order | Position] = {}
    upcasting = Upcasting()
    for stored in events:
        key = stored.aggregate_type, stored.aggregate_id
        if stored.aggregate_type == ORDER:
            order = found.setdefault(key, Order())
            assert isinstance(order, Order)
            fold_order(order, event_of(stored, upcasting))
        elif stored.aggregate_type == POSITION:
            position = found.setdefault(key, Position())
            assert isinstance(position, Position)
            fold_position(position, event_of(stored, upcasting))
    return found


def check(store: LegacyStore, events: list[StoredEvent]) -> None:
    """Assert that rows and log are those of all events up to the position."""
    last = store.position().sequence
    wanted = expected([one for one in events if one.sequence <= last])
    for kind in (ORDER, POSITION):
        ids = [one for of_kind, one in wanted if of_kind == kind]
        with store.reading() as connection:
            held = states_in(connection, kind, ids)
        assert held == {one: wanted[kind, one] for one in ids}
    with store.reading() as connection:
        lines = connection.execute(select(func.count()).select_from(legacy_log)).scalar_one()
    things = (ORDER, POSITION)
    assert lines == sum(one.sequence <= last and one.aggregate_type in things for one in events)


def test_rows_are_what_the_events_make_of_things(url: str) -> None:
    """Busts, corrections, replacements and triggers are in it."""
    busy = single_orders(65, 400)
    store = opened(url)
    for batch in batches(busy):
        store.append(batch)
    check(store, busy.events())
    with pytest.raises(SequenceGap):
        store.append(batch)
    check(store, busy.events())
    store.close()


def test_a_feeder_that_dies_between_any_two_steps_leaves_rows_and_position_together(
    tmp_path: Path, history: History
) -> None:
    url = f"sqlite:///{tmp_path / 'rows.db'}"
    opened(url).close()
    with Journal.open(tmp_path / "journal") as journal:
        for block in history.blocks[:60]:
            append(journal, block)
    crashes = 0
    while True:
        store = opened(url)
        feeder = Feeder(tmp_path / "journal", store, settings=SMALL)
        try:
            with crashing_at(3 * crashes, store.engine):
                feeder.catch_up()
            break
        except CrashedHereError:
            crashes += 1
        finally:
            feeder.close()
            store.close()
            gc.collect()
        store = opened(url)
        check(store, history.events())
        store.close()
    assert crashes > 5


def test_a_message_comes_back_from_its_row() -> None:
    order = Order(order_id=5, client_order_id="a", price=0, post_only=True, version=3)
    assert message_of(row_of(order), Order) == order
    assert row_of(Order())["price"] is None
    position = Position(account_id=1, realised_profit=Money(currency="USD", minor_units=-4))
    assert message_of(row_of(position), Position) == position
    assert not message_of(row_of(Position()), Position).HasField("fees")
