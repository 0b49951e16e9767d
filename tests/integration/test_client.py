from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest

from quantumcore.client import errors
from quantumcore.client.aio import AsyncClient
from quantumcore.client.client import Client
from quantumcore.client.commands import CancelOrders, CreateOrder
from quantumcore.client.enums import (
    BookMode,
    ExecutionType,
    InstrumentKind,
    OrderStatus,
    OrderType,
    Side,
    StreamEndReason,
    TradingPhase,
)
from quantumcore.client.local import LocalVenue
from quantumcore.client.retry import RetryPolicy

TIMEOUT_S = 30
PATIENT = RetryPolicy(attempts=200, first_delay_s=0.05, max_delay_s=0.1)


@pytest.fixture(autouse=True)
def listed(client: Client) -> None:
    created = client.create_instrument(
        symbol="ACME",
        kind=InstrumentKind.EQUITY,
        currency="USD",
        tick_size="0.01",
        lot_size=1,
        max_price=1000,
        max_quantity=1000,
        protection_band=10,
    )
    client.set_trading_phase(created.instrument_id, TradingPhase.CONTINUOUS)
    client.create_account(name="alice")


def patient(venue: LocalVenue) -> Client:
    return Client(venue.address, token=venue.settings.token, retry=PATIENT)


def test_streams_go_on_by_themselves_when_the_venue_is_killed_and_comes_back(
    venue: LocalVenue,
) -> None:
    with patient(venue) as client, ThreadPoolExecutor() as pool:
        executions = client.stream_executions(accounts=["alice"], from_sequence=1)
        books = client.stream_book("ACME")
        first = client.buy("ACME", quantity=1, price=10, account="alice")
        assert next(executions).order_id == first.order_id
        while not next(books).bids:
            pass
        next_execution = pool.submit(next, executions)
        next_book = pool.submit(next, books)
        venue.kill()
        venue.start().wait_until_ready()
        again = next_book.result(TIMEOUT_S)
        assert (again.epoch, len(again.bids)) == (2, 1)
        second = client.buy("ACME", quantity=2, price=11, account="alice")
        found = next_execution.result(TIMEOUT_S)
        assert (found.sequence, found.order_id) == (second.sequence, second.order_id)
        assert next(books).bids[0].quantity == 2
        executions.close()
        books.close()


def test_an_order_sent_while_the_venue_is_away_is_entered_once(venue: LocalVenue) -> None:
    with patient(venue) as client, ThreadPoolExecutor() as pool:
        client.buy("ACME", quantity=1, price=10, account="alice")
        venue.kill()
        waiting = pool.submit(
            client.buy, "ACME", quantity=1, price=11, account="alice", client_order_id="late"
        )
        venue.start().wait_until_ready()
        assert waiting.result(TIMEOUT_S).status is OrderStatus.NEW
        orders = list(client.orders(account="alice"))
        assert [order.client_order_id for order in orders].count("late") == 1


def test_a_draining_venue_says_why_it_ends_a_stream(venue: LocalVenue) -> None:
    with Client(venue.address, token=venue.settings.token) as client:
        session = client.trade()
        order = CreateOrder(account="alice", instrument="ACME", side=Side.BUY, quantity=1, price=10)
        assert session.submit(order).acknowledgements(TIMEOUT_S)[0].reject is None
        assert venue.stop() == 0
        with pytest.raises(errors.StreamEnded) as ended:
            session.wait_for_end(TIMEOUT_S)
        assert ended.value.reason is StreamEndReason.DRAINING
        session.abort()


def test_what_was_entered_through_a_stream_is_cancelled_when_it_ends(client: Client) -> None:
    with client.trade(cancel_on_disconnect=True) as session:
        order = CreateOrder(account="alice", instrument="ACME", side=Side.BUY, quantity=1, price=10)
        entered = session.submit(order).acknowledgements(TIMEOUT_S)[0]
    executions = client.stream_executions(accounts=["alice"], from_sequence=entered.sequence)
    assert [next(executions).type for _ in range(2)] == [
        ExecutionType.NEW,
        ExecutionType.CANCELLED,
    ]
    executions.close()


def test_what_does_not_go_with_a_type_is_a_typed_rejection(client: Client) -> None:
    answer = client.buy(
        "ACME",
        quantity=10,
        price=10,
        account="alice",
        order_type=OrderType.LIMIT,
        display_quantity=2,
    )
    assert answer.reject is not None
    assert (answer.reject.reason.name, answer.reject.field) == (
        "FIELD_NOT_ALLOWED",
        "display_quantity",
    )


@pytest.mark.parametrize("mode", [BookMode.CONFLATED, BookMode.TOP_OF_BOOK])
def test_slower_books_show_the_newest_state(client: Client, mode: BookMode) -> None:
    client.buy("ACME", quantity=3, price=10, account="alice")
    books = client.stream_book("ACME", mode=mode, max_rate_hz=50)
    assert next(books).bids[0].quantity == 3
    client.cancel_orders(account="alice")
    while next(books).bids:
        pass
    books.close()


async def test_the_asynchronous_client_trades_with_a_live_venue(venue: LocalVenue) -> None:
    async with (
        AsyncClient(venue.address, token=venue.settings.token) as client,
        client.trade(executions_of=["alice"]) as session,
    ):
        orders = [
            CreateOrder(account="alice", instrument="ACME", side=side, quantity=2, price=20)
            for side in (Side.BUY, Side.SELL)
        ]
        batch = await session.submit(*orders, CancelOrders(account="alice"))
        bought, sold, cancelled = await batch.acknowledgements()
        assert (bought.status, sold.status) == (OrderStatus.NEW, OrderStatus.FILLED)
        assert cancelled.affected_orders == 0
        executions = session.executions()
        types = [(await anext(executions)).type.name for _ in range(4)]
        assert types == ["NEW", "NEW", "TRADE", "TRADE"]
        assert (await client.book("ACME", min_sequence=sold.sequence)).bids == ()
        trades = client.stream_trades("ACME", from_sequence=1)
        assert (await anext(trades)).quantity == 2
        await trades.aclose()
