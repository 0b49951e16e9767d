"""Whatever differs between the two stores of a move is told, and mended where that can be."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import delete, insert, select

from quantumcore.server.store.folding.orders import fold_order
from quantumcore.server.store.legacy.rows import row_of
from quantumcore.server.store.legacy.store import ORDER, POSITION
from quantumcore.server.store.legacy.tables import legacy_orders, legacy_positions
from quantumcore.server.store.migration.ledger import Difference
from quantumcore.server.store.migration.phases import BACKFILL, IDLE, READ_NEW, VERIFY, Side
from quantumcore.server.store.stored_event import event_of
from quantumcore.server.store.upcasting import Upcasting
from quantumcore.v1.order_pb2 import Order
from tests.server.store.histories import History, margined
from tests.server.store.moves import Rig, raw


@pytest.fixture(scope="module")
def history() -> History:
    return margined(62, 1_000)


@pytest.fixture
def rig(tmp_path: Path, history: History) -> Iterator[Rig]:
    with Rig(tmp_path, history) as made:
        made.trade(120)
        yield made


def found(rig: Rig) -> list[Difference]:
    """Return what differed, resolved or not."""
    return rig.moving.ledger.differences()


def an_order(rig: Rig, *, events: int) -> Order:
    """Return an order of the legacy store to which much happened."""
    with rig.legacy.reading() as connection:
        statement = select(legacy_orders.c.order_id).where(legacy_orders.c.version >= events)
        order_id = connection.execute(statement).scalars().first()
    state = rig.legacy.state(ORDER, order_id or 0)
    assert isinstance(state, Order)
    return state


def events_of(rig: Rig, order: Order) -> list[int]:
    """Return the sequences of an order's events."""
    return [
        one.sequence
        for one in rig.expected()
        if (one.aggregate_type, one.aggregate_id) == (ORDER, order.order_id)
    ]


def test_a_row_that_somebody_changed_is_told_and_written_anew(rig: Rig) -> None:
    rig.advance_to(VERIFY)
    rig.feed()
    order = an_order(rig, events=3)
    same = legacy_orders.c.order_id == order.order_id
    assert rig.set_row(legacy_orders, {"cumulative_quantity": 1}, same) == 1
    rig.work()
    (told,) = found(rig)
    assert told.aggregate_id == order.order_id
    assert told.first_sequence in events_of(rig, order)
    expected = f"cumulative_quantity is 1 in the source, {order.cumulative_quantity} in the target"
    assert told.detail == expected
    assert told.wrong_side == Side.SOURCE
    assert told.resolved_time_ns
    assert rig.legacy.state(ORDER, order.order_id) == order
    rig.advance(READ_NEW)


def test_a_row_that_missed_events_is_told_with_the_first_of_them(rig: Rig) -> None:
    rig.advance_to(VERIFY)
    rig.feed()
    order = an_order(rig, events=4)
    stale = Order.FromString(order.SerializeToString())
    earlier = dict(enumerate(events_of(rig, order), 1))
    stale.Clear()
    for one in rig.expected():
        if one[:1] == (ORDER,) and one.aggregate_id == order.order_id:
            if one.aggregate_version > 2:
                break
            fold_order(stale, event_of(one, Upcasting()))
    rig.set_row(legacy_orders, row_of(stale), legacy_orders.c.order_id == order.order_id)
    rig.work()
    (told,) = found(rig)
    assert told.first_sequence == earlier[3]
    assert rig.legacy.state(ORDER, order.order_id) == order


