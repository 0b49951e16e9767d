# ruff: noqa: N802 - rpcs bear the contract's names
from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from typing import Any

import grpc
import pytest

from quantumcore.client import errors
from quantumcore.client.aio import AsyncClient
from quantumcore.client.commands import CreateOrder
from quantumcore.client.enums import InstrumentKind, Side, TradingPhase
from quantumcore.client.retry import RetryPolicy
from quantumcore.v1 import (
    account_pb2,
    admin_service_pb2,
    admin_service_pb2_grpc,
    book_pb2,
    execution_pb2,
    instrument_pb2,
    instrument_service_pb2,
    instrument_service_pb2_grpc,
    matching_service_pb2,
    matching_service_pb2_grpc,
    order_pb2,
    order_service_pb2,
    order_service_pb2_grpc,
    stream_pb2,
    trade_pb2,
)

TIMEOUT_S = 10
AMZN = instrument_pb2.Instrument(instrument_id=3, symbol="AMZN")


class Orders(order_service_pb2_grpc.OrderServiceServicer):
    def __init__(self) -> None:
        self.failures = 0
        self.seen: list[Any] = []
        self.starts: list[int] = []

    async def CreateOrder(self, request: Any, context: Any) -> Any:
        self.seen.append(request)
        if self.failures:
            self.failures -= 1
            await context.abort(grpc.StatusCode.UNAVAILABLE, "not now")
        acknowledgement = order_pb2.OrderAcknowledgement(order_id=9, leaves_quantity=10**9)
        return order_service_pb2.CreateOrderResponse(acknowledgement=acknowledgement)

    async def GetOrder(self, request: Any, context: Any) -> Any:
        await context.abort(grpc.StatusCode.NOT_FOUND, "no such order")

    async def ListOrders(self, request: Any, context: Any) -> Any:
        page = int(request.page_token or "0")
        return order_service_pb2.ListOrdersResponse(
            orders=[order_pb2.Order(order_id=page)],
            next_page_token=str(page + 1) if page < 2 else "",
        )

    async def Trade(self, requests: Any, context: Any) -> Any:
        number = 0
        async for request in requests:
            if request.options.execution_account_ids:
                execution = execution_pb2.Execution(sequence=77)
                yield order_service_pb2.TradeResponse(executions=[execution])
            for command in request.commands:
                if command.create_order.client_order_id == "end":
                    end = stream_pb2.StreamEnd(reason=1, text="draining")  # type: ignore[arg-type]
                    yield order_service_pb2.TradeResponse(end=end)
                    return
                number += 1
                answer = order_pb2.OrderAcknowledgement(order_id=number)
                yield order_service_pb2.TradeResponse(acknowledgements=[answer])

    async def StreamExecutions(self, request: Any, context: Any) -> Any:
        self.starts.append(request.from_sequence)
        first = request.from_sequence or 1
        items = [execution_pb2.Execution(sequence=first + step) for step in range(2)]
        yield order_service_pb2.StreamExecutionsResponse(executions=items)
        await context.abort(grpc.StatusCode.UNAVAILABLE, "gone")


class Matching(matching_service_pb2_grpc.MatchingServiceServicer):
    def __init__(self) -> None:
        self.books = 0

    async def GetBook(self, request: Any, context: Any) -> Any:
        level = book_pb2.BookLevel(price=1_500_000_000, quantity=1)
        return matching_service_pb2.GetBookResponse(book=book_pb2.Book(bids=[level]))

    async def StreamBook(self, request: Any, context: Any) -> Any:
        self.books += 1
        first = book_pb2.BookUpdate(instrument_id=3, sequence=self.books * 10, snapshot=True)
        gap = book_pb2.BookUpdate(instrument_id=3, previous_sequence=5, sequence=6)
        yield matching_service_pb2.StreamBookResponse(updates=[first, gap])

    async def StreamTrades(self, request: Any, context: Any) -> Any:
        trade = trade_pb2.Trade(price=2_500_000_000, sequence=4)
        yield matching_service_pb2.StreamTradesResponse(trades=[trade])
        await context.abort(grpc.StatusCode.PERMISSION_DENIED, "no more")


