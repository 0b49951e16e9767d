"""Mirrors that are fed with level changes alone hold what the exchange holds."""

import random
from collections.abc import Callable, Iterator
from itertools import pairwise
from typing import Any

import pytest

from quantumcore.server.core import admin_commands, enums, order_commands
from quantumcore.server.core.exchange_cy import Exchange
from quantumcore.server.feed.books import Books
from quantumcore.server.feed.channel import ChannelKey
from quantumcore.server.feed.scan_cy import scan
from quantumcore.server.feed.subscriber import BookSubscriber
from quantumcore.v1.book_pb2 import BookOrderAction, BookUpdate
from quantumcore.v1.matching_service_pb2 import StreamBookResponse

TICK, LOT = 10, 5
BUY, SELL = enums.SIDE_BUY, enums.SIDE_SELL


class Now:
    """Where the exchange stands is what is published: turns are published at once."""

    def flush(self) -> None:
        """There is no open turn."""

    async def published(self, sequence: int) -> None:
        """It always is."""


class Sink:
    """Keeps the updates that a stream would send."""

    def __init__(self) -> None:
        self.waiting_bytes = 0
        self.overflow = self.refill = self.wake
        self.updates: list[BookUpdate] = []

    def put(self, data: bytes, first_sequence: int = 0) -> None:
        self.updates += StreamBookResponse.FromString(data).updates

    def put_all(self, pieces: list[bytes], first_sequence: int = 0) -> None:
        for piece in pieces:
            self.put(piece)

    def drop(self) -> None:
        raise AssertionError("nothing is slow here")

    def wake(self) -> None:
        self.refill()


