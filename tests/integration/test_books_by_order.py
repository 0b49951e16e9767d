"""A book that is followed by order is at each step the venue's own, by price and by priority."""

from __future__ import annotations

import random
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from quantumcore.client import (
    BookByOrder,
    CancelOrders,
    Client,
    CreateOrder,
    InstrumentKind,
    PegReference,
    ReplaceOrder,
    RetryPolicy,
    Side,
    TradingPhase,
)
from quantumcore.client.commands import Command
from quantumcore.client.local import LocalVenue

TIMEOUT_S = 30
STEPS = 300
MANY_ORDERS = 9_000
SEED = 20


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
    for name in ("alice", "bob"):
        client.create_account(name=name)


def flow(count: int) -> Iterator[Command]:
    """Generate orders of all types that rest, changes and cancels, crossing now and then."""
    chance = random.Random(SEED)
    for number in range(count):
        account = chance.choice(["alice", "bob"])
        named = f"n{chance.randrange(max(1, number))}"
        match chance.randrange(10):
            case 0:
                yield ReplaceOrder(account=account, client_order_id=named, quantity=3)
            case 1:
                price = f"{chance.randrange(95, 105)}"
                yield ReplaceOrder(account=account, client_order_id=named, price=price)
            case 2 if number % 7 == 0:
                yield CancelOrders(account=account, side=chance.choice([Side.BUY, Side.SELL]))
            case kind:
                side = chance.choice([Side.BUY, Side.SELL])
                middle = 98 if side is Side.BUY else 102
                iceberg, peg = kind == 3, kind == 4
                yield CreateOrder(
                    account=account,
                    instrument="ACME",
                    side=side,
                    quantity=chance.randrange(5, 30),
                    price=None if peg else middle + chance.randrange(-5, 6),
                    display_quantity=4 if iceberg else None,
                    peg_reference=PegReference.PRIMARY if peg else None,
                    client_order_id=f"n{number}",
                )


def until(books: Iterator[BookByOrder], sequence: int) -> BookByOrder:
    """Follow a book up to its state at a sequence."""
    for book in books:
        if book.sequence >= sequence:
            return book
    raise AssertionError("the stream ended")


def test_every_step_of_any_flow_is_followed(client: Client) -> None:
    books = client.stream_book_by_order("ACME")
    assert next(books).bids == ()
    for command in flow(STEPS):
        client.submit(command)
    now = client.book("ACME", depth=1000)
    followed = until(books, now.sequence).by_price()
    assert (followed.bids, followed.asks) == (now.bids, now.asks)
    assert (followed.checksum, followed.sequence) == (now.checksum, now.sequence)
    assert now.bids
    assert now.asks
    fresh = client.stream_book_by_order("ACME")
    snapshot = next(fresh)
    assert followed == snapshot.by_price()
    fresh.close()
    books.close()


def test_priority_is_that_of_the_fills(client: Client) -> None:
    for command in flow(STEPS):
        client.submit(command)
    books = client.stream_book_by_order("ACME")
    book = next(books)
    books.close()
    front = book.asks[0]
    client.buy("ACME", quantity=1, price=front.price, account="bob", client_order_id="taker")
    order = client.get_order(order_id=front.order_id)
    assert order.cumulative_quantity >= 1


def test_a_large_book_comes_whole(client: Client) -> None:
    with client.trade() as session:
        commands = [
            CreateOrder(
                account="alice",
                instrument="ACME",
                side=Side.BUY,
                quantity=1 + number % 9,
                price=1 + number % 50,
            )
            for number in range(MANY_ORDERS)
        ]
        batch = session.submit(*commands)
        entered = [answer.order_id for answer in batch.acknowledgements(TIMEOUT_S)]
    books = client.stream_book_by_order("ACME")
    book = next(books)
    books.close()
    assert len(book.bids) == MANY_ORDERS
    by_price = [
        [order_id for order_id, command in zip(entered, commands, strict=True)
         if command.price == price]
        for price in range(50, 0, -1)
    ]  # fmt: skip
    assert [order.order_id for order in book.bids] == [one for level in by_price for one in level]


@pytest.mark.own_process
def test_a_book_by_order_is_taken_up_when_the_venue_comes_back(venue: LocalVenue) -> None:
    patient = RetryPolicy(attempts=200, first_delay_s=0.05, max_delay_s=0.1)
    with (
        Client(venue.address, token=venue.settings.token, retry=patient) as client,
        ThreadPoolExecutor() as pool,
    ):
        books = client.stream_book_by_order("ACME")
        next(books)
        first = client.buy("ACME", quantity=1, price=10, account="alice")
        assert [order.order_id for order in next(books).bids] == [first.order_id]
        waiting = pool.submit(next, books)
        venue.kill()
        venue.start().wait_until_ready()
        again = waiting.result(TIMEOUT_S)
        assert (again.epoch, [one.order_id for one in again.bids]) == (2, [first.order_id])
        books.close()