class Instruments(instrument_service_pb2_grpc.InstrumentServiceServicer):
    async def GetInstrument(self, request: Any, context: Any) -> Any:
        return instrument_service_pb2.GetInstrumentResponse(instrument=AMZN)

    async def ListInstruments(self, request: Any, context: Any) -> Any:
        return instrument_service_pb2.ListInstrumentsResponse(instruments=[AMZN])

    async def CreateInstrument(self, request: Any, context: Any) -> Any:
        await context.abort(grpc.StatusCode.ALREADY_EXISTS, "taken")

    async def SetTradingPhase(self, request: Any, context: Any) -> Any:
        status = instrument_pb2.InstrumentStatus(phase=request.phase)
        return instrument_service_pb2.SetTradingPhaseResponse(status=status)

    async def ListCurrencies(self, request: Any, context: Any) -> Any:
        return instrument_service_pb2.ListCurrenciesResponse()


class Admin(admin_service_pb2_grpc.AdminServiceServicer):
    async def ListAccounts(self, request: Any, context: Any) -> Any:
        account = account_pb2.Account(account_id=6, name="alice")
        return admin_service_pb2.ListAccountsResponse(accounts=[account])

    async def CreateAccount(self, request: Any, context: Any) -> Any:
        account = account_pb2.Account(account_id=7, name=request.name)
        return admin_service_pb2.CreateAccountResponse(account=account)

    async def GetStatus(self, request: Any, context: Any) -> Any:
        await context.abort(grpc.StatusCode.UNAUTHENTICATED, "who are you")


class Venue:
    def __init__(self) -> None:
        self.orders = Orders()  # type: ignore[abstract]
        self.matching = Matching()  # type: ignore[abstract]
        self.server = grpc.aio.server()
        self.port = 0

    async def start(self) -> None:
        order_service_pb2_grpc.add_OrderServiceServicer_to_server(self.orders, self.server)
        matching_service_pb2_grpc.add_MatchingServiceServicer_to_server(self.matching, self.server)
        instrument_service_pb2_grpc.add_InstrumentServiceServicer_to_server(
            Instruments(),  # type: ignore[abstract]
            self.server,
        )
        admin_service_pb2_grpc.add_AdminServiceServicer_to_server(Admin(), self.server)  # type: ignore[abstract]
        self.port = self.server.add_insecure_port("127.0.0.1:0")
        await self.server.start()


@pytest.fixture
async def venue() -> AsyncGenerator[Venue, None]:
    started = Venue()
    await started.start()
    yield started
    await started.server.stop(None)


@pytest.fixture
async def client(venue: Venue) -> AsyncGenerator[AsyncClient, None]:
    quick = RetryPolicy(attempts=3, first_delay_s=0.0)
    async with AsyncClient(f"127.0.0.1:{venue.port}", token="secret", retry=quick) as connected:
        yield connected


async def test_names_are_looked_up_and_the_order_is_entered(
    venue: Venue, client: AsyncClient
) -> None:
    acknowledgement = await client.buy("AMZN", quantity=1, price="2.5", account="alice")
    assert acknowledgement.order_id == 9
    assert acknowledgement.leaves_quantity == 1
    request = venue.orders.seen[0]
    assert (request.account_id, request.instrument_id, request.price) == (6, 3, 2_500_000_000)
    assert await client.symbol(3) == "AMZN"


async def test_an_order_that_met_nobody_is_sent_again_with_the_same_ids(
    venue: Venue, client: AsyncClient
) -> None:
    venue.orders.failures = 2
    assert (await client.sell(3, quantity=1, account=1)).order_id == 9
    first, *again = venue.orders.seen
    assert again == [first, first]


