"""GetStateAt goes on from opening events where the events of before are nowhere any more."""

from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from quantumcore.server.api.auth import Identity
from quantumcore.server.api.errors import HistoryGone, NotFound
from quantumcore.server.api.event_access import EventAccess
from quantumcore.server.api.shadow_reads import ShadowReads
from quantumcore.server.api.state_at import state_at
from quantumcore.server.store.folding.orders import fold_order
from quantumcore.server.store.legacy.store import ORDER, POSITION
from quantumcore.server.store.legacy.tables import legacy_orders
from quantumcore.server.store.migration.phases import COMPLETED, DUAL_WRITE, READ_NEW, Side
from quantumcore.server.store.stored_event import event_of
from quantumcore.server.store.upcasting import Upcasting
from quantumcore.v1.event_store_service_pb2 import GetStateAtRequest, GetStateAtResponse
from quantumcore.v1.order_pb2 import Order
from tests.server.store.histories import margined
from tests.server.store.moves import Rig

EVERYTHING = Identity(name="admin", number=1, accounts=None, admin=True, permitted=b"")


async def ask(access: EventAccess, **asked: Any) -> GetStateAtResponse:
    return await state_at(GetStateAtRequest(**asked), access, EVERYTHING)


def folded(rig: Rig, order_id: int, sequence: int) -> Order:
    """Fold an order from all events that the journal had."""
    order, upcasting = Order(), Upcasting()
    for one in rig.expected():
        if (one.aggregate_type, one.aggregate_id) == (ORDER, order_id) and one.sequence <= sequence:
            fold_order(order, event_of(one, upcasting))
    return order


async def test_states_go_on_from_opening_events(tmp_path: Path) -> None:
    with Rig(tmp_path, margined(66, 800), segment_bytes=1 << 13) as rig:
        rig.trade(80)
        rig.feed()
        segments = sorted((tmp_path / "journal").glob("*.qcj"))
        for old in segments[: len(segments) // 2]:
            old.unlink()
        begun = rig.sequence
        rig.advance(DUAL_WRITE)
        with rig.legacy.reading() as connection:
            orders = connection.execute(select(legacy_orders.c.order_id)).scalars().all()
        rig.trade(80)
        rig.advance_to(COMPLETED)
        rig.feed()
        access = EventAccess(rig.urls[Side.TARGET])
        last = rig.sequence
        for order_id in orders:
            for at in (begun, (begun + last) // 2, last):
                found = await ask(
                    access, aggregate_type=ORDER, aggregate_id=order_id, at_sequence=at
                )
                assert found.order == folded(rig, order_id, at)
                assert found.aggregate_version == found.order.version
        changed = [one for one in orders if folded(rig, one, begun).sequence > 10]
        with pytest.raises(HistoryGone):
            await ask(access, aggregate_type=ORDER, aggregate_id=changed[0], at_sequence=5)
        with pytest.raises(NotFound):
            await ask(access, aggregate_type=ORDER, aggregate_id=10**15, at_sequence=last)
        key = next(one.aggregate_id for one in rig.past().all_openings() if one[0] == POSITION)
        found = await ask(access, aggregate_type=POSITION, aggregate_id=key, at_sequence=begun)
        assert found.position.account_id == key >> 32
        await access.close()


async def test_a_read_that_the_old_store_answers_differently_is_a_difference(
    tmp_path: Path,
) -> None:
    with Rig(tmp_path, margined(68, 400)) as rig:
        rig.trade(60)
        rig.advance_to(READ_NEW)
        rig.settle()
        with rig.legacy.reading() as connection:
            orders = connection.execute(select(legacy_orders.c.order_id)).scalars().all()
        rig.set_row(legacy_orders, {"quantity": 1}, legacy_orders.c.order_id == orders[0])
        access = EventAccess(rig.urls[Side.TARGET])
        shadow = ShadowReads(rig.urls[Side.SOURCE], rig.moving.ledger)
        for order_id in orders[:5]:
            for sequence in (1, rig.sequence):
                named: dict[str, Any] = {"aggregate_type": ORDER, "aggregate_id": order_id}
                request = GetStateAtRequest(at_sequence=sequence, **named)
                with suppress(NotFound):
                    shadow.compare(request, EVERYTHING, await state_at(request, access, EVERYTHING))
        await shadow.settled()
        assert shadow.compared == 5
        (told,) = rig.moving.ledger.differences()
        assert (told.aggregate_id, told.resolved_time_ns) == (orders[0], 0)
        assert "was answered differently" in told.detail
        rig.work()
        (told,) = rig.moving.ledger.differences()
        assert told.detail.startswith("quantity is 1 in the source")
        assert told.resolved_time_ns
        await shadow.close()
        await access.close()


async def test_a_legacy_store_tells_how_things_stand_since_they_changed_last(
    tmp_path: Path,
) -> None:
    with Rig(tmp_path, margined(67, 400)) as rig:
        rig.trade(60)
        rig.feed()
        access = EventAccess(rig.urls[Side.SOURCE])
        with rig.legacy.reading() as connection:
            statement = select(legacy_orders.c.order_id, legacy_orders.c.sequence)
            rows = connection.execute(statement.order_by(legacy_orders.c.sequence)).all()
        for order_id, sequence in rows:
            named: dict[str, Any] = {"aggregate_type": ORDER, "aggregate_id": order_id}
            for at in (sequence, rig.sequence):
                found = await ask(access, at_sequence=at, **named)
                assert found.order == folded(rig, order_id, rig.sequence)
            by_time = await ask(access, at_time_ns=found.order.updated_time_ns, **named)
            assert by_time.order == found.order
            with pytest.raises(HistoryGone):
                await ask(access, at_time_ns=found.order.updated_time_ns - 1, **named)
        await access.close()
