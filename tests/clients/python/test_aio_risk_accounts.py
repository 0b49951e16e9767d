# ruff: noqa: N802 - rpcs bear the contract's names
"""Money, positions, margin and limits from asyncio: the same answers as synchronously."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from decimal import Decimal
from typing import Any

import grpc
import pytest

from quantumcore.client import (
    CreateMultiLegOrder,
    CreateOrder,
    MarginRule,
    RiskLimits,
    Side,
    errors,
)
from quantumcore.client.aio import AsyncClient
from quantumcore.client.retry import RetryPolicy
from quantumcore.v1 import (
    account_pb2,
    admin_service_pb2,
    admin_service_pb2_grpc,
    currency_pb2,
    instrument_service_pb2,
    instrument_service_pb2_grpc,
    margin_pb2,
    position_pb2,
    risk_service_pb2,
    risk_service_pb2_grpc,
    types_pb2,
)

BALANCE = account_pb2.Balance(currency="USD", cash_minor_units=12_345)


class Venue:
    """Keeps what it was asked; answers with one account of 123.45 dollars."""

    def __init__(self) -> None:
        self.seen: list[Any] = []
        self.lists = 0


class Risk(risk_service_pb2_grpc.RiskServiceServicer):
    def __init__(self, venue: Venue) -> None:
        self.seen = venue.seen

    async def GetAccount(self, request: Any, context: Any) -> Any:
        self.seen.append(request)
        return risk_service_pb2.GetAccountResponse(balances=[BALANCE], sequence=5)

    async def ListPositions(self, request: Any, context: Any) -> Any:
        page = int(request.page_token or "0")
        amount = types_pb2.Money(currency="USD", minor_units=page)
        held = position_pb2.Position(instrument_id=page, realised_profit=amount, fees=amount)
        return risk_service_pb2.ListPositionsResponse(
            positions=[held], next_page_token=str(page + 1) if page < 2 else ""
        )

    async def GetMargin(self, request: Any, context: Any) -> Any:
        part = margin_pb2.MarginComponent(rule=8, requirement_minor_units=100)  # type: ignore[arg-type]
        report = margin_pb2.MarginReport(currency="USD", components=[part])
        return risk_service_pb2.GetMarginResponse(reports=[report])

    async def CheckOrder(self, request: Any, context: Any) -> Any:
        self.seen.append(request)
        after = margin_pb2.MarginReport(currency="USD", position_margin_minor_units=7)
        return risk_service_pb2.CheckOrderResponse(accepted=True, margin_after=after)

    async def GetStrategyProfit(self, request: Any, context: Any) -> Any:
        amount = types_pb2.Money(currency="USD", minor_units=5)
        profit = position_pb2.StrategyProfit(
            multi_leg_order_id=request.multi_leg_order_id,
            realised_profit=amount,
            fees=amount,
            net_paid=amount,
        )
        return risk_service_pb2.GetStrategyProfitResponse(profit=profit)

    async def StreamPositions(self, request: Any, context: Any) -> Any:
        self.seen.append(request)
        amount = types_pb2.Money(currency="USD", minor_units=5)
        held = position_pb2.Position(
            sequence=7 + len(self.seen), realised_profit=amount, fees=amount
        )
        yield risk_service_pb2.StreamPositionsResponse(positions=[held])
        await context.abort(grpc.StatusCode.UNAVAILABLE, "gone")

    async def SetLimits(self, request: Any, context: Any) -> Any:
        self.seen.append(request)
        return risk_service_pb2.SetLimitsResponse(limits=request.limits, sequence=6)


class Admin(admin_service_pb2_grpc.AdminServiceServicer):
    def __init__(self, venue: Venue) -> None:
        self.seen = venue.seen

    async def MoveCash(self, request: Any, context: Any) -> Any:
        self.seen.append(request)
        return admin_service_pb2.MoveCashResponse(balance=BALANCE, sequence=4)


class Instruments(instrument_service_pb2_grpc.InstrumentServiceServicer):
    def __init__(self, venue: Venue) -> None:
        self.venue = venue

    async def ListCurrencies(self, request: Any, context: Any) -> Any:
        self.venue.lists += 1
        dollar = currency_pb2.Currency(code="USD", minor_digits=2)
        return instrument_service_pb2.ListCurrenciesResponse(currencies=[dollar])


@pytest.fixture
def venue() -> Venue:
    return Venue()


@pytest.fixture
async def client(venue: Venue) -> AsyncGenerator[AsyncClient, None]:
    server = grpc.aio.server()
    risk_service_pb2_grpc.add_RiskServiceServicer_to_server(Risk(venue), server)  # type: ignore[abstract]
    admin_service_pb2_grpc.add_AdminServiceServicer_to_server(Admin(venue), server)  # type: ignore[abstract]
    instrument_service_pb2_grpc.add_InstrumentServiceServicer_to_server(
        Instruments(venue),  # type: ignore[abstract]
        server,
    )
    port = server.add_insecure_port("127.0.0.1:0")
    await server.start()
    quick = RetryPolicy(attempts=2, first_delay_s=0.0)
    async with AsyncClient(f"127.0.0.1:{port}", token="secret", retry=quick) as connected:
        yield connected
    await server.stop(None)


async def test_money_is_read_in_decimals_of_its_currency(client: AsyncClient, venue: Venue) -> None:
    found = await client.account(4, min_sequence=3)
    assert venue.seen == [risk_service_pb2.GetAccountRequest(account_id=4, min_sequence=3)]
    assert [str(one.cash) for one in found.balances] == ["123.45"]
    assert await client.minor_digits("USD") == 2
    assert venue.lists == 1
    with pytest.raises(errors.NotFound, match="no currency 'XXX'"):
        await client.minor_digits("XXX")


async def test_payments_go_in_and_out(client: AsyncClient, venue: Venue) -> None:
    paid = await client.deposit(4, "1.50", currency="USD", text="why", request_id=9)
    assert (paid.balance.cash, paid.sequence) == (Decimal("123.45"), 4)
    await client.withdraw(4, 2, currency="USD")
    first, second = venue.seen
    assert first == admin_service_pb2.MoveCashRequest(
        request_id=9,
        account_id=4,
        amount=types_pb2.Money(currency="USD", minor_units=150),
        text="why",
    )
    assert (second.amount.minor_units, second.request_id != 0) == (-200, True)
    for pay in (client.deposit, client.withdraw):
        with pytest.raises(ValueError, match="amount: -1 is not positive"):
            await pay(4, -1, currency="USD")


async def test_positions_come_page_by_page(client: AsyncClient) -> None:
    found = [one async for one in client.positions(4)]
    assert [(one.instrument_id, str(one.fees)) for one in found] == [
        (0, "0.00 USD"),
        (1, "0.01 USD"),
        (2, "0.02 USD"),
    ]


async def test_a_margin_is_explained(client: AsyncClient) -> None:
    (report,) = await client.margin(4)
    (part,) = report.components
    assert (part.rule, part.requirement) == (MarginRule.IRON_CONDOR, Decimal("1.00"))


async def test_limits_are_set(client: AsyncClient, venue: Venue) -> None:
    changed = await client.set_limits(4, RiskLimits(max_working_orders=7), instrument=3)
    assert (changed.limits.max_working_orders, changed.sequence) == (7, 6)
    (request,) = venue.seen
    assert (request.account_id, request.instrument_id) == (4, 3)
    assert request.request_id


@pytest.mark.parametrize(
    "order",
    [
        CreateOrder(account=4, instrument=3, side=Side.SELL, quantity=2),
        CreateMultiLegOrder(account=4, legs=[(3, "sell", 1), (5, "buy", 1)]),
    ],
)
async def test_orders_are_asked_about(
    client: AsyncClient, venue: Venue, order: CreateOrder | CreateMultiLegOrder
) -> None:
    found = await client.check_order(order)
    assert found.margin_after is not None
    assert (found.accepted, str(found.margin_after.position_margin)) == (True, "0.07")
    (request,) = venue.seen
    named = getattr(request, request.WhichOneof("order"))
    assert (named.account_id, named.client_order_id) == (4, order.client_order_id)


async def test_strategies_tell_what_they_have_brought(client: AsyncClient) -> None:
    found = await client.strategy_profit(9)
    assert (found.multi_leg_order_id, str(found.net_paid)) == (9, "0.05 USD")


async def test_positions_are_followed_through_a_lost_connection(
    client: AsyncClient, venue: Venue
) -> None:
    seen = list[int]()
    async for held in client.stream_positions(accounts=[4], max_rate_hz=3):
        seen.append(held.sequence)
        if len(seen) == 2:
            break
    assert seen == [8, 9]
    assert [(one.max_rate_hz, one.from_sequence) for one in venue.seen] == [(3, 0), (3, 9)]