class Market:
    """Random orders of every visible kind in one instrument; each turn has several commands."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)
        self.exchange = Exchange(
            order_capacity=4096, live_order_capacity=2048, level_capacity=512,
            request_capacity=16, account_capacity=8, instrument_capacity=4,
        )  # fmt: skip
        self.exchange.begin_turn(1)
        admin_commands.create_instrument(
            self.exchange, tick_size=TICK, lot_size=LOT, min_price=-1_000, max_price=10_000,
            max_quantity=10_000, protection_band=300, tick_value=1, price_band=60,
        )  # fmt: skip
        for _ in range(3):
            admin_commands.create_account(self.exchange)
        self.time_ns, self.number = 1, 0

    def turns(self, count: int) -> Iterator[None]:
        """Carry out turns; after each the exchange holds its buffers."""
        for _ in range(count):
            self.time_ns += 1
            self.exchange.begin_turn(self.time_ns)
            for _ in range(self.random.randint(1, 5)):
                self.random.choices(
                    (self._create, self._cancel, self._replace, self._move), (60, 12, 20, 2)
                )[0]()
            yield

    def _create(self) -> None:
        self.number += 1
        quantity = self.random.randint(2, 20) * LOT
        kind, more = self.random.choice(self._kinds())
        order_commands.create_order(
            self.exchange, account_id=self.random.randint(1, 3), instrument_id=1,
            client_order_id=f"o{self.number}", side=self.random.choice((BUY, SELL)),
            quantity=quantity, order_type=kind, **more,
        )  # fmt: skip

    def _kinds(self) -> list[tuple[int, dict[str, Any]]]:
        price = {"price": 100 + self.random.randint(-8, 8) * TICK}
        peg = {"peg_reference": self.random.randint(1, 3), "peg_offset": -TICK}
        return [
            (enums.ORDER_TYPE_LIMIT, price),
            (enums.ORDER_TYPE_LIMIT, price | {"self_trade_prevention": 5}),
            (enums.ORDER_TYPE_ICEBERG, price | {"display_quantity": LOT}),
            (enums.ORDER_TYPE_PEGGED, peg),
            (enums.ORDER_TYPE_MARKET, {}),
        ]

    def _name(self) -> str:
        return f"o{self.random.randint(max(1, self.number - 60), max(1, self.number))}"

    def _cancel(self) -> None:
        account_id = self.random.randint(1, 3)
        order_commands.cancel_order(
            self.exchange, account_id=account_id, client_order_id=self._name()
        )

    def _replace(self) -> None:
        changes: list[dict[str, Any]] = [
            {"quantity": self.random.randint(1, 20) * LOT},
            {"price": 100 + self.random.randint(-8, 8) * TICK},
        ]
        account_id = self.random.randint(1, 3)
        order_commands.replace_order(
            self.exchange, account_id=account_id, client_order_id=self._name(),
            **self.random.choice(changes),
        )  # fmt: skip

    def _move(self) -> None:
        phase = self.random.choice((3, 3, 4))
        admin_commands.set_trading_phase(self.exchange, instrument_id=1, phase=phase)


def publish(books: Books, exchange: Exchange) -> None:
    """Publish the turn as the venue does."""
    notices = scan(exchange.turn.view().cast("q"))[1]
    books.publish(exchange.levels.view().cast("q"), exchange.results.view().cast("q"), notices, 1)


def rebuilt(updates: list[BookUpdate]) -> tuple[list[tuple[int, int, int]], ...]:
    """Apply updates by order; return bids and asks by priority."""
    sides: dict[int, dict[int, tuple[int, int]]] = {BUY: {}, SELL: {}}
    for update in updates:
        if update.snapshot:
            sides = {BUY: {}, SELL: {}}
        for change in update.order_changes:
            side = sides[change.side]
            if change.action == BookOrderAction.BOOK_ORDER_ACTION_TO_BACK:
                side.pop(change.order_id, None)
            if change.quantity:
                side[change.order_id] = (change.price, change.quantity)
            else:
                del side[change.order_id]
    return tuple(
        sorted(
            ((order_id, *rest) for order_id, rest in sides[side].items()),
            key=lambda one: sign * one[1],
        )
        for side, sign in ((BUY, -1), (SELL, 1))
    )


@pytest.mark.parametrize("seed", range(5))
async def test_a_book_by_order_is_rebuilt_after_every_turn(seed: int) -> None:
    market, sink = Market(seed), Sink()
    books = Books(market.exchange, Now(), {}, epoch=1)
    subscriber = BookSubscriber(sink, refill_bytes=1)
    key = ChannelKey(1, 1000, every_update=True, max_rate_hz=0, by_order=True)
    for turn, _ in enumerate(market.turns(300)):
        publish(books, market.exchange)
        if turn == 100:  # somebody comes when the book is full
            await books.join(key, subscriber)
            subscriber.start()
        if turn >= 100:
            assert rebuilt(sink.updates) == market.exchange.book_orders(1)
    assert sink.updates[-1].phase == market.exchange.phase(1)
    sequences = [(one.previous_sequence, one.sequence) for one in sink.updates]
    assert all(before[1] == after[0] for before, after in pairwise(sequences))


@pytest.mark.parametrize("depth", [1, 3, 1000])
async def test_a_book_by_level_is_rebuilt_after_every_turn(depth: int) -> None:
    market, sink = Market(depth), Sink()
    books = Books(market.exchange, Now(), {}, epoch=1)
    subscriber = BookSubscriber(sink, refill_bytes=1)
    await books.join(ChannelKey(1, depth, every_update=True, max_rate_hz=0), subscriber)
    subscriber.start()
    sides: dict[int, dict[int, tuple[int, int]]] = {BUY: {}, SELL: {}}
    for _ in market.turns(300):
        sink.updates.clear()
        publish(books, market.exchange)
        for update in sink.updates:
            for change in update.changes:
                sides[change.side].pop(change.price, None)
                if change.quantity:
                    sides[change.side][change.price] = (change.quantity, change.order_count)
        assert _levels(sides) == [
            list(map(tuple, side)) for side in market.exchange.depth(1, depth)
        ]


def _levels(sides: dict[int, dict[int, tuple[int, int]]]) -> list[list[tuple[int, ...]]]:
    best: dict[int, Callable[[int], int]] = {BUY: lambda price: -price, SELL: lambda price: price}
    return [
        [(price, *sides[side][price]) for price in sorted(sides[side], key=best[side])]
        for side in (BUY, SELL)
    ]