async def test_errors_are_typed(client: AsyncClient) -> None:
    with pytest.raises(errors.NotFound, match="no such order"):
        await client.get_order(order_id=4)
    with pytest.raises(errors.NotAuthenticated, match="who are you"):
        await client.status()
    with pytest.raises(errors.NotImplementedYet):
        await client.cancel_orders(account=1)
    with pytest.raises(errors.NotFound, match="bob"):
        await client.account_id("bob")
    with pytest.raises(errors.AlreadyExists):
        await client.create_instrument(
            symbol="AMZN",
            kind=InstrumentKind.EQUITY,
            currency="USD",
            tick_size=1,
            lot_size=1,
            max_price=1,
            max_quantity=1,
            protection_band=1,
        )


async def test_lists_come_page_by_page(client: AsyncClient) -> None:
    assert [order.order_id async for order in client.orders(account=1)] == [0, 1, 2]
    assert [one.symbol async for one in client.instruments()] == ["AMZN"]
    assert [one.name async for one in client.accounts()] == ["alice"]
    assert [one async for one in client.currencies()] == []


async def test_instruments_and_accounts_are_administered(client: AsyncClient) -> None:
    status = await client.set_trading_phase("AMZN", TradingPhase.HALTED)
    assert status.phase is TradingPhase.HALTED
    assert (await client.create_account(name="carol")).account_id == 7
    assert await client.account_id("carol") == 7


async def test_a_book_is_read_in_decimals(client: AsyncClient) -> None:
    assert str((await client.book(3)).bids[0].price) == "1.5"


async def test_batches_are_pipelined_and_answered_in_order(client: AsyncClient) -> None:
    async with client.trade(executions_of=["alice"]) as session:
        first = await session.submit(order("a"), order("b"))
        second = await session.submit(order("c"))
        assert [one.order_id for one in await first.acknowledgements()] == [1, 2]
        assert [one.order_id for one in await second.messages()] == [3]
        assert session.outstanding == 0
        assert (await anext(session.executions())).sequence == 77
        await session.drain()
    assert [item async for item in session.executions()] == []


async def test_the_reason_of_an_ended_stream_reaches_those_who_wait(client: AsyncClient) -> None:
    async with client.trade() as session:
        batch = await session.submit(order("end"))
        with pytest.raises(errors.StreamEnded, match="draining"):
            await batch.acknowledgements()
        with pytest.raises(errors.QuantumCoreError):
            await session.submit(order("late"))
        await session.abort()


async def test_executions_go_on_after_a_lost_connection(venue: Venue, client: AsyncClient) -> None:
    stream = client.stream_executions(accounts=[1], from_sequence=5)
    sequences = [(await anext(stream)).sequence for _ in range(5)]
    assert sequences == [5, 6, 7, 8, 9]
    assert venue.orders.starts == [5, 7, 9]
    await stream.aclose()


async def test_a_book_with_a_missing_update_is_fetched_anew(client: AsyncClient) -> None:
    stream = client.stream_book("AMZN")
    assert [(await anext(stream)).sequence for _ in range(3)] == [10, 20, 30]
    await stream.aclose()


async def test_a_refused_stream_is_not_repeated(client: AsyncClient) -> None:
    stream = client.stream_trades("AMZN")
    assert str((await anext(stream)).price) == "2.5"
    with pytest.raises(errors.NotPermitted, match="no more"):
        await anext(stream)


async def test_sending_waits_when_too_much_is_unanswered(client: AsyncClient) -> None:
    async with client.trade(max_outstanding=1) as session:
        batches = [await session.submit(order(str(number))) for number in range(20)]
        async with asyncio.timeout(TIMEOUT_S):
            answers = [one for batch in batches for one in await batch.acknowledgements()]
    assert [answer.order_id for answer in answers] == list(range(1, 21))


async def test_an_address_without_a_venue_is_unreachable(venue: Venue) -> None:
    await venue.server.stop(None)
    async with AsyncClient(
        f"127.0.0.1:{venue.port}", retry=RetryPolicy(attempts=2, first_delay_s=0.0)
    ) as client:
        with pytest.raises(errors.Unreachable):
            await client.status()


def order(client_order_id: str) -> CreateOrder:
    return CreateOrder(
        account=1, instrument=3, side=Side.BUY, quantity=1, client_order_id=client_order_id
    )