def test_a_row_that_is_gone_and_one_that_never_was_are_told_and_mended(rig: Rig) -> None:
    rig.advance_to(VERIFY)
    rig.feed()
    order = an_order(rig, events=2)
    with rig.legacy.writing() as connection:
        connection.execute(delete(legacy_orders).where(legacy_orders.c.order_id == order.order_id))
        invented = row_of(order) | {"order_id": 10**9, "sequence": 3}
        connection.execute(insert(legacy_orders).values(**invented))
        futile = row_of(order) | {"order_id": 10**9 + 1, "sequence": 10**9}
        connection.execute(insert(legacy_orders).values(**futile))
    rig.work()
    told = {one.aggregate_id: one for one in found(rig)}
    assert set(told) == {order.order_id, 10**9, 10**9 + 1}
    assert told[order.order_id].first_sequence == events_of(rig, order)[0]
    assert told[order.order_id].detail == "the source has no row of it"
    assert told[10**9].detail == "the target has no event of it"
    assert rig.moving.ledger.mismatches().event_count == 0
    assert rig.legacy.state(ORDER, order.order_id) == order
    assert rig.legacy.state(ORDER, 10**9) is None


def test_a_position_that_is_wrong_is_told_by_the_event_that_it_lacks(rig: Rig) -> None:
    rig.advance_to(VERIFY)
    rig.feed()
    with rig.legacy.reading() as connection:
        row = connection.execute(select(legacy_positions)).mappings().first()
    assert row is not None
    key = row["account_id"] << 32 | row["instrument_id"]
    right = rig.legacy.state(POSITION, key)
    same = (
        legacy_positions.c.account_id == row["account_id"],
        legacy_positions.c.instrument_id == row["instrument_id"],
    )
    rig.set_row(legacy_positions, {"net_quantity": row["net_quantity"] + 5}, *same)
    rig.work()
    (told,) = found(rig)
    assert (told.aggregate_type, told.aggregate_id) == (POSITION, key)
    assert told.first_sequence in {
        one.sequence for one in rig.expected() if one.aggregate_id == key
    }
    assert rig.legacy.state(POSITION, key) == right


def test_an_event_that_the_journal_contradicts_is_told_and_never_mended(rig: Rig) -> None:
    rig.advance_to(VERIFY)
    rig.settle()
    rig.advance(BACKFILL)
    order = an_order(rig, events=3)
    last = events_of(rig, order)[-1]
    with raw(rig.target, "order_events_never_go") as connection:
        connection.exec_driver_sql(
            "DELETE FROM order_events WHERE sequence = ? AND aggregate_id = ?",
            (last, order.order_id),
        )
    rig.advance(VERIFY)
    rig.work()
    rig.work()
    (told,) = found(rig)
    assert told.first_sequence in events_of(rig, order)
    assert told.wrong_side == Side.TARGET
    assert not told.resolved_time_ns
    assert rig.legacy.state(ORDER, order.order_id) == order
    assert rig.refusal(READ_NEW) == "STORES_DIFFER"
    assert rig.moving.migration().mismatch_count == 1
    rig.advance(IDLE)


def test_event_stores_are_compared_event_by_event(tmp_path: Path, history: History) -> None:
    with Rig(tmp_path, history, source=f"sqlite:///{tmp_path / 'old.db'}") as rig:
        rig.trade(120)
        rig.advance_to(VERIFY)
        rig.settle()
        rig.advance(BACKFILL)
        with raw(rig.target, "order_events_never_change", "venue_events_never_go") as connection:
            changed = connection.exec_driver_sql(
                "UPDATE order_events SET principal_id = 99 WHERE sequence BETWEEN 40 AND 70"
            ).rowcount
        things = {
            (one.aggregate_type, one.aggregate_id)
            for one in rig.expected()
            if one.aggregate_type == ORDER and 40 <= one.sequence <= 70
        }
        rig.advance(VERIFY)
        rig.work()
        assert {(one.aggregate_type, one.aggregate_id) for one in found(rig)} == things
        assert rig.moving.ledger.mismatches().event_count == changed > 3
        assert rig.moving.migration().first_mismatch_sequence >= 40
        assert "principal_id is 0 in the source, 99 in the target" in found(rig)[0].detail
        assert rig.refusal(READ_NEW) == "STORES_DIFFER"
        with raw(rig.target, "order_events_never_change") as connection:
            connection.exec_driver_sql(
                "UPDATE order_events SET principal_id = 0 WHERE principal_id = 99"
            )
        rig.work()
        assert rig.moving.ledger.mismatches() == (0, 0)
        rig.advance(READ_NEW)
