from __future__ import annotations

import os
import random
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace

import pytest

from quantumcore.client.client import Client
from quantumcore.client.enums import ExecutionType, InstrumentKind, Side, TradingPhase
from quantumcore.client.errors import StreamEnded
from quantumcore.client.fixed import from_fixed
from quantumcore.client.flow.wire import Route
from quantumcore.client.local import LocalVenue
from quantumcore.client.market import BookLevel
from quantumcore.client.values import Execution, Order
from quantumcore.v1 import order_pb2

from .load import BATCH, FAR_AHEAD, Load

CRASHES = int(os.environ.get("QC_TEST_CRASHES", "5"))
SEED = int(os.environ.get("QC_TEST_SEED", "20121"))
FEWEST_ANSWERS, MOST_ANSWERS = 200, 6_000


@pytest.mark.crash
def test_nothing_acknowledged_is_lost_or_done_twice_when_the_venue_is_killed(
    venue: LocalVenue,
) -> None:
    chance = random.Random(SEED)
    with connect(venue) as client:
        account, instrument = furnish(client)
    history: list[Execution] = []
    for crash in range(1, CRASHES + 1):
        route = Route(account_id=account, instrument_id=instrument, prefix=f"c{crash}-")
        with connect(venue) as client:
            load = Load(
                client, route, seed=crash, max_outstanding=FAR_AHEAD if crash % 2 == 0 else BATCH
            )
            load.start()
            load.wait_for_answers(chance.randint(FEWEST_ANSWERS, MOST_ANSWERS))
            venue.kill()
            load.join()
        assert load.lost is not None
        venue.start().wait_until_ready()
        with connect(venue) as client:
            history += new_executions(client, account, history)
            every_answer_is_in_the_history(load, history)
            the_same_commands_again_are_answered_as_before(client, load)
            history += new_executions(client, account, history)
            nothing_happened_twice(history)
            orders = list(client.orders(account=account))
            orders_are_what_their_executions_say(orders, history)
            the_book_is_that_of_the_working_orders(client, instrument, orders)
    a_clean_restart_changes_nothing(venue, account, history)


def connect(venue: LocalVenue) -> Client:
    return Client(venue.address, token=venue.settings.token)


def furnish(client: Client) -> tuple[int, int]:
    listed = client.create_instrument(
        symbol="CRASH",
        kind=InstrumentKind.EQUITY,
        currency="USD",
        tick_size="0.01",
        lot_size=1,
        max_price=100_000,
        max_quantity=1_000_000,
        protection_band=100,
    )
    client.set_trading_phase(listed.instrument_id, TradingPhase.CONTINUOUS)
    return client.create_account(name="load").account_id, listed.instrument_id


def new_executions(client: Client, account: int, history: list[Execution]) -> list[Execution]:
    """Read what the venue has stored beyond `history`, up to where it stands now."""
    last = client.status().accepted_sequence
    first = history[-1].sequence + 1 if history else 1
    found = []
    with executions_from(client, account, first) as stream:
        fence = client.create_order(
            account=account, instrument=1, side=Side.BUY, quantity=1, price="0.001"
        )
        assert fence.reject is not None
        for item in stream:
            found.append(item)
            if item.sequence >= fence.sequence:
                break
    assert fence.sequence > last
    return found


@contextmanager
def executions_from(client: Client, account: int, first: int) -> Iterator[Iterator[Execution]]:
    stream = client.stream_executions(accounts=[account], from_sequence=first)
    with suppress(StreamEnded):
        yield stream


def every_answer_is_in_the_history(load: Load, history: list[Execution]) -> None:
    by_sequence = {item.sequence: item for item in history}
    answers = load.answers()
    assert len(answers) >= FEWEST_ANSWERS // 2
    for answer in answers:
        item = by_sequence[answer.sequence]
        assert (item.cumulative_quantity, item.leaves_quantity) == (
            from_fixed(answer.cumulative_quantity, scale=9),
            from_fixed(answer.leaves_quantity, scale=9),
        )
        assert item.order_id == answer.order_id
        assert not answer.client_order_id or item.client_order_id == answer.client_order_id
    for execution in load.executions:
        assert by_sequence[execution.sequence] == execution


def the_same_commands_again_are_answered_as_before(client: Client, load: Load) -> None:
    answered = load.answers()
    commands = load.commands
    with client.trade() as session:
        batches = [
            session.submit_messages(commands[part : part + 500])
            for part in range(0, len(commands), 500)
        ]
        again = [answer for batch in batches for answer in batch.messages()]
    assert len(again) == len(commands)
    for before, after in zip(answered, again, strict=False):
        assert after.repeated_request
        assert essence(after) == essence(before)
    unanswered = again[len(answered) :]
    repeated = [answer.repeated_request for answer in unanswered]
    assert repeated == sorted(repeated, reverse=True), "done ones are a prefix of what was sent"


def essence(answer: order_pb2.OrderAcknowledgement) -> tuple[int, ...]:
    return (
        answer.request_id,
        answer.order_id,
        answer.status,
        answer.reject_reason,
        answer.cumulative_quantity,
        answer.leaves_quantity,
        answer.sequence,
    )


def nothing_happened_twice(history: list[Execution]) -> None:
    sequences = [item.sequence for item in history]
    assert sequences == sorted(set(sequences))
    begun = [item for item in history if item.type is ExecutionType.NEW]
    assert max(Counter(item.order_id for item in begun).values()) == 1
    assert max(Counter(item.client_order_id for item in begun).values()) == 1
    sides_of_trade = Counter(item.trade_id for item in history if item.type is ExecutionType.TRADE)
    assert set(sides_of_trade.values()) == {2}
    trades = [item.trade_id for item in history if item.type is ExecutionType.TRADE]
    assert trades == sorted(trades)


def orders_are_what_their_executions_say(orders: list[Order], history: list[Execution]) -> None:
    last = {
        item.order_id: item
        for item in history
        if item.order_id
        and item.type not in {ExecutionType.CANCEL_REJECTED, ExecutionType.REPLACE_REJECTED}
    }
    assert {order.order_id for order in orders} == set(last)
    for order in orders:
        item = last[order.order_id]
        assert (order.status, order.cumulative_quantity, order.leaves_quantity, order.price) == (
            item.status,
            item.cumulative_quantity,
            item.leaves_quantity,
            item.price,
        )


def the_book_is_that_of_the_working_orders(
    client: Client, instrument: int, orders: list[Order]
) -> None:
    book = client.book(instrument, depth=1000)
    for side, levels in ((Side.BUY, book.bids), (Side.SELL, book.asks)):
        working = [order for order in orders if order.side is side and order.leaves_quantity]
        priced = {order.price for order in working if order.price is not None}
        prices = sorted(priced, reverse=side is Side.BUY)
        expected = [
            BookLevel(
                price=price,
                quantity=sum(
                    (o.leaves_quantity for o in working if o.price == price), start=0 * price
                ),
                order_count=sum(1 for order in working if order.price == price),
            )
            for price in prices
        ]
        assert list(levels) == expected


def a_clean_restart_changes_nothing(
    venue: LocalVenue, account: int, history: list[Execution]
) -> None:
    def look() -> tuple[object, ...]:
        with connect(venue) as client:
            status = client.status(include_state_hash=True)
            book = replace(client.book("CRASH", depth=1000), epoch=0)
            return status.accepted_sequence, status.state_hash, book

    before = look()
    assert venue.stop() == 0
    venue.start().wait_until_ready()
    assert look() == before
    with connect(venue) as client:
        everything = new_executions(client, account, [])
    assert everything[: len(history)] == history
