"""Books by order: a follower rebuilds the exact queue of every level."""

import zlib
from pathlib import Path
from struct import pack
from typing import Any

import grpc
import pytest

from quantumcore.server.feed.channel import PART_ORDERS
from quantumcore.server.venue import Venue
from quantumcore.v1.book_pb2 import BookMode, BookOrderAction, BookUpdate
from quantumcore.v1.matching_service_pb2 import StreamBookRequest
from quantumcore.v1.order_service_pb2 import CancelOrdersRequest, ReplaceOrderRequest
from quantumcore.v1.types_pb2 import OrderType, TradingPhase
from tests.server.api.running import BUY, NANOS, SELL, Client, batch, order, refusal, running

TO_BACK = BookOrderAction.BOOK_ORDER_ACTION_TO_BACK


class Queues:
    """A book by order, kept by the contract's rules alone."""

    def __init__(self, client: Client) -> None:
        request = StreamBookRequest(instrument_ids=[1], mode=BookMode.BOOK_MODE_EVERY_ORDER)
        self.stream = client.matching.StreamBook(request, metadata=client.metadata)
        self.orders: dict[int, dict[int, tuple[int, int]]] = {BUY: {}, SELL: {}}
        self.sequence = self.parts = 0
        self.partial = False
        self.phase = 0

    async def reach(self, sequence: int) -> None:
        """Read until the book reflects this sequence."""
        while self.sequence < sequence or self.partial:
            for update in (await self.stream.read()).updates:
                self.apply(update)

    def apply(self, update: BookUpdate) -> None:
        if update.snapshot:
            assert update.previous_sequence == 0
            self.orders = {BUY: {}, SELL: {}}
        else:
            assert update.previous_sequence == self.sequence
        self.sequence, self.partial = update.sequence, update.partial
        self.phase = update.phase
        self.parts += 1
        for change in update.order_changes:
            side = self.orders[change.side]
            if change.action == TO_BACK:
                side.pop(change.order_id, None)
            if change.quantity:
                side[change.order_id] = (change.price, change.quantity)
            else:
                del side[change.order_id]
        assert not update.changes
        if not update.partial:
            assert update.checksum == self.checksum()

    def queue(self, side: int) -> list[tuple[int, int, int]]:
        """Return id, price and quantity in order of priority."""
        sign = -1 if side == BUY else 1
        found = [(order_id, *rest) for order_id, rest in self.orders[side].items()]
        return sorted(found, key=lambda one: sign * one[1])

    def checksum(self) -> int:
        numbers: list[int] = []
        for side in (BUY, SELL):
            levels: dict[int, int] = {}
            for _order_id, price, quantity in self.queue(side):
                levels[price] = levels.get(price, 0) + quantity
            numbers += [number for level in list(levels.items())[:10] for number in level]
        return zlib.crc32(pack(f"<{len(numbers)}q", *numbers))


def exact(venue: Venue) -> tuple[list[tuple[int, int, int]], list[tuple[int, int, int]]]:
    return venue.exchange.book_orders(1)


async def test_every_kind_of_change_leads_to_the_exact_queues(venue: Venue, client: Client) -> None:
    await client.create_order("before", cents=9_000)
    queues = Queues(client)
    ice: dict[str, Any] = {"order_type": OrderType.ORDER_TYPE_ICEBERG}
    await client.create_order("ice", units=9, display_quantity=2 * NANOS, **ice)
    for number in range(3):
        await client.create_order(f"bid{number}", units=3)
    await client.create_order("hit", side=SELL, account_id=2, units=6)
    reduced = ReplaceOrderRequest(account_id=1, client_order_id="bid2", quantity=NANOS)
    await client.call(client.orders.ReplaceOrder, reduced)
    moved = ReplaceOrderRequest(account_id=1, client_order_id="bid1", price=95 * NANOS)
    answer = await client.call(client.orders.ReplaceOrder, moved)
    await queues.reach(answer.acknowledgement.sequence)
    assert (queues.queue(BUY), queues.queue(SELL)) == exact(venue)
    assert len(queues.queue(BUY)) == 4
    cancels = await client.call(client.orders.CancelOrders, CancelOrdersRequest(account_id=1))
    await queues.reach(cancels.acknowledgement.sequence - 1)
    assert (queues.queue(BUY), queues.queue(SELL)) == ([], []) == exact(venue)


async def test_an_auction_is_one_step(venue: Venue, client: Client) -> None:
    answer = await client.set_phase(TradingPhase.TRADING_PHASE_VOLATILITY_AUCTION)
    queues = Queues(client)
    await queues.reach(answer.sequence)
    await client.create_order("bid", cents=10_010, units=5)
    await client.create_order("ask", side=SELL, account_id=2, cents=9_990, units=3)
    answer = await client.set_phase(TradingPhase.TRADING_PHASE_CONTINUOUS)
    await queues.reach(answer.sequence)
    assert queues.phase == TradingPhase.TRADING_PHASE_CONTINUOUS
    assert queues.parts == 4  # snapshot, two orders, the end of the auction
    assert (queues.queue(BUY), queues.queue(SELL)) == exact(venue)


async def test_a_long_snapshot_comes_in_parts(tmp_path: Path) -> None:
    async with running(tmp_path, order_capacity=1 << 15) as (venue, client):
        stream, count = client.trade(), 2 * PART_ORDERS + 5
        for start in range(0, count, 1000):
            numbers = range(start, min(start + 1000, count))
            orders = (order(f"o{number}", cents=9_000 + number % 7) for number in numbers)
            await stream.write(batch(*orders))
            await stream.read()
        await stream.done_writing()
        queues = Queues(client)
        await queues.reach(venue.exchange.sequence)
        assert queues.parts == 3
        assert queues.queue(BUY) == exact(venue)[0]
        assert len(queues.queue(BUY)) == count


async def test_a_rate_does_not_go_with_every_order(client: Client) -> None:
    request = StreamBookRequest(
        instrument_ids=[1], mode=BookMode.BOOK_MODE_EVERY_ORDER, max_rate_hz=5
    )
    stream = client.matching.StreamBook(request, metadata=client.metadata)
    failed = await refusal(stream.read())
    assert failed.code is grpc.StatusCode.INVALID_ARGUMENT
    assert failed.violations.keys() == {"max_rate_hz"}


@pytest.mark.parametrize("followers", [2])
async def test_followers_share_one_mirror_that_ends_with_the_last(
    venue: Venue, client: Client, followers: int
) -> None:
    streams = [Queues(client) for _ in range(followers)]
    created = await client.create_order("one")
    for queues in streams:
        await queues.reach(created.sequence)
        assert queues.queue(BUY) == exact(venue)[0]
        queues.stream.cancel()
    other = Queues(client)
    last = await client.create_order("two")
    await other.reach(last.sequence)
    assert other.queue(BUY) == exact(venue)[0]
