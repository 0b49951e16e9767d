"""The state of a multi-leg order, at the sequence of a bust, is the one that the venue tells."""

from pathlib import Path
from typing import Any

from quantumcore.v1.admin_service_pb2 import BustTradeRequest
from quantumcore.v1.event_pb2 import AggregateType
from quantumcore.v1.event_store_service_pb2 import (
    GetStateAtRequest,
    ReadDirection,
    ReadEventsRequest,
)
from quantumcore.v1.multi_leg_order_pb2 import MultiLegOrder, MultiLegOrderStatus
from quantumcore.v1.order_service_pb2 import GetMultiLegOrderRequest
from quantumcore.v1.types_pb2 import TradingPhase
from tests.server.api.running import BUY, NANOS, SELL, Client, instrument, running
from tests.server.api.test_accounts_margin import package

WORKING = MultiLegOrderStatus.MULTI_LEG_ORDER_STATUS_WORKING
PARTIALLY_FILLED = MultiLegOrderStatus.MULTI_LEG_ORDER_STATUS_PARTIALLY_FILLED


async def held(client: Client, order_id: int) -> MultiLegOrder:
    asked = GetMultiLegOrderRequest(multi_leg_order_id=order_id)
    answer = await client.call(client.orders.GetMultiLegOrder, asked)
    order: MultiLegOrder = answer.multi_leg_order
    return order


async def state(client: Client, order_id: int, sequence: int) -> MultiLegOrder:
    """Read the state at a sequence, once the store has it."""
    direction = ReadDirection.READ_DIRECTION_FORWARD
    events = ReadEventsRequest(direction=direction, min_sequence=sequence)
    async for _ in client.events.ReadEvents(events, metadata=client.metadata, timeout=30):
        pass
    asked = GetStateAtRequest(
        aggregate_type=AggregateType.AGGREGATE_TYPE_MULTI_LEG_ORDER,
        aggregate_id=order_id,
        at_sequence=sequence,
    )
    order: MultiLegOrder = (await client.call(client.events.GetStateAt, asked)).multi_leg_order
    return order


async def test_before_and_after_a_bust(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'events.db'}"
    async with running(tmp_path, event_store=url) as (venue, client):
        await client.call(client.instruments.CreateInstrument, instrument("BBB"))
        await client.set_phase(TradingPhase.TRADING_PHASE_CONTINUOUS, 2)
        maker: dict[str, Any] = {"account_id": 2, "units": 3}
        await client.create_order("ask", side=SELL, instrument_id=1, **maker)
        await client.create_order("bid", side=BUY, instrument_id=2, **maker)
        legs = ((1, BUY), (2, SELL))
        answer = await package(client, 1, "p", *legs, units=5, min_units=1, net=0)
        order_id = answer.multi_leg_order_id
        traded, before = venue.exchange.sequence, await held(client, order_id)
        assert (before.status, before.filled_units) == (PARTIALLY_FILLED, 3)
        await client.call(client.admin.BustTrade, BustTradeRequest(trade_id=1, text="error"))
        busted, since = venue.exchange.sequence, await held(client, order_id)
        assert (since.status, since.units, since.filled_units) == (WORKING, 2, 0)
        assert [leg.quantity for leg in since.legs] == [2 * NANOS, 2 * NANOS]
        for sequence, told in ((traded, before), (busted, since)):
            order = await state(client, order_id, sequence)
            order.version = told.version
            assert order == told
