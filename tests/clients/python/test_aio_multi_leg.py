# ruff: noqa: N802 - rpcs bear the contract's names
from __future__ import annotations

from collections.abc import AsyncGenerator
from typing import Any

import grpc
import pytest

from quantumcore.client import errors
from quantumcore.client.aio import AsyncClient
from quantumcore.client.retry import RetryPolicy
from quantumcore.v1 import (
    instrument_pb2,
    instrument_service_pb2,
    instrument_service_pb2_grpc,
    multi_leg_order_pb2,
    order_service_pb2_grpc,
)
from quantumcore.v1 import order_service_pb2 as service

LEGS = (("AMZN", "buy", 1), (4, "sell", 2))
ANSWER = multi_leg_order_pb2.MultiLegOrderAcknowledgement(multi_leg_order_id=9, filled_units=1)


class Orders(order_service_pb2_grpc.OrderServiceServicer):
    def __init__(self) -> None:
        self.failures = 0
        self.seen: list[Any] = []

    async def CreateMultiLegOrder(self, request: Any, context: Any) -> Any:
        self.seen.append(request)
        if self.failures:
            self.failures -= 1
            await context.abort(grpc.StatusCode.UNAVAILABLE, "not now")
        return service.CreateMultiLegOrderResponse(acknowledgement=ANSWER)

    async def ReplaceMultiLegOrder(self, request: Any, context: Any) -> Any:
        self.seen.append(request)
        return service.ReplaceMultiLegOrderResponse(acknowledgement=ANSWER)

    async def CancelMultiLegOrder(self, request: Any, context: Any) -> Any:
        self.seen.append(request)
        return service.CancelMultiLegOrderResponse(acknowledgement=ANSWER)

    async def GetMultiLegOrder(self, request: Any, context: Any) -> Any:
        if request.multi_leg_order_id != 9:
            await context.abort(grpc.StatusCode.NOT_FOUND, "no such multi-leg order")
        order = multi_leg_order_pb2.MultiLegOrder(multi_leg_order_id=9)
        return service.GetMultiLegOrderResponse(multi_leg_order=order)

    async def ListMultiLegOrders(self, request: Any, context: Any) -> Any:
        page = int(request.page_token or "0")
        return service.ListMultiLegOrdersResponse(
            multi_leg_orders=[multi_leg_order_pb2.MultiLegOrder(multi_leg_order_id=page)],
            next_page_token=str(page + 1) if page < 2 else "",
        )


class Instruments(instrument_service_pb2_grpc.InstrumentServiceServicer):
    async def GetInstrument(self, request: Any, context: Any) -> Any:
        found = instrument_pb2.Instrument(instrument_id=3, symbol=request.symbol)
        return instrument_service_pb2.GetInstrumentResponse(instrument=found)


@pytest.fixture
def orders() -> Orders:
    return Orders()  # type: ignore[abstract]


@pytest.fixture
async def client(orders: Orders) -> AsyncGenerator[AsyncClient, None]:
    server = grpc.aio.server()
    order_service_pb2_grpc.add_OrderServiceServicer_to_server(orders, server)
    instruments = Instruments()  # type: ignore[abstract]
    instrument_service_pb2_grpc.add_InstrumentServiceServicer_to_server(instruments, server)
    port = server.add_insecure_port("127.0.0.1:0")
    await server.start()
    quick = RetryPolicy(attempts=3, first_delay_s=0.0)
    async with AsyncClient(f"127.0.0.1:{port}", token="secret", retry=quick) as connected:
        yield connected
    await server.stop(None)


async def test_symbols_of_legs_are_looked_up_and_the_spread_is_entered(
    orders: Orders, client: AsyncClient
) -> None:
    answer = await client.spread(*LEGS, units=2, net_price="-0.5", account=1)
    assert (answer.multi_leg_order_id, answer.filled_units) == (9, 1)
    (request,) = orders.seen
    assert [leg.instrument_id for leg in request.legs] == [3, 4]
    assert (request.units, request.net_price, request.account_id) == (2, -500_000_000, 1)


async def test_a_spread_that_met_nobody_is_sent_again_with_the_same_ids(
    orders: Orders, client: AsyncClient
) -> None:
    orders.failures = 2
    answer = await client.create_multi_leg_order(account=1, legs=LEGS)
    assert answer.multi_leg_order_id == 9
    first, *again = orders.seen
    assert again == [first, first]


async def test_a_spread_is_changed_cancelled_and_read(orders: Orders, client: AsyncClient) -> None:
    await client.replace_multi_leg_order(account=1, multi_leg_order_id=9, leg_prices={2: "1.5"})
    await client.cancel_multi_leg_order(account=1, client_order_id="mine")
    changed, cancelled = orders.seen
    assert [(leg.leg_number, leg.price) for leg in changed.leg_prices] == [(2, 1_500_000_000)]
    assert (cancelled.account_id, cancelled.client_order_id) == (1, "mine")
    assert (await client.get_multi_leg_order(multi_leg_order_id=9)).multi_leg_order_id == 9
    with pytest.raises(errors.NotFound, match="no such multi-leg order"):
        await client.get_multi_leg_order(multi_leg_order_id=8)
    found = client.multi_leg_orders(account=1, instrument="AMZN")
    assert [order.multi_leg_order_id async for order in found] == [0, 1, 2]


async def test_a_mistake_in_a_leg_never_reaches_the_venue(
    orders: Orders, client: AsyncClient
) -> None:
    with pytest.raises(TypeError, match="leg 2: ratio: use Decimal, int or str, not float"):
        await client.spread(LEGS[0], (4, "sell", 0.5), account=1)  # type: ignore[arg-type]
    assert orders.seen == []
